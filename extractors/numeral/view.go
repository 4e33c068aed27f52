// Package numeral reads numbers and sums as people of the trade write them
// (Arabic, Chinese and financial numerals mixed, elided places, ranges, slang
// for money) over a View of the folded text in which characters that were
// spaced out stand together again. It is pure and shared by price and contact.
package numeral

import (
	"unicode"
	"unicode/utf8"
)

// Range is a half-open range of rune indices of a View.
type Range struct{ Start, End int }

// View is a folded text as runes, lower-cased, with digit-like symbols made
// ASCII and the separators of spaced-out stretches (出.智.联, 3 8 0) dropped. Every
// rune knows the bytes of the original text that it came from.
type View struct {
	R    []rune
	from []int32 // byte offset of each rune in the folded text
	to   []int32
	span func(start, end int) (int, int)
	off  Off
}

// Off are ways of writing numbers that a View leaves as they stand: to measure what
// reading them brings.
type Off uint8

// The ways that can be left out.
const (
	OffForms  Off = 1 << iota // circled, full-width and mathematical digits
	OffSpoken                 // by their sound: liang kuai yi fen, 凉块一粉, 幺洞拐勾
)

// Spoken reports whether numbers are read by their sound too.
func (v *View) Spoken() bool { return v.off&OffSpoken == 0 }

// as is what stands for a rune that the fold made a, b, or the rune itself where that way
// is left out.
func (o Off) as(r, a, b rune) (rune, rune) {
	switch {
	case o == 0:
	case o&OffForms != 0 && r >= 0x80 && a < 0x80 && Word(a):
		return r, 0
	case o&OffSpoken != 0 && (r == '幺' || r == '洞' || r == '拐' || r == '勾'):
		return mute, 0
	}
	return a, b
}

// mute is a character that no grammar knows.
const mute = 0xE000

// Span gives the byte range of the original text behind the runes r, (0, 0)
// for an empty or impossible range.
func (v *View) Span(r Range) (start, end int) {
	if r.Start < 0 || r.End > len(v.R) || r.Start >= r.End {
		return 0, 0
	}
	return v.span(int(v.from[r.Start]), int(v.to[r.End-1]))
}

// NewView reads a folded text. span maps byte ranges of the folded text to
// those of the original (fold.Text's Span); nil means that the text is its own
// original. Time and memory are linear in the text.
func NewView(folded string, span func(start, end int) (int, int)) *View {
	return NewViewWithout(0, folded, span)
}

// NewViewWithout is NewView with some ways of writing numbers left as they stand.
func NewViewWithout(off Off, folded string, span func(start, end int) (int, int)) *View {
	v := newPlain(off, folded, span)
	v.unstutter()
	v.unmesh()
	v.unlattice()
	v.squeeze()
	if v.Spoken() {
		v.spell()
	}
	return v
}

// newPlain is the view before anything is closed up or spelled out.
func newPlain(off Off, folded string, span func(start, end int) (int, int)) *View {
	if span == nil {
		span = func(a, b int) (int, int) { return a, b }
	}
	n := utf8.RuneCountInString(folded)
	offsets := make([]int32, 2*n)
	v := &View{R: make([]rune, 0, n), from: offsets[:0:n], to: offsets[n:n], span: span, off: off}
	for i, size := 0, 0; i < len(folded); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(folded[i:])
		if a, b, ok := plain(r); ok {
			if off != 0 {
				a, b = off.as(r, a, b)
			}
			v.add(a, i, i+size)
			if b != 0 {
				v.add(b, i, i+size)
			}
		}
	}
	return v
}

func (v *View) add(r rune, from, to int) {
	v.R = append(v.R, r)
	v.from = append(v.from, int32(from))
	v.to = append(v.to, int32(to))
}

