package query

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"resumewatch/extractors/fold"
)

// Token is one unit of search.
type Token struct {
	// Text is folded: two Han characters, one Han character that ends a run of
	// them, the letters of a word or a run of digits. A rune that the engines could
	// take apart (every one outside the BMP) is a token of its own, "u" and
	// its number in hexadecimal.
	Text       string
	Start, End int // bytes of the original text, End exclusive
}

// MaxToken is the most bytes that a token has; longer words are cut into pieces.
const MaxToken = 96

// Tokens folds a text and cuts it into tokens, in the order in which they begin.
// Each Han character begins one. Both engines index these and leave them alone: they hold
// only letters and digits, so that neither SQLite's unicode61 nor
// Elasticsearch's whitespace tokenizer changes them.
func Tokens(text string) []Token {
	folded := foldSearch(text)
	out := make([]Token, 0, len(folded.Folded)/3)
	cut(folded.Folded, func(token string, start, end int) {
		from, to := folded.Span(start, end)
		out = append(out, Token{Text: token, Start: from, End: to})
	})
	return out
}

// Line is the texts of Tokens with a blank between two, as tokenizers that cut at
// white space are to see them.
func Line(text string) string {
	form := fold.Search(text)
	var b strings.Builder
	b.Grow(len(form) * 5 / 2)
	cut(form, func(token string, _, _ int) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(token)
	})
	return b.String()
}

// cut gives the tokens of a folded text with their bytes there.
func cut(s string, emit func(token string, start, end int)) {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch kind := kindOf(r); kind {
		case runeHan:
			end := afterHan(s, i+size)
			token := s[i:end]
			if end > i+size && kindAt(s, i+size) != runeHan { // marks stand between the two
				last, _ := utf8.DecodeLastRuneInString(token)
				token = s[i:i+size] + string(last)
			}
			emit(token, i, end)
			i += size
		case runeFar:
			emit("u"+strconv.FormatInt(int64(r), 16), i, i+size)
			i += size
		case runeLetter, runeDigit:
			token, end := word(s, i, kind)
			emit(token, i, end)
			i = end
		default:
			i += size
		}
	}
}

// afterHan is the end of the Han character that follows at i, marks passed over,
// or i when none does.
func afterHan(s string, i int) int {
	for at := i; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		at += size
		switch kindOf(r) {
		case runeHan:
			return at
		case runeMark:
			continue
		}
		break
	}
	return i
}

func kindAt(s string, i int) runeKind {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return kindOf(r)
}

// word is the run of letters or of digits that begins at i, at most MaxToken
// bytes of token, and where it ends in s.
func word(s string, i int, kind runeKind) (string, int) {
	end, length, changed := i, 0, false
	for end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		k := kindOf(r)
		if k == kind {
			length += utf8.RuneLen(letter(r))
		}
		if k != kind && k != runeMark || length > MaxToken {
			break
		}
		changed = changed || k == runeMark || letter(r) != r
		end += size
	}
	if !changed {
		return s[i:end], end
	}
	return strings.Map(func(r rune) rune {
		if kindOf(r) == runeMark {
			return -1
		}
		return letter(r)
	}, s[i:end]), end
}

func isSingleHan(token string) bool {
	r, size := utf8.DecodeRuneInString(token)
	return size == len(token) && kindOf(r) == runeHan
}

func isHanPair(token string) bool {
	r, size := utf8.DecodeRuneInString(token)
	return size < len(token) && kindOf(r) == runeHan
}

type runeKind int

const (
	runeCut  runeKind = iota // ends a token
	runeMark                 // neither part of a token nor the end of one
	runeHan
	runeLetter
	runeDigit
	runeFar // a token of its own
)

func kindOf(r rune) runeKind {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			return runeLetter
		case '0' <= r && r <= '9':
			return runeDigit
		}
		return runeCut
	case 0x4E00 <= r && r <= 0x9FA5: // most of all text; in every version of Unicode
		return runeHan
	case unicode.Is(unicode.M, r), unicode.Is(unicode.Cf, r):
		return runeMark
	case !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '〇':
		return runeCut
	case r > 0xFFFF || unicode.Is(unsettled, r):
		return runeFar
	case unicode.Is(unicode.Han, r):
		return runeHan
	case unicode.IsDigit(r):
		return runeDigit
	}
	return runeLetter
}

// unsettled are letters and digits of the BMP that the tables of SQLite 3.53 and
// of Go know differently: New Tai Lue signs, which changed their category, and two Vedic signs.
var unsettled = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x19B0, Hi: 0x19C0, Stride: 1},
	{Lo: 0x19C8, Hi: 0x19C9, Stride: 1},
	{Lo: 0x1CF2, Hi: 0x1CF3, Stride: 1},
}}

// letter gives the form of a letter that no engine folds any further: lower case, and
// the plain form of those that unicode61 holds for equal to another letter.
func letter(r rune) rune {
	switch r {
	case 'µ':
		return 'μ'
	case 'ſ':
		return 's'
	case 'ς':
		return 'σ'
	case 'ϐ':
		return 'β'
	case 'ϑ':
		return 'θ'
	case 'ϕ':
		return 'φ'
	case 'ϖ':
		return 'π'
	case 'ϰ':
		return 'κ'
	case 'ϱ':
		return 'ρ'
	case 'ϵ':
		return 'ε'
	case 'ẛ':
		return 'ṡ'
	case '\u1fbe':
		return 'ι'
	}
	if r < utf8.RuneSelf && (r < 'A' || r > 'Z') {
		return r
	}
	return unicode.ToLower(r)
}
