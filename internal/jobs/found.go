package jobs

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"resumewatch/extractors"
	"resumewatch/extractors/fold"
	"resumewatch/extractors/neardup"
	"resumewatch/extractors/shape"
	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
)

// maxText is how many bytes of a post are read and, if it holds a listing, kept:
// no more than the extractor looks at. The capture has all.
const maxText = 64 << 10

// read extracts one post. ok is false when it holds no listing.
func (w *Workshop) read(p *market.Post) (f casebook.Found, ok bool) {
	text, r := w.extract(p, extractors.Options{})
	if !r.Listing.Listing {
		return f, false
	}
	return w.found(p, text, r), true
}

// assume reads a post that a person takes for a listing.
func (w *Workshop) assume(p *market.Post) casebook.Found {
	text, r := w.extract(p, extractors.Options{AssumeListing: true})
	return w.found(p, text, r)
}

func (w *Workshop) extract(p *market.Post, o extractors.Options) (string, market.Reading) {
	text, cut := ListingText(p)
	if cut {
		p.AddFlag(market.FlagTruncated)
	}
	return text, w.Extractor.Extract(text, o)
}

// found is a post with the listing that was read in its text.
func (w *Workshop) found(p *market.Post, text string, r market.Reading) casebook.Found {
	shapes := shape.Find(text)
	f := casebook.Found{
		Post: w.nameless(p, r), Masked: privacy.MaskAs(privacy.Stored, text, personal(text, r, shapes)), Reading: r, Extractor: w.Extractor.Version(),
		TextDigest: w.textDigest(text), State: market.PostUnknown, Start: -1, People: w.people(text, r, shapes),
	}
	for i := range f.Reading.Reasons {
		f.Reading.Reasons[i].Text = Clean(f.Reading.Reasons[i].Text)
	}
	folded := fold.Fold(text)
	f.Sketch = neardup.Sketch(folded.Folded)
	// The text begins with the title: what is hidden there is hidden here.
	f.Title = f.Masked[:min(len(p.Title), len(f.Masked))]
	return f
}

// ListingText is what of a post is read and, if it holds a listing, kept; cut says
// that there was more.
func ListingText(p *market.Post) (text string, cut bool) {
	text = p.Text
	if p.Title != "" && !strings.HasPrefix(p.Text, p.Title) {
		// A thread's title often holds the offer and its first post the contact.
		text = p.Title + "\n" + p.Text
	}
	if len(text) <= maxText {
		return text, false
	}
	// What the extractor doesn't read can't be masked by what it says either.
	return strings.ToValidUTF8(text[:maxText], ""), true
}

// textDigest tells edits apart. It is keyed: a masked number could otherwise be
// found by trying all.
func (w *Workshop) textDigest(text string) string { return TextDigest(w.DigestKey, text) }

// TextDigest is the digest of a ListingText under the installation's key.
func TextDigest(key []byte, text string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil)[:16])
}
