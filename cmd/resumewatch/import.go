package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"resumewatch/internal/app"
)

type importCmd struct {
	GroupID   string   `name:"group-id" help:"Group number of files with one conversation." placeholder:"N"`
	Group     []string `help:"Group number of a conversation by its name; repeatable." placeholder:"NAME=N" sep:"none"`
	ByName    bool     `help:"Take a conversation's name for its place."`
	Timezone  string   `help:"Time zone of the exporting computer (default Asia/Shanghai, flagged)." placeholder:"TZ"`
	Year      int      `help:"Year of the first message, for exports without one." placeholder:"YYYY"`
	Keep      string   `help:"all: keep all of it, sealed, until the case closes." placeholder:"all"`
	Case      string   `help:"The case that all of it is kept for." placeholder:"C-3"`
	Authority string   `help:"Why it may be read (default: it was handed over)." placeholder:"TEXT"`
	DryRun    bool     `help:"Say which format each file has and why; store nothing."`
	Path      []string `arg:"" help:"Files and folders."`
}

func (importCmd) Help() string {
	return "Example: resumewatch import --group-id 1000012345 群聊记录.txt\n\nResumes where it was interrupted. The same bytes again add nothing."
}

func (c importCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	in, err := c.options()
	if err != nil {
		return err
	}
	if c.DryRun {
		return c.dryRun(ctx, e, in)
	}
	bar := newBar(e)
	in.Surveyed, in.Progress = bar.surveyed, bar.read
	report, err := app.Import(ctx, o, in)
	bar.end()
	if err != nil {
		return err
	}
	return e.report(report)
}

func (c importCmd) options() (app.ImportOptions, error) {
	in := app.ImportOptions{Paths: c.Path, GroupID: c.GroupID, Groups: map[string]string{}, ByName: c.ByName, Timezone: c.Timezone, Year: c.Year,
		Keep: c.Keep, Case: c.Case, Authority: c.Authority}
	if c.GroupID != "" && !app.IsGroupNumber(c.GroupID) {
		return in, app.Usagef("--group-id %s: a group number has 5 to 11 digits and begins with no zero", c.GroupID)
	}
	if c.Year != 0 && (c.Year < 1999 || c.Year > 2100) {
		return in, app.Usagef("--year %d: no year in which there was QQ", c.Year)
	}
	for _, g := range c.Group {
		i := strings.LastIndexByte(g, '=')
		if i < 1 || !app.IsGroupNumber(g[i+1:]) {
			return in, app.Usagef("--group %s: write NAME=NUMBER", g)
		}
		in.Groups[g[:i]] = g[i+1:]
	}
	return in, nil
}

func (c importCmd) dryRun(ctx context.Context, e *environment, in app.ImportOptions) error {
	lines, problems, err := app.DryRun(ctx, in)
	if err != nil {
		return err
	}
	failed := len(problems) > 0
	for _, l := range lines {
		failed = failed || !l.Readable
		if e.g.JSON {
			if err := printJSON(e.stdout, l); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(e.stdout, "%s: %s (%s): %s\n", visible(l.File), l.Format, cmp.Or(l.Encoding, "no text"), visible(l.Why))
		for _, conv := range l.Conversations {
			fmt.Fprintf(e.stdout, "  conversation %q: about %d messages\n", visible(conv.Name), conv.Messages)
		}
	}
	for _, p := range problems {
		fmt.Fprintln(e.stderr, "resumewatch:", problemLine(p))
	}
	if failed {
		return errFailed
	}
	return nil
}

// report prints a summary and turns a failed item into exit code 1.
func (e *environment) report(r app.Report) error {
	if e.g.JSON {
		if err := printJSON(e.stdout, r.Summary); err != nil {
			return err
		}
	} else {
		printSummary(e.stdout, r.Summary)
	}
	if !r.Failed {
		return nil
	}
	for i, p := range r.Summary.Problems {
		if i == 20 {
			break
		}
		fmt.Fprintln(e.stderr, "resumewatch:", problemLine(p))
	}
	return errFailed
}
