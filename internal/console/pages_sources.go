package console

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

const (
	silentAfter   = 24 * time.Hour      // a watched source that nothing was read of for so long
	endsSoon      = 14 * 24 * time.Hour // how early the end of an authority is told
	troubledShown = 30
	problemsShown = 30
	problemsAmong = 3000 // latest problems of all sources that are looked through
)

// Health of a source, the gravest that applies: keys of messages "health.".
const (
	healthOK        = "ok"
	healthOnDemand  = "on_demand" // read when asked for: an archive, a single crawl
	healthPaused    = "paused"
	healthEnded     = "ended" // its authority
	healthSilent    = "silent"
	healthNever     = "never"
	healthLoginWall = "login_wall"
	healthBlocked   = "blocked"
	healthRobots    = "robots"
	healthError     = "error"
	healthUnread    = "unreadable"
)

// outcomeBar is one outcome's share of all visits.
type outcomeBar struct {
	Outcome market.Outcome
	N       int64
	X, W    float64 // per cent of the bar's width
}

// sourceView is one source with its health.
type sourceView struct {
	casebook.Source
	Health   string
	Grave    bool // someone should look
	EndsSoon bool
	Overdue  bool // due for a while and not visited
	Bars     []outcomeBar
	Visits   int64
	Address  string // of the place as a link; "" when it is none of the web
	Link     string // to its page
}

// judge says how a source is.
func judge(s casebook.Source, refused market.Outcome, now time.Time) sourceView {
	v := sourceView{Source: s, Link: "/sources/" + url.PathEscape(s.Name), Address: webAddress(s.URL)}
	for _, o := range market.Outcomes {
		if o != "" {
			v.Visits += s.Outcomes[o]
		}
	}
	x := 0.0
	for _, o := range market.Outcomes {
		if n := s.Outcomes[o]; n > 0 {
			w := 100 * float64(n) / float64(v.Visits)
			v.Bars = append(v.Bars, outcomeBar{o, n, x, w})
			x += w
		}
	}
	until := s.Settings.Authority.Until
	v.EndsSoon = !until.IsZero() && now.Before(until) && until.Sub(now) < endsSoon
	v.Overdue = s.Watch && s.State == casebook.SourceActive && !s.NextDue.IsZero() && now.Sub(s.NextDue) > 15*time.Minute
	switch {
	case s.State == casebook.SourcePaused:
		v.Health = healthPaused
	case s.Settings.Authority.Ended(now):
		v.Health, v.Grave = healthEnded, true
	case refused == market.OutcomeLoginWall:
		v.Health, v.Grave = healthLoginWall, true
	case refused == market.OutcomeBlocked:
		v.Health, v.Grave = healthBlocked, true
	case refused == market.OutcomeRobots:
		v.Health, v.Grave = healthRobots, true
	case refused == market.OutcomeUnreadable:
		v.Health, v.Grave = healthUnread, true
	case refused == market.OutcomeError:
		v.Health, v.Grave = healthError, true
	case !s.Watch:
		v.Health = healthOnDemand
	case s.LastRead.IsZero():
		v.Health = healthNever
	case now.Sub(s.LastRead) > silentAfter:
		v.Health, v.Grave = healthSilent, true
	default:
		v.Health = healthOK
	}
	return v
}

// sourcesView is what the list of sources shows.
type sourcesView struct {
	Now     time.Time
	Sources []sourceView
	Grave   int
}

// sourcesPage lists what is watched, those that need somebody first.
func (c *Console) sourcesPage(v *visit) error {
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	all, err := c.Book.Sources(ctx)
	if err != nil {
		return err
	}
	refused, err := c.Book.Refusals(ctx)
	if err != nil {
		return err
	}
	view := sourcesView{Now: c.Now()}
	var calm []sourceView
	for _, s := range all {
		if one := judge(s, refused[s.Name], view.Now); one.Grave {
			view.Sources = append(view.Sources, one)
		} else {
			calm = append(calm, one)
		}
	}
	view.Grave = len(view.Sources)
	view.Sources = append(view.Sources, calm...)
	return v.render(http.StatusOK, "sources.html", view)
}

// sourcePageView is what the page of a source shows.
type sourcePageView struct {
	Now      time.Time
	Source   sourceView
	Troubled []casebook.PageLook
	Problems []market.Problem
	Search   string
}

// sourcePage shows one source with what went wrong lately.
func (c *Console) sourcePage(v *visit) error {
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	name := v.PathValue("name")
	all, err := c.Book.Sources(ctx)
	if err != nil {
		return err
	}
	refused, err := c.Book.Refusals(ctx)
	if err != nil {
		return err
	}
	view := sourcePageView{Now: c.Now(), Search: searchField("source", name)}
	found := false
	for _, s := range all {
		if s.Name == name {
			view.Source, found = judge(s, refused[name], view.Now), true
		}
	}
	if !found {
		return casebook.ErrNotFound
	}
	if view.Troubled, err = c.Book.TroubledPages(ctx, name, troubledShown); err != nil {
		return err
	}
	if view.Problems, err = c.Book.RecentProblems(ctx, name, problemsShown, problemsAmong); err != nil {
		return err
	}
	return v.render(http.StatusOK, "source.html", view)
}
