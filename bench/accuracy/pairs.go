package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"resumewatch/extractors"
	"resumewatch/internal/market"
)

// pairs counts the short texts of a file that are read exactly as they are labelled, as
// fragments of a listing: by the package, and by the command extract --assume-listing.
func pairs(ctx context.Context, x *extractors.Extractor, root, name string, equal func(a, b *market.Listing) bool) (right, command, all int, err error) {
	s, err := load(filepath.Join(root, "extractors/testdata", name))
	if err != nil {
		return 0, 0, 0, err
	}
	var in bytes.Buffer
	for i := range s.docs {
		r := x.Extract(s.docs[i].Text, extractors.Options{AssumeListing: true})
		if equal(&s.docs[i].Listing, &r.Listing) {
			right++
		}
		line, err := json.Marshal(map[string]any{"id": i, "text": s.docs[i].Text})
		if err != nil {
			return 0, 0, 0, err
		}
		in.Write(append(line, '\n'))
	}
	c := exec.CommandContext(ctx, "go", "run", "./cmd/resumewatch", "extract", "--assume-listing")
	c.Dir, c.Stdin, c.Stderr = root, &in, os.Stderr
	b, err := c.Output()
	if err != nil {
		return 0, 0, 0, fmt.Errorf("extract --assume-listing: %w", err)
	}
	out := bufio.NewScanner(bytes.NewReader(b))
	out.Buffer(nil, 1<<20)
	for i := 0; out.Scan() && i < len(s.docs); i++ {
		var l market.Listing
		if err := json.Unmarshal(out.Bytes(), &l); err != nil {
			return 0, 0, 0, err
		}
		if equal(&s.docs[i].Listing, &l) {
			command++
		}
	}
	return right, command, len(s.docs), out.Err()
}

// samePrices and sameContacts compare what pairs are about.
func samePrices(a, b *market.Listing) bool   { return same(a.Prices, b.Prices) && same(a.Stock, b.Stock) }
func sameContacts(a, b *market.Listing) bool { return same(a.Contacts, b.Contacts) }

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
