package console

import (
	"fmt"
	"html/template"
	"strings"
	"unicode"
)

// marksShown is how many combining marks one letter may bear. Languages need two or
// three; a stack of them paints over the lines around it.
const marksShown = 3

// postText is text of strangers as HTML: escaped, line breaks and tabs kept (for
// white-space: pre-wrap), whatever can't be seen made visible.
func postText(s string) template.HTML { return visibleHTML(s, true) }

// lineText is text of strangers as HTML for one line, such as a name or a title. What
// is written from right to left in it turns nothing outside.
func lineText(s string) template.HTML { return "<bdi>" + visibleHTML(s, false) + "</bdi>" }

// visibleHTML shows control characters, those that turn the direction of writing and
// those that take no room by their numbers, a run of them once with its length.
func visibleHTML(s string, lines bool) template.HTML {
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	text := []rune(s)
	marks := 0 // on the present letter
	for i := 0; i < len(text); i++ {
		r := text[i]
		switch {
		case lines && (r == '\n' || r == '\t'):
			b.WriteRune(r)
			marks = 0
		case lines && r == '\r' && i+1 < len(text) && text[i+1] == '\n':
		case hidden(r) && !joins(text, i):
			n := 1
			for i+1 < len(text) && text[i+1] == r {
				i, n = i+1, n+1
			}
			writeMark(&b, r, n)
			marks = 0
		case unicode.In(r, unicode.Mn, unicode.Me) && !hidden(r):
			if marks++; marks <= marksShown {
				b.WriteRune(r)
				continue
			}
			n := 1
			for i+1 < len(text) && unicode.In(text[i+1], unicode.Mn, unicode.Me) && !hidden(text[i+1]) {
				i, n = i+1, n+1
			}
			fmt.Fprintf(&b, `<span class="ctl">+%d</span>`, n)
		default:
			marks = 0
			writeEscaped(&b, r)
		}
	}
	return template.HTML(b.String()) //nolint:gosec // every rune went through writeEscaped, a number or a mark of ours
}

// hidden reports whether a character shows as nothing, or as a turn of those around it.
func hidden(r rune) bool {
	if r < 0x7f {
		return r < ' '
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) ||
		r == '\u2800' || r == '\u3164' || r == '\uffa0' // an empty Braille cell, Hangul fillers
}

// joins reports whether a hidden character is part of one emoji: a single variation
// selector behind it, or a joiner between two.
func joins(text []rune, i int) bool {
	symbol := func(i int) bool { return i >= 0 && i < len(text) && unicode.In(text[i], unicode.So, unicode.Sk) }
	switch text[i] {
	case '\ufe0f':
		return symbol(i-1) || (i > 0 && i+1 < len(text) && text[i+1] == '\u20e3')
	case '\u200d':
		return symbol(i+1) && (symbol(i-1) || (i > 1 && text[i-1] == '\ufe0f' && symbol(i-2)))
	}
	return false
}

func writeMark(b *strings.Builder, r rune, n int) {
	fmt.Fprintf(b, `<span class="ctl">U+%04X`, r)
	if n > 1 {
		fmt.Fprintf(b, "×%d", n)
	}
	b.WriteString("</span>")
}

func writeEscaped(b *strings.Builder, r rune) {
	switch r {
	case '&':
		b.WriteString("&amp;")
	case '<':
		b.WriteString("&lt;")
	case '>':
		b.WriteString("&gt;")
	case '"':
		b.WriteString("&#34;")
	case '\'':
		b.WriteString("&#39;")
	default:
		b.WriteRune(r)
	}
}
