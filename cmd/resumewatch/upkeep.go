package main

import (
	"context"
	"fmt"

	"resumewatch/internal/app"
)

type dumpCmd struct {
	Canonical bool `help:"Sorted JSON lines without run times, offsets and running numbers." required:""`
}

func (dumpCmd) Help() string { return "Example: resumewatch dump --canonical > dump.jsonl" }

func (c dumpCmd) Run(ctx context.Context, e *environment) error {
	r, err := e.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	return r.Book.DumpCanonical(ctx, e.stdout)
}

type reindexCmd struct {
	Check bool `help:"Only compare; exit 1 when the index differs."`
}

func (reindexCmd) Help() string { return "Example: resumewatch reindex --check" }

func (c reindexCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	d, err := app.Reindex(ctx, o, c.Check)
	if err != nil {
		return err
	}
	if e.g.JSON {
		err = printJSON(e.stdout, d)
	} else {
		_, err = fmt.Fprintf(e.stdout, "missing %d, old %d, too many %d\n", d.Missing, d.Old, d.Extra)
	}
	if err == nil && c.Check && !d.Empty() {
		return errFailed
	}
	return err
}

type doctorCmd struct{}

func (doctorCmd) Help() string { return "Example: resumewatch doctor --json" }

func (doctorCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	d := app.Doctor(ctx, o)
	if e.g.JSON {
		if err := printJSON(e.stdout, d); err != nil {
			return err
		}
	} else {
		for _, p := range d.Parts {
			mark := "ok  "
			if !p.OK {
				mark = "BAD "
			}
			fmt.Fprintf(e.stdout, "%s %-10s %s\n", mark, p.Part, visible(p.Detail))
			if p.Mend != "" {
				fmt.Fprintf(e.stdout, "                mend: %s\n", p.Mend)
			}
		}
	}
	if !d.OK {
		return errFailed
	}
	return nil
}

type versionCmd struct{}

func (versionCmd) Help() string { return "Example: resumewatch version" }

func (versionCmd) Run(e *environment) error {
	if e.g.JSON {
		return printJSON(e.stdout, struct {
			Version string `json:"version"`
		}{app.Version})
	}
	_, err := fmt.Fprintln(e.stdout, "resumewatch", app.Version)
	return err
}
