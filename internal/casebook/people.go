package casebook

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"resumewatch/internal/custody"
	"resumewatch/internal/market"
)

// keepPeople writes whose records the newly read posts show. A record of which a
// value was erased on request is left out.
func (t *tx) keepPeople(posts []*kept) error {
	var stale []string
	var rows [][]any
	var shown []market.BlindValue
	for _, k := range posts {
		if !k.anew {
			continue
		}
		if k.stored {
			stale = append(stale, k.id)
		}
		for _, p := range k.people {
			shown = append(shown, p...)
		}
	}
	erased, err := t.erased(shown)
	if err != nil {
		return err
	}
	for _, k := range posts {
		if !k.anew {
			continue
		}
		for i, p := range k.people {
			if slices.ContainsFunc(p, func(v market.BlindValue) bool { return erased[[2]string{v.Kind, v.Digest}] }) {
				continue
			}
			for _, v := range p {
				if !v.Older {
					rows = append(rows, []any{k.id, i, v.Kind, v.Digest})
				}
			}
		}
	}
	if err := inLots(stale, func(ids []string) error {
		in, args := among(ids)
		_, err := t.exec(`DELETE FROM sample_value WHERE listing IN (`+in+`)`, args...)
		return err
	}); err != nil {
		return err
	}
	_, err = t.insert(`INSERT INTO sample_value (listing, record, kind, digest)`, rows, `ON CONFLICT DO NOTHING`)
	return err
}

// erased are those of the values that were erased on request, by kind and digest.
func (t *tx) erased(values []market.BlindValue) (map[[2]string]bool, error) {
	digests := make([]string, 0, len(values))
	for _, v := range values {
		digests = append(digests, v.Digest)
	}
	slices.Sort(digests)
	out := map[[2]string]bool{}
	return out, inLots(slices.Compact(digests), func(digests []string) error {
		in, args := among(digests)
		return t.rows(func(scan func(...any) error) error {
			var v [2]string
			err := scan(&v[0], &v[1])
			out[v] = true
			return err
		}, `SELECT kind, digest FROM erased_value WHERE digest IN (`+in+`)`, args...)
	})
}

// Crowd counts people whose records samples show.
type Crowd struct {
	Records  int64 // counted as often as they are shown
	People   int64
	Listings int64 // that show any
	Sellers  int64
	Resold   int64 // people whom more than one seller shows, here or elsewhere
	More     bool  // there are more records than are counted at once: the figures are the least
}

// Bounds of counting people for a page: records of the offer or seller, people that
// are looked for with other sellers, listings of each that are looked through.
const (
	crowdRecords = 50_000
	crowdSought  = 5_000
	crowdEach    = 200
)

// PeopleOfOffer counts the people in the samples of an offer's live listings.
func (b *Book) PeopleOfOffer(ctx context.Context, offer string) (Crowd, error) {
	const id = `coalesce((SELECT offer_id FROM offer_alias WHERE alias = ?), ?)`
	return b.crowd(ctx, `wording.offer_id = `+id, `SELECT seller_id FROM offer WHERE id = `+id, offer, offer)
}

// PeopleOfSeller counts the people in the samples of a seller's live listings.
func (b *Book) PeopleOfSeller(ctx context.Context, seller int64) (Crowd, error) {
	return b.crowd(ctx, `wording.seller_id = ?`, `SELECT CAST(? AS BIGINT)`, seller)
}

// crowd counts those of wordings that belong to one seller.
func (b *Book) crowd(ctx context.Context, where, seller string, args ...any) (Crowd, error) {
	var c Crowd
	err := b.read(ctx, "people in samples", func(t *tx) error {
		c = Crowd{}
		const here = `(SELECT sample_value.digest, sample_value.listing, wording.seller_id
			FROM wording JOIN listing ON listing.wording = wording.id JOIN sample_value ON sample_value.listing = listing.id
			WHERE %s AND listing.live = 1 AND sample_value.kind = 'person' LIMIT ?) AS here`
		from := fmt.Sprintf(here, where)
		if err := t.row(`SELECT count(*), count(DISTINCT digest), count(DISTINCT listing), count(DISTINCT CASE WHEN seller_id > 0 THEN seller_id END) FROM `+from,
			slices.Concat(args, []any{crowdRecords})...).Scan(&c.Records, &c.People, &c.Listings, &c.Sellers); err != nil {
			return err
		}
		c.More = c.Records == crowdRecords || c.People > crowdSought
		if c.People == 0 {
			return nil
		}
		var own int64
		if err := t.rows(func(scan func(...any) error) error { return scan(&own) }, seller, args...); err != nil {
			return err
		}
		return t.row(`SELECT count(*) FROM (SELECT DISTINCT digest FROM `+from+` LIMIT ?) AS sought WHERE EXISTS (
			SELECT 1 FROM (SELECT listing FROM sample_value WHERE kind = 'person' AND digest = sought.digest LIMIT ?) AS shown
			JOIN listing ON listing.id = shown.listing JOIN wording ON wording.id = listing.wording
			WHERE listing.live = 1 AND wording.seller_id > 0 AND wording.seller_id <> ?)`,
			slices.Concat(args, []any{crowdRecords, crowdSought, crowdEach, own})...).Scan(&c.Resold)
	})
	return c, err
}

