package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"resumewatch/internal/market"
)

// What people look at: bounded reads for pages. None of them changes anything.

// ListingDocuments calls f with the listing of each id, in no order; unknown ids
// are left out.
func (b *Book) ListingDocuments(ctx context.Context, ids []string, f func(market.Listing) error) error {
	return b.read(ctx, "listing documents", func(t *tx) error {
		return inLots(ids, func(ids []string) error {
			return t.rows(func(scan func(...any) error) error {
				var doc string
				if err := scan(&doc); err != nil {
					return err
				}
				var l market.Listing
				if err := parse(doc, &l); err != nil {
					return err
				}
				return f(l)
			}, `SELECT doc FROM listing WHERE live = 1 AND id IN (`+marks(len(ids))+`)`, anys(ids)...)
		})
	})
}

// OfferFacts is an offer as a whole.
type OfferFacts struct {
	ID        string
	SellerID  int64 // 0: none
	FirstSeen time.Time
	LastSeen  time.Time
	Sightings int      // live listings
	Sources   []string // sorted
	Wordings  int
}

// OfferFacts finds an offer by its id or one of its older ids. ErrNotFound: none,
// or none of its listings is live.
func (b *Book) OfferFacts(ctx context.Context, id string) (OfferFacts, error) {
	o := OfferFacts{Sources: []string{}}
	err := b.read(ctx, "offer", func(t *tx) error {
		var first, last int64
		err := t.row(`SELECT id, seller_id, first_seen, last_seen, sightings FROM offer
			WHERE id = coalesce((SELECT offer_id FROM offer_alias WHERE alias = ?), ?)`, id, id).Scan(&o.ID, &o.SellerID, &first, &last, &o.Sightings)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("offer %.40q: %w", id, ErrNotFound)
		}
		if err != nil {
			return err
		}
		o.FirstSeen, o.LastSeen = instant(first), instant(last)
		if err := t.row(`SELECT count(*) FROM wording WHERE offer_id = ? AND listings > 0`, o.ID).Scan(&o.Wordings); err != nil {
			return err
		}
		o.Sources = o.Sources[:0]
		return t.rows(func(scan func(...any) error) error {
			var s string
			err := scan(&s)
			o.Sources = append(o.Sources, s)
			return err
		}, `SELECT DISTINCT wording_source.source FROM wording JOIN wording_source ON wording_source.wording = wording.id
			WHERE wording.offer_id = ? ORDER BY wording_source.source`, o.ID)
	})
	return o, err
}

// OfferSizes tells how many live listings each of the offers has; unknown ids are left out.
func (b *Book) OfferSizes(ctx context.Context, offers []string) (map[string]int, error) {
	out := map[string]int{}
	err := b.read(ctx, "sizes of offers", func(t *tx) error {
		clear(out)
		return inLots(offers, func(ids []string) error {
			return t.rows(func(scan func(...any) error) error {
				var id string
				var n int
				err := scan(&id, &n)
				out[id] = n
				return err
			}, `SELECT id, sightings FROM offer WHERE id IN (`+marks(len(ids))+`)`, anys(ids)...)
		})
	})
	return out, err
}

// OfferTexts loads one listing for each way in which an offer is worded: the
// oldest of each, those that were seen last first, at most limit.
func (b *Book) OfferTexts(ctx context.Context, offer string, limit int) ([]Row, error) {
	ids, err := b.listingIDs(ctx, `SELECT oldest FROM wording WHERE offer_id = ? AND listings > 0 ORDER BY last_seen DESC, id LIMIT ?`, offer, limit)
	if err != nil {
		return nil, err
	}
	return b.Rows(ctx, ids)
}

// OfferSightings loads live listings of an offer, the newest first, passing over skip of them.
func (b *Book) OfferSightings(ctx context.Context, offer string, limit, skip int) ([]Row, error) {
	ids, err := b.listingIDs(ctx, `SELECT listing.id FROM wording JOIN listing ON listing.wording = wording.id JOIN post ON post.id = listing.id
		WHERE wording.offer_id = ? ORDER BY CASE WHEN post.posted_at = 0 THEN post.seen_at ELSE post.posted_at END DESC, listing.id LIMIT ? OFFSET ?`, offer, limit, skip)
	if err != nil {
		return nil, err
	}
	return b.Rows(ctx, ids)
}

// Held is a capture with how many of the listings asked about lie in it.
type Held struct {
	Capture
	Listings int
}

// OfferCaptures lists the captures that hold an offer's listings as they are now,
// the newest first, at most limit.
func (b *Book) OfferCaptures(ctx context.Context, offer string, limit int) ([]Held, error) {
	out := []Held{}
	err := b.read(ctx, "captures of an offer", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			var h Held
			var at int64
			err := scan(&h.Digest, &h.SealedDigest, &h.File, &h.Offset, &h.Length, &h.Kind, &h.URL, &at, &h.Source, &h.Listings)
			h.At = instant(at)
			out = append(out, h)
			return err
		}, `SELECT capture.digest, capture.sealed_digest, capture.file, capture.start, capture.length, capture.kind, capture.url, capture.at, capture.source, count(*)
			FROM wording JOIN listing ON listing.wording = wording.id JOIN post ON post.id = listing.id JOIN capture ON capture.digest = post.capture
			WHERE wording.offer_id = ?
			GROUP BY capture.digest, capture.sealed_digest, capture.file, capture.start, capture.length, capture.kind, capture.url, capture.at, capture.source
			ORDER BY capture.at DESC, capture.file, capture.start LIMIT ?`, offer, limit)
	})
	return out, err
}

// Revision is an earlier state of a post; Text is masked.
type Revision struct {
	Revision int
	Text     string
	Capture  string // digest
	SeenAt   time.Time
}

// Revisions lists the earlier states of a post, the latest first, at most limit.
func (b *Book) Revisions(ctx context.Context, post string, limit int) ([]Revision, error) {
	out := []Revision{}
	err := b.read(ctx, "revisions", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			var r Revision
			var seen int64
			err := scan(&r.Revision, &r.Text, &r.Capture, &seen)
			r.SeenAt = instant(seen)
			out = append(out, r)
			return err
		}, `SELECT revision, text, capture, seen_at FROM post_revision WHERE post_id = ? ORDER BY revision DESC LIMIT ?`, post, limit)
	})
	return out, err
}
