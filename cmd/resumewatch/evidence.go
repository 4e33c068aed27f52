package main

import (
	"context"
	"fmt"

	"resumewatch/internal/app"
	"resumewatch/internal/evidence"
)

type evidenceCmd struct {
	List   evidenceListCmd   `cmd:"" help:"List the captures."`
	Open   evidenceOpenCmd   `cmd:"" help:"Unseal captures into plain WARC files."`
	Verify evidenceVerifyCmd `cmd:"" help:"Check every byte of the store."`
}

type evidenceListCmd struct {
	Limit int `help:"Most captures to print; 0 is all." default:"50"`
}

func (evidenceListCmd) Help() string { return "Example: resumewatch evidence list --limit 0 --json" }

func (c evidenceListCmd) Run(ctx context.Context, e *environment) error {
	r, err := e.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	return r.EvidenceList(ctx, c.Limit, func(l app.EvidenceLine) error {
		if e.g.JSON {
			return printJSON(e.stdout, l)
		}
		_, err := fmt.Fprintf(e.stdout, "%s  %s  %-4s  %s:%d+%d  %s\n", l.Digest[:16], l.At, l.Kind, l.File, l.Offset, l.Length, visible(l.URL))
		return err
	})
}

type evidenceOpenCmd struct {
	Identity []string `help:"age identity file that opens it (default: evidence.identity_file, then data/keys); repeatable." type:"path" placeholder:"FILE"`
	To       string   `help:"Folder for the plain files." type:"path" default:"." placeholder:"DIR"`
	Name     []string `arg:"" name:"digest|file" help:"Digests of captures (8 digits at least) or evidence files."`
}

func (evidenceOpenCmd) Help() string {
	return "Example: resumewatch evidence open --to plain 3f2a9c41\n\nWhat is written holds other people's data: it is your responsibility from then on."
}

func (c evidenceOpenCmd) Run(ctx context.Context, e *environment) error {
	r, err := e.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	paths, err := r.OpenEvidence(ctx, c.To, c.Identity, c.Name)
	for _, p := range paths {
		if e.g.JSON {
			if err := printJSON(e.stdout, struct {
				File string `json:"file"`
			}{p}); err != nil {
				return err
			}
		} else {
			fmt.Fprintln(e.stdout, p)
		}
	}
	return err
}

type evidenceVerifyCmd struct {
	Identity []string `help:"age identity file, for the plain bytes; repeatable." type:"path" placeholder:"FILE"`
}

func (evidenceVerifyCmd) Help() string { return "Example: resumewatch evidence verify" }

func (c evidenceVerifyCmd) Run(ctx context.Context, e *environment) error {
	r, err := e.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	report, err := r.VerifyEvidence(ctx, c.Identity)
	if err != nil {
		return err
	}
	return e.verdict(report)
}

type verifyCmd struct {
	File string `arg:"" help:"A WARC file, compressed or not." type:"path"`
}

func (verifyCmd) Help() string { return "Example: resumewatch verify plain/3f2a9c41….warc.gz" }

func (c verifyCmd) Run(ctx context.Context, e *environment) error {
	report, err := app.VerifyFile(ctx, c.File)
	if err != nil {
		return err
	}
	return e.verdict(report)
}

// verdict prints what a check found; any fault is exit code 1.
func (e *environment) verdict(r evidence.Report) error {
	if r.Checked == nil {
		r.Checked = []evidence.Check{}
	}
	if r.Unchecked == nil {
		r.Unchecked = []string{}
	}
	if e.g.JSON {
		if err := printJSON(e.stdout, r); err != nil {
			return err
		}
	} else {
		for _, c := range r.Checked {
			mark := "ok    "
			if !c.OK {
				mark = "FAULT "
			}
			fmt.Fprintf(e.stdout, "%s %s: %s\n", mark, visible(c.What), visible(c.Detail))
		}
		for _, u := range r.Unchecked {
			fmt.Fprintf(e.stdout, "not checked: %s\n", visible(u))
		}
	}
	if !r.OK {
		return errFailed
	}
	return nil
}
