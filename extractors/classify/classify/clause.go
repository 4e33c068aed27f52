// Package classify decides from what the other readers found whether a text is
// a listing, and what side, goods, platforms and grades it has.
package classify

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"resumewatch/extractors/lexicon"
)

// clause is a stretch of the folded text between marks that end clauses.
type clause struct{ start, end int }

// clauses cuts a folded text. Commas between single characters are ornaments
// and cut nothing.
func clauses(s string) []clause {
	var out []clause
	start := 0
	from, to := -1, 0 // where the words of the clause begin and end so far
	for i, r := range s {
		switch r {
		case '，', '。', '；', '！', '？', '!', '?', ';', ',', '\n', '\r', '|', '…', '→', '⇒', '►':
			if from >= 0 && to-from > 4 {
				out = append(out, clause{start, i})
				start, from = i+utf8.RuneLen(r), -1
				continue
			}
		}
		if !unicode.IsSpace(r) {
			if to = i + utf8.RuneLen(r); from < 0 {
				from = i
			}
		}
	}
	if start < len(s) {
		out = append(out, clause{start, len(s)})
	}
	return out
}

// clauseOf is the index of the clause that holds the byte.
func clauseOf(cs []clause, at int) int {
	i, found := slices.BinarySearchFunc(cs, at, func(c clause, at int) int { return cmp.Compare(c.start, at) })
	if !found {
		i--
	}
	return max(i, 0)
}

// between is the folded text between two hits, without blanks and ornaments;
// ok is false when they overlap, stand in the wrong order or lines apart.
func between(s string, a, b lexicon.Hit) (string, bool) {
	if b.Start < a.End || b.Start-a.End > 48 {
		return "", false
	}
	gap := s[a.End:b.Start]
	if strings.ContainsAny(gap, "\n。；;？?！!") {
		return "", false
	}
	var w strings.Builder
	for _, r := range gap {
		if r > 0x2E80 && r < 0xA000 && r != '、' && r != '。' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '，' || r == '、' {
			w.WriteRune(r)
		}
	}
	return w.String(), true
}
