package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"resumewatch/internal/casebook"
	"resumewatch/internal/privacy"
)

// Who may do what with cases.
var (
	caseWorkers = []string{casebook.RoleAnalyst, casebook.RoleReviewer, casebook.RoleAdmin}
	holders     = []string{casebook.RoleReviewer, casebook.RoleAdmin}
)

// Most bytes of what people write into a case.
const (
	maxCaseName = 200
	maxCaseNote = 10_000
)

// CaseLine is one case as `case list` prints it.
type CaseLine struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	State     string `json:"state"` // open, closed
	Hold      bool   `json:"hold"`
	Items     int    `json:"items"`
	CreatedAt string `json:"created_at"`
	CreatedBy string `json:"created_by"`
}

// CaseDetail is one case as `case show` prints it.
type CaseDetail struct {
	CaseLine
	Alerts  []CaseAlert `json:"alerts"`
	Offers  []string    `json:"offers"`
	Sellers []string    `json:"sellers"`
	Sources []string    `json:"sources"`
	Gone    []string    `json:"gone"` // that were added and have been dropped since
	Notes   []CaseEntry `json:"notes"`
	History []CaseEntry `json:"history"` // without the notes
	Held    CaseHeld    `json:"held"`
}

// CaseAlert is an alert of a case.
type CaseAlert struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	State    string `json:"state"`
	Title    string `json:"title"`
	OfferID  string `json:"offer_id"`
	SellerID string `json:"seller_id"`
}

// CaseEntry is a note, or a line of the history.
type CaseEntry struct {
	At     string `json:"at"`
	Who    string `json:"who"`
	Action string `json:"action,omitempty"`
	Text   string `json:"text"`
}

// CaseHeld is what the hold of a case keeps; nothing when none is on.
type CaseHeld struct {
	Offers   int64          `json:"offers"`
	Posts    int64          `json:"posts"`
	Captures int64          `json:"captures"`
	Bytes    int64          `json:"bytes"`    // sealed
	Resealed int64          `json:"resealed"` // captures that the hold's own key seals
	Months   map[string]int `json:"months"`   // captures that the keys of months seal
	Lost     map[string]int `json:"lost"`     // of those: the key was erased before
}

func caseLine(c casebook.Case) CaseLine {
	return CaseLine{casebook.CaseID(c.Num), c.Name, c.State, c.Hold, c.Items, stamp(c.Created), c.By}
}

// Cases lists cases, the newest first; limit 0 is all.
func (r *Reader) Cases(ctx context.Context, limit int) ([]CaseLine, error) {
	all, err := r.Book.Cases(ctx, limit, 0)
	out := make([]CaseLine, len(all))
	for i, c := range all {
		out[i] = caseLine(c)
	}
	return out, err
}

// Case finds a case by its name (C-3).
func (r *Reader) Case(ctx context.Context, id string) (CaseDetail, error) {
	num, err := caseNumber(id)
	if err != nil {
		return CaseDetail{}, err
	}
	return caseDetail(ctx, r.opts, r.Book, num)
}

func caseDetail(ctx context.Context, o Options, book *casebook.Book, num int64) (CaseDetail, error) {
	f, err := book.Case(ctx, num)
	if err != nil {
		return CaseDetail{}, caseError(err, num)
	}
	d := CaseDetail{CaseLine: caseLine(f.Case), Alerts: []CaseAlert{}, Offers: f.Offers, Sellers: f.Sellers, Sources: f.Sources, Gone: []string{}, Notes: []CaseEntry{}, History: []CaseEntry{}}
	for _, a := range f.Alerts {
		d.Alerts = append(d.Alerts, CaseAlert{a.ID, a.Severity, a.State, a.Title, a.OfferID, a.SellerID})
	}
	for _, i := range f.Gone {
		d.Gone = append(d.Gone, i.ID)
	}
	for _, e := range f.History {
		if e.Action == casebook.CaseNoted {
			d.Notes = append(d.Notes, CaseEntry{At: stamp(e.At), Who: e.Who, Text: e.Detail})
		} else {
			d.History = append(d.History, CaseEntry{stamp(e.At), e.Who, e.Action, e.Detail})
		}
	}
	d.Held, err = caseHeld(ctx, o, book, f.Case, f.Held)
	return d, err
}

