package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"resumewatch/internal/app"
	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

type sourceCmd struct {
	List   sourceListCmd  `cmd:"" help:"List the sources."`
	Add    sourceAddCmd   `cmd:"" help:"Add a source that is watched, by up or by the schedulers."`
	Test   sourceTestCmd  `cmd:"" help:"Fetch one page and show what is read from it; nothing is stored."`
	Pause  sourcePauseCmd `cmd:"" help:"Stop visiting a source."`
	Resume sourceResume   `cmd:"" help:"Visit a paused source again."`
	Remove sourceRemove   `cmd:"" help:"Forget a source; what was read stays."`
}

type sourceListCmd struct {
	Limit int `help:"Most sources to print; 0 is all." default:"50"`
}

func (sourceListCmd) Help() string { return "Example: resumewatch source list" }

func (c sourceListCmd) Run(ctx context.Context, e *environment) error {
	r, err := e.reader(ctx)
	if errors.Is(err, casebook.ErrNoBook) {
		return nil // nothing is watched yet: an empty list
	}
	if err != nil {
		return err
	}
	defer r.Close()
	lines, err := r.Sources(ctx, c.Limit)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if e.g.JSON {
			if err := printJSON(e.stdout, l); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(e.stdout, "%-24s %-8s %-7s last read %s, next %s, pages %s  %s\n", visible(l.Name), cmp.Or(l.Kind, "?"), l.State,
			cmp.Or(l.LastRead, "never"), cmp.Or(l.NextVisit, "-"), cmp.Or(l.Covered, "-"), visible(l.URL))
	}
	return nil
}

type sourceAddCmd struct {
	URL          string   `arg:"" help:"Address of the board, thread or forum."`
	Name         string   `required:"" help:"Unique name, without spaces." placeholder:"N"`
	Kind         string   `help:"Forum engine (default: found from the page)." placeholder:"K"`
	Authority    string   `required:"" help:"Why it may be read, such as a ticket." placeholder:"T"`
	Rate         string   `help:"Budget of the host, such as 30/1m (the default)." placeholder:"N/1m"`
	AllowPrivate []string `help:"A private address that may be visited all the same; repeatable." placeholder:"H:P"`
}

func (sourceAddCmd) Help() string {
	return "Example: resumewatch source add https://bbs.example.com/forum-2-1.html --name example-board --authority 'ticket SEC-104'"
}

func (c sourceAddCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	return app.AddSource(ctx, o, app.SourceOptions{URL: c.URL, Name: c.Name, Kind: c.Kind, Authority: c.Authority, Rate: c.Rate, AllowPrivate: c.AllowPrivate})
}

type sourceTestCmd struct {
	URL          string   `arg:"" help:"Address of a page."`
	AllowPrivate []string `help:"A private address that may be visited all the same; repeatable." placeholder:"H:P"`
}

func (sourceTestCmd) Help() string {
	return "Example: resumewatch source test https://bbs.example.com/forum-2-1.html"
}

func (c sourceTestCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	t, err := app.TestSource(ctx, o, c.URL, c.AllowPrivate)
	if err != nil {
		return err
	}
	if e.g.JSON {
		err = printJSON(e.stdout, t)
	} else {
		printSourceTest(e, t)
	}
	if err == nil && t.Outcome != "" && t.Outcome != market.OutcomeSame {
		return errFailed
	}
	return err
}

func printSourceTest(e *environment, t app.SourceTest) {
	fmt.Fprintf(e.stdout, "engine   %s (%.0f %%)\nrobots   %s\n", cmp.Or(t.Engine, "unknown"), 100*t.Confidence, t.Robots)
	for _, b := range t.Boards {
		fmt.Fprintf(e.stdout, "board    %s  %s  %s\n", visible(b.ID), visible(b.Title), visible(b.URL))
	}
	for _, x := range t.Threads {
		fmt.Fprintf(e.stdout, "thread   %s  %s  %s  %s\n", visible(x.ID), x.LastPostAt, visible(x.Author), visible(x.Title))
	}
	for _, p := range t.Posts {
		fmt.Fprintf(e.stdout, "post     %s  %s  %s  %s\n", visible(p.ID), p.PostedAt, visible(p.Author), visible(short(p.Text, 100)))
	}
	for _, p := range t.Problems {
		fmt.Fprintf(e.stdout, "problem  %s\n", visible(p))
	}
}

type sourceName struct {
	Name string `arg:"" help:"Name of the source."`
}

func (c sourceName) set(ctx context.Context, e *environment, state string) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	return app.SetSource(ctx, o, c.Name, state)
}

type sourcePauseCmd struct{ sourceName }

func (sourcePauseCmd) Help() string { return "Example: resumewatch source pause example-board" }

func (c sourcePauseCmd) Run(ctx context.Context, e *environment) error {
	return c.set(ctx, e, casebook.SourcePaused)
}

type sourceResume struct{ sourceName }

func (sourceResume) Help() string { return "Example: resumewatch source resume example-board" }

func (c sourceResume) Run(ctx context.Context, e *environment) error {
	return c.set(ctx, e, casebook.SourceActive)
}

type sourceRemove struct{ sourceName }

func (sourceRemove) Help() string { return "Example: resumewatch source remove example-board" }

func (c sourceRemove) Run(ctx context.Context, e *environment) error {
	return c.set(ctx, e, casebook.SourceRemoved)
}
