// Package indextest is the conformance suite of index engines: the contract of
// index.Store as tests. Every engine runs it; an engine that passes gives the
// same hits in the same order as the others.
package indextest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/index"
	"resumewatch/internal/query"
)

// Zone and Now are what the queries of the suite are reckoned by.
var (
	Zone = time.FixedZone("CST", 8*3600)
	Now  = time.Date(2026, 11, 21, 12, 0, 0, 0, Zone)
)

// Run runs the suite; open gives an empty store and sees to closing it.
func Run(t *testing.T, open func(t *testing.T) index.Store) {
	t.Run("queries", func(t *testing.T) { runQueries(t, open(t)) })
	t.Run("large queries", func(t *testing.T) { runLarge(t, open(t)) })
	t.Run("many values", func(t *testing.T) { runManyValues(t, open(t)) })
	t.Run("random", func(t *testing.T) { runRandom(t, open(t)) })
	t.Run("order", func(t *testing.T) { runOrder(t, open(t)) })
	t.Run("pages", func(t *testing.T) { runPages(t, open(t)) })
	t.Run("versions", func(t *testing.T) { runVersions(t, open(t)) })
	t.Run("delete", func(t *testing.T) { runDelete(t, open(t)) })
	t.Run("all or none", func(t *testing.T) { runAllOrNone(t, open(t)) })
	t.Run("errors of the caller", func(t *testing.T) { runCallerErrors(t, open(t)) })
	t.Run("writing while searching", func(t *testing.T) { runWriteInside(t, open(t)) })
	t.Run("together", func(t *testing.T) { runTogether(t, open(t)) })
}

