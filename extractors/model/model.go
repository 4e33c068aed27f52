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
	heads   [Heads]head
	listing []int8    // weights of HeadListing
	others  [][8]int8 // those of the other heads side by side in one line of the cache: a sign is looked up once
}

// head answers one question: bias + odds × what the words say + scale × Σ weight × value.
type head struct {
	bias, odds, scale float32
	reach             [kinds]float32 // powers of two: the order of factors changes nothing
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
	m := Model{listing: make([]int8, slots), others: make([][8]int8, slots/2)}
	for i := range m.heads {
		n := 1 << bits(i)
		if len(b) < 12+n {
			return nil, wrong
		}
		number := func(i int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])) }
		h := head{bias: number(0), odds: number(1), scale: number(2), reach: reaches(i)}
		for k, w := range b[12 : 12+n] {
			if i == HeadListing {
				m.listing[k] = int8(w)
			} else {
				m.others[k][i] = int8(w)
			}
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

// Question is a text of which the model was asked.
type Question struct {
	m    *Model
	in   Input
	sums [Heads]float32
}

// usual is the room for the letters of most texts, and for their signs.
const usual, usualSigns = 320, 1024

// Ask adds up the signs of an input, the Features, in their order.
func (m *Model) Ask(in Input) *Question {
	var plainRoom, classedRoom [usual]rune
	var room [usualSigns]uint32
	q := &Question{m: m, in: in}
	plain, classed := in.letters(plainRoom[:0], classedRoom[:0])
	slots := grams(grams(room[:0], plain, 3, 'p'), classed, 4, 'c')
	q.add(slots, Gram, level(len(slots), heard))
	slots = grams(slots[:0], spoken(plain), 3, 's')
	q.add(slots, Gram, level(len(slots), said))
	slots = flagged(slots[:0], in.Flags)
	q.add(slots, Flag, 1)
	q.add(pairs(slots, slots)[len(slots):], Pair, pair)
	return q
}

// add adds signs of one kind to the sums of all heads.
func (q *Question) add(signs []uint32, kind Kind, value float32) {
	var v [Heads]float32
	for i := range v {
		v[i] = value * q.m.heads[i].reach[kind]
	}
	listing, others := q.m.listing[:slots], q.m.others[:slots/2]
	a, b, c, d, e, f, g := q.sums[0], q.sums[1], q.sums[2], q.sums[3], q.sums[4], q.sums[5], q.sums[6]
	for _, s := range signs {
		a += float32(listing[s&(slots-1)]) * v[0]
		w := &others[s&(slots/2-1)]
		b += float32(w[1]) * v[1]
		c += float32(w[2]) * v[2]
		d += float32(w[3]) * v[3]
		e += float32(w[4]) * v[4]
		f += float32(w[5]) * v[5]
		g += float32(w[6]) * v[6]
	}
	q.sums = [Heads]float32{a, b, c, d, e, f, g}
}

// score is the log-odds of a head.
func (q *Question) score(head int) float64 {
	h := &q.m.heads[head]
	return float64(h.bias+q.sums[head]*h.scale) + float64(h.odds)*q.in.Evidence(head)
}

// Listing is the log-odds that the text is a listing.
func (q *Question) Listing() float64 {
	return min(max(q.score(HeadListing), q.in.Odds-drop), q.in.Odds+lift)
}

// Added is how much of Listing isn't said by the words.
func (q *Question) Added() float64 { return q.Listing() - q.in.Odds }

// Buys is the log-odds that the author of a listing buys.
func (q *Question) Buys() float64 {
	return q.score(HeadBuy)
}

// Goods are the goods of a listing, at least one.
func (q *Question) Goods() []string {
	var out []string
	best, most := 0, math.Inf(-1)
	for i, g := range Goods {
		z := q.score(HeadGoods + i)
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
