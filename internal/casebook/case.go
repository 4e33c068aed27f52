package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"resumewatch/internal/custody"
	"resumewatch/internal/market"
)

// States of a case.
const (
	CaseOpen   = "open"
	CaseClosed = "closed"
)

// Kinds of what a case collects.
const (
	ItemAlert  = "alert"
	ItemOffer  = "offer"
	ItemSeller = "seller"
	ItemSource = "source"
)

// Actions in the history of a case.
const (
	CaseOpened    = "opened"
	CaseAdded     = "added"
	CaseNoted     = "noted"
	CaseHoldOn    = "hold_set"
	CaseHoldOff   = "hold_lifted"
	CaseResealed  = "resealed"
	CaseWasClosed = "closed"
)

// Actions of the audit log; their target is the case.
const (
	ActCaseOpened = "case_opened"
	ActCaseClosed = "case_closed"
	ActCaseChange = "case_changed"
	ActHoldSet    = "hold_set"
	ActHoldLifted = "hold_lifted"
)

// Errors of cases.
var (
	// ErrCaseClosed says that nothing changes in a closed case.
	ErrCaseClosed = errors.New("the case is closed")
	// ErrOnHold says that a case can't be closed while its hold is on.
	ErrOnHold = errors.New("its hold is on")
)

// Case is what people collect around alerts.
type Case struct {
	Num     int64
	Name    string
	State   string
	Hold    bool
	Created time.Time
	By      string // who opened it
	Items   int    // what was put into it
}

// CaseItem is something in a case: A-12, S-3, the id of an offer, the name of a source.
type CaseItem struct{ Kind, ID string }

// number is that of an alert or a seller.
func (i CaseItem) number() (int64, bool) {
	if i.Kind == ItemSeller {
		return number("S-", i.ID)
	}
	return AlertNumber(i.ID)
}

// caseItem is an item from how the book keeps it.
func caseItem(kind, stored string) CaseItem {
	switch kind {
	case ItemAlert:
		stored = "A-" + stored
	case ItemSeller:
		stored = "S-" + stored
	}
	return CaseItem{kind, stored}
}

// CaseEvent is one line of a case's history.
type CaseEvent struct {
	At     time.Time `json:"at"`
	Who    string    `json:"who"` // "" the program itself
	Action string    `json:"action"`
	Detail string    `json:"detail"`
}

func (t *tx) caseEvent(num int64, by Act, action, detail string) error {
	_, err := t.exec(`INSERT INTO case_event (case_num, at, who, action, detail) VALUES (?, ?, ?, ?, ?)`, num, millis(by.At), by.Who, action, detail)
	return err
}

// NewCase opens a case.
func (b *Book) NewCase(ctx context.Context, name string, by Act) (Case, error) {
	c := Case{Name: name, State: CaseOpen, By: by.Who, Created: instant(millis(by.At))}
	err := b.write(ctx, "new case", func(t *tx) error {
		if err := t.row(`INSERT INTO case_file (name, state, created_at, created_by) VALUES (?, ?, ?, ?) RETURNING num`,
			c.Name, c.State, millis(by.At), c.By).Scan(&c.Num); err != nil {
			return err
		}
		if err := t.caseEvent(c.Num, by, CaseOpened, name); err != nil {
			return err
		}
		return t.audit(by, ActCaseOpened, CaseID(c.Num), name)
	})
	return c, err
}

const caseColumns = `SELECT num, name, state, hold, created_at, created_by, (SELECT count(*) FROM case_item WHERE case_item.case_num = case_file.num) FROM case_file`

func scanCase(scan func(...any) error) (Case, error) {
	var c Case
	var hold, created int64
	err := scan(&c.Num, &c.Name, &c.State, &hold, &created, &c.By, &c.Items)
	c.Hold, c.Created = hold == 1, instant(created)
	return c, err
}

// caseToChange holds the row of a case until the transaction ends.
func (t *tx) caseToChange(num int64) (Case, error) {
	c, err := scanCase(t.row(caseColumns+` WHERE num = ?`+t.d.locked("case_file"), num).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fmt.Errorf("%s: %w", CaseID(num), ErrNotFound)
	}
	return c, err
}

