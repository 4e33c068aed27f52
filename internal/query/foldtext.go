package query

import (
	"unicode/utf8"

	"resumewatch/extractors/fold"
)

// foldedText is the search form of a text with the way back to the bytes of the
// original.
type foldedText struct {
	Folded string
	text   fold.Text // the form before separators were joined
	at     []int32   // offset in text of each rune start of Folded; nil: the same
}

func foldSearch(s string) foldedText {
	plain := fold.Fold(s)
	text := plain.Squeeze()
	form := fold.Search(s)
	if form == text.Folded {
		return foldedText{Folded: form, text: text}
	}
	// The form is the same runes in the same order, but for separators: each rune
	// of a word is the next one of its kind in text.
	at := make([]int32, len(form)+1)
	pos := 0
	for i, r := range form {
		if r == ' ' || r == '\n' {
			at[i] = int32(pos)
			continue
		}
		for pos < len(text.Folded) {
			c, size := utf8.DecodeRuneInString(text.Folded[pos:])
			if c == r {
				break
			}
			pos += size
		}
		at[i] = int32(pos)
		pos += utf8.RuneLen(r)
	}
	at[len(form)] = int32(len(text.Folded))
	return foldedText{Folded: form, text: text, at: at}
}

// Span maps a range of whole runes of Folded, not empty, to the original.
func (t *foldedText) Span(start, end int) (int, int) {
	if t.at == nil {
		return t.text.Span(start, end)
	}
	_, size := utf8.DecodeLastRuneInString(t.Folded[:end])
	return t.text.Span(int(t.at[start]), int(t.at[end-size])+size)
}
