package lexicon

import (
	"slices"
	"strconv"
)

// Weights are what the sieve makes of the characters and words of a text, trained by the
// command in sieve/train.
type Weights struct {
	Pairs [1 << pairBits]int8
	Ones  [1 << oneBits]int8
	Words map[string]int32 // by the name of a word: see Sign
}

const (
	pairBits = 15
	oneBits  = 12
)

// Sign is one thing that is weighed: a pair and a single character by their places in
// Weights, or the words that end at a character by their patterns.
type Sign struct {
	Pair, One uint32
	Words     []int32
}

// grams sums up the weights of pairs of characters and of single ones. Numbers are one
// character, and what ends a clause.
type grams struct {
	w          *Weights
	last       uint32
	sum, count int32
}

func (w *Weights) start() grams {
	head := uint32('^')
	return grams{w: w, last: head * mixFirst}
}

// Odd numbers that spread runes over the places.
const (
	mixFirst  = 0x9E3779B1
	mixSecond = 0x85EBCA77
	mixOne    = 0xC2B2AE3D
)

func (g *grams) add(r rune) {
	c := uint32(r)
	g.sum += int32(g.w.Pairs[(g.last+c*mixSecond)>>(32-pairBits)]) + int32(g.w.Ones[c*mixOne>>(32-oneBits)])
	g.last = c * mixFirst
	g.count++
}

// name is by what Weights know a pattern: its entry, how it is written and how sure it is.
func (l *Lexicon) name(p *pattern) string {
	n := l.entries[p.entry].ID + " " + strconv.Itoa(int(p.channel))
	if p.weak {
		n += " weak"
	}
	return n
}

// weigh is what the patterns of the characters' channel say, with their weights.
func (l *Lexicon) weigh(w *Weights) []said {
	out := slices.Clone(l.chars.said)
	for state, ids := range l.chars.auto.out {
		for _, id := range ids {
			if p := &l.chars.patterns[id]; p.role == match {
				out[state].weight += w.Words[l.name(p)]
				out[state].weighed++
			}
		}
	}
	return out
}
