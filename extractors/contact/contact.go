// Package contact reads the ways to reach the author out of a listing.
package contact

import (
	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// Result is what was found.
type Result struct {
	Contacts []market.Contact
	Spans    []market.Span   // of the original text; Field is "/contacts/0"
	Taken    []numeral.Range // runes of the view that no other reader should read as numbers
}

// Read finds the contacts of a message outside of the taken runes (those of a
// sample). It takes time linear in the text.
func Read(v *numeral.View, taken []numeral.Range) Result { return Result{} }
