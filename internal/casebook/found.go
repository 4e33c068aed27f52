package casebook

import (
	"slices"
	"strings"
)

// finds stores what a commit found of posts with a listing, and what it found
// that they no longer hold one. fresh is how many were not known.
func (t *tx) finds(l Learnt) (fresh int64, err error) {
	if len(l.Found)+len(l.Unlisted) == 0 {
		return 0, nil
	}
	var ids []string
	for _, f := range l.Found {
		ids = append(ids, f.ID)
	}
	for _, u := range l.Unlisted {
		ids = append(ids, u.ID)
	}
	slices.Sort(ids)
	posts, err := t.kept(slices.Compact(ids), l.Source)
	if err != nil {
		return 0, err
	}
	var order []*kept // that may have changed, in the order in which they were met
	met := func(k *kept) {
		if k.stored && !k.told {
			order = append(order, k)
		}
	}
	seen := l.At
	switch {
	case l.Past != nil:
		seen = l.Past.At
	case !l.Seen.IsZero():
		seen = l.Seen
	}
	for _, f := range l.Found {
		k := posts[f.ID]
		if k == nil {
			k = firstSight(f, seen)
			posts[f.ID] = k
			order = append(order, k)
			fresh++
			continue
		}
		met(k)
		switch {
		case f.Decided != nil:
			fresh += int64(k.decide(f, seen))
			continue
		case k.void() && supersedes(k.extractor, f.Extractor) && !supersedes(f.Extractor, k.extractor): // it knew better
			continue
		case k.void():
			k.revive(f, seen)
			fresh++
			continue
		}
		k.look(f, glance{at: millis(seen), past: l.Past != nil, again: l.Again})
	}
	for _, u := range l.Unlisted {
		if k := posts[u.ID]; k != nil {
			met(k)
			k.unlist(u, glance{at: millis(seen), past: l.Past != nil})
		}
	}
	slices.SortFunc(order, func(a, b *kept) int { return strings.Compare(a.id, b.id) })
	order = slices.Compact(order)
	for _, k := range order {
		if k.now, err = k.wording(); err != nil {
			return 0, err
		}
	}
	if err := t.keep(order, l); err != nil {
		return 0, err
	}
	if err := t.announce(order, l); err != nil {
		return 0, err
	}
	ids = ids[:0]
	for _, k := range order {
		ids = append(ids, k.id)
	}
	return fresh, t.holdFound(ids)
}

// kept loads what the book has of posts, by id, and holds the rows until the
// transaction ends.
func (t *tx) kept(ids []string, source string) (map[string]*kept, error) {
	out := make(map[string]*kept, len(ids))
	err := inLots(ids, func(ids []string) error {
		in, args := among(ids)
		return t.rows(func(scan func(...any) error) error {
			k := &kept{stored: true}
			var flags string
			err := scan(&k.id, &k.place, &k.name, &k.site, &k.native, &k.author.Kind, &k.author.ID, &k.author.Name, &k.posted, &k.seen,
				&k.title, &k.text, &k.digest, &k.link, &flags, &k.state, &k.revision, &k.thread, &k.capture, &k.start, &k.length,
				&k.extractor, &k.live, &k.doc, &k.confidence, &k.reasons, &k.spans, &k.sketch, &k.version, &k.was, &k.month, &k.decided, &k.shown, &k.held, &k.fromHere)
			if err != nil {
				return err
			}
			out[k.id] = k
			return parse(flags, &k.flags)
		}, `SELECT post.id, post.place, post.place_name, post.site, post.native_id, post.author_kind, post.author_id, post.author_name, post.posted_at, post.seen_at,
			post.title, post.text, post.text_digest, post.permalink, post.flags, post.state, post.revision, post.thread, post.capture, post.start, post.length,
			listing.extractor, listing.live, listing.doc, listing.confidence, listing.reasons, listing.spans, listing.sketch, listing.version, listing.wording, listing.month, listing.decided, coalesce(capture.at, 0), `+heldPost+`,
			EXISTS (SELECT 1 FROM post_source WHERE post_source.post_id = post.id AND post_source.source = ?)
			FROM post JOIN listing ON listing.id = post.id LEFT JOIN capture ON capture.digest = post.capture WHERE post.id IN (`+in+`) ORDER BY post.id`+t.d.locked("post", "listing"),
			append([]any{source}, args...)...)
	})
	return out, err
}