func put(t *testing.T, s index.Store, docs ...index.Document) {
	t.Helper()
	if err := s.Put(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}

// search gives the ids that a query finds.
func search(t *testing.T, s index.Store, q string, page index.Page) []string {
	t.Helper()
	n, err := query.Parse(q, Now, Zone)
	if err != nil {
		t.Fatalf("%q: %v", q, err)
	}
	return searchNode(t, s, n, page)
}

func searchNode(t *testing.T, s index.Store, n query.Node, page index.Page) []string {
	t.Helper()
	ids := []string{}
	err := s.Search(t.Context(), n, page, func(h index.Hit) error {
		ids = append(ids, h.ListingID)
		return nil
	})
	if err != nil {
		t.Fatalf("%v: %v", n, err)
	}
	return ids
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(want) == 0 {
		want = []string{}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func at(day, second int) time.Time {
	return time.Date(2026, 1, day, 8, 0, second, 0, Zone)
}

// Whatever the parser lets pass, the engine answers.
func runLarge(t *testing.T, s index.Store) {
	docs := Documents()
	put(t, s, docs...)
	nest := func(levels int, open, word, middle string) string {
		return strings.Repeat(open+word+middle, levels) + word + strings.Repeat(")", levels*strings.Count(open, "("))
	}
	repeat := func(word, between string) string {
		n := query.MaxLength / utf8.RuneCountInString(word+between)
		return strings.TrimSuffix(strings.Repeat(word+between, n), between)
	}
	for name, q := range map[string]string{
		"nested OR":       nest(query.MaxDepth-1, "(", "简历", " OR "),
		"nested AND OR":   nest(query.MaxDepth/2-1, "(qq OR (", "简历", " "),
		"nested mixed":    nest(query.MaxDepth-1, "(price:1.. OR ", "简历", " "),
		"nested tail":     nest(query.MaxDepth-1, "(qq OR a ", "简历", " "),
		"nested - OR":     nest(query.MaxDepth/3-1, "(qq OR a -(", "简历", " OR b "),
		"nested -":        nest(query.MaxDepth/2-1, "-(", "简历", " "),
		"many words":      repeat("简历", " "),
		"many letters":    repeat("a", " "),
		"many OR":         repeat("简历", " OR "),
		"many ranges":     repeat("price:1..3", " "),
		"many OR ranges":  repeat("price:1..3", " OR "),
		"many mixed":      repeat("(a OR price:3)", " "),
		"many exclusions": repeat("-qq", " "),
		"long phrase":     `"` + strings.Repeat("简", query.MaxLength-2) + `"`,
		"long word":       strings.Repeat("a", query.MaxLength),
	} {
		n, err := query.Parse(q, Now, Zone)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same(t, name, searchNode(t, s, n, index.Page{}), Expected(n, docs))
	}
}

// Old posts come in after new ones, many of one second in any order of ids.
func runOrder(t *testing.T, s index.Store) {
	put(t, s, index.Document{ListingID: "e", Version: 1, PostedAt: at(3, 0), Text: "x"})
	put(t, s,
		index.Document{ListingID: "c", Version: 1, PostedAt: at(2, 0), Text: "x"},
		index.Document{ListingID: "a", Version: 1, PostedAt: at(2, 0), Text: "x"},
		index.Document{ListingID: "seen", Version: 1, SeenAt: at(2, 30), Text: "x"})
	put(t, s, index.Document{ListingID: "b", Version: 1, PostedAt: at(2, 0).Add(300 * time.Millisecond), Text: "x"})
	put(t, s, index.Document{ListingID: "old", Version: 1, PostedAt: time.Date(1965, 1, 1, 0, 0, 0, 0, time.UTC), Text: "x"})
	put(t, s, index.Document{ListingID: "never", Version: 1, Text: "x"})
	put(t, s, index.Document{ListingID: "B", Version: 1, PostedAt: at(2, 0), Text: "x"})
	put(t, s, index.Document{ListingID: "future", Version: 1, PostedAt: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), Text: "x"})
	want := []string{"future", "e", "seen", "B", "a", "b", "c", "old", "never"}
	same(t, "everything", search(t, s, "", index.Page{}), want)
	same(t, "a word", search(t, s, "x", index.Page{}), want)
	same(t, "a condition", search(t, s, "-price:1.. x", index.Page{}), want)
	// A listing that moves to another time moves in the order.
	put(t, s, index.Document{ListingID: "B", Version: 2, PostedAt: at(4, 0), Text: "x"})
	put(t, s, index.Document{ListingID: "e", Version: 2, PostedAt: at(2, 0), Text: "x"})
	same(t, "moved", search(t, s, "x", index.Page{}), []string{"future", "B", "seen", "a", "b", "c", "e", "old", "never"})
	err := s.Search(t.Context(), query.All{}, index.Page{Limit: 2}, func(h index.Hit) error {
		if h.ListingID == "B" && (!h.PostedAt.Equal(at(4, 0)) || h.PostedAt.Location() != time.UTC) {
			t.Errorf("B was posted at %v", h.PostedAt)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func runPages(t *testing.T, s index.Store) {
	var all []string
	var docs []index.Document
	for day := 28; day >= 1; day-- {
		for _, id := range []string{"a", "b", "c"} {
			d := index.Document{ListingID: string(rune('a'+day)) + id, Version: 1, PostedAt: at(day, 0), Text: "x"}
			docs, all = append(docs, d), append(all, d.ListingID)
		}
	}
	put(t, s, docs...)
	for _, limit := range []int{1, 2, 3, 7, 84, 100} {
		var got []string
		var after *index.Hit
		for {
			var page []index.Hit
			err := s.Search(t.Context(), query.All{}, index.Page{Limit: limit, After: after}, func(h index.Hit) error {
				page = append(page, h)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(page) > limit {
				t.Fatalf("%d hits, limit %d", len(page), limit)
			}
			for _, h := range page {
				got = append(got, h.ListingID)
			}
			if len(page) == 0 {
				break
			}
			after = &page[len(page)-1]
		}
		same(t, "pages", got, all)
	}
	// From is inside, Until is outside.
	page := index.Page{Since: at(5, 0), Until: at(7, 0)}
	same(t, "a period", search(t, s, "x", page), []string{"ga", "gb", "gc", "fa", "fb", "fc"})
	page.Since = page.Since.Add(time.Nanosecond)
	same(t, "a nanosecond later", search(t, s, "", page), []string{"ga", "gb", "gc"})
	same(t, "no time at all", search(t, s, "", index.Page{Since: at(7, 0), Until: at(7, 0)}), nil)
}

func runVersions(t *testing.T, s index.Store) {
	doc := func(version int64, text string) index.Document {
		return index.Document{ListingID: "l", Version: version, PostedAt: at(1, 0), Text: text, Side: "sell"}
	}
	put(t, s, doc(2, "second"))
	put(t, s, doc(1, "first"))
	same(t, "an older version stays out", search(t, s, "second", index.Page{}), []string{"l"})
	same(t, "an older version stays out", search(t, s, "first", index.Page{}), nil)
	put(t, s, doc(2, "second"), doc(2, "second"))
	put(t, s, doc(4, "fourth"), doc(3, "third"))
	same(t, "a newer version comes in", search(t, s, "fourth side:sell", index.Page{}), []string{"l"})
	same(t, "nothing of the old one is left", search(t, s, "second OR third OR first", index.Page{}), nil)
	put(t, s, index.Document{ListingID: "m", Version: 9, PostedAt: at(1, 0)})
	got := map[string]int64{}
	if err := s.Versions(t.Context(), func(id string, v int64) error { got[id] = v; return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int64{"l": 4, "m": 9}, got); diff != "" {
		t.Error(diff)
	}
}

func runDelete(t *testing.T, s index.Store) {
	d := Documents()
	put(t, s, d...)
	ids := search(t, s, "", index.Page{})
	if err := s.Delete(t.Context(), []string{ids[0], "no such listing", ids[2]}); err != nil {
		t.Fatal(err)
	}
	want := append([]string{ids[1]}, ids[3:]...)
	same(t, "after", search(t, s, "", index.Page{}), want)
	same(t, "after, by word", search(t, s, "简历 OR -简历", index.Page{}), want)
	put(t, s, d...)
	same(t, "put again", search(t, s, "", index.Page{}), ids)
	if err := s.Delete(t.Context(), ids); err != nil {
		t.Fatal(err)
	}
	same(t, "all gone", search(t, s, "", index.Page{}), nil)
	same(t, "all gone", search(t, s, "-abc", index.Page{}), nil)
}

func runAllOrNone(t *testing.T, s index.Store) {
	err := s.Put(t.Context(), []index.Document{{ListingID: "good", Version: 1, Text: "x"}, {ListingID: "", Version: 1, Text: "x"}})
	if err == nil {
		t.Error("a document without an id was taken")
	}
	same(t, "after the error", search(t, s, "", index.Page{}), nil)
	if err := s.Put(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func runCallerErrors(t *testing.T, s index.Store) {
	put(t, s, Documents()...)
	stop := errors.New("stop")
	calls := 0
	err := s.Search(t.Context(), query.All{}, index.Page{}, func(index.Hit) error { calls++; return stop })
	if err != stop || calls != 1 {
		t.Errorf("Search = %v after %d calls", err, calls)
	}
	if err := s.Versions(t.Context(), func(string, int64) error { return stop }); err != stop {
		t.Errorf("Versions = %v", err)
	}
	for _, q := range []string{"seller:S-1", "-alert:A-1", "(seller:S-1 OR price:1..) 简历"} {
		n, err := query.Parse(q, Now, Zone)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Search(t.Context(), n, index.Page{}, func(index.Hit) error { return nil }); err == nil {
			t.Errorf("%s: an unresolved field was searched", q)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Search(ctx, query.All{}, index.Page{}, func(index.Hit) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Search with an ended context = %v", err)
	}
	if err := s.Put(ctx, Documents()); !errors.Is(err, context.Canceled) {
		t.Errorf("Put with an ended context = %v", err)
	}
}

// What the callback writes is not seen by the search that calls it.
func runWriteInside(t *testing.T, s index.Store) {
	put(t, s, index.Document{ListingID: "a", Version: 1, PostedAt: at(2, 0), Text: "x"}, index.Document{ListingID: "b", Version: 1, PostedAt: at(1, 0), Text: "x"})
	var got []string
	err := s.Search(t.Context(), query.All{}, index.Page{}, func(h index.Hit) error {
		got = append(got, h.ListingID)
		return s.Put(t.Context(), []index.Document{{ListingID: "old" + h.ListingID, Version: 1, PostedAt: at(1, -9), Text: "x"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the running search", got, []string{"a", "b"})
	same(t, "the next one", search(t, s, "x", index.Page{}), []string{"a", "b", "olda", "oldb"})
}

// Writers and readers at once: each search sees whole puts only.
func runTogether(t *testing.T, s index.Store) {
	const writers, rounds = 3, 12
	errs := make(chan error, 2*writers)
	for w := range writers {
		go func() {
			for r := range rounds {
				pair := []index.Document{
					{ListingID: "left" + string(rune('a'+w)), Version: int64(r + 1), PostedAt: at(1+r, w), Text: "pair"},
					{ListingID: "right" + string(rune('a'+w)), Version: int64(r + 1), PostedAt: at(1+r, w), Text: "pair"},
				}
				if err := s.Put(t.Context(), pair); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
		go func() {
			for range rounds {
				n := 0
				if err := s.Search(t.Context(), query.Phrase{Tokens: []string{"pair"}}, index.Page{}, func(index.Hit) error { n++; return nil }); err != nil {
					errs <- err
					return
				}
				if n%2 != 0 {
					errs <- errors.New("half a put was seen")
					return
				}
			}
			errs <- nil
		}()
	}
	for range 2 * writers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := search(t, s, "pair", index.Page{}); len(got) != 2*writers {
		t.Errorf("%d listings, want %d", len(got), 2*writers)
	}
}