// caseHeld adds to the sum of a hold what keys have to do with it.
func caseHeld(ctx context.Context, o Options, book *casebook.Book, c casebook.Case, sum casebook.HeldSum) (CaseHeld, error) {
	h := CaseHeld{Offers: sum.Offers, Posts: sum.Posts, Captures: sum.Captures, Bytes: sum.Bytes, Resealed: sum.Resealed, Months: map[string]int{}, Lost: map[string]int{}}
	if !c.Hold {
		return h, nil
	}
	keys, err := keyring(o)
	if err != nil {
		return h, err
	}
	if h.Months, err = book.HeldMonths(ctx, c.Num); err != nil {
		return h, err
	}
	erased, unfinished, err := keys.Erasures()
	if err != nil {
		return h, err
	}
	gone := map[string]bool{}
	for _, e := range erased {
		gone[e.Month] = true
	}
	for _, month := range unfinished {
		gone[month] = false
	}
	for month, n := range h.Months {
		if gone[month] {
			h.Lost[month] = n
		}
	}
	return h, nil
}

// changeCase does something with a case, as somebody of one of the roles.
func changeCase(ctx context.Context, o Options, id, as string, roles []string, do func(book *casebook.Book, num int64, by casebook.Act) error) error {
	num, err := caseNumber(id)
	if err != nil {
		return err
	}
	return withBook(ctx, o, func(book *casebook.Book) error {
		by, _, err := acting(ctx, o, book, as, roles)
		if err != nil {
			return err
		}
		return caseError(do(book, num, by), num)
	})
}

func caseNumber(id string) (int64, error) {
	num, ok := casebook.CaseNumber(id)
	if !ok {
		return 0, Usagef("%q is no case; they are called C-1, C-2 …", id)
	}
	return num, nil
}

// caseError says what to do about it.
func caseError(err error, num int64) error {
	id := casebook.CaseID(num)
	switch {
	case errors.Is(err, casebook.ErrOnHold):
		return fmt.Errorf("%s is on hold: lift it first, `resumewatch case hold %s off`", id, id)
	case errors.Is(err, casebook.ErrCaseClosed):
		return fmt.Errorf("%s is closed: nothing changes in it any more; open a new one, `resumewatch case new NAME`", id)
	}
	return err
}

// caseText is what somebody wrote, with what looks like personal data masked.
func caseText(what, text string, most int) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", Usagef("case %s: it is empty", what)
	case len(text) > most:
		return "", Usagef("case %s: more than %d bytes", what, most)
	}
	return privacy.Mask(text, shapes(text)), nil
}

// NewCase opens a case.
func NewCase(ctx context.Context, o Options, name, as string) (out CaseLine, err error) {
	if name, err = caseText("new", name, maxCaseName); err != nil {
		return out, err
	}
	if strings.ContainsAny(name, "\r\n") {
		return out, Usagef("case new: a name has one line")
	}
	err = withBook(ctx, o, func(book *casebook.Book) error {
		by, _, err := acting(ctx, o, book, as, caseWorkers)
		if err != nil {
			return err
		}
		c, err := book.NewCase(ctx, name, by)
		out = caseLine(c)
		return err
	})
	return out, err
}

// CaseAdded is what `case add` did.
type CaseAdded struct {
	ID    string   `json:"id"`
	Added []string `json:"added"` // without what was in it already
}

