package query

import (
	"errors"
	"fmt"
	"slices"
)

// Resolve replaces the fields that only the casebook can answer (seller and
// alert) by the listings that lookup names; nothing named holds nowhere. An error of
// lookup is returned wrapped; an *Error without a column, for a value that means nothing,
// gets the column of the field.
func Resolve(n Node, lookup func(field, value string) (listingIDs []string, err error)) (Node, error) {
	switch n := n.(type) {
	case And:
		nodes, err := resolveAll(n.Nodes, lookup)
		return And{nodes}, err
	case Or:
		nodes, err := resolveAll(n.Nodes, lookup)
		return Or{nodes}, err
	case Not:
		inner, err := Resolve(n.Node, lookup)
		return Not{inner}, err
	case Field:
		if n.Name != FieldSeller && n.Name != FieldAlert {
			return n, nil
		}
		ids, err := lookup(n.Name, n.Value)
		if mistake, ok := errors.AsType[*Error](err); ok && mistake.Column == 0 {
			return nil, &Error{Column: n.Column, Message: mistake.Message}
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%s: %w", n.Name, n.Value, err)
		}
		ids = slices.Clone(ids)
		slices.Sort(ids)
		return IDs{slices.Compact(ids)}, nil
	}
	return n, nil
}

func resolveAll(nodes []Node, lookup func(field, value string) ([]string, error)) ([]Node, error) {
	out := make([]Node, len(nodes))
	for i, n := range nodes {
		var err error
		if out[i], err = Resolve(n, lookup); err != nil {
			return nil, err
		}
	}
	return out, nil
}
