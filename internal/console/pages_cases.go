package console

import (
	"context"
	"net/http"
	"time"

	"resumewatch/internal/casebook"
)

const casesPerPage = 50

// casesView is what the list of cases shows.
type casesView struct {
	Now   time.Time
	Cases []caseRow
	All   int
	Page  pager
}

// caseRow is one case of the list.
type caseRow struct {
	casebook.Case
	ID string
}

// casesPage lists cases, the newest first.
func (c *Console) casesPage(v *visit) error {
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	view := casesView{Now: c.Now()}
	var err error
	if view.All, err = c.Book.CountCases(ctx); err != nil {
		return err
	}
	n := leaf(v.Request)
	view.Page = pages("/cases?", n, view.All, casesPerPage)
	all, err := c.Book.Cases(ctx, casesPerPage, (n-1)*casesPerPage)
	if err != nil {
		return err
	}
	for _, one := range all {
		view.Cases = append(view.Cases, caseRow{one, casebook.CaseID(one.Num)})
	}
	return v.render(http.StatusOK, "cases.html", view)
}

// caseView is what the page of a case shows.
type caseView struct {
	Now   time.Time
	ID    string
	Case  casebook.CaseFacts
	Notes []casebook.CaseEvent // the latest first
}

// casePage shows one case.
func (c *Console) casePage(v *visit) error {
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	num, ok := casebook.CaseNumber(v.PathValue("id"))
	if !ok {
		return casebook.ErrNotFound
	}
	if id := casebook.CaseID(num); id != v.PathValue("id") {
		http.Redirect(v.w, v.Request, "/cases/"+id, http.StatusFound)
		return nil
	}
	f, err := c.Book.Case(ctx, num)
	if err != nil {
		return err
	}
	view := caseView{Now: c.Now(), ID: casebook.CaseID(num), Case: f}
	for i := len(f.History) - 1; i >= 0; i-- {
		if f.History[i].Action == casebook.CaseNoted {
			view.Notes = append(view.Notes, f.History[i])
		}
	}
	return v.render(http.StatusOK, "case.html", view)
}
