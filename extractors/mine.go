package extractors

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"resumewatch/extractors/fold"
	"resumewatch/extractors/lexicon"
	"resumewatch/extractors/shape"
	"resumewatch/extractors/suggest"
	"resumewatch/internal/market"
)

// Mine looks at a text for suggest: whether it trades, by the words that the lexicon knows,
// and where these stand. hide gives back the text without what the spans cover; what looks
// like a number of somebody, a contact or a personal record is hidden.
func (x *Extractor) Mine(text string, hide func(string, []market.Span) string) suggest.Message {
	text = cut(text, min(longest, len(text)))
	t := x.folder.Fold(text)
	m := suggest.Message{Folded: t.Folded}
	g := x.words.Gist(t.Folded)
	if signs(g) < enough {
		return m
	}
	hits := x.words.Find(&t)
	frames := 0.0
	for _, h := range hits {
		frames += min(0, h.Entry.Weight)
		m.Marks = append(m.Marks, mark(h)...)
	}
	if m.Trades = frames > unlike; !m.Trades {
		m.Marks = nil
		return m
	}
	spans := x.hidden(text)
	m.Marks = apartMarks(append(m.Marks, covered(&t, spans)...))
	m.Shown = hide(text, spans)
	m.At = func(at int) int {
		start, _ := t.Span(at, at+1)
		return start
	}
	return m
}

// enough are the different signs of trade that a message must have; unlike is the weight of
// frames from which it is none.
const (
	enough = 3
	unlike = -2
)

// signs counts the kinds of signs of trade.
func signs(g lexicon.Gist) int {
	n := 0
	for _, m := range []lexicon.Marks{
		lexicon.MarkSide, lexicon.MarkGrade, lexicon.MarkMinimum, lexicon.MarkMeasure, lexicon.MarkReach | lexicon.MarkCall | lexicon.MarkContact,
		lexicon.MarkGoods | lexicon.MarkPlatform, lexicon.MarkFigures,
	} {
		if g.Has(m) {
			n++
		}
	}
	return n
}

// mark is what a hit is to suggest.
func mark(h lexicon.Hit) []suggest.Mark {
	m := suggest.Mark{Start: h.Start, End: h.End, Kind: suggest.Other}
	switch h.Entry.Kind() {
	case "side":
		m.Kind = suggest.Side
	case "goods":
		if m.Kind = suggest.Goods; h.Entry.Strength == 1 {
			return nil // 号, 数据: ends of many names
		}
	case "platform":
		m.Kind = suggest.Platform
	case "grade":
		m.Kind = suggest.Grade
	case "trade":
		m.Kind = suggest.Terms
	default:
		return nil
	}
	if h.Channel.Heard() || h.Channel == lexicon.Masked {
		return nil // perhaps what it sounds like, perhaps a new word
	}
	return []suggest.Mark{m}
}

// covered are the ranges of the folded text that spans of the original cover: names and
// addresses of people are no words.
func covered(t *fold.Text, spans []market.Span) []suggest.Mark {
	hidden := make([]bool, len(t.Original)+1)
	for _, s := range spans {
		for i := max(0, s.Start); i < min(s.End, len(hidden)); i++ {
			hidden[i] = true
		}
	}
	var out []suggest.Mark
	for i, r := range t.Folded {
		if start, _ := t.Span(i, i+1); !hidden[start] {
			continue
		}
		n := utf8.RuneLen(r)
		if k := len(out) - 1; k >= 0 && out[k].End == i {
			out[k].End = i + n
			continue
		}
		out = append(out, suggest.Mark{Start: i, End: i + n, Kind: suggest.Other})
	}
	return out
}

// apartMarks sorts marks and drops those that begin within others.
func apartMarks(in []suggest.Mark) []suggest.Mark {
	slices.SortStableFunc(in, func(a, b suggest.Mark) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End)) })
	out := in[:0]
	end := 0
	for _, m := range in {
		if m.Start >= end {
			out = append(out, m)
			end = m.End
		}
	}
	return out
}

// hidden are the ranges of a text that nobody needs to see who looks for words.
func (x *Extractor) hidden(text string) []market.Span {
	r := x.Extract(text, Options{AssumeListing: true})
	out := append(shape.Spans(text), r.Masks...)
	for _, s := range r.Spans {
		if strings.HasPrefix(s.Field, "/contacts/") || strings.HasPrefix(s.Field, "/sample/") {
			out = append(out, s)
		}
	}
	return append(out, longNumbers(text)...)
}

// longNumbers are rows of five digits and more, whatever stands between them one at a time.
func longNumbers(text string) []market.Span {
	var out []market.Span
	start, end, n := -1, 0, 0
	flush := func() {
		if n >= 5 {
			out = append(out, market.Span{Start: start, End: end})
		}
		start, n = -1, 0
	}
	for i, r := range text {
		d := fold.Rune(r)
		switch {
		case len(d) == 1 && d[0] >= '0' && d[0] <= '9':
			if start < 0 {
				start = i
			}
			n++
			end = i + len(string(r))
		case start >= 0 && i > end:
			flush()
		}
	}
	flush()
	return out
}

// Knows reports whether a string holds a word of the lexicon, or is a part of one.
func (x *Extractor) Knows(s string) bool {
	t := x.folder.Fold(s)
	for _, h := range x.words.Find(&t) {
		if h.Channel != lexicon.Plain {
			continue
		}
		size := h.End - h.Start
		switch k := h.Entry.Kind(); {
		case k == "platform", k == "grade", k == "side", k == "trade", k == "goods" && h.Entry.Strength > 1:
			size *= 2 // a name with something beside it
		}
		if size >= len(t.Folded) {
			return true
		}
	}
	return x.words.Holds(t.Folded)
}

// Near gives a function that tells a known word that a string sounds like, "" for none.
func (x *Extractor) Near() func(string) string { return x.words.Near() }
