package indextest

import (
	"cmp"
	"slices"
	"strings"

	"resumewatch/internal/index"
	"resumewatch/internal/query"
)

// Expected is what a query means, worked out document by document: the ids in
// the order of the hits.
func Expected(n query.Node, docs []index.Document) []string {
	var hits []index.Document
	for _, d := range docs {
		if holds(n, &d) {
			hits = append(hits, d)
		}
	}
	slices.SortFunc(hits, func(a, b index.Document) int {
		return cmp.Or(b.Time().Compare(a.Time()), strings.Compare(a.ListingID, b.ListingID))
	})
	ids := []string{}
	for _, d := range hits {
		ids = append(ids, d.ListingID)
	}
	return ids
}

func holds(n query.Node, d *index.Document) bool {
	switch n := n.(type) {
	case query.All:
		return true
	case query.And:
		return !slices.ContainsFunc(n.Nodes, func(c query.Node) bool { return !holds(c, d) })
	case query.Or:
		return slices.ContainsFunc(n.Nodes, func(c query.Node) bool { return holds(c, d) })
	case query.Not:
		return !holds(n.Node, d)
	case query.Phrase:
		return n.Holds(query.Tokens(d.Text)) || n.Holds(query.Tokens(d.Title))
	case query.Field:
		return slices.Contains(index.FieldValues(d)[n.Name], n.Value)
	case query.Number:
		return slices.ContainsFunc(index.Numbers(d, n.Field), func(r index.NumberRange) bool { return r.Lo <= n.Max && r.Hi >= n.Min })
	case query.Period:
		t := d.Time()
		return (n.From.IsZero() || !t.Before(n.From)) && (n.Before.IsZero() || t.Before(n.Before))
	case query.IDs:
		return slices.Contains(n.IDs, d.ListingID)
	}
	return false
}

func fields(s string) []string { return append([]string{}, strings.Fields(s)...) }
