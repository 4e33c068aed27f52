// Accuracy measures how well posts are read, and writes docs/ACCURACY.md: the corpora that
// were tuned on and those that weren't, with intervals, calibration, simpler readers, what
// each channel brings, ordinary Chinese at scale, and speed.
//
//	deploy/testparts/with ordinary scanners -- go run ./bench/accuracy
//
// All but the figures of speed is the same each time for the same commit. With -check it
// only holds the corpora in the repository to floors, and the page to its stamp.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"resumewatch/extractors"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(1)
	}
}

// options are what the command is told.
type options struct {
	root, to, public string
	check, speed     bool
	dev              string
	blind            []string
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("accuracy", flag.ContinueOnError)
	var o options
	flags.StringVar(&o.root, "root", ".", "root of the checkout")
	flags.StringVar(&o.to, "to", "docs/ACCURACY.md", "page to write, below the root")
	flags.StringVar(&o.public, "ordinary", os.Getenv("RESUMEWATCH_ORDINARY"), "folder of ordinary texts that deploy/testparts/ordinary has filled")
	flags.StringVar(&o.dev, "dev", "", "the development corpus as it was handed over, in place of voices-b, which is the same without its terms")
	flags.Func("blind", "another corpus that was never tuned on, measured with those in the repository; may be given again", func(name string) error {
		o.blind = append(o.blind, name)
		return nil
	})
	flags.BoolVar(&o.check, "check", false, "write nothing: hold the corpora to floors, and the page to what it was made of")
	flags.BoolVar(&o.speed, "speed", true, "measure speed too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	sets, err := corpora(filepath.Join(o.root, "extractors/testdata"))
	if err != nil {
		return err
	}
	stamp, err := stamp(o.root, sets)
	if err != nil {
		return err
	}
	if o.dev != "" && !o.check {
		if sets, err = replaced(sets, o.dev); err != nil {
			return err
		}
	}
	for _, name := range o.blind {
		s, err := load(name)
		if err != nil {
			return err
		}
		s.blind = true
		for slices.ContainsFunc(sets, func(o set) bool { return o.name == s.name }) {
			s.name += "+" // files of the same name from different folders
		}
		sets = append([]set{s}, sets...)
	}
	whole, err := without()
	if err != nil {
		return err
	}
	read := map[string]judged{}
	for _, s := range sets {
		read[s.name] = judged{s.docs, compared(whole, s.docs)}
	}
	if o.check {
		return check(o, sets, read, stamp, out)
	}
	p, err := write(ctx, o, sets, read, stamp)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.root, o.to), []byte(strings.TrimRight(p, "\n")+"\n"), 0o644)
}

// replaced puts the development corpus in the place of the one without its terms.
func replaced(sets []set, name string) ([]set, error) {
	dev, err := load(name)
	if err != nil {
		return nil, err
	}
	for i := range sets {
		if sets[i].name == rewritten {
			sets[i] = dev
		}
	}
	return sets, nil
}

func check(o options, sets []set, read map[string]judged, stamp string, out io.Writer) error {
	var wrong []error
	for _, f := range fallen(sets, read) {
		wrong = append(wrong, errors.New(f))
	}
	b, err := os.ReadFile(filepath.Join(o.root, o.to))
	if err != nil {
		return err
	}
	if stale(string(b), stamp) {
		wrong = append(wrong, fmt.Errorf("%s is of another state; make it again: deploy/testparts/with ordinary scanners -- go run ./bench/accuracy", o.to))
	}
	fmt.Fprintln(out, summary(sets, read))
	return errors.Join(wrong...)
}

// stamp says what figures are made of: the version of the extractors, and digests of the
// weights, the words and the corpora.
func stamp(root string, sets []set) (string, error) {
	words, err := filepath.Glob(filepath.Join(root, "extractors/lexicon/data/*"))
	if err != nil {
		return "", err
	}
	weights, err := filepath.Glob(filepath.Join(root, "extractors/*/weights.*")) // the decision's and the sieve's
	if err != nil {
		return "", err
	}
	var digests []string
	for _, names := range [][]string{weights, words} {
		slices.Sort(names)
		sum := sha256.New()
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				return "", err
			}
			sum.Write(b)
		}
		digests = append(digests, fmt.Sprintf("%x", sum.Sum(nil)[:6]))
	}
	sum := sha256.New()
	for _, s := range sets {
		fmt.Fprintln(sum, s.name, s.digest)
	}
	return fmt.Sprintf("extractors version %s, weights %s, words %s, corpora %x", extractors.Version, digests[0], digests[1], sum.Sum(nil)[:6]), nil
}

// folds is what the trainer says of voices that it left out.
func folds(ctx context.Context, root, public string) (said string, err error) {
	dir, err := os.MkdirTemp("", "accuracy")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c := exec.CommandContext(ctx, "go", "run", "./extractors/model/train", "-from", "extractors/testdata", "-to", filepath.Join(dir, "weights.bin"))
	c.Dir, c.Stderr = root, os.Stderr
	c.Env = append(os.Environ(), "RESUMEWATCH_ORDINARY="+public) // it learns from some of them
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("the trainer: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}
