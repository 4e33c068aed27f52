package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"resumewatch/internal/app"
	"resumewatch/internal/casebook"
	"resumewatch/internal/privacy"
)

type privacyCmd struct {
	Report  privacyReportCmd  `cmd:"" help:"Say where a person's records were shown."`
	Erase   privacyEraseCmd   `cmd:"" help:"Take a person out of what is stored; prints the certificate."`
	Unmask  privacyUnmaskCmd  `cmd:"" help:"See listings as they were posted."`
	Approve privacyApproveCmd `cmd:"" help:"Let another person see what they asked for."`
	Rotate  privacyRotateCmd  `cmd:"" help:"Make new keys of the blind index, or drop the older ones."`
}

// person is one value of somebody; - reads it from standard input, so that it is in
// no list of processes and no history of a shell.
type person struct {
	Phone    string `help:"Mobile number; - reads it from standard input." xor:"who" required:"" placeholder:"N"`
	Email    string `help:"Mailbox." xor:"who" required:"" placeholder:"M"`
	IDNumber string `name:"id-number" help:"Identity number." xor:"who" required:"" placeholder:"N"`
	ResumeID string `name:"resume-id" help:"Number of a resume." xor:"who" required:"" placeholder:"N"`
	As       string `help:"Who acts (default: RESUMEWATCH_USER, or the only administrator)." placeholder:"USER"`
}

func (p person) options(stdin io.Reader) (app.PersonOptions, error) {
	out := app.PersonOptions{As: p.As}
	for _, v := range [][2]string{
		{privacy.BlindPhone, p.Phone}, {privacy.BlindEmail, p.Email}, {privacy.BlindIDNumber, p.IDNumber}, {privacy.BlindResumeID, p.ResumeID},
	} {
		if v[1] != "" {
			out.Kind, out.Value = v[0], v[1]
		}
	}
	if out.Value != "-" {
		return out, nil
	}
	line, err := bufio.NewReader(io.LimitReader(stdin, 1024)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return out, err
	}
	if out.Value = strings.TrimSpace(line); out.Value == "" {
		return out, app.Usagef("--%s -: nothing came", strings.ReplaceAll(out.Kind, "_", "-"))
	}
	return out, nil
}

type privacyReportCmd struct{ person }

func (privacyReportCmd) Help() string {
	return "Example: resumewatch privacy report --phone 13800138000 --as wang.fang"
}

func (c privacyReportCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	p, err := c.person.options(e.stdin)
	if err != nil {
		return err
	}
	r, err := app.ReportPerson(ctx, o, p)
	if err != nil {
		return err
	}
	if e.g.JSON {
		return printJSON(e.stdout, r)
	}
	if r.Erased != "" {
		fmt.Fprintf(e.stdout, "erased on %s and not taken up since\n", r.Erased)
	}
	fmt.Fprintf(e.stdout, "%d records in %d listings of %d sellers, %d captures\n", r.Records, len(r.Listings), len(r.Sellers), len(r.Captures))
	for _, l := range r.Listings {
		fmt.Fprintf(e.stdout, "%s  %s  %-6s %s  %s  capture %.16s\n", l.ListingID, l.PostedAt, l.SellerID, visible(l.Place), visible(strings.Join(l.Sources, ",")), l.Capture)
	}
	for _, id := range r.Contact {
		fmt.Fprintf(e.stdout, "%s  gives it as the seller's contact\n", id)
	}
	return nil
}

type privacyEraseCmd struct {
	person
	Reason string `required:"" help:"Why; it is kept in the log." placeholder:"T"`
}

func (privacyEraseCmd) Help() string {
	return "Example: resumewatch privacy erase --phone 13800138000 --reason request-7\n\nSealed captures stay as evidence; the certificate names them. `evidence erase-key` takes a month of them."
}

func (c privacyEraseCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	p, err := c.person.options(e.stdin)
	if err != nil {
		return err
	}
	p.Reason = c.Reason
	done, err := app.ErasePerson(ctx, o, p)
	if err != nil {
		return err
	}
	if e.g.JSON {
		return printJSON(e.stdout, done)
	}
	fmt.Fprintf(e.stdout, "Erased: %d records of %d listings; %d texts masked again. Event %d of the custody log says so.\n", done.Records, len(done.Listings), done.Texts, done.Event)
	for _, d := range done.Captures {
		fmt.Fprintf(e.stdout, "sealed evidence stays: capture %s\n", d)
	}
	return nil
}

