package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"resumewatch/internal/app"
)

type caseCmd struct {
	New   caseNewCmd   `cmd:"" help:"Open a case."`
	Add   caseAddCmd   `cmd:"" help:"Put alerts, sellers, offers or sources into a case."`
	Note  caseNoteCmd  `cmd:"" help:"Write a note into a case."`
	Hold  caseHoldCmd  `cmd:"" help:"Keep what a case is about from being dropped, or let it go."`
	Close caseCloseCmd `cmd:"" help:"Close a case: nothing changes in it any more."`
	List  caseListCmd  `cmd:"" help:"List cases, the newest first."`
	Show  caseShowCmd  `cmd:"" help:"Show one case with its alerts, notes, history and hold."`
}

// caseActor is who acts on a case.
type caseActor struct {
	As string `help:"Who acts (default: RESUMEWATCH_USER, else the only administrator)." placeholder:"USER"`
}

type caseNewCmd struct {
	Name string `arg:"" help:"What it is called."`
	caseActor
}

func (caseNewCmd) Help() string { return "Example: resumewatch case new zhaopin-march" }

func (c caseNewCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	made, err := app.NewCase(ctx, o, c.Name, c.As)
	if err != nil {
		return err
	}
	if e.g.JSON {
		return printJSON(e.stdout, made)
	}
	_, err = fmt.Fprintln(e.stdout, made.ID)
	return err
}

type caseAddCmd struct {
	ID   string   `arg:"" help:"Name of the case, such as C-3."`
	Item []string `arg:"" help:"Alerts (A-12), sellers (S-3), offers (their ids) or sources (source:NAME)."`
	caseActor
}

func (caseAddCmd) Help() string {
	return "Example: resumewatch case add C-3 A-12 A-15\n\nAn alert brings its offer with all listings, now and later; a seller all its offers; a source all its captures."
}

