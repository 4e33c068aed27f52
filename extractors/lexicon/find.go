package lexicon

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"resumewatch/extractors/fold"
)

// Find gives every hit in a folded text, by start, then end. It takes time
// linear in the text and the number of hits.
func (l *Lexicon) Find(t *fold.Text) []Hit {
	f := finders.Get().(*finder)
	f.l, f.s = l, t.Folded
	f.syms = symbols(f.syms[:0], f.s)
	f.hits, f.denied = f.hits[:0], f.denied[:0]
	f.run(&l.chars)
	f.speak()
	f.leetWords()
	f.masked()
	out := f.settle()
	f.s = ""
	if cap(f.syms) <= roomy {
		finders.Put(f)
	}
	return out
}

// finders lends the room that Find needs; what a huge text needed isn't kept.
var finders = sync.Pool{New: func() any { return new(finder) }}

const roomy = 16 << 10

// finder is one run over one text.
type finder struct {
	l      *Lexicon
	s      string
	syms   []symbol
	said   []syllable
	hits   []Hit
	denied []Hit // ranges of exceptions
	covers []Hit
	lost   *[]Finding // what was seen and doesn't count; nil: nobody asks
}

func (f *finder) run(c *channel) {
	state := int32(0)
	for i, y := range f.syms {
		if y.gap == broken {
			state = 0
		}
		state = c.auto.step(state, y.r)
		for _, id := range c.auto.found(state) {
			if p := &c.patterns[id]; p.role != hint {
				f.take(p, i+1-p.length, i+1)
			}
		}
	}
}

// take judges the symbols [from, to) that spell p.
func (f *finder) take(p *pattern, from, to int) {
	gaps := 0
	for _, y := range f.syms[from+1 : to] {
		switch y.gap {
		case soft:
			gaps++
		case hard, broken:
			f.lose(p, from, to, Torn)
			return
		}
	}
	if gaps > 0 && f.l.off&OffSeparators != 0 && p.role == match {
		return
	}
	start, end := int(f.syms[from].start), int(f.syms[to-1].end)
	if p.before != "" && !strings.HasSuffix(f.s[:start], p.before) || p.after != "" && !strings.HasPrefix(f.s[end:], p.after) {
		return
	}
	if !f.standsAlone(p, from, to, gaps) {
		f.lose(p, from, to, Grown)
		return
	}
	e := f.l.entries[p.entry]
	h := Hit{Entry: e, Start: start, End: end, Channel: p.channel, Weak: p.weak, Gaps: gaps, Cost: costs[p.channel]}
	if p.role == except {
		f.denied = append(f.denied, h)
		return
	}
	f.hits = append(f.hits, h)
}

// speak runs the sound channel.
func (f *finder) speak() {
	f.said = spoken(f.said[:0], f.syms)
	said := f.said
	state := int32(0)
	c := &f.l.sounds
	for i, y := range said {
		if f.syms[y.from].gap == broken || y.sound == 0 {
			state = 0
			if y.sound == 0 {
				continue
			}
		}
		state = c.auto.step(state, loose(y.sound))
		for _, id := range c.auto.found(state) {
			p := &c.patterns[id]
			spoken := said[i+1-p.length : i+1]
			from, to := spoken[0].from, spoken[len(spoken)-1].to
			v := f.voice(from, to)
			if !p.says(spoken) {
				if v = Dialect; !broad(f.l.entries[p.entry]) || f.l.off&OffDialect != 0 {
					continue
				}
			}
			if f.l.off.has(v) {
				continue
			}
			f.take(&pattern{entry: p.entry, channel: v, length: to - from}, from, to)
		}
	}
}

// voice is the channel of a word that only sounds right: with Latin letters among
// Chinese characters (简li) it is disguised on purpose.
func (f *finder) voice(from, to int) Channel {
	letters := 0
	for _, y := range f.syms[from:to] {
		if latin(y.r) {
			letters++
		}
	}
	if letters > 0 && letters < to-from {
		return Mixed
	}
	return Sound
}

