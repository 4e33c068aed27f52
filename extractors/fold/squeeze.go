package fold

import (
	"unicode"
	"unicode/utf8"
)

// maxGap is how many separators in a row may still be an ornament inside a word.
const maxGap = 3

// Squeeze takes out of a folded text the separators that stand inside a word.
// Which these are depends on what they are and on where they stand:
//
//   - an ornament (* . · _ ~ ^ … ★, an emoji without a meaning of its own)
//     between two Han characters or two letters goes;
//   - any separator goes between characters that stand alone in a row of three
//     or more (四/十/一/份, j l 2 r), five or more for digits (4*1*8*9*0);
//   - nothing else goes: line ends, sentence marks, 2元/份, 3.5, 2-3, 138****8000
//     and [Meaningful] emoji stay.
//
// The result has the original of t and a map with the same guarantees.
func (t *Text) Squeeze() Text {
	s := t.Folded
	cells := scan(s)
	if cells == nil {
		return *t
	}
	drop := make([]bool, len(cells)) // the gap before cell i goes
	markRows(s, cells, drop)
	some := false
	for i := 1; i < len(cells); i++ {
		drop[i] = drop[i] || (cells[i].ornament && cells[i].gap > 0 && sameKind(cells[i-1].kind, cells[i].first))
		some = some || drop[i]
	}
	if !some {
		return *t
	}
	tab := loaded()
	b := builder{original: t.Original, changed: true, out: make([]byte, 0, len(s))}
	at := 0
	for i, c := range cells {
		if drop[i] {
			at = c.start
		}
		for at < c.end {
			r, n := utf8.DecodeRuneInString(s[at:])
			b.copyFrom(t, tab, r, at, n)
			at += n
		}
	}
	for at < len(s) {
		r, n := utf8.DecodeRuneInString(s[at:])
		b.copyFrom(t, tab, r, at, n)
		at += n
	}
	return b.text()
}

// copyFrom writes the rune r that stands in t.Folded at [at, at+n).
func (b *builder) copyFrom(t *Text, tab *tables, r rune, at, n int) {
	o, e := t.left(at), t.right(at+n)
	if tab.head(r) && len(b.runs) > 0 && b.join(tab, r, o, e-o) {
		return
	}
	if e-o == n && t.Original[o:e] == t.Folded[at:at+n] {
		b.same(r, o, n)
		return
	}
	b.unit(t.Folded[at:at+n], o, e-o)
}

// kind of the characters that make words.
type kind uint8

const (
	none kind = iota
	han
	letter
	digit
)

func kindOf(r rune) kind {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case r >= '0' && r <= '9':
			return digit
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			return letter
		}
		return none
	case r >= 0x4E00 && r <= 0x9FFF, r >= 0x3400 && r <= 0x4DBF, r == '〇', r == '亻', r >= 0x20000 && r <= 0x323AF:
		return han
	case r < 0x2E80 && unicode.IsLetter(r), r >= 0x3041 && r <= 0x30FF && r != '・', r >= 0xAC00 && r <= 0xD7A3:
		return letter
	case unicode.IsLetter(r):
		return han
	case unicode.IsNumber(r):
		return digit
	}
	return none
}

// cell is an unbroken run of word characters, with what stands before it.
type cell struct {
	start, end int
	runes      int  // number of word characters
	first      kind // of the first character
	kind       kind // of the last character
	gap        int  // number of separators before it; 0 when a bar stands there
	ornament   bool // all of them are ornaments
	sep        rune // the first of them, 0 when they differ or a bar stands there
}

// scan cuts s into cells; nil when there is nothing that could be squeezed.
func scan(s string) []cell {
	var cells []cell
	in, bar := false, true
	gap, ornaments, sep := 0, 0, rune(0)
	gaps := false
	for i, r := range s {
		k := kindOf(r)
		if k == none {
			in = false
			switch {
			case r == '\n' || r == '\r' || Meaningful(r):
				bar = true
			default:
				gap++
				if gap == 1 {
					sep = r
				} else if r != sep {
					sep = ' '
				}
				if ornament(r) {
					ornaments++
				}
			}
			continue
		}
		n := utf8.RuneLen(r)
		if in {
			c := &cells[len(cells)-1]
			c.end, c.kind = i+n, k
			c.runes++
			continue
		}
		if cells == nil {
			cells = make([]cell, 0, 8+len(s)/32)
		}
		c := cell{start: i, end: i + n, runes: 1, first: k, kind: k}
		if !bar && gap > 0 && gap <= maxGap {
			c.gap, c.ornament, c.sep = gap, ornaments == gap, sep
			gaps = true
		}
		cells = append(cells, c)
		in, bar, gap, ornaments, sep = true, false, 0, 0, 0
	}
	if !gaps {
		return nil
	}
	return cells
}

// markRows marks the gaps within rows of characters that stand alone.
func markRows(s string, cells []cell, drop []bool) {
	for i := 0; i < len(cells); {
		if cells[i].runes != 1 {
			i++
			continue
		}
		j := i + 1
		for j < len(cells) && cells[j].runes == 1 && cells[j].gap > 0 {
			j++
		}
		digits, others := 0, 0
		for k := i; k < j; k++ {
			if cells[k].first == digit {
				digits++
			} else {
				others++
			}
		}
		if (others >= 2 && j-i >= 3) || digits >= 5 {
			for k := i + 1; k < j; k++ {
				// 3.5 inside a spaced row keeps its point: 2 . 5 has blanks.
				if cells[k-1].first == digit && cells[k].first == digit && digits < 5 && cells[k].sep != ' ' {
					continue
				}
				drop[k] = !sentence(cells[k].sep) || uniform(cells[i+1:j])
			}
		}
		i = j
	}
}

// uniform reports whether one separator stands everywhere: then it is no
// sentence mark, whatever it looks like.
func uniform(cells []cell) bool {
	for _, c := range cells {
		if c.sep != cells[0].sep {
			return false
		}
	}
	return len(cells) >= 3
}

func sameKind(a, b kind) bool { return a == b && a != digit }

func sentence(r rune) bool {
	switch r {
	case '，', '。', '；', '！', '？', '、', '!', '?', ';', ',', ':', '…':
		return true
	}
	return false
}

// ornament reports separators that say nothing between two characters of a word.
func ornament(r rune) bool {
	switch r {
	case '*', '.', '·', '_', '~', '^', '`', '•', '‧', '∙', '⋅', 'ㆍ', '・', '¨', '˙', '°', '†', '※', '|', '丨', '\\', '#', '=', '｡':
		return true
	case '@', '+', '/', '-', '&', '%', '$', '¥', ' ', '\t', '(', ')', '[', ']', '{', '}', '<', '>', '"', '\'', '“', '”', '《', '》', '【', '】', '「', '」':
		return false
	}
	if sentence(r) || Meaningful(r) {
		return false
	}
	return r >= 0x2190 && r != utf8.RuneError && !unicode.IsLetter(r) && !unicode.IsSpace(r) && !unicode.IsPunct(r)
}

// Meaningful reports symbols that stand for a word in this trade: penguins for
// QQ, aeroplanes for Telegram, money, telephones. Squeeze keeps them.
func Meaningful(r rune) bool {
	switch r {
	case '🐧', '✈', '🛩', '🛫', '💰', '💵', '💴', '🧧', '📞', '☎', '📱', '📧', '✉', '💬', '🍊', '🍎', '🛰', '❤', '👉', '→', '⇒', '▸', '•', '🔥', '🧊', '🔞':
		return true
	}
	return false
}
