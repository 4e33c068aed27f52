package fold

import (
	"unicode/utf8"
)

// Fold folds character by character; separators stay. Plain text of any length
// (ASCII without capitals, simplified Chinese) is returned as it is, without
// allocating.
func Fold(s string) Text { return foldBy(loaded(), s) }

func foldBy(t *tables, s string) Text {
	b := builder{original: s}
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c >= 'A' && c <= 'Z':
				b.start(i)
				b.unit(lower[c-'A':c-'A'+1], i, 1)
			case c < 0x20 && t.basic[c] == dropped:
				b.start(i)
			case b.changed:
				b.same(rune(c), i, 1)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			b.start(i)
			b.unit("\uFFFD", i, 1)
			i++
			continue
		}
		to, changed := t.rune(r)
		if r == prolonged && i > 0 {
			if p, _ := utf8.DecodeLastRuneInString(s[:i]); katakana(p) {
				to, changed = "", false // コーヒー; 一 only where no kana goes before
			}
		}
		switch {
		case changed:
			b.start(i)
			if to != "" {
				first, k := utf8.DecodeRuneInString(to)
				if k == len(to) && b.join(t, first, i, n) {
					break
				}
				b.unit(to, i, n)
			}
		case t.head(r) && b.fits(t, r, i):
			b.start(i)
			b.join(t, r, i, n)
		case b.changed:
			b.same(r, i, n)
		}
		i += n
	}
	return b.text()
}

// prolonged is the mark of a long vowel in kana, which looks like 一.
const prolonged = 'ー'

func katakana(r rune) bool { return r >= 'ァ' && r <= 'ヺ' || r == prolonged }

const lower = "abcdefghijklmnopqrstuvwxyz"

// start makes sure that the slow path is on before byte at is handled.
func (b *builder) start(at int) {
	if !b.changed {
		b.begin(at)
	}
}

// fits reports whether the rune r at offset i completes a character whose first
// component was the rune before.
func (b *builder) fits(t *tables, r rune, i int) bool {
	prev := b.last
	if !b.changed {
		prev, _ = utf8.DecodeLastRuneInString(b.original[:i])
	}
	_, ok := t.pairs[[2]rune{prev, r}]
	return ok
}

// join replaces the last rune written by the character that it makes together
// with r, which stands in the original at [i, i+n).
func (b *builder) join(t *tables, r rune, i, n int) bool {
	whole, ok := t.pairs[[2]rune{b.last, r}]
	if !ok {
		return false
	}
	at := b.lastAt
	k := len(b.runs) - 1
	var from int
	if last := b.runs[k]; last.linear {
		from = int(last.o) + at - int(last.f)
	} else {
		from = int(last.o)
	}
	if int(b.runs[k].f) == at {
		b.runs = b.runs[:k]
	}
	b.out = b.out[:at]
	b.unit(string(whole), from, i+n-from)
	b.last = 0
	return true
}
