// Retentionbench measures retention on a book of invented listings, each with a
// sealed capture: how long it takes to drop them all, the longest transaction, and
// what a writer beside it sees.
//
//	go run ./bench/retentionbench --listings 1000000
//	deploy/testparts/with postgres -- go run ./bench/retentionbench --dsn "$RESUMEWATCH_POSTGRES"
//
// It exits with 1 when something old is left, or something young is gone.
package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/index"
	"resumewatch/internal/jobs"
	"resumewatch/internal/privacy"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "retentionbench:", err)
		os.Exit(1)
	}
}

// bench is one book under measurement.
type bench struct {
	dir    string
	dsn    string
	book   *casebook.Book
	keys   *privacy.Keyring
	store  *evidence.Dir
	index  index.Store // nil: left out
	prints casebook.Fingerprints
	now    time.Time
	made   int // listings so far
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	f := flag.NewFlagSet("retentionbench", flag.ContinueOnError)
	listings := f.Int("listings", 1_000_000, "old listings, each with a capture")
	young := f.Int("young", 20_000, "young listings, which stay")
	dsn := f.String("dsn", "", "PostgreSQL; empty is SQLite")
	search := f.Bool("index", false, "fill the search index, too, and take what was dropped out of it")
	dir := f.String("dir", "", "folder for the data (default: a new one, removed in the end)")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *dir == "" {
		if *dir, err = os.MkdirTemp("", "retentionbench"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(*dir)) }()
	}
	b := &bench{dir: *dir}
	if *dsn != "" {
		drop, err := b.database(ctx, *dsn)
		if err != nil {
			return err
		}
		defer drop()
	}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.open(ctx, *search); err != nil {
		return err
	}
	end := time.Now().UTC()
	began := time.Now()
	b.now = end.AddDate(0, -40, 0)
	if err := b.fill(ctx, *listings); err != nil {
		return err
	}
	b.now = end.AddDate(0, -1, 0)
	if err := b.fill(ctx, *young); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d old and %d young listings with captures were made in %.0f s: %s of evidence, %s of casebook\n", *listings, *young,
		time.Since(began).Seconds(), bytesOf(filepath.Join(b.dir, "evidence")), bytesOf(filepath.Join(b.dir, "casebook.db")))
	b.now = end
	alone, err := b.write(ctx, func(ctx context.Context) error {
		select {
		case <-time.After(5 * time.Second):
		case <-ctx.Done():
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	var report *jobs.RetentionReport
	beside, err := b.write(ctx, func(ctx context.Context) (err error) {
		report, err = b.retention().Run(ctx)
		return err
	})
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "seconds\tsteps\tlongest step\tdropped\t\n%.1f\t%d\t%d ms\t\t\n", report.Seconds, report.Steps, report.Longest)
	for _, kind := range slices.Sorted(maps.Keys(report.Dropped)) {
		fmt.Fprintf(table, "\t\t\t%d\t%s\n", report.Dropped[kind], kind)
	}
	fmt.Fprintf(table, "a writer's commits\tmedian\t99 %%\tlongest\t\n")
	for _, w := range []struct {
		name string
		took []time.Duration
	}{{"alone", alone}, {"beside retention", beside}} {
		fmt.Fprintf(table, "%s: %d\t%d ms\t%d ms\t%d ms\t\n", w.name, len(w.took), part(w.took, 0.5), part(w.took, 0.99), part(w.took, 1))
	}
	if *search {
		began := time.Now()
		w := jobs.Workshop{Book: b.book, Index: b.index, Now: b.clock, Log: slog.New(slog.DiscardHandler)}
		if err := w.DropFromIndex(ctx); err != nil {
			return err
		}
		fmt.Fprintf(table, "index: %.1f s\t\t\t\t\n", time.Since(began).Seconds())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return b.check(ctx, int64(*listings), report)
}

// database makes one of the bench's own on a server; drop takes it away again.
func (b *bench) database(ctx context.Context, dsn string) (drop func(), err error) {
	at, err := url.Parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("--dsn: %w", err)
	}
	server, err := sql.Open("pgx", dsn)
	if err != nil {
		return nil, err
	}
	name := "retentionbench_" + strings.ToLower(rand.Text()[:10])
	if _, err := server.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return nil, errors.Join(err, server.Close())
	}
	at.Path = "/" + name
	b.dsn = at.String()
	return func() {
		_, err := server.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)")
		if err := errors.Join(err, server.Close()); err != nil {
			fmt.Fprintln(os.Stderr, "retentionbench:", err)
		}
	}, nil
}

