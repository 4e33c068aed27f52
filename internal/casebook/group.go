package casebook

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"resumewatch/internal/market"
)

// Member is what grouping needs of a wording.
type Member struct {
	ID        string    // of the wording
	Oldest    string    // id of its oldest listing; "" when it has none left
	PostedAt  time.Time // of that listing; zero: unknown
	FirstSeen time.Time
	LastSeen  time.Time
	Listings  int // live ones; 0: withdrawn
	Place     string
	Site      string // what a forum user's id is unique within; "" for chats
	Author    market.Author
	Listing   market.Listing
	Sketch    uint64
	OfferID   string // "" before its first grouping
	Sources   []string
}

// Members loads wordings by id, those without a listing as well.
func (b *Book) Members(ctx context.Context, wordings []string) ([]Member, error) {
	var out []Member
	err := b.read(ctx, "members", func(t *tx) error {
		out = nil
		return inLots(wordings, func(ids []string) error {
			at := map[string]int{}
			err := t.rows(func(scan func(...any) error) error {
				var m Member
				var posted, first, last, sketch int64
				var doc string
				if err := scan(&m.ID, &m.Oldest, &posted, &first, &last, &m.Listings, &m.Place, &m.Site, &m.Author.Kind, &m.Author.ID, &m.Author.Name, &doc, &sketch, &m.OfferID); err != nil {
					return err
				}
				m.PostedAt, m.FirstSeen, m.LastSeen, m.Sketch = instant(posted), instant(first), instant(last), uint64(sketch)
				at[m.ID] = len(out)
				out = append(out, m)
				return parse(doc, &out[len(out)-1].Listing)
			}, `SELECT id, oldest, oldest_at, first_seen, last_seen, listings, place, site, author_kind, author_id, author_name, doc, sketch, offer_id
				FROM wording WHERE id IN (`+marks(len(ids))+`)`, anys(ids)...)
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
			}, `SELECT wording, source FROM wording_source WHERE wording IN (`+marks(len(ids))+`) ORDER BY source`, anys(ids)...)
		})
	})
	return out, err
}

// WithKeys are the ids of the wordings that have one of the keys or belong to
// one of the offers.
func (b *Book) WithKeys(ctx context.Context, keys, offers []string) ([]string, error) {
	return b.distinct(ctx, "wordings by key", func(t *tx, add func(func(...any) error) error) error {
		err := inLots(keys, func(keys []string) error {
			return t.rows(add, `SELECT wording FROM wording_key WHERE key IN (`+marks(len(keys))+`)`, anys(keys)...)
		})
		if err != nil {
			return err
		}
		return inLots(offers, func(offers []string) error {
			return t.rows(add, `SELECT id FROM wording WHERE offer_id IN (`+marks(len(offers))+`)`, anys(offers)...)
		})
	})
}

// KeysOf are the keys that wordings had at their last grouping, sorted.
func (b *Book) KeysOf(ctx context.Context, wordings []string) ([]string, error) {
	return b.distinct(ctx, "keys of wordings", func(t *tx, add func(func(...any) error) error) error {
		return inLots(wordings, func(ids []string) error {
			return t.rows(add, `SELECT key FROM wording_key WHERE wording IN (`+marks(len(ids))+`)`, anys(ids)...)
		})
	})
}

// WordingsOf are the ids of the wordings that live listings belong to, sorted.
func (b *Book) WordingsOf(ctx context.Context, listings []string) ([]string, error) {
	return b.distinct(ctx, "wordings of listings", func(t *tx, add func(func(...any) error) error) error {
		return inLots(listings, func(ids []string) error {
			return t.rows(add, `SELECT wording FROM listing WHERE wording <> '' AND id IN (`+marks(len(ids))+`)`, anys(ids)...)
		})
	})
}

// distinct collects one text column, sorted and without repeats.
func (b *Book) distinct(ctx context.Context, what string, query func(*tx, func(func(...any) error) error) error) ([]string, error) {
	out := []string{}
	err := b.read(ctx, what, func(t *tx) error {
		out = out[:0]
		return query(t, func(scan func(...any) error) error {
			var v string
			err := scan(&v)
			out = append(out, v)
			return err
		})
	})
	slices.Sort(out)
	return slices.Compact(out), err
}

// Offer is a group of wordings as it shall be from now on.
type Offer struct {
	ID         string   // of its oldest listing
	Members    []string // wordings
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
// wordings, that is one which no wording outside can join.
type Grouping struct {
	Fence   Fence
	At      time.Time
	Notices []Notice            // consumed by this step
	Keys    map[string][]string // of the wordings in the notices
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
		held := make([]string, len(g.Before))
		for i, m := range g.Before {
			held[i] = m.ID
		}
		slices.Sort(held)
		if err := t.holdWordings(held); err != nil {
			return err
		}
		if err := t.saveKeys(g.Keys); err != nil {
			return err
		}
		runs := map[string]int64{}
		for _, n := range g.Notices {
			runs[n.Ref] = max(runs[n.Ref], n.Run)
		}
		s := grouper{tx: t, g: g, runs: runs, was: map[string]string{}, size: map[string]int{}, counts: map[int64]*[2]int64{}, heirs: map[string][]int64{}}
		for _, m := range g.Before {
			s.was[m.ID], s.size[m.ID] = m.OfferID, m.Listings
		}
		if err := s.save(); err != nil {
			return err
		}
		raised = s.raised
		if err := t.holdGrouped(g); err != nil {
			return err
		}
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
	if err := inLots(ids, func(ids []string) error {
		in, args := among(ids)
		_, err := t.exec(`DELETE FROM wording_key WHERE wording IN (`+in+`)`, args...)
		return err
	}); err != nil {
		return err
	}
	var rows [][]any
	for _, id := range ids {
		for _, k := range keys[id] {
			rows = append(rows, []any{k, id})
		}
	}
	_, err := t.insert(`INSERT INTO wording_key (key, wording)`, rows, `ON CONFLICT DO NOTHING`)
	return err
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
			`UPDATE seller_key SET seller_id = ? WHERE seller_id = ?`, `UPDATE wording SET seller_id = ? WHERE seller_id = ?`,
			`UPDATE offer SET seller_id = ? WHERE seller_id = ?`, `UPDATE seller SET merged = ? WHERE id = ?`, `UPDATE seller SET merged = ? WHERE merged = ?`,
		} {
			if _, err := t.exec(q, id, other); err != nil {
				return 0, err
			}
		}
	}
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{k, id}
	}
	_, err = t.insert(`INSERT INTO seller_key (key, seller_id)`, rows, `ON CONFLICT (key) DO NOTHING`)
	return id, err
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