func (c caseAddCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	done, err := app.AddToCase(ctx, o, c.ID, c.Item, c.As)
	if err != nil {
		return err
	}
	if e.g.JSON {
		return printJSON(e.stdout, done)
	}
	if len(done.Added) == 0 {
		_, err = fmt.Fprintf(e.stdout, "%s has them already\n", done.ID)
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%s: added %s\n", done.ID, visible(strings.Join(done.Added, " ")))
	return err
}

type caseNoteCmd struct {
	ID   string   `arg:"" help:"Name of the case, such as C-3."`
	Text []string `arg:"" help:"The note. What looks like a phone, a mailbox or an identity number is masked."`
	caseActor
}

func (caseNoteCmd) Help() string {
	return "Example: resumewatch case note C-3 reported to the police"
}

func (c caseNoteCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	return app.NoteCase(ctx, o, c.ID, strings.Join(c.Text, " "), c.As)
}

type caseHoldCmd struct {
	ID     string `arg:"" help:"Name of the case, such as C-3."`
	State  string `arg:"" enum:"on,off" help:"on or off."`
	Reason string `help:"Why; it is kept in the custody log." placeholder:"TEXT"`
	caseActor
}

func (caseHoldCmd) Help() string {
	return "Example: resumewatch case hold C-3 on --reason police-request-117\n\nWhile a hold is on, neither retention nor `evidence erase-key` takes what the case is about, nor what joins its offers later. It needs the role reviewer or admin."
}

func (c caseHoldCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	done, err := app.HoldCase(ctx, o, c.ID, c.State == "on", c.Reason, c.As)
	if err != nil {
		return err
	}
	if e.g.JSON {
		return printJSON(e.stdout, done)
	}
	switch {
	case !done.Hold && done.Changed:
		_, err = fmt.Fprintf(e.stdout, "%s: the hold is lifted\n", done.ID)
	case !done.Hold:
		_, err = fmt.Fprintf(e.stdout, "%s was not on hold\n", done.ID)
	default:
		fmt.Fprintf(e.stdout, "%s is on hold\n", done.ID)
		printHeld(e.stdout, done.Held)
	}
	return err
}

// printHeld says what a hold keeps.
func printHeld(w io.Writer, h app.CaseHeld) {
	fmt.Fprintf(w, "held       %d offers, %d posts, %d captures of %d bytes\n", h.Offers, h.Posts, h.Captures, h.Bytes)
	if h.Resealed > 0 {
		fmt.Fprintf(w, "resealed   %d captures, to the hold's own key\n", h.Resealed)
	}
	for _, month := range slices.Sorted(maps.Keys(h.Lost)) {
		fmt.Fprintf(w, "lost       %d captures of %s: the key of that month was erased before\n", h.Lost[month], month)
	}
}

type caseCloseCmd struct {
	ID string `arg:"" help:"Name of the case, such as C-3."`
	caseActor
}

func (caseCloseCmd) Help() string { return "Example: resumewatch case close C-3" }

func (c caseCloseCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	done, err := app.CloseCase(ctx, o, c.ID, c.As)
	if err != nil {
		return err
	}
	if e.g.JSON {
		return printJSON(e.stdout, done)
	}
	fmt.Fprintf(e.stdout, "%s is closed\n", done.ID)
	if done.Dropped > 0 {
		fmt.Fprintf(e.stdout, "%d chunks of archives that were kept whole for it are erased; what belongs to listings stays\n", done.Dropped)
	}
	if done.Kept > 0 {
		fmt.Fprintf(e.stdout, "%d chunks of archives that were kept whole for it stay until another case's hold on them is lifted\n", done.Kept)
	}
	if done.Resealed > 0 {
		fmt.Fprintf(e.stdout, "%d captures of erased months are still sealed to its hold's key; `resumewatch evidence erase-key %s --reason …` ends that\n", done.Resealed, done.ID)
	}
	return nil
}

type caseListCmd struct {
	Limit int `help:"Most cases to print; 0 is all." default:"50"`
}

func (caseListCmd) Help() string { return "Example: resumewatch case list" }

func (c caseListCmd) Run(ctx context.Context, e *environment) error {
	r, err := e.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	cases, err := r.Cases(ctx, c.Limit)
	if err != nil {
		return err
	}
	for _, l := range cases {
		if e.g.JSON {
			if err := printJSON(e.stdout, l); err != nil {
				return err
			}
			continue
		}
		printCaseLine(e.stdout, l)
	}
	return nil
}

func printCaseLine(w io.Writer, l app.CaseLine) {
	hold := ""
	if l.Hold {
		hold = "on hold"
	}
	fmt.Fprintf(w, "%-6s %-6s %-7s  %3d items  %s by %s  %s\n", l.ID, l.State, hold, l.Items, l.CreatedAt, visible(l.CreatedBy), visible(l.Name))
}

type caseShowCmd struct {
	ID string `arg:"" help:"Name of the case, such as C-3."`
}

func (caseShowCmd) Help() string { return "Example: resumewatch case show C-3" }

func (c caseShowCmd) Run(ctx context.Context, e *environment) error {
	r, err := e.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	d, err := r.Case(ctx, c.ID)
	if err != nil {
		return err
	}
	if e.g.JSON {
		return printJSON(e.stdout, d)
	}
	printCaseLine(e.stdout, d.CaseLine)
	for _, a := range d.Alerts {
		fmt.Fprintf(e.stdout, "alert      %-6s %-8s %-9s  %s\n", a.ID, a.Severity, a.State, visible(a.Title))
	}
	for _, id := range d.Offers {
		fmt.Fprintf(e.stdout, "offer      %s\n", visible(id))
	}
	for _, id := range d.Sellers {
		fmt.Fprintf(e.stdout, "seller     %s\n", id)
	}
	for _, name := range d.Sources {
		fmt.Fprintf(e.stdout, "source     %s\n", visible(name))
	}
	for _, id := range d.Gone {
		fmt.Fprintf(e.stdout, "gone       %s: dropped since\n", visible(id))
	}
	if d.Hold {
		printHeld(e.stdout, d.Held)
	}
	for _, n := range d.Notes {
		fmt.Fprintf(e.stdout, "note       %s  %s: %s\n", n.At, visible(n.Who), visible(n.Text))
	}
	for _, h := range d.History {
		fmt.Fprintf(e.stdout, "history    %s  %s %s %s\n", h.At, visible(cmp.Or(h.Who, "resumewatch")), h.Action, visible(h.Text))
	}
	return nil
}
