package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"resumewatch/internal/market"
)

// Row is a listing with its post, as people and the index see it. Text and
// Title are masked.
type Row struct {
	ID         string
	Version    int64
	Live       bool
	Place      string
	PlaceName  string
	Author     market.Author
	PostedAt   time.Time // zero: unknown
	SeenAt     time.Time
	Title      string
	Text       string
	Permalink  string
	Flags      []string
	State      string
	Revision   int
	Listing    market.Listing
	Confidence float64
	Reasons    []market.Reason
	Spans      []market.Span
	OfferID    string
	SellerID   int64
	Sources    []string // sorted
	Alerts     []int64  // numbers, ascending
	Capture    Capture
	Sketch     uint64
	Month      string // "2026-01": whose index it belongs to; never changes
}

const rowColumns = `listing.id, listing.version, listing.live, post.place, post.place_name, post.author_kind, post.author_id, post.author_name,
	post.posted_at, post.seen_at, post.title, post.text, post.permalink, post.flags, post.state, post.revision,
	listing.doc, listing.confidence, listing.reasons, listing.spans, coalesce(wording.offer_id, ''), coalesce(wording.seller_id, 0), listing.sketch,
	post.capture, coalesce(capture.file, ''), coalesce(capture.start, 0), coalesce(capture.length, 0), listing.month`

const rowTables = ` FROM listing JOIN post ON post.id = listing.id LEFT JOIN capture ON capture.digest = post.capture LEFT JOIN wording ON wording.id = listing.wording `

func scanRow(scan func(...any) error) (Row, error) {
	var r Row
	var live int
	var posted, seen, sketch int64
	var flags, doc, reasons, spans string
	err := scan(&r.ID, &r.Version, &live, &r.Place, &r.PlaceName, &r.Author.Kind, &r.Author.ID, &r.Author.Name,
		&posted, &seen, &r.Title, &r.Text, &r.Permalink, &flags, &r.State, &r.Revision,
		&doc, &r.Confidence, &reasons, &spans, &r.OfferID, &r.SellerID, &sketch,
		&r.Capture.Digest, &r.Capture.File, &r.Capture.Offset, &r.Capture.Length, &r.Month)
	if err != nil {
		return r, err
	}
	r.Live, r.PostedAt, r.SeenAt, r.Sketch = live != 0, instant(posted), instant(seen), uint64(sketch)
	return r, errors.Join(parse(flags, &r.Flags), parse(doc, &r.Listing), parse(reasons, &r.Reasons), parse(spans, &r.Spans))
}

// Rows loads listings by id, in the order of the ids; unknown ids are left out.
func (b *Book) Rows(ctx context.Context, ids []string) ([]Row, error) {
	found := make(map[string]Row, len(ids))
	err := b.read(ctx, "listings", func(t *tx) error {
		clear(found)
		return inLots(ids, func(ids []string) error {
			err := t.rows(func(scan func(...any) error) error {
				r, err := scanRow(scan)
				found[r.ID] = r
				return err
			}, `SELECT `+rowColumns+rowTables+`WHERE listing.id IN (`+marks(len(ids))+`)`, anys(ids)...)
			if err != nil {
				return err
			}
			return t.attach(ids, found)
		})
	})
	if err != nil {
		return nil, err
	}
	out := make([]Row, 0, len(ids))
	for _, id := range ids {
		if r, ok := found[id]; ok {
			out = append(out, r)
		}
	}
	return out, nil
}

// attach adds sources and alerts.
func (t *tx) attach(ids []string, found map[string]Row) error {
	err := t.rows(func(scan func(...any) error) error {
		var id, source string
		if err := scan(&id, &source); err != nil {
			return err
		}
		r := found[id]
		r.Sources = append(r.Sources, source)
		found[id] = r
		return nil
	}, `SELECT post_id, source FROM post_source WHERE post_id IN (`+marks(len(ids))+`) ORDER BY post_id, source`, anys(ids)...)
	if err != nil {
		return err
	}
	return t.rows(func(scan func(...any) error) error {
		var id string
		var num int64
		if err := scan(&id, &num); err != nil {
			return err
		}
		r := found[id]
		r.Alerts = append(r.Alerts, num)
		found[id] = r
		return nil
	}, `SELECT listing.id, alert.num FROM listing JOIN wording ON wording.id = listing.wording JOIN alert ON alert.offer_id = wording.offer_id AND alert.merged = 0
		WHERE wording.offer_id <> '' AND listing.id IN (`+marks(len(ids))+`) ORDER BY listing.id, alert.num`, anys(ids)...)
}