type privacyUnmaskCmd struct {
	Grade    string   `help:"How much: whole, or display (138****8000)." enum:"whole,display" default:"whole"`
	Reason   string   `required:"" help:"Why; it is kept in the log." placeholder:"T"`
	Identity []string `help:"age identity file that opens captures (default: evidence.identity_file, then data/keys); repeatable." type:"path" placeholder:"FILE"`
	As       string   `help:"Who acts (default: RESUMEWATCH_USER, or the only administrator)." placeholder:"USER"`
	Listing  []string `arg:"" help:"Ids of listings. More than one, or more than five in a day, need a second person."`
}

func (privacyUnmaskCmd) Help() string {
	return "Example: resumewatch privacy unmask 3f2a9c41d0e5b6a7 --reason C-3\n\nWhat is shown holds other people's data; that you saw it is in the custody log."
}

func (c privacyUnmaskCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	grade, err := privacy.ParseGrade(c.Grade)
	if err != nil {
		return err
	}
	return app.Unmask(ctx, o, app.UnmaskOptions{Listings: c.Listing, Reason: c.Reason, Grade: grade, Identity: c.Identity, As: c.As}, func(u app.Unmasked) error {
		if e.g.JSON {
			return printJSON(e.stdout, u)
		}
		_, err := fmt.Fprintf(e.stdout, "%s  %s, until %s\n%s\n", u.ListingID, u.Grant, u.Until, visible(u.Text))
		return err
	})
}

type privacyApproveCmd struct {
	Request string `arg:"" help:"Request of another person: U-3."`
	As      string `help:"Who acts (default: RESUMEWATCH_USER, or the only administrator)." placeholder:"USER"`
}

func (privacyApproveCmd) Help() string {
	return "Example: resumewatch privacy approve U-3 --as li.na"
}

func (c privacyApproveCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	g, err := app.ApproveUnmask(ctx, o, c.Request, c.As)
	if err != nil {
		return err
	}
	if e.g.JSON {
		return printJSON(e.stdout, struct {
			Grant    string   `json:"grant"`
			Who      string   `json:"who"`
			Listings []string `json:"listings"`
			Until    string   `json:"until"`
		}{casebook.GrantID(g.Num), g.Who, g.Listings, app.Stamp(g.Until)})
	}
	_, err = fmt.Fprintf(e.stdout, "%s may see %d listings until %s.\n", g.Who, len(g.Listings), app.Stamp(g.Until))
	return err
}

type privacyRotateCmd struct {
	Kind      string `help:"Only the key of this kind: phone, email, id_number, resume_id, person." enum:",phone,email,id_number,resume_id,person" default:""`
	DropOlder bool   `help:"Make no new key: drop those that are out of use, and what stands under them."`
	As        string `help:"Who acts (default: RESUMEWATCH_USER, or the only administrator)." placeholder:"USER"`
}

func (privacyRotateCmd) Help() string {
	return "Example: resumewatch privacy rotate --kind phone\n\nStop what runs before, or start it again after it. `resumewatch reread` counts the people of older listings under the new key; then --drop-older."
}

func (c privacyRotateCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	done, err := app.RotateBlind(ctx, o, c.Kind, c.DropOlder, c.As)
	for _, k := range done {
		if e.g.JSON {
			if err := printJSON(e.stdout, k); err != nil {
				return err
			}
			continue
		}
		switch {
		case c.DropOlder && len(k.Dropped) == 0:
			fmt.Fprintf(e.stdout, "%s: no older key\n", k.Kind)
		case c.DropOlder:
			fmt.Fprintf(e.stdout, "%s: %d older keys dropped, and %d values that were counted under them\n", k.Kind, len(k.Dropped), k.Values)
		default:
			fmt.Fprintf(e.stdout, "%s: key %d is in use for what is read from now on; %d values stand under older ones\n", k.Kind, k.Key, k.Values)
		}
	}
	return err
}
