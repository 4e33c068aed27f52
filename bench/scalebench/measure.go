package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"resumewatch/bench/archivegen/gen"
	"resumewatch/bench/program"
	"resumewatch/bench/stack"
)

// measured is one work done in one way.
type measured struct {
	work    string // import or crawl
	workers int    // 0: embedded
	took    time.Duration
	sum     summary
	cpu     time.Duration // of our processes
	busy    time.Duration // of the whole machine: servers, board and whatever else runs
	load    string        // average of the last minute, before and after
	peaks   []peak
	traffic stack.Traffic
}

type peak struct {
	process string
	bytes   int64
}

// summary is what is looked at of the document that a command ends with.
type summary struct {
	Visits   map[string]int64 `json:"visits"`
	Bytes    int64            `json:"bytes"`
	Posts    int64            `json:"posts"`
	Listings int64            `json:"listings"`
	Offers   int64            `json:"offers"`
	Alerts   int64            `json:"alerts"`
}

func (s summary) visits() (n int64) {
	for _, k := range s.Visits {
		n += k
	}
	return n
}

const group = "1000012345"

func writeArchive(dir string, o gen.Options) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, "archive.txt"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	if _, err := gen.Chat(w, o); err != nil {
		return err
	}
	return w.Flush()
}

// way does import and crawl in one way, each from a fresh start.
func (b *bench) way(ctx context.Context, workers int) ([]measured, error) {
	var out []measured
	for _, w := range []struct {
		name    string
		wanted  bool
		command func() []string
	}{
		{"import", b.archives != "", func() []string {
			return []string{"import", "--json", "--group-id", group, filepath.Join(b.archives, "archive.txt")}
		}},
		{"crawl", b.board != nil, func() []string {
			return []string{"crawl", "--json", "--rate", "0", "--allow-private", b.board.address.Host, "--authority", "bench of an invented forum", b.board.address.String()}
		}},
	} {
		if !w.wanted {
			continue
		}
		fmt.Fprintf(b.log, "scalebench: %s, %s\n", w.name, wayName(workers))
		m := measured{work: w.name, workers: workers}
		do := b.scaled
		if workers == 0 {
			do = b.embedded
		}
		if err := do(ctx, &m, w.command()); err != nil {
			return out, fmt.Errorf("%s: %w", w.name, err)
		}
		out = append(out, m)
	}
	return out, nil
}

func (b *bench) embedded(ctx context.Context, m *measured, command []string) error {
	data := filepath.Join(b.dir, "embedded-"+m.work)
	busy, load := machine()
	e, err := program.Run(ctx, b.binary, append([]string{"--data", data}, command...)...)
	if err == nil {
		err = errors.Join(e.Err(), e.JSON(&m.sum))
	}
	if err != nil {
		return err
	}
	m.since(busy, load)
	m.took, m.cpu = e.Took, e.CPU
	m.peaks = []peak{{m.work, e.PeakRSS}}
	return os.RemoveAll(data)
}

// scaled measures from the start of the command: the roles run already.
func (b *bench) scaled(ctx context.Context, m *measured, command []string) (err error) {
	set := stack.Settings{Name: fmt.Sprintf("scalebench_%s_%d", m.work, m.workers)}
	if !b.spool {
		set.Archives = b.archives
	}
	w, err := stack.NewWorld(ctx, b.servers, b.dir, b.binary, set)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, w.Close())
		if err == nil {
			err = os.RemoveAll(w.Dir)
		}
	}()
	names := []string{stack.Scheduler + "-1"}
	for n := range m.workers {
		names = append(names, stack.Worker+"-"+strconv.Itoa(n+1))
	}
	for _, name := range names {
		if err := w.Fleet.Start(ctx, name); err != nil {
			return err
		}
	}
	if err := leads(ctx, w); err != nil {
		return err
	}
	before, err := w.Queues.Traffic(ctx)
	if err != nil {
		return err
	}
	busy, load := machine()
	e, err := program.Run(ctx, b.binary, w.Args(command...)...)
	if err == nil {
		err = errors.Join(e.Err(), e.JSON(&m.sum))
	}
	if err != nil {
		return err
	}
	m.since(busy, load)
	after, err := w.Queues.Traffic(ctx)
	if err != nil {
		return err
	}
	m.traffic = stack.Traffic{Trips: after.Trips - before.Trips, Commands: after.Commands - before.Commands}
	if err := w.Fleet.Stop(time.Minute); err != nil {
		return err
	}
	if d := w.Fleet.Deaths(); len(d) > 0 {
		return fmt.Errorf("not measured: %v", d)
	}
	m.took, m.cpu = e.Took, e.CPU
	m.peaks = []peak{{m.work, e.PeakRSS}}
	for _, name := range names {
		cpu, rss := w.Fleet.Used(name)
		m.cpu += cpu
		m.peaks = append(m.peaks, peak{name, rss})
	}
	return nil
}

// leads waits until a scheduler leads: then the roles are up.
func leads(ctx context.Context, w *stack.World) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		l, err := w.Casebook.Lead(ctx)
		if err == nil && l.Holder != "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("nobody leads: %v, last asked with %w; %v", l, err, w.Fleet.Deaths())
		case <-time.After(200 * time.Millisecond):
		}
	}
}
