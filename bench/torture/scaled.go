package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"resumewatch/bench/program"
	"resumewatch/bench/stack"
)

// campaign is all rounds of faults on a stack that is scaled out.
type campaign struct {
	dir, binary string
	seed        uint64
	faults      int
	only        string // kinds whose name holds this
	lie         bool   // the proxy swallows documents: every check of the index must notice
	settle      time.Duration
	log         io.Writer
	storage     *storage // nil: evidence lies in the data folder

	servers  *stack.Servers
	proxy    *stack.Proxy
	archives string // folder of the archives
	forum    *forum
	counted  map[string]int64 // figures of the undisturbed round
	began    time.Time
	rounds   int
}

// archiveFiles is how many files the archive is cut into: as many chunks, at least.
const archiveFiles = 16

// scaled runs the work undisturbed, embedded and scaled out, and then round after
// round with faults until there were as many as asked for.
func (c *campaign) scaled(ctx context.Context, size int64, listings float64) (t tally, err error) {
	c.began = time.Now()
	if c.archives, err = writeArchives(filepath.Join(c.dir, "archives"), size, c.seed, listings); err != nil {
		return t, err
	}
	if c.forum, err = newBoard(ctx, size, c.seed); err != nil {
		return t, err
	}
	defer c.forum.stop()
	if c.servers, err = stack.Bring(ctx, stack.Options{Fast: true, Log: c.log}); err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, c.servers.Stop()) }()
	if c.proxy, err = stack.NewProxy(ctx, c.servers.ElasticURL); err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, c.proxy.Close()) }()

	reference, err := c.embedded(ctx)
	if err != nil {
		return t, fmt.Errorf("embedded: %w", err)
	}
	c.say("embedded: %d lines in the dump", bytes.Count(reference, []byte("\n")))
	if c.lie {
		c.proxy.Misbehave(stack.Swallow)
	}
	calm, err := c.round(ctx, "torture_calm", nil, 0, reference)
	if err != nil {
		return t, fmt.Errorf("undisturbed: %w", err)
	}
	t.calm = calm.took
	if !calm.whole() {
		return t, fmt.Errorf("undisturbed, but otherwise than embedded: %d lines lost, %d doubled, stuck: %v, checks: %v", calm.lost, calm.doubled, calm.stuck, calm.wrong)
	}
	d, takes := newDeck(c.seed, c.only), calm.took
	done, misses := 0, 0
	for done < c.faults {
		if misses > maxMisses {
			return t, fmt.Errorf("%d of %d faults came in time: the machine is too busy to aim", done, c.faults)
		}
		c.rounds++
		faults := d.deal(c.faults - done)
		c.say("round %d: %s", c.rounds, words(faults))
		r, err := c.round(ctx, "torture_"+strconv.Itoa(c.rounds), faults, takes, reference)
		if err != nil {
			return t, fmt.Errorf("round %d (%s): %w", c.rounds, words(faults), err)
		}
		t.add(r)
		for _, s := range r.struck {
			if s.missed {
				d.again(s.fault)
				misses++
				takes = min(takes, r.took) // the machine was busier when we took the time
			} else {
				done++
			}
		}
	}
	return t, nil
}

func (c *campaign) say(format string, args ...any) {
	fmt.Fprintf(c.log, "torture %6.1fs: %s\n", time.Since(c.began).Seconds(), fmt.Sprintf(format, args...))
}

// commands are what orders the work.
func (c *campaign) commands() map[string][]string {
	return map[string][]string{whatImport: {"import", c.archives}, whatCrawl: c.forum.command()}
}

