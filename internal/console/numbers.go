package console

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"time"

	"resumewatch/internal/casebook"
)

// openTime is the patience with a page that opens many captures; the server's own is longer.
const openTime = 50 * time.Second

// numbersView is what the page of an offer's numbers of resumes shows.
type numbersView struct {
	Offer   casebook.OfferFacts
	Reason  string
	Problem string
	Read    bool
	Found   ResumeIDs
	Closed  string // why some captures could not be opened
}

// numbersPage asks the platform's people for the reason.
func (c *Console) numbersPage(v *visit) error {
	offer, err := c.Book.OfferFacts(v.Context(), v.PathValue("id"))
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "numbers.html", numbersView{Offer: offer})
}

// numbers opens an offer's captures and shows the numbers of resumes in its samples,
// as a page or, for `as=csv`, as a file. Nothing of them is kept here.
func (c *Console) numbers(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(v.Context(), openTime)
	defer cancel()
	view := numbersView{}
	var err error
	if view.Offer, err = c.Book.OfferFacts(ctx, v.PathValue("id")); err != nil {
		return err
	}
	if view.Reason, view.Problem = v.reason(); view.Problem != "" {
		return v.render(http.StatusUnprocessableEntity, "numbers.html", view)
	}
	if view.Found, err = c.Originals.ResumeIDs(ctx, view.Offer.ID, view.Reason, v.act(v.user.Name)); err != nil {
		return err
	}
	view.Read = true
	if view.Found.Closed != nil {
		view.Closed = c.closed(v, "numbers of resumes", view.Found.Closed)
	}
	if v.PostForm.Get("as") != "csv" {
		return v.render(http.StatusOK, "numbers.html", view)
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="resume-ids-%.16s.csv"`, view.Offer.ID))
	out := csv.NewWriter(v.w)
	_ = out.Write([]string{"offer_id", "resume_id"}) // the visitor is gone: nobody to tell
	for _, id := range view.Found.IDs {
		_ = out.Write([]string{view.Offer.ID, cell(id)})
	}
	out.Flush()
	return nil
}

// cell keeps a spreadsheet from running what a seller wrote.
func cell(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r") {
		return "'" + s
	}
	return s
}
