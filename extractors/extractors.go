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
	"resumewatch/extractors/model"
	"resumewatch/extractors/numeral"
	"resumewatch/extractors/price"
	"resumewatch/extractors/quote"
	"resumewatch/extractors/sample"
	"resumewatch/extractors/sieve"
	"resumewatch/internal/market"
)

// Version names what readings are made of. It is raised whenever the reading of
// a text may change, so that stored readings can be told apart.
const Version = "6"

// Options change how a text is read.
type Options struct {
	// AssumeListing skips the question whether the text is a listing: for
	// fragments that are known to belong to one.
	AssumeListing bool
	// Thorough leaves out the sieve: the same reading later, but for the confidence,
	// the reasons and the masks of what is no listing.
	Thorough bool
}

// Extractor reads posts. It is immutable and safe for concurrent use.
type Extractor struct {
	words  *lexicon.Lexicon
	model  *model.Model // nil: the lexicon's own score decides
	folder *fold.Folder
	sieve  *sieve.Sieve // nil where something is left out
	off    off
	drop   func(lexicon.Hit, string) bool // words to be passed over, for training; nil: none
	own    string                         // digest of the user's words
}

// New builds an extractor from the embedded lexicon. It fails only when the
// lexicon itself is wrong.
func New() (*Extractor, error) { return NewWith(Settings{}) }

// Version is what an Extractor reads by: Version, and where it knows words of a user a
// digest of these behind it (5+ab12cd34).
func (x *Extractor) Version() string {
	if x.own == "" {
		return Version
	}
	return Version + "+" + x.own
}

// Entries are the words that an Extractor knows, those of a user at the end.
func (x *Extractor) Entries() []*lexicon.Entry { return x.words.Entries() }

// longest is how many bytes of a text are read; no advert is longer, and what
// stands behind is left unread.
const longest = 64 << 10

// Extract reads one text. It never fails, and the same text gives the same
// reading. The reading is normalised; its spans and masks are byte ranges of
// text. What the author quotes from others (quote.Find) counts only as far as the
// answer builds on it; its personal values are masked all the same. A text that
// its words alone rule out has confidence 0 and no reasons. Of a text over 64 KiB
// only the first 64 KiB are read, cut at a rune: no advert is longer, and neither
// spans nor masks reach beyond.
func (x *Extractor) Extract(text string, o Options) market.Reading {
	if len(text) > longest {
		text = cut(text, longest)
	}
	var g *lexicon.Glance
	if x.sieve != nil && !o.AssumeListing && !o.Thorough {
		taken, looked, held := x.sieve.Glance(text)
		if held {
			return nothing()
		}
		if looked {
			g = &taken
		}
	}
	s, ok := x.best(text, g, o)
	if !ok {
		return nothing()
	}
	return s.reading(o)
}

// seen is what all readers found in one text.
type seen struct {
	text     string
	folded   fold.Text
	verdict  classify.Verdict
	facts    classify.Facts
	sums     price.Result
	contacts contact.Result
	records  sample.Result
	shown    sample.Result // the records of quotes too
}

