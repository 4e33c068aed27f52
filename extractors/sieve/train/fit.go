package main

import (
	"math"
	"math/bits"

	"resumewatch/extractors/classify"
	"resumewatch/extractors/lexicon"
)

// Places of the weights that are no pair, sound or word: the bias, the weight of
// classify.Best, the marks of the gist.
const (
	bias = iota
	odds
	marks
	pairs = marks + 32
)

// basis gives each thing that is weighed its place in a list of weights.
type basis struct {
	sounds int
	words  map[string]int
	size   int
}

func newBasis(texts []*text) *basis {
	var w lexicon.Weights
	b := &basis{sounds: pairs + len(w.Pairs), words: map[string]int{}}
	b.size = b.sounds + len(w.Sounds)
	for _, t := range texts {
		for _, e := range t.weighed {
			for _, name := range e.Words {
				if _, known := b.words[name]; !known {
					b.words[name] = b.size
					b.size++
				}
			}
		}
	}
	return b
}

// places are those of a text's pairs, sounds and words.
func (b *basis) places(t *text) (out []int) {
	for _, e := range t.weighed {
		if e.Words == nil {
			out = append(out, pairs+int(e.Pair), b.sounds+int(e.Sound))
		}
		for _, name := range e.Words {
			out = append(out, b.words[name])
		}
	}
	return out
}

// How weights are found: passes of AdaGrad over all texts in a fixed mixed order, weights
// pulled to 0 by ridge. Texts to keep count more, texts made of others less.
const (
	passes = 30
	rate   = 0.08
	ridge  = 0.005
	trust  = 0.5 // the first weight of classify.Best
	least  = 0.3 // and the lowest
	kept   = 4
	made   = 0.3
)

func fit(b *basis, texts []*text) []float64 {
	w, g := make([]float64, b.size), make([]float64, b.size)
	for i := range g {
		g[i] = 1e-6
	}
	w[odds], g[bias], g[odds] = trust, 1e-3, 1e-1
	places := make([][]int, len(texts))
	for i, t := range texts {
		places[i] = b.places(t)
	}
	step := func(at int, x float64) {
		g[at] += x * x
		w[at] -= rate * x / math.Sqrt(g[at])
	}
	for range passes {
		for _, i := range shuffled(len(texts)) {
			t := texts[i]
			best := classify.Best(t.glance.Gist)
			n := 8 / math.Sqrt(float64(max(1, t.glance.Count)))
			z := w[bias] + w[odds]*best
			for m := uint32(t.glance.Marks); m != 0; m &= m - 1 {
				z += w[marks+bits.TrailingZeros32(m)]
			}
			for _, at := range places[i] {
				z += w[at] * n
			}
			d := t.weight() * (1/(1+math.Exp(-z)) - t.wanted())
			if math.Abs(d) < 1e-4 {
				continue
			}
			step(bias, d)
			for m := uint32(t.glance.Marks); m != 0; m &= m - 1 {
				at := marks + bits.TrailingZeros32(m)
				step(at, d+ridge*w[at])
			}
			step(odds, d*best/4)
			w[odds] = max(least, w[odds])
			for _, at := range places[i] {
				step(at, d*n+ridge*w[at])
			}
		}
	}
	return w
}

func (t *text) wanted() float64 {
	if t.keep {
		return 1
	}
	return 0
}

func (t *text) weight() float64 {
	switch {
	case t.made != "":
		return made
	case t.keep:
		return kept
	}
	return 1
}

// shuffled is a fixed mixed order of n things.
func shuffled(n int) []int { return newDice(1).Perm(n) }
