package jobs

import (
	"strings"

	"resumewatch/extractors/shape"
	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
)

// Clean hides what looks like a phone, landline, identity number, mailbox or bank
// card in a name, an address or a message. Digests in hex stay as they are, and so
// do longer numbers: ids are made of them.
func Clean(s string) string {
	spans := shape.Spans(s)
	if len(spans) == 0 {
		return s
	}
	kept := spans[:0]
	for _, m := range spans {
		if !inDigest(s, m.Start, m.End) {
			kept = append(kept, m)
		}
	}
	return privacy.MaskAs(privacy.Stored, s, kept)
}

// inDigest reports whether a row of digits is a part of a hexadecimal digest.
func inDigest(s string, start, end int) bool {
	hex := func(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }
	for i := start; i < end; i++ {
		if !hex(s[i]) {
			return false
		}
	}
	for start > 0 && hex(s[start-1]) {
		start--
	}
	for end < len(s) && hex(s[end]) {
		end++
	}
	return end-start >= 32 && strings.ContainsAny(s[start:end], "abcdef")
}

// CleanProblems is Clean for what problems say and for the names of their files.
func CleanProblems(problems []market.Problem) {
	for i := range problems {
		problems[i].File, problems[i].Reason = Clean(problems[i].File), Clean(problems[i].Reason)
	}
}

// cleaned hides numbers in what a look learnt beside the texts of listings: words of
// errors and of pages, and names.
func cleaned(l *casebook.Learnt) {
	l.Reason = Clean(l.Reason)
	CleanProblems(l.Problems)
}

// nameless hides numbers in the names that a post with a listing carries, but for the
// contacts of the listing and the author's own id: people call themselves and their
// groups by what they are reached at. The post itself, whose id is made of them, is
// left as it is.
func (w *Workshop) nameless(p *market.Post, r market.Reading) *market.Post {
	own := ownContacts(r)
	hide := func(s string) string {
		var spans []market.Span
		for _, m := range shape.Find(s) {
			if m.Kind != shape.Number && !own.values[m.Value] && m.Value != p.Author.ID {
				spans = append(spans, market.Span{Field: m.Kind, Start: m.Start, End: m.End})
			}
		}
		return privacy.MaskAs(privacy.Stored, s, spans)
	}
	out := *p
	out.PlaceName, out.Author.Name = hide(p.PlaceName), hide(p.Author.Name)
	if out.Author.Name != p.Author.Name && p.Author.ID == "" {
		// The name stands for the account: two that differ in hidden digits alone stay two.
		out.Author.Name += "~" + TextDigest(w.DigestKey, p.Author.Key())[:8]
	}
	return &out
}
