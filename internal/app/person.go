package app

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"resumewatch/extractors/shape"
	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
)

// PersonOptions say who is looked for: one value of a kind of the blind index.
type PersonOptions struct {
	Kind, Value string
	Reason      string // of an erasure
	As          string
}

// Trace is one listing whose sample shows a person.
type Trace struct {
	ListingID string   `json:"listing_id"`
	OfferID   string   `json:"offer_id"`
	SellerID  string   `json:"seller_id"`
	Sources   []string `json:"sources"`
	Place     string   `json:"place"`
	PostedAt  string   `json:"posted_at"`
	SeenAt    string   `json:"seen_at"`
	State     string   `json:"state"`
	Permalink string   `json:"permalink"`
	Capture   string   `json:"capture"` // digest
	Alerts    []string `json:"alerts"`
}

// PersonReport is where a person was shown. It doesn't repeat the value.
type PersonReport struct {
	Kind     string   `json:"kind"`
	Listings []Trace  `json:"listings"`
	Records  int64    `json:"records"`
	Sellers  []string `json:"sellers"`
	Sources  []string `json:"sources"`
	First    string   `json:"first"` // when it was posted first, or seen when that is unknown; "" never
	Last     string   `json:"last"`
	Captures []string `json:"captures"`   // digests of the sealed captures that hold the records
	Contact  []string `json:"contact_of"` // listings that give the value as the seller's contact: evidence, never masked
	Erased   string   `json:"erased"`     // since when the value is not taken up any more; "" it is
}

// Certificate says what was erased of a person.
type Certificate struct {
	Kind     string   `json:"kind"`
	At       string   `json:"at"`
	By       string   `json:"by"`
	Reason   string   `json:"reason"`
	Records  int64    `json:"records"`
	Listings []string `json:"listings"`
	Texts    int64    `json:"texts"`
	Waiting  int      `json:"waiting,omitempty"` // doubtful posts that waited for a reviewer and are gone
	Captures []string `json:"captures"`          // sealed evidence that stays until retention or an erased key takes it
	Event    int64    `json:"event"`             // of the custody log
}

// seekers are the roles that may look a person up.
var seekers = []string{casebook.RoleAnalyst, casebook.RoleReviewer, casebook.RoleAdmin}

// ReportPerson looks for a person's traces. That it was done is noted, not for whom.
func ReportPerson(ctx context.Context, o Options, p PersonOptions) (PersonReport, error) {
	out := PersonReport{Kind: p.Kind, Listings: []Trace{}, Sellers: []string{}, Sources: []string{}, Captures: []string{}, Contact: []string{}}
	value, digests, err := blindOf(ctx, o, p)
	if err != nil {
		return out, err
	}
	err = withBook(ctx, o, func(book *casebook.Book) error {
		by, _, err := acting(ctx, o, book, p.As, seekers)
		if err != nil {
			return err
		}
		if err := book.Audit(ctx, by, casebook.ActPersonSought, "blind index", p.Kind); err != nil {
			return err
		}
		traces, err := book.Traces(ctx, p.Kind, digests)
		if err != nil {
			return err
		}
		out.Records, out.Erased = traces.Records, stamp(traces.Erased)
		rows, err := book.Rows(ctx, traces.Listings)
		if err != nil {
			return err
		}
		out.fill(rows)
		out.Contact, err = contactOf(ctx, book, p.Kind, value)
		return err
	})
	return out, err
}

func (out *PersonReport) fill(rows []casebook.Row) {
	slices.SortFunc(rows, func(a, b casebook.Row) int { return saidAt(a).Compare(saidAt(b)) })
	add := func(to *[]string, s string) {
		if s != "" && !slices.Contains(*to, s) {
			*to = append(*to, s)
		}
	}
	for _, r := range rows {
		h := hit(r)
		out.Listings = append(out.Listings, Trace{
			ListingID: h.ListingID, OfferID: h.OfferID, SellerID: h.SellerID, Sources: r.Sources, Place: h.Place, PostedAt: h.PostedAt, SeenAt: h.SeenAt,
			State: h.State, Permalink: h.Permalink, Capture: h.Capture.Digest, Alerts: h.Alerts,
		})
		add(&out.Sellers, h.SellerID)
		add(&out.Captures, h.Capture.Digest)
		for _, s := range r.Sources {
			add(&out.Sources, s)
		}
	}
	if len(rows) > 0 {
		out.First, out.Last = stamp(saidAt(rows[0])), stamp(saidAt(rows[len(rows)-1]))
	}
	slices.Sort(out.Sources)
}