// openCase is caseToChange of a case that isn't closed.
func (t *tx) openCase(num int64) (Case, error) {
	c, err := t.caseToChange(num)
	if err == nil && c.State == CaseClosed {
		err = fmt.Errorf("%s: %w", CaseID(num), ErrCaseClosed)
	}
	return c, err
}

// Cases lists cases, the newest first, at most limit (0: all), passing over skip of them.
func (b *Book) Cases(ctx context.Context, limit, skip int) ([]Case, error) {
	out := []Case{}
	if limit <= 0 {
		limit = 1<<62 - 1
	}
	err := b.read(ctx, "cases", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			c, err := scanCase(scan)
			out = append(out, c)
			return err
		}, caseColumns+` ORDER BY num DESC LIMIT ? OFFSET ?`, limit, skip)
	})
	return out, err
}

// CasesOf names the cases that an alert or its offer is in.
func (b *Book) CasesOf(ctx context.Context, alert int64, offer string) (cases []string, err error) {
	err = b.read(ctx, "cases of an alert", func(t *tx) error {
		cases = nil
		return t.rows(func(scan func(...any) error) error {
			var num int64
			err := scan(&num)
			cases = append(cases, CaseID(num))
			return err
		}, `SELECT case_num FROM case_item JOIN alert ON alert.num = CAST(case_item.item AS BIGINT) WHERE case_item.kind = 'alert' AND (alert.num = ? OR alert.merged = ?)
			UNION SELECT case_num FROM case_item LEFT JOIN offer_alias ON offer_alias.alias = case_item.item
			WHERE case_item.kind = 'offer' AND (case_item.item = ? OR offer_alias.offer_id = ?) ORDER BY 1`, alert, alert, offer, offer)
	})
	return cases, err
}

// CaseFacts is a case with all that belongs to it.
type CaseFacts struct {
	Case
	Alerts  []market.Alert // those that are still there
	Offers  []string       // of the alerts, and those that were added; sorted
	Sellers []string       // of the offers, and those that were added; S-3
	Sources []string       // that were added
	Gone    []CaseItem     // that were added and have been dropped since
	History []CaseEvent    // oldest first
	Held    HeldSum        // by its hold
}

// Case finds a case. ErrNotFound: there is none of that number.
func (b *Book) Case(ctx context.Context, num int64) (CaseFacts, error) {
	var f CaseFacts
	err := b.read(ctx, "case", func(t *tx) (err error) {
		f = CaseFacts{Sources: []string{}, Alerts: []market.Alert{}, History: []CaseEvent{}}
		if f.Case, err = scanCase(t.row(caseColumns+` WHERE num = ?`, num).Scan); errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%s: %w", CaseID(num), ErrNotFound)
		} else if err != nil {
			return err
		}
		scope, err := t.scope(num)
		if err != nil {
			return err
		}
		if f.Gone, err = t.goneItems(num); err != nil {
			return err
		}
		f.Sources = scope.sources
		f.Offers = slices.DeleteFunc(scope.offers, func(id string) bool { return slices.Contains(f.Gone, CaseItem{ItemOffer, id}) })
		if f.Sellers, err = t.sellersOf(scope); err != nil {
			return err
		}
		if err := t.rows(func(scan func(...any) error) error {
			var e CaseEvent
			var at int64
			err := scan(&at, &e.Who, &e.Action, &e.Detail)
			e.At = instant(at)
			f.History = append(f.History, e)
			return err
		}, `SELECT at, who, action, detail FROM case_event WHERE case_num = ? ORDER BY id`, num); err != nil {
			return err
		}
		if f.Hold {
			f.Held, err = t.heldSum(num)
		}
		if err != nil || len(scope.alerts) == 0 {
			return err
		}
		f.Alerts, err = t.someAlerts(scope.alerts)
		return err
	})
	return f, err
}

