package casebook

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"resumewatch/internal/market"
)

// Member is what grouping needs of a live listing.
type Member struct {
	ID       string
	PostedAt time.Time // zero: unknown
	SeenAt   time.Time
	Place    string
	Site     string // what a forum user's id is unique within; "" for chats
	Author   market.Author
	Listing  market.Listing
	Sketch   uint64
	OfferID  string // "" before its first grouping
	Live     bool
	Sources  []string
}

// Members loads listings by id, live or not.
func (b *Book) Members(ctx context.Context, ids []string) ([]Member, error) {
	var out []Member
	err := b.read(ctx, "members", func(t *tx) error {
		out = nil
		return inLots(ids, func(ids []string) error {
			at := map[string]int{}
			err := t.rows(func(scan func(...any) error) error {
				var m Member
				var posted, seen, sketch int64
				var live int
				var doc string
				if err := scan(&m.ID, &posted, &seen, &m.Place, &m.Site, &m.Author.Kind, &m.Author.ID, &m.Author.Name, &doc, &sketch, &m.OfferID, &live); err != nil {
					return err
				}
				m.PostedAt, m.SeenAt, m.Sketch, m.Live = instant(posted), instant(seen), uint64(sketch), live != 0
				at[m.ID] = len(out)
				out = append(out, m)
				return parse(doc, &out[len(out)-1].Listing)
			}, `SELECT listing.id, post.posted_at, post.seen_at, post.place, post.site, post.author_kind, post.author_id, post.author_name, listing.doc, listing.sketch, listing.offer_id, listing.live
				FROM listing JOIN post ON post.id = listing.id WHERE listing.id IN (`+marks(len(ids))+`)`, anys(ids)...)
			if err != nil {
				return err
			}
			return t.rows(func(scan func(...any) error) error {
				var id, source string
				err := scan(&id, &source)
				if i, ok := at[id]; ok {
					out[i].Sources = append(out[i].Sources, source)
				}
				return err
			}, `SELECT post_id, source FROM post_source WHERE post_id IN (`+marks(len(ids))+`) ORDER BY source`, anys(ids)...)
		})
	})
	return out, err
}

// WithKeys are the ids of the listings that have one of the keys or belong to
// one of the offers.
func (b *Book) WithKeys(ctx context.Context, keys, offers []string) ([]string, error) {
	seen := map[string]bool{}
	err := b.read(ctx, "listings by key", func(t *tx) error {
		add := func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			seen[id] = true
			return err
		}
		err := inLots(keys, func(keys []string) error {
			return t.rows(add, `SELECT listing_id FROM listing_key WHERE key IN (`+marks(len(keys))+`)`, anys(keys)...)
		})
		if err != nil {
			return err
		}
		return inLots(offers, func(offers []string) error {
			return t.rows(add, `SELECT id FROM listing WHERE offer_id IN (`+marks(len(offers))+`)`, anys(offers)...)
		})
	})
	out := make([]string, 0, len(seen))
	for id := range seen {
		out = append(out, id)
	}
	slices.Sort(out)
	return out, err
}

// KeysOf are the keys that listings had at their last grouping, sorted.
func (b *Book) KeysOf(ctx context.Context, ids []string) ([]string, error) {
	var out []string
	err := b.read(ctx, "keys of listings", func(t *tx) error {
		out = nil
		return inLots(ids, func(ids []string) error {
			return t.rows(func(scan func(...any) error) error {
				var key string
				err := scan(&key)
				out = append(out, key)
				return err
			}, `SELECT DISTINCT key FROM listing_key WHERE listing_id IN (`+marks(len(ids))+`)`, anys(ids)...)
		})
	})
	slices.Sort(out)
	return slices.Compact(out), err
}

// Offer is a group of listings as it shall be from now on.
type Offer struct {
	ID         string
	Members    []string
	SellerKeys []string // that tie its seller together
	FirstSeen  time.Time
	LastSeen   time.Time
	Verdicts   []Verdict
}

