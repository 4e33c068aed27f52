package lexicon

import (
	"slices"
	"strconv"
)

// Weights are what a Scanner weighs the characters and words of a text by; see package
// sieve.
type Weights struct {
	Pairs  [1 << pairBits]int8  // of characters
	Sounds [1 << soundBits]int8 // of syllables
	Words  map[string]int32     // by the names that Scanner.Weighed gives
}

const (
	pairBits  = 15
	soundBits = 13
)

// Weighed is one thing of a text that is weighed: a pair by its places in Pairs and Sounds,
// or the words that end at a character.
type Weighed struct {
	Pair, Sound uint32
	Words       []string // nil for a pair
}

// grams sums up the weights of pairs of characters, as they are written and as they sound.
// Numbers are one character, and what ends a clause.
type grams struct {
	w           *Weights
	last, heard uint32
	tally
}

// tally sums up weights; peak is the heaviest stretch of the text.
type tally struct{ sum, stretch, peak, count int32 }

func (t *tally) put(w int32) {
	t.sum += w
	t.stretch = max(t.stretch+w, 0)
	t.peak = max(t.peak, t.stretch)
}

func (w *Weights) start() grams {
	head := uint32('^')
	return grams{w: w, last: head * mixFirst}
}

// Odd numbers that spread characters over the places.
const (
	mixFirst  = 0x9E3779B1
	mixSecond = 0x85EBCA77
)

func (g *grams) add(r rune, sound uint32) {
	g.put(int32(g.w.Pairs[(g.last+uint32(r)*mixSecond)>>(32-pairBits)]) + int32(g.w.Sounds[(g.heard+sound*mixSecond)>>(32-soundBits)]))
	g.last, g.heard = uint32(r)*mixFirst, sound*mixFirst
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

// Weighed is what Scan weighs in a text, one by one; false where it is so.
func (x *Scanner) Weighed(s string) ([]Weighed, bool) {
	words := map[int][]string{} // by the number of the character that they end at
	p := pass{Scanner: x, found: func(at int, state int32) {
		for _, id := range x.l.chars.auto.found(state) {
			if w := &x.l.chars.patterns[id]; w.role == match {
				words[at] = append(words[at], x.l.name(w))
			}
		}
	}}
	if len(s) >= maxScan || !p.read(s) {
		return nil, false
	}
	g := x.w.start()
	var out []Weighed
	add := func(r rune, sound uint32) {
		out = append(out, Weighed{Pair: (g.last + uint32(r)*mixSecond) >> (32 - pairBits), Sound: (g.heard + sound*mixSecond) >> (32 - soundBits)})
		g.add(r, sound)
	}
	separators, digits, at := 0, 0, 0
	for _, r := range s {
		var k look
		if r < limit {
			k = x.runes.looks[r]
		} else {
			k = x.runes.far(r)
		}
		switch {
		case k&lookDropped != 0:
			continue
		case k&lookWord == 0:
			if separators == 0 && k&lookComma != 0 {
				add(',', 0)
			}
			separators++
			continue
		case k&lookDigit != 0:
			if digits++; digits == 1 {
				add('0', k.sound())
			} else if digits == longNumber {
				add('Q', k.sound())
			}
		default:
			digits = 0
			add(k.rune(), k.sound())
		}
		separators = 0
		if at++; words[at] != nil {
			out = append(out, Weighed{Words: words[at]})
		}
	}
	add('$', 0)
	return out, true
}

// Weigh is the glance at a text of which only the weights are not known yet.
func (w *Weights) Weigh(g Glance, text []Weighed) Glance {
	var t tally
	g.Count = 0
	for _, e := range text {
		if e.Words == nil {
			t.put(int32(w.Pairs[e.Pair]) + int32(w.Sounds[e.Sound]))
			g.Count++
			continue
		}
		sum := int32(0)
		for _, name := range e.Words {
			sum += w.Words[name]
			g.Count++
		}
		t.put(sum)
	}
	g.Weight, g.Peak = t.sum, t.peak
	return g
}

// weigh is what the patterns of the characters' channel say, with their weights.
func (l *Lexicon) weigh(w *Weights) []said {
	out := slices.Clone(l.chars.said)
	for state, ids := range l.chars.auto.out {
		for _, id := range ids {
			if p := &l.chars.patterns[id]; p.role == match {
				v, known := w.Words[l.name(p)]
				if k := l.entries[p.entry].Kind(); !known && k != "frame" && k != "sign" && k != "hint" {
					out[state].signs |= SignOwn
				}
				out[state].weight += v
				out[state].weighed++
			}
		}
	}
	return out
}