func (b *bench) clock() time.Time { return b.now }

func (b *bench) open(ctx context.Context, search bool) (err error) {
	if b.book, err = b.connect(ctx); err != nil {
		return err
	}
	if b.keys, err = privacy.OpenKeyring(filepath.Join(b.dir, "keys"), nil); err != nil {
		return err
	}
	if b.store, err = evidence.OpenDir(filepath.Join(b.dir, "evidence"), b.keys, b.clock); err != nil {
		return err
	}
	if search {
		if b.index, err = index.OpenSQLite(filepath.Join(b.dir, "index.db"), false); err != nil {
			return err
		}
	}
	b.prints, err = casebook.NewFingerprints(make([]byte, 16))
	return err
}

func (b *bench) connect(ctx context.Context) (*casebook.Book, error) {
	if b.dsn != "" {
		return casebook.OpenPostgres(ctx, b.dsn)
	}
	return casebook.OpenSQLite(ctx, filepath.Join(b.dir, "casebook.db"))
}

func (b *bench) close() error {
	var err error
	if b.index != nil {
		err = b.index.Close()
	}
	if b.book != nil {
		err = errors.Join(err, b.book.Close())
	}
	return err
}

func (b *bench) retention() *jobs.Retention {
	limit := jobs.Limit{Text: "36mo", Before: b.now.AddDate(0, -36, 0)}
	return &jobs.Retention{
		Book: b.book, Store: b.store, Keys: b.keys, Prints: b.prints, Now: b.clock, Log: slog.New(slog.DiscardHandler), Holder: "bench",
		Captures: limit, Listings: limit, Fingerprints: limit, Visits: limit, Work: limit, Audit: limit,
	}
}

// write commits small batches from another connection while do runs, and tells how long each took.
func (b *bench) write(ctx context.Context, do func(context.Context) error) (took []time.Duration, err error) {
	book, err := b.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	other := *b
	other.book, other.index = book, nil
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var writer sync.WaitGroup
	var writeErr error
	writer.Go(func() {
		for n := b.made + 50_000_000 + len(took); ctx.Err() == nil; n += 100 {
			other.made = n
			began := time.Now()
			if err := other.commit(context.WithoutCancel(ctx), 100, nil); err != nil {
				writeErr = err
				return
			}
			took = append(took, time.Since(began))
			select {
			case <-time.After(20 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	})
	err = do(ctx)
	stop()
	writer.Wait()
	b.made += 1_000_000 // the next writer says something else
	return took, errors.Join(err, writeErr)
}

// check makes sure that all that is old is gone, and nothing else.
func (b *bench) check(ctx context.Context, old int64, r *jobs.RetentionReport) error {
	if r.Dropped["listings"] != old || r.Dropped["captures"] != old || r.Dropped["posts"] != old {
		return fmt.Errorf("of %d old listings these were dropped: %v", old, r.Dropped)
	}
	again, err := b.retention().Run(ctx)
	if err == nil && !again.Empty() {
		err = fmt.Errorf("a second run dropped %v", again.Dropped)
	}
	return err
}

// part is the value below which that part of the times lies, in milliseconds.
func part(took []time.Duration, p float64) int64 {
	if len(took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(len(sorted)-1, int(p*float64(len(sorted))))].Milliseconds()
}

// bytesOf is the size of a file, or of all files below a folder.
func bytesOf(path string) string {
	var n int64
	err := filepath.WalkDir(path, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		return "none"
	}
	return fmt.Sprintf("%d MB", n/1e6)
}
