package fold

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Step is one thing that folding did: the bytes [Start, End) of the original, and what
// they became, "" where they were dropped.
type Step struct {
	Start, End int
	To         string
	Way        Off // the way of folding that did it; 0 where only a capital became small
}

// Steps are the things that folding did to a text as it stands, in order. Neighbours of one
// way are one step.
func (t *Text) Steps() []Step {
	if t.runs == nil || t.scattered {
		return nil
	}
	var out []Step
	add := func(s Step) {
		if k := len(out) - 1; k >= 0 && out[k].End == s.Start && out[k].Way == s.Way {
			out[k].End, out[k].To = s.End, out[k].To+s.To
			return
		}
		out = append(out, s)
	}
	at := 0 // bytes of the original that are accounted for
	for i := 0; i < len(t.Folded); {
		_, n := utf8.DecodeRuneInString(t.Folded[i:])
		from, to := t.Span(i, i+n)
		for i+n < len(t.Folded) { // ⑳ became two
			_, k := utf8.DecodeRuneInString(t.Folded[i+n:])
			if a, b := t.Span(i+n, i+n+k); a != from || b != to {
				break
			}
			n += k
		}
		if from > at {
			add(Step{at, from, "", OffInvisible})
		}
		made := t.Folded[i : i+n]
		if written := t.Original[from:to]; written != made {
			add(Step{from, to, made, wayOf(written, made)})
		}
		at = max(at, to)
		i += n
	}
	if at < len(t.Original) {
		add(Step{at, len(t.Original), "", OffInvisible})
	}
	return out
}

// wayOf is the way of folding that made one character of another, or of two.
func wayOf(written, made string) Off {
	first, n := utf8.DecodeRuneInString(written)
	rest := strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, written[n:])
	switch {
	case strings.EqualFold(written, made):
		return 0
	case rest != "" && unicode.Is(unicode.Han, first):
		return OffComponents
	case unicode.IsLetter(first) && unicode.In(first, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee, unicode.Coptic, unicode.Lisu):
		return OffLookalikes
	}
	return way(first, made, false)
}
