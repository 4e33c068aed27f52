package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"resumewatch/extractors/shape"
	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
)

const (
	unmaskAtOnce = 50 // listings of one request
	looksShown   = 10 // earlier looks at a listing
	grantsShown  = 100
	maxReason    = 1000 // bytes
)

// unmaskView is what the page about originals shows.
type unmaskView struct {
	Now      time.Time
	Listings []unmaskListing
	Reason   string
	Grade    string
	Problem  string
	Waits    string          // U-3: another person has to approve first
	Grant    *casebook.Grant // what was shown is shown by this
	Waiting  []casebook.Grant
	Mine     []casebook.Grant
	Alone    int // listings that one person may see in a day without a second one
}

// unmaskListing is one listing, masked or as it was posted.
type unmaskListing struct {
	casebook.Row
	Shown    bool
	Exact    bool
	Pieces   []piece
	Closed   string // why it can't be opened
	Earlier  []casebook.AuditEntry
	original casebook.Original
	open     Original
}

// GrantID is for the template.
func (unmaskView) GrantID(num int64) string { return casebook.GrantID(num) }

// unmaskPage asks for the reason to see listings (?listing=…), or lists requests.
func (c *Console) unmaskPage(v *visit) error {
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	view, err := c.unmaskView(ctx, v, v.URL.Query()["listing"])
	if err != nil {
		return err
	}
	return c.renderUnmask(ctx, v, http.StatusOK, view)
}

func (c *Console) unmaskView(ctx context.Context, v *visit, ids []string) (unmaskView, error) {
	view := unmaskView{Now: c.Now(), Grade: string(privacy.Display), Alone: casebook.UnmaskAlone}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) > unmaskAtOnce {
		return view, &problem{status: http.StatusBadRequest, key: "unmask.many", args: []any{unmaskAtOnce}}
	}
	rows, err := c.Book.Rows(ctx, ids)
	if err != nil {
		return view, err
	}
	if len(rows) != len(ids) {
		return view, casebook.ErrNotFound
	}
	for _, r := range rows {
		if !r.Live && r.Text == "" {
			return view, casebook.ErrNotFound
		}
		l := unmaskListing{Row: r, Pieces: pieces(r.Text, nil, readings(v.lang, &r.Listing, r.Spans, r.Text))}
		if l.Earlier, err = c.Book.LooksAt(ctx, r.ID, looksShown); err != nil {
			return view, err
		}
		view.Listings = append(view.Listings, l)
	}
	return view, nil
}

// renderUnmask adds the requests that concern the visitor.
func (c *Console) renderUnmask(ctx context.Context, v *visit, status int, view unmaskView) error {
	if len(view.Listings) > 0 {
		return v.render(status, "unmask.html", view)
	}
	var err error
	if v.user.May(permApprove) {
		if view.Waiting, err = c.Book.WaitingGrants(ctx, view.Now, grantsShown); err != nil {
			return err
		}
	}
	if view.Mine, err = c.Book.GrantsOf(ctx, v.user.Name, view.Now); err != nil {
		return err
	}
	return v.render(status, "unmask.html", view)
}

