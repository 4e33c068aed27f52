package query

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Mark is a part of a text that a query asked for: bytes of the original, End
// exclusive.
type Mark struct{ Start, End int }

// Highlight gives the parts of a text that the words, phrases and contacts of a
// query stand in, in order and apart from each other. What the query excludes is not marked.
func Highlight(n Node, text string) []Mark {
	var wanted []Phrase
	collect(n, &wanted)
	if len(wanted) == 0 {
		return nil
	}
	tokens := Tokens(text)
	var marks []Mark
	for _, p := range wanted {
		for i := range tokens {
			if p.at(tokens, i) {
				marks = append(marks, p.mark(tokens, i, text))
			}
		}
	}
	slices.SortFunc(marks, func(a, b Mark) int { return cmp.Or(a.Start-b.Start, a.End-b.End) })
	out := marks[:0]
	for _, m := range marks {
		if len(out) > 0 && m.Start <= out[len(out)-1].End {
			out[len(out)-1].End = max(out[len(out)-1].End, m.End)
		} else {
			out = append(out, m)
		}
	}
	return out
}

func collect(n Node, into *[]Phrase) {
	switch n := n.(type) {
	case And:
		for _, c := range n.Nodes {
			collect(c, into)
		}
	case Or:
		for _, c := range n.Nodes {
			collect(c, into)
		}
	case Phrase:
		*into = append(*into, n)
	case Field:
		for _, field := range contactFields {
			if field == n.Name {
				if p, ok := phrase(n.Value, 0).(Phrase); ok {
					*into = append(*into, p)
				}
			}
		}
	}
}

// Holds reports whether the phrase stands somewhere in these tokens. It is the
// meaning of a phrase; engines find the same faster.
func (p Phrase) Holds(tokens []Token) bool {
	for i := range tokens {
		if p.at(tokens, i) {
			return true
		}
	}
	return false
}

func (p Phrase) at(tokens []Token, i int) bool {
	if len(p.Tokens) == 0 || i+len(p.Tokens) > len(tokens) {
		return false
	}
	last := len(p.Tokens) - 1
	for k, want := range p.Tokens {
		have := tokens[i+k].Text
		if have != want && (k != last || !p.Prefix || !strings.HasPrefix(have, want)) {
			return false
		}
	}
	return true
}

// mark is where the phrase stands that begins with token i. Of a pair that a
// single character begins, only that character is marked.
func (p Phrase) mark(tokens []Token, i int, text string) Mark {
	next := i + len(p.Tokens)
	m := Mark{tokens[i].Start, tokens[next-1].End}
	if p.Prefix && isHanPair(tokens[next-1].Text) && next < len(tokens) {
		m.End = min(m.End, tokens[next].Start) // the pair's second character begins the next token
		for m.End > m.Start {
			r, size := utf8.DecodeLastRuneInString(text[:m.End])
			if k := kindOf(r); k != runeCut && k != runeMark {
				break
			}
			m.End -= size
		}
	}
	if m.End <= m.Start {
		m.End = tokens[next-1].End
	}
	return m
}
