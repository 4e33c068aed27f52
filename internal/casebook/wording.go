package casebook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"resumewatch/internal/market"
)

// A wording is what one account said in the same words, however often. Grouping
// works on wordings: an archive in which forty sellers repeat themselves ten
// thousand times holds a few hundred of them.

// wording names the wording of a listing. Authors who can't be told apart have
// a wording for each listing, unless a contact says who they are. "": it is
// withdrawn and has none.
func (k *kept) wording() (string, error) {
	if k.live == 0 {
		return "", nil
	}
	h := sha256.New()
	part := func(p string) { fmt.Fprintf(h, "%d:%s", len(p), p) }
	part(k.author.Key())
	switch k.author.Kind {
	case market.AuthorSite:
		part(k.site)
	case market.AuthorUIN, market.AuthorEmail:
	default: // a display name is somebody else's in the next place
		part(k.place)
	}
	if k.author.ID == "" && k.author.Name == "" {
		var l market.Listing
		if err := parse(k.doc, &l); err != nil {
			return "", err
		}
		named := false
		for _, c := range l.Contacts {
			named = named || c.Strong()
		}
		if !named {
			part(k.id)
		}
	}
	part(k.doc)
	part(fmt.Sprint(k.sketch))
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// announce puts listings that are new or have changed where they belong and
// before both consumers. Their rows are stored already.
func (t *tx) announce(posts []*kept, l Learnt) error {
	joined := map[string]*gathering{}
	left, now := map[string]bool{}, map[string]bool{}
	reread := map[string]bool{} // wordings that a later reading of the same text touches
	var moved []string
	var notices [][]any
	for _, k := range posts {
		if !k.told {
			continue
		}
		notices = append(notices, []any{TopicIndex, k.id, l.Run, millis(l.At), 0})
		if k.stored && k.anew && !k.edited {
			reread[k.now], reread[k.was] = true, true
		}
		if k.now != k.was {
			if k.now != "" {
				g := joined[k.now]
				if g == nil {
					g = &gathering{}
					joined[k.now] = g
				}
				g.add(k)
			}
			if k.was != "" {
				left[k.was] = true
			}
			if k.stored && k.now != "" {
				moved = append(moved, k.id)
			}
		}
		if k.now != "" {
			now[k.now] = true
		}
	}
	all := slices.Sorted(maps.Keys(now))
	for id := range left {
		if !now[id] {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	if err := t.holdWordings(all); err != nil {
		return err
	}
	if err := t.join(joined); err != nil {
		return err
	}
	if err := t.recount(slices.Sorted(maps.Keys(left))); err != nil {
		return err
	}
	var sources [][]any
	for _, id := range all {
		if now[id] {
			sources = append(sources, []any{id, l.Source})
		}
		notices = append(notices, []any{TopicGroup, id, l.Run, millis(l.At), b2i(reread[id])})
	}
	if _, err := t.insert(`INSERT INTO wording_source (wording, source)`, sources, `ON CONFLICT DO NOTHING`); err != nil {
		return err
	}
	// What comes from another wording brings its earlier sources along.
	if err := inLots(moved, func(ids []string) error {
		in, args := among(ids)
		_, err := t.exec(`INSERT INTO wording_source (wording, source) SELECT DISTINCT listing.wording, post_source.source
			FROM listing JOIN post_source ON post_source.post_id = listing.id WHERE listing.id IN (`+in+`) ON CONFLICT DO NOTHING`, args...)
		return err
	}); err != nil {
		return err
	}
	_, err := t.insert(`INSERT INTO outbox (topic, ref, run_id, created_at, reread)`, notices, ``)
	return err
}

// holdWordings holds the rows of wordings until the transaction ends: whoever
// changes a wording, its sources or what belongs to it does so first.
func (t *tx) holdWordings(ids []string) error {
	if t.d.serial {
		return nil
	}
	return inLots(ids, func(ids []string) error {
		in, args := among(ids)
		return t.rows(func(scan func(...any) error) error {
			var id string
			return scan(&id)
		}, `SELECT id FROM wording WHERE id IN (`+in+`) ORDER BY id`+t.d.locked(), args...)
	})
}

// gathering is what one commit adds to a wording.
type gathering struct {
	oldest      *kept
	listings    int64
	first, last int64
}

func (g *gathering) add(k *kept) {
	seen := k.posted
	if seen == 0 {
		seen = k.seen
	}
	if g.listings == 0 {
		g.first, g.last = seen, seen
	}
	g.listings++
	g.first, g.last = min(g.first, seen), max(g.last, seen)
	if g.oldest == nil || k.older(g.oldest) {
		g.oldest = k
	}
}

// older compares listings of a wording by time (unknown last), then by id.
func (k *kept) older(than *kept) bool {
	if (k.posted == 0) != (than.posted == 0) {
		return than.posted == 0
	}
	if k.posted != than.posted {
		return k.posted < than.posted
	}
	return k.id < than.id
}

// older says the same in SQL of what is added and what is there.
const older = `(wording.listings = 0 OR CASE WHEN (excluded.oldest_at = 0) <> (wording.oldest_at = 0) THEN wording.oldest_at = 0
	WHEN excluded.oldest_at <> wording.oldest_at THEN excluded.oldest_at < wording.oldest_at ELSE excluded.oldest < wording.oldest END)`

// join counts listings in.
func (t *tx) join(joined map[string]*gathering) error {
	rows := make([][]any, 0, len(joined))
	for id, g := range joined {
		k := g.oldest
		rows = append(rows, []any{id, k.place, k.site, k.author.Kind, k.author.ID, k.author.Name, k.doc, k.sketch, g.listings, k.id, k.posted, g.first, g.last})
	}
	sortRows(rows)
	_, err := t.insert(`INSERT INTO wording (id, place, site, author_kind, author_id, author_name, doc, sketch, listings, oldest, oldest_at, first_seen, last_seen)`, rows,
		`ON CONFLICT (id) DO UPDATE SET
			oldest = CASE WHEN `+older+` THEN excluded.oldest ELSE wording.oldest END,
			oldest_at = CASE WHEN `+older+` THEN excluded.oldest_at ELSE wording.oldest_at END,
			first_seen = CASE WHEN wording.listings = 0 OR excluded.first_seen < wording.first_seen THEN excluded.first_seen ELSE wording.first_seen END,
			last_seen = CASE WHEN wording.listings = 0 OR excluded.last_seen > wording.last_seen THEN excluded.last_seen ELSE wording.last_seen END,
			listings = wording.listings + excluded.listings`)
	return err
}

// recount counts wordings anew after listings left them. Their rows are held.
func (t *tx) recount(ids []string) error {
	const members = ` FROM listing JOIN post ON post.id = listing.id WHERE listing.wording = wording.id`
	const seen = `CASE WHEN post.posted_at = 0 THEN post.seen_at ELSE post.posted_at END`
	const byAge = ` ORDER BY CASE WHEN post.posted_at = 0 THEN 1 ELSE 0 END, post.posted_at, post.id LIMIT 1`
	return inLots(ids, func(ids []string) error {
		in, args := among(ids)
		for _, q := range []string{
			`UPDATE wording SET listings = (SELECT count(*)` + members + `),
				oldest = coalesce((SELECT post.id` + members + byAge + `), ''), oldest_at = coalesce((SELECT post.posted_at` + members + byAge + `), 0),
				first_seen = coalesce((SELECT min(` + seen + `)` + members + `), 0), last_seen = coalesce((SELECT max(` + seen + `)` + members + `), 0)
				WHERE id IN (` + in + `)`,
			`DELETE FROM wording_source WHERE wording IN (` + in + `)`,
			`INSERT INTO wording_source (wording, source) SELECT DISTINCT listing.wording, post_source.source
				FROM listing JOIN post_source ON post_source.post_id = listing.id WHERE listing.wording IN (` + in + `)`,
		} {
			if _, err := t.exec(q, args...); err != nil {
				return err
			}
		}
		return nil
	})
}
