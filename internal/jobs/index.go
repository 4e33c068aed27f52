package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"resumewatch/internal/casebook"
	"resumewatch/internal/index"
)

// indexBatch is how many notices one step of the indexer consumes.
const indexBatch = 1000

// IndexStep brings the index up to date with the oldest notices and drops them.
// It returns how many were dropped. Doing a step twice changes nothing.
//
// A listing that the index will never take is logged and its notice dropped: it must not
// keep others out, and Reindex counts it as missing. One that the index may take later
// keeps its notice, and the step ends with the error.
func (w *Workshop) IndexStep(ctx context.Context) (int, error) {
	dropped, err := w.dropStep(ctx)
	if err != nil {
		return dropped, err
	}
	notices, err := w.Book.Outbox(ctx, casebook.TopicIndex, indexBatch)
	if err != nil || len(notices) == 0 {
		return dropped, err
	}
	waiting, err := w.indexListings(ctx, refsOf(notices))
	if err != nil && waiting == nil {
		return 0, err
	}
	done := notices[:0]
	for _, n := range notices {
		if !waiting[n.Ref] {
			done = append(done, n)
		}
	}
	if len(done) > 0 {
		err = errors.Join(err, w.Book.Ack(ctx, done))
	}
	if err == nil && w.Index.Fresh() { // it was lost since we opened it
		_, err = w.Reindex(ctx, false)
	}
	return dropped + len(done), err
}

func refsOf(notices []casebook.Notice) []string {
	seen := make(map[string]bool, len(notices))
	var ids []string
	for _, n := range notices {
		if !seen[n.Ref] {
			seen[n.Ref] = true
			ids = append(ids, n.Ref)
		}
	}
	return ids
}

// indexListings puts live listings into the index and takes the others out. With
// an error it names those that have to be tried again, or none when all have to.
func (w *Workshop) indexListings(ctx context.Context, ids []string) (map[string]bool, error) {
	rows, err := w.Book.Rows(ctx, ids)
	if err != nil {
		return nil, err
	}
	var docs []index.Document
	var drop []index.Ref
	for _, r := range rows {
		if d := document(r); r.Live {
			docs = append(docs, d)
		} else {
			drop = append(drop, index.Ref{ListingID: r.ID, Month: d.Month, Version: r.Version})
		}
	}
	waiting, err := w.refusedBy(ctx, w.Index.Put(ctx, docs))
	if err != nil && waiting == nil || len(drop) == 0 {
		return waiting, err
	}
	more, dropErr := w.refusedBy(ctx, w.Index.Delete(ctx, drop))
	if dropErr != nil && more == nil {
		return nil, dropErr
	}
	for id := range more {
		waiting[id] = true
	}
	return waiting, errors.Join(err, dropErr)
}

// refusedBy logs what the index will never take and names what has to be tried
// again, with an error when there is any; no map means all.
func (w *Workshop) refusedBy(ctx context.Context, err error) (map[string]bool, error) {
	var refused *index.RefusedError
	if err == nil {
		return map[string]bool{}, nil
	}
	if !errors.As(err, &refused) {
		return nil, fmt.Errorf("index: %w", err)
	}
	waiting := map[string]bool{}
	var again []index.Refusal
	for _, r := range refused.Items {
		if r.Passing {
			waiting[r.ListingID] = true
			again = append(again, r)
		} else {
			w.Log.ErrorContext(ctx, "the index refuses a listing; it can't be searched", "listing", r.ListingID, "reason", r.Reason)
		}
	}
	if len(again) == 0 {
		return waiting, nil
	}
	return waiting, &index.RefusedError{Where: refused.Where, Items: again}
}

func document(r casebook.Row) index.Document {
	l := r.Listing
	return index.Document{
		ListingID: r.ID, Version: r.Version, PostedAt: r.PostedAt, SeenAt: r.SeenAt, Text: r.Text, Title: r.Title,
		Side: l.Side, Goods: l.Goods, Platforms: l.Platforms, Grades: l.Grades, Prices: l.Prices, Stock: l.Stock, Contacts: l.Contacts,
		Source: r.Sources, Place: r.Place, AuthorID: r.Author.ID, AuthorName: r.Author.Name, Month: r.Month,
	}
}

// Difference is how the index differs from the casebook.
type Difference struct {
	Missing int `json:"missing"` // live listings that the index lacks
	Old     int `json:"old"`     // listings of which the index has another version
	Extra   int `json:"extra"`   // documents without a live listing
}

