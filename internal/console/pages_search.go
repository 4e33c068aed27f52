package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"resumewatch/internal/casebook"
	"resumewatch/internal/query"
	"resumewatch/internal/search"
)

const (
	hitsPerPage = 30
	surveyHits  = 1000                   // hits that the counts beside a search look at
	surveyTime  = 700 * time.Millisecond // and how long they may take
	maxQuery    = query.MaxLength * 4    // bytes of a query that are shown again
)

// hitView is a listing in a list of hits, with those of the same offer on the same page.
type hitView struct {
	casebook.Row
	Link    string // to its offer; "" while it has none
	Title   excerpt
	Excerpt excerpt
	Size    int // listings of the offer in all; 0: not known
	Repeats []casebook.Row
}

// facet is one value that a search can be narrowed to, or widened from.
type facet struct {
	Set, Value string
	N          int
	On         bool
	Link       string
}

// facetGroup is one field of facets.
type facetGroup struct {
	Name   string // of the field
	Facets []facet
}

// searchView is what the search page shows.
type searchView struct {
	Now          time.Time
	Query        string
	Since, Until string
	Spans        []string // choices of Since
	Hits         []hitView
	Survey       search.Survey
	Groups       []facetGroup
	Next         string // address; "" on the last page
	First        string // address of the newest hits; "" when these are
	Mistake      *mistakeView
	Unavailable  bool // the index can't be reached
	Empty        bool // nothing at all is known yet
}

// mistakeView shows where a query went wrong.
type mistakeView struct {
	Column            int // 0: not in the query
	Before, At, After string
	Text, Hint        string
}

// searchPage finds listings, newest first.
func (c *Console) searchPage(v *visit) error {
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	q := v.URL.Query()
	s := c.Searcher
	view := searchView{Now: s.Now(), Query: strings.TrimSpace(q.Get("q")), Since: q.Get("since"), Until: q.Get("until"), Spans: []string{"", "24h", "7d", "30d", "365d"}}
	if len(view.Query) > maxQuery {
		view.Query = strings.ToValidUTF8(view.Query[:maxQuery], "")
	}
	if !slices.Contains(view.Spans, view.Since) {
		view.Spans = append(view.Spans, view.Since)
	}
	plan, err := s.Plan(ctx, search.Request{Query: view.Query, Since: view.Since, Until: view.Until})
	if bad, ok := errors.AsType[*search.Mistake](err); ok {
		view.Mistake = mistake(v.lang, view.Query, bad)
		return v.render(http.StatusBadRequest, "search.html", view)
	}
	if err != nil {
		return err
	}
	after, err := search.ParseCursor(q.Get("after"))
	if err != nil {
		return &problem{status: http.StatusBadRequest, key: "search.bad_cursor"}
	}
	rows, next, err := s.Page(ctx, plan, after, hitsPerPage)
	if err != nil && v.Context().Err() == nil {
		c.Log.Error("search failed", "err", err)
		view.Unavailable = true
		return v.render(http.StatusServiceUnavailable, "search.html", view)
	}
	if err != nil {
		return err
	}
	if view.Hits, err = c.hits(ctx, plan.Query, rows); err != nil {
		return err
	}
	if next != nil {
		view.Next = view.address(view.Query, next.String())
	}
	if after != nil {
		view.First = view.address(view.Query, "")
	}
	if err := c.survey(ctx, plan, &view); err != nil {
		return err
	}
	if view.Query == "" && view.Since == "" && view.Until == "" && len(view.Hits) == 0 && after == nil {
		view.Empty = true
	}
	return v.render(http.StatusOK, "search.html", view)
}

func (c *Console) survey(ctx context.Context, plan search.Plan, view *searchView) error {
	ctx, cancel := context.WithTimeout(ctx, surveyTime)
	defer cancel()
	var err error
	if view.Survey, err = c.Searcher.Survey(ctx, plan, surveyHits); err != nil {
		return err
	}
	view.Groups = []facetGroup{
		view.facets(query.FieldSide, "side", view.Survey.Sides),
		view.facets(query.FieldGoods, "goods", view.Survey.Goods),
		view.facets(query.FieldPlatform, "platform", view.Survey.Platforms),
	}
	return nil
}

