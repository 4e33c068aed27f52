package fold

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// longestRiddle is how many bytes of folded text are looked at for other ways to read it.
const longestRiddle = 2000

// least is how many characters a hidden message has.
const least = 4

// Riddles are other ways to read a folded text that its own shape asks for: one character a
// line, letters or one and the same character between all others, characters one by one in
// brackets, the first characters of the lines. Most texts have none, and nothing is
// allocated for them. In a text that hides its characters among others these stand first,
// the whole text behind them.
func (t *Text) Riddles() []Text { return t.riddles(0) }

func (t *Text) riddles(off Off) []Text {
	s := t.Folded
	if len(s) > longestRiddle {
		return nil
	}
	h := shape(s)
	var out []Text
	if off&OffVertical == 0 && h.lines >= least && h.single*3 >= h.lines*2 {
		out = append(out, t.Without(func(r rune) bool { return r == '\n' || r == '\r' }))
	}
	if off&OffWoven == 0 && h.woven >= least && h.woven*2 >= h.letters {
		out = append(out, t.unwoven())
	}
	if off&OffBrackets == 0 && h.bracketed >= least {
		out = append(out, t.before(bracketed(s)))
	}
	switch {
	case off&OffAcrostic != 0:
	case h.heads >= least && h.breaks < 40:
		out = append(out, t.before(heads(s, h.breaks < least-1 || headed(s))))
	case headed(s):
		out = append(out, t.before(heads(s, true)))
	}
	if off&OffWoven != 0 {
		return out
	}
	if r := filler(s); r != 0 {
		out = append(out, t.Without(func(x rune) bool { return x == r }))
	}
	return out
}

// looks counts what gives a riddle away.
type looks struct {
	lines, single  int // lines, and those of one character
	breaks         int // line ends
	letters, woven int // Latin letters and those that stand alone between Han characters
	bracketed      int // single characters in brackets
	heads          int // lines and clauses that begin with a character of the trade
}

// telling are the characters that hidden names and goods begin lines with.
const telling = "智联简历猎聘前程直拉勾企业号波士一二手两三四五六块代下载脉领英招账会员料"

func shape(s string) looks {
	var h looks
	inLine, sinceOpen, first := 0, -1, true
	var a, b kind // the two kinds before
	for _, r := range s {
		k := kindOf(r)
		switch {
		case r == '\n':
			h.breaks++
			if inLine > 0 {
				h.lines++
				if inLine == 1 {
					h.single++
				}
			}
			inLine = 0
		case k != none:
			inLine++
			if first && strings.ContainsRune(telling, r) {
				h.heads++
			}
			if sinceOpen >= 0 {
				sinceOpen++
			}
		case opens(r):
			sinceOpen = 0
		case closes(r):
			if sinceOpen == 1 {
				h.bracketed++
			}
			sinceOpen = -1
		}
		if k != none {
			first = false
		} else if r == '\n' || sentence(r) && r != ':' {
			first = true
		}
		if k == letter {
			h.letters++
		}
		if a != none && a != letter && b == letter && k != letter && k != digit {
			h.woven++
		}
		if k != none || r == '\n' {
			a, b = b, k
		}
	}
	if inLine > 0 {
		h.lines++
		if inLine == 1 {
			h.single++
		}
	}
	return h
}

func opens(r rune) bool  { return strings.ContainsRune("(（[【「『〔〖<《“", r) }
func closes(r rune) bool { return strings.ContainsRune(")）]】」』〕〗>》”", r) }

// unwoven drops the Latin letters that stand alone between other characters, with the
// separators around them.
func (t *Text) unwoven() Text {
	var prev kind
	s := t.Folded
	return t.keep(func(i int, r rune) bool {
		k := kindOf(r)
		if k != letter {
			if k != none {
				prev = k
			}
			return true
		}
		next, _ := utf8.DecodeRuneInString(strings.TrimLeft(s[i+utf8.RuneLen(r):], " ·.-_"))
		alone := prev != letter && kindOf(next) != letter
		prev = letter
		return !alone
	})
}

