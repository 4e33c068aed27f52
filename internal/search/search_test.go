package search_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/index"
	"resumewatch/internal/market"
	"resumewatch/internal/query"
	"resumewatch/internal/search"
)

var now = time.Date(2026, 6, 1, 4, 0, 0, 0, time.UTC)

// newSearcher has n listings of one second each other, sold and sought in turn.
func newSearcher(t *testing.T, n int) (search.Searcher, []string) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	book, err := casebook.OpenSQLite(ctx, filepath.Join(t.TempDir(), "book.db"))
	must(err)
	t.Cleanup(func() { book.Close() })
	store, err := index.OpenSQLite(filepath.Join(t.TempDir(), "index.db"), false)
	must(err)
	t.Cleanup(func() { store.Close() })
	run, err := book.StartRun(ctx, "test", now)
	must(err)
	_, _, err = book.AddChunks(ctx, run, []casebook.Work{{ID: "unit", Source: "qq-1000045678", Payload: []byte(`{}`)}}, now)
	must(err)
	claim := casebook.Claim{ID: "unit", Generation: 1}
	_, err = book.ClaimWork(ctx, claim, now)
	must(err)
	l := casebook.Learnt{Work: claim, Run: run, Source: "qq-1000045678", At: now, Outcome: market.OutcomeNew}
	var ids []string
	for i := range n {
		p := &market.Post{Place: "1000045678", Author: market.Author{Kind: market.AuthorUIN, ID: fmt.Sprint(1000000000 + i)}, PostedAt: now.Add(-time.Duration(i/2) * time.Second), Text: fmt.Sprintf("出简历 %d", i)}
		reading := market.Reading{Listing: market.Listing{Listing: true, Side: []string{market.SideSell, market.SideBuy}[i%2], Goods: []string{market.GoodsResumeData}}}
		reading.Normalize()
		l.Found = append(l.Found, casebook.Found{Post: p, ID: p.ID(0), Masked: p.Text, TextDigest: fmt.Sprint(i), Reading: reading, Sketch: 1<<63 | uint64(i), Extractor: "1", Start: -1, State: market.PostUnknown})
		ids = append(ids, p.ID(0))
	}
	_, err = book.Commit(ctx, l)
	must(err)
	rows, err := book.Rows(ctx, ids)
	must(err)
	var docs []index.Document
	for _, r := range rows {
		docs = append(docs, index.Document{ListingID: r.ID, Version: r.Version, PostedAt: r.PostedAt, SeenAt: r.SeenAt, Text: r.Text, Side: r.Listing.Side, Goods: r.Listing.Goods})
	}
	must(store.Put(ctx, docs))
	return search.Searcher{Book: book, Index: store, Now: func() time.Time { return now }}, ids
}

func TestPagesHoldAllOnce(t *testing.T) {
	s, ids := newSearcher(t, 57)
	plan, err := s.Plan(t.Context(), search.Request{Query: "简历"})
	if err != nil {
		t.Fatal(err)
	}
	var whole []string
	if err := s.Each(t.Context(), plan, 0, func(r casebook.Row) error { whole = append(whole, r.ID); return nil }); err != nil || len(whole) != len(ids) {
		t.Fatalf("%d of %d, %v", len(whole), len(ids), err)
	}
	var paged []string
	pages := 0
	for after := (*search.Cursor)(nil); ; pages++ {
		rows, next, err := s.Page(t.Context(), plan, after, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			paged = append(paged, r.ID)
		}
		if next == nil {
			break
		}
		if after, err = search.ParseCursor(next.String()); err != nil || *after != *next {
			t.Fatalf("cursor %s: %v", next, err)
		}
	}
	if strings.Join(paged, " ") != strings.Join(whole, " ") || pages != 5 {
		t.Errorf("pages hold %v in %d steps", paged, pages)
	}
}

func TestSurvey(t *testing.T) {
	s, _ := newSearcher(t, 21)
	plan, err := s.Plan(t.Context(), search.Request{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Survey(t.Context(), plan, 100)
	if err != nil || got.Hits != 21 || got.More || got.Sides[market.SideSell] != 11 || got.Sides[market.SideBuy] != 10 || got.Goods[market.GoodsResumeData] != 21 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = s.Survey(t.Context(), plan, 20); err != nil || got.Hits != 20 || !got.More {
		t.Errorf("cut: %+v, %v", got, err)
	}
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if got, err = s.Survey(late, plan, 20); err != nil || !got.More {
		t.Errorf("late: %+v, %v", got, err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err = s.Survey(gone, plan, 20); !errors.Is(err, context.Canceled) {
		t.Errorf("left: %v", err)
	}
}

func TestMistakes(t *testing.T) {
	s, _ := newSearcher(t, 1)
	s.Index = nil // reading a request needs none
	for _, c := range []struct {
		request search.Request
		part    string
		column  int
		text    string
	}{
		{search.Request{Query: "简历 price:1..x"}, search.PartQuery, 10, `query: query column 10: price: "x" is no number`},
		{search.Request{Query: "a alert:x"}, search.PartQuery, 3, "alert:x is no alert; write alert:A-12"},
		{search.Request{Since: "yesterday"}, search.PartSince, 0, `since: "yesterday" is no time`},
		{search.Request{Until: "7x"}, search.PartUntil, 0, `until: "7x" is no time`},
	} {
		_, err := s.Plan(t.Context(), c.request)
		bad, ok := errors.AsType[*search.Mistake](err)
		if !ok || bad.Part != c.part || bad.Column != c.column || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%+v: %v", c.request, err)
		}
	}
	plan, err := s.Plan(t.Context(), search.Request{Query: "seller:S-99 alert:7", Since: "7d", Until: "2026-05-31"})
	if err != nil || plan.Since != now.AddDate(0, 0, -7).In(search.Zone) || !plan.Until.Equal(time.Date(2026, 6, 1, 0, 0, 0, 0, search.Zone)) {
		t.Errorf("%+v, %v", plan, err)
	}
	if and, ok := plan.Query.(query.And); !ok || len(and.Nodes[0].(query.IDs).IDs) != 0 {
		t.Errorf("an unknown seller: %+v", plan.Query)
	}
}

// A query that names sellers without end asks the casebook for a few at most, and for
// each once.
func TestLookupsAreBounded(t *testing.T) {
	s, _ := newSearcher(t, 1)
	if _, err := s.Plan(t.Context(), search.Request{Query: strings.Repeat("seller:1000000000 OR ", 150) + "alert:1"}); err != nil {
		t.Errorf("one seller many times: %v", err)
	}
	q := "seller:0"
	for i := range query.MaxLookups {
		q += fmt.Sprintf(" OR seller:%d", i+1)
	}
	_, err := s.Plan(t.Context(), search.Request{Query: q})
	if bad, ok := errors.AsType[*search.Mistake](err); !ok || bad.Column != strings.LastIndex(q, "seller:")+1 {
		t.Errorf("more sellers than %d: %v", query.MaxLookups, err)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("1772366400-4f1c")
	f.Add("--1-a")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := search.ParseCursor(s)
		if err != nil || c == nil {
			return
		}
		again, err := search.ParseCursor(c.String())
		if err != nil || *again != *c {
			t.Fatalf("%q: %v, %v", s, again, err)
		}
	})
}
