package casebook

import (
	"context"
	"slices"
	"time"
)

// OldListings walks listings that were first seen before a time.
type OldListings struct {
	b      *Book
	before int64
	seen   int64 // cursor: the last one looked at
	id     string
	judged map[string]bool // offers: whether they are old
}

// OldListings begins a walk.
func (b *Book) OldListings(before time.Time) *OldListings {
	return &OldListings{b: b, before: millis(before), seen: -1 << 62, judged: map[string]bool{}}
}

// OldLot is one step of the walk.
type OldLot struct {
	Offers    []string // of which nothing was seen since; no hold keeps them
	Withdrawn []string // listings that belong to no offer any more
	Listings  int64    // of both
	Done      bool
}

// sightedSince is, as a condition on post, that a post was seen, edited or still
// there since a time (given three times).
const sightedSince = `(post.seen_at >= ? OR EXISTS (SELECT 1 FROM post_revision WHERE post_revision.post_id = post.id AND post_revision.seen_at >= ?)
	OR (post.thread <> '' AND post.state <> 'gone' AND EXISTS (SELECT 1 FROM post_source JOIN page ON page.source = post_source.source AND page.thread = post.thread
		WHERE post_source.post_id = post.id AND page.visited_at >= ? AND page.outcome IN ('new', 'changed', 'same'))))`

// Next looks at the next listings, at most limit of them.
func (o *OldListings) Next(ctx context.Context, limit int) (OldLot, error) {
	var out OldLot
	var seen int64
	var id string
	judged := map[string]bool{}
	err := o.b.read(ctx, "old listings", func(t *tx) error {
		out, seen, id = OldLot{}, o.seen, o.id
		clear(judged)
		var offers []string
		n := 0
		err := t.rows(func(scan func(...any) error) error {
			var wording, offer string
			var held, sighted bool
			if err := scan(&seen, &id, &wording, &offer, &held, &sighted); err != nil {
				return err
			}
			n++
			switch {
			case wording == "" && !held && !sighted:
				out.Withdrawn = append(out.Withdrawn, id)
			case offer != "" && !slices.Contains(offers, offer):
				if _, known := o.judged[offer]; !known {
					offers = append(offers, offer)
				}
			}
			return nil
		}, `SELECT post.seen_at, post.id, listing.wording, coalesce(wording.offer_id, ''), CASE WHEN listing.wording = '' THEN `+heldPost+` ELSE FALSE END,
			CASE WHEN listing.wording = '' THEN `+sightedSince+` ELSE FALSE END
			FROM post JOIN listing ON listing.id = post.id LEFT JOIN wording ON wording.id = listing.wording
			WHERE post.seen_at < ? AND (post.seen_at, post.id) > (?, ?) ORDER BY post.seen_at, post.id LIMIT ?`,
			o.before, o.before, o.before, o.before, o.seen, o.id, limit)
		if err != nil {
			return err
		}
		out.Done = n < limit
		out.Listings = int64(len(out.Withdrawn))
		for _, offer := range offers {
			size, old, err := t.oldOffer(offer, o.before)
			if err != nil {
				return err
			}
			if judged[offer] = old; old {
				out.Offers, out.Listings = append(out.Offers, offer), out.Listings+size
			}
		}
		return nil
	})
	if err != nil {
		return OldLot{}, err
	}
	o.seen, o.id = seen, id
	for offer, old := range judged {
		o.judged[offer] = old
	}
	return out, nil
}

// oldOffer reports whether nothing of an offer was seen since, and no hold keeps it.
func (t *tx) oldOffer(offer string, before int64) (size int64, old bool, err error) {
	var known int
	if err := t.row(`SELECT count(*) FROM offer WHERE id = ? AND NOT `+heldOffer, offer).Scan(&known); err != nil || known == 0 {
		return 0, false, err
	}
	var young int
	err = t.row(`SELECT count(*) FROM (SELECT 1 FROM wording JOIN listing ON listing.wording = wording.id JOIN post ON post.id = listing.id
		WHERE wording.offer_id = ? AND (`+sightedSince+` OR `+heldPost+`) LIMIT 1) AS young`, offer, before, before, before).Scan(&young)
	if err != nil || young > 0 {
		return 0, false, err
	}
	err = t.row(`SELECT CAST(coalesce(sum(listings), 0) AS BIGINT) FROM wording WHERE offer_id = ?`, offer).Scan(&size)
	return size, true, err
}

