package casebooktest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/casebook"
)

// World is a fixed set of overlapping exports of one group, for tests that look
// at what becomes of it under other circumstances than the suite's.
type World struct {
	units map[string]unit
	order []unit
	now   time.Time
}

// NewWorld makes a world of so many exports; equal seeds make equal worlds.
func NewWorld(seed uint64, exports int) *World {
	w := &World{units: map[string]unit{}, order: overlapping(seed, exports), now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)}
	for _, u := range w.order {
		w.units[u.id] = u
	}
	return w
}

// Order orders the world's units in a book.
func (w *World) Order(t *testing.T, b *casebook.Book) {
	t.Helper()
	order(&harness{T: t, Book: b, now: w.now}, w.order)
}

// WorkOnce does what is due, as far as it gets: other hands may be at it too.
func (w *World) WorkOnce(t *testing.T, b *casebook.Book) error {
	due, err := b.Due(t.Context(), time.Now(), 10_000)
	if err != nil {
		return err
	}
	for _, d := range due {
		if _, err := w.units[d.ID].learn(&harness{T: t, Book: b, now: w.now}, b, d.Run, d.Generation); err != nil && !errors.Is(err, casebook.ErrLost) {
			return err
		}
	}
	return nil
}

// Work does all that is due and open.
func (w *World) Work(t *testing.T, b *casebook.Book) {
	t.Helper()
	if err := w.WorkOnce(t, b); err != nil {
		t.Fatal(err)
	}
	if due, err := b.Due(t.Context(), time.Now(), 1); err != nil || len(due) != 0 {
		t.Fatalf("still due: %v, %v", due, err)
	}
}

// Same compares two books that saw the world: dumps, counts of visits, wordings.
func (w *World) Same(t *testing.T, want, got *casebook.Book) {
	t.Helper()
	a, b := &harness{T: t, Book: want, now: w.now}, &harness{T: t, Book: got, now: w.now}
	if d := cmp.Diff(a.dump(), b.dump()); d != "" {
		t.Errorf("dump (-want +got)\n%s", d)
	}
	a.same("counts", a.counts(1), b.counts(1))
	a.same("wordings", wordingsOf(a), wordingsOf(b))
	va, err := want.VisitCounts(t.Context())
	a.must(err)
	vb, err := got.VisitCounts(t.Context())
	a.must(err)
	a.same("visits", va, vb)
}
