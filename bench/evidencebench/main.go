// Evidencebench measures evidence in large numbers: how fast captures are written
// beside plain gzip of the same bytes, how long one takes to open by its digest
// among all, and how fast `evidence verify` is, with its peak memory.
//
//	go run ./bench/evidencebench --captures 1000000 --verify 10GB
//
// Captures are stretches of an invented chat and, for the second table, pages of a
// forum. It exits with 1 when a capture doesn't open or the verification fails.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"resumewatch/bench/archivegen/gen"
	"resumewatch/bench/program"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "evidencebench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("evidencebench", flag.ContinueOnError)
	captures := flags.Int("captures", 1_000_000, "captures of chats")
	verify := flags.String("verify", "10GB", "sealed bytes of pages to verify")
	opened := flags.Int("open", 1000, "captures to open")
	seed := flags.Uint64("seed", 1, "seed of what is captured")
	dir := flags.String("dir", "", "folder to work in (default: a temporary one, removed at the end)")
	binary := flags.String("binary", "", "program that verifies (default: built from this module)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	size, err := gen.ParseSize(*verify)
	if err != nil {
		return err
	}
	if *captures < 1 || *opened < 1 {
		return fmt.Errorf("--captures %d --open %d: want at least one", *captures, *opened)
	}
	work := *dir
	if work == "" {
		if work, err = os.MkdirTemp("", "evidencebench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	}
	if *binary == "" {
		if *binary, err = program.Build(ctx, work); err != nil {
			return err
		}
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	defer func() { err = errors.Join(err, t.Flush()) }()
	fmt.Fprintln(t, "what\tcaptures\tMB\ts\tcaptures/s\tMB/s\tpeak MB")
	chats, err := measure(ctx, t, *binary, filepath.Join(work, "chats"), "chat", newChats(*seed), *captures, 0, *opened)
	if err != nil {
		return err
	}
	if _, err := measure(ctx, t, *binary, filepath.Join(work, "pages"), "page", newPages(*seed), 0, size, 0); err != nil {
		return err
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nOpening one of %d by its digest: %.1f ms (median), %.1f ms (99 of 100), %.1f ms (max), of %d.\n", *captures,
		ms(share(chats, 0.5)), ms(share(chats, 0.99)), ms(slices.Max(chats)), len(chats))
	return nil
}

// measure writes captures, until there are so many or so many sealed bytes, then
// opens some and lets the program verify all.
func measure(ctx context.Context, t io.Writer, binary, data, name string, from source, captures int, size int64, open int) (took []time.Duration, err error) {
	s, err := newStore(ctx, data)
	if err != nil {
		return nil, err
	}
	w, err := s.fill(ctx, from, captures, size)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	line := func(what string, bytes int64, took time.Duration, peak string) {
		sec := took.Seconds()
		fmt.Fprintf(t, "%s\t%d\t%.0f\t%.1f\t%.0f\t%.1f\t%s\n", what, w.captures, float64(bytes)/1e6, sec, float64(w.captures)/sec, float64(bytes)/1e6/sec, peak)
	}
	line(name+"s: written, sealed, synced (MB of records)", w.plain, w.writing, "")
	line(name+"s: gzip of the same records alone", w.plain, w.zipping, "")
	line(name+"s: committed to the casebook", w.sealed, w.committing, "")
	if took, err = s.open(ctx, open); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if err := s.close(); err != nil {
		return nil, err
	}
	e, err := program.Run(ctx, binary, "--data", data, "evidence", "verify")
	if err == nil && e.Code != 0 {
		err = fmt.Errorf("evidence verify: %w %s", e.Err(), e.Stdout)
	}
	if err != nil {
		return nil, err
	}
	line(name+"s: evidence verify (MB sealed)", w.sealed, e.Took, fmt.Sprintf("%.0f", float64(e.PeakRSS)/1e6))
	return took, nil
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// share is the time within which such a share of all was done.
func share(all []time.Duration, part float64) time.Duration {
	all = slices.Sorted(slices.Values(all))
	return all[min(len(all)-1, int(float64(len(all))*part))]
}
