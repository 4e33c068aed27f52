package lexicon

import (
	"unicode/utf8"

	"resumewatch/extractors/fold"
)

// Heard are the marks of what a folded text may say by its sound alone. It
// allocates nothing, and may claim too much where Latin letters stand apart.
func (l *Lexicon) Heard(folded string) Marks {
	c := &l.sounds
	var m Marks
	state, wide := int32(0), 0
	var latins [longestWord]symbol
	for i := 0; i < len(folded); {
		r, n := utf8.DecodeRuneInString(folded[i:])
		if !word(r) {
			i += n
			if wide++; r == '\n' || r == '\r' || wide > widest {
				state = 0
			}
			continue
		}
		wide = 0
		if !latin(r) {
			i += n
			sound := rune(fold.SoundOf(r))
			if sound == 0 {
				state = 0
				continue
			}
			state = c.auto.step(state, loose(sound))
			m |= c.saidIn(state).marks
			continue
		}
		k := 0
		for ; i < len(folded) && latin(rune(folded[i])); i++ {
			if k < longestWord {
				latins[k].r = rune(folded[i])
			}
			k++
		}
		var take [longestWord + 1]int
		if k > longestWord || !cuts(latins[:k], &take) {
			state = 0
			if k <= 6 && apart(folded[i:]) {
				m |= c.all // j ian li: read with what follows
			}
			continue
		}
		for at := 0; at < k; at += take[at] {
			state = c.auto.step(state, loose(named(latins[at:at+take[at]])))
			m |= c.saidIn(state).marks
		}
		if i < len(folded) && folded[i] >= '1' && folded[i] <= '5' && (i+1 == len(folded) || !digit(rune(folded[i+1]))) {
			i++ // the number of a tone
		}
	}
	return m
}

// apart reports whether a text begins with separators and a Latin letter.
func apart(s string) bool {
	for i, r := range s {
		if word(r) {
			return i > 0 && latin(r)
		}
		if r == '\n' || i > 16 {
			break
		}
	}
	return false
}

// reach is how many bytes a verb of two characters or more may stand before or
// behind what it sells, and touch a shorter one.
const reach, touch = 15, 3

// beside reports whether goods or a platform stand near a verb.
func beside(verb *Hit, hits []Hit) bool {
	far, back := touch, 0
	if verb.End-verb.Start >= 6 {
		far, back = reach, reach
	}
	for i := range hits {
		h := &hits[i]
		if h.Start > verb.End+far {
			break
		}
		if k := h.Entry.Kind(); (k == "goods" && h.Entry.Strength > 1 || k == "platform") && (h.Start >= verb.End || h.End <= verb.Start && h.End >= verb.Start-back && back > 0) {
			return true
		}
	}
	return false
}

// Of sums up the hits in a folded text, where Lexicon.Gist is a bound; what characters make possible
// is taken from g.
func (g Gist) Of(folded string, hits []Hit) Gist {
	const ofText = MarkDigits | MarkLatin | MarkNumber | MarkContact | MarkFigures | MarkPersonal | MarkSingles | MarkNumbers | MarkSeveral | MarkRowed
	out := Gist{Marks: g.Marks & ofText}
	var seen [maxFrames]*Entry
	frames := 0
	for i := range hits {
		h := &hits[i]
		e := h.Entry
		out.Marks |= markOf(e, h.Weak, folded[h.Start:])
		if k := e.Kind(); (k == "goods" && e.Strength > 1 || k == "platform") && (h.Channel != Plain && !h.Channel.Heard() || h.Gaps > 0) {
			out.Marks |= MarkOdd
		}
		if e.Kind() != "frame" {
			if e.Kind() == "side" && beside(h, hits) {
				out.Marks |= MarkVerb
			}
			continue
		}
		old := false
		for _, o := range seen[:frames] {
			old = old || o == e
		}
		if old || frames == maxFrames {
			continue
		}
		seen[frames] = e
		frames++
		w := e.Weight
		if h.Channel.Heard() {
			w *= 0.7
		}
		out.Frames += w
	}
	return out
}