// Verdict is what one rule says of an offer.
type Verdict struct {
	Rule     string
	Severity string
	Title    string
	Reasons  []market.Reason
}

// Grouping is one step of the grouper: the new partition of a closed set of
// listings, that is one which no listing outside can join.
type Grouping struct {
	Fence   Fence
	At      time.Time
	Notices []Notice            // consumed by this step
	Keys    map[string][]string // of the listings in the notices
	Before  []Member            // the closed set
	Offers  []Offer
}

// Raised is an alert that a grouping raised or made graver.
type Raised struct {
	Num   int64
	Fresh bool
}

// SaveGrouping writes one step: keys, offers, sellers, alerts, and drops the
// notices, in one transaction under the leader's fence.
func (b *Book) SaveGrouping(ctx context.Context, g Grouping) ([]Raised, error) {
	var raised []Raised
	err := b.write(ctx, "grouping", func(t *tx) error {
		raised = nil
		if err := t.leads(g.Fence); err != nil {
			return err
		}
		if err := t.saveKeys(g.Keys); err != nil {
			return err
		}
		runs := map[string]int64{}
		for _, n := range g.Notices {
			runs[n.Listing] = max(runs[n.Listing], n.Run)
		}
		s := grouper{tx: t, g: g, runs: runs, was: map[string]string{}, counts: map[int64]*[2]int64{}, heirs: map[string][]int64{}}
		for _, m := range g.Before {
			s.was[m.ID] = m.OfferID
		}
		if err := s.save(); err != nil {
			return err
		}
		raised = s.raised
		return t.ack(g.Notices)
	})
	return raised, err
}

func (t *tx) saveKeys(keys map[string][]string) error {
	ids := make([]string, 0, len(keys))
	for id := range keys {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if _, err := t.exec(`DELETE FROM listing_key WHERE listing_id = ?`, id); err != nil {
			return err
		}
		for _, k := range keys[id] {
			if _, err := t.exec(`INSERT INTO listing_key (key, listing_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, k, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// seller resolves keys to one seller: a new one, the known one, or several
// known ones made one. The lowest number stays.
func (t *tx) seller(keys []string) (int64, error) {
	if len(keys) == 0 {
		return 0, nil
	}
	var ids []int64
	err := inLots(keys, func(keys []string) error {
		return t.rows(func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			ids = append(ids, id)
			return err
		}, `SELECT DISTINCT seller_id FROM seller_key WHERE key IN (`+marks(len(keys))+`)`, anys(keys)...)
	})
	if err != nil {
		return 0, err
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var id int64
	if len(ids) == 0 {
		if err := t.row(`INSERT INTO seller (merged) VALUES (0) RETURNING id`).Scan(&id); err != nil {
			return 0, err
		}
	} else {
		id = ids[0]
	}
	for _, other := range ids[min(1, len(ids)):] {
		for _, q := range []string{
			`UPDATE seller_key SET seller_id = ? WHERE seller_id = ?`, `UPDATE listing SET seller_id = ? WHERE seller_id = ?`,
			`UPDATE offer SET seller_id = ? WHERE seller_id = ?`, `UPDATE seller SET merged = ? WHERE id = ?`, `UPDATE seller SET merged = ? WHERE merged = ?`,
		} {
			if _, err := t.exec(q, id, other); err != nil {
				return 0, err
			}
		}
	}
	for _, k := range keys {
		if _, err := t.exec(`INSERT INTO seller_key (key, seller_id) VALUES (?, ?) ON CONFLICT (key) DO NOTHING`, k, id); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// OfferOf resolves an offer's id or one of its older ids.
func (b *Book) OfferOf(ctx context.Context, id string) (string, error) {
	out := id
	err := b.read(ctx, "offer", func(t *tx) error {
		err := t.row(`SELECT offer_id FROM offer_alias WHERE alias = ?`, id).Scan(&out)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return out, err
}
