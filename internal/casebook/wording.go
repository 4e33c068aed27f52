package casebook

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"resumewatch/internal/market"
)

// A wording is what one account said in the same words, however often. Grouping
// works on wordings: an archive in which forty sellers repeat themselves ten
// thousand times holds a few hundred of them.

// spoken is a listing as far as its wording is concerned.
type spoken struct {
	place, site  string
	author       market.Author
	doc          string
	sketch       int64
	posted, seen int64
	live         int
	wording      string // that it belongs to now; "" none
}

// wordingID names the wording of a listing. Authors who can't be told apart have
// a wording for each listing, unless a contact says who they are.
func wordingID(listing string, s spoken) (string, error) {
	h := sha256.New()
	part := func(p string) { fmt.Fprintf(h, "%d:%s", len(p), p) }
	part(s.author.Key())
	switch s.author.Kind {
	case market.AuthorSite:
		part(s.site)
	case market.AuthorUIN, market.AuthorEmail:
	default: // a display name is somebody else's in the next place
		part(s.place)
	}
	if s.author.ID == "" && s.author.Name == "" {
		var l market.Listing
		if err := parse(s.doc, &l); err != nil {
			return "", err
		}
		named := false
		for _, c := range l.Contacts {
			named = named || c.Strong()
		}
		if !named {
			part(listing)
		}
	}
	part(s.doc)
	part(fmt.Sprint(s.sketch))
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// announce puts a listing that is new or has changed where it belongs and before
// both consumers.
func (t *tx) announce(listing, source string, run int64) error {
	var s spoken
	err := t.row(`SELECT post.place, post.site, post.author_kind, post.author_id, post.author_name, post.posted_at, post.seen_at,
		listing.doc, listing.sketch, listing.live, listing.wording FROM listing JOIN post ON post.id = listing.id WHERE listing.id = ?`, listing).
		Scan(&s.place, &s.site, &s.author.Kind, &s.author.ID, &s.author.Name, &s.posted, &s.seen, &s.doc, &s.sketch, &s.live, &s.wording)
	if err != nil {
		return err
	}
	now := ""
	if s.live != 0 {
		if now, err = wordingID(listing, s); err != nil {
			return err
		}
	}
	if now != s.wording {
		if _, err := t.exec(`UPDATE listing SET wording = ? WHERE id = ?`, now, listing); err != nil {
			return err
		}
		if now != "" {
			if err := t.joinWording(now, listing, s); err != nil {
				return err
			}
		}
		if s.wording != "" {
			if err := t.recount(s.wording); err != nil {
				return err
			}
			if err := t.notice(TopicGroup, s.wording, run); err != nil {
				return err
			}
		}
	}
	if now != "" {
		if _, err := t.exec(`INSERT INTO wording_source (wording, source) VALUES (?, ?) ON CONFLICT DO NOTHING`, now, source); err != nil {
			return err
		}
		if err := t.notice(TopicGroup, now, run); err != nil {
			return err
		}
	}
	return t.notice(TopicIndex, listing, run)
}

func (t *tx) notice(topic, ref string, run int64) error {
	_, err := t.exec(`INSERT INTO outbox (topic, ref, run_id) VALUES (?, ?, ?)`, topic, ref, run)
	return err
}

// older compares two listings of a wording by time (unknown last), then by id.
const older = `(wording.listings = 0 OR CASE WHEN (excluded.oldest_at = 0) <> (wording.oldest_at = 0) THEN wording.oldest_at = 0
	WHEN excluded.oldest_at <> wording.oldest_at THEN excluded.oldest_at < wording.oldest_at ELSE excluded.oldest < wording.oldest END)`

// joinWording counts a listing in.
func (t *tx) joinWording(id, listing string, s spoken) error {
	seen := s.posted
	if seen == 0 {
		seen = s.seen
	}
	_, err := t.exec(`INSERT INTO wording (id, place, site, author_kind, author_id, author_name, doc, sketch, listings, oldest, oldest_at, first_seen, last_seen)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET
			oldest = CASE WHEN `+older+` THEN excluded.oldest ELSE wording.oldest END,
			oldest_at = CASE WHEN `+older+` THEN excluded.oldest_at ELSE wording.oldest_at END,
			first_seen = CASE WHEN wording.listings = 0 OR excluded.first_seen < wording.first_seen THEN excluded.first_seen ELSE wording.first_seen END,
			last_seen = CASE WHEN wording.listings = 0 OR excluded.last_seen > wording.last_seen THEN excluded.last_seen ELSE wording.last_seen END,
			listings = wording.listings + 1`,
		id, s.place, s.site, s.author.Kind, s.author.ID, s.author.Name, s.doc, s.sketch, listing, s.posted, seen, seen)
	return err
}

// recount counts a wording anew after a listing left it.
func (t *tx) recount(id string) error {
	var n, at, first, last int64
	err := t.row(`SELECT count(*), coalesce(min(CASE WHEN posted_at = 0 THEN seen_at ELSE posted_at END), 0),
		coalesce(max(CASE WHEN posted_at = 0 THEN seen_at ELSE posted_at END), 0)
		FROM listing JOIN post ON post.id = listing.id WHERE listing.wording = ?`, id).Scan(&n, &first, &last)
	if err != nil {
		return err
	}
	oldest := ""
	err = t.row(`SELECT post.id, post.posted_at FROM listing JOIN post ON post.id = listing.id WHERE listing.wording = ?
		ORDER BY CASE WHEN post.posted_at = 0 THEN 1 ELSE 0 END, post.posted_at, post.id LIMIT 1`, id).Scan(&oldest, &at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if _, err := t.exec(`UPDATE wording SET listings = ?, oldest = ?, oldest_at = ?, first_seen = ?, last_seen = ? WHERE id = ?`, n, oldest, at, first, last, id); err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM wording_source WHERE wording = ?`, id); err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO wording_source (wording, source) SELECT DISTINCT listing.wording, post_source.source
		FROM listing JOIN post_source ON post_source.post_id = listing.id WHERE listing.wording = ?`, id)
	return err
}