// plain maps a rune to what the grammar knows: one rune, two (⑳ is 20), or none.
func plain(r rune) (a, b rune, keep bool) {
	switch {
	case r < 0x80:
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r, 0, true
	case common(r):
		if others.has(r) {
			r = alike[r]
		}
		return r, 0, true
	case 0xFF01 <= r && r <= 0xFF5E:
		a, b, keep = plain(r - 0xFEE0)
		return a, b, keep
	case r == 0x3000 || r == 0xA0:
		return ' ', 0, true
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0, 0, false
	case r == '💯':
		return '百', 0, true
	}
	for _, c := range circled {
		if c.lo <= r && r <= c.hi {
			n := int(r-c.lo) + c.first
			if n >= 10 {
				return rune('0' + n/10), rune('0' + n%10), true
			}
			return rune('0' + n), 0, true
		}
	}
	if m, ok := alike[r]; ok {
		return m, 0, true
	}
	return unicode.ToLower(r), 0, true
}

// circled lists the blocks of enclosed and raised numbers: first code point,
// last, value of the first (Unicode charts U+2070, U+2460, U+2776, U+3220, U+3280).
var circled = []struct {
	lo, hi rune
	first  int
}{
	{'①', '⑳', 1}, {'⑴', '⒇', 1}, {'⒈', '⒛', 1}, {'❶', '❿', 1}, {'➀', '➉', 1}, {'➊', '➓', 1}, {'⓵', '⓾', 1}, {'⓫', '⓴', 11}, {'㉑', '㉟', 21}, {'㊱', '㊿', 36},
	{'㈠', '㈨', 1}, {'㊀', '㊈', 1}, {'⁴', '⁹', 4}, {'₀', '₉', 0}, {'⓪', '⓪', 0}, {'⓿', '⓿', 0}, {'⁰', '⁰', 0}, {'¹', '¹', 1},
	{'²', '³', 2}, {0x1D7CE, 0x1D7D7, 0}, {0x1D7D8, 0x1D7E1, 0}, {0x1D7E2, 0x1D7EB, 0}, {0x1D7EC, 0x1D7F5, 0}, {0x1D7F6, 0x1D7FF, 0},
}

// alike holds letters and signs that stand for a character of the grammar.
var alike = map[rune]rune{
	'兩': '两', '萬': '万', '億': '亿', '塊': '块', '圓': '元', '圆': '元', '個': '个', '條': '条', '張': '张', '號': '号', '陸': '陆', '貳': '贰', '叄': '叁',
	'亓': '元', '円': '元', '圎': '元', '㈩': '十', '㊉': '十', '〇': '零', 'ニ': '二', 'ー': '一', '～': '~', '〜': '~', '—': '-', '–': '-', '−': '-', '－': '-', '‐': '-', '‑': '-', '─': '-',
	'￥': '¥', '．': '.', '｡': '。', '･': '·', '・': '·', '•': '·', '➕': '+', '俩': '两', '夲': '本', '【': '[', '】': ']', '〔': '[', '〕': ']', '［': '[', '］': ']',
	'「': '[', '」': ']', '『': '[', '』': ']', '〖': '[', '〗': ']', '（': '(', '）': ')', '，': ',', '；': ';', '：': ':', '！': '!', '？': '?', '｜': '|', '／': '/',
}

// token reports whether r can be one of a row of single characters held apart by sep.
func token(r, sep rune) bool {
	switch r {
	case sep, '\n', '\r', '\t', ' ':
		return false
	}
	if sep == ' ' {
		return true
	}
	return Word(r)
}

// Word reports whether r is a letter or digit of any script.
func Word(r rune) bool { return common(r) || otherWord(r) }

