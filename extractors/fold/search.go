package fold

import "strings"

// Search is the form of a text, or of one word of a query, under which the
// index compares: folded, squeezed, without what still stands between two Han
// characters on one line, every other run of separators being one space.
// 简*历, 簡歷, 简​历 and 简 历 give 简历; é gives e; cv_0571 gives "cv 0571".
// Line ends stay line ends, so that words of two lines never join.
func Search(s string) string {
	t := Fold(s)
	if lettered(t.Folded) {
		return t.Folded // nothing to squeeze
	}
	t = t.Squeeze()
	if lettered(t.Folded) {
		return t.Folded
	}
	var b strings.Builder
	b.Grow(len(t.Folded))
	last, pending := none, rune(0)
	for _, r := range t.Folded {
		k := kindOf(r)
		if k == none {
			if r == '\n' || pending == 0 {
				pending = ' '
			}
			if r == '\n' {
				pending = '\n'
			} else if sentence(r) && pending != '\n' {
				pending = ';'
			}
			continue
		}
		if pending != 0 && last != none {
			switch {
			case pending == '\n':
				b.WriteByte('\n')
			case pending == ';', last != han || k != han:
				b.WriteByte(' ')
			}
		}
		b.WriteRune(r)
		last, pending = k, 0
	}
	return b.String()
}

// lettered reports whether nothing but letters and digits stands in a text.
func lettered(s string) bool {
	for _, r := range s {
		if kindOf(r) == none {
			return false
		}
	}
	return true
}
