package casebook

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Whether a row is held, as conditions on a row of the table that they are named
// after. With a capture those are held that say it was still so later. Who drops rows does so in transactions that call alone("holds") first.
const (
	heldCapture = `(EXISTS (SELECT 1 FROM held WHERE held.kind = 'capture' AND held.item IN (capture.digest, capture.refers))
		OR EXISTS (SELECT 1 FROM held WHERE held.kind = 'source' AND held.item = capture.source))`
	heldPost = `(EXISTS (SELECT 1 FROM held WHERE held.kind = 'post' AND held.item = post.id)
		OR EXISTS (SELECT 1 FROM post_source JOIN held ON held.kind = 'source' AND held.item = post_source.source WHERE post_source.post_id = post.id))`
	heldOffer = `(EXISTS (SELECT 1 FROM held WHERE held.kind = 'offer' AND held.item = offer.id)
		OR EXISTS (SELECT 1 FROM wording JOIN wording_source ON wording_source.wording = wording.id
			JOIN held ON held.kind = 'source' AND held.item = wording_source.source WHERE wording.offer_id = offer.id))`
	heldSeller = `EXISTS (SELECT 1 FROM held WHERE held.kind = 'seller' AND held.item = CAST(seller.id AS TEXT))`
	heldAlert  = `EXISTS (SELECT 1 FROM held WHERE held.kind = 'alert' AND held.item = CAST(CASE WHEN alert.merged <> 0 THEN alert.merged ELSE alert.num END AS TEXT))`
)

// CaseID is the name of a case: "C-3".
func CaseID(num int64) string { return fmt.Sprintf("C-%d", num) }

// CaseNumber reads "C-3".
func CaseNumber(s string) (int64, bool) { return number("C-", s) }

// HoldKey is the name of the key that a hold's captures are sealed to when that of
// their month goes.
func HoldKey(num int64) string { return "hold-" + CaseID(num) }

// sealedTo is, as a condition on capture, what a key seals: that of a month
// ("2026-11"), or of a case.
func sealedTo(key string) (where string, args []any) {
	from, err := time.Parse("2006-01", key)
	if err != nil {
		return `capture.seal <> '' AND capture.seal = ?`, []any{key}
	}
	return `capture.seal = '' AND capture.at >= ? AND capture.at < ?`, []any{millis(from), millis(from.AddDate(0, 1, 0))}
}

// Holding names the cases whose hold keeps captures that a key seals ("2026-11",
// "hold-C-3"): those that were sealed anew to another one are not among them.
func (b *Book) Holding(ctx context.Context, key string) (cases []string, err error) {
	err = b.read(ctx, "holds", func(t *tx) error {
		cases, err = t.holding(key)
		return err
	})
	return cases, err
}

func (t *tx) holding(key string) (cases []string, err error) {
	where, args := sealedTo(key)
	err = t.rows(func(scan func(...any) error) error {
		var num int64
		err := scan(&num)
		cases = append(cases, CaseID(num))
		return err
	}, `SELECT num FROM case_file WHERE hold = 1 AND (
		EXISTS (SELECT 1 FROM held JOIN capture ON capture.digest = held.item WHERE held.case_num = case_file.num AND held.kind = 'capture' AND `+where+`)
		OR EXISTS (SELECT 1 FROM held JOIN capture ON capture.refers = held.item AND capture.refers <> '' WHERE held.case_num = case_file.num AND held.kind = 'capture' AND `+where+`)
		OR EXISTS (SELECT 1 FROM held JOIN capture ON capture.source = held.item WHERE held.case_num = case_file.num AND held.kind = 'source' AND `+where+`))
		ORDER BY num`, slices.Concat(args, args, args)...)
	return cases, err
}

// Unheld calls f while no hold can be set, if none keeps captures that a key seals;
// else it names the cases and f is not called. f may be called several times.
func (b *Book) Unheld(ctx context.Context, key string, f func() error) (cases []string, err error) {
	err = b.write(ctx, "holds", func(t *tx) error {
		if err := t.d.alone(t, "holds"); err != nil {
			return err
		}
		if cases, err = t.holding(key); err != nil || len(cases) > 0 {
			return err
		}
		return f()
	})
	return cases, err
}
