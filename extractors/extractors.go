// Package extractors reads one post and says whether it offers or seeks stolen
// resumes, recruiter accounts or the means to get them, and what, where, for how
// much and by whom. It is pure: no clock, no network, no storage.
//
// A text goes through fold (plain characters with the way back to the bytes),
// lexicon (the words of the trade, one automaton), sample, contact and price
// (grammar over the folded text) and classify (the decision).
package extractors

import (
	"slices"
	"strconv"
	"strings"

	"resumewatch/extractors/classify"
	"resumewatch/extractors/contact"
	"resumewatch/extractors/fold"
	"resumewatch/extractors/lexicon"
	"resumewatch/extractors/numeral"
	"resumewatch/extractors/price"
	"resumewatch/extractors/sample"
	"resumewatch/internal/market"
)

// Version names what readings are made of. It is raised whenever the reading of
// a text may change, so that stored readings can be told apart.
const Version = "1"

// Options change how a text is read.
type Options struct {
	// AssumeListing skips the question whether the text is a listing: for
	// fragments that are known to belong to one.
	AssumeListing bool
}

// Extractor reads posts. It is immutable and safe for concurrent use.
type Extractor struct {
	words *lexicon.Lexicon
}

// New builds an extractor from the embedded lexicon. It fails only when the
// lexicon itself is wrong.
func New() (*Extractor, error) {
	words, err := lexicon.Load()
	if err != nil {
		return nil, err
	}
	return &Extractor{words: words}, nil
}

// longest is how many bytes of a text are read; no advert is longer, and what
// stands behind is left unread.
const longest = 64 << 10

// Extract reads one text. It never fails, and the same text gives the same
// reading. The reading is normalised; its spans and masks are byte ranges of
// text. Of texts over 64 KiB the beginning is read.
func (x *Extractor) Extract(text string, o Options) market.Reading {
	if len(text) > longest {
		text = cut(text, longest)
	}
	t := fold.Fold(text)
	rows := rows(t.Folded)
	if !o.AssumeListing && !rows && !x.words.Any(t.Folded) {
		var r market.Reading
		r.Normalize()
		return r
	}
	hits := x.words.Find(&t)
	if !o.AssumeListing && !rows && !worth(hits) {
		var r market.Reading
		r.Normalize()
		return r
	}
	view := numeral.NewView(t.Folded+"\n", t.Span) // a line end closes the last clause, so that grammars may look one ahead
	records := sample.Read(view)
	contacts := contact.Read(view, text, records.Taken)
	hits = outside(&t, hits, records.Spans)
	facts := classify.Facts{Folded: t.Folded, Hits: hits, Contacts: contacts.Contacts, Sample: records.Sample}
	first := classify.Judge(facts) // goods and side decide what a sum is for
	sums := price.Read(view, price.Context{Goods: values(first.Goods), Side: first.Side, Taken: append(records.Taken, contacts.Taken...)})
	facts.Prices, facts.Stock = sums.Prices, sums.Stock
	v := classify.Judge(facts)
	if o.AssumeListing {
		v.Listing, v.Doubt = true, false
	}

	r := market.Reading{Confidence: v.Confidence, Doubt: v.Doubt, Reasons: reasons(text, &t, v, facts)}
	if !v.Listing {
		r.Masks = records.Masks
		r.Normalize()
		return r
	}
	r.Listing = market.Listing{
		Listing: true, Side: v.Side, Goods: values(v.Goods), Platforms: values(v.Platforms), Grades: values(v.Grades),
		Prices: sums.Prices, Stock: sums.Stock, Contacts: contacts.Contacts, Sample: records.Sample,
	}
	r.Masks = records.Masks
	r.Normalize()
	s := spanner{text: &t, reading: &r}
	s.words("/goods/", v.Goods, r.Goods)
	s.words("/platforms/", v.Platforms, r.Platforms)
	s.words("/grades/", v.Grades, r.Grades)
	s.moved("/prices/", sums.Spans, func(i int) int { return index(r.Prices, sums.Prices, i) })
	s.moved("/stock/", sums.Spans, func(i int) int { return index(r.Stock, sums.Stock, i) })
	s.moved("/contacts/", contacts.Spans, func(i int) int { return index(r.Contacts, contacts.Contacts, i) })
	r.Spans = append(r.Spans, records.Spans...)
	return r
}

// rows reports whether a text may hold rows of personal records: two lines or
// more with seven digits or stars in a row.
func rows(s string) bool {
	lines, run, found := 0, 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9' || c == '*':
			if run++; run >= 7 && !found {
				found = true
				lines++
			}
		case c == '\n':
			run, found = 0, false
		default:
			run = 0
		}
	}
	return lines >= 2
}

// worth reports whether hits could make a listing at all: goods, or a platform
// or grade together with a sale or with each other.
func worth(hits []lexicon.Hit) bool {
	sale, platform, grade := false, false, false
	for _, h := range hits {
		switch h.Entry.Kind() {
		case "goods":
			return true
		case "platform":
			platform = true
		case "grade":
			grade = true
		case "side", "trade":
			sale = true
		}
	}
	return sale && (platform || grade) || platform && grade
}

// outside drops the frames within the records of a sample: 期望薪资 in a stolen
// resume is no job advert.
func outside(t *fold.Text, hits []lexicon.Hit, records []market.Span) []lexicon.Hit {
	if len(records) == 0 {
		return hits
	}
	return slices.DeleteFunc(hits, func(h lexicon.Hit) bool {
		if h.Entry.Kind() != "frame" && h.Entry.Kind() != "side" {
			return false
		}
		start, end := t.Span(h.Start, h.End)
		return slices.ContainsFunc(records, func(r market.Span) bool { return start >= r.Start && end <= r.End })
	})
}

// cut shortens a text to at most n bytes without cutting a rune.
func cut(text string, n int) string {
	for n > 0 && text[n]&0xC0 == 0x80 {
		n--
	}
	return text[:n]
}

func values(found []classify.Found) []string {
	out := make([]string, 0, len(found))
	for _, f := range found {
		out = append(out, f.Value)
	}
	return out
}

// index is where the i-th value read stands in the normalised list; -1 nowhere.
func index[T comparable](in, read []T, i int) int {
	if i < 0 || i >= len(read) {
		return -1
	}
	for k, v := range in {
		if v == read[i] {
			return k
		}
	}
	return -1
}

// spanner adds the spans of a reading's fields.
type spanner struct {
	text    *fold.Text
	reading *market.Reading
}

func (s spanner) words(field string, found []classify.Found, normal []string) {
	for i, value := range normal {
		for _, f := range found {
			if f.Value == value && f.Hit.Entry != nil {
				start, end := s.text.Span(f.Hit.Start, f.Hit.End)
				s.reading.Spans = append(s.reading.Spans, market.Span{Field: field + strconv.Itoa(i), Start: start, End: end})
			}
		}
	}
}

// moved copies spans whose number is that of the list as it was read.
func (s spanner) moved(field string, spans []market.Span, to func(int) int) {
	for _, p := range spans {
		number, ok := strings.CutPrefix(p.Field, field)
		if !ok {
			continue
		}
		i, err := strconv.Atoi(number)
		if err != nil {
			continue
		}
		if k := to(i); k >= 0 {
			s.reading.Spans = append(s.reading.Spans, market.Span{Field: field + strconv.Itoa(k), Start: p.Start, End: p.End})
		}
	}
}
