package indextest

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"resumewatch/internal/index"
	"resumewatch/internal/market"
	"resumewatch/internal/query"
)

// Compare draws listings and queries as users write them, gives both to two
// empty engines and compares the hits with each other and with the meaning of the query.
func Compare(t *testing.T, one, other index.Store) {
	known := map[string]index.Document{}
	version, asked, hits := int64(0), 0, 0
	rapid.Check(t, func(r *rapid.T) {
		version++
		docs := rapid.SliceOfN(drawDocument(version), 0, 6).Draw(r, "listings")
		for _, s := range []index.Store{one, other} {
			if err := s.Put(t.Context(), docs); err != nil {
				r.Fatal(err)
			}
		}
		for _, d := range docs {
			if old, twice := known[d.ListingID]; !twice || old.Version < d.Version {
				known[d.ListingID] = d
			}
		}
		all := make([]index.Document, 0, len(known))
		for _, d := range known {
			all = append(all, d)
		}
		for _, text := range rapid.SliceOfN(rapid.Custom(drawQuery), 1, 8).Draw(r, "queries") {
			n, err := query.Parse(text, Now, Zone)
			if err != nil {
				continue // as the user would be told
			}
			expected := Expected(n, all)
			want := fmt.Sprint(expected)
			asked, hits = asked+1, hits+len(expected)
			for i, s := range []index.Store{one, other} {
				got := []string{}
				err := s.Search(t.Context(), n, index.Page{}, func(h index.Hit) error { got = append(got, h.ListingID); return nil })
				if err != nil {
					r.Fatalf("%q: %v", text, err)
				}
				if fmt.Sprint(got) != want {
					r.Fatalf("%q: engine %d finds %v, want %s", text, i+1, got, want)
				}
			}
		}
	})
	t.Logf("%d queries with %d hits", asked, hits)
	if asked == 0 || hits == 0 {
		t.Error("nothing was compared")
	}
}

// What posts are written with: Han of the BMP and beyond it, digits of several
// kinds, letters with and without marks, signs that are put between, line breaks.
var compared = []rune("简简历歷史出售一〇ab1２éßİǆ_★*·，\u200b\u0301 \n\U00020BB7\U0002A700😀한かカ")

func drawText(most int) *rapid.Generator[string] {
	return rapid.Custom(func(r *rapid.T) string {
		return string(rapid.SliceOfN(rapid.SampledFrom(compared), 0, most).Draw(r, "text"))
	})
}

func drawDocument(version int64) *rapid.Generator[index.Document] {
	return rapid.Custom(func(r *rapid.T) index.Document {
		d := index.Document{
			ListingID: fmt.Sprintf("l%d", rapid.IntRange(0, 60).Draw(r, "id")), Version: version, Month: "2026-01",
			PostedAt: at(rapid.IntRange(1, 9).Draw(r, "day"), rapid.IntRange(0, 2).Draw(r, "second")),
			Title:    drawText(4).Draw(r, "title"), Text: drawText(24).Draw(r, "text"), AuthorName: drawText(4).Draw(r, "author"),
			Side: rapid.SampledFrom([]string{"", market.SideSell, market.SideBuy}).Draw(r, "side"),
		}
		for range rapid.IntRange(0, 2).Draw(r, "prices") {
			lo := rapid.IntRange(0, 9).Draw(r, "price")
			d.Prices = append(d.Prices, price(fmt.Sprint(lo), fmt.Sprint(lo+rapid.IntRange(0, 3).Draw(r, "more"))))
		}
		if rapid.Bool().Draw(r, "stocked") {
			d.Stock = []market.Stock{{Quantity: rapid.SampledFrom([]int64{0, 5, 100, math.MaxInt64}).Draw(r, "stock"), Unit: market.UnitItem}}
		}
		if rapid.Bool().Draw(r, "undated") {
			d.SeenAt, d.PostedAt = d.PostedAt, time.Time{}
		}
		return d
	})
}

func drawQuery(r *rapid.T) string {
	part := rapid.Custom(func(r *rapid.T) string {
		switch rapid.IntRange(0, 7).Draw(r, "kind") {
		case 0:
			return `"` + drawText(6).Draw(r, "phrase") + `"`
		case 1:
			return rapid.SampledFrom([]string{"side:sell", "side:buy", "price:2..4", "price:8..", "stock:100..", "stock:..5", "posted:2026-01-03..", "posted:2026-01-05"}).Draw(r, "field")
		case 2:
			return "author:" + drawText(3).Draw(r, "author")
		}
		return drawText(3).Draw(r, "word")
	})
	var b strings.Builder
	open := 0
	for i, p := range rapid.SliceOfN(part, 1, 5).Draw(r, "parts") {
		if i > 0 {
			b.WriteString(rapid.SampledFrom([]string{" ", " OR "}).Draw(r, "between"))
		}
		if rapid.IntRange(0, 3).Draw(r, "not") == 0 {
			b.WriteString("-")
		}
		if rapid.IntRange(0, 3).Draw(r, "open") == 0 {
			b.WriteString("(")
			open++
		}
		b.WriteString(p)
		if open > 0 && rapid.Bool().Draw(r, "close") {
			b.WriteString(")")
			open--
		}
	}
	return b.String() + strings.Repeat(")", open)
}
