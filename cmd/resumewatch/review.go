package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"resumewatch/internal/app"
)

type reviewCmd struct {
	List   reviewListCmd   `cmd:"" help:"List posts that the extractor is in doubt of, the likeliest first."`
	Show   reviewShowCmd   `cmd:"" help:"Show one with what stands around it."`
	Accept reviewAcceptCmd `cmd:"" help:"Take posts for listings: they are kept as evidence, searched and judged like others."`
	Reject reviewRejectCmd `cmd:"" help:"Take posts for none: their texts go at once, and they don't come back."`
}

// reviewActor is who decides.
type reviewActor struct {
	As string `help:"Who acts, a reviewer or administrator (default: RESUMEWATCH_USER, else the only administrator)." placeholder:"USER"`
}

type reviewListCmd struct {
	Source string `help:"Only of this source." placeholder:"NAME"`
	State  string `help:"Only in this state: waiting, accepted, rejected, expired, or all." enum:"waiting,accepted,rejected,expired,all" default:"waiting"`
	Limit  int    `help:"Most posts to print; 0 is all." default:"50"`
	reviewActor
}

func (reviewListCmd) Help() string {
	return "Example: resumewatch review list --source qq-1000012345\n\nPersonal values are masked. A post waits 30 days, then its text goes undecided."
}

func (c reviewListCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	state := c.State
	if state == "all" {
		state = ""
	}
	return app.Doubts(ctx, o, app.DoubtOptions{State: state, Source: c.Source, Limit: c.Limit, As: c.As}, func(d app.DoubtLine) error {
		if e.g.JSON {
			return printJSON(e.stdout, d)
		}
		_, err := fmt.Fprintln(e.stdout, doubtHead(d)+"\n      "+short(visible(cmp.Or(d.Text, "(its text is kept no more)")), 160))
		return err
	})
}

// doubtHead is the first line of a doubtful post.
func doubtHead(d app.DoubtLine) string {
	head := fmt.Sprintf("%-5s %.2f  %s  %s  %s  %s", d.ID, d.Confidence, cmp.Or(d.PostedAt, "time unknown"), visible(d.Source), visible(d.Place), strings.Join(d.Reasons, " "))
	switch {
	case d.DecidedBy != "":
		head += fmt.Sprintf("  %s by %s", d.State, visible(d.DecidedBy))
	case d.State != "waiting":
		head += "  " + d.State
	}
	return head
}

type reviewShowCmd struct {
	ID string `arg:"" help:"Name of the post, such as D-12."`
	reviewActor
}

func (reviewShowCmd) Help() string { return "Example: resumewatch review show D-12" }

func (c reviewShowCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	d, err := app.ShowDoubt(ctx, o, c.ID, c.As)
	if err != nil {
		return err
	}
	if e.g.JSON {
		return printJSON(e.stdout, d)
	}
	fmt.Fprintln(e.stdout, doubtHead(d.DoubtLine))
	if d.Text == "" {
		_, err = fmt.Fprintln(e.stdout, "(its text is kept no more)")
		return err
	}
	for _, t := range d.Before {
		fmt.Fprintf(e.stdout, "before     %s\n", short(visible(t), 200))
	}
	fmt.Fprintf(e.stdout, "post       %s %s\n           %s\n", visible(d.Author.Name), visible(d.Author.ID), visible(d.Text))
	for _, t := range d.After {
		fmt.Fprintf(e.stdout, "after      %s\n", short(visible(t), 200))
	}
	for _, r := range d.Why {
		fmt.Fprintf(e.stdout, "reason     %s  %s\n", r.Code, visible(r.Text))
	}
	fmt.Fprintf(e.stdout, "read as    %s %s  %s\n", d.Listing.Side, strings.Join(d.Listing.Goods, " "), contactList(d.Listing.Contacts))
	if d.Until != "" {
		fmt.Fprintf(e.stdout, "until      %s\n", d.Until)
	}
	return nil
}

type reviewAcceptCmd struct {
	ID    []string `arg:"" help:"Names of posts, such as D-12."`
	Side  string   `help:"What it does, where that is read wrong: sell or buy." enum:",sell,buy" default:""`
	Goods []string `help:"What it is about, where that is read wrong: resume_data, download_service, recruiter_account, account_registration, scraping_tool; several with commas." placeholder:"GOODS"`
	reviewActor
}

func (reviewAcceptCmd) Help() string {
	return "Example: resumewatch review accept D-12 --goods download_service\n\nIt waits until the post is in search and its offer is judged. What a person decided stays, whatever later versions of the extractor say of the same words."
}

func (c reviewAcceptCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	done, err := app.AcceptDoubts(ctx, o, app.AcceptOptions{IDs: c.ID, Side: c.Side, Goods: c.Goods, As: c.As})
	for _, d := range done {
		if e.g.JSON {
			if err := printJSON(e.stdout, d); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(e.stdout, "%s: listing %s, offer %s %s\n", d.ID, d.ListingID, d.OfferID, strings.Join(d.Alerts, " "))
	}
	return err
}

type reviewRejectCmd struct {
	ID []string `arg:"" help:"Names of posts, such as D-12."`
	reviewActor
}

func (reviewRejectCmd) Help() string { return "Example: resumewatch review reject D-12 D-13" }

func (c reviewRejectCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	done, err := app.RejectDoubts(ctx, o, c.ID, c.As)
	for _, id := range done {
		if e.g.JSON {
			if err := printJSON(e.stdout, map[string]string{"id": id, "state": "rejected"}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(e.stdout, "%s: rejected\n", id)
	}
	return err
}
