package extractors_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resumewatch/extractors"
	"resumewatch/internal/market"
)

// The pairs are fragments of listings with their prices and stock, or their
// contacts: every one is read.
func TestPairs(t *testing.T) {
	x, err := extractors.New()
	if err != nil {
		t.Fatal(err)
	}
	orders := cmp.Options{
		cmpopts.EquateEmpty(),
		cmpopts.SortSlices(func(a, b market.Price) bool { return key(a) < key(b) }),
		cmpopts.SortSlices(func(a, b market.Stock) bool { return key(a) < key(b) }),
		cmpopts.SortSlices(func(a, b market.Contact) bool { return key(a) < key(b) }),
	}
	for _, name := range []string{"testdata/pairs-price.jsonl", "testdata/pairs-contact.jsonl"} {
		for _, d := range corpus(t, name) {
			got := x.Extract(d.Text, extractors.Options{AssumeListing: true})
			if name == "testdata/pairs-contact.jsonl" {
				if diff := cmp.Diff(d.Contacts, got.Contacts, orders); diff != "" {
					t.Errorf("%s: contacts (-want +got):\n%s", d.Text, diff)
				}
				continue
			}
			if diff := cmp.Diff(d.Prices, got.Prices, orders); diff != "" {
				t.Errorf("%s: prices (-want +got):\n%s", d.Text, diff)
			}
			if diff := cmp.Diff(d.Stock, got.Stock, orders); diff != "" {
				t.Errorf("%s: stock (-want +got):\n%s", d.Text, diff)
			}
		}
	}
}

// key orders values of a list, which are compared as a set.
func key(v any) string {
	switch v := v.(type) {
	case market.Price:
		return v.Amount + "|" + v.AmountMax + "|" + v.Currency + "|" + v.Per
	case market.Stock:
		return fmt.Sprintf("%s|%d", v.Unit, v.Quantity)
	case market.Contact:
		return v.Kind + "|" + v.Value
	}
	return ""
}
