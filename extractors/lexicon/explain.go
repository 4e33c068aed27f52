package lexicon

import (
	"cmp"
	"slices"

	"resumewatch/extractors/fold"
)

// Fate is what became of a word that stands in a text.
type Fate uint8

// Fates of words.
const (
	Kept       Fate = iota
	Torn            // a mark that ends a clause stands inside
	Grown           // it is part of a longer word or number
	Denied          // an exception of its entry stands there
	Covered         // it is inside a word of an entry that covers others
	Repeated        // the same entry was found there already
	Objectless      // no goods, platform or grade behind it
	Amid            // it doesn't stand where a clause begins, or before what is sold
	Unsure          // only nearly heard or half hidden, and nothing else is said for certain
)

// Finding is a word that stands in a text, with what became of it.
type Finding struct {
	Hit
	Fate Fate
	By   *Hit // what denied or covers it
}

// Explain gives all words that stand in a folded text: those that Find gives, and those
// that it drops, with why.
func (l *Lexicon) Explain(t *fold.Text) []Finding {
	var lost []Finding
	f := finder{lost: &lost}
	f.l, f.s = l, t.Folded
	f.syms = symbols(f.syms[:0], f.s)
	f.run(&l.chars)
	f.speak()
	f.leetWords()
	f.masked()
	kept := f.settle()
	for _, h := range f.hits {
		if (h.Channel == Dialect || h.Channel == Masked) && !slices.Contains(kept, h) {
			lost = append(lost, Finding{Hit: h, Fate: Unsure})
		}
	}
	var out []Finding
	for _, h := range kept {
		out = append(out, Finding{Hit: h})
	}
	for _, o := range lost {
		if o.Fate != Repeated { // said by the first
			o.By = f.blame(&o)
			out = append(out, o)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End), cmp.Compare(a.Entry.ID, b.Entry.ID), cmp.Compare(a.Fate, b.Fate), cmp.Compare(a.Cost, b.Cost))
	})
	return slices.CompactFunc(out, func(a, b Finding) bool { return a.Entry == b.Entry && a.Start == b.Start && a.End == b.End })
}

// blame is the hit that took another one's place.
func (f *finder) blame(o *Finding) *Hit {
	holds := func(h *Hit) bool { return h.Start <= o.Start && h.End >= o.End }
	switch o.Fate {
	case Denied:
		for i := range f.denied {
			if h := &f.denied[i]; h.Entry == o.Entry && holds(h) {
				return h
			}
		}
	case Covered:
		for i := range f.hits {
			if h := &f.hits[i]; h.Entry.Covers && h.Entry != o.Entry && holds(h) {
				return h
			}
		}
	}
	return nil
}

// lose notes a word that was seen and doesn't count.
func (f *finder) lose(p *pattern, from, to int, why Fate) {
	if f.lost == nil || p.role != match {
		return
	}
	*f.lost = append(*f.lost, Finding{
		Hit:  Hit{Entry: f.l.entries[p.entry], Start: int(f.syms[from].start), End: int(f.syms[to-1].end), Channel: p.channel, Weak: p.weak, Cost: costs[p.channel]},
		Fate: why,
	})
}
