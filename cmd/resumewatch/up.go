package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"resumewatch/internal/app"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
)

type upCmd struct {
	Demo   bool   `help:"Built-in sample sources: an invented QQ archive and a small board on loopback."`
	Once   bool   `help:"Visit all that is due, print the summary and end."`
	Listen string `help:"Address of the console (default: console.listen, 127.0.0.1:8686)." placeholder:"ADDR"`
}

func (upCmd) Help() string {
	return "Example: resumewatch up --demo\n\nRuns queue, casebook, index and evidence on embedded parts and watches the sources of the configuration and of `source add` until Ctrl-C."
}

func (c upCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	if c.Demo && !e.dataGiven(o.Config) {
		o.Data = filepath.Join(o.Data, "demo")
	}
	o.Demo = c.Demo
	o.Hear = hearing{e}
	setIf(&o.Config.Console.Listen, c.Listen)
	w := &ticker{out: e.stdout, json: e.g.JSON, colour: terminal(e.stdout)}
	if !e.g.JSON || !c.Once {
		o.Watch = w
	}
	if !e.g.JSON {
		fmt.Fprintf(e.stdout, "resumewatch %s works on %s (Ctrl-C stops)\n", app.Version, o.Data)
	}
	report, err := app.Up(ctx, o, c.Once)
	if !c.Once {
		err = ended(ctx, err)
	}
	if err != nil && (report.Summary.Visits == nil || !errors.Is(err, context.Canceled)) {
		return err
	}
	if e.g.JSON {
		return errors.Join(printJSON(e.stdout, report.Summary), err)
	}
	printSummary(e.stdout, report.Summary)
	return err
}

// ticker prints what happens as it happens.
type ticker struct {
	mu     sync.Mutex
	out    io.Writer
	json   bool
	colour bool
}

var _ jobs.Watch = (*ticker)(nil)

// Visited prints one look at a page or chunk.
func (t *ticker) Visited(v jobs.Visited) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.json {
		t.line(struct {
			Event    string         `json:"event"`
			Source   string         `json:"source"`
			What     string         `json:"what"`
			Outcome  market.Outcome `json:"outcome"`
			Reason   string         `json:"reason"`
			Posts    int64          `json:"posts"`
			Listings int64          `json:"listings"`
		}{"visited", v.Source, v.What, v.Outcome, v.Reason, v.Posts, v.Listings})
		return
	}
	reason := ""
	if v.Reason != "" {
		reason = "  " + visible(v.Reason)
	}
	fmt.Fprintf(t.out, "%s  %-10s %s  %s: %d posts, %d listings%s\n", now(), v.Outcome, visible(v.Source), visible(short(v.What, 70)), v.Posts, v.Listings, reason)
}

// Raised prints an alert that is new or has become graver.
func (t *ticker) Raised(a market.Alert, fresh bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.json {
		t.line(struct {
			Event string       `json:"event"`
			Fresh bool         `json:"fresh"`
			Alert market.Alert `json:"alert"`
		}{"alert", fresh, a})
		return
	}
	fmt.Fprintf(t.out, "%s  ", now())
	printAlertLine(t.out, a, t.colour)
	for _, r := range a.Reasons {
		fmt.Fprintf(t.out, "            %s\n", visible(r.Text))
	}
}

func (t *ticker) line(v any) {
	if line, err := json.Marshal(v); err == nil { // plain structs: always encodable
		fmt.Fprintf(t.out, "%s\n", line)
	}
}

func now() string { return time.Now().Format("15:04:05") }

// printAlertLine is an alert on one line.
func printAlertLine(w io.Writer, a market.Alert, colour bool) {
	severity := fmt.Sprintf("%-8s", a.Severity)
	if colour {
		severity = severityColour(a.Severity) + severity + "\x1b[0m"
	}
	fmt.Fprintf(w, "%-6s %s %s  %s  [%s]\n", a.ID, severity, visible(a.Title), contactList(a.Contacts), visible(strings.Join(a.Sources, " ")))
}

func severityColour(severity string) string {
	switch severity {
	case market.SeverityCritical, market.SeverityHigh:
		return "\x1b[1;31m"
	case market.SeverityMedium:
		return "\x1b[33m"
	}
	return ""
}
