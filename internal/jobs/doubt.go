package jobs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"resumewatch/extractors"
	"resumewatch/extractors/shape"
	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
)

// Doubt is a post in the band of doubt as it waits in the spool: what it says, and what
// is needed to keep it as evidence once a person takes it for a listing.
type Doubt struct {
	Post    market.Post    `json:"post"`
	ID      string         `json:"id"`
	Thread  string         `json:"thread,omitempty"`
	State   string         `json:"state"`
	Around  []string       `json:"around"`            // the posts that its capture shows, in their order
	At      int            `json:"at"`                // which of these it is
	Capture *parkedCapture `json:"capture,omitempty"` // nil: In has it
	In      string         `json:"in,omitempty"`      // digest of the capture in which it is kept already
	Start   int64          `json:"start"`             // as in casebook.Found
	Length  int64          `json:"length"`
}

// parkedCapture is an evidence.Capture that is still to be written.
type parkedCapture struct {
	Kind    string            `json:"kind"`
	URL     string            `json:"url"`
	At      time.Time         `json:"at"`
	Records []evidence.Record `json:"records"`
}

func toPark(c evidence.Capture) *parkedCapture { return &parkedCapture{c.Kind, c.URL, c.At, c.Records} }

func (h *parkedCapture) capture() evidence.Capture {
	return evidence.Capture{Kind: h.Kind, URL: h.URL, At: h.At, Records: h.Records}
}

// ParseDoubt reads an item of the spool.
func ParseDoubt(item []byte) (d Doubt, err error) {
	if err := json.Unmarshal(item, &d); err != nil {
		return d, fmt.Errorf("a doubtful post of the spool: %w", err)
	}
	if d.At < 0 || d.At >= max(1, len(d.Around)) {
		return d, fmt.Errorf("a doubtful post of the spool: it is number %d of %d", d.At, len(d.Around))
	}
	return d, nil
}

// ShownDoubt is a doubtful post as a reviewer sees it, personal values masked.
type ShownDoubt struct {
	Text          string
	Before, After []string // what stands around it
	Reading       market.Reading
	Author        market.Author
	PlaceName     string
	Permalink     string
}

// Show masks a doubtful post for a reviewer. The reading is that of the listing that it
// would be. Phones and mailboxes are masked all: whether they are a seller's contact or
// somebody's in a harmless post is what nobody knows yet.
func (d Doubt) Show(x Reader) ShownDoubt {
	text, _ := ListingText(&d.Post)
	r := x.Extract(text, extractors.Options{AssumeListing: true})
	named := (&Workshop{}).nameless(&d.Post, market.Reading{})
	out := ShownDoubt{Text: masked(text, market.Reading{Masks: r.Masks, People: r.People}), Reading: r, Author: named.Author, PlaceName: named.PlaceName, Permalink: Clean(d.Post.Permalink)}
	out.Reading.Contacts = slices.Clone(r.Contacts)
	for i := range out.Reading.Contacts {
		out.Reading.Contacts[i].Value = Clean(out.Reading.Contacts[i].Value)
	}
	for i := range out.Reading.Reasons {
		out.Reading.Reasons[i].Text = Clean(out.Reading.Reasons[i].Text)
	}
	for i := max(0, d.At-around); i < min(len(d.Around), d.At+around+1); i++ {
		near := masked(d.Around[i], x.Extract(d.Around[i], extractors.Options{}))
		switch {
		case i < d.At:
			out.Before = append(out.Before, near)
		case i > d.At:
			out.After = append(out.After, near)
		}
	}
	return out
}

// masked is a text as it may be stored.
func masked(text string, r market.Reading) string {
	return privacy.MaskAs(privacy.Stored, text, personal(text, r, shape.Find(text)))
}

// Shows reports whether the item shows a value of a person, given in its normal form.
func (d Doubt) Shows(kind, value string) bool {
	text, _ := ListingText(&d.Post)
	for _, s := range append(slices.Clone(d.Around), text, d.Post.Author.Name, d.Post.PlaceName) {
		if strings.Contains(strings.ToLower(s), strings.ToLower(value)) {
			return true
		}
		for _, record := range Records(s, market.Reading{}) {
			for _, v := range record {
				if v.Kind == kind && v.Value == value {
					return true
				}
			}
		}
	}
	return false
}

// itemOf is the name of a doubtful post in the spool. It is the same whenever the post
// is met in these words: a unit that is done again leaves nothing behind.
func itemOf(id, textDigest string) string { return hashHex("doubt", id, textDigest) }

// doubtful is a doubtful post that was met just now.
type doubtful struct {
	row    casebook.Doubtful
	post   market.Post
	at     int // its place among the messages of a chunk, or the posts of a page
	around []string
	first  int // place in around of the post
}

// doubtful makes the row of a post and of those whom it and its neighbours show.
func (w *Workshop) doubtful(p *market.Post, id, text string, r market.Reading) doubtful {
	digest := w.textDigest(text)
	d := doubtful{post: *p, row: casebook.Doubtful{
		ID: id, Place: p.Place, PostedAt: p.PostedAt, TextDigest: digest, Print: w.Prints.Gone(id, p.NativeID, digest), Native: p.NativeID != "",
		Item: itemOf(id, digest), Extractor: w.Extractor.Version(), Confidence: r.Confidence, Reasons: []string{},
		People: w.people(text, r, shape.Find(text)),
	}}
	for _, reason := range r.Reasons {
		if !slices.Contains(d.row.Reasons, reason.Code) {
			d.row.Reasons = append(d.row.Reasons, reason.Code)
		}
	}
	return d
}

// neighbours adds what stands around a doubtful post, and whom that shows.
func (d *doubtful) neighbours(w *Workshop, texts []string, at int) {
	d.around, d.first = texts, at
	for i, s := range texts {
		if i != at {
			d.row.People = append(d.row.People, w.people(s, market.Reading{}, shape.Find(s))...)
		}
	}
}