// goneItems are those of a case that the book doesn't have any more.
func (t *tx) goneItems(num int64) (gone []CaseItem, err error) {
	err = t.rows(func(scan func(...any) error) error {
		var kind, item string
		err := scan(&kind, &item)
		gone = append(gone, caseItem(kind, item))
		return err
	}, `SELECT kind, item FROM case_item AS i WHERE case_num = ? AND CASE
		WHEN i.kind = 'alert' THEN NOT EXISTS (SELECT 1 FROM alert WHERE alert.num = CASE WHEN i.kind = 'alert' THEN CAST(i.item AS BIGINT) END)
		WHEN i.kind = 'seller' THEN NOT EXISTS (SELECT 1 FROM seller WHERE seller.id = CASE WHEN i.kind = 'seller' THEN CAST(i.item AS BIGINT) END)
		WHEN i.kind = 'offer' THEN NOT EXISTS (SELECT 1 FROM offer WHERE offer.id = i.item) AND NOT EXISTS (SELECT 1 FROM offer_alias WHERE alias = i.item)
		ELSE NOT EXISTS (SELECT 1 FROM source WHERE source.name = i.item) END ORDER BY kind, item`, num)
	return gone, err
}

// someAlerts loads alerts by their numbers, in this order.
func (t *tx) someAlerts(nums []int64) ([]market.Alert, error) {
	out := []market.Alert{}
	return out, inLots(nums, func(nums []int64) error {
		in, args := among(nums)
		more, err := t.alerts(` WHERE alert.num IN (`+in+`) ORDER BY alert.num`, args...)
		out = append(out, more...)
		return err
	})
}

func (t *tx) sellersOf(s scope) ([]string, error) {
	nums := slices.Clone(s.sellers)
	err := inLots(s.offers, func(offers []string) error {
		in, args := among(offers)
		return t.rows(func(scan func(...any) error) error {
			var n int64
			err := scan(&n)
			nums = append(nums, n)
			return err
		}, `SELECT DISTINCT seller_id FROM offer WHERE seller_id <> 0 AND id IN (`+in+`)`, args...)
	})
	slices.Sort(nums)
	out := []string{}
	for _, n := range slices.Compact(nums) {
		out = append(out, SellerID(n))
	}
	return out, err
}