// Empty reports whether there is none.
func (d Difference) Empty() bool { return d == Difference{} }

// Reindex compares the index with the casebook and, unless check is set, mends
// it. Others may write to both meanwhile: the index is read first, so what they change
// counts at most as a difference that is gone by itself. Where the index knows more than
// the casebook, that was restored from a copy; its versions mean something else then, and
// the index is made anew.
func (w *Workshop) Reindex(ctx context.Context, check bool) (Difference, error) {
	d, ahead, err := w.compare(ctx, check)
	if err != nil || check {
		return d, err
	}
	if ahead {
		if err := w.Index.Reset(ctx); err != nil {
			return d, fmt.Errorf("index: %w", err)
		}
		if _, _, err := w.compare(ctx, false); err != nil {
			return d, err
		}
	}
	if err := w.Index.Filled(ctx); err != nil {
		return d, fmt.Errorf("index: %w", err)
	}
	return d, nil
}

// compare is one pass of Reindex. ahead says that the index knows of versions
// that the casebook has not had.
func (w *Workshop) compare(ctx context.Context, check bool) (d Difference, ahead bool, err error) {
	have, twice, err := w.indexed(ctx)
	if err != nil {
		return d, false, err
	}
	m := mender{w: w, check: check}
	err = w.Book.Listings(ctx, func(r casebook.Row) error {
		there, ok := have[r.ID]
		doc := document(r)
		for i, other := range twice[r.ID] {
			if other.Month == doc.Part() {
				twice[r.ID][i] = index.Ref{ListingID: r.ID, Month: there.month, Version: there.version}
				there = held{other.Month, other.Version}
				have[r.ID] = there
			}
		}
		ahead = ahead || ok && there.version > r.Version
		old := there.version != r.Version
		missing := !ok || there.month != "" && there.month != doc.Part()
		if r.Live && !missing {
			delete(have, r.ID)
		}
		switch {
		case !r.Live:
			return nil
		case missing:
			d.Missing++
		case old:
			d.Old++
		default:
			return nil
		}
		return m.put(ctx, doc)
	})
	if err := errors.Join(err, m.flush(ctx)); err != nil {
		return d, ahead, err
	}
	extra := slices.Concat(slices.Collect(maps.Values(twice))...)
	for id, h := range have {
		extra = append(extra, index.Ref{ListingID: id, Month: h.month, Version: h.version})
	}
	d.Extra = len(extra)
	return d, ahead, m.drop(ctx, extra)
}

// held is what the index has of a listing.
type held struct {
	month   string
	version int64
}

// indexed reads what the index has. After a fault a listing may stand in several
// months: twice has all but one of them.
func (w *Workshop) indexed(ctx context.Context) (have map[string]held, twice map[string][]index.Ref, err error) {
	have, twice = map[string]held{}, map[string][]index.Ref{}
	months := map[string]string{} // one copy of each, not one a listing
	err = w.Index.Versions(ctx, func(r index.Ref) error {
		if _, known := months[r.Month]; !known {
			months[r.Month] = r.Month
		}
		if _, again := have[r.ListingID]; again {
			twice[r.ListingID] = append(twice[r.ListingID], r)
		} else {
			have[r.ListingID] = held{months[r.Month], r.Version}
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("index: %w", err)
	}
	return have, twice, nil
}

// mender changes the index in batches, unless it shall only check.
type mender struct {
	w      *Workshop
	check  bool
	forgot bool // what somebody deleted may be put
	docs   []index.Document
}

func (m *mender) put(ctx context.Context, d index.Document) error {
	if m.check {
		return nil
	}
	if m.docs = append(m.docs, d); len(m.docs) < indexBatch {
		return nil
	}
	return m.flush(ctx)
}

func (m *mender) flush(ctx context.Context) error {
	if len(m.docs) == 0 {
		return nil
	}
	if !m.forgot {
		if err := m.w.Index.Forget(ctx); err != nil {
			return fmt.Errorf("index: %w", err)
		}
		m.forgot = true
	}
	_, err := m.w.refusedBy(ctx, m.w.Index.Put(ctx, m.docs))
	m.docs = m.docs[:0]
	return err
}

func (m *mender) drop(ctx context.Context, refs []index.Ref) error {
	for n := 0; !m.check && len(refs) > 0; refs = refs[n:] {
		n = min(indexBatch, len(refs))
		if _, err := m.w.refusedBy(ctx, m.w.Index.Delete(ctx, refs[:n])); err != nil {
			return err
		}
	}
	return nil
}
