//go:build parts

package jobs_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"resumewatch/internal/index"
	"resumewatch/internal/jobs"
)

func TestReindexMendsElastic(t *testing.T) {
	url := os.Getenv("RESUMEWATCH_ELASTICSEARCH")
	if url == "" {
		t.Fatal("RESUMEWATCH_ELASTICSEARCH is not set; run deploy/testparts/with elasticsearch -- go test -tags parts …")
	}
	w, ids := advertised(t)
	o := index.ElasticOptions{URLs: []string{url}, Name: fmt.Sprintf("jobstest-%d", os.Getpid())}
	store, err := index.OpenElastic(t.Context(), o)
	w.must(err)
	t.Cleanup(func() {
		w.check(store.Close())
		w.check(index.RemoveElastic(context.Background(), o))
	})
	w.Index = store
	w.reindexMends(ids)
	// One listing in two months, as after a mistake: the wrong one goes.
	rows, err := w.Book.Rows(t.Context(), ids[1:2])
	w.must(err)
	for _, month := range []string{"2011-01", "2039-12"} { // before and behind it, as the index gives them
		w.must(store.Put(t.Context(), []index.Document{{ListingID: ids[1], Month: month, Version: rows[0].Version, PostedAt: rows[0].PostedAt, Text: "twice"}}))
	}
	w.same("three times", jobs.Difference{Extra: 2}, w.compare())
	_, err = w.Reindex(t.Context(), false)
	w.must(err)
	w.same("once", jobs.Difference{}, w.compare())
	w.same("the wrong one", 0, len(w.search("twice")))
}