// filler is a Han character that stands between nearly all others, 0 for none.
func filler(s string) rune {
	if len(s) > 300 {
		return 0
	}
	var sums [64]uint8 // of the characters by their last bits
	top, together := uint8(0), 0
	for _, r := range s {
		if kindOf(r) == han {
			together++
			sums[r%64]++
			top = max(top, sums[r%64])
		}
	}
	if int(top) < least || int(top)*5 < together*2 {
		return 0
	}
	var best rune
	most, all := 0, 0
	for i, r := range s {
		if kindOf(r) != han {
			continue
		}
		all++
		if r == best || strings.IndexRune(s, r) < i {
			continue
		}
		if n := strings.Count(s, string(r)); n > most {
			best, most = r, n
		}
	}
	if most < least || most*5 < all*2 {
		return 0
	}
	return best
}

// bracketed are the offsets of characters that stand alone in brackets.
func bracketed(s string) []int {
	var out []int
	open, n, last := false, 0, 0
	for i, r := range s {
		switch {
		case opens(r):
			open, n = true, 0
		case closes(r):
			if open && n == 1 {
				out = append(out, last)
			}
			open = false
		case kindOf(r) != none:
			n++
			last = i
		}
	}
	return out
}

// headed reports whether a text says that its first characters count.
func headed(s string) bool {
	if !strings.Contains(s, "头") && !strings.Contains(s, "首") && !strings.Contains(s, "第一") {
		return false
	}
	return containsAny(s, heading)
}

// heading are words that say that first characters count, turning those that say that a
// text is to be read from its end.
var (
	heading = []string{"藏头", "句头", "头一个", "头个字", "开头", "首字", "句首", "第一个字", "头一字"}
	turning = []string{"倒着", "倒过来", "倒念", "倒读", "反着", "反过来", "反读", "右往左", "从后往前", "从尾"}
)

// Announcing are the words of which one stands in a text that says how else to read it.
func Announcing() []string { return slices.Concat(heading, turning) }

// Turned reports whether a text says that it is to be read from its end.
func (t *Text) Turned() bool {
	s := t.Folded
	if !strings.Contains(s, "倒") && !strings.Contains(s, "反") && !strings.Contains(s, "从") && !strings.Contains(s, "往左") {
		return false
	}
	return containsAny(s, turning)
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// heads are the offsets of the first characters of lines, and of clauses.
func heads(s string, clauses bool) []int {
	var out []int
	first := true
	for i, r := range s {
		switch {
		case r == '\n' || clauses && sentence(r) && r != ':':
			first = true
		case first && kindOf(r) != none:
			out = append(out, i)
			first = false
		}
	}
	return out
}

// Without is the text without the runes that drop names.
func (t *Text) Without(drop func(rune) bool) Text {
	return t.keep(func(_ int, r rune) bool { return !drop(r) })
}

func (t *Text) keep(want func(int, rune) bool) Text {
	b := builder{original: t.Original, changed: true}
	for i, r := range t.Folded {
		if want(i, r) {
			b.copyRune(t, i, utf8.RuneLen(r))
		}
	}
	return b.text()
}

// copyRune writes the rune of t.Folded at [at, at+n).
func (b *builder) copyRune(t *Text, at, n int) {
	o, e := t.Span(at, at+n)
	b.unit(t.Folded[at:at+n], o, e-o)
}

// before is the text with some of its characters once more in front of it.
func (t *Text) before(at []int) Text {
	b := builder{original: t.Original, changed: true}
	for _, i := range at {
		_, n := utf8.DecodeRuneInString(t.Folded[i:])
		b.copyRune(t, i, n)
	}
	if len(at) > 0 && len(t.Folded) > 0 {
		o, _ := t.Span(0, 1)
		b.unit("\n", o, 0)
	}
	for i, r := range t.Folded {
		b.copyRune(t, i, utf8.RuneLen(r))
	}
	out := b.text()
	out.scattered = true
	return out
}

// Reversed is the text read from the end, line by line.
func (t *Text) Reversed() Text {
	b := builder{original: t.Original, changed: true}
	for at := 0; at < len(t.Folded); {
		end := at + strings.IndexByte(t.Folded[at:]+"\n", '\n')
		for i := end; i > at; {
			_, n := utf8.DecodeLastRuneInString(t.Folded[at:i])
			i -= n
			b.copyRune(t, i, n)
		}
		if end < len(t.Folded) {
			b.copyRune(t, end, 1)
		}
		at = end + 1
	}
	out := b.text()
	out.scattered = true
	return out
}
