// Package shape finds what looks like somebody's number: phones, PRC identity
// numbers, mailboxes and bank cards, also where they are disguised (full-width,
// circled, Chinese and look-alike digits, separators and invisible characters
// inside). What counts is data: rules.json. It knows nothing of listings and
// serves masking and the blind index.
package shape

import (
	"strings"
	"unicode/utf8"

	"resumewatch/extractors/fold"
	"resumewatch/internal/market"
)

// Kinds of matches.
const (
	Phone    = "phone"     // mobile number of the PRC, +86 or 0086 before it included
	Landline = "landline"  // number of the PRC with its area code
	IDNumber = "id_number" // resident identity number, GB 11643-1999: 18 characters (the last may be X) or 15 of the old form, with a date that can be; the check character is not asked for, as samples are often altered
	Mailbox  = "mailbox"
	BankCard = "bank_card" // by its first digits and length, with a right Luhn check digit (ISO/IEC 7812-1)
	Number   = "number"    // twelve digits or more without a break that are none of these: what has grown together may hold anybody's
)

// Match is one of them. The bytes are those of the text as it was given.
type Match struct {
	Kind       string
	Value      string // normalised: 11 digits of a phone, the digits of others (X upper case), a mailbox in lower case
	Start, End int
}

// Spans is Find for logs: the matches as spans, but for those of Number, as a log's
// own numbers are long, too.
func Spans(text string) (out []market.Span) {
	for _, m := range Find(text) {
		if m.Kind != Number {
			out = append(out, market.Span{Field: m.Kind, Start: m.Start, End: m.End})
		}
	}
	return out
}

// Find returns what looks like a personal number or mailbox, in order and without
// overlap. It takes time linear in the text.
func Find(text string) []Match {
	t := fold.Fold(text)
	r := loaded()
	s := t.Folded
	var out []Match
	mail := 0 // end of the last mailbox, in the folded text
	var ends []int
	for i := 0; i < len(s); {
		if b, ok := r.mailbox(s, i, mail); ok {
			// a number that was read as one before the @ gives way
			for len(ends) > 0 && ends[len(ends)-1] > b.start {
				out, ends = out[:len(out)-1], ends[:len(ends)-1]
			}
			from, to := t.Span(b.start, b.end)
			out, ends = append(out, Match{Mailbox, b.value, from, to}), append(ends, b.end)
			i, mail = b.end, b.end
			continue
		}
		row, next := r.row(s, i)
		if len(row) == 0 {
			_, n := utf8.DecodeRuneInString(s[i:])
			i += n
			continue
		}
		for _, f := range r.forms(row) {
			end := row[f.to-1].end
			from, to := t.Span(row[f.from].start, end)
			out, ends = append(out, Match{f.kind, f.value, from, to}), append(ends, end)
		}
		i = next
	}
	return apart(out)
}

// apart makes sure that matches of one character of the original that folds into
// several don't overlap.
func apart(in []Match) []Match {
	out := in[:0]
	for _, m := range in {
		if n := len(out); n > 0 && m.Start < out[n-1].End {
			out[n-1].End = max(out[n-1].End, m.End)
			continue
		}
		out = append(out, m)
	}
	return out
}

// maxLocal and maxHost bound the two halves of a mailbox (RFC 5321 §4.5.3.1).
const (
	maxLocal = 64
	maxHost  = 255
)

// box is a mailbox in the folded text.
type box struct {
	start, end int
	value      string
}

// mailbox reads the mailbox whose @ stands at i. floor is where its local part
// may begin at the earliest. A disguised @ or dot counts only before a top-level
// domain that is known.
func (r *rules) mailbox(s string, i, floor int) (box, bool) {
	n, plain := 0, false
	switch c := s[i]; {
	case c == '@':
		n, plain = 1, true
	case c == '(' || c == '[' || c == '{' || c == '<' || c == '#' || c == '_' || c == ' ' || c >= utf8.RuneSelf:
		for _, w := range r.At[1:] {
			if strings.HasPrefix(s[i:], w) {
				n = len(w)
				break
			}
		}
	}
	if n == 0 {
		return box{}, false
	}
	before := i
	for before > floor && i-before < 2 && s[before-1] == ' ' {
		before--
	}
	start := before
	for start > floor && before-start < maxLocal && (word(s[start-1]) || s[start-1] == '.' || s[start-1] == '-' || s[start-1] == '+') {
		start--
	}
	for start < before && s[start] == '.' {
		start++
	}
	j := i + n
	for j < len(s) && j-i-n < 2 && s[j] == ' ' {
		j++
	}
	if j < len(s) && s[j] == '\n' { // broken in two behind the @
		j++
	}
	plain = plain && before == i && j == i+n
	host, end, dots := r.host(s, j)
	if start == before || len(host) < 2 {
		return box{}, false
	}
	if (!plain || !dots) && !contains(r.Top, host[len(host)-1]) {
		return box{}, false
	}
	return box{start, end, s[start:before] + "@" + strings.Join(host, ".")}, true
}

// host reads the labels of a domain from j; dots reports whether all its dots are plain.
func (r *rules) host(s string, j int) (labels []string, end int, dots bool) {
	dots = true
	for at := j; j-at < maxHost; {
		k := j
		for k < len(s) && (word(s[k]) && s[k] != '_' || s[k] == '-') && k-j < 63 {
			k++
		}
		if k == j {
			break
		}
		labels, end = append(labels, s[j:k]), k
		n := 0
		for _, w := range r.Dot {
			if strings.HasPrefix(s[k:], w) {
				n = len(w)
				break
			}
		}
		if n == 0 || k+n >= len(s) || !word(s[k+n]) {
			break
		}
		// what follows a sentence's end is no domain, unless the domain has none yet
		if s[k] != '.' && contains(r.Top, s[j:k]) && len(labels) > 1 {
			break
		}
		dots = dots && s[k] == '.'
		j = k + n
	}
	return labels, end, dots
}

func contains(in []string, s string) bool {
	for _, w := range in {
		if w == s {
			return true
		}
	}
	return false
}

func word(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}
