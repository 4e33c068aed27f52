package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"resumewatch/alerts/severity"
	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

const (
	alertsPerPage = 50
	alertListings = 10 // of an alert's page
)

// Values of the filters, in the order in which they are offered.
var (
	severities  = []string{market.SeverityCritical, market.SeverityHigh, market.SeverityMedium, market.SeverityLow}
	alertStates = []string{market.AlertNew, market.AlertTriaged, market.AlertConfirmed, market.AlertActioned, market.AlertClosed, market.AlertDismissed}
	alertKinds  = []string{market.AlertMarket, market.AlertHealth}
)

// alertsView is what the list of alerts shows.
type alertsView struct {
	Now     time.Time
	Filter  casebook.AlertFilter
	Alerts  []market.Alert
	Page    pager
	Groups  []facetGroup
	All     int    // alerts without any filter
	Cleared string // address without any filter; "" when there is none
}

// alertsPage lists alerts, the gravest first.
func (c *Console) alertsPage(v *visit) error {
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	q := v.URL.Query()
	pick := func(name string, of []string) string {
		if s := q.Get(name); slices.Contains(of, s) {
			return s
		}
		return ""
	}
	f := casebook.AlertFilter{State: pick("state", alertStates), Severity: pick("severity", severities), Kind: pick("kind", alertKinds), Limit: alertsPerPage}
	counts, err := c.Book.AlertCounts(ctx)
	if err != nil {
		return err
	}
	view := alertsView{Now: c.Now(), Filter: f}
	if f.State+f.Severity+f.Kind != "" {
		view.Cleared = "/alerts"
	}
	total := 0
	for _, n := range counts {
		view.All += n.N
		if fits(n, f) {
			total += n.N
		}
	}
	view.Groups = []facetGroup{
		alertFacets("severity", severities, f, counts),
		alertFacets("state", alertStates, f, counts),
		alertFacets("kind", alertKinds, f, counts),
	}
	n := leaf(v.Request)
	view.Page = pages(alertsAddress(f)+"&", n, total, alertsPerPage)
	if view.Alerts, err = c.Book.AlertPage(ctx, f, (n-1)*alertsPerPage); err != nil {
		return err
	}
	return v.render(http.StatusOK, "alerts.html", view)
}

func fits(n casebook.AlertCount, f casebook.AlertFilter) bool {
	return (f.State == "" || n.State == f.State) && (f.Severity == "" || n.Severity == f.Severity) && (f.Kind == "" || n.Kind == f.Kind)
}

// alertFacets are the values of one filter, counted under the other two.
func alertFacets(name string, values []string, f casebook.AlertFilter, counts []casebook.AlertCount) facetGroup {
	g := facetGroup{Name: name}
	for _, value := range values {
		with, now := f, &f.Kind
		target := &with.Kind
		switch name {
		case "severity":
			now, target = &f.Severity, &with.Severity
		case "state":
			now, target = &f.State, &with.State
		}
		*target = value
		one := facet{Set: "alert_" + name, Value: value, On: *now == value}
		for _, n := range counts {
			if fits(n, with) {
				one.N += n.N
			}
		}
		if one.On {
			*target = ""
		}
		one.Link = alertsAddress(with)
		if one.N > 0 || one.On {
			g.Facets = append(g.Facets, one)
		}
	}
	return g
}

func alertsAddress(f casebook.AlertFilter) string {
	values := url.Values{}
	for _, p := range [][2]string{{"severity", f.Severity}, {"state", f.State}, {"kind", f.Kind}} {
		if p[1] != "" {
			values.Set(p[0], p[1])
		}
	}
	return "/alerts?" + values.Encode()
}

// alertView is what the page of an alert shows.
type alertView struct {
	Now      time.Time
	Alert    market.Alert
	Listings []hitView
	More     int // listings that are not shown
	History  []casebook.AlertEvent
	Search   string // address of all its listings
	People   casebook.Crowd
	Law      []severity.Figure
	Cases    []string
}

// lawTexts is how many wordings of an offer are held against the law.
const lawTexts = 200

// weigh holds the alert's offer against the law.
func (c *Console) weigh(ctx context.Context, view *alertView) error {
	if view.Alert.OfferID == "" {
		return nil
	}
	var err error
	if view.People, err = c.Book.PeopleOfOffer(ctx, view.Alert.OfferID); err != nil {
		return err
	}
	texts, err := c.Book.OfferTexts(ctx, view.Alert.OfferID, lawTexts)
	if err != nil {
		return err
	}
	var goods []string
	var stock []market.Stock
	sure := 0.0
	for _, r := range texts {
		goods, stock, sure = append(goods, r.Listing.Goods...), append(stock, r.Listing.Stock...), max(sure, r.Confidence)
	}
	view.Law = severity.Law(goods, stock, severity.Evidence{People: view.People.People, AtLeast: view.People.More}, sure)
	return nil
}

// alertPage shows one alert; the name of one that became part of another leads there.
func (c *Console) alertPage(v *visit) error {
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	num, ok := casebook.AlertNumber(v.PathValue("id"))
	if !ok {
		return casebook.ErrNotFound
	}
	a, err := c.Book.Alert(ctx, num)
	if err != nil {
		return err
	}
	if a.ID != v.PathValue("id") {
		http.Redirect(v.w, v.Request, "/alerts/"+a.ID, http.StatusFound)
		return nil
	}
	view := alertView{Now: c.Now(), Alert: a, Search: searchField("alert", a.ID)}
	rows, err := c.Book.OfferSightings(ctx, a.OfferID, alertListings, 0)
	if err != nil {
		return err
	}
	for _, r := range rows {
		h := hitView{Row: r, Excerpt: cutExcerpt(r.Text, nil)}
		if r.OfferID != "" {
			h.Link = "/offers/" + r.OfferID
		}
		view.Listings = append(view.Listings, h)
	}
	view.More = max(a.Sightings-len(rows), 0)
	if v.user.May(permCases) {
		if view.Cases, err = c.Book.CasesOf(ctx, num, a.OfferID); err != nil {
			return err
		}
	}
	if err := c.weigh(ctx, &view); err != nil {
		return err
	}
	if view.History, err = c.Book.AlertHistory(ctx, num); err != nil {
		return err
	}
	return v.render(http.StatusOK, "alert.html", view)
}
