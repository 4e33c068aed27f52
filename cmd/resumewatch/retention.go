package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"resumewatch/internal/app"
	"resumewatch/internal/jobs"
)

type retentionCmd struct {
	Run retentionRunCmd `cmd:"" help:"Drop what is older than it shall be kept (retention in the configuration), and certify it."`
}

type retentionRunCmd struct {
	DryRun bool   `help:"Only tell what would be dropped."`
	As     string `help:"Who acts (default: RESUMEWATCH_USER, else the only administrator)." placeholder:"USER"`
}

func (retentionRunCmd) Help() string {
	return "Example: resumewatch retention run --dry-run\n\nIt asks nothing and can't be undone. A legal hold keeps what its case is about. " +
		"It runs beside everything else and may be interrupted; `up` and `scheduler` do the same once a day. The certificate is in the custody log."
}

func (c retentionRunCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	r, err := app.RunRetention(ctx, o, app.RetentionOptions{DryRun: c.DryRun, As: c.As})
	if err != nil {
		return err
	}
	if e.g.JSON {
		return printJSON(e.stdout, r)
	}
	printRetention(e, r)
	return nil
}

func printRetention(e *environment, r *jobs.RetentionReport) {
	what := "Dropped"
	if r.DryRun {
		what = "Would drop"
	}
	if r.Empty() {
		fmt.Fprintln(e.stdout, "Nothing is old enough to be dropped.")
	}
	for _, m := range r.Months {
		fmt.Fprintf(e.stdout, "%s the captures of %s: %d in %d files, %d bytes, and their key\n", what, m.Month, m.Captures, m.Files, m.Bytes)
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Dropped)) {
		if kind != "captures" && kind != "files" {
			fmt.Fprintf(e.stdout, "%s %d %s\n", what, r.Dropped[kind], retained(kind))
		}
	}
	for _, w := range r.Waiting {
		fmt.Fprintf(e.stdout, "%s stays: held by %s (`case hold %s off` lifts it, `evidence erase-key %s --reseal-held` seals what is held anew)\n",
			w.Month, strings.Join(w.HeldBy, ", "), w.HeldBy[0], w.Month)
	}
	var limits []string
	for _, k := range slices.Sorted(maps.Keys(r.Limits)) {
		limits = append(limits, k+" "+r.Limits[k])
	}
	fmt.Fprintf(e.stdout, "Kept: %s.\n", strings.Join(limits, ", "))
	if !r.DryRun {
		fmt.Fprintf(e.stdout, "Certified in the custody log on %s; %d steps, the longest %d ms, %.1f s in all.\n", r.At, r.Steps, r.Longest, r.Seconds)
	}
}

// retained says what a kind of the report is.
func retained(kind string) string {
	switch kind {
	case "people":
		return "digests of people in samples"
	case "fingerprints":
		return "blocks of fingerprints"
	case "dropped":
		return "fingerprints of dropped listings"
	case "reviews":
		return "posts in doubt that were decided or expired"
	case "rejected":
		return "fingerprints of posts that a person rejected"
	case "grants":
		return "requests to see what is masked"
	case "tries":
		return "tries to sign in"
	case "work":
		return "finished units of work"
	}
	return kind
}
