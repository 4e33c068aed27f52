package jobs

import (
	"context"

	"resumewatch/internal/casebook"
	"resumewatch/internal/index"
)

// dropping is what the indexer knows of listings that retention dropped, until no
// notice of one is left.
type dropping struct {
	kept  map[string]bool  // months of which the casebook has listings; nil: not asked yet
	empty map[string]int64 // months that were dropped whole → newest notice that this answers
	parts bool             // the engine has no parts for months
}

// dropStep takes listings that retention dropped out of the index: a month of which
// nothing is left as a whole, where the engine can, the others one by one. While
// retention is at work they stay, so that a month is empty when it comes to it.
func (w *Workshop) dropStep(ctx context.Context) (int, error) {
	notices, newest, err := w.Book.Drops(ctx, indexBatch)
	if err != nil {
		return 0, err
	}
	if len(notices) == 0 {
		w.dropping = dropping{}
		return 0, nil
	}
	if busy, err := w.Book.LiveLeases(ctx, retentionLease, w.Now()); err != nil || len(busy) > 0 {
		return 0, err
	}
	var refs []index.Ref
	for _, n := range notices {
		month, version, id, ok := casebook.ParseDropRef(n.Ref)
		if !ok {
			w.Log.ErrorContext(ctx, "a notice of a dropped listing can't be read; reindex mends the index", "notice", n.Ref)
			continue
		}
		whole, err := w.dropMonth(ctx, month, n.Seq, newest)
		if err != nil {
			return 0, err
		}
		if !whole {
			refs = append(refs, index.Ref{ListingID: id, Month: month, Version: version})
		}
	}
	waiting := map[string]bool{}
	if len(refs) > 0 {
		if waiting, err = w.refusedBy(ctx, w.Index.Delete(ctx, refs)); err != nil && waiting == nil {
			return 0, err
		}
	}
	done := notices[:0]
	for _, n := range notices {
		if _, _, id, ok := casebook.ParseDropRef(n.Ref); !ok || !waiting[id] {
			done = append(done, n)
		}
	}
	if ackErr := w.Book.Ack(ctx, done); ackErr != nil {
		return 0, ackErr
	}
	return len(done), err
}

// dropMonth drops the part of a month of which the casebook has nothing any more;
// whole: the notice of that number is answered by it.
func (w *Workshop) dropMonth(ctx context.Context, month string, notice, newest int64) (whole bool, err error) {
	d := &w.dropping
	if until, dropped := d.empty[month]; dropped {
		return notice <= until, nil
	}
	if d.parts || index.Month(month) == index.OtherMonths {
		return false, nil
	}
	if d.kept == nil {
		if d.kept, err = w.Book.ListingMonths(ctx); err != nil {
			return false, err
		}
	}
	if d.kept[month] {
		return false, nil
	}
	if whole, err = w.Index.DropMonth(ctx, month); err != nil {
		return false, err
	}
	if d.parts = !whole; whole {
		if d.empty == nil {
			d.empty = map[string]int64{}
		}
		d.empty[month] = newest
	}
	return whole, nil
}

// DropFromIndex takes all that retention dropped out of the index, for a process that
// works alone.
func (w *Workshop) DropFromIndex(ctx context.Context) error {
	for {
		if n, err := w.dropStep(ctx); err != nil || n == 0 {
			return err
		}
	}
}
