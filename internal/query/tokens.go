package query

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
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
	s := folded.Folded
	out := make([]Token, 0, len(s)/3)
	emit := func(text string, start, end int) {
		from, to := folded.Span(start, end)
		out = append(out, Token{Text: text, Start: from, End: to})
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch kind := kindOf(r); kind {
		case runeHan:
			text, end, next := s[i:i+size], i+size, i+size
			for next < len(s) {
				r, n := utf8.DecodeRuneInString(s[next:])
				next += n
				if k := kindOf(r); k == runeHan {
					text, end = text+s[next-n:next], next
				} else if k == runeMark {
					continue
				}
				break
			}
			emit(text, i, end)
			i += size
		case runeFar:
			emit("u"+strconv.FormatInt(int64(r), 16), i, i+size)
			i += size
		case runeLetter, runeDigit:
			end, word := i, strings.Builder{}
			for end < len(s) {
				next, n := utf8.DecodeRuneInString(s[end:])
				k := kindOf(next)
				if k != kind && k != runeMark {
					break
				}
				if k == kind {
					if word.Len()+n > MaxToken {
						break
					}
					word.WriteRune(letter(next))
				}
				end += n
			}
			emit(word.String(), i, end)
			i = end
		default:
			i += size
		}
	}
	return out
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
