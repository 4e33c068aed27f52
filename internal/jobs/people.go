package jobs

import (
	"slices"
	"strings"

	"resumewatch/extractors/shape"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
)

// personal is what of a text is other people's: what the sample's records hold, and
// what looks like a number or mailbox of a person and is no contact of the listing.
func personal(text string, r market.Reading, shapes []shape.Match) []market.Span {
	own := ownContacts(r)
	spans := append(slices.Clone(r.Masks), widened(text, r, shapes)...)
	for _, v := range r.People {
		spans = append(spans, market.Span{Field: v.Kind, Start: v.Start, End: v.End})
	}
	for _, m := range shapes {
		spans = append(spans, own.others(m)...)
	}
	return spans
}

// contacts are what a listing gives to be reached by.
type contacts struct {
	spans  []market.Span
	values map[string]bool // of phones and mailboxes
}

func ownContacts(r market.Reading) contacts {
	c := contacts{values: map[string]bool{}}
	for _, s := range r.Spans {
		if strings.HasPrefix(s.Field, "/contacts/") {
			c.spans = append(c.spans, s)
		}
	}
	for _, x := range r.Contacts {
		if x.Kind == market.ContactPhone || x.Kind == market.ContactEmail {
			c.values[x.Value] = true
		}
	}
	return c
}

// others are the parts of a match that are somebody else's. A phone or mailbox that
// touches a contact is that contact; of a longer number only what the contact
// covers is.
func (c contacts) others(m shape.Match) []market.Span {
	if c.values[m.Value] {
		return nil
	}
	at := m.Start
	var out []market.Span
	for _, s := range c.spans {
		if s.End <= m.Start || s.Start >= m.End {
			continue
		}
		if m.Kind == shape.Phone || m.Kind == shape.Mailbox || m.Kind == shape.Landline {
			return nil
		}
		if s.Start > at {
			out = append(out, market.Span{Field: m.Kind, Start: at, End: s.Start})
		}
		at = max(at, s.End)
	}
	if at < m.End {
		out = append(out, market.Span{Field: m.Kind, Start: at, End: m.End})
	}
	return out
}

// Personal is what of a listing's text is other people's, each span with the kind of
// its value, for those who may see more of it than is stored.
func Personal(text string, r market.Reading) []market.Span {
	return personal(text, r, shape.Find(text))
}

// Records are the people whom a listing's text shows, one entry a record, as values
// that were normalised. They are for comparing; nothing of them is kept.
func Records(text string, r market.Reading) [][]market.PersonValue {
	return recordsOf(text, r, shape.Find(text))
}

// people are the records of a text as keyed digests.
func (w *Workshop) people(text string, r market.Reading, shapes []shape.Match) [][]market.BlindValue {
	if w.Blind == nil {
		return nil
	}
	var out [][]market.BlindValue
	for _, record := range recordsOf(text, r, shapes) {
		if p := w.Blind.Person(record); p != nil {
			out = append(out, p)
		}
	}
	return out
}

// recordsOf are the records of a text. Numbers outside of records stand for a person a line.
func recordsOf(text string, r market.Reading, shapes []shape.Match) [][]market.PersonValue {
	own := ownContacts(r)
	records := map[int][]market.PersonValue{}
	var order []int
	add := func(record int, kind, value string) {
		if kind == shape.Mailbox {
			kind = privacy.BlindEmail
		}
		if value = normal(kind, value); value == "" {
			return
		}
		if records[record] == nil {
			order = append(order, record)
		}
		records[record] = append(records[record], market.PersonValue{Kind: kind, Value: value})
	}
	line, counted := 0, 0 // lines that end before `counted`
	for _, m := range shapes {
		record := slices.IndexFunc(r.Masks, func(s market.Span) bool { return s.Start < m.End && m.Start < s.End })
		if record < 0 {
			if len(own.others(m)) == 0 {
				continue
			}
			line += strings.Count(text[counted:max(counted, m.Start)], "\n")
			counted = max(counted, m.Start)
			record = len(r.Masks) + line
		}
		add(record, m.Kind, m.Value)
	}
	for _, v := range r.People {
		add(v.Record, v.Kind, v.Value)
	}
	out := make([][]market.PersonValue, 0, len(order))
	for _, record := range order {
		out = append(out, records[record])
	}
	return out
}

// normal is the value as people ask for it, "" for one that isn't counted: of
// another kind, or masked by whoever showed it.
func normal(kind, value string) string {
	if !slices.Contains(privacy.BlindKinds, kind) {
		return ""
	}
	value, err := privacy.NormalBlind(kind, value)
	if err != nil || kind == privacy.BlindResumeID && strings.Trim(value, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return ""
	}
	return value
}
