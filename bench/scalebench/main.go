// Scalebench does the same import and the same crawl on embedded parts, and
// scaled out with one worker and with two: seconds, posts and pages a second,
// processor time, peak memory and queue round trips a page, as Markdown.
//
//	go run ./bench/scalebench --size 1GB --pages 20000
//
// The crawl has no budget (--rate 0), and its board is served by a process of
// its own whose pages were made before. It exits with 1 when one of the ways
// reads another number of posts or pages than the others.
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
	"strconv"
	"strings"
	"syscall"

	"resumewatch/bench/archivegen/gen"
	"resumewatch/bench/program"
	"resumewatch/bench/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "scalebench:", err)
		os.Exit(1)
	}
}

// bench is what all ways have in common.
type bench struct {
	dir, binary string
	archives    string // folder with the archive in it
	spool       bool   // workers can't see it
	board       *boardProcess
	servers     *stack.Servers
	log         io.Writer
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	if len(args) > 0 && args[0] == serveBoard {
		return runBoard(ctx, args[1:], out)
	}
	flags := flag.NewFlagSet("scalebench", flag.ContinueOnError)
	sizeText := flags.String("size", "20MB", "size of the archive; 0 is no import")
	pages := flags.Int("pages", 400, "pages of the board; 0 is no crawl")
	listings := flags.Float64("listings", 0.002, "share of messages that are listings")
	seed := flags.Uint64("seed", 1, "seed of archive and board")
	ways := flags.String("ways", "embedded,1,2", "embedded, or the number of workers of a stack")
	spool := flags.Bool("spool", false, "workers don't see the archive: it goes through the spool")
	fast := flags.Bool("fast", false, "PostgreSQL doesn't wait for the disk")
	binary := flags.String("binary", "", "program to measure (default: built from this module)")
	work := flags.String("dir", "", "folder to work in (default: a temporary one, removed at the end)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b := bench{dir: *work, binary: *binary, spool: *spool, log: os.Stderr}
	workers, err := parseWays(*ways)
	if err != nil {
		return err
	}
	if b.dir == "" {
		if b.dir, err = os.MkdirTemp("", "scalebench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	} else if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return err
	}
	if b.binary == "" {
		if b.binary, err = program.Build(ctx, b.dir); err != nil {
			return err
		}
	}
	if *sizeText != "0" {
		size, err := gen.ParseSize(*sizeText)
		if err != nil {
			return err
		}
		b.archives = filepath.Join(b.dir, "archives")
		if err := writeArchive(b.archives, gen.Options{Size: size, Listings: *listings, Seed: *seed}); err != nil {
			return err
		}
	}
	if *pages > 0 {
		if b.board, err = startBoard(ctx, *pages, *seed); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.board.stop()) }()
	}
	if slices.Max(workers) > 0 {
		if b.servers, err = stack.Bring(ctx, stack.Options{Fast: *fast, Log: b.log}); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.servers.Stop()) }()
	}
	var all []measured
	for _, w := range workers {
		got, err := b.way(ctx, w)
		if err != nil {
			return fmt.Errorf("%s: %w", wayName(w), err)
		}
		all = append(all, got...)
	}
	b.print(out, all)
	return judge(all)
}

// parseWays reads "embedded,1,2"; embedded is 0 workers.
func parseWays(text string) (out []int, err error) {
	for _, w := range strings.Split(text, ",") {
		n := 0
		if w != "embedded" {
			if n, err = strconv.Atoi(w); err != nil || n < 1 || n > 16 {
				return nil, fmt.Errorf("--ways %s: want embedded or a number of workers, up to 16", w)
			}
		}
		out = append(out, n)
	}
	return out, nil
}

func wayName(workers int) string {
	switch workers {
	case 0:
		return "embedded"
	case 1:
		return "scaled, 1 worker"
	}
	return fmt.Sprintf("scaled, %d workers", workers)
}
