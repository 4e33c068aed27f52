package lexicon

import (
	"slices"
	"strings"
	"sync"

	"resumewatch/extractors/fold"
)

// loosened gives each syllable the first of those that many speakers don't tell apart:
// zh z, ch c, sh s; -ng and -n after a, e and i.
var loosened = sync.OnceValue(func() []rune {
	var out []rune
	first := map[string]rune{}
	for s := fold.Sound(0); s == 0 || s.Name() != ""; s++ {
		name := s.Name()
		for _, p := range [][2]string{{"zh", "z"}, {"ch", "c"}, {"sh", "s"}} {
			if rest, ok := strings.CutPrefix(name, p[0]); ok {
				name = p[1] + rest
			}
		}
		for _, end := range []string{"ang", "eng", "ing"} {
			if strings.HasSuffix(name, end) {
				name = name[:len(name)-1]
			}
		}
		if _, ok := first[name]; !ok {
			first[name] = rune(s)
		}
		out = append(out, first[name])
	}
	return out
})

// loose is the syllable that stands for all that sound nearly so.
func loose(s rune) rune {
	if t := loosened(); int(s) < len(t) {
		return t[s]
	}
	return s
}

// says reports whether syllables are those of the standard.
func (p *pattern) says(spoken []syllable) bool {
	for i, y := range spoken {
		if y.sound != p.sounds[i] {
			return false
		}
	}
	return true
}

// broad reports entries that are also heard in dialect: names, goods and grades.
func broad(e *Entry) bool {
	k := e.Kind()
	return k == "platform" || k == "grade" || k == "goods" && e.Strength > 1
}

// heardAlone drops what is only nearly heard where nothing else is said for certain: two
// words of different kinds must stand in a text before a third may be misspoken.
func heardAlone(hits []Hit) []Hit {
	far := func(h Hit) bool { return h.Channel == Dialect || h.Channel == Masked }
	var near [3]string // kinds that are said for certain
	certain, masked := 0, 0
	for _, h := range hits {
		k := h.Entry.Kind()
		switch {
		case far(h):
			if h.Channel == Masked {
				masked++
			}
		case k == "platform" || k == "grade" || k == "goods" && h.Entry.Strength > 1:
			if !slices.Contains(near[:certain], k) {
				near[certain] = k
				certain++
			}
		}
	}
	out := hits[:0]
	for _, h := range hits {
		if far(h) {
			k := h.Entry.Kind()
			if !slices.ContainsFunc(near[:certain], func(n string) bool { return n != k }) && !(h.Channel == Masked && masked > 1) {
				continue
			}
		}
		out = append(out, h)
	}
	return out
}