// keep stores what differs from what the book has.
func (t *tx) keep(posts []*kept, l Learnt) error {
	var post, listing rowsToKeep
	var source, revisions [][]any
	for _, k := range posts {
		if k.postDirty {
			post.add(k.stored, k.id, k.place, k.name, k.site, k.native, k.author.Kind, k.author.ID, k.author.Name, k.posted, k.seen,
				k.title, k.text, k.digest, k.link, document(k.flags), k.state, k.revision, k.thread, k.capture, k.start, k.length)
		}
		if k.dirty {
			listing.add(k.stored, k.id, k.extractor, k.live, k.doc, k.confidence, k.reasons, k.spans, k.sketch, k.version, k.now, k.month, k.decided)
		}
		if k.addSource {
			source = append(source, []any{k.id, l.Source})
		}
		for _, r := range k.revisions {
			revisions = append(revisions, []any{k.id, r.number, r.text, r.digest, r.capture, millis(l.At)})
		}
		for _, f := range k.past {
			if _, err := t.exec(`UPDATE post_revision SET text = ? WHERE post_id = ? AND digest = ?`, f.Masked, k.id, f.TextDigest); err != nil {
				return err
			}
		}
	}
	const intoPost = `INSERT INTO post (id, place, place_name, site, native_id, author_kind, author_id, author_name, posted_at, seen_at,
		title, text, text_digest, permalink, flags, state, revision, thread, capture, start, length)`
	const intoListing = `INSERT INTO listing (id, extractor, live, doc, confidence, reasons, spans, sketch, version, wording, month, decided)`
	for _, s := range []struct {
		head string
		rows [][]any
		tail string
	}{
		{intoPost, post.fresh, ``},
		{intoPost, post.known, `ON CONFLICT (id) DO UPDATE SET author_kind = excluded.author_kind, author_id = excluded.author_id,
			author_name = excluded.author_name, place_name = excluded.place_name, permalink = excluded.permalink, thread = excluded.thread, title = excluded.title, text = excluded.text,
			text_digest = excluded.text_digest, flags = excluded.flags, state = excluded.state, revision = excluded.revision,
			capture = excluded.capture, start = excluded.start, length = excluded.length`},
		{`INSERT INTO post_source (post_id, source)`, source, `ON CONFLICT DO NOTHING`},
		{`INSERT INTO post_revision (post_id, revision, text, digest, capture, seen_at)`, revisions, `ON CONFLICT DO NOTHING`},
		{intoListing, listing.fresh, ``},
		{intoListing, listing.known, `ON CONFLICT (id) DO UPDATE SET extractor = excluded.extractor, live = excluded.live, doc = excluded.doc,
			confidence = excluded.confidence, reasons = excluded.reasons, spans = excluded.spans, sketch = excluded.sketch,
			version = excluded.version, wording = excluded.wording, decided = excluded.decided`},
	} {
		if _, err := t.insert(s.head, s.rows, s.tail); err != nil {
			return err
		}
	}
	return t.keepPeople(posts)
}

// rowsToKeep parts new rows from those that replace one: where another commit
// has made the same row meanwhile, an insert fails and the commit runs anew.
type rowsToKeep struct{ fresh, known [][]any }

func (r *rowsToKeep) add(stored bool, values ...any) {
	if stored {
		r.known = append(r.known, values)
	} else {
		r.fresh = append(r.fresh, values)
	}
}
