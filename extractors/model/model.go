// Package model is the learnt part of the decision whether a text is a listing: a
// logistic regression over hashed n-grams of the folded text, the signs that the other
// readers found and the log-odds that the words of the lexicon give. The weights are
// trained by the command in train from the labelled texts of extractors/testdata,
// quantised to a byte each and embedded.
package model

//go:generate go run ./train -to weights.bin

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"math"
	"sync"
)

// Model holds the weights: bias + odds × the lexicon's log-odds + scale × Σ weight × value.
// It is immutable.
type Model struct {
	bias, odds, scale float32
	weights           []int8
}

//go:embed weights.bin
var embedded []byte

// Default is the embedded model.
var Default = sync.OnceValues(func() (*Model, error) { return Parse(embedded) })

// magic begins every file of weights; three numbers and the weights follow.
const (
	magic  = "rwm1"
	header = len(magic) + 12
)

// Parse reads a file of weights.
func Parse(b []byte) (*Model, error) {
	if len(b) != header+slots || string(b[:len(magic)]) != magic {
		return nil, errors.New("model: no file of weights")
	}
	number := func(i int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b[len(magic)+4*i:])) }
	m := Model{bias: number(0), odds: number(1), scale: number(2), weights: make([]int8, slots)}
	for i, w := range b[header:] {
		m.weights[i] = int8(w)
	}
	return &m, nil
}

// Floor is the log-odds of the lexicon under which the model isn't heard: what is hopeless
// by its words stays so, whatever they look like.
const Floor = -2.8

// How much the model may add and take.
const (
	lift = 4
	drop = 9
)

// Odds is the log-odds that an input is a listing.
func (m *Model) Odds(in Input) float64 {
	if in.Odds < Floor {
		return in.Odds
	}
	sum := float32(0)
	for _, f := range Features(in) {
		sum += float32(m.weights[f.Slot]) * f.Value
	}
	z := float64(m.bias+sum*m.scale) + float64(m.odds)*in.Odds
	return min(max(z, in.Odds-drop), in.Odds+lift)
}
