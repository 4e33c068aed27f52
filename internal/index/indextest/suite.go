// Package indextest is the conformance suite of index engines: the contract of
// index.Store as tests. Every engine runs it; an engine that passes gives the
// same hits in the same order as the others.
package indextest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/index"
	"resumewatch/internal/market"
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
	t.Run("refused", func(t *testing.T) { runRefused(t, open(t)) })
	t.Run("filled", func(t *testing.T) { runFilled(t, open(t)) })
	t.Run("many pairs", func(t *testing.T) { runManyPairs(t, open(t)) })
	t.Run("months", func(t *testing.T) { runMonths(t, open(t)) })
	t.Run("dropped months", func(t *testing.T) { runDropMonth(t, open(t)) })
	t.Run("errors of the caller", func(t *testing.T) { runCallerErrors(t, open(t)) })
	t.Run("writing while searching", func(t *testing.T) { runWriteInside(t, open(t)) })
	t.Run("together", func(t *testing.T) { runTogether(t, open(t), false) })
}

// RunWhole is for engines whose puts are seen as a whole or not at all, beside Run.
func RunWhole(t *testing.T, open func(t *testing.T) index.Store) {
	t.Run("whole puts", func(t *testing.T) { runTogether(t, open(t), true) })
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
	if err := s.Versions(t.Context(), func(r index.Ref) error { got[r.ListingID] = r.Version; return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int64{"l": 4, "m": 9}, got); diff != "" {
		t.Error(diff)
	}
}

// refs names documents as they were put.
func refs(docs ...index.Document) []index.Ref {
	var out []index.Ref
	for _, d := range docs {
		out = append(out, index.Ref{ListingID: d.ListingID, Month: d.Part(), Version: d.Version})
	}
	return out
}

func runDelete(t *testing.T, s index.Store) {
	d := Documents()
	put(t, s, d...)
	remove := func(refs ...index.Ref) {
		t.Helper()
		if err := s.Delete(t.Context(), refs); err != nil {
			t.Fatal(err)
		}
	}
	remove(index.Ref{ListingID: "no such listing", Month: "2026-01", Version: 1}, index.Ref{ListingID: "no such month", Month: "2019-12", Version: 1})
	remove(refs(d[4], d[2])...)
	same(t, "after", search(t, s, "", index.Page{}), []string{"06", "04", "02", "01"})
	same(t, "after, by word", search(t, s, "简历 OR -简历", index.Page{}), []string{"06", "04", "02", "01"})
	for i := range d {
		d[i].Version = 3
	}
	put(t, s, d...)
	same(t, "put again", search(t, s, "", index.Page{}), []string{"05", "06", "04", "03", "02", "01"})
	older := refs(d...)
	for i := range older {
		older[i].Version = 2
	}
	remove(older...)
	same(t, "an older version was to go", search(t, s, "", index.Page{}), []string{"05", "06", "04", "03", "02", "01"})
	if err := s.Delete(t.Context(), refs(d[0])); err != nil {
		t.Fatal(err)
	}
	if err := s.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	d[0].Version = 1
	put(t, s, d[0])
	same(t, "forgotten and put again", search(t, s, "一手", index.Page{}), []string{"01"})
	older[0].Version = 4 // the casebook's, in which it is a listing no more
	remove(append(refs(d[1:]...), older[0])...)
	same(t, "all gone", search(t, s, "", index.Page{}), nil)
	same(t, "all gone", search(t, s, "-abc", index.Page{}), nil)
}

// What is refused is named, and keeps nothing else out.
func runRefused(t *testing.T, s index.Store) {
	doc := func(id string, version int64) index.Document {
		return index.Document{ListingID: id, Version: version, PostedAt: at(1, 0), Text: "x"}
	}
	long := strings.Repeat("x", 513)
	err := s.Put(t.Context(), []index.Document{doc("good", 1), doc("", 1), doc(long, 1), doc("negative", -1), doc(long[1:], 0)})
	var refused *index.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("Put = %v", err)
	}
	var ids []string
	for _, r := range refused.Items {
		if ids = append(ids, r.ListingID); r.Passing || r.Reason == "" {
			t.Errorf("%+v", r)
		}
	}
	same(t, "refused", ids, []string{"", long, "negative"})
	same(t, "taken", search(t, s, "x", index.Page{}), []string{"good", long[1:]})
	// Values of any length and kind are found again.
	wide := doc("wide", 1)
	wide.AuthorName, wide.Place = strings.Repeat("长", 20_000), "a\x00b\xffc\"\\\u2028"
	wide.Title, wide.Text = "\x00\xff<\"", strings.Repeat("a", 100_000)+" 简"
	wide.Stock = []market.Stock{{Quantity: math.MaxInt64}, {Quantity: math.MinInt64}}
	wide.Prices = []market.Price{price("1e308", ""), price("-1e308", "1e-320"), price("Inf", ""), price("NaN", "")}
	put(t, s, wide)
	for _, n := range []query.Node{
		query.Field{Name: query.FieldAuthor, Value: wide.AuthorName},
		query.Field{Name: query.FieldPlace, Value: query.NormalValue(query.FieldPlace, wide.Place)},
		query.Phrase{Tokens: []string{"简"}, Prefix: true},
		query.Number{Field: query.FieldStock, Min: math.MinInt64, Max: -1},
		query.Number{Field: query.FieldPrice, Min: 1e307, Max: math.Inf(1)},
		query.Number{Field: query.FieldPrice, Min: -5, Max: -4},
		query.Number{Field: query.FieldPrice, Min: math.Inf(-1), Max: math.Inf(1)},
	} {
		same(t, fmt.Sprintf("%T", n), searchNode(t, s, n, index.Page{}), []string{"wide"})
	}
	if err := s.Put(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if err := s.Delete(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func runFilled(t *testing.T, s index.Store) {
	if !s.Fresh() {
		t.Error("an index that holds nothing yet is not fresh")
	}
	put(t, s, Documents()...)
	if !s.Fresh() {
		t.Error("not fresh before it was filled")
	}
	if err := s.Filled(t.Context()); err != nil || s.Fresh() {
		t.Errorf("after Filled: %v, fresh %v", err, s.Fresh())
	}
	put(t, s, Documents()...)
	if s.Fresh() {
		t.Error("a Put made it fresh")
	}
	if err := s.Reset(t.Context()); err != nil || !s.Fresh() {
		t.Errorf("after Reset: %v, fresh %v", err, s.Fresh())
	}
	for _, q := range []string{"", "简历", "side:sell", "price:1..", "-a"} {
		same(t, q, search(t, s, q, index.Page{}), nil)
	}
	put(t, s, Documents()...) // versions of what was there before count no more
	same(t, "put after Reset", search(t, s, "简历", index.Page{}), []string{"05", "04", "03", "01"})
}

// A single character begins more different pairs than an engine may care to
// spread it out to, and a search has more hits than one answer may hold.
func runManyPairs(t *testing.T, s index.Store) {
	const pairs = 5300
	var docs []index.Document
	for i := range pairs {
		docs = append(docs, index.Document{ListingID: fmt.Sprintf("%04d", i), Version: 1, PostedAt: at(1+i%28, i%50), Text: "加qq 简" + string(rune(0x4E00+i))})
		if len(docs) == 1000 || i == pairs-1 {
			put(t, s, docs...)
			docs = docs[:0]
		}
	}
	for _, q := range []string{"简", `"qq 简"`, `"加qq 简"`, ""} {
		all := search(t, s, q, index.Page{})
		if len(all) != pairs {
			t.Errorf("%s: %d hits, want %d", q, len(all), pairs)
		}
		for _, limit := range []int{1, 5000, 5001, pairs, pairs + 1} {
			same(t, fmt.Sprintf("%s, %d", q, limit), search(t, s, q, index.Page{Limit: limit}), all[:min(limit, len(all))])
		}
	}
	same(t, "one pair", search(t, s, "简"+string(rune(0x4E00+1500)), index.Page{}), []string{"1500"})
	n := 0
	if err := s.Versions(t.Context(), func(index.Ref) error { n++; return nil }); err != nil || n != pairs {
		t.Errorf("Versions: %d, %v", n, err)
	}
	// As many different words as fit a query.
	long := []string{}
	for i := range query.MaxLength / 2 {
		long = append(long, string(rune(0x4E00+i)))
	}
	same(t, "many words", search(t, s, strings.Join(long, " "), index.Page{}), nil)
}

// A listing stays in its month whatever its time is; posts with invented dates
// are found like others.
func runMonths(t *testing.T, s index.Store) {
	moved := index.Document{ListingID: "m", Version: 1, Month: "2026-01", PostedAt: at(1, 0), Text: "x"}
	put(t, s, moved)
	moved.Version, moved.PostedAt = 2, at(80, 0)
	put(t, s, moved)
	same(t, "moved", search(t, s, "x", index.Page{}), []string{"m"})
	docs := []index.Document{moved}
	var want []string
	for i, month := range []string{"", "2025-12", "2000-01", "2039-12", "1999-12", "2040-01", "9999-12", "0001-01", "no month", "2026-13", "other", "2026-01-write", "*", "../x"} {
		d := index.Document{ListingID: fmt.Sprintf("%02d", i), Version: 1, Month: month, PostedAt: at(79, 0), Text: "x"}
		docs, want = append(docs, d), append(want, d.ListingID)
	}
	put(t, s, docs...)
	same(t, "any month", search(t, s, "x", index.Page{}), append([]string{"m"}, want...))
	if err := s.Delete(t.Context(), refs(docs...)); err != nil {
		t.Fatal(err)
	}
	same(t, "deleted", search(t, s, "", index.Page{}), nil)
}

func runCallerErrors(t *testing.T, s index.Store) {
	put(t, s, Documents()...)
	stop := errors.New("stop")
	calls := 0
	err := s.Search(t.Context(), query.All{}, index.Page{}, func(index.Hit) error { calls++; return stop })
	if err != stop || calls != 1 {
		t.Errorf("Search = %v after %d calls", err, calls)
	}
	if err := s.Versions(t.Context(), func(index.Ref) error { return stop }); err != stop {
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

// Writers and readers at once; with whole, each search sees whole puts only.
func runTogether(t *testing.T, s index.Store, whole bool) {
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
				if whole && n%2 != 0 {
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
