package model

import (
	"encoding/binary"
	"math"
)

// Example is a labelled input for training one head.
type Example struct {
	Features []Feature
	Odds     float64 // Input.Evidence
	Yes      bool
	Weight   float64
}

// Line is a trained head before it is quantised.
type Line struct {
	Bias, Odds float64
	Weights    []float64
	reach      [kinds]float32
}

// How a head is fitted: full passes with AdaGrad in a fixed mixed order.
const (
	passes = 40
	rate   = 0.08
)

// Fit trains a head. It starts from the evidence of the words as it is when trust is 1, and
// pulls the weights to 0 by ridge. The same examples give the same line.
func Fit(head int, examples []Example, trust, ridge float64) Line {
	w := make([]float64, 1<<bits(head))
	g := make([]float64, len(w))
	mask := uint32(len(w) - 1)
	l := Line{Odds: trust, Weights: w, reach: reaches(head)}
	gb, godds := 1e-3, 1e-1
	order := shuffled(len(examples))
	for range passes {
		for _, at := range order {
			e := &examples[at]
			y := 0.0
			if e.Yes {
				y = 1
			}
			d := (1/(1+math.Exp(-l.Score(e))) - y) * e.Weight
			if math.Abs(d) < 1e-4 {
				continue
			}
			gb += d * d
			l.Bias -= rate * d / math.Sqrt(gb)
			if trust != 0 {
				x := d * e.Odds / 4
				godds += x * x
				l.Odds = max(0.3, l.Odds-rate*0.2*x/math.Sqrt(godds))
			}
			for _, f := range e.Features {
				at := f.Slot & mask
				x := d*float64(f.Value*l.reach[f.Kind]) + ridge*w[at]
				g[at] += x * x
				w[at] -= rate * x / math.Sqrt(g[at]+1e-6)
			}
		}
	}
	return l
}

// Score is the log-odds of an example.
func (l *Line) Score(e *Example) float64 {
	z, mask := l.Bias+l.Odds*e.Odds, uint32(len(l.Weights)-1)
	for _, f := range e.Features {
		z += l.Weights[f.Slot&mask] * float64(f.Value*l.reach[f.Kind])
	}
	return z
}

// shuffled is a fixed mixed order of n things.
func shuffled(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	x := uint32(2463534242)
	for i := n - 1; i > 0; i-- {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		k := int(x) % (i + 1)
		if k < 0 {
			k += i + 1
		}
		out[i], out[k] = out[k], out[i]
	}
	return out
}

// Encode quantises the lines of all heads into a file of weights.
func Encode(heads [Heads]Line) []byte {
	out := []byte(magic)
	for i := range heads {
		out = heads[i].encode(out)
	}
	return out
}

func (l *Line) encode(out []byte) []byte {
	top := 0.0
	for _, w := range l.Weights {
		top = max(top, math.Abs(w))
	}
	scale := max(top, 1e-9) / 127
	for _, v := range []float64{l.Bias, l.Odds, scale} {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(v)))
	}
	for _, w := range l.Weights {
		out = append(out, byte(int8(math.Round(w/scale))))
	}
	return out
}
