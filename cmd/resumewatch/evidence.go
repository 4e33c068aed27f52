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
	Erase  evidenceEraseCmd  `cmd:"" name:"erase-key" help:"Erase the key of a month: what was captured in it can never be opened again."`
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
	err = r.EvidenceList(ctx, c.Limit, func(l app.EvidenceLine) error {
		if e.g.JSON {
			return printJSON(e.stdout, l)
		}
		_, err := fmt.Fprintf(e.stdout, "%s  %s  %-4s  %s:%d+%d  %s\n", l.Digest[:16], l.At, l.Kind, l.File, l.Offset, l.Length, visible(l.URL))
		return err
	})
	if err != nil || e.g.JSON {
		return err
	}
	gone, err := r.Book.CapturesGone(ctx)
	if err == nil && gone > 0 {
		fmt.Fprintf(e.stderr, "%d more were dropped by retention; the custody log names them\n", gone)
	}
	return err
}

type evidenceOpenCmd struct {
	Identity []string `help:"age identity file that opens it (default: evidence.identity_file, then data/keys); repeatable." type:"path" placeholder:"FILE"`
	To       string   `help:"Folder for the plain files." type:"path" default:"." placeholder:"DIR"`
	Wacz     string   `help:"Put all of them into one signed WACZ package of this name instead." type:"path" placeholder:"FILE"`
	Name     []string `arg:"" name:"digest|file" help:"Digests of captures (8 digits at least) or evidence files."`
}

func (evidenceOpenCmd) Help() string {
	return "Example: resumewatch evidence open --to plain 3f2a9c41\n\n--wacz listing.wacz makes one package of them that viewers replay.\n\nWhat is written holds other people's data: it is your responsibility from then on."
}

func (c evidenceOpenCmd) Run(ctx context.Context, e *environment) error {
	r, err := e.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if c.Wacz != "" {
		made, err := r.OpenWACZ(ctx, c.Wacz, c.Identity, c.Name)
		if err != nil {
			return err
		}
		if e.g.JSON {
			return printJSON(e.stdout, made)
		}
		_, err = fmt.Fprintf(e.stdout, "%s\n%d captures, %s\nsigned by the key sha256:%s; publish that where the receiver can look it up\n", made.File, made.Captures, made.Hash, made.Signer)
		return err
	}
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

type evidenceEraseCmd struct {
	Month      string   `arg:"" help:"The month, as 2026-03: it must be over. Or a case, as C-3: what its hold kept of months that are gone; the hold must be off."`
	Reason     string   `help:"Why; it is kept in the custody log." required:"" placeholder:"TEXT"`
	ResealHeld bool     `help:"First seal what a hold keeps anew, to the hold's own key."`
	Identity   []string `help:"age identity file that opens what is sealed anew (default: evidence.identity_file, then data/keys); repeatable." type:"path" placeholder:"FILE"`
	As         string   `help:"Who acts (default: RESUMEWATCH_USER, else the only administrator)." placeholder:"USER"`
}

func (evidenceEraseCmd) Help() string {
	return "Example: resumewatch evidence erase-key 2026-03 --reason policy-P-7 --reseal-held\n\nIt asks nothing and can't be undone. Copies of data/keys elsewhere must be erased there. It is refused while the hold of a case keeps captures of the month, unless they are sealed anew."
}

func (c evidenceEraseCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	done, err := app.EraseKey(ctx, o, app.EraseOptions{Key: c.Month, Reason: c.Reason, ResealHeld: c.ResealHeld, Identity: c.Identity, As: c.As})
	if err != nil {
		return err
	}
	if e.g.JSON {
		return printJSON(e.stdout, done)
	}
	if done.Resealed > 0 {
		fmt.Fprintf(e.stdout, "%d captures that are held were sealed anew and can be opened as before.\n", done.Resealed)
	}
	_, err = fmt.Fprintf(e.stdout, "The key of %s is erased: %d captures can't be opened any more.\n", done.Month, done.Captures)
	return err
}

type verifyCmd struct {
	File string `arg:"" help:"A WARC file, compressed or not, a WACZ package, or a receipt of the custody log." type:"path"`
}

func (verifyCmd) Help() string {
	return "Example: resumewatch verify plain/3f2a9c41….warc.gz\n\nA package (.wacz) is taken as well; of it the command says which key signed it; the key of this data folder is told as such. A receipt (.json, from the console) shows that a capture stands in the custody log."
}

func (c verifyCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		o = app.Options{} // a file stands for itself, whatever the configuration here
	}
	report, err := app.VerifyFile(ctx, o, c.File)
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
