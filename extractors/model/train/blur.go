package main

import (
	"hash/fnv"
	"strconv"

	"resumewatch/extractors"
	"resumewatch/extractors/lexicon"
	"resumewatch/extractors/model"
)

// The lexicon was written with these texts in sight, and finds more in them than it ever will
// in others. So each text is learnt from several times more, with words passed over at
// random as if the lexicon lacked them: what is learnt then leans on all that a text shows.
const (
	blurs   = 4
	blurred = 0.5 // weight of such a view
	lacking = 0.4 // share of the words passed over

	lackingSide = 0.15 // of the verbs, which are few and vary less
)

// look makes the views of a text.
func (t *text) look(x *extractors.Extractor) {
	in := x.Input(t.Text, nil)
	t.views = append(t.views, view{in, model.Features(in)})
	for n := range blurs {
		in := x.Input(t.Text, func(h lexicon.Hit, written string) bool {
			switch h.Entry.Kind() {
			case "goods", "platform", "grade", "frame":
				return chance(t.author, t.ID, strconv.Itoa(n), h.Entry.ID, written) < lacking
			case "side":
				return chance(t.author, t.ID, strconv.Itoa(n), h.Entry.ID, written) < lackingSide
			}
			return false
		})
		t.views = append(t.views, view{in, model.Features(in)})
	}
}

// chance is a number from 0 to 1 that hangs on nothing but the words.
func chance(words ...string) float64 {
	h := fnv.New64a()
	for _, w := range words {
		h.Write([]byte(w))
		h.Write([]byte{0})
	}
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}
