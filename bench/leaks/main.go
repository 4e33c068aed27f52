// Leaks runs resumewatch over an archive and a board full of invented people and
// then looks for them in every byte of every store, log and answer: numbers and
// mailboxes may be nowhere but in sealed captures and the sealed spool, and so may
// names, schools, employers, addresses and birthdays of samples that the extractor
// found, and texts of posts without a listing. Of samples that it missed the rate
// of values that are left is printed.
//
//	go run ./bench/leaks
//	go run ./bench/leaks --seed 7 --keep /tmp/leaks
//
// It exits with 1 when something leaked.
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
	"syscall"
	"time"

	"resumewatch/bench/program"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "leaks:", err)
		os.Exit(1)
	}
}

var errLeaks = errors.New("values are where they must not be")

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("leaks", flag.ContinueOnError)
	seed := flags.Uint64("seed", 1, "seed of people, archive and board")
	binary := flags.String("binary", "", "program to look at (default: built from this module)")
	keep := flags.String("keep", "", "folder to work in and to leave behind (default: a temporary one)")
	verbose := flags.Bool("v", false, "say what is run")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir := *keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "leaks-"); err != nil {
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
	log := io.Discard
	if *verbose {
		log = os.Stderr
	}
	w, err := newWorld(*seed)
	if err != nil {
		return err
	}
	s, err := embedded(ctx, filepath.Join(dir, "stage"), *binary, w, log) // the program itself lies beside it
	if err != nil {
		return err
	}
	began := time.Now()
	rep := judge(w, s.said)
	fmt.Fprintf(log, "searched in %s\n", time.Since(began).Round(time.Millisecond))
	rep.print(out)
	if len(rep.leaks) > 0 {
		return errLeaks
	}
	return nil
}

// embedded runs everything on embedded parts.
func embedded(ctx context.Context, dir, binary string, w *world, log io.Writer) (_ *stage, err error) {
	s, err := newStage(dir, binary, w, log)
	if err != nil {
		return nil, err
	}
	defer s.close()
	if err := s.fill(ctx); err != nil {
		return nil, err
	}
	tokens, err := s.tokens(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.serve(ctx, tokens); err != nil {
		return nil, err
	}
	if err := s.questions(ctx); err != nil {
		return nil, err
	}
	return s, s.folder(ctx, "in the end")
}
