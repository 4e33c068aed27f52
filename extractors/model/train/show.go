package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"resumewatch/extractors/classify"
	"resumewatch/extractors/model"
	"resumewatch/internal/market"
)

// tally is how the texts of an author were read.
type tally struct {
	listings, found   [2]int // clear, disguised
	others, wrong     int
	asked, side       int
	goods, said, both int
	bins              [10]struct {
		n, yes int
		sum    float64
	}
}

func (t *tally) add(x *text, q *model.Question) {
	z := q.Listing()
	p := 1 / (1 + math.Exp(-z))
	_, from := classify.Thresholds()
	l := x.Listing
	b := &t.bins[min(9, int(p*10))]
	b.n++
	b.sum += p
	if !l.Listing {
		t.others++
		if p >= from {
			t.wrong++
		}
		return
	}
	b.yes++
	k := 0
	if strings.HasPrefix(x.Style, "obf") {
		k = 1
	}
	t.listings[k]++
	if p >= from {
		t.found[k]++
	}
	if l.Side == "" {
		return
	}
	t.asked++
	if (q.Buys() > 0) == (l.Side == market.SideBuy) {
		t.side++
	}
	if len(l.Goods) == 0 {
		return
	}
	goods := q.Goods()
	t.said += len(goods)
	t.goods += len(l.Goods)
	for _, g := range goods {
		if slices.Contains(l.Goods, g) {
			t.both++
		}
	}
}

func (t *tally) merge(o tally) {
	for k := range t.listings {
		t.listings[k] += o.listings[k]
		t.found[k] += o.found[k]
	}
	t.others += o.others
	t.wrong += o.wrong
	t.asked += o.asked
	t.side += o.side
	t.goods += o.goods
	t.said += o.said
	t.both += o.both
	for i, b := range o.bins {
		t.bins[i].n += b.n
		t.bins[i].yes += b.yes
		t.bins[i].sum += b.sum
	}
}

func (t *tally) String() string {
	return fmt.Sprintf("found clear %s, disguised %s; wrong %s; side %s; goods F1 %s",
		share(t.found[0], t.listings[0]), share(t.found[1], t.listings[1]), share(t.wrong, t.others), share(t.side, t.asked), share(2*t.both, t.said+t.goods))
}

func share(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3f (%d)", float64(n)/float64(of), of)
}

// miss is how far confidence is from what is true, on the mean (ECE).
func (t *tally) miss() float64 {
	off, n := 0.0, 0
	for _, b := range t.bins {
		off += math.Abs(b.sum - float64(b.yes))
		n += b.n
	}
	return off / float64(max(1, n))
}

// show prints how the texts of each author are read by what was learnt from all others and
// from ordinary texts.
func show(texts, ordinary []*text, out io.Writer) error {
	var all tally
	var authors []string
	for _, t := range texts {
		if !slices.Contains(authors, t.author) {
			authors = append(authors, t.author)
		}
	}
	for _, a := range authors {
		var own []*text
		rest := slices.Clone(ordinary)
		for _, t := range texts {
			if t.author == a {
				own = append(own, t)
			} else {
				rest = append(rest, t)
			}
		}
		m, err := model.Parse(fit(rest))
		if err != nil {
			return err
		}
		var one tally
		for _, t := range own {
			one.add(t, m.Ask(t.views[0].input))
		}
		fmt.Fprintf(out, "%-16s %v\n", a, &one)
		all.merge(one)
	}
	fmt.Fprintf(out, "%-16s %v\n", "all", &all)
	for i, b := range all.bins {
		if b.n > 0 {
			fmt.Fprintf(out, "confidence %.1f–%.1f: %4d texts, mean %.2f, listings %.2f\n", float64(i)/10, float64(i+1)/10, b.n, b.sum/float64(b.n), float64(b.yes)/float64(b.n))
		}
	}
	fmt.Fprintf(out, "with %d ordinary texts, expected calibration error %.3f\n", len(ordinary), all.miss())
	return nil
}