func otherWord(r rune) bool {
	if uint32(r) < uint32(len(plainWords)) {
		return plainWords[r]
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '〇'
}

// Han reports whether r is a Chinese character.
func Han(r rune) bool { return common(r) || otherHan(r) }

func otherHan(r rune) bool { return r >= 0x3400 && unicode.Is(unicode.Han, r) }

func digit(r rune) bool { return '0' <= r && r <= '9' }

func kin(a, b rune) bool {
	switch {
	case digit(a):
		return digit(b)
	case Han(a):
		return Han(b)
	case Word(a):
		return Word(b) && !digit(b) && !Han(b)
	}
	return false
}

// separator reports whether r may hold apart the characters of a word. Marks
// that end clauses or open brackets never do.
func separator(r rune) bool {
	switch r {
	case '\n', '\r', '\t', ',', '、', ';', ':', '!', '?', '(', ')', '[', ']', '<', '>', '"', '“', '”', '《', '》', '@', '#', '$', '¥', '%':
		return false
	}
	return !Word(r)
}

// row measures the row of single characters with one separator that starts
// at i: its number of characters, and how many of them are Han or digits.
func (v *View) row(i int) (n, han, digits int, sep rune) {
	r := v.R
	if i+2 >= len(r) || !Word(r[i]) || !separator(r[i+1]) || i > 0 && kin(r[i-1], r[i]) {
		return 0, 0, 0, 0
	}
	sep = r[i+1]
	for j := i; ; j += 2 {
		if !token(r[j], sep) || j+1 < len(r) && kin(r[j], r[j+1]) {
			break
		}
		n++
		if Han(r[j]) {
			han++
		} else if digit(r[j]) {
			digits++
		}
		if j+2 >= len(r) || r[j+1] != sep {
			break
		}
	}
	return n, han, digits, sep
}

// single is a row of n single characters that begins at a rune.
type single struct{ start, n int }

// squeeze drops the separators of rows of single characters. A row counts when
// it has four characters (a short one when the text does so elsewhere as well):
// less than that may be a list, a decimal or a date.
func (v *View) squeeze() {
	var habit map[rune]bool
	var few [16]single
	rows := few[:0]
	for i := 0; i < len(v.R); {
		n, han, digits, sep := v.row(i)
		long := n >= 4
		if sep != ' ' && han == 0 && digits == n {
			long = n >= 5 // 1.2.3.4 is a version or an address
		}
		if long {
			if habit == nil {
				habit = map[rune]bool{}
			}
			habit[sep] = true
		}
		if n >= 2 {
			rows = append(rows, single{i, n})
			i += 2*n - 2 // the last may begin a row with another separator
			continue
		}
		i++
	}
	if len(habit) == 0 {
		return
	}
	w := 0
	put := func(i int) {
		v.R[w], v.from[w], v.to[w] = v.R[i], v.from[i], v.to[i]
		w++
	}
	for i := 0; i < len(v.R); {
		for len(rows) > 0 && rows[0].start < i {
			rows = rows[1:]
		}
		n := 0
		if len(rows) > 0 && rows[0].start == i {
			n = rows[0].n
		}
		if n >= 2 && habit[v.R[i+1]] {
			sep := v.R[i+1]
			han, digits := 0, 0
			for k := i; k < i+2*n; k += 2 {
				if Han(v.R[k]) {
					han++
				} else if digit(v.R[k]) {
					digits++
				}
			}
			if n >= 4 || han > 0 && (han+digits == n || sep == ' ') || sep != ' ' && (n >= 3 || digits == 0) {
				for k := i; k < i+2*n-1; k += 2 {
					put(k)
				}
				i += 2*n - 1
				// a doubled separator ends the word
				if i+1 < len(v.R) && v.R[i] == sep && v.R[i+1] == sep {
					put(i)
					v.R[w-1] = ' '
					for i < len(v.R) && v.R[i] == sep {
						i++
					}
				} else if sep != ' ' && i < len(v.R) && v.R[i] == sep && (i+1 == len(v.R) || v.R[i+1] == ' ') {
					i++
				}
				continue
			}
		}
		put(i)
		i++
		if c := v.R[w-1]; c != ' ' && i < len(v.R) && v.R[i] == c && habit[c] && !Word(c) {
			v.R[w-1] = ' '
			for i < len(v.R) && v.R[i] == c {
				i++
			}
		}
	}
	v.R, v.from, v.to = v.R[:w], v.from[:w], v.to[:w]
}
