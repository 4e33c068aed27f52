package index

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"resumewatch/internal/market"
	"resumewatch/internal/query"
)

func newStore(t *testing.T) *sqliteStore {
	t.Helper()
	s, err := openSQLite(filepath.Join(t.TempDir(), "index.db"), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// FTS5 stores every token of ours as it is: neither cut nor folded any further.
func TestTokensSurviveFTS5(t *testing.T) {
	s := newStore(t)
	var docs []Document
	want := map[string]bool{}
	var b strings.Builder
	flush := func() {
		for _, tok := range query.Tokens(b.String()) {
			want[tok.Text] = true
		}
		docs = append(docs, Document{ListingID: fmt.Sprint(len(docs)), Text: b.String()})
		b.Reset()
	}
	for r := rune(0x21); r < 0x20000; r++ {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '〇' {
			continue
		}
		if (r > 0x3400 && r < 0x9f00 || r > 0xac00 && r < 0xd700) && r%16 != 0 {
			continue // inside of large blocks of one kind
		}
		b.WriteString("q" + string(r) + "q 9" + string(r) + "9 " + string(r) + "\n")
		if b.Len() > 4000 {
			flush()
		}
	}
	flush()
	want[everyToken] = true
	for i := range docs {
		want[facetToken(facetID, docs[i].ListingID)] = true
	}
	if err := s.Put(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.ExecContext(t.Context(), `CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, row)`); err != nil {
		t.Fatal(err)
	}
	rows, err := s.write.QueryContext(t.Context(), `SELECT term FROM temp.vocabulary`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	found := 0
	for rows.Next() {
		var term string
		if err := rows.Scan(&term); err != nil {
			t.Fatal(err)
		}
		if !want[term] {
			t.Errorf("FTS5 holds %q, which is no token", term)
		}
		found++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if found != len(want) {
		t.Errorf("FTS5 holds %d tokens, there are %d", found, len(want))
	}
}

// The newest hits are found by walking down the rows, never by sorting them all.
func TestNoSorting(t *testing.T) {
	s := newStore(t)
	var docs []Document
	for i := range fewRows + 100 {
		docs = append(docs, Document{
			ListingID: fmt.Sprint(i), PostedAt: time.Unix(int64(i), 0), Text: "出售简历 1000012345", Side: market.SideSell,
			Prices: []market.Price{{Amount: fmt.Sprint(1 + i%3)}}, Stock: []market.Stock{{Quantity: int64(i)}},
		})
	}
	if err := s.Put(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		"", "简历", "历", "-简历", "简历 -qq side:sell", "price:1..3", "简历 price:1..", "stock:7 简历", "stock:7", "posted:1970 简历",
		"(price:9.. OR 简历) side:sell", "stock:7 OR stock:9", "(stock:7 OR 空) 简历", "price:1..3 -price:2",
	} {
		n, err := query.Parse(q, time.Time{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		tx, err := s.read.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		r := &rewriter{ctx: t.Context(), tx: tx}
		if n, err = r.rewrite(n); err != nil {
			t.Fatal(err)
		}
		p, err := newPlan(n, counting(t.Context(), tx))
		if err != nil {
			t.Fatal(err)
		}
		text, args := p.sql()
		rows, err := tx.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
		if err != nil {
			t.Fatal(err)
		}
		var steps []string
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			steps = append(steps, step)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		_ = tx.Rollback()
		if slices.ContainsFunc(steps, func(s string) bool { return strings.Contains(s, "ORDER BY") }) {
			t.Errorf("%q is sorted:\n%s\n%s", q, text, strings.Join(steps, "\n"))
		}
	}
}

// A second that is used up to its last row gives the gaps before it.
func TestRowsOfOneSecond(t *testing.T) {
	s := newStore(t)
	at := time.Unix(1_700_000_000, 0)
	first := firstRow(at.Unix())
	put := func(id string) {
		t.Helper()
		if err := s.Put(t.Context(), []Document{{ListingID: id, Version: 1, PostedAt: at, Text: "x"}}); err != nil {
			t.Fatal(err)
		}
	}
	put("a")
	put("b")
	if _, err := s.write.ExecContext(t.Context(), `UPDATE listing SET row = ? WHERE id = 'b'`, first+maxSlot); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.ExecContext(t.Context(), `DELETE FROM listing WHERE id = 'a'`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.ExecContext(t.Context(), `DELETE FROM words WHERE rowid >= ?`, first); err != nil {
		t.Fatal(err)
	}
	put("c")
	put("d")
	for id, want := range map[string]int64{"c": first, "d": first + 1} {
		var row int64
		if err := s.read.QueryRowContext(t.Context(), `SELECT row FROM listing WHERE id = ?`, id).Scan(&row); err != nil || row != want {
			t.Errorf("%s has row %d, want %d (%v)", id, row-first, want-first, err)
		}
	}
}

func TestRowsKeepTheOrderOfTime(t *testing.T) {
	times := []int64{math.MinInt64, -62135596800, -1, 0, 1, 1_700_000_000, 253402300799, math.MaxInt64}
	for i, sec := range times {
		row := firstRow(sec)
		if i > 0 && row <= firstRow(times[i-1])+maxSlot {
			t.Errorf("second %d has rows from %d, not above those of %d", sec, row, times[i-1])
		}
		if i > 0 && i < len(times)-1 && (rowSecond(row) != sec || rowSecond(row+maxSlot) != sec) {
			t.Errorf("row %d is of second %d, want %d", row, rowSecond(row), sec)
		}
	}
}