// KnownText returns the keyed text digests of those of the listings that are
// known and live, by id.
func (b *Book) KnownText(ctx context.Context, ids []string) (map[string]string, error) {
	out := map[string]string{}
	err := b.read(ctx, "known listings", func(t *tx) error {
		clear(out)
		return inLots(ids, func(ids []string) error {
			return t.rows(func(scan func(...any) error) error {
				var id, digest string
				err := scan(&id, &digest)
				out[id] = digest
				return err
			}, `SELECT post.id, post.text_digest FROM post JOIN listing ON listing.id = post.id WHERE listing.live = 1 AND post.id IN (`+marks(len(ids))+`)`, anys(ids)...)
		})
	})
	return out, err
}

// HoldsListings reports whether a thread has posts with a listing.
func (b *Book) HoldsListings(ctx context.Context, thread string) (bool, error) {
	ids, err := b.listingIDs(ctx, `SELECT id FROM post WHERE thread = ? LIMIT 1`, thread)
	return len(ids) > 0, err
}

// OfferRows loads the live listings of an offer (or of one of its older ids),
// oldest first.
func (b *Book) OfferRows(ctx context.Context, offer string) ([]Row, error) {
	ids, err := b.listingIDs(ctx, `SELECT listing.id FROM wording JOIN listing ON listing.wording = wording.id JOIN post ON post.id = listing.id WHERE wording.offer_id =
		coalesce((SELECT offer_id FROM offer_alias WHERE alias = ?), ?) ORDER BY post.posted_at, listing.id`, offer, offer)
	if err != nil {
		return nil, err
	}
	return b.Rows(ctx, ids)
}

// Listings calls f for every listing, live or not, in order of id.
func (b *Book) Listings(ctx context.Context, f func(Row) error) error {
	after := ""
	for {
		ids, err := b.listingIDs(ctx, `SELECT id FROM listing WHERE id > ? ORDER BY id LIMIT ?`, after, lot)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return nil
		}
		rows, err := b.Rows(ctx, ids)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := f(r); err != nil {
				return err
			}
		}
		after = ids[len(ids)-1]
	}
}

func (b *Book) listingIDs(ctx context.Context, query string, args ...any) ([]string, error) {
	ids := []string{}
	err := b.read(ctx, "listings", func(t *tx) error {
		ids = ids[:0]
		return t.rows(func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			ids = append(ids, id)
			return err
		}, query, args...)
	})
	return ids, err
}

// ListingsOfAlert are the ids of the live listings of an alert's offer.
func (b *Book) ListingsOfAlert(ctx context.Context, num int64) ([]string, error) {
	num, err := b.currentAlert(ctx, num)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return b.listingIDs(ctx, `SELECT listing.id FROM alert JOIN wording ON wording.offer_id = alert.offer_id JOIN listing ON listing.wording = wording.id WHERE alert.num = ?`, num)
}

// ListingsOfSeller are the ids of the live listings of a seller, named "S-3" or
// by any of the seller's contacts ("10000123", "qq:10000123").
func (b *Book) ListingsOfSeller(ctx context.Context, name string) ([]string, error) {
	var id int64
	if n, ok := number("S-", name); ok {
		id = n
	} else {
		keys := sellerKeys(strings.ToLower(name))
		err := b.read(ctx, "seller", func(t *tx) error {
			err := t.row(`SELECT seller_id FROM seller_key WHERE key IN (`+marks(len(keys))+`) ORDER BY seller_id LIMIT 1`, anys(keys)...).Scan(&id)
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if id == 0 {
		return nil, nil
	}
	return b.listingIDs(ctx, `SELECT listing.id FROM wording JOIN listing ON listing.wording = wording.id WHERE wording.seller_id =
		(SELECT CASE WHEN merged = 0 THEN id ELSE merged END FROM seller WHERE id = ?)`, id)
}

// sellerKeys are the keys that a person may mean: of the kind that is named, else of any.
func sellerKeys(name string) []any {
	kinds := []string{market.ContactQQ, market.ContactWeChat, market.ContactPhone, market.ContactTelegram, market.ContactEmail}
	if kind, value, ok := strings.Cut(name, ":"); ok && slices.Contains(kinds, kind) {
		return []any{kind + ":" + strings.TrimPrefix(value, "@")}
	}
	keys := []any{name} // the account of a forum, a display name
	for _, kind := range kinds {
		keys = append(keys, kind+":"+strings.TrimPrefix(name, "@"))
	}
	return keys
}

// number reads "A-12" with the prefix "A-", in either case.
func number(prefix, s string) (int64, bool) {
	if len(s) <= len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return 0, false
	}
	var n int64
	if _, err := fmt.Sscanf(s[len(prefix):], "%d", &n); err != nil || n < 1 || fmt.Sprint(n) != s[len(prefix):] {
		return 0, false
	}
	return n, true
}

// AlertNumber reads "A-12".
func AlertNumber(s string) (int64, bool) { return number("A-", s) }