// People counts the people in the samples of all live listings. It reads the whole index.
func (b *Book) People(ctx context.Context) (Crowd, error) {
	var c Crowd
	err := b.read(ctx, "people in samples", func(t *tx) error {
		const from = ` FROM sample_value JOIN listing ON listing.id = sample_value.listing LEFT JOIN wording ON wording.id = listing.wording
			WHERE sample_value.kind = 'person' AND listing.live = 1`
		err := t.row(`SELECT count(*), count(DISTINCT sample_value.digest), count(DISTINCT sample_value.listing),
			count(DISTINCT CASE WHEN wording.seller_id > 0 THEN wording.seller_id END)`+from).Scan(&c.Records, &c.People, &c.Listings, &c.Sellers)
		if err != nil {
			return err
		}
		return t.row(`SELECT count(*) FROM (SELECT sample_value.digest` + from + ` AND wording.seller_id > 0
			GROUP BY sample_value.digest HAVING count(DISTINCT wording.seller_id) > 1) AS resold`).Scan(&c.Resold)
	})
	return c, err
}

// Traces are where a person was shown.
type Traces struct {
	Listings []string  // ids, sorted
	Records  int64     // in which the value stands
	Erased   time.Time // since when the value is not taken up any more; zero: it is
}

// Traces finds the listings whose samples show a value, given as the digests under
// every key.
func (b *Book) Traces(ctx context.Context, kind string, digests []string) (Traces, error) {
	var out Traces
	err := b.read(ctx, "traces of a person", func(t *tx) error {
		var err error
		out, err = t.traces(kind, digests)
		return err
	})
	return out, err
}

func (t *tx) traces(kind string, digests []string) (Traces, error) {
	out := Traces{Listings: []string{}}
	in, args := among(digests)
	args = append([]any{kind}, args...)
	err := t.rows(func(scan func(...any) error) error {
		var id string
		var n int64
		err := scan(&id, &n)
		out.Listings, out.Records = append(out.Listings, id), out.Records+n
		return err
	}, `SELECT listing, count(*) FROM sample_value WHERE kind = ? AND digest IN (`+in+`) GROUP BY listing ORDER BY listing`, args...)
	if err != nil {
		return out, err
	}
	var at int64
	err = t.row(`SELECT coalesce(min(at), 0) FROM erased_value WHERE kind = ? AND digest IN (`+in+`)`, args...).Scan(&at)
	out.Erased = instant(at)
	return out, err
}

// Erasure is what is erased of a person, and why.
type Erasure struct {
	Kind    string
	Digests []string // of the value, under every key
	Reason  string   // without any personal value
	Device  string   // for the custody log
	// Mask hides what a stored text still shows of the value, in as many bytes; a
	// contact of the listing it leaves. The text is that of a post or a revision.
	Mask func(text string, doc market.Listing) string
	// Also are listings whose text may show the value although no sample of theirs was counted.
	Also []string
}

// Erased is what became of it: the certificate.
type Erased struct {
	Listings []string // whose samples showed the person
	Records  int64    // taken out of the blind index
	Texts    int64    // in which something was still to hide
	Captures []string // digests of the sealed captures that hold the records until retention or an erased key takes them
	Event    int64    // row of the custody log that certifies it
	at       int64
}