// look lets all readers see a text, or one of the other ways to read it; it stops where
// the text offers and seeks nothing.
func (x *Extractor) look(text string, t fold.Text, gist lexicon.Gist, riddle bool, o Options) (seen, bool) {
	sure := o.AssumeListing || sieve.Rows(t.Folded) || len(text) > glance
	if !sure && x.idle(&t, gist) {
		return seen{}, false
	}
	own := t // what the author says, quotes left out
	quoted := quote.Find(t.Folded)
	if len(quoted) > 0 {
		own.Folded = quote.Blank(t.Folded, quoted)
	}
	hits := x.words.Find(&own)
	if x.drop != nil {
		hits = slices.DeleteFunc(hits, func(h lexicon.Hit) bool { return x.drop(h, own.Folded[h.Start:h.End]) })
	}
	if !sure && (!worth(hits, gist.Has(lexicon.MarkNumber)) || len(quoted) == 0 && classify.Hopeless(gist.Of(own.Folded, hits))) && !(len(quoted) > 0 && len(hits) > 0) {
		return seen{}, false
	}
	view := numeral.NewViewWithout(x.off.numerals, own.Folded+"\n", own.Span) // a line end closes the last clause, so that grammars may look one ahead
	view.Unlist(text)
	var records sample.Result
	if sure || gist.Has(lexicon.MarkRowed) {
		records = sample.Read(view)
	}
	shown := records
	if len(quoted) > 0 { // whose records a quote shows is masked all the same
		shown = sample.Read(numeral.NewViewWithout(x.off.numerals, t.Folded+"\n", t.Span))
	}
	contacts := contact.Read(view, text, records.Taken)
	if len(quoted) > 0 {
		contacts = contacts.Without(shown.Masks)
	}
	hits = outside(&t, hits, records.Spans)
	told := x.told(&t, hits, quoted)
	facts := classify.Facts{Folded: own.Folded, Hits: joined(told, hits), Contacts: contacts.Contacts, Sample: records.Sample, Riddle: riddle}
	first := classify.Judge(facts) // goods and side decide what a sum is for
	taken := joined(records.Taken, contacts.Taken)
	sums := price.Read(view, price.Context{Goods: values(first.Goods), Side: first.Side, Taken: taken})
	facts.Prices, facts.Stock = sums.Prices, sums.Stock
	if len(told) > 0 && len(sums.Prices)+len(contacts.Contacts) == 0 {
		facts.Hits = hits // an answer that adds no terms says nothing of what it answers
	}
	v := first
	if len(facts.Hits) < len(told)+len(hits) {
		v = classify.Judge(facts)
	}
	v = v.Priced(sums.Prices, sums.Stock, x.model)
	if v.Listing || o.AssumeListing {
		v = v.Settled()
		if v.Side != first.Side || !slices.Equal(values(v.Goods), values(first.Goods)) {
			sums = price.Read(view, price.Context{Goods: values(v.Goods), Side: v.Side, Taken: taken})
			facts.Prices, facts.Stock = sums.Prices, sums.Stock
		}
	}
	return seen{text, t, v, facts, sums, contacts, records, shown}, true
}

// reading is what a text says, in the words of market.
func (s *seen) reading(o Options) market.Reading {
	t, v, sums, contacts, records, shown := &s.folded, s.verdict, s.sums, s.contacts, s.records, s.shown
	if o.AssumeListing {
		v.Listing, v.Doubt = true, false
	}
	r := market.Reading{Confidence: v.Confidence, Doubt: v.Doubt, Reasons: reasons(s.text, t, v, s.facts)}
	if !v.Listing {
		r.Masks, r.People = shown.Masks, shown.People
		r.Normalize()
		return r
	}
	r.Listing = market.Listing{
		Listing: true, Side: v.Side, Goods: values(v.Goods), Platforms: values(v.Platforms), Grades: values(v.Grades),
		Prices: sums.Prices, Stock: sums.Stock, Contacts: contacts.Contacts, Sample: records.Sample,
	}
	if v.Side == market.SideBuy { // a buyer shows the form that he wants
		r.Listing.Sample, records.Spans = nil, nil
	}
	r.Masks, r.People = shown.Masks, shown.People
	r.Normalize()
	p := spanner{text: t, reading: &r}
	p.words("/goods/", v.Goods, r.Goods)
	p.words("/platforms/", v.Platforms, r.Platforms)
	p.words("/grades/", v.Grades, r.Grades)
	p.moved("/prices/", sums.Spans, func(i int) int { return index(r.Prices, sums.Prices, i) })
	p.moved("/stock/", sums.Spans, func(i int) int { return index(r.Stock, sums.Stock, i) })
	p.moved("/contacts/", contacts.Spans, func(i int) int { return index(r.Contacts, contacts.Contacts, i) })
	r.Spans = append(r.Spans, records.Spans...)
	return r
}

