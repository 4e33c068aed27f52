package measure

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
)

// resamples is how many times documents are drawn anew for an interval.
const resamples = 1000

// Figure is a rate with the interval that holds it in 95 of 100 draws of documents.
type Figure struct{ Value, Low, High float64 }

// Figures are rates over documents, each with its interval: the documents are drawn with
// replacement, as many as there are, and the middle 95 % of the rates kept. The name seeds
// the draws: the same name and documents give the same intervals.
func Figures(name string, docs []Counts, rates []Rate) []Figure {
	out := make([]Figure, len(rates))
	var all Counts
	for i := range docs {
		all.Add(&docs[i])
	}
	drawn := make([][]float64, len(rates))
	seed := fnv.New64a()
	seed.Write([]byte(name))
	draw := rand.New(rand.NewPCG(seed.Sum64(), uint64(len(docs))))
	for range resamples {
		if len(docs) == 0 {
			break
		}
		var c Counts
		for range docs {
			c.Add(&docs[draw.IntN(len(docs))])
		}
		for k, rate := range rates {
			if v := rate(&c); !math.IsNaN(v) {
				drawn[k] = append(drawn[k], v)
			}
		}
	}
	for k, rate := range rates {
		slices.Sort(drawn[k])
		out[k] = Figure{rate(&all), quantile(drawn[k], 0.025), quantile(drawn[k], 0.975)}
	}
	return out
}

// quantile of sorted values, between the two nearest.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return undefined
	}
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}
