package query

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldedText is a folded text with the way back to the bytes of the original.
type foldedText struct {
	Folded string
	from   []int // original offset of each folded byte, and the end
	to     []int // end of the original rune of each folded byte
}

func (t *foldedText) Span(start, end int) (int, int) {
	if start >= end {
		return t.from[start], t.from[start]
	}
	return t.from[start], t.to[end-1]
}

func foldSearch(s string) foldedText {
	var b strings.Builder
	var t foldedText
	for i, r := range s {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(s[i:])
		}
		if r == '*' {
			continue
		}
		for _, c := range norm.NFKD.String(strings.ToLower(string(r))) {
			if unicode.Is(unicode.Mn, c) || unicode.Is(unicode.Cf, c) {
				continue
			}
			n, _ := b.WriteRune(c)
			for range n {
				t.from, t.to = append(t.from, i), append(t.to, i+size)
			}
		}
	}
	t.from = append(t.from, len(s))
	t.Folded = b.String()
	return t
}
