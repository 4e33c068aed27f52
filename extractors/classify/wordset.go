package classify

import "strings"

// wordSet finds any of some words in one pass over a text.
type wordSet struct {
	heads [0x10000 / 64]uint64 // first characters, as bits
	words map[rune][]string
	list  []string
}

func set(words ...string) *wordSet {
	w := &wordSet{words: map[rune][]string{}, list: words}
	for _, s := range words {
		for _, r := range s {
			w.heads[r/64] |= 1 << (r % 64) // all words are of the basic plane
			w.words[r] = append(w.words[r], s)
			break
		}
	}
	return w
}

// in reports whether one of the words stands in s.
func (w *wordSet) in(s string) bool {
	for i, r := range s {
		if r >= 0x10000 || w.heads[r/64]&(1<<(r%64)) == 0 {
			continue
		}
		for _, x := range w.words[r] {
			if strings.HasPrefix(s[i:], x) {
				return true
			}
		}
	}
	return false
}