// embedded is the dump of the same work in one process on embedded parts: what
// runs on a stack must end in the same.
func (c *campaign) embedded(ctx context.Context) ([]byte, error) {
	r := &rack{dir: c.dir, binary: c.binary, log: c.log}
	data := filepath.Join(c.dir, "embedded")
	for what, args := range c.commands() {
		e, err := program.Run(ctx, c.binary, append([]string{"--data", data, "--json"}, args...)...)
		if err == nil {
			err = e.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
	}
	dump, err := r.dump(ctx, data)
	if err == nil && bytes.Count(dump, []byte("\n")) < 10 {
		err = errors.New("less than 10 lines in the dump: nothing to lose")
	}
	return dump, errors.Join(err, r.clear(data))
}

// ended is a round and its end.
type ended struct {
	struck  []struck
	took    time.Duration // until the commands were done
	lost    int
	doubled int
	stuck   []string // what did not go on or was left over
	wrong   []string // what the program's own checks, or ours of the index, found
	deaths  []string // roles that ended though nobody killed them
	failed  []string // commands that ended with an error
}

func (e ended) whole() bool {
	return e.lost == 0 && e.doubled == 0 && len(e.stuck) == 0 && len(e.wrong) == 0
}

// round does the work on a fresh world, disturbed by faults, and compares.
func (c *campaign) round(ctx context.Context, name string, faults []fault, calm time.Duration, reference []byte) (out ended, err error) {
	set := stack.Settings{Name: name, Elastic: c.proxy.Address()}
	if c.rounds%2 == 0 { // in the other rounds archives go through the spool
		set.Archives = c.archives
	}
	if c.storage != nil {
		set.More = c.storage.settings(name)
		c.storage.hurt(len(faults) > 0)
		defer c.storage.hurt(false)
	}
	w, err := stack.NewWorld(ctx, c.servers, c.dir, c.binary, set)
	if err != nil {
		return out, err
	}
	defer func() {
		err = errors.Join(err, w.Close())
		if err == nil && out.whole() {
			err = os.RemoveAll(w.Dir)
		}
	}()
	s := &siege{world: w, servers: c.servers, proxy: c.proxy, say: c.say}
	for _, role := range []string{stack.Scheduler, stack.Worker} {
		for _, n := range []string{"-1", "-2"} {
			if err := w.Fleet.Start(ctx, role+n); err != nil {
				return out, err
			}
		}
	}
	if out, err = c.besiege(ctx, s, faults, calm); err != nil || len(out.stuck) > 0 {
		out.deaths = w.Fleet.Deaths()
		return out, err
	}
	if out.stuck, err = c.settled(ctx, w, len(faults) > 0); err != nil {
		return out, err
	}
	// Whoever lives is told to stop; the checks look at what is left behind.
	if err := w.Fleet.Stop(stopGrace); err != nil {
		out.stuck = append(out.stuck, err.Error())
	}
	out.deaths = w.Fleet.Deaths()
	return out, c.judge(ctx, w, reference, &out)
}

// besiege runs the commands to their end while the faults strike.
func (c *campaign) besiege(ctx context.Context, s *siege, faults []fault, calm time.Duration) (out ended, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	began := time.Now()
	finished := make(chan error, 2)
	for what, args := range c.commands() {
		o := &order{what: what, binary: c.binary, args: s.world.Args(args...)}
		s.orders = append(s.orders, o)
		go func() { finished <- o.run(ctx) }()
	}
	results := make(chan struck, len(faults))
	for _, f := range faults {
		go func() { results <- s.strike(ctx, f, began.Add(time.Duration(f.at*float64(calm)))) }()
	}
	stuck := make(chan string, 1)
	go func() { stuck <- s.watch(ctx) }()
	for left, hurting := len(s.orders), len(faults); left+hurting > 0; {
		select {
		case err := <-finished:
			if err != nil {
				cancel()
				return out, err
			}
			left--
			out.took = time.Since(began)
		case r := <-results:
			if errors.Is(r.err, errSlow) || errors.Is(r.err, stack.ErrStop) {
				out.stuck = append(out.stuck, r.err.Error())
			} else if r.err != nil {
				cancel()
				return out, fmt.Errorf("%s: %w", r.kind, r.err)
			}
			out.struck = append(out.struck, r)
			hurting--
			if !r.missed {
				c.say("%s: recovered after %.1f s", r.kind, r.recovery.Seconds())
			}
		case text := <-stuck:
			out.stuck = append(out.stuck, text)
			return out, nil // what still hangs ends with the context
		}
	}
	for _, o := range s.orders {
		out.failed = append(out.failed, o.failed...)
	}
	return out, nil
}

// maxStill is how long nothing may happen while no fault is active.
const maxStill = 90 * time.Second

// watch returns when nothing has happened for too long, and says what there is.
func (s *siege) watch(ctx context.Context) string {
	var last stack.Progress
	moved := time.Now()
	for sleep(ctx, time.Second) == nil {
		p, err := s.world.Casebook.Progress(ctx)
		s.mu.Lock()
		active := s.active > 0
		s.mu.Unlock()
		if err == nil && p != last || active {
			last, moved = p, time.Now()
		}
		if time.Since(moved) > maxStill {
			return fmt.Sprintf("nothing happened for %s: %+v, asked with %v", maxStill, p, err)
		}
	}
	return ""
}

// settled says what is still there when the commands say that all is done. The
// queue gets a little time: a task whose unit is done by now is taken and ends.
func (c *campaign) settled(ctx context.Context, w *stack.World, disturbed bool) (stuck []string, err error) {
	patience := time.Now().Add(10 * time.Second)
	if disturbed {
		patience = patience.Add(c.settle)
	}
	for {
		stuck = nil
		left, err := w.Casebook.Left(ctx)
		if err != nil {
			return nil, err
		}
		for what, n := range left {
			if n != 0 {
				stuck = append(stuck, fmt.Sprintf("%s: %d", what, n))
			}
		}
		held, err := w.Queues.Held(ctx)
		if err != nil {
			return nil, err
		}
		// Of a worker that was killed Asynq may still hold a leased task for some
		// 90 s; a settling time shorter than that lets it be.
		patient := c.settle >= 2*time.Minute || !disturbed
		if held.Waiting > 0 || held.Orphans > 0 || patient && (held.Active > 0 || held.Archived > 0) {
			stuck = append(stuck, fmt.Sprintf("queue: %+v", held))
		}
		if len(stuck) == 0 || time.Now().After(patience) {
			return stuck, nil
		}
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// judge compares what is known with what should be.
func (c *campaign) judge(ctx context.Context, w *stack.World, reference []byte, out *ended) error {
	e, err := w.Run(ctx, "dump", "--canonical")
	if err == nil {
		err = e.Err()
	}
	if err != nil {
		return fmt.Errorf("dump: %w", err)
	}
	if out.lost, out.doubled = compare(reference, e.Stdout); out.lost+out.doubled > 0 || !bytes.Equal(reference, e.Stdout) {
		fmt.Fprintf(c.log, "torture: %s differs\n%s", w.Dir, difference(reference, e.Stdout, 6))
	}
	if c.storage != nil {
		c.storage.hurt(false)
		e, err := w.Run(ctx, "evidence", "list", "--json", "--limit", "0")
		if err == nil {
			err = e.Err()
		}
		if err != nil {
			return fmt.Errorf("evidence list: %w", err)
		}
		// What was swept the leader decides, a minute after its writer is gone.
		_, missing, err := c.storage.strays(ctx, filepath.Base(w.Dir), e.Stdout)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			out.wrong = append(out.wrong, fmt.Sprintf("missing in the bucket: %v", missing))
		}
	}
	for _, args := range [][]string{{"reindex", "--check"}, {"evidence", "verify"}} {
		e, err := w.Run(ctx, args...)
		if err != nil {
			return err
		}
		if e.Code != 0 {
			out.wrong = append(out.wrong, fmt.Sprintf("%s: %v %.300s", strings.Join(args, " "), e.Err(), bytes.TrimSpace(e.Stdout)))
		}
	}
	want, err := w.Casebook.Listings(ctx)
	if err != nil {
		return err
	}
	got, err := w.Documents(ctx)
	if err != nil {
		return err
	}
	if got != want {
		out.wrong = append(out.wrong, fmt.Sprintf("the index holds %d documents, the casebook %d listings", got, want))
	}
	counted, err := w.Casebook.Counted(ctx)
	if err != nil {
		return err
	}
	if c.counted == nil {
		c.counted = counted
	}
	for _, what := range slices.Sorted(maps.Keys(counted)) {
		if counted[what] != c.counted[what] {
			out.wrong = append(out.wrong, fmt.Sprintf("%s: %d, undisturbed %d", what, counted[what], c.counted[what]))
		}
	}
	return nil
}