// AddToCase puts alerts, sellers (S-3), offers (by id) and sources
// (source:NAME) into a case.
func AddToCase(ctx context.Context, o Options, id string, items []string, as string) (out CaseAdded, err error) {
	parsed := make([]casebook.CaseItem, len(items))
	for i, item := range items {
		if parsed[i], err = parseCaseItem(item); err != nil {
			return out, err
		}
	}
	err = changeCase(ctx, o, id, as, caseWorkers, func(book *casebook.Book, num int64, by casebook.Act) error {
		device, _ := os.Hostname() // unknown is empty
		fresh, err := book.AddToCase(ctx, num, parsed, device, by)
		out = CaseAdded{casebook.CaseID(num), []string{}}
		for _, i := range fresh {
			out.Added = append(out.Added, i.ID)
		}
		return err
	})
	return out, err
}

func parseCaseItem(s string) (casebook.CaseItem, error) {
	if name, ok := strings.CutPrefix(s, "source:"); ok && name != "" {
		return casebook.CaseItem{Kind: casebook.ItemSource, ID: name}, nil
	}
	if _, ok := casebook.AlertNumber(s); ok {
		return casebook.CaseItem{Kind: casebook.ItemAlert, ID: strings.ToUpper(s)}, nil
	}
	if _, ok := casebook.SellerNumber(s); ok {
		return casebook.CaseItem{Kind: casebook.ItemSeller, ID: strings.ToUpper(s)}, nil
	}
	if len(s) < 16 || strings.ContainsAny(s, " :/-") {
		return casebook.CaseItem{}, Usagef("case add: %.80q is no alert (A-12), seller (S-3), offer (its id) or source (source:NAME)", s)
	}
	return casebook.CaseItem{Kind: casebook.ItemOffer, ID: s}, nil
}

// NoteCase adds a note to a case.
func NoteCase(ctx context.Context, o Options, id, text, as string) error {
	text, err := caseText("note", text, maxCaseNote)
	if err != nil {
		return err
	}
	return changeCase(ctx, o, id, as, caseWorkers, func(book *casebook.Book, num int64, by casebook.Act) error {
		return book.NoteCase(ctx, num, text, by)
	})
}

// CaseHold is what `case hold` did.
type CaseHold struct {
	ID      string   `json:"id"`
	Hold    bool     `json:"hold"`
	Changed bool     `json:"changed"` // it was otherwise before
	Held    CaseHeld `json:"held"`
}

// HoldCase puts a case on hold, or lifts the hold.
func HoldCase(ctx context.Context, o Options, id string, on bool, reason, as string) (out CaseHold, err error) {
	if reason != "" {
		if reason, err = caseText("hold --reason", reason, maxCaseName); err != nil {
			return out, err
		}
	}
	err = changeCase(ctx, o, id, as, holders, func(book *casebook.Book, num int64, by casebook.Act) error {
		device, _ := os.Hostname() // unknown is empty
		sum, changed, err := book.SetHold(ctx, num, on, reason, device, by)
		if err != nil {
			return err
		}
		out = CaseHold{ID: casebook.CaseID(num), Hold: on, Changed: changed}
		out.Held, err = caseHeld(ctx, o, book, casebook.Case{Num: num, Hold: on}, sum)
		return err
	})
	return out, err
}

// CaseClosed is what `case close` did.
type CaseClosed struct {
	CaseLine
	Resealed int   `json:"resealed"`          // captures that the hold's own key seals still
	Dropped  int64 `json:"dropped,omitempty"` // chunks of archives that were kept whole for it
	Kept     int64 `json:"kept,omitempty"`    // those that another case's hold keeps from it
}

// CloseCase closes a case.
func CloseCase(ctx context.Context, o Options, id, as string) (out CaseClosed, err error) {
	err = changeCase(ctx, o, id, as, caseWorkers, func(book *casebook.Book, num int64, by casebook.Act) error {
		c, err := book.CloseCase(ctx, num, by)
		if err != nil {
			return err
		}
		out.CaseLine = caseLine(c)
		if out.Resealed, err = book.SealedTo(ctx, casebook.HoldKey(num)); err != nil {
			return err
		}
		if out.Dropped, err = endKept(ctx, o, book, by); err != nil {
			return err
		}
		out.Kept, err = book.KeptFor(ctx, num)
		return err
	})
	return out, err
}
