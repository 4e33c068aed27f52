package query

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Mark is a part of a text that a query asked for: bytes of the original, End
// exclusive.
type Mark struct{ Start, End int }

// markWork is how many tokens are compared for one text at most. A text and a query
// that were made for each other are marked in part, rather than for seconds.
const markWork = 1 << 22

// Highlight gives the parts of a text that the words, phrases and contacts of a
// query stand in, in order and apart from each other. What the query excludes is not marked.
func Highlight(n Node, text string) []Mark {
	var wanted []Phrase
	collect(n, &wanted)
	if len(wanted) == 0 {
		return nil
	}
	byFirst := firsts(wanted)
	tokens := Tokens(text)
	var out []Mark
	work := 0
	for i := range tokens {
		end := -1
		for _, p := range candidates(byFirst, tokens[i].Text) {
			if work += len(p.Tokens); work > markWork {
				return out
			}
			if p.at(tokens, i) {
				end = max(end, p.mark(tokens, i, text).End)
			}
		}
		if end < 0 {
			continue
		}
		if last := len(out) - 1; last >= 0 && tokens[i].Start <= out[last].End {
			out[last].End = max(out[last].End, end)
		} else {
			out = append(out, Mark{tokens[i].Start, end})
		}
	}
	return out
}

// firsts are the phrases, equal ones once, by their first token.
func firsts(phrases []Phrase) map[string][]Phrase {
	out := map[string][]Phrase{}
	seen := map[string]bool{}
	for _, p := range phrases {
		key := fmt.Sprint(p.Prefix, p.Tokens)
		if len(p.Tokens) == 0 || seen[key] {
			continue
		}
		seen[key] = true
		out[p.Tokens[0]] = append(out[p.Tokens[0]], p)
	}
	return out
}

// candidates are the phrases that may begin with a token: those whose first is the
// same, and those of a single character that the token begins with.
func candidates(byFirst map[string][]Phrase, token string) []Phrase {
	same := byFirst[token]
	if !isHanPair(token) {
		return same
	}
	_, size := utf8.DecodeRuneInString(token)
	single := byFirst[token[:size]]
	return append(same[:len(same):len(same)], single...)
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
