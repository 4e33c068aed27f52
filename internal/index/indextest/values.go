package indextest

import (
	"fmt"
	"strconv"
	"testing"

	"resumewatch/internal/index"
	"resumewatch/internal/market"
	"resumewatch/internal/query"
)

// runManyValues has more different prices and stocks, and names more listings,
// than an engine may care to spread a query out to.
func runManyValues(t *testing.T, s index.Store) {
	var docs []index.Document
	var some query.IDs
	for i := range 1200 {
		d := index.Document{
			ListingID: fmt.Sprintf("%04d", i), Version: 1, PostedAt: at(1+i%28, i%7), Text: []string{"出售简历", "收企业号", "qq"}[i%3],
			Prices: []market.Price{price(strconv.Itoa(i%1000)+".5", "")}, Stock: []market.Stock{{Quantity: int64(i * 10), Unit: market.UnitItem}},
		}
		if i%5 == 0 {
			d.Prices[0].AmountMax = strconv.Itoa(i%1000 + 100)
		}
		if i%2 == 0 {
			some.IDs = append(some.IDs, d.ListingID)
		}
		docs = append(docs, d)
	}
	put(t, s, docs...)
	number := func(field string, least, most float64) query.Node {
		return query.Number{Field: field, Min: least, Max: most}
	}
	word := query.Phrase{Tokens: []string{"简历"}}
	wide, narrow := number(query.FieldStock, 100, 11_000), number(query.FieldPrice, 500, 503)
	for name, n := range map[string]query.Node{
		"wide":            wide,
		"not wide":        query.Not{Node: wide},
		"wide price":      number(query.FieldPrice, 50, 900),
		"narrow":          narrow,
		"word and wide":   query.And{Nodes: []query.Node{word, wide}},
		"word or wide":    query.Or{Nodes: []query.Node{word, wide}},
		"two wide":        query.And{Nodes: []query.Node{wide, number(query.FieldPrice, 50, 900)}},
		"wide or narrow":  query.Or{Nodes: []query.Node{wide, narrow}},
		"ids":             some,
		"not ids":         query.Not{Node: some},
		"ids and word":    query.And{Nodes: []query.Node{some, word}},
		"ids or word":     query.Or{Nodes: []query.Node{query.And{Nodes: []query.Node{some, wide}}, word}},
		"ids and wide":    query.And{Nodes: []query.Node{some, wide, query.Not{Node: narrow}}},
		"period or wide":  query.Or{Nodes: []query.Node{query.Period{From: at(3, 0), Before: at(5, 0)}, number(query.FieldStock, 0, 4000)}},
		"wide in a month": query.And{Nodes: []query.Node{query.Period{From: at(3, 0)}, wide, query.Not{Node: query.Period{Before: at(9, 0)}}}},
		"nothing or wide": query.Or{Nodes: []query.Node{query.Not{Node: query.All{}}, wide}},
	} {
		want := Expected(n, docs)
		same(t, name, searchNode(t, s, n, index.Page{}), want)
		if len(want) > 50 {
			same(t, name+" (first 50)", searchNode(t, s, n, index.Page{Limit: 50}), want[:50])
		}
	}
}
