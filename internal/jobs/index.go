package jobs

import (
	"context"
	"errors"
	"fmt"

	"resumewatch/internal/casebook"
	"resumewatch/internal/index"
)

// indexBatch is how many notices one step of the indexer consumes.
const indexBatch = 1000

// IndexStep brings the index up to date with the oldest notices and drops them.
// It returns how many there were. Doing a step twice changes nothing.
func (w *Workshop) IndexStep(ctx context.Context) (int, error) {
	notices, err := w.Book.Outbox(ctx, casebook.TopicIndex, indexBatch)
	if err != nil || len(notices) == 0 {
		return 0, err
	}
	if err := w.indexListings(ctx, refsOf(notices)); err != nil {
		return 0, err
	}
	return len(notices), w.Book.Ack(ctx, notices)
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

func (w *Workshop) indexListings(ctx context.Context, ids []string) error {
	rows, err := w.Book.Rows(ctx, ids)
	if err != nil {
		return err
	}
	var docs []index.Document
	var drop []string
	for _, r := range rows {
		if r.Live {
			docs = append(docs, document(r))
		} else {
			drop = append(drop, r.ID)
		}
	}
	if err := w.Index.Put(ctx, docs); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if len(drop) > 0 {
		if err := w.Index.Delete(ctx, drop); err != nil {
			return fmt.Errorf("index: %w", err)
		}
	}
	return nil
}

func document(r casebook.Row) index.Document {
	l := r.Listing
	return index.Document{
		ListingID: r.ID, Version: r.Version, PostedAt: r.PostedAt, SeenAt: r.SeenAt, Text: r.Text, Title: r.Title,
		Side: l.Side, Goods: l.Goods, Platforms: l.Platforms, Grades: l.Grades, Prices: l.Prices, Stock: l.Stock, Contacts: l.Contacts,
		Source: r.Sources, Place: r.Place, AuthorID: r.Author.ID, AuthorName: r.Author.Name,
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

// Reindex compares the index with the casebook and, unless check is set, mends it.
func (w *Workshop) Reindex(ctx context.Context, check bool) (Difference, error) {
	have := map[string]int64{}
	err := w.Index.Versions(ctx, func(id string, version int64) error {
		have[id] = version
		return nil
	})
	if err != nil {
		return Difference{}, fmt.Errorf("index: %w", err)
	}
	var d Difference
	var put []index.Document
	flush := func() error {
		if check || len(put) == 0 {
			return nil
		}
		err := w.Index.Put(ctx, put)
		put = put[:0]
		return err
	}
	err = w.Book.Listings(ctx, func(r casebook.Row) error {
		version, ok := have[r.ID]
		if !r.Live {
			return nil
		}
		delete(have, r.ID)
		switch {
		case !ok:
			d.Missing++
		case version != r.Version:
			d.Old++
		default:
			return nil
		}
		put = append(put, document(r))
		if len(put) < indexBatch {
			return nil
		}
		return flush()
	})
	if err := errors.Join(err, flush()); err != nil {
		return d, err
	}
	d.Extra = len(have)
	if check || len(have) == 0 {
		return d, nil
	}
	var drop []string
	for id := range have {
		drop = append(drop, id)
	}
	return d, w.Index.Delete(ctx, drop)
}
