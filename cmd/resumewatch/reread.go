package main

import (
	"context"

	"resumewatch/internal/app"
)

type rereadCmd struct {
	Since    string   `help:"Only what was captured or read since: RFC 3339, a date, or 7d." placeholder:"T"`
	Identity []string `help:"age identity file that opens captures (default: evidence.identity_file, then data/keys); repeatable." type:"path" placeholder:"FILE"`
	Web      bool     `help:"Visit the known pages of watched sources as well, as crawl --again does."`
	Name     []string `arg:"" name:"source|file" help:"Sources, archives that were imported, digests of captures, or evidence files."`
}

func (rereadCmd) Help() string {
	return "Example: resumewatch reread qq-1000012345\n\nArchives are read where they lie, else what was captured of them; of pages the captures. Every opened capture is noted in the custody log. Interrupted, it goes on where it was; what this version has read is not read again."
}

func (c rereadCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	bar := newBar(e)
	report, err := app.Reread(ctx, o, app.RereadOptions{
		Names: c.Name, Since: c.Since, Identity: c.Identity, Web: c.Web, Surveyed: bar.surveyed, Progress: bar.read,
	})
	bar.end()
	if err != nil {
		return err
	}
	return e.report(report)
}
