// Querytable asks both index engines the same queries, those of the conformance
// suite and random ones, and prints which listings each of them finds.
//
//	deploy/testparts/with elasticsearch -- go run ./bench/querytable
//
// It exits with 1 when they differ from each other or from what the query means.
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
	"strings"

	"resumewatch/internal/index"
	"resumewatch/internal/index/indextest"
	"resumewatch/internal/query"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "querytable:", err)
		os.Exit(1)
	}
}

var errDiffer = errors.New("the engines differ")

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("querytable", flag.ContinueOnError)
	url := flags.String("elasticsearch", os.Getenv("RESUMEWATCH_ELASTICSEARCH"), "address of an Elasticsearch 8; an index of this run's own is made there and removed")
	random := flags.Int("random", 1000, "how many random queries are compared beside the table")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *url == "" {
		return errors.New("no Elasticsearch is named: set RESUMEWATCH_ELASTICSEARCH or --elasticsearch")
	}
	dir, err := os.MkdirTemp("", "querytable")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	sqlite, err := index.OpenSQLite(filepath.Join(dir, "index.db"), false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sqlite.Close()) }()
	o := index.ElasticOptions{URLs: []string{*url}, Name: fmt.Sprintf("querytable-%d", os.Getpid())}
	elastic, err := index.OpenElastic(ctx, o)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, elastic.Close(), index.RemoveElastic(context.WithoutCancel(ctx), o))
	}()
	c := comparison{engines: []index.Store{sqlite, elastic}, out: out}
	return c.all(ctx, *random)
}

// comparison asks the engines the same.
type comparison struct {
	engines []index.Store
	out     io.Writer
	asked   int
	differ  int
}

func (c *comparison) all(ctx context.Context, random int) error {
	docs := indextest.Documents()
	if err := c.put(ctx, docs); err != nil {
		return err
	}
	c.printf("| query | FTS5 | Elasticsearch | |\n|---|---|---|---|\n")
	for _, q := range indextest.Queries {
		n, err := query.Parse(q.Text, indextest.Now, indextest.Zone)
		if err != nil {
			return fmt.Errorf("%q: %w", q.Text, err)
		}
		ids, same, err := c.ask(ctx, n, strings.Fields(q.IDs))
		if err != nil {
			return fmt.Errorf("%q: %w", q.Text, err)
		}
		c.printf("| %s | %s | %s | %s |\n", code(q.Text), ids[0], ids[1], map[bool]string{true: "same", false: "**differs**"}[same])
	}
	table := c.asked
	docs, next := indextest.Random(500)
	for _, s := range c.engines {
		if err := s.Reset(ctx); err != nil {
			return err
		}
	}
	if err := c.put(ctx, docs); err != nil {
		return err
	}
	for range random {
		n := next()
		ids, same, err := c.ask(ctx, n, indextest.Expected(n, docs))
		if err != nil {
			return err
		}
		if !same {
			c.printf("\n%#v: %s; %s\n", n, ids[0], ids[1])
		}
	}
	c.printf("\n%d queries of the table over %d listings and %d random ones over %d: %d differ.\n",
		table, len(indextest.Documents()), c.asked-table, len(docs), c.differ)
	if c.differ > 0 {
		return errDiffer
	}
	return nil
}

func (c *comparison) put(ctx context.Context, docs []index.Document) error {
	for _, s := range c.engines {
		if err := s.Put(ctx, docs); err != nil {
			return err
		}
	}
	return nil
}

// ask gives what each engine finds, and whether all find what is wanted.
func (c *comparison) ask(ctx context.Context, n query.Node, want []string) (found []string, same bool, err error) {
	same = true
	for _, s := range c.engines {
		var ids []string
		if err := s.Search(ctx, n, index.Page{}, func(h index.Hit) error { ids = append(ids, h.ListingID); return nil }); err != nil {
			return nil, false, err
		}
		same = same && slices.Equal(ids, want)
		found = append(found, strings.Join(ids, " "))
	}
	c.asked++
	if !same {
		c.differ++
	}
	return found, same, nil
}

func (c *comparison) printf(format string, args ...any) { _, _ = fmt.Fprintf(c.out, format, args...) }

// code shows a query in a Markdown table, signs without width as their numbers.
func code(q string) string {
	if q == "" {
		return "(empty)"
	}
	return "`" + strings.NewReplacer("|", `\|`, "\u200b", `\u200b`, "\n", `\n`).Replace(q) + "`"
}
