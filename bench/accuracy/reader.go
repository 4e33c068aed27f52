package main

import (
	"resumewatch/bench/accuracy/measure"
	"resumewatch/extractors"
	"resumewatch/internal/market"
)

// reader reads texts: ours, ours without a channel, or something simpler to compare with.
type reader interface {
	read(text string) market.Listing
}

// ours is the reader of the program.
type ours struct{ x *extractors.Extractor }

func (o ours) read(text string) market.Listing {
	return o.x.Extract(text, extractors.Options{}).Listing
}

// thorough is ours without the sieve that stands before it.
type thorough struct{ x *extractors.Extractor }

func (t thorough) read(text string) market.Listing {
	return t.x.Extract(text, extractors.Options{Thorough: true}).Listing
}

// without is our reader with the named channels left out.
func without(channels ...string) (ours, error) {
	x, err := extractors.NewWith(extractors.Settings{Off: channels})
	return ours{x}, err
}

// compared is what a reader made of each document.
func compared(r reader, docs []document) []measure.Counts {
	out := make([]measure.Counts, len(docs))
	for i := range docs {
		out[i] = measure.Compare(docs[i].Listing, r.read(docs[i].Text))
	}
	return out
}

// pick is the counts at some places.
func pick(counts []measure.Counts, at []int) []measure.Counts {
	out := make([]measure.Counts, len(at))
	for i, k := range at {
		out[i] = counts[k]
	}
	return out
}

// total adds counts up.
func total(counts []measure.Counts) (all measure.Counts) {
	for i := range counts {
		all.Add(&counts[i])
	}
	return all
}
