package extractors

import "resumewatch/extractors/lexicon"

// best is what the readers see in a text, or in another way to read it where that shows
// more: from its end, by the first characters of its lines and what else fold.Riddles knows.
// A glance at the text that was taken already says what its words are, and whether it is
// worth to look for another way; nil: none was taken.
func (x *Extractor) best(text string, taken *lexicon.Glance, o Options) (seen, bool) {
	t := x.folder.Fold(text)
	var g lexicon.Gist
	switch {
	case taken != nil:
		g = taken.Gist
	case len(text) <= glance:
		g = x.words.Gist(t.Folded)
	}
	s, ok := x.look(text, t, g, false, o)
	if len(text) > glance || taken != nil && taken.Signs&lexicon.SignRiddle == 0 {
		return s, ok
	}
	others := x.folder.Riddles(&t)
	if !x.off.reversed && (g.Has(lexicon.MarkBack) || t.Turned()) {
		others = append(others, t.Reversed())
	}
	for i := range others {
		r := x.words.Gist(others[i].Folded)
		if !g.Brings(r) {
			continue
		}
		if v, is := x.look(text, others[i], r, true, o); is && (!ok || v.better(&s)) {
			v.shown.Masks = append(v.shown.Masks, s.shown.Masks...)
			s, ok = v, true
		}
	}
	return s, ok
}

// better reports whether a way to read a text says more than another.
func (s *seen) better(than *seen) bool {
	a, b := &s.verdict, &than.verdict
	if a.Listing != b.Listing || !a.Listing {
		return a.Confidence > b.Confidence
	}
	return s.told() > than.told()
}

// told is how much a reading says.
func (s *seen) told() int {
	n := len(s.verdict.Platforms) + len(s.verdict.Grades) + len(s.sums.Prices) + len(s.contacts.Contacts)
	for _, g := range s.verdict.Goods {
		if g.Hit.Entry != nil && g.Hit.Entry.Strength > 1 && g.Hit.Channel == lexicon.Plain {
			n++
		}
	}
	return n
}