// AddToCase puts items into a case, and below its hold if that is on; what is in it
// already is passed over. ErrNotFound: there is no such case or item.
func (b *Book) AddToCase(ctx context.Context, num int64, items []CaseItem, device string, by Act) (fresh []CaseItem, err error) {
	err = b.write(ctx, "adding to "+CaseID(num), func(t *tx) error {
		fresh = nil
		if err := t.d.alone(t, "holds"); err != nil {
			return err
		}
		c, err := t.openCase(num)
		if err != nil {
			return err
		}
		var names []string
		for _, i := range items {
			stored, err := t.present(i)
			if err != nil {
				return err
			}
			n, err := t.exec(`INSERT INTO case_item (case_num, kind, item) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, num, i.Kind, stored)
			if err != nil {
				return err
			}
			if n > 0 {
				added := caseItem(i.Kind, stored)
				fresh, names = append(fresh, added), append(names, added.ID)
			}
		}
		if len(fresh) == 0 {
			return nil
		}
		what := strings.Join(names, " ")
		if err := t.caseEvent(num, by, CaseAdded, what); err != nil {
			return err
		}
		if err := t.audit(by, ActCaseChange, CaseID(num), "added "+what); err != nil || !c.Hold {
			return err
		}
		_, err = t.setHold(num, map[string]string{"added": what}, device, by)
		return err
	})
	return fresh, err
}

// present is the item as the book has it now: what became part of another is that.
func (t *tx) present(i CaseItem) (stored string, err error) {
	var row *sql.Row
	switch num, ok := i.number(); {
	case i.Kind == ItemAlert && ok:
		row = t.row(`SELECT CAST(CASE WHEN merged <> 0 THEN merged ELSE num END AS TEXT) FROM alert WHERE num = ?`, num)
	case i.Kind == ItemSeller && ok:
		row = t.row(`SELECT CAST(CASE WHEN merged <> 0 THEN merged ELSE id END AS TEXT) FROM seller WHERE id = ?`, num)
	case i.Kind == ItemOffer:
		row = t.row(`SELECT id FROM offer WHERE id = coalesce((SELECT offer_id FROM offer_alias WHERE alias = ?), ?)`, i.ID, i.ID)
	case i.Kind == ItemSource:
		row = t.row(`SELECT name FROM source WHERE name = ?`, i.ID)
	default:
		return "", fmt.Errorf("%s %.80q: %w", i.Kind, i.ID, ErrNotFound)
	}
	err = row.Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("%s %.80q: %w", i.Kind, i.ID, ErrNotFound)
	}
	return stored, err
}

// NoteCase adds a note to a case.
func (b *Book) NoteCase(ctx context.Context, num int64, text string, by Act) error {
	return b.write(ctx, "note to "+CaseID(num), func(t *tx) error {
		if _, err := t.openCase(num); err != nil {
			return err
		}
		if err := t.caseEvent(num, by, CaseNoted, text); err != nil {
			return err
		}
		return t.audit(by, ActCaseChange, CaseID(num), "noted")
	})
}

// CloseCase closes a case; closing it again is no error. ErrOnHold: its hold is on.
func (b *Book) CloseCase(ctx context.Context, num int64, by Act) (c Case, err error) {
	err = b.write(ctx, "closing "+CaseID(num), func(t *tx) error {
		if c, err = t.caseToChange(num); err != nil || c.State == CaseClosed {
			return err
		}
		if c.Hold {
			return fmt.Errorf("%s: %w", CaseID(num), ErrOnHold)
		}
		if _, err := t.exec(`UPDATE case_file SET state = ? WHERE num = ?`, CaseClosed, num); err != nil {
			return err
		}
		c.State = CaseClosed
		if err := t.caseEvent(num, by, CaseWasClosed, ""); err != nil {
			return err
		}
		return t.audit(by, ActCaseClosed, CaseID(num), "")
	})
	return c, err
}

// SetHold puts a case on hold, or lifts the hold: what the case is about, and what
// joins it later, is not dropped while it is on. To set it again takes in what is
// missing and is told nobody. changed: it was otherwise before.
func (b *Book) SetHold(ctx context.Context, num int64, on bool, reason, device string, by Act) (held HeldSum, changed bool, err error) {
	err = b.write(ctx, "hold of "+CaseID(num), func(t *tx) error {
		held, changed = HeldSum{}, false
		if err := t.d.alone(t, "holds"); err != nil {
			return err
		}
		c, err := t.openCase(num)
		if err != nil {
			return err
		}
		changed = c.Hold != on
		switch {
		case on && !changed:
			if err := t.keepHold(num); err != nil {
				return err
			}
			held, err = t.heldSum(num)
			return err
		case !changed:
			return nil
		}
		if _, err := t.exec(`UPDATE case_file SET hold = ? WHERE num = ?`, b2i(on), num); err != nil {
			return err
		}
		detail := map[string]string{"reason": reason}
		if on {
			if held, err = t.setHold(num, detail, device, by); err != nil {
				return err
			}
			if err := t.caseEvent(num, by, CaseHoldOn, reason); err != nil {
				return err
			}
			return t.audit(by, ActHoldSet, CaseID(num), reason)
		}
		if _, err := t.exec(`DELETE FROM held WHERE case_num = ?`, num); err != nil {
			return err
		}
		if _, err := t.note(custody.Event{Kind: custody.HoldLifted, At: by.At, Actor: by.Who, Device: device, Object: CaseID(num), Detail: detail}); err != nil {
			return err
		}
		if err := t.caseEvent(num, by, CaseHoldOff, reason); err != nil {
			return err
		}
		return t.audit(by, ActHoldLifted, CaseID(num), reason)
	})
	return held, changed, err
}

// CountCases says how many cases there are.
func (b *Book) CountCases(ctx context.Context) (n int, err error) {
	err = b.read(ctx, "cases", func(t *tx) error { return t.row(`SELECT count(*) FROM case_file`).Scan(&n) })
	return n, err
}
