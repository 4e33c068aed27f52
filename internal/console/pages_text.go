package console

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"resumewatch/internal/market"
	"resumewatch/internal/query"
)

// piece is a run of a post's text with what is known of it.
type piece struct {
	Text  string
	Hit   bool   // searched for
	Kind  string // "price", "contact" …: what the extractor read here; "" nothing
	Label string // that reading in words
}

// reading is a span of a post with its words.
type reading struct {
	Start, End  int // bytes of the text, on bounds of runes
	Kind, Label string
	Written     string // as it stands in the text
}

// maxReadings caps the spans that one text is cut by: a hostile post may hold thousands.
const maxReadings = 300

// readings puts the spans of a row into words, in order of the text. Spans that
// don't fit it are left out.
func readings(l language, r *market.Listing, spans []market.Span, text string) []reading {
	out := []reading{}
	for _, s := range spans {
		if len(out) == maxReadings {
			break
		}
		if s.Start < 0 || s.End > len(text) || s.Start >= s.End || !utf8.RuneStart(text[s.Start]) || (s.End < len(text) && !utf8.RuneStart(text[s.End])) {
			continue
		}
		kind, label := l.spanWords(r, s.Field)
		if kind == "" {
			continue
		}
		one := reading{s.Start, s.End, kind, label, text[s.Start:s.End]}
		if !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	slices.SortStableFunc(out, func(a, b reading) int { return a.Start - b.Start })
	return out
}

// spanWords says what a field of a listing is, "/prices/0".
func (l language) spanWords(r *market.Listing, field string) (kind, label string) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(field, "/"), "/")
	i, err := strconv.Atoi(rest)
	at := func(n int) bool { return err == nil && i >= 0 && i < n }
	switch {
	case name == "prices" && at(len(r.Prices)):
		return "price", l.price(r.Prices[i])
	case name == "stock" && at(len(r.Stock)):
		return "stock", l.stock(r.Stock[i])
	case name == "contacts" && at(len(r.Contacts)):
		return "contact", l.contact(r.Contacts[i])
	case name == "goods" && at(len(r.Goods)):
		return "goods", l.word("goods", r.Goods[i])
	case name == "platforms" && at(len(r.Platforms)):
		return "platform", l.word("platform", r.Platforms[i])
	case name == "grades" && at(len(r.Grades)):
		return "grade", l.word("grade", r.Grades[i])
	case name == "side":
		return "side", l.word("side", r.Side)
	case name == "sample" && r.Sample != nil:
		return "sample", l.message("sample.records", r.Sample.Records)
	}
	return "", ""
}

// pieces cuts a text by what was searched for and by what was read. Where readings
// lie in each other, the shortest is told.
func pieces(text string, marks []query.Mark, read []reading) []piece {
	bounds := []int{0, len(text)}
	for _, m := range marks {
		bounds = append(bounds, m.Start, m.End)
	}
	for _, r := range read {
		bounds = append(bounds, r.Start, r.End)
	}
	slices.Sort(bounds)
	bounds = slices.Compact(bounds)
	var out []piece
	for i := 0; i+1 < len(bounds); i++ {
		start, end := bounds[i], bounds[i+1]
		if start < 0 || end > len(text) {
			continue
		}
		p := piece{Text: text[start:end]}
		for _, m := range marks { // in order and apart
			if m.Start >= end {
				break
			}
			p.Hit = p.Hit || m.Start <= start && end <= m.End
		}
		shortest := len(text) + 1
		for _, r := range read {
			if r.Start >= end {
				break
			}
			if size := r.End - r.Start; r.End >= end && size < shortest {
				p.Kind, p.Label, shortest = r.Kind, r.Label, size
			}
		}
		out = append(out, p)
	}
	return out
}

// excerpt is the part of a text that a list shows.
type excerpt struct {
	Pieces        []piece
	Before, After bool // something was left out there
}

// Lengths of an excerpt, in runes.
const (
	excerptRunes = 260
	excerptLead  = 60 // in front of the first mark
	excerptLines = 4  // line breaks in front of it
)

// cutExcerpt takes the part of a text around what was searched for.
func cutExcerpt(text string, marks []query.Mark) excerpt {
	from := 0
	if len(marks) > 0 {
		from = back(text, marks[0].Start, excerptLead)
		if utf8.RuneCountInString(text[:from]) < excerptLead {
			from = 0 // no ellipsis for a few characters
		}
		if i := lastLines(text[from:marks[0].Start], excerptLines); i > 0 {
			from += i // a flood of empty lines doesn't push it out of sight
		}
	}
	to := forth(text, from, excerptRunes)
	part := text[from:to]
	inside := []query.Mark{}
	for _, m := range marks {
		if s, e := max(m.Start-from, 0), min(m.End-from, len(part)); s < e {
			inside = append(inside, query.Mark{Start: s, End: e})
		}
	}
	return excerpt{Pieces: pieces(part, inside, nil), Before: from > 0, After: to < len(text)}
}

// lastLines is where the last n line breaks of a text begin, 0 if it has no more.
func lastLines(text string, n int) int {
	end := len(text)
	for range n {
		i := strings.LastIndexByte(text[:end], '\n')
		if i < 0 {
			return 0
		}
		end = i
	}
	if strings.IndexByte(text[:end], '\n') < 0 {
		return 0
	}
	return end + 1
}

// back goes n runes back from a byte offset.
func back(text string, at, n int) int {
	for ; n > 0 && at > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
	}
	return at
}

// forth goes n runes on from a byte offset.
func forth(text string, at, n int) int {
	for ; n > 0 && at < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

// openRunes is how much of a post a page shows at once; the rest is folded away.
const openRunes = 2500

// unfold parts the pieces of a text at openRunes.
func unfold(all []piece) (open, rest []piece) {
	left := openRunes
	for i, p := range all {
		n := utf8.RuneCountInString(p.Text)
		if n <= left {
			left -= n
			continue
		}
		cut := forth(p.Text, 0, left)
		head, tail := p, p
		head.Text, tail.Text = p.Text[:cut], p.Text[cut:]
		open = append(slices.Clone(all[:i]), head)
		return open, append([]piece{tail}, all[i+1:]...)
	}
	return all, nil
}
