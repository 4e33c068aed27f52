package query

import (
	"errors"
	"fmt"
	"slices"
)

// MaxLookups is how many different sellers and alerts a query may name: each may
// stand for a hundred thousand listings.
const MaxLookups = 20

// Resolve replaces the fields that only the casebook can answer (seller and
// alert) by the listings that lookup names; nothing named holds nowhere. An error of
// lookup is returned wrapped; an *Error without a column, for a value that means nothing,
// gets the column of the field. More than MaxLookups are an *Error.
func Resolve(n Node, lookup func(field, value string) (listingIDs []string, err error)) (Node, error) {
	r := resolver{lookup: lookup, known: map[[2]string]IDs{}}
	return r.resolve(n)
}

type resolver struct {
	lookup func(field, value string) ([]string, error)
	known  map[[2]string]IDs // by field and value
}

func (r *resolver) resolve(n Node) (Node, error) {
	switch n := n.(type) {
	case And:
		nodes, err := r.all(n.Nodes)
		return And{nodes}, err
	case Or:
		nodes, err := r.all(n.Nodes)
		return Or{nodes}, err
	case Not:
		inner, err := r.resolve(n.Node)
		return Not{inner}, err
	case Field:
		if n.Name != FieldSeller && n.Name != FieldAlert {
			return n, nil
		}
		key := [2]string{n.Name, n.Value}
		if ids, ok := r.known[key]; ok {
			return ids, nil
		}
		if len(r.known) == MaxLookups {
			return nil, &Error{Column: n.Column, Message: fmt.Sprintf("more than %d sellers and alerts in one query", MaxLookups)}
		}
		ids, err := r.lookup(n.Name, n.Value)
		if mistake, ok := errors.AsType[*Error](err); ok && mistake.Column == 0 {
			return nil, &Error{Column: n.Column, Message: mistake.Message}
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%s: %w", n.Name, n.Value, err)
		}
		ids = slices.Clone(ids)
		slices.Sort(ids)
		r.known[key] = IDs{slices.Compact(ids)}
		return r.known[key], nil
	}
	return n, nil
}

func (r *resolver) all(nodes []Node) ([]Node, error) {
	out := make([]Node, len(nodes))
	for i, n := range nodes {
		var err error
		if out[i], err = r.resolve(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}
