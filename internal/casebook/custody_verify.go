package casebook

import (
	"context"
	"math"

	"resumewatch/internal/custody"
)

// auditPage is how many events an audit reads at once.
const auditPage = 512

// VerifyLog shows an audit the whole log, and the captures that its events tell of,
// as they are at one moment. The caller ends the audit.
func (b *Book) VerifyLog(ctx context.Context, begin func() (*custody.Audit, error)) (*custody.Audit, error) {
	var a *custody.Audit
	err := b.read(ctx, "custody log", func(t *tx) (err error) {
		if a, err = begin(); err != nil {
			return err
		}
		from := int64(math.MinInt64)
		for {
			page, err := t.auditPage(from)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			last := page[len(page)-1].number
			if err := t.showPage(a, page, from, last); err != nil {
				return err
			}
			from = last
		}
		checkpoints, err := t.checkpoints(from, math.MaxInt64)
		if err != nil {
			return err
		}
		for _, c := range checkpoints {
			a.Checkpoint(c.size, c.signed)
		}
		return t.showCaptures(a)
	})
	return a, err
}

type loggedEvent struct {
	id, number   int64
	text, hashes string
}

type loggedCheckpoint struct {
	size   int64
	signed string
}

func (t *tx) auditPage(after int64) (page []loggedEvent, err error) {
	err = t.rows(func(scan func(...any) error) error {
		var e loggedEvent
		err := scan(&e.id, &e.number, &e.text, &e.hashes)
		page = append(page, e)
		return err
	}, `SELECT id, seq, event, hashes FROM custody_event WHERE seq > ? ORDER BY seq LIMIT ?`, after, auditPage)
	return page, err
}

// checkpoints reads those that end behind the event `after` and not behind `last`.
func (t *tx) checkpoints(after, last int64) (out []loggedCheckpoint, err error) {
	err = t.rows(func(scan func(...any) error) error {
		var c loggedCheckpoint
		err := scan(&c.size, &c.signed)
		out = append(out, c)
		return err
	}, `SELECT size, note FROM custody_checkpoint WHERE size - 1 > ? AND size - 1 <= ? ORDER BY size`, after, last)
	return out, err
}

// showPage shows events, with the checkpoints between them.
func (t *tx) showPage(a *custody.Audit, page []loggedEvent, after, last int64) error {
	checkpoints, err := t.checkpoints(after, last)
	if err != nil {
		return err
	}
	ids := make([]int64, len(page))
	for i, e := range page {
		ids[i] = e.id
	}
	in, args := among(ids)
	held := map[int64][]custody.Item{}
	for _, query := range []string{
		`SELECT event, digest, CASE WHEN first_sealed <> '' THEN first_sealed ELSE sealed_digest END, '' FROM capture WHERE event IN (` + in + `)`,
		`SELECT resealed, digest, sealed_digest, first_sealed FROM capture WHERE resealed <> 0 AND resealed IN (` + in + `)`,
	} {
		err = t.rows(func(scan func(...any) error) error {
			var id int64
			var c custody.Item
			err := scan(&id, &c.Digest, &c.Sealed, &c.Was)
			held[id] = append(held[id], c)
			return err
		}, query, args...)
		if err != nil {
			return err
		}
	}
	for _, e := range page {
		for len(checkpoints) > 0 && checkpoints[0].size-1 < e.number {
			a.Checkpoint(checkpoints[0].size, checkpoints[0].signed)
			checkpoints = checkpoints[1:]
		}
		a.Event(e.number, e.text, e.hashes, held[e.id])
	}
	for _, c := range checkpoints {
		a.Checkpoint(c.size, c.signed)
	}
	return nil
}

// showCaptures shows what events and captures don't have in common.
func (t *tx) showCaptures(a *custody.Audit) error {
	if err := t.rows(func(scan func(...any) error) error {
		var text string
		err := scan(&text)
		a.Waits(text)
		return err
	}, `SELECT event FROM custody_event WHERE seq IS NULL ORDER BY id`); err != nil {
		return err
	}
	on, err := t.onHold()
	if err != nil {
		return err
	}
	cases := make([]string, len(on))
	for i, num := range on {
		cases[i] = CaseID(num)
	}
	a.OnHold(cases)
	err = inLots(a.Missing(), func(digests []string) error {
		in, args := among(digests)
		// What was dropped just now says so in an event that waits for its number.
		return t.rows(func(scan func(...any) error) error {
			var digest string
			err := scan(&digest)
			a.Found(digest)
			return err
		}, `SELECT digest FROM capture WHERE digest IN (`+in+`) UNION SELECT digest FROM capture_gone JOIN custody_event ON custody_event.id = capture_gone.event
			WHERE custody_event.seq IS NULL AND digest IN (`+in+`)`, append(args, args...)...)
	})
	if err != nil {
		return err
	}
	var old string
	err = t.rows(func(scan func(...any) error) error { return scan(&old) }, `SELECT value FROM meta WHERE key = ?`, adopted)
	if err != nil || old == "" { // those from before the log wait for their event
		return err
	}
	return t.rows(func(scan func(...any) error) error {
		var digest string
		err := scan(&digest)
		a.Stray(digest)
		return err
	}, `SELECT digest FROM capture WHERE NOT EXISTS (SELECT 1 FROM custody_event WHERE custody_event.id = capture.event) ORDER BY digest`)
}
