// Package shape finds what looks like somebody's number: phones, PRC identity
// numbers, mailboxes and bank cards, in any width and with separators inside.
// It knows nothing of listings and serves masking.
package shape

import (
	"unicode/utf8"

	"resumewatch/internal/market"
)

// Kinds that Find gives in Span.Field.
const (
	Phone    = "phone"     // mobile number of the PRC, 11 digits from 13…, +86 or 0086 before it included
	IDNumber = "id_number" // resident identity number, GB 11643-1999: 18 characters (the last may be X) with a real date; 15 digits of the old form; the check character is not asked for, as samples are often altered
	Mailbox  = "mailbox"
	BankCard = "bank_card" // 16 to 19 digits with a right Luhn check digit (ISO/IEC 7812-1)
)

// maxDigits is the longest row of digits that is looked at; a longer one is no
// number of a person, but its parts are not searched either.
const maxDigits = 24

// glyph is one character of a number.
type glyph struct {
	value      byte // '0'…'9', 'X'
	start, end int  // bytes
	sep        bool // a separator stands before it
}

// Find returns the byte ranges of text that look like personal numbers, in
// order and without overlap. Ranges for which keep reports true are left out (the
// listing's own contacts); keep may be nil. It takes time linear in the text.
func Find(text string, keep func(start, end int) bool) []market.Span {
	var out []market.Span
	add := func(kind string, s, e int) {
		if keep == nil || !keep(s, e) {
			out = append(out, market.Span{Field: kind, Start: s, End: e})
		}
	}
	mail := 0 // end of the last mailbox
	for i := 0; i < len(text); {
		if s, e, ok := mailbox(text, i, mail); ok {
			// a number that was read as one before the @ gives way
			for len(out) > 0 && out[len(out)-1].End > s {
				out = out[:len(out)-1]
			}
			add(Mailbox, s, e)
			i, mail = e, e
			continue
		}
		if _, n := digit(text, i); n == 0 {
			_, n = utf8.DecodeRuneInString(text[i:])
			i += n
			continue
		}
		row, next := digits(text, i)
		for _, f := range numbers(row) {
			add(f.kind, row[f.from].start, row[f.to-1].end)
		}
		i = next
	}
	return out
}

// digit reads an ASCII or full-width digit at i; n is its length in bytes, 0 for none.
func digit(s string, i int) (value byte, n int) {
	if i >= len(s) {
		return 0, 0
	}
	if c := s[i]; '0' <= c && c <= '9' {
		return c, 1
	}
	if i+2 < len(s) && s[i] == 0xEF && s[i+1] == 0xBC && 0x90 <= s[i+2] && s[i+2] <= 0x99 { // U+FF10…FF19
		return s[i+2] - 0x90 + '0', 3
	}
	return 0, 0
}

// separator is the length of a separator within a number at i, 0 for none.
func separator(s string, i int) int {
	if i >= len(s) {
		return 0
	}
	switch s[i] {
	case ' ', '-', '.', '_', '\u007e':
		return 1
	}
	for _, w := range []string{"\u3000", "\u00A0", "－", "—", "–", "·", "．", "\u200b", "\u200c", "\u200d", "\ufeff"} {
		if len(s)-i >= len(w) && s[i:i+len(w)] == w {
			return len(w)
		}
	}
	return 0
}

// digits reads a row of digits with at most two separators between any two of
// them, and an X at its end; next is where to go on.
func digits(s string, i int) (row []glyph, next int) {
	sep := false
	for i < len(s) {
		if v, n := digit(s, i); n > 0 {
			if len(row) <= maxDigits {
				row = append(row, glyph{value: v, start: i, end: i + n, sep: sep})
			}
			sep = false
			i += n
			next = i
			continue
		}
		if len(row) >= 17 && (s[i] == 'X' || s[i] == 'x') && !(i+1 < len(s) && word(s[i+1])) {
			row = append(row, glyph{value: 'X', start: i, end: i + 1})
			return row, i + 1
		}
		n := separator(s, i)
		if n == 0 {
			break
		}
		j := i + n
		if m := separator(s, j); m > 0 {
			j += m
		}
		if _, d := digit(s, j); d == 0 {
			break
		}
		sep = true
		i = j
	}
	return row, next
}

func word(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

// form is a part of a row that has the form of a personal number.
type form struct {
	kind     string
	from, to int
}

// numbers cuts a row at its separators and takes, from the left, the longest
// run of groups that forms a number.
func numbers(row []glyph) []form {
	if len(row) > maxDigits {
		return nil
	}
	var out []form
	for i := 0; i < len(row); {
		best := form{}
		for j := i + 1; j <= len(row); j++ {
			if j < len(row) && !row[j].sep && row[j].value != 'X' {
				continue // never cut within a group
			}
			if kind := kindOf(row[i:j]); kind != "" {
				best = form{kind, i, j}
			}
		}
		if best.to == 0 {
			i++
			for i < len(row) && !row[i].sep {
				i++
			}
			continue
		}
		out = append(out, best)
		i = best.to
	}
	return out
}

func kindOf(g []glyph) string {
	b := make([]byte, len(g))
	for i, x := range g {
		b[i] = x.value
	}
	s := string(b)
	switch {
	case mobile(s), len(s) == 13 && s[:2] == "86" && mobile(s[2:]), len(s) == 15 && s[:4] == "0086" && mobile(s[4:]):
		return Phone
	case identity(s):
		return IDNumber
	case len(s) >= 16 && len(s) <= 19 && luhn(s):
		return BankCard
	}
	return ""
}

func mobile(s string) bool { return len(s) == 11 && s[0] == '1' && s[1] >= '3' && s[1] <= '9' }

// identity reports whether s has the form of a resident identity number: a
// province of GB/T 2260, a date that exists, a sequence.
func identity(s string) bool {
	year, month, day := 0, 0, 0
	switch len(s) {
	case 18:
		for _, c := range s[:17] {
			if c == 'X' {
				return false
			}
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
	province := number(s[:2])
	return province >= 11 && province <= 91 && year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= 31
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

// maxLocal and maxHost bound the two halves of a mailbox (RFC 5321 §4.5.3.1).
const (
	maxLocal = 64
	maxHost  = 255
)

// mailbox reads the mailbox whose @ stands at i. floor is where its local part may begin at the earliest.
func mailbox(s string, i, floor int) (start, end int, ok bool) {
	n := 0
	switch {
	case s[i] == '@':
		n = 1
	case len(s)-i >= 3 && s[i:i+3] == "＠":
		n = 3
	default:
		return 0, 0, false
	}
	start = i
	for start > floor && i-start < maxLocal && (word(s[start-1]) || s[start-1] == '.' || s[start-1] == '-' || s[start-1] == '+') {
		start--
	}
	for start < i && s[start] == '.' {
		start++
	}
	j := i + n
	end = j
	labels := 0
	for j-i-n < maxHost {
		k := j
		for k < len(s) && (word(s[k]) && s[k] != '_' || s[k] == '-') && k-j < 63 {
			k++
		}
		if k == j {
			break
		}
		labels++
		end = k
		if k+1 >= len(s) || s[k] != '.' || !word(s[k+1]) {
			break
		}
		j = k + 1
	}
	return start, end, start < i && labels >= 2
}
