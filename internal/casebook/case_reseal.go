package casebook

import (
	"context"
	"errors"
	"fmt"

	"resumewatch/internal/custody"
)

// ErrMoved says that a capture is not any more where it was said to be.
var ErrMoved = errors.New("a capture was sealed anew or dropped by somebody else meanwhile; ask again")

// Holder is a capture that a hold keeps.
type Holder struct {
	Capture
	Case int64 // of several the one with the lowest number
}

// HeldUnder lists captures that a key seals and a hold keeps, in the order of digests
// from behind after, at most limit.
func (b *Book) HeldUnder(ctx context.Context, key, after string, limit int) (out []Holder, err error) {
	where, args := sealedTo(key)
	err = b.read(ctx, "held captures", func(t *tx) error {
		out = nil
		return t.rows(func(scan func(...any) error) error {
			var h Holder
			var byDigest, bySource int64
			var err error
			h.Capture, err = scanCapture(func(into ...any) error { return scan(append(into, &byDigest, &bySource)...) })
			if h.Case = byDigest; byDigest == 0 || bySource != 0 && bySource < byDigest {
				h.Case = bySource
			}
			out = append(out, h)
			return err
		}, `SELECT `+captureColumns+`,
			coalesce((SELECT min(case_num) FROM held WHERE held.kind = 'capture' AND held.item IN (capture.digest, capture.refers)), 0),
			coalesce((SELECT min(case_num) FROM held WHERE held.kind = 'source' AND held.item = capture.source), 0)
			FROM capture WHERE `+where+` AND `+heldCapture+` AND capture.digest > ? ORDER BY capture.digest LIMIT ?`, append(args, after, limit)...)
	})
	return out, err
}

// Resealing is captures of one case that were sealed anew.
type Resealing struct {
	Case   int64
	From   string // key that sealed them: a month, or a hold's
	Was    []Capture
	Now    []Capture // in the same order: what differs is file, place, sealed digest and seal
	Device string
	Pen    Fence
}

// Reseal notes where captures lie now that were sealed anew, with the event that says
// so. ErrMoved: one of them was changed meanwhile, nothing was written. ErrPenLost as
// of Commit.
func (b *Book) Reseal(ctx context.Context, r Resealing, by Act) error {
	return b.write(ctx, "sealing anew for "+CaseID(r.Case), func(t *tx) error {
		c, err := t.caseToChange(r.Case)
		if err != nil {
			return err
		}
		if !c.Hold {
			return fmt.Errorf("the hold of %s was lifted: %w", CaseID(r.Case), ErrMoved)
		}
		if err := t.penned(r.Pen); err != nil {
			return err
		}
		e := custody.Event{Kind: custody.Resealed, At: by.At, Actor: by.Who, Device: r.Device, Object: HoldKey(r.Case), Detail: map[string]string{"from": r.From}}
		for i, was := range r.Was {
			e.Captures = append(e.Captures, custody.Item{Digest: was.Digest, Sealed: r.Now[i].SealedDigest, Was: was.SealedDigest})
		}
		event, err := t.note(e)
		if err != nil {
			return err
		}
		for i, was := range r.Was {
			now := r.Now[i]
			n, err := t.exec(`UPDATE capture SET sealed_digest = ?, file = ?, start = ?, length = ?, seal = ?, resealed = ?,
				first_sealed = CASE WHEN first_sealed = '' THEN ? ELSE first_sealed END
				WHERE digest = ? AND sealed_digest = ? AND file = ? AND start = ?`,
				now.SealedDigest, now.File, now.Offset, now.Length, HoldKey(r.Case), event, was.SealedDigest, was.Digest, was.SealedDigest, was.File, was.Offset)
			if err == nil && n != 1 {
				err = ErrMoved
			}
			if err != nil {
				return err
			}
		}
		return t.caseEvent(r.Case, by, CaseResealed, fmt.Sprintf("%d captures of %s", len(r.Was), r.From))
	})
}

// SealedTo counts the captures that a key seals.
func (b *Book) SealedTo(ctx context.Context, key string) (n int, err error) {
	where, args := sealedTo(key)
	err = b.read(ctx, "captures of a key", func(t *tx) error {
		return t.row(`SELECT count(*) FROM capture WHERE `+where, args...).Scan(&n)
	})
	return n, err
}

// HeldMonths are the months whose keys seal captures that a case's hold keeps, with
// how many.
func (b *Book) HeldMonths(ctx context.Context, num int64) (map[string]int, error) {
	out := map[string]int{}
	err := b.read(ctx, "months of a hold", func(t *tx) error {
		clear(out)
		return t.rows(func(scan func(...any) error) error {
			var at int64
			err := scan(&at)
			out[instant(at).Format("2006-01")]++
			return err
		}, `SELECT at FROM capture WHERE seal = '' AND `+heldBy(num))
	})
	return out, err
}
