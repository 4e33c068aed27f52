// Package numeral reads numbers and sums as people of the trade write them
// (Arabic, Chinese and financial numerals mixed, elided places, ranges, slang
// for money) over a View of the folded text in which characters that were
// spaced out stand together again. It is pure and shared by price and contact.
package numeral

// Range is a half-open range of rune indices of a View.
type Range struct{ Start, End int }

// View is a folded text as runes, lower-cased, with letter-like digits made
// ASCII and the separators of spaced-out stretches (出.智.联, 3 8 0) dropped. Every
// rune knows the bytes of the original text that it came from.
type View struct {
	R    []rune
	from []int32 // byte offset of each rune in the folded text
	to   []int32
	span func(start, end int) (int, int)
}

// Span gives the byte range of the original text behind the runes r.
func (v *View) Span(r Range) (start, end int) {
	if r.Start < 0 || r.End > len(v.R) || r.Start >= r.End {
		return 0, 0
	}
	return v.span(int(v.from[r.Start]), int(v.to[r.End-1]))
}

// NewView reads a folded text. span maps byte ranges of the folded text to
// those of the original (fold.Text's Span); nil means that the text is its own original.
func NewView(folded string, span func(start, end int) (int, int)) *View {
	if span == nil {
		span = func(a, b int) (int, int) { return a, b }
	}
	v := &View{span: span}
	for i, r := range folded {
		v.R = append(v.R, r)
		v.from = append(v.from, int32(i))
		v.to = append(v.to, int32(i+len(string(r))))
	}
	return v
}
