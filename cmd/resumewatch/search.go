package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"resumewatch/internal/app"
)

// minus stands for the "-" of an excluded word until the flags are parsed.
const minus = "\x00"

// protectQuery lets words of a query begin with "-" (-boss, -platform:boss)
// without being taken for flags. Flags are those with two dashes, and -h.
func protectQuery(args []string) []string {
	if !slices.Contains(args, "search") {
		return args
	}
	out := slices.Clone(args)
	for i, a := range out {
		if a == "--" {
			break
		}
		if len(a) > 1 && a[0] == '-' && a[1] != '-' && a != "-h" {
			out[i] = minus + a[1:]
		}
	}
	return out
}

type searchCmd struct {
	Limit int      `help:"Most listings to print; 0 is all." default:"50"`
	Since string   `help:"Not older: RFC 3339, a date, or 7d." placeholder:"T"`
	Until string   `help:"Not newer, likewise." placeholder:"T"`
	Query []string `arg:"" optional:"" help:"Words, \"phrases\", field:value, ranges; empty is all."`
}

func (searchCmd) Help() string {
	return "Example: resumewatch search --since 30d '简历 platform:zhaopin price:1..3 -qq:1000012345'"
}

func (c searchCmd) Run(ctx context.Context, e *environment) error {
	if c.Limit < 0 {
		return app.Usagef("--limit %d: write 0 or more", c.Limit)
	}
	r, err := e.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	return r.Search(ctx, app.SearchOptions{Query: strings.ReplaceAll(strings.Join(c.Query, " "), minus, "-"), Since: c.Since, Until: c.Until, Limit: c.Limit}, func(h app.Hit) error {
		if e.g.JSON {
			return printJSON(e.stdout, h)
		}
		_, err := fmt.Fprintf(e.stdout, "%s  %s  %s  %s  %s\n    %s\n", cmp.Or(h.PostedAt, "time unknown"), visible(h.Place), visible(h.Author.Name), contactList(h.Listing.Contacts),
			strings.Join(h.Alerts, " "), visible(h.Text))
		return err
	})
}