// DroppedOffer is what one step of DropOffers or DropWithdrawn dropped.
type DroppedOffer struct {
	Listings, Posts, Revisions, People, Wordings, Offers, Alerts, Sellers int64
}

// DropOffers drops listings of offers that were first seen before a time, at most limit
// of them, with all that belongs to them; with its last one an offer goes, with its
// alerts and, where nothing else is theirs, its seller. left are the offers that it
// didn't come to or come to the end of. What a hold keeps by now stays.
func (b *Book) DropOffers(ctx context.Context, offers []string, before time.Time, prints Fingerprints, now time.Time, limit int) (out DroppedOffer, left []string, err error) {
	some := offers[:min(len(offers), limit, lot)]
	err = b.write(ctx, "dropping offers", func(t *tx) error {
		out, left = DroppedOffer{}, nil
		if err := t.d.alone(t, "holds"); err != nil {
			return err
		}
		free, err := t.names(`SELECT id FROM offer WHERE NOT `+heldOffer+` AND id IN (`, some, `)`)
		if err != nil || len(free) == 0 {
			return err
		}
		in, args := among(free)
		var ids []string
		err = t.rows(func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			ids = append(ids, id)
			return err
		}, `SELECT post.id FROM wording JOIN listing ON listing.wording = wording.id JOIN post ON post.id = listing.id
			WHERE wording.offer_id IN (`+in+`) AND post.seen_at < ? AND NOT `+heldPost+` LIMIT ?`, append(args, millis(before), limit)...)
		if err != nil {
			return err
		}
		if len(ids) > 0 {
			if err := t.dropListings(ids, prints, now, &out); err != nil {
				return err
			}
		}
		empty, err := t.names(`SELECT id FROM offer WHERE NOT EXISTS (SELECT 1 FROM wording WHERE wording.offer_id = offer.id) AND id IN (`, free, `)`)
		if err != nil {
			return err
		}
		if len(ids) == limit { // there may be more of the others
			left = slices.DeleteFunc(slices.Clone(free), func(o string) bool { return slices.Contains(empty, o) })
		}
		return t.dropEmptyOffers(empty, &out)
	})
	return out, append(left, offers[len(some):]...), err
}

// names reads one text column; the values stand between the two parts of the query.
func (t *tx) names(query string, values []string, rest string) (out []string, err error) {
	if len(values) == 0 {
		return nil, nil
	}
	in, args := among(values)
	return out, t.rows(func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		out = append(out, name)
		return err
	}, query+in+rest, args...)
}

// numbers is names of a column of numbers.
func (t *tx) numbers(query string, values []string, rest string) (out []int64, err error) {
	in, args := among(values)
	return out, t.rows(func(scan func(...any) error) error {
		var n int64
		err := scan(&n)
		out = append(out, n)
		return err
	}, query+in+rest, args...)
}

// DropWithdrawn drops listings that belong to no offer any more.
func (b *Book) DropWithdrawn(ctx context.Context, ids []string, prints Fingerprints, now time.Time) (DroppedOffer, error) {
	var out DroppedOffer
	err := b.write(ctx, "dropping withdrawn listings", func(t *tx) error {
		out = DroppedOffer{}
		if err := t.d.alone(t, "holds"); err != nil {
			return err
		}
		in, args := among(ids)
		var still []string
		err := t.rows(func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			still = append(still, id)
			return err
		}, `SELECT post.id FROM post JOIN listing ON listing.id = post.id WHERE listing.wording = '' AND post.id IN (`+in+`) AND NOT `+heldPost, args...)
		if err != nil || len(still) == 0 {
			return err
		}
		return t.dropListings(still, prints, now, &out)
	})
	return out, err
}

