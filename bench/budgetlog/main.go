// Budgetlog crawls an invented board under a budget with several worker processes
// and looks at it from the board's side: when did requests arrive?
//
//	go run ./bench/budgetlog --minutes 3
//
// It exits with 1 when any 60 s held more requests than the budget and one, or
// fewer than nine tenths of it though work was due. --flush empties Redis in the
// midst: then only the first counts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"resumewatch/bench/board"
	"resumewatch/bench/program"
	"resumewatch/bench/stack"
	"resumewatch/internal/jobs/sharedtest"
	"resumewatch/internal/market"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "budgetlog:", err)
		os.Exit(1)
	}
}

// Until the lists of the board are read little may be due: so many requests at
// the beginning don't count as work left undone.
const beginning = 12

type options struct {
	rate     market.Rate
	span     time.Duration // looked at, after the beginning
	workers  int           // 0: one process on embedded parts
	flush    bool
	binary   string
	dir      string
	fast     bool
	progress io.Writer
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("budgetlog", flag.ContinueOnError)
	minutes := flags.Float64("minutes", 3, "how long to look")
	rate := flags.String("rate", "240/1m", "budget of the board")
	o := options{progress: os.Stderr}
	flags.IntVar(&o.workers, "workers", 2, "worker processes; 0 is one process on embedded parts")
	flags.BoolVar(&o.flush, "flush", false, "empty Redis in the midst")
	flags.BoolVar(&o.fast, "fast", false, "PostgreSQL doesn't wait for the disk")
	flags.StringVar(&o.binary, "binary", "", "program to look at (default: built from this module)")
	flags.StringVar(&o.dir, "dir", "", "folder to work in (default: a temporary one, removed at the end)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.rate, err = market.ParseRate(*rate); err != nil {
		return err
	}
	o.span = time.Duration(*minutes * float64(time.Minute))
	if o.rate.Interval() <= 0 || o.span < time.Second || o.workers < 0 || o.workers > 16 || o.flush && o.workers == 0 {
		return errors.New("want a rate above 0, a second or more, and 0 to 16 workers; without workers there is no Redis to flush")
	}
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "budgetlog-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
	}
	if o.binary == "" {
		if o.binary, err = program.Build(ctx, o.dir); err != nil {
			return err
		}
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	stalls := sharedtest.Stalls(watching, max(o.rate.Interval()/4, 20*time.Millisecond))
	at, err := o.crawl(ctx)
	if err != nil {
		return err
	}
	return o.judge(out, at, stalls.Load())
}

// crawl runs the workers and returns when requests arrived.
func (o options) crawl(ctx context.Context) (at []time.Time, err error) {
	beginSpan := time.Duration(beginning) * o.rate.Interval()
	pages := int((o.span+beginSpan)/o.rate.Interval())*5/4 + 100
	site := board.New(pages, 1)
	site.Warm()
	var host sharedtest.Host
	address, stop, err := serve(ctx, host.Wrap(site))
	if err != nil {
		return nil, err
	}
	defer stop()
	command := []string{"crawl", "--json", "--rate", o.rate.String(), "--allow-private", address.Host, "--authority", "bench of an invented forum", address.String()}

	config, flush := []string{"--data", o.dir + "/data"}, func() error { return nil }
	if o.workers > 0 {
		w, end, err := o.world(ctx)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, end()) }()
		config, flush = w.Args(), func() error { return w.Queues.Flush(ctx) }
	}
	crawl, err := program.Start(ctx, program.Output{}, o.binary, append(config, command...)...)
	if err != nil {
		return nil, err
	}
	defer func() {
		crawl.Kill()
		_, werr := crawl.Wait()
		err = errors.Join(err, werr)
	}()
	if err := await(ctx, time.Minute+2*beginSpan, "the board was not visited", func() bool { return len(host.Arrivals()) > beginning }); err != nil {
		return nil, err
	}
	fmt.Fprintf(o.progress, "budgetlog: looking for %s\n", o.span)
	if o.flush {
		if err := sleep(ctx, o.span/2); err != nil {
			return nil, err
		}
		if err := flush(); err != nil {
			return nil, err
		}
		o.span -= o.span / 2
	}
	if err := sleep(ctx, o.span); err != nil {
		return nil, err
	}
	return host.Arrivals(), nil
}

// world brings servers and roles up; end takes them down.
func (o options) world(ctx context.Context) (_ *stack.World, end func() error, err error) {
	servers, err := stack.Bring(ctx, stack.Options{Fast: o.fast, Log: o.progress})
	if err != nil {
		return nil, nil, err
	}
	end = servers.Stop
	defer func() {
		if err != nil {
			err = errors.Join(err, end())
		}
	}()
	w, err := stack.NewWorld(ctx, servers, o.dir, o.binary, stack.Settings{Name: "budgetlog"})
	if err != nil {
		return nil, nil, err
	}
	end = func() error { return errors.Join(w.Close(), servers.Stop()) }
	names := []string{stack.Scheduler + "-1"}
	for n := range o.workers {
		names = append(names, stack.Worker+"-"+strconv.Itoa(n+1))
	}
	for _, name := range names {
		if err := w.Fleet.Start(ctx, name); err != nil {
			return nil, nil, err
		}
	}
	return w, end, nil
}

// judge prints what the board saw and says whether it is as it must be.
func (o options) judge(out io.Writer, at []time.Time, stalls int64) error {
	steady := at[beginning:]
	window := min(time.Minute, o.span/2)
	budget := int(window / o.rate.Interval())
	most, least := sharedtest.Most(at, window), sharedtest.Least(steady, window)
	var gaps []time.Duration
	for i := range steady[1:] {
		gaps = append(gaps, steady[i+1].Sub(steady[i]))
	}
	slices.Sort(gaps)
	if len(gaps) == 0 || least < 0 {
		return fmt.Errorf("only %d requests came", len(at))
	}
	who := fmt.Sprintf("%d workers", o.workers)
	if o.workers == 0 {
		who = "embedded"
	}
	fmt.Fprintf(out, "| budget | by | requests | most in %s | least in %s | slots used | gaps: least, median, most | machine stood still |\n|---|---|---|---|---|---|---|---|\n", window, window)
	fmt.Fprintf(out, "| %s | %s | %d | %d (allowed: %d) | %d (wanted: %d) | %.1f %% | %s, %s, %s | %d times |\n", o.rate, who, len(at), most, budget+1,
		least, budget*9/10, 100*sharedtest.Used(steady, o.rate.Interval()),
		gaps[0].Round(time.Millisecond), gaps[len(gaps)/2].Round(time.Millisecond), gaps[len(gaps)-1].Round(time.Millisecond), stalls)
	if most > budget+1 {
		return fmt.Errorf("%d requests in %s, %d are allowed", most, window, budget+1)
	}
	if least < budget*9/10 && !o.flush {
		return fmt.Errorf("only %d requests in %s, though work was due; %d are wanted", least, window, budget*9/10)
	}
	return nil
}

func serve(ctx context.Context, h http.Handler) (*url.URL, func(), error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("board: %w", err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(l) }) // until it is closed
	return &url.URL{Scheme: "http", Host: l.Addr().String(), Path: "/"}, func() {
		_ = server.Close() // clients were killed
		serving.Wait()
	}, nil
}

func await(ctx context.Context, most time.Duration, what string, so func() bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, most, errors.New(what))
	defer cancel()
	for !so() {
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
