// Package price reads prices and stock out of the text of a listing.
//
// The meaning of the fields (per, min_quantity, currency, what is a price and
// what is none) is that of the labelling guide.
package price

import (
	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// Context is what the caller knows about the message before its sums are read.
type Context struct {
	Goods []string        // market.Goods…, in order of first mention: decides the unit where none is said
	Side  string          // market.SideSell or SideBuy; "" when unknown
	Taken []numeral.Range // runes of the view that belong to contacts and samples: never read as sums
}

// Result is what a message asks or bids and how much it has or wants.
type Result struct {
	Prices []market.Price
	Stock  []market.Stock
	Spans  []market.Span // of the original text; Field is "/prices/0", "/stock/1"
}

// Read reads the prices and stock of a message. It takes time linear in the text.
func Read(v *numeral.View, ctx Context) Result { return Result{} }