// dropListings drops listings and their posts, counts their wordings down, and tells
// the index. Rows are held in the order in which commits hold them.
func (t *tx) dropListings(ids []string, prints Fingerprints, now time.Time, out *DroppedOffer) error {
	slices.Sort(ids)
	in, args := among(ids)
	less := map[string]int64{} // wording → listings that leave it
	var gone, notices [][]any
	err := t.rows(func(scan func(...any) error) error {
		var id, native, digest, wording, month string
		var version int64
		if err := scan(&id, &native, &digest, &wording, &month, &version); err != nil {
			return err
		}
		if wording != "" {
			less[wording]++
		}
		gone = append(gone, []any{int64(prints.Gone(id, native, digest)), millis(now)})
		notices = append(notices, []any{TopicDrop, DropRef(month, version, id), 0, millis(now)})
		return nil
	}, `SELECT post.id, post.native_id, post.text_digest, listing.wording, listing.month, listing.version FROM post JOIN listing ON listing.id = post.id
		WHERE post.id IN (`+in+`) ORDER BY post.id`+t.d.locked("post", "listing"), args...)
	if err != nil {
		return err
	}
	wordings := make([]string, 0, len(less))
	for w := range less {
		wordings = append(wordings, w)
	}
	slices.Sort(wordings)
	if err := t.holdWordings(wordings); err != nil {
		return err
	}
	for _, q := range []struct {
		n     *int64
		query string
	}{
		{&out.People, `DELETE FROM sample_value WHERE listing IN (` + in + `)`},
		{&out.Revisions, `DELETE FROM post_revision WHERE post_id IN (` + in + `)`},
		{nil, `DELETE FROM post_source WHERE post_id IN (` + in + `)`},
		{&out.Listings, `DELETE FROM listing WHERE id IN (` + in + `)`},
		{&out.Posts, `DELETE FROM post WHERE id IN (` + in + `)`},
	} {
		n, err := t.exec(q.query, args...)
		if err != nil {
			return err
		}
		if q.n != nil {
			*q.n += n
		}
	}
	// Those that lose as many go in one statement.
	byLess := map[int64][]string{}
	for _, w := range wordings {
		byLess[less[w]] = append(byLess[less[w]], w)
	}
	for n, ids := range byLess {
		in, args := among(ids)
		if _, err := t.exec(`UPDATE wording SET listings = listings - ? WHERE id IN (`+in+`)`, append([]any{n}, args...)...); err != nil {
			return err
		}
	}
	if err := t.dropEmptyWordings(wordings, out); err != nil {
		return err
	}
	if _, err := t.insert(`INSERT INTO listing_gone (print, at)`, gone, `ON CONFLICT DO NOTHING`); err != nil {
		return err
	}
	_, err = t.insert(`INSERT INTO outbox (topic, ref, run_id, created_at)`, notices, ``)
	return err
}

func (t *tx) dropEmptyWordings(wordings []string, out *DroppedOffer) error {
	return inLots(wordings, func(ids []string) error {
		in, args := among(ids)
		var empty []string
		if err := t.rows(func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			empty = append(empty, id)
			return err
		}, `SELECT id FROM wording WHERE listings <= 0 AND id IN (`+in+`)`, args...); err != nil || len(empty) == 0 {
			return err
		}
		in, args = among(empty)
		for _, q := range []string{`DELETE FROM wording_key WHERE wording IN (` + in + `)`, `DELETE FROM wording_source WHERE wording IN (` + in + `)`} {
			if _, err := t.exec(q, args...); err != nil {
				return err
			}
		}
		n, err := t.exec(`DELETE FROM wording WHERE id IN (`+in+`)`, args...)
		out.Wordings += n
		return err
	})
}