// address is the search page for a query, from a cursor on.
func (view searchView) address(q, after string) string {
	values := url.Values{}
	for _, p := range [][2]string{{"q", q}, {"since", view.Since}, {"until", view.Until}, {"after", after}} {
		if p[1] != "" {
			values.Set(p[0], p[1])
		}
	}
	if len(values) == 0 {
		return "/"
	}
	return "/?" + values.Encode()
}

// WithoutTime is the address of the same search over all times.
func (view searchView) WithoutTime() string {
	view.Since, view.Until = "", ""
	return view.address(view.Query, "")
}

// facets are the values that were met, the most frequent first; one that the
// query has already takes itself out.
func (view searchView) facets(name, set string, counts map[string]int) facetGroup {
	g := facetGroup{Name: name}
	for value, n := range counts {
		if value == "" {
			continue
		}
		q, on := toggle(view.Query, name+":"+value)
		g.Facets = append(g.Facets, facet{Set: set, Value: value, N: n, On: on, Link: view.address(q, "")})
	}
	slices.SortFunc(g.Facets, func(a, b facet) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return strings.Compare(a.Value, b.Value)
	})
	return g
}

// toggle takes a word out of a query that holds it as a word of its own, or else
// adds it so that it holds for the whole query.
func toggle(q, word string) (out string, was bool) {
	words := strings.Fields(q)
	if i := slices.Index(words, word); i >= 0 && !strings.ContainsAny(q, "\"“”「」()（）") && !slices.Contains(words, "OR") {
		return strings.Join(slices.Delete(words, i, i+1), " "), true
	}
	switch {
	case q == "":
		return word, false
	case slices.Contains(words, "OR"):
		return "(" + q + ") " + word, false
	}
	return q + " " + word, false
}

// hits makes the rows of a page ready: marked, cut, repeats of one offer together.
func (c *Console) hits(ctx context.Context, q query.Node, rows []casebook.Row) ([]hitView, error) {
	out := []hitView{}
	var offers []string
	for _, r := range rows {
		offers = append(offers, r.OfferID)
	}
	slices.Sort(offers)
	sizes, err := c.Book.OfferSizes(ctx, slices.Compact(offers))
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for _, r := range rows {
		if i, ok := at[r.OfferID]; ok && r.OfferID != "" {
			out[i].Repeats = append(out[i].Repeats, r)
			continue
		}
		at[r.OfferID] = len(out)
		title, text := r.Title, r.Text
		if strings.HasPrefix(text, title) { // the text begins with it: once is enough
			text = strings.TrimLeft(text[len(title):], "\n")
		}
		h := hitView{Row: r, Title: cutExcerpt(title, query.Highlight(q, title)), Excerpt: cutExcerpt(text, query.Highlight(q, text)), Size: sizes[r.OfferID]}
		if r.OfferID != "" {
			h.Link = "/offers/" + r.OfferID
		}
		out = append(out, h)
	}
	return out, nil
}

// mistake shows a query around the column that its mistake names.
func mistake(l language, q string, m *search.Mistake) *mistakeView {
	view := &mistakeView{Column: m.Column, Text: m.Err.Error(), Hint: l.message("mistake." + m.Part)}
	if bad, ok := errors.AsType[*query.Error](m.Err); ok {
		view.Text = bad.Message
	}
	view.Text = l.mistakeText(view.Text)
	if m.Column < 1 {
		return view
	}
	from := forth(q, 0, m.Column-1)
	to := forth(q, from, 1)
	view.Before, view.At, view.After = q[back(q, from, 200):from], q[from:to], q[to:forth(q, to, 200)]
	if !utf8.ValidString(view.At) || view.At == "" {
		view.At = " "
	}
	return view
}