// saidAt is when a listing was posted, or seen when that is unknown.
func saidAt(r casebook.Row) time.Time {
	if r.PostedAt.IsZero() {
		return r.SeenAt
	}
	return r.PostedAt
}

// contactOf are the listings of the seller whose contact the value is.
func contactOf(ctx context.Context, book *casebook.Book, kind, value string) ([]string, error) {
	out := []string{}
	if kind != privacy.BlindPhone && kind != privacy.BlindEmail {
		return out, nil
	}
	ids, err := book.ListingsOfSeller(ctx, kind+":"+value)
	if err != nil {
		return nil, err
	}
	rows, err := book.Rows(ctx, ids)
	for _, r := range rows {
		if slices.Contains(r.Listing.Contacts, market.Contact{Kind: kind, Value: value}) {
			out = append(out, r.ID)
		}
	}
	return out, err
}

// ErasePerson takes a person out of the blind index and what is left of the value
// out of stored texts. Sealed captures stay: they are evidence, and the
// certificate names them.
func ErasePerson(ctx context.Context, o Options, p PersonOptions) (Certificate, error) {
	var out Certificate
	reason, err := reasonOf("erase", p.Reason)
	if err != nil {
		return out, err
	}
	value, digests, err := blindOf(ctx, o, p)
	if err != nil {
		return out, err
	}
	err = withBook(ctx, o, func(book *casebook.Book) error {
		by, _, err := acting(ctx, o, book, p.As, []string{casebook.RoleReviewer, casebook.RoleAdmin})
		if err != nil {
			return err
		}
		e := casebook.Erasure{Kind: p.Kind, Digests: digests, Reason: reason, Mask: func(text string, doc market.Listing) string { return hideAgain(text, doc, value) }}
		e.Device, _ = os.Hostname() // unknown is empty
		done, err := book.ErasePerson(ctx, e, by)
		if err != nil {
			return err
		}
		out = Certificate{
			Kind: p.Kind, At: stamp(by.At), By: by.Who, Reason: reason, Records: done.Records, Listings: done.Listings, Texts: done.Texts,
			Captures: done.Captures, Event: done.Event,
		}
		out.Waiting, err = forgetPerson(ctx, o, book, p.Kind, value, by.At)
		return err
	})
	return out, err
}

// hideAgain hides by the present rules what a stored text still shows, and every
// plain mention of the value; contacts of the listing stay.
func hideAgain(text string, doc market.Listing, value string) string {
	for _, c := range doc.Contacts {
		if c.Value == value {
			value = ""
		}
	}
	var spans []market.Span
	for _, m := range shape.Find(text) {
		own := slices.ContainsFunc(doc.Contacts, func(c market.Contact) bool {
			return c.Value == m.Value || strings.Contains(c.Value, text[m.Start:m.End])
		})
		if !own && (m.Kind != shape.Number || value != "" && strings.Contains(text[m.Start:m.End], value)) {
			spans = append(spans, market.Span{Start: m.Start, End: m.End})
		}
	}
	lower := strings.ToLower(text)
	if len(lower) == len(text) && value != "" {
		needle := strings.ToLower(value)
		for at := 0; ; {
			i := strings.Index(lower[at:], needle)
			if i < 0 {
				break
			}
			spans = append(spans, market.Span{Start: at + i, End: at + i + len(needle)})
			at += i + len(needle)
		}
	}
	return privacy.MaskAs(privacy.Strict, text, spans)
}

// blindOf brings a value into its normal form and gives its digests.
func blindOf(ctx context.Context, o Options, p PersonOptions) (value string, digests []string, err error) {
	if value, err = privacy.NormalBlind(p.Kind, p.Value); err != nil {
		return "", nil, Usagef("--%s: %v", strings.ReplaceAll(p.Kind, "_", "-"), err)
	}
	if _, err := os.Stat(o.path("keys")); err != nil {
		return "", nil, fmt.Errorf("%s: %w", o.Data, casebook.ErrNoBook)
	}
	keys, err := keyring(o)
	if err != nil {
		return "", nil, err
	}
	blind, err := keys.OpenBlind(ctx)
	if err != nil {
		return "", nil, err
	}
	return value, blind.Digests(p.Kind, value), nil
}

func shapes(text string) []market.Span {
	var out []market.Span
	for _, m := range shape.Find(text) {
		out = append(out, market.Span{Start: m.Start, End: m.End})
	}
	return out
}

// Stamp is a time as the commands print it; "" is none.
func Stamp(t time.Time) string { return stamp(t) }
