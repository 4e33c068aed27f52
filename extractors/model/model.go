// Package model is the learnt part of the decision: whether a text is a listing, whether its
// author buys, and which goods it is about. Each question has a logistic regression of its
// own over the same signs (see Features) and what the words of the lexicon say to it. The
// weights are trained by the command in train from the labelled texts of extractors/testdata,
// quantised to a byte each and embedded.
package model

//go:generate go run ./train -to weights.bin

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"sync"

	"resumewatch/internal/market"
)

// Goods are the goods that a model knows, in the order of its heads.
var Goods = [...]string{
	market.GoodsResumeData, market.GoodsDownloadService, market.GoodsRecruiterAccount, market.GoodsAccountRegistration, market.GoodsScrapingTool,
}

// Heads of a model: whether a text is a listing, whether its author buys, and one for each
// of Goods.
const (
	HeadListing = iota
	HeadBuy
	HeadGoods
	Heads = HeadGoods + len(Goods)
)

// bits is the number of weights of a head, as a power of two.
func bits(head int) int {
	if head == HeadListing {
		return slotBits
	}
	return slotBits - 1
}

// reaches says how much signs of each kind count for a head: who buys is told by a few words
// at their place, and n-grams of all the rest would drown them.
func reaches(head int) [kinds]float32 {
	switch head {
	case HeadListing:
		return [kinds]float32{Gram: 0.5, Flag: 2, Pair: 1}
	case HeadBuy:
		return [kinds]float32{Gram: 0.25, Flag: 2, Pair: 1}
	}
	return [kinds]float32{Gram: 1, Flag: 1, Pair: 1}
}

// Model holds the weights of all heads. It is immutable.
type Model struct {
	heads [Heads]head
}

// head answers one question: bias + odds × what the words say + scale × Σ weight × value.
type head struct {
	bias, odds, scale float32
	weights           []int8 // a power of two of them
	reach             [kinds]float32
}

//go:embed weights.bin
var embedded []byte

// Default is the embedded model.
var Default = sync.OnceValues(func() (*Model, error) { return Parse(embedded) })

// magic begins every file of weights. For each head three numbers and the weights follow.
const magic = "rwm2"

// Parse reads a file of weights.
func Parse(b []byte) (*Model, error) {
	wrong := errors.New("model: no file of weights")
	if len(b) < len(magic) || string(b[:len(magic)]) != magic {
		return nil, wrong
	}
	b = b[len(magic):]
	var m Model
	for i := range m.heads {
		n := 1 << bits(i)
		if len(b) < 12+n {
			return nil, wrong
		}
		number := func(i int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])) }
		h := head{bias: number(0), odds: number(1), scale: number(2), weights: make([]int8, n), reach: reaches(i)}
		for k, w := range b[12 : 12+n] {
			h.weights[k] = int8(w)
		}
		m.heads[i] = h
		b = b[12+n:]
	}
	if len(b) != 0 {
		return nil, wrong
	}
	return &m, nil
}

// Floor is the log-odds of the lexicon under which the model isn't heard: what is hopeless
// by its words stays so, whatever they look like.
const Floor = -6

// How much the model may add to what the words say of a listing, and take.
const (
	lift = 8
	drop = 9
)

// Question is a text with its signs, of which the model can be asked.
type Question struct {
	m     *Model
	in    Input
	signs []Feature
}

// Ask reads the signs of an input.
func (m *Model) Ask(in Input) *Question { return &Question{m, in, Features(in)} }

// Listing is the log-odds that the text is a listing.
func (q *Question) Listing() float64 {
	z := q.m.heads[HeadListing].score(q.signs, q.in.Evidence(HeadListing))
	return min(max(z, q.in.Odds-drop), q.in.Odds+lift)
}

// Added is how much of Listing isn't said by the words.
func (q *Question) Added() float64 { return q.Listing() - q.in.Odds }

// Buys is the log-odds that the author of a listing buys.
func (q *Question) Buys() float64 {
	return q.m.heads[HeadBuy].score(q.signs, q.in.Evidence(HeadBuy))
}

// Goods are the goods of a listing, at least one.
func (q *Question) Goods() []string {
	var out []string
	best, most := 0, math.Inf(-1)
	for i, g := range Goods {
		z := q.m.heads[HeadGoods+i].score(q.signs, q.in.Evidence(HeadGoods+i))
		if z > 0 {
			out = append(out, g)
		}
		if z > most {
			best, most = i, z
		}
	}
	if out == nil {
		out = []string{Goods[best]}
	}
	return out
}

func (h *head) score(signs []Feature, evidence float64) float64 {
	sum, mask := float32(0), uint32(len(h.weights)-1)
	for _, f := range signs {
		sum += float32(h.weights[f.Slot&mask]) * f.Value * h.reach[f.Kind]
	}
	return float64(h.bias+sum*h.scale) + float64(h.odds)*evidence
}

// How far what the words say of side and goods counts.
const (
	mostSide = 4
	named    = 2
)

// Evidence is what the words alone say to the question of a head, as log-odds.
func (in *Input) Evidence(head int) float64 {
	switch {
	case head == HeadListing:
		return in.Odds
	case head == HeadBuy:
		return min(max(in.Buy, -mostSide), mostSide)
	case slices.Contains(in.Goods, Goods[head-HeadGoods]):
		return named
	}
	return -named
}