// ErasePerson takes a person out of the blind index for good: the records in which
// the value stands, in all they were counted by, go, stored texts are masked
// again, and the value is never taken up again. The custody log and the audit log
// say so in the same transaction, without the value.
func (b *Book) ErasePerson(ctx context.Context, e Erasure, by Act) (Erased, error) {
	var out Erased
	err := b.write(ctx, "erasing a person", func(t *tx) error {
		out = Erased{Captures: []string{}, at: millis(by.At)}
		// The mark first: a commit that begins after it takes nothing up again.
		rows := make([][]any, len(e.Digests))
		for i, d := range e.Digests {
			rows[i] = []any{e.Kind, d, millis(by.At)}
		}
		if _, err := t.insert(`INSERT INTO erased_value (kind, digest, at)`, rows, `ON CONFLICT DO NOTHING`); err != nil {
			return err
		}
		found, err := t.traces(e.Kind, e.Digests)
		if err != nil {
			return err
		}
		out.Listings = found.Listings
		if err := t.dropRecords(e, &out); err != nil {
			return err
		}
		ids := slices.Concat(found.Listings, e.Also)
		slices.Sort(ids)
		if err := t.maskAgain(slices.Compact(ids), e, &out); err != nil {
			return err
		}
		detail := map[string]string{
			"reason": e.Reason, "kind": e.Kind, "records": decimal(out.Records), "listings": decimal(int64(len(out.Listings))),
			"texts": decimal(out.Texts), "captures": decimal(int64(len(out.Captures))),
		}
		out.Event, err = t.note(custody.Event{Kind: custody.PersonErased, At: by.At, Actor: by.Who, Device: e.Device, Object: "blind index", Detail: detail})
		if err != nil {
			return err
		}
		return t.audit(by, ActPersonErased, "blind index", e.Kind+": "+e.Reason)
	})
	return out, err
}

// dropRecords deletes the records in which the value stands, whole.
func (t *tx) dropRecords(e Erasure, out *Erased) error {
	in, args := among(e.Digests)
	type record struct {
		listing string
		number  int64
	}
	var records []record
	err := t.rows(func(scan func(...any) error) error {
		var r record
		err := scan(&r.listing, &r.number)
		records = append(records, r)
		return err
	}, `SELECT DISTINCT listing, record FROM sample_value WHERE kind = ? AND digest IN (`+in+`) ORDER BY listing, record`, append([]any{e.Kind}, args...)...)
	if err != nil {
		return err
	}
	for _, r := range records {
		if _, err := t.exec(`DELETE FROM sample_value WHERE listing = ? AND record = ?`, r.listing, r.number); err != nil {
			return err
		}
	}
	out.Records = int64(len(records))
	return nil
}

// maskAgain hides what texts still show, and says which captures hold them.
func (t *tx) maskAgain(ids []string, e Erasure, out *Erased) error {
	captures := map[string]bool{}
	for _, id := range ids {
		var text, title, capture, doc string
		var found bool
		var listing market.Listing
		err := t.rows(func(scan func(...any) error) error {
			found = true
			return scan(&text, &title, &capture, &doc)
		}, `SELECT post.text, post.title, post.capture, listing.doc FROM post JOIN listing ON listing.id = post.id WHERE post.id = ?`+t.d.locked("post", "listing"), id)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if err := parse(doc, &listing); err != nil {
			return err
		}
		captures[capture] = true
		if masked, head := e.Mask(text, listing), e.Mask(title, listing); masked != text || head != title {
			out.Texts++
			if _, err := t.exec(`UPDATE post SET text = ?, title = ? WHERE id = ?`, masked, head, id); err != nil {
				return err
			}
			if _, err := t.exec(`UPDATE listing SET version = version + 1 WHERE id = ?`, id); err != nil {
				return err
			}
			if _, err := t.exec(`INSERT INTO outbox (topic, ref, run_id, created_at) VALUES (?, ?, 0, ?)`, TopicIndex, id, out.at); err != nil {
				return err
			}
		}
		if err := t.maskRevisions(id, listing, e, captures, out); err != nil {
			return err
		}
	}
	for c := range captures {
		if c != "" {
			out.Captures = append(out.Captures, c)
		}
	}
	slices.Sort(out.Captures)
	return nil
}

func (t *tx) maskRevisions(id string, listing market.Listing, e Erasure, captures map[string]bool, out *Erased) error {
	texts := map[int64]string{}
	err := t.rows(func(scan func(...any) error) error {
		var n int64
		var text, capture string
		err := scan(&n, &text, &capture)
		captures[capture] = true
		if masked := e.Mask(text, listing); masked != text {
			texts[n] = masked
		}
		return err
	}, `SELECT revision, text, capture FROM post_revision WHERE post_id = ? ORDER BY revision`, id)
	if err != nil {
		return err
	}
	for n, text := range texts {
		out.Texts++
		if _, err := t.exec(`UPDATE post_revision SET text = ? WHERE post_id = ? AND revision = ?`, text, id, n); err != nil {
			return err
		}
	}
	return nil
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
