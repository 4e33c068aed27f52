package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

const doubtsPerPage = 20

// reviewView is what the page of doubtful posts shows.
type reviewView struct {
	Now     time.Time
	Doubts  []doubtRow
	Page    pager
	Groups  []facetGroup
	All     int // that wait, of all sources
	Source  string
	Number  int    // of the page
	Problem string // why what was asked for could not be done
	Done    string // what was done before
	Goods   []string
}

// doubtRow is one doubtful post.
type doubtRow struct {
	casebook.Doubt
	DoubtText
	ID     string
	Gone   bool // its text can't be read any more
	Pieces []piece
	Until  time.Time
}

// doubtKept is how long the text of a doubtful post waits.
const doubtKept = 30 * 24 * time.Hour

// reviewPage lists the posts that wait, the likeliest first.
func (c *Console) reviewPage(v *visit) error {
	q := v.URL.Query()
	view := reviewView{Source: q.Get("source"), Number: leaf(v.Request)}
	if _, ok := casebook.DoubtNumber(q.Get("id")); ok && slices.Contains([]string{casebook.DoubtAccepted, casebook.DoubtRejected}, q.Get("done")) {
		view.Done = v.t("review.done."+q.Get("done"), q.Get("id"))
	}
	return c.renderReview(v, http.StatusOK, view)
}

func (c *Console) renderReview(v *visit, status int, view reviewView) error {
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	view.Now, view.Goods = c.Now(), market.Goods
	counts, err := c.Book.DoubtCounts(ctx)
	if err != nil {
		return err
	}
	total := 0
	group := facetGroup{Name: "source"}
	for _, n := range counts {
		if n.State != casebook.DoubtWaiting {
			continue
		}
		view.All += int(n.N)
		one := facet{Set: "review_source", Value: n.Source, N: int(n.N), On: n.Source == view.Source, Link: reviewAddress(n.Source)}
		if one.On {
			one.Link = reviewAddress("")
		}
		if one.On || view.Source == "" {
			total += one.N
		}
		group.Facets = append(group.Facets, one)
	}
	view.Groups = []facetGroup{group}
	view.Page = pages(reviewAddress(view.Source)+"&", view.Number, total, doubtsPerPage)
	all, err := c.Book.Doubts(ctx, casebook.DoubtFilter{State: casebook.DoubtWaiting, Source: view.Source, Limit: doubtsPerPage, Skip: (view.Number - 1) * doubtsPerPage})
	if err != nil {
		return err
	}
	for _, d := range all {
		row := doubtRow{Doubt: d, ID: casebook.DoubtID(d.Num), Until: d.SeenAt.Add(doubtKept)}
		var ok bool
		if row.DoubtText, ok, err = c.Doubts.Show(ctx, d); err != nil {
			return err
		}
		row.Gone = !ok
		row.Pieces = pieces(row.Text, nil, readings(v.lang, &row.Reading.Listing, row.Reading.Spans, row.Text))
		view.Doubts = append(view.Doubts, row)
	}
	return v.render(status, "review.html", view)
}

func reviewAddress(source string) string {
	values := url.Values{}
	if source != "" {
		values.Set("source", source)
	}
	return "/review?" + values.Encode()
}

// review decides about one post.
func (c *Console) review(v *visit) error {
	num, ok := casebook.DoubtNumber(v.PathValue("id"))
	if !ok {
		return casebook.ErrNotFound
	}
	if err := v.form(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	by, done := v.act(v.user.Name), v.PostForm.Get("decision")
	var err error
	switch done {
	case casebook.DoubtAccepted:
		err = c.acceptDoubt(ctx, v, num, by)
	case casebook.DoubtRejected:
		err = c.rejectDoubt(ctx, num, by)
	default:
		return &problem{status: http.StatusBadRequest, key: "error.form"}
	}
	var decided *casebook.DecidedError
	source := v.PostForm.Get("source")
	switch {
	case errors.As(err, &decided):
		d := decided.Doubt
		said := v.t("review.expired", casebook.DoubtID(d.Num))
		if d.By != "" {
			said = v.t("review.decided."+d.State, casebook.DoubtID(d.Num), d.By)
		}
		return c.renderReview(v, http.StatusConflict, reviewView{Source: source, Number: 1, Problem: said})
	case errors.Is(err, casebook.ErrNotFound):
		return c.renderReview(v, http.StatusNotFound, reviewView{Source: source, Number: 1, Problem: v.t("review.settled", casebook.DoubtID(num))})
	case err != nil:
		return err
	}
	to := url.Values{"done": {done}, "id": {casebook.DoubtID(num)}}
	if source != "" {
		to.Set("source", source)
	}
	http.Redirect(v.w, v.Request, "/review?"+to.Encode(), http.StatusSeeOther)
	return nil
}

// acceptDoubt orders the listing of a post; workers make it.
func (c *Console) acceptDoubt(ctx context.Context, v *visit, num int64, by casebook.Act) error {
	d := casebook.Decision{Side: v.PostForm.Get("side")}
	for _, g := range market.Goods {
		if slices.Contains(v.PostForm["goods"], g) {
			d.Goods = append(d.Goods, g)
		}
	}
	slices.Sort(d.Goods)
	if !slices.Contains([]string{"", market.SideSell, market.SideBuy}, d.Side) {
		return &problem{status: http.StatusBadRequest, key: "error.form"}
	}
	run, err := c.Book.StartRun(ctx, "review", by.At)
	if err != nil {
		return err
	}
	_, err = c.Book.AcceptDoubt(ctx, num, d, run, by)
	return err
}

func (c *Console) rejectDoubt(ctx context.Context, num int64, by casebook.Act) error {
	d, err := c.Book.Doubt(ctx, num)
	if err != nil {
		return err
	}
	if _, err := c.Book.RejectDoubt(ctx, num, by); err != nil {
		return err
	}
	if err := c.Doubts.Forget(ctx, d.Item); err != nil {
		c.Log.Warn("a rejected post stays in the spool until it is swept", "err", err)
	}
	return nil
}