// dropEmptyOffers drops offers without wordings, their alerts, and their sellers when
// nothing else is theirs.
func (t *tx) dropEmptyOffers(offers []string, out *DroppedOffer) error {
	if len(offers) == 0 {
		return nil
	}
	sellers, err := t.numbers(`SELECT DISTINCT seller_id FROM offer WHERE seller_id <> 0 AND id IN (`, offers, `) ORDER BY seller_id`)
	if err != nil {
		return err
	}
	alerts, err := t.numbers(`SELECT num FROM alert WHERE merged = 0 AND NOT `+heldAlert+` AND offer_id IN (`, offers, `)`)
	if err != nil {
		return err
	}
	in, args := among(offers)
	if out.Offers, err = t.exec(`DELETE FROM offer WHERE id IN (`+in+`)`, args...); err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM offer_alias WHERE offer_id IN (`+in+`)`, args...); err != nil {
		return err
	}
	if err := t.dropAlerts(alerts, out); err != nil {
		return err
	}
	return t.dropSellers(sellers, out)
}

// dropAlerts drops alerts with those that became part of them.
func (t *tx) dropAlerts(alerts []int64, out *DroppedOffer) error {
	return inLots(alerts, func(nums []int64) error {
		in, args := among(nums)
		both := append(slices.Clone(args), args...)
		if _, err := t.exec(`DELETE FROM alert_event WHERE alert IN (SELECT num FROM alert WHERE num IN (`+in+`) OR merged IN (`+in+`))`, both...); err != nil {
			return err
		}
		n, err := t.exec(`DELETE FROM alert WHERE num IN (`+in+`) OR merged IN (`+in+`)`, both...)
		out.Alerts += n
		return err
	})
}

// dropSellers drops those of whom there is no wording left and whom no hold keeps.
func (t *tx) dropSellers(sellers []int64, out *DroppedOffer) error {
	if len(sellers) == 0 {
		return nil
	}
	in, args := among(sellers)
	var free []int64
	if err := t.rows(func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		free = append(free, id)
		return err
	}, `SELECT id FROM seller WHERE NOT EXISTS (SELECT 1 FROM wording WHERE wording.seller_id = seller.id) AND NOT `+heldSeller+` AND id IN (`+in+`)`, args...); err != nil || len(free) == 0 {
		return err
	}
	in, args = among(free)
	for _, q := range []string{`DELETE FROM seller_key WHERE seller_id IN (` + in + `)`, `DELETE FROM seller WHERE merged IN (` + in + `)`} {
		if _, err := t.exec(q, args...); err != nil {
			return err
		}
	}
	n, err := t.exec(`DELETE FROM seller WHERE id IN (`+in+`)`, args...)
	out.Sellers += n
	return err
}

// MendWordings counts wordings anew of which the oldest listing was dropped while a
// newer one stays, and has them grouped again. It returns how many it mended.
func (b *Book) MendWordings(ctx context.Context, now time.Time) (mended int64, err error) {
	var ids []string
	err = b.read(ctx, "wordings without their oldest", func(t *tx) error {
		ids = nil
		return t.rows(func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			ids = append(ids, id)
			return err
		}, `SELECT id FROM wording WHERE listings > 0 AND NOT EXISTS (SELECT 1 FROM listing WHERE listing.id = wording.oldest)`)
	})
	if err != nil {
		return 0, err
	}
	for some := range slices.Chunk(ids, 20) {
		err := b.write(ctx, "mending wordings", func(t *tx) error {
			slices.Sort(some)
			if err := t.holdWordings(some); err != nil {
				return err
			}
			if err := t.recount(some); err != nil {
				return err
			}
			rows := make([][]any, len(some))
			for i, id := range some {
				rows[i] = []any{TopicGroup, id, 0, millis(now)}
			}
			_, err := t.insert(`INSERT INTO outbox (topic, ref, run_id, created_at)`, rows, ``)
			return err
		})
		if err != nil {
			return mended, err
		}
		mended += int64(len(some))
	}
	return mended, nil
}
