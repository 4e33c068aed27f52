package shape

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed rules.json
var rulesText []byte

// rules are the numbering plans and spellings of rules.json.
type rules struct {
	Phone    []string
	Landline []struct {
		Area   []string
		Length int
		Digits []int
	}
	Province []int
	Card     []struct {
		Prefix []string
		Length []int
	}
	Digit  map[string]byte // characters that are read as a digit, beside the numerals
	Letter map[string]byte // letters that pass for a digit within a number
	At     []string        // the first is the plain one
	Dot    []string        // the first is the plain one
	Top    []string

	digits, letters map[rune]byte
}

var loaded = sync.OnceValue(func() *rules {
	r := &rules{}
	if err := json.Unmarshal(rulesText, r); err != nil {
		panic("shape: rules.json: " + err.Error()) // it is part of the program; a test loads it
	}
	runes := func(in map[string]byte) map[rune]byte {
		out := make(map[rune]byte, len(in))
		for s, v := range in {
			c, _ := utf8.DecodeRuneInString(s)
			out[c] = '0' + v
		}
		return out
	}
	r.digits, r.letters = runes(r.Digit), runes(r.Letter)
	return r
})

func begins(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}

func (r *rules) mobile(s string) bool { return len(s) == 11 && begins(s, r.Phone) }

func (r *rules) landline(s string) bool {
	for _, l := range r.Landline {
		if begins(s, l.Area) && slices.Contains(l.Digits, len(s)-l.Length) && s[l.Length] >= '2' && s[l.Length] <= '8' {
			return true
		}
	}
	return false
}

// identity reports whether s has the form of a resident identity number: a
// province, a date that exists, a sequence.
func (r *rules) identity(s string) bool {
	year, month, day := 0, 0, 0
	switch len(s) {
	case 18:
		if strings.Contains(s[:17], "X") {
			return false
		}
		year, month, day = number(s[6:10]), number(s[10:12]), number(s[12:14])
	case 15:
		if s[14] == 'X' {
			return false
		}
		year, month, day = 1900+number(s[6:8]), number(s[8:10]), number(s[10:12])
	default:
		return false
	}
	return slices.Contains(r.Province, number(s[:2])) && year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= 31
}

func (r *rules) card(s string) bool {
	for _, c := range r.Card {
		if slices.Contains(c.Length, len(s)) && begins(s, c.Prefix) {
			return luhn(s)
		}
	}
	return false
}

// CheckCharacter is the check character of the 17 digits of an identity
// number (ISO 7064 MOD 11-2, GB 11643-1999), 0 when they aren't 17 digits.
func CheckCharacter(s string) byte {
	if len(s) != 17 {
		return 0
	}
	sum := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0
		}
		sum += int(s[i]-'0') * (1 << (17 - i) % 11)
	}
	return "10X98765432"[sum%11]
}

func number(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// luhn checks the check digit of a card (ISO/IEC 7812-1, annex B).
func luhn(s string) bool {
	sum := 0
	for i := range len(s) {
		if s[len(s)-1-i] == 'X' {
			return false
		}
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
