package main

import (
	"path/filepath"
	"slices"

	"resumewatch/extractors"
	"resumewatch/internal/market"
)

// pairs counts the short texts of a file that are read exactly as they are labelled, as
// fragments of a listing: by prices and stock, or by contacts.
func pairs(x *extractors.Extractor, folder, name string, contacts bool) (right, all int, err error) {
	s, err := load(filepath.Join(folder, name))
	if err != nil {
		return 0, 0, err
	}
	for i := range s.docs {
		d := &s.docs[i]
		r := x.Extract(d.Text, extractors.Options{AssumeListing: true})
		all++
		switch {
		case contacts && same(d.Contacts, r.Contacts), !contacts && same(d.Prices, r.Prices) && same(d.Stock, r.Stock):
			right++
		}
	}
	return right, all, nil
}

// same compares lists as sets.
func same[T market.Price | market.Stock | market.Contact](a, b []T) bool {
	for _, v := range a {
		if !slices.Contains(b, v) {
			return false
		}
	}
	for _, v := range b {
		if !slices.Contains(a, v) {
			return false
		}
	}
	return true
}
