package indextest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"resumewatch/internal/index"
	"resumewatch/internal/market"
	"resumewatch/internal/query"
)

// runRandom compares the engine with the meaning of random queries over random
// listings, some replaced and some deleted on the way. The seed is fixed: a
// failure comes again.
func runRandom(t *testing.T, s index.Store) {
	r := rand.New(rand.NewPCG(7, 11))
	byID := map[string]index.Document{}
	for round := range 6 {
		var batch []index.Document
		for range 40 {
			d := randomDocument(r)
			d.Version = int64(round)
			batch = append(batch, d)
			if old, ok := byID[d.ListingID]; !ok || d.Version > old.Version {
				byID[d.ListingID] = d
			}
		}
		put(t, s, batch...)
		gone := batch[r.IntN(len(batch))]
		if err := s.Delete(t.Context(), refs(gone)); err != nil {
			t.Fatal(err)
		}
		delete(byID, gone.ListingID)
	}
	var docs []index.Document
	for _, d := range byID {
		docs = append(docs, d)
	}
	for range 400 {
		n := randomNode(r, 3)
		want := Expected(n, docs)
		same(t, fmt.Sprintf("%#v", n), searchNode(t, s, n, index.Page{}), want)
		if limit := 1 + r.IntN(5); limit < len(want) {
			same(t, fmt.Sprintf("%d of %#v", limit, n), searchNode(t, s, n, index.Page{Limit: limit}), want[:limit])
		}
		if t.Failed() {
			return
		}
	}
}

// Random gives listings and a source of queries over them, the same ones every time.
func Random(listings int) ([]index.Document, func() query.Node) {
	r := rand.New(rand.NewPCG(3, 5))
	var docs []index.Document
	for i := range listings {
		d := randomDocument(r)
		d.ListingID, d.Version = "l"+strconv.Itoa(i), 1
		docs = append(docs, d)
	}
	return docs, func() query.Node { return randomNode(r, 3) }
}

var someText = []rune("简历出售一手ab1 ，\n*★é𠮷")

func randomText(r *rand.Rand, most int) string {
	out := make([]rune, r.IntN(most+1))
	for i := range out {
		out[i] = someText[r.IntN(len(someText))]
	}
	return string(out)
}

func randomDocument(r *rand.Rand) index.Document {
	d := index.Document{
		ListingID: "l" + strconv.Itoa(r.IntN(150)),
		PostedAt:  at(1+r.IntN(9), r.IntN(3)),
		Text:      randomText(r, 30),
		Title:     randomText(r, 4),
		Side:      []string{"", market.SideSell, market.SideBuy}[r.IntN(3)],
	}
	if r.IntN(8) == 0 {
		d.PostedAt, d.SeenAt = time.Time{}, d.PostedAt
	}
	for range r.IntN(3) {
		lo := r.IntN(10)
		p := market.Price{Amount: strconv.Itoa(lo)}
		if r.IntN(3) == 0 {
			p.AmountMax = strconv.Itoa(lo + r.IntN(5))
		}
		d.Prices = append(d.Prices, p)
	}
	for range r.IntN(2) {
		d.Stock = append(d.Stock, market.Stock{Quantity: int64(r.IntN(5)), Unit: market.UnitItem})
	}
	return d
}

func randomNode(r *rand.Rand, depth int) query.Node {
	if depth > 0 && r.IntN(3) > 0 {
		some := func() []query.Node {
			nodes := []query.Node{}
			for range 2 + r.IntN(2) {
				nodes = append(nodes, randomNode(r, depth-1))
			}
			return nodes
		}
		switch r.IntN(4) {
		case 0:
			return query.Or{Nodes: some()}
		case 1:
			return query.Not{Node: randomNode(r, depth-1)}
		}
		return query.And{Nodes: some()}
	}
	switch r.IntN(9) {
	case 0:
		return query.Field{Name: query.FieldSide, Value: market.SideSell}
	case 1:
		lo := float64(r.IntN(12))
		n := query.Number{Field: query.FieldPrice, Min: lo, Max: lo + float64(r.IntN(4))}
		if r.IntN(4) == 0 {
			n.Max = math.Inf(1)
		}
		return n
	case 2:
		return query.Number{Field: query.FieldStock, Min: math.Inf(-1), Max: float64(r.IntN(5))}
	case 3:
		from := at(1+r.IntN(9), r.IntN(3))
		return query.Period{From: from, Before: from.AddDate(0, 0, r.IntN(4))}
	case 4:
		return query.IDs{IDs: []string{"l1", "l" + strconv.Itoa(r.IntN(150))}}
	}
	for {
		n, err := query.Parse(`"`+randomText(r, 4)+`"`, Now, Zone)
		if err == nil {
			return n
		}
	}
}
