package privacy

import (
	"slices"
	"strings"
	"unicode/utf8"

	"resumewatch/internal/market"
)

// masks has, at n-1, the mask of a rune of n bytes. All are punctuation or
// symbols, so that no search token is ever made of a mask.
var masks = [utf8.UTFMax]string{
	"*",          // U+002A ASTERISK
	"·",          // U+00B7 MIDDLE DOT
	"＊",          // U+FF0A FULLWIDTH ASTERISK
	"\U0001F7B6", // MEDIUM SIX SPOKED ASTERISK
}

// Mask replaces each rune that a span touches, line ends too, by a mask of as
// many bytes, so that every byte offset into the text stays true. An invalid
// byte within a span becomes "*"; outside of spans nothing changes. Spans may
// come in any order, overlap, cut runes and reach beyond the text.
func Mask(text string, spans []market.Span) string {
	ranges := slices.Clone(spans)
	ranges = slices.DeleteFunc(ranges, func(s market.Span) bool {
		return s.End <= s.Start || s.End <= 0 || s.Start >= len(text)
	})
	if len(ranges) == 0 {
		return text
	}
	slices.SortFunc(ranges, func(a, b market.Span) int { return a.Start - b.Start })

	var b strings.Builder
	b.Grow(len(text))
	kept := 0 // text[kept:i] is unmasked and not written yet
	next := 0 // ranges[:next] end at or before i
	for i := 0; i < len(text); {
		_, n := utf8.DecodeRuneInString(text[i:])
		for next < len(ranges) && ranges[next].End <= i {
			next++
		}
		if next == len(ranges) {
			break
		}
		if ranges[next].Start < i+n { // it ends behind i
			b.WriteString(text[kept:i])
			b.WriteString(masks[n-1])
			kept = i + n
		}
		i += n
	}
	b.WriteString(text[kept:])
	return b.String()
}
