package index

import (
	"math"
	"strconv"

	"resumewatch/internal/query"
)

// NumberRange is a price or a stock as the ranges of the query language see it,
// both ends included.
type NumberRange struct{ Lo, Hi float64 }

// Numbers gives the ranges of a document for a number field: one a price, from amount to
// amount_max where there is one, whatever its currency and unit; one a stock. An amount that
// is no decimal number is left out.
func Numbers(d *Document, field string) []NumberRange {
	var out []NumberRange
	switch field {
	case query.FieldPrice:
		for _, p := range d.Prices {
			lo, ok := amount(p.Amount)
			if !ok {
				continue
			}
			hi, ok := amount(p.AmountMax)
			if !ok {
				hi = lo
			}
			out = append(out, NumberRange{min(lo, hi), max(lo, hi)})
		}
	case query.FieldStock:
		for _, s := range d.Stock {
			out = append(out, NumberRange{float64(s.Quantity), float64(s.Quantity)})
		}
	}
	return out
}

func amount(s string) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
}