// leetWords runs the leet channel over the words of the text that have a letter.
func (f *finder) leetWords() {
	c := &f.l.leet
	for i := 0; i < len(f.s); {
		if skeleton(rune(f.s[i])) == 0 {
			i++
			continue
		}
		j, letters, others := i, 0, 0
		for j < len(f.s) && skeleton(rune(f.s[j])) != 0 {
			if latin(rune(f.s[j])) {
				letters++
			} else {
				others++
			}
			j++
		}
		if letters > 0 && others > 0 && j-i <= longestWord {
			state := int32(0)
			for k := i; k < j; k++ {
				state = c.auto.step(state, skeleton(rune(f.s[k])))
				for _, id := range c.auto.found(state) {
					p := &c.patterns[id]
					if k+1-p.length == i && k+1 == j {
						f.hits = append(f.hits, Hit{Entry: f.l.entries[p.entry], Start: i, End: j, Channel: Leet, Cost: costs[Leet]})
					}
				}
			}
		}
		i = j
	}
}

// settle orders the hits and takes out what an exception or a covering entry
// denies, repeats of the same entry at the same place, and heads that aren't.
func (f *finder) settle() []Hit {
	hits := f.hits
	slices.SortFunc(hits, inOrder)
	var denied map[*Entry][]Hit // most texts have none
	for _, d := range f.denied {
		if denied == nil {
			denied = map[*Entry][]Hit{}
		}
		denied[d.Entry] = append(denied[d.Entry], d)
	}
	covers := f.covers[:0]
	for _, h := range hits {
		if h.Entry.Covers {
			covers = append(covers, h)
		}
	}
	f.covers = covers
	var last map[*Entry]int // end of the last hit kept; nil where few are looked through
	if len(hits) > few {
		last = map[*Entry]int{}
	}
	out := make([]Hit, 0, len(hits))
	for i, h := range hits {
		fate := Kept
		switch {
		case inside(h, denied[h.Entry]):
			fate = Denied
		case !h.Entry.Covers && insideOther(h, covers):
			fate = Covered
		case last != nil && h.End <= last[h.Entry] || last == nil && h.End <= lastEnd(out, h.Entry):
			fate = Repeated
		case h.Entry.Before && !trades(h, hits[i+1:]):
			fate = Objectless
		case h.Entry.First && !f.begins(h):
			fate = Amid
		case h.Entry.Head && !f.head(h, hits[i+1:]):
			fate = Amid
		default:
			if last != nil {
				last[h.Entry] = h.End
			}
			out = append(out, h)
		}
		if f.lost != nil && fate != Kept {
			*f.lost = append(*f.lost, Finding{Hit: h, Fate: fate})
		}
	}
	return heardAlone(out)
}

// few is how many hits are faster looked through than put into a map.
const few = 48

// lastEnd is the end of the last hit of an entry, 0 where there is none.
func lastEnd(hits []Hit, e *Entry) int {
	for i := len(hits) - 1; i >= 0; i-- {
		if hits[i].Entry == e {
			return hits[i].End
		}
	}
	return 0
}

// inOrder orders hits by start, the longer first, then the plainer. Nothing is compared that
// doesn't decide.
func inOrder(a, b Hit) int {
	switch {
	case a.Start != b.Start:
		return a.Start - b.Start
	case a.End != b.End:
		return b.End - a.End
	case a.Cost != b.Cost:
		return cmp.Compare(a.Cost, b.Cost)
	}
	return cmp.Compare(a.Entry.ID, b.Entry.ID)
}

// inside reports whether one of the ranges, which ascend by end, holds h.
func inside(h Hit, ranges []Hit) bool {
	at, _ := slices.BinarySearchFunc(ranges, h.End, func(r Hit, end int) int { return cmp.Compare(r.End, end) })
	for _, r := range ranges[at:] {
		if r.Start <= h.Start {
			return true
		}
		if r.End > h.End+64 {
			break
		}
	}
	return false
}

// insideOther reports whether one of the ranges, which ascend by start, holds h.
func insideOther(h Hit, ranges []Hit) bool {
	at, _ := slices.BinarySearchFunc(ranges, h.Start+1, func(r Hit, start int) int { return cmp.Compare(r.Start, start) })
	for at--; at >= 0 && ranges[at].Start > h.Start-64; at-- {
		if ranges[at].End >= h.End && ranges[at].Entry != h.Entry {
			return true
		}
	}
	return false
}
