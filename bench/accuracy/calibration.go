package main

import (
	"fmt"
	"math"

	"resumewatch/extractors"
)

// bin is the documents whose confidence lies in a tenth.
type bin struct {
	n, listings int
	confidence  float64
}

// trust is how far the confidence of readings is to be believed, and what the band of
// doubt catches.
type trust struct {
	bins                  [10]bin
	n                     int
	doubts, doubtListings int // in the band; those of them that are listings
	missed, missedDoubts  int // listings that were not read; those of them in the band
}

func calibrate(x *extractors.Extractor, docs []document) trust {
	var t trust
	for i := range docs {
		d := &docs[i]
		r := x.Extract(d.Text, extractors.Options{})
		b := &t.bins[min(9, int(r.Confidence*10))]
		b.n++
		b.confidence += r.Confidence
		t.n++
		if d.Listing.Listing {
			b.listings++
			if !r.Listing.Listing {
				t.missed++
			}
		}
		if r.Doubt {
			t.doubts++
			if d.Listing.Listing {
				t.doubtListings++
				t.missedDoubts++
			}
		}
	}
	return t
}

// gap is the expected calibration error: how far confidence and truth lie apart, on
// average over the documents.
func (t *trust) gap() float64 {
	sum := 0.0
	for _, b := range t.bins {
		sum += math.Abs(b.confidence - float64(b.listings))
	}
	return sum / float64(max(1, t.n))
}

func (t *trust) show(p *page) {
	var rows [][]string
	for i, b := range t.bins {
		if b.n == 0 {
			continue
		}
		rows = append(rows, []string{
			fmt.Sprintf("%.1f–%.1f", float64(i)/10, float64(i+1)/10), fmt.Sprint(b.n),
			number(b.confidence / float64(b.n)), number(float64(b.listings) / float64(b.n)),
		})
	}
	p.rows([]string{"confidence", "texts", "mean confidence", "of them listings"}, rows)
	p.say("Expected calibration error %.3f over %d texts. In the band of doubt, which goes to `review list`: %d texts (%.1f %%), %d of them listings. Of %d listings that are not read as such, %d (%s) lie in the band and are not lost.",
		t.gap(), t.n, t.doubts, 100*float64(t.doubts)/float64(max(1, t.n)), t.doubtListings, t.missed, t.missedDoubts, percent(t.missedDoubts, t.missed))
}

func percent(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}
