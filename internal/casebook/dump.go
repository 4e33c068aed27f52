package casebook

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"slices"
	"time"

	"resumewatch/internal/market"
)

// DumpCanonical writes what the book says, as JSON lines sorted by bytes:
// without the times of runs, offsets in files and running numbers. Two books
// that saw the same world have equal dumps, whatever happened to the processes
// that filled them.
func (b *Book) DumpCanonical(ctx context.Context, w io.Writer) error {
	var lines []string
	add := func(v any) { lines = append(lines, document(v)) }
	err := b.read(ctx, "dump", func(t *tx) error {
		lines = nil
		for _, part := range []func(func(any)) error{t.dumpSeen, t.dumpPosts, t.dumpOffers, t.dumpAlerts, t.dumpDoubts} {
			if err := part(add); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(lines)
	out := bufio.NewWriter(w)
	for _, l := range lines {
		out.WriteString(l)
		out.WriteByte('\n')
	}
	return out.Flush()
}

// dumpSeen counts posts by place and bucket: fingerprints are keyed, so that
// their values differ between books, but their number doesn't.
func (t *tx) dumpSeen(add func(any)) error {
	return t.rows(func(scan func(...any) error) error {
		line := struct {
			Kind  string `json:"kind"`
			Place string `json:"place"`
			Posts int64  `json:"posts"`
		}{Kind: "posts"}
		err := scan(&line.Place, &line.Posts)
		add(line)
		return err
	}, `SELECT place, sum(length(prints)) / 8 FROM seen GROUP BY place`)
}

func (t *tx) dumpPosts(add func(any)) error {
	type post struct {
		Kind      string          `json:"kind"`
		ID        string          `json:"id"`
		Place     string          `json:"place"`
		Author    market.Author   `json:"author"`
		PostedAt  string          `json:"posted_at"`
		Title     string          `json:"title"`
		Text      string          `json:"text"`
		Permalink string          `json:"permalink"`
		Flags     json.RawMessage `json:"flags"`
		State     string          `json:"state"`
		Revision  int             `json:"revision"`
	}
	type listing struct {
		Kind      string          `json:"kind"`
		ID        string          `json:"id"`
		Live      bool            `json:"live"`
		Extractor string          `json:"extractor"`
		Listing   json.RawMessage `json:"listing"`
		Spans     json.RawMessage `json:"spans"`
		People    int             `json:"people"` // records that the blind index has; their digests are keyed and differ between books
	}
	return t.rows(func(scan func(...any) error) error {
		p, l := post{Kind: "post"}, listing{Kind: "listing"}
		var posted int64
		var flags, doc, spans string
		var live int
		err := scan(&p.ID, &p.Place, &p.Author.Kind, &p.Author.ID, &p.Author.Name, &posted, &p.Title, &p.Text, &p.Permalink, &flags,
			&p.State, &p.Revision, &l.Extractor, &live, &doc, &spans, &l.People)
		if err != nil {
			return err
		}
		if posted != 0 {
			p.PostedAt = instant(posted).Format(time.RFC3339)
		}
		p.Flags, l.ID, l.Live, l.Listing, l.Spans = json.RawMessage(flags), p.ID, live != 0, json.RawMessage(doc), json.RawMessage(spans)
		add(p)
		add(l)
		return nil
	}, `SELECT post.id, place, author_kind, author_id, author_name, posted_at, title, text, permalink, flags, state, revision,
		listing.extractor, listing.live, listing.doc, listing.spans,
		(SELECT count(DISTINCT record) FROM sample_value WHERE sample_value.listing = listing.id) FROM post JOIN listing ON listing.id = post.id
		WHERE listing.live = 1 OR post.text_digest <> ''`)
}

func (t *tx) dumpOffers(add func(any)) error {
	type offer struct {
		Kind     string   `json:"kind"`
		ID       string   `json:"id"`
		Listings []string `json:"listings"`
	}
	offers := map[string][]string{}
	err := t.rows(func(scan func(...any) error) error {
		var id, listing string
		err := scan(&id, &listing)
		offers[id] = append(offers[id], listing)
		return err
	}, `SELECT coalesce(wording.offer_id, ''), listing.id FROM listing LEFT JOIN wording ON wording.id = listing.wording
		WHERE listing.live = 1 ORDER BY 1, 2`)
	for id, members := range offers {
		add(offer{"offer", id, members})
	}
	return err
}

func (t *tx) dumpAlerts(add func(any)) error {
	type alert struct {
		Kind     string          `json:"kind"`
		Offer    string          `json:"offer"`
		Rule     string          `json:"rule"`
		Severity string          `json:"severity"`
		State    string          `json:"state"`
		Title    string          `json:"title"`
		Reasons  json.RawMessage `json:"reasons"`
		Assignee string          `json:"assignee"`
	}
	return t.rows(func(scan func(...any) error) error {
		a := alert{Kind: "alert"}
		var reasons string
		err := scan(&a.Offer, &a.Rule, &a.Severity, &a.State, &a.Title, &reasons, &a.Assignee)
		a.Reasons = json.RawMessage(reasons)
		add(a)
		return err
	}, `SELECT offer_id, rule, severity, state, title, reasons, assignee FROM alert
		WHERE merged = 0 AND kind = 'market' AND NOT (withdrawn = 1 AND state = 'dismissed')`)
}

// dumpDoubts tells of posts that wait for a person and of those that one rejected.
func (t *tx) dumpDoubts(add func(any)) error {
	return t.rows(func(scan func(...any) error) error {
		line := struct {
			Kind  string `json:"kind"`
			Post  string `json:"post"`
			State string `json:"state"`
		}{Kind: "doubt"}
		err := scan(&line.Post, &line.State)
		add(line)
		return err
	}, `SELECT post_id, state FROM doubt WHERE state IN (?, ?)`, DoubtWaiting, DoubtRejected)
}
