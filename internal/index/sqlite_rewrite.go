package index

import (
	"context"
	"database/sql"

	"resumewatch/internal/query"
)

// Caps of what one part of a query, and one query, is spread out to.
const (
	mostValues = 256
	mostSpread = 1024
)

// rewriter turns ranges and lists of listings into facets, so that FTS5 can
// answer them along with the words.
type rewriter struct {
	ctx   context.Context
	tx    *sql.Tx
	spent int // facets that the query was spread out to
}

// rewrite gives a query with the same hits.
func (r *rewriter) rewrite(n query.Node) (query.Node, error) {
	switch n := n.(type) {
	case query.And:
		nodes, err := r.all(n.Nodes)
		return query.And{Nodes: nodes}, err
	case query.Or:
		nodes, err := r.all(n.Nodes)
		return query.Or{Nodes: nodes}, err
	case query.Not:
		inner, err := r.rewrite(n.Node)
		return query.Not{Node: inner}, err
	case query.IDs:
		if r.affords(len(n.IDs)) {
			var facets []query.Node
			for _, id := range n.IDs {
				facets = append(facets, query.Field{Name: facetID, Value: id})
			}
			return anyOf(facets), nil
		}
	case query.Number:
		facets, err := r.amounts(n)
		if err == nil && r.affords(len(facets)) {
			return anyOf(facets), nil
		}
		return n, err
	}
	return n, nil
}

func (r *rewriter) all(nodes []query.Node) ([]query.Node, error) {
	out := make([]query.Node, len(nodes))
	for i, n := range nodes {
		var err error
		if out[i], err = r.rewrite(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// affords takes n facets from what is left of the caps.
func (r *rewriter) affords(n int) bool {
	if n > mostValues || r.spent+n > mostSpread {
		return false
	}
	r.spent += n
	return true
}

// amounts are the ranges in listings that a range of the query meets, at most one more than
// mostValues.
func (r *rewriter) amounts(n query.Number) ([]query.Node, error) {
	if r.spent >= mostSpread {
		return make([]query.Node, mostValues+1), nil
	}
	field := numberFields[n.Field]
	rows, err := r.tx.QueryContext(r.ctx, `SELECT lo, hi FROM amount WHERE field = ? AND lo >= ? AND lo <= ?
		UNION ALL SELECT lo, hi FROM amount INDEXED BY amount_wide WHERE field = ? AND hi >= ? AND hi > lo AND lo < ? LIMIT ?`,
		field, n.Min, n.Max, field, n.Min, n.Min, mostValues+1)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []query.Node
	for rows.Next() {
		var a NumberRange
		if err := rows.Scan(&a.Lo, &a.Hi); err != nil {
			return nil, err
		}
		out = append(out, numberFacet(n.Field, a))
	}
	return out, rows.Err()
}

// anyOf holds where one of the parts holds, nowhere without any.
func anyOf(nodes []query.Node) query.Node {
	switch len(nodes) {
	case 0:
		return query.Not{Node: query.All{}}
	case 1:
		return nodes[0]
	}
	return query.Or{Nodes: nodes}
}
