package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"resumewatch/internal/casebook"
	"resumewatch/internal/index"
	"resumewatch/internal/jobs"
)

// picky is an index that refuses some listings and says why.
type picky struct {
	index.Store
	refuse map[string]index.Refusal
}

func (p *picky) Put(ctx context.Context, docs []index.Document) error {
	var rest []index.Document
	var refused []index.Refusal
	for _, d := range docs {
		if r, no := p.refuse[d.ListingID]; no {
			r.ListingID = d.ListingID
			refused = append(refused, r)
		} else {
			rest = append(rest, d)
		}
	}
	if err := p.Store.Put(ctx, rest); err != nil || len(refused) == 0 {
		return err
	}
	return &index.RefusedError{Where: "picky", Items: refused}
}

// advertised is a world with some listings that the casebook knows and the index doesn't.
func advertised(t *testing.T) (*world, []string) {
	t.Helper()
	w := newWorld(t)
	run := w.run()
	w.order(run, "all.txt", exported(chat{"一群", adverts(rand.New(rand.NewPCG(1, 2)), 12)}))
	for w.progress(run).Open > 0 {
		if _, errs := w.once(run); len(errs) > 0 {
			t.Fatal(errs)
		}
	}
	var ids []string
	w.must(w.Book.Listings(w.Context(), func(r casebook.Row) error { ids = append(ids, r.ID); return nil }))
	if len(ids) < 5 {
		t.Fatalf("%d listings", len(ids))
	}
	w.must(w.Index.Filled(w.Context()))
	return w, ids
}

func (w *world) waiting() int {
	w.Helper()
	notices, err := w.Book.Outbox(w.Context(), casebook.TopicIndex, 1000)
	w.must(err)
	return len(notices)
}

func (w *world) compare() jobs.Difference {
	w.Helper()
	d, err := w.Reindex(w.Context(), true)
	w.must(err)
	return d
}

// A listing that is refused for ever keeps no other out and is not forgotten;
// one that is refused for now is tried again.
func TestIndexRefuses(t *testing.T) {
	w, ids := advertised(t)
	var log strings.Builder
	w.Log = slog.New(slog.NewTextHandler(&log, nil))
	p := &picky{Store: w.Index, refuse: map[string]index.Refusal{
		ids[1]: {Reason: "poison"}, ids[3]: {Reason: "busy", Passing: true},
	}}
	w.Index = p
	notices := w.waiting()
	n, err := w.IndexStep(w.Context())
	var refused *index.RefusedError
	if !errors.As(err, &refused) || len(refused.Items) != 1 || refused.Items[0].ListingID != ids[3] {
		t.Errorf("IndexStep = %v", err)
	}
	w.same("notices that stay", 1, w.waiting())
	w.same("notices that went", notices-1, n)
	w.same("index against casebook", jobs.Difference{Missing: 2}, w.compare())
	if !strings.Contains(log.String(), ids[1]) || strings.Contains(log.String(), ids[3]) {
		t.Errorf("log: %s", log.String())
	}
	delete(p.refuse, ids[3])
	n, err = w.IndexStep(w.Context())
	w.must(err)
	w.same("notices that went", 1, n)
	w.same("index against casebook", jobs.Difference{Missing: 1}, w.compare())
	delete(p.refuse, ids[1]) // as with a later version of the program
	_, err = w.Reindex(w.Context(), false)
	w.must(err)
	w.same("index against casebook", jobs.Difference{}, w.compare())
}

func TestReindexMends(t *testing.T) {
	w, ids := advertised(t)
	w.reindexMends(ids)
}

func (w *world) reindexMends(ids []string) {
	_, err := w.IndexStep(w.Context())
	w.must(err)
	rows, err := w.Book.Rows(w.Context(), ids[:3])
	w.must(err)
	w.must(w.Index.Delete(w.Context(), []index.Ref{{ListingID: ids[0], Month: rows[0].Month, Version: rows[0].Version - 1}}))
	w.same("an older version was to go", jobs.Difference{}, w.compare())
	w.must(w.Index.Delete(w.Context(), []index.Ref{{ListingID: ids[0], Month: rows[0].Month, Version: rows[0].Version}}))
	w.must(w.Index.Put(w.Context(), []index.Document{{ListingID: "extra", Version: 7, PostedAt: w.Now(), Text: "x"}}))
	w.same("missing and extra", jobs.Difference{Missing: 1, Extra: 1}, w.compare())
	d, err := w.Reindex(w.Context(), false)
	w.must(err)
	w.same("what was mended", jobs.Difference{Missing: 1, Extra: 1}, d)
	w.same("afterwards", jobs.Difference{}, w.compare())
	// The casebook came back from an older copy: the index is ahead of it.
	w.must(w.Index.Put(w.Context(), []index.Document{{ListingID: ids[2], Month: rows[2].Month, Version: 1 << 40, PostedAt: w.Now(), Text: "later"}}))
	w.same("ahead", jobs.Difference{Old: 1}, w.compare())
	_, err = w.Reindex(w.Context(), false)
	w.must(err)
	w.same("afterwards", jobs.Difference{}, w.compare())
	w.same("what the later version said", 0, len(w.search("later")))
	// All was lost while we run: the next step fills it again.
	w.must(w.Index.Reset(w.Context()))
	run := w.run()
	w.order(run, "more.txt", exported(chat{"二群", adverts(rand.New(rand.NewPCG(5, 6)), 2)}))
	w.finish(run)
	w.same("after Reset", jobs.Difference{}, w.compare())
	if w.Index.Fresh() {
		w.Error("fresh after it was filled")
	}
}
