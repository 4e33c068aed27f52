package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"resumewatch/internal/casebook"
)

type alertCmd struct {
	List alertListCmd `cmd:"" help:"List alerts, the gravest first."`
	Show alertShowCmd `cmd:"" help:"Show one alert with its listings and history."`
}

type alertListCmd struct {
	State    string `help:"Only this state: new, triaged, confirmed, actioned, closed, dismissed." enum:",new,triaged,confirmed,actioned,closed,dismissed" default:""`
	Severity string `help:"Only this severity: low, medium, high, critical." enum:",low,medium,high,critical" default:""`
	Kind     string `help:"Only this kind: market, health." enum:",market,health" default:""`
	Limit    int    `help:"Most alerts to print; 0 is all." default:"50"`
}

func (alertListCmd) Help() string { return "Example: resumewatch alert list --severity high" }

func (c alertListCmd) Run(ctx context.Context, e *environment) error {
	r, err := e.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	alerts, err := r.Book.Alerts(ctx, casebook.AlertFilter{State: c.State, Severity: c.Severity, Kind: c.Kind, Limit: c.Limit})
	if err != nil {
		return err
	}
	for _, a := range alerts {
		if e.g.JSON {
			if err := printJSON(e.stdout, a); err != nil {
				return err
			}
			continue
		}
		printAlertLine(e.stdout, a, terminal(e.stdout))
	}
	return nil
}

type alertShowCmd struct {
	ID string `arg:"" help:"Name of the alert, such as A-12."`
}

func (alertShowCmd) Help() string { return "Example: resumewatch alert show A-1" }

func (c alertShowCmd) Run(ctx context.Context, e *environment) error {
	r, err := e.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	a, err := r.Alert(ctx, c.ID)
	if err != nil {
		return err
	}
	if e.g.JSON {
		return printJSON(e.stdout, a)
	}
	printAlertLine(e.stdout, a.Alert, terminal(e.stdout))
	fmt.Fprintf(e.stdout, "state      %s\nrule       %s\noffer      %s\nseller     %s\nsightings  %d, %s to %s\n", a.State, a.Rule, a.OfferID, a.SellerID, a.Sightings,
		a.FirstSeen.Local().Format(time.DateTime), a.LastSeen.Local().Format(time.DateTime))
	for _, reason := range a.Reasons {
		fmt.Fprintf(e.stdout, "reason     %s  %s\n", reason.Code, visible(reason.Text))
	}
	for _, f := range a.Law {
		fmt.Fprintf(e.stdout, "law        %s %s; %s; %s\n", f.Kind, f.Figure, f.Threshold, f.Article)
	}
	for _, h := range a.Listings {
		fmt.Fprintf(e.stdout, "listing    %s  %s  %s\n           %s\n", cmp.Or(h.PostedAt, "time unknown"), visible(h.Place), visible(h.Author.Name), visible(h.Text))
	}
	for _, ev := range a.History {
		fmt.Fprintf(e.stdout, "history    %s  %s %s %s\n", ev.At.Local().Format(time.DateTime), cmp.Or(ev.Who, "resumewatch"), ev.Action, visible(ev.Detail))
	}
	return nil
}