// Input is what the learnt part is asked about a text, whatever it decides. With drop not
// nil the words of which it says so are passed over, as if the lexicon lacked them.
func (x *Extractor) Input(text string, drop func(hit lexicon.Hit, written string) bool) model.Input {
	plain := Extractor{words: x.words, folder: x.folder, off: x.off, drop: drop}
	s, _ := plain.best(cut(text, min(longest, len(text))), nil, Options{AssumeListing: true})
	return s.verdict.Input()
}

// nothing is the reading of a text that offers and seeks nothing.
func nothing() market.Reading {
	var r market.Reading
	r.Normalize()
	return r
}

// glance is how many bytes a text may have that is judged by its gist first.
const glance = 8 << 10

// idle reports whether one pass over the words of a text is enough to know that
// it offers and seeks nothing: the fate of nearly every message of a chat.
func (x *Extractor) idle(t *fold.Text, g lexicon.Gist) bool {
	const named = lexicon.MarkGoods | lexicon.MarkWeak | lexicon.MarkPlatform | lexicon.MarkVague | lexicon.MarkGrade
	trades := g.Has(lexicon.MarkSide|lexicon.MarkTrade) && g.Has(lexicon.MarkFigures)
	if !g.Has(named) && !trades {
		if !g.Has(lexicon.MarkSide | lexicon.MarkTrade | lexicon.MarkFigures) {
			return true
		}
		// all by sound: goods and where they are from must both be heard
		m := x.words.Heard(t.Folded)
		if m&lexicon.MarkGoods == 0 || m&(lexicon.MarkPlatform|lexicon.MarkGrade) == 0 {
			return true
		}
	}
	if !classify.Hopeless(g) {
		return false
	}
	if g.Frames < 0 && quote.Any(t.Folded) {
		return false // what speaks against a sale may be somebody else's words
	}
	if classify.Deaf(g) {
		return true
	}
	if m := x.words.Heard(t.Folded); m != 0 {
		g.Marks |= m | lexicon.MarkVerb | lexicon.MarkSeveral | lexicon.MarkOdd
	}
	return classify.Hopeless(g)
}

// told are the goods and platforms that an answer takes over from what it
// quotes: "> 谁有智联简历" answered by "我有，2块一份". An answer that names goods
// itself, or that warns or refuses, takes over nothing.
func (x *Extractor) told(t *fold.Text, own []lexicon.Hit, quoted []quote.Range) []lexicon.Hit {
	if len(quoted) == 0 {
		return nil
	}
	for _, h := range own {
		if h.Entry.Kind() == "frame" || h.Entry.Kind() == "goods" && h.Entry.Strength > 1 {
			return nil
		}
	}
	var out []lexicon.Hit
	for _, h := range x.words.Find(t) { // hits and quotes are in order
		for len(quoted) > 0 && quoted[0].End <= h.Start {
			quoted = quoted[1:]
		}
		if k := h.Entry.Kind(); len(quoted) > 0 && (k == "goods" || k == "platform") && h.Start >= quoted[0].Start && h.End <= quoted[0].End {
			h.Cost = max(h.Cost, secondhand)
			out = append(out, h)
		}
	}
	return out
}

// secondhand is the cost of a hit that only a quote shows.
const secondhand = 0.3

// worth reports whether hits could make a listing at all: goods, or a platform, a hint at
// one, or a grade together with a sale, a number or each other.
func worth(hits []lexicon.Hit, numbers bool) bool {
	platform, grade := false, false
	for _, h := range hits {
		switch h.Entry.Kind() {
		case "goods":
			return true
		case "platform", "hint":
			platform = true
		case "grade":
			grade = true
		case "side", "trade":
			numbers = true
		}
	}
	return numbers && (platform || grade) || platform && grade
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
	for n > 0 && n < len(text) && text[n]&0xC0 == 0x80 {
		n--
	}
	return text[:n]
}

// joined is two lists in a row; where one is empty it is the other.
func joined[T any](a, b []T) []T {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	return slices.Concat(a, b)
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
