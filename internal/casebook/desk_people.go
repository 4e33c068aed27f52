package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"resumewatch/internal/market"
)

// SellerFacts is a seller as a whole.
type SellerFacts struct {
	ID        int64 // of the seller that the asked one became part of
	Keys      []string
	Offers    int
	Sightings int
	FirstSeen time.Time // zero: has no offer now
	LastSeen  time.Time
}

// SellerNumber reads "S-3".
func SellerNumber(s string) (int64, bool) { return number("S-", s) }

// SellerFacts finds a seller. Keys are "kind:value" of contacts and accounts, sorted, at most
// limit. ErrNotFound: no such seller.
func (b *Book) SellerFacts(ctx context.Context, num int64, limit int) (SellerFacts, error) {
	f := SellerFacts{Keys: []string{}}
	err := b.read(ctx, "seller", func(t *tx) error {
		err := t.row(`SELECT CASE WHEN merged = 0 THEN id ELSE merged END FROM seller WHERE id = ?`, num).Scan(&f.ID)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("seller %s: %w", SellerID(num), ErrNotFound)
		}
		if err != nil {
			return err
		}
		var first, last int64
		err = t.row(`SELECT count(*), coalesce(sum(sightings), 0), coalesce(min(first_seen), 0), coalesce(max(last_seen), 0) FROM offer WHERE seller_id = ?`, f.ID).
			Scan(&f.Offers, &f.Sightings, &first, &last)
		if err != nil {
			return err
		}
		f.FirstSeen, f.LastSeen, f.Keys = instant(first), instant(last), f.Keys[:0]
		return t.rows(func(scan func(...any) error) error {
			var k string
			err := scan(&k)
			f.Keys = append(f.Keys, k)
			return err
		}, `SELECT key FROM seller_key WHERE seller_id = ? ORDER BY key LIMIT ?`, f.ID, limit)
	})
	return f, err
}

// OffersOfSeller lists the offers of a seller, those that were seen last first, at most limit.
func (b *Book) OffersOfSeller(ctx context.Context, seller int64, limit int) ([]OfferFacts, error) {
	out := []OfferFacts{}
	err := b.read(ctx, "offers of a seller", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			o := OfferFacts{Sources: []string{}}
			var first, last int64
			err := scan(&o.ID, &o.SellerID, &first, &last, &o.Sightings)
			o.FirstSeen, o.LastSeen = instant(first), instant(last)
			out = append(out, o)
			return err
		}, `SELECT id, seller_id, first_seen, last_seen, sightings FROM offer WHERE seller_id = ? ORDER BY last_seen DESC, id LIMIT ?`, seller, limit)
	})
	return out, err
}

// PageLook is a page of a source as it was left by its last look.
type PageLook struct {
	URL, Kind string
	Outcome   market.Outcome
	Reason    string
	At        time.Time
	NextDue   time.Time // zero: not due
}

// TroubledPages lists the pages of a source whose last look brought nothing to
// read, the latest first, at most limit.
func (b *Book) TroubledPages(ctx context.Context, source string, limit int) ([]PageLook, error) {
	out := []PageLook{}
	err := b.read(ctx, "troubled pages", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			var p PageLook
			var outcome string
			var at, due int64
			err := scan(&p.URL, &p.Kind, &outcome, &p.Reason, &at, &due)
			p.Outcome, p.At, p.NextDue = market.Outcome(outcome), instant(at), instant(due)
			out = append(out, p)
			return err
		}, `SELECT url, kind, outcome, reason, visited_at, coalesce(due_at, 0) FROM page
			WHERE source = ? AND outcome NOT IN ('', 'new', 'changed', 'same', 'moved') ORDER BY visited_at DESC, id LIMIT ?`, source, limit)
	})
	return out, err
}

// Refusals says for every source how its latest visited page ended, as far as
// it kept us out: login_wall, blocked, robots or error. Sources that were read are left out.
func (b *Book) Refusals(ctx context.Context) (map[string]market.Outcome, error) {
	out := map[string]market.Outcome{}
	err := b.read(ctx, "refusals", func(t *tx) error {
		clear(out)
		return t.rows(func(scan func(...any) error) error {
			var source, outcome string
			if err := scan(&source, &outcome); err != nil {
				return err
			}
			switch o := market.Outcome(outcome); o {
			case market.OutcomeLoginWall, market.OutcomeBlocked, market.OutcomeRobots, market.OutcomeError, market.OutcomeUnreadable:
				out[source] = o
			default:
				delete(out, source)
			}
			return nil
		}, `SELECT page.source, page.outcome FROM page JOIN
			(SELECT source, max(visited_at) AS latest FROM page WHERE visited_at > 0 GROUP BY source) AS last
			ON last.source = page.source AND last.latest = page.visited_at ORDER BY page.source, page.id`)
	})
	return out, err
}

// RecentProblems lists what could not be read of a source ("": of all), the
// latest first, at most limit, among the latest `among` problems of all.
func (b *Book) RecentProblems(ctx context.Context, source string, limit, among int) ([]market.Problem, error) {
	out := []market.Problem{}
	err := b.read(ctx, "recent problems", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			var doc string
			if err := scan(&doc); err != nil {
				return err
			}
			var p market.Problem
			if err := parse(doc, &p); err != nil {
				return err
			}
			if len(out) < limit && (source == "" || p.Source == source) {
				out = append(out, p)
			}
			return nil
		}, `SELECT doc FROM run_problem ORDER BY id DESC LIMIT ?`, among)
	})
	return out, err
}
