// Torture kills resumewatch (-9) at random instants of an import and of a crawl,
// restarts it until it is done, and compares what it then knows with a run that
// nobody disturbed: `dump --canonical`, byte for byte. It also asks the program
// itself whether its evidence and its index are whole.
//
//	go run ./bench/torture --kills 20 --size 100MB --seed 1
//	go run ./bench/torture --only crawl
//	go run ./bench/torture --looks --kills 50 --size 5MB --listings 0.05
//	go run ./bench/torture --s3 --kills 5 --size 1MB
//	go run ./bench/torture --scaled --faults 50 --size 60MB
//
// With --scaled the work runs on PostgreSQL, Redis, Elasticsearch, two workers
// and two schedulers, all of which get hurt: see families. What is known in the
// end must be the same as on embedded parts.
//
// With --s3 the evidence goes to S3-compatible storage, the server of RESUMEWATCH_S3
// or one in memory, on a way that fails now and then. In the end the bucket must
// hold what the casebook knows and nothing else.
//
// The same seed gives the same archive, the same board, the same faults and the
// same shares of a run at which they strike. It exits with 1 on any difference.
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
	"syscall"
	"text/tabwriter"
	"time"

	"resumewatch/bench/archivegen/gen"
	"resumewatch/bench/program"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

// Whats that can be tortured.
const (
	whatImport = "import"
	whatCrawl  = "crawl"
)

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("torture", flag.ContinueOnError)
	kills := flags.Int("kills", 20, "kills of each kind of work")
	sizeText := flags.String("size", "100MB", "size of the archive; the board has a page for every 50 kB")
	seed := flags.Uint64("seed", 1, "seed of archive, board and kills")
	listings := flags.Float64("listings", 0.01, "share of messages that are listings")
	only := flags.String("only", "", "import or crawl alone; with --scaled kinds of faults whose name holds this alone, such as \"worker\"")
	binary := flags.String("binary", "", "program to torture (default: built from this module)")
	scaled := flags.Bool("scaled", false, "torture the scaled-out program with faults instead of the embedded one with kills")
	faults := flags.Int("faults", 50, "faults, with --scaled")
	settle := flags.Duration("settle", 5*time.Second, "how long the queue may take to be empty after a round with --scaled; from 2m on, also of what killed workers had")
	lie := flags.Bool("lie", false, "with --scaled: let Elasticsearch lose documents that it said it has written; the exit code must be 1")
	s3 := flags.Bool("s3", false, "let the evidence go to S3-compatible storage")
	looks := flags.Bool("looks", false, "look at what every kill leaves: evidence, casebook and custody log must agree after a start, and nothing unsealed may lie about")
	keep := flags.String("keep", "", "folder to work in and to leave behind (default: a temporary one)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	size, err := gen.ParseSize(*sizeText)
	if err != nil {
		return err
	}
	if *kills < 1 || *faults < 0 || !*scaled && !slices.Contains([]string{"", whatImport, whatCrawl}, *only) {
		return fmt.Errorf("--kills %d --faults %d --only %q: want at least one kill, and import or crawl", *kills, *faults, *only)
	}
	if *scaled && newDeck(*seed, *only) == nil {
		return fmt.Errorf("--only %q: no kind of fault has that in its name", *only)
	}
	dir := *keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "torture-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	} else if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if *binary == "" {
		if *binary, err = program.Build(ctx, dir); err != nil {
			return err
		}
	}
	var store *storage
	if *s3 {
		if store, err = newStorage(ctx, dir, *seed); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, store.close()) }()
	}
	if *scaled {
		c := campaign{storage: store, dir: dir, binary: *binary, seed: *seed, faults: *faults, only: *only, lie: *lie, settle: *settle, log: os.Stderr}
		t, err := c.scaled(ctx, size, *listings)
		t.print(out)
		return errors.Join(err, t.judge())
	}
	r := &rack{storage: store, dir: dir, binary: *binary, seed: *seed, kills: *kills, log: os.Stderr, looks: *looks && !*s3}
	if r.looks {
		r.temp = filepath.Join(dir, "tmp")
		if err := errors.Join(os.MkdirAll(r.temp, 0o700), os.Setenv("TMPDIR", r.temp)); err != nil {
			return err
		}
	}
	var rows []row
	for _, make := range []func() (subject, error){
		func() (subject, error) { return newArchive(dir, size, *seed, *listings, r.looks) },
		func() (subject, error) { return newBoard(ctx, size, *seed) },
	} {
		s, err := make()
		if err != nil {
			return err
		}
		if *only == "" || *only == s.name() {
			got, terr := r.torture(ctx, s)
			rows, err = append(rows, got...), terr
		}
		if err = errors.Join(err, s.close()); err != nil {
			return errors.Join(table(out, rows), err)
		}
	}
	if err := table(out, rows); err != nil {
		return err
	}
	return judge(rows)
}

// row is one line of the table: a run that was killed so often, and its end.
type row struct {
	what      string
	kills     int
	at        string // shares of the undisturbed run's time at which it was killed
	restarts  int
	recovered time.Duration // of the last start, which nobody killed
	reference time.Duration // of the run that nobody disturbed
	whole     time.Duration // of a first start that ended before its kill; 0 when it was killed
	lost      int           // lines of the dump that are missing
	doubled   int           // lines of the dump that are too many
	equal     bool
	faults    []string // what the program's own checks found
}

func table(out io.Writer, rows []row) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "what\tkills\tat\trestarts\trecovered s\tundisturbed s\tdump equal\tlosses\tdoubles\tchecks")
	for _, r := range rows {
		equal, checks := "yes", "ok"
		if !r.equal {
			equal = "NO"
		}
		if len(r.faults) > 0 {
			checks = fmt.Sprint(r.faults)
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%.1f\t%.1f\t%s\t%d\t%d\t%s\n", r.what, r.kills, r.at, r.restarts, r.recovered.Seconds(), r.reference.Seconds(), equal, r.lost, r.doubled, checks)
	}
	return w.Flush()
}

func judge(rows []row) error {
	bad := 0
	for _, r := range rows {
		if !r.equal || len(r.faults) > 0 {
			bad++
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d runs ended otherwise than the undisturbed one", bad, len(rows))
	}
	return nil
}
