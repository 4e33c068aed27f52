package shape

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"resumewatch/extractors/numeral"
)

// glyph is one character of a number in the folded text.
type glyph struct {
	value      byte // '0'…'9', 'X'
	script     script
	start, end int
	sep        rune // first of the separators before it, 0 none
	cut        bool // a number may begin here: a separator or another script goes before
}

type script uint8

const (
	ascii script = iota
	han
	letter
)

// longest is how many characters the longest number has that is looked for; many
// is how many digits in an unbroken run may hold somebody's number.
const (
	longest = 19
	many    = 12
	maxGap  = 3 // separators between two digits
)

// digit reads the digit at i; n is its length in bytes, 0 for none. Letters pass
// for digits only beside one: loose says that there is one before.
func (r *rules) digit(s string, i int, loose bool) (value byte, kind script, n int) {
	if i >= len(s) {
		return 0, 0, 0
	}
	if c := s[i]; c < utf8.RuneSelf {
		if '0' <= c && c <= '9' {
			return c, ascii, 1
		}
		v, ok := r.letters[rune(c)]
		if !ok || !loose && (!r.leads(s, i+1) || i > 0 && word(s[i-1])) {
			return 0, 0, 0
		}
		return v, letter, 1
	}
	c, n := utf8.DecodeRuneInString(s[i:])
	if v, ok := r.digits[c]; ok {
		return v, han, n
	}
	if v := numeral.Digit(c); v >= 0 && v <= 9 {
		return '0' + byte(v), han, n
	}
	return 0, 0, 0
}

// leads reports whether a digit follows, perhaps behind a few more letters that pass for
// digits: llOlOl1972.
func (r *rules) leads(s string, i int) bool {
	for n := 0; n < 8 && i < len(s); n++ {
		if isDigit(s, i) {
			return true
		}
		if _, ok := r.letters[rune(s[i])]; !ok {
			return false
		}
		i++
	}
	return false
}

func isDigit(s string, i int) bool { return i < len(s) && '0' <= s[i] && s[i] <= '9' }

// separator is the length in bytes of a separator within a number at i, 0 for
// none: anything but letters and what ends a line, a sentence or a field.
func separator(s string, i int) (c rune, n int) {
	if i >= len(s) {
		return 0, 0
	}
	c, n = utf8.DecodeRuneInString(s[i:])
	switch c {
	case '\n', '\r', '。', '!', '?', ';', ':', '、', '@', '#', '=', '<', '>', '%', '¥', '$', utf8.RuneError:
		return 0, 0
	}
	if unicode.IsLetter(c) || unicode.IsDigit(c) {
		return 0, 0
	}
	return c, n
}

// row reads the digits from i on, with few separators between any two of them,
// and an X at their end; next is where to go on.
func (r *rules) row(s string, i int) (row []glyph, next int) {
	var sep rune
	for i < len(s) {
		loose := len(row) > 0
		if v, kind, n := r.digit(s, i, loose); n > 0 {
			cut := sep != 0 || len(row) == 0 || row[len(row)-1].script != kind
			row = append(row, glyph{value: v, script: kind, start: i, end: i + n, sep: sep, cut: cut})
			sep = 0
			i += n
			next = i
			continue
		}
		if len(row) >= 17 && sep == 0 && s[i] == 'x' && !(i+1 < len(s) && word(s[i+1])) {
			return append(row, glyph{value: 'X', start: i, end: i + 1}), i + 1
		}
		if len(row) == 0 {
			break
		}
		j, first := i, rune(0)
		for k := 0; k < maxGap; k++ {
			c, n := separator(s, j)
			if n == 0 && k == 0 && s[j] == '\n' && r.begins(s, j+1) {
				c, n = '\n', 1 // broken in two so that nobody finds it
			}
			if n == 0 {
				break
			}
			if k == 0 {
				first = c
			}
			j += n
		}
		if j == i {
			break
		}
		if _, _, n := r.digit(s, j, false); n == 0 {
			break
		}
		sep, i = first, j
	}
	return row, next
}

// begins reports whether three digits or more stand at i.
func (r *rules) begins(s string, i int) bool {
	for range 3 {
		_, _, n := r.digit(s, i, false)
		if n == 0 {
			return false
		}
		i += n
	}
	return true
}

// form is a part of a row that has the form of a personal number.
type form struct {
	kind, value string
	from, to    int
}

// forms takes from a row, from the left, the longest run of groups that makes a
// number. Groups are never cut.
func (r *rules) forms(row []glyph) []form {
	var out []form
	var buf [longest]byte
	for i := 0; i < len(row); {
		best := form{}
		text := buf[:0]
		group := i + 1 // end of the first group
		for group < len(row) && !row[group].cut {
			group++
		}
		for j := i; j < len(row) && j-i < longest; j++ {
			text = append(text, row[j].value)
			if j+1 < len(row) && !row[j+1].cut {
				continue
			}
			if kind, value := r.kind(string(text)); kind != "" && plausible(row[i:j+1], kind) {
				best = form{kind, value, i, j + 1}
			}
		}
		switch {
		case best.to > 0:
			out = append(out, best)
			i = best.to
		case group-i >= many:
			out = append(out, form{kind: Number, from: i, to: group})
			i = group
		default:
			i = group
		}
	}
	return out
}

// kind tells what a run of digits is, and its normal form.
func (r *rules) kind(s string) (kind, value string) {
	switch {
	case r.mobile(s), len(s) == 13 && s[:2] == "86" && r.mobile(s[2:]), len(s) == 15 && s[:4] == "0086" && r.mobile(s[4:]):
		return Phone, s[len(s)-11:]
	case r.identity(s):
		return IDNumber, s
	case r.landline(s):
		return Landline, s
	case r.card(s):
		return BankCard, s
	}
	return "", ""
}

// inLines reports whether groups of these sizes on lines of their own are one number,
// broken where people break it, and no list of sums.
func inLines(sizes []int, kind string) bool {
	switch kind {
	case Phone:
		return slices.Equal(sizes, []int{3, 4, 4}) || slices.Equal(sizes, []int{7, 4}) || slices.Equal(sizes, []int{3, 8})
	case IDNumber:
		return sizes[0] == 6 && len(sizes) <= 3 || len(sizes) == 2
	case BankCard:
		return len(sizes) == 2 || len(sizes) <= 5 && slices.Max(sizes) == 4
	}
	return false
}

// plausible reports whether digits in several groups are one number: a list of
// prices (13, 20, 30, 50, 100) is none.
func plausible(g []glyph, kind string) bool {
	groups, figures, commas, single, size := 1, 0, false, true, 0
	var sizes []int // of the groups
	lines := false
	for i, x := range g {
		if i > 0 && x.sep != 0 {
			groups++
			sizes, lines = append(sizes, size), lines || x.sep == '\n'
			size = 0
			commas = commas || x.sep == ',' || x.sep == '/' || x.sep == '|' || x.sep == '\t'
		}
		size++
		single = single && size == 1
		if x.script != letter {
			figures++
		}
	}
	if figures < 4 {
		return false // lloollooll1 is no number
	}
	if lines {
		return inLines(append(sizes, size), kind)
	}
	switch {
	case groups == 1 || single:
		return true
	case commas:
		return false
	case kind == Landline:
		return groups <= 3
	}
	return true
}
