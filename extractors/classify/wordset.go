package classify

import (
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// wordSet finds any of some words in one pass over a text.
type wordSet struct {
	heads  [0x10000 / 64]uint64 // first characters, as bits
	before [0x10000 / 64]uint16 // how many bits are set before
	words  [][]string           // by first character, without those that begin with another
	list   []string
}

func set(words ...string) *wordSet {
	w := &wordSet{list: words}
	for _, s := range words {
		r, _ := utf8.DecodeRuneInString(s)
		w.heads[r/64] |= 1 << (r % 64) // all words are of the basic plane
	}
	n := 0
	for i, h := range w.heads {
		w.before[i] = uint16(n)
		n += bits.OnesCount64(h)
	}
	w.words = make([][]string, n)
	short := slices.SortedStableFunc(slices.Values(words), func(a, b string) int { return len(a) - len(b) })
	for _, s := range short {
		r, _ := utf8.DecodeRuneInString(s)
		of := &w.words[w.head(r)]
		if !slices.ContainsFunc(*of, func(o string) bool { return strings.HasPrefix(s, o) }) {
			*of = append(*of, s)
		}
	}
	return w
}

// head is the number of a first character.
func (w *wordSet) head(r rune) int {
	return int(w.before[r/64]) + bits.OnesCount64(w.heads[r/64]&(1<<(r%64)-1))
}

// in reports whether one of the words stands in s.
func (w *wordSet) in(s string) bool {
	for i, r := range s {
		if r >= 0x10000 || w.heads[r/64]&(1<<(r%64)) == 0 {
			continue
		}
		for _, x := range w.words[w.head(r)] {
			if strings.HasPrefix(s[i:], x) {
				return true
			}
		}
	}
	return false
}