// unmask shows listings as they were posted, when the visitor may see them now. Each
// is noted before it is shown.
func (c *Console) unmask(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	view, err := c.unmaskView(ctx, v, v.PostForm["listing"])
	if err != nil {
		return err
	}
	if len(view.Listings) == 0 {
		return &problem{status: http.StatusBadRequest, key: "error.form"}
	}
	grade, err := privacy.ParseGrade(v.PostForm.Get("grade"))
	if err != nil {
		return &problem{status: http.StatusBadRequest, key: "error.form"}
	}
	view.Grade = string(grade)
	if view.Reason, view.Problem = v.reason(); view.Problem != "" {
		return c.renderUnmask(ctx, v, http.StatusUnprocessableEntity, view)
	}
	by := v.act(v.user.Name)
	var ids []string
	for _, l := range view.Listings {
		ids = append(ids, l.ID)
	}
	grant, err := c.Book.AskUnmask(ctx, ids, view.Reason, by)
	if err != nil {
		return err
	}
	if grant.Until.IsZero() {
		view.Waits = casebook.GrantID(grant.Num)
		return c.renderUnmask(ctx, v, http.StatusAccepted, view)
	}
	view.Grant = &grant
	device, _ := os.Hostname() // unknown is empty
	for i := range view.Listings {
		l := &view.Listings[i]
		if l.original, err = c.Book.OriginalOf(ctx, l.ID); err != nil {
			return err
		}
		if l.open, err = c.Originals.Original(ctx, l.original); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			l.Closed = c.closed(v, "unmask", err)
			continue
		}
		if err := c.Book.NoteUnmasked(ctx, grant, casebook.Look{Listing: l.ID, Role: v.user.Role, Device: device, Grade: view.Grade}, by); err != nil {
			return err
		}
		l.show(v.lang, grade)
		if l.Earlier, err = c.Book.LooksAt(ctx, l.ID, looksShown); err != nil {
			return err
		}
	}
	return c.renderUnmask(ctx, v, http.StatusOK, view)
}

// show puts the original in the place of the masked text. What was read of it is
// explained where the spans are sure to fit.
func (l *unmaskListing) show(lang language, grade privacy.Grade) {
	l.Shown, l.Exact = true, l.open.Exact
	text := privacy.MaskAs(grade, l.open.Text, l.open.Personal)
	var spans []market.Span
	if l.Exact {
		spans = l.Spans
	}
	l.Pieces = pieces(text, nil, readings(lang, &l.Listing, spans, text))
}

// closed says why something could not be opened.
func (c *Console) closed(v *visit, what string, err error) string {
	switch {
	case errors.Is(err, privacy.ErrErased):
		return v.t("unmask.erased")
	case errors.Is(err, ErrNotKept):
		return v.t("unmask.not_kept")
	case errors.Is(err, evidence.ErrNoIdentity):
		return v.t("unmask.no_identity")
	}
	c.Log.Warn("could not open a capture", "for", what, "err", err)
	return v.t("unmask.unreadable")
}

// reason is the reason of a form, without personal values: it stays in logs for ever.
func (v *visit) reason() (reason, wrong string) {
	reason = strings.TrimSpace(v.PostForm.Get("reason"))
	switch {
	case reason == "":
		return "", v.t("unmask.reason_missing")
	case len(reason) > maxReason:
		return "", v.t("unmask.reason_long")
	}
	var spans []market.Span
	for _, m := range shape.Find(reason) {
		spans = append(spans, market.Span{Start: m.Start, End: m.End})
	}
	return privacy.Mask(strings.ToValidUTF8(reason, "\uFFFD"), spans), ""
}

// approveUnmask lets another person see what they asked for.
func (c *Console) approveUnmask(v *visit) error {
	num, ok := casebook.GrantNumber(v.PathValue("id"))
	if !ok {
		return casebook.ErrNotFound
	}
	if err := v.form(); err != nil {
		return err
	}
	_, err := c.Book.ApproveUnmask(v.Context(), num, v.act(v.user.Name))
	switch {
	case errors.Is(err, casebook.ErrSamePerson):
		return &problem{status: http.StatusForbidden, key: "unmask.same_person"}
	case errors.Is(err, casebook.ErrNotFound):
		return &problem{status: http.StatusNotFound, key: "unmask.waits_not"}
	case err != nil:
		return err
	}
	http.Redirect(v.w, v.Request, "/unmask", http.StatusSeeOther)
	return nil
}

// unmaskLink is the address at which listings are asked for.
func unmaskLink(ids ...string) string { return "/unmask?" + url.Values{"listing": ids}.Encode() }

// askLink is unmaskLink for templates: of one id or several.
func askLink(ids any) string {
	switch ids := ids.(type) {
	case string:
		return unmaskLink(ids)
	case []string:
		return unmaskLink(ids...)
	}
	return ""
}
