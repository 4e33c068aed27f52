package casebook

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"resumewatch/internal/market"
)

// Kinds of work.
const (
	KindChunk = "chunk" // one chunk of an archive
	KindVisit = "visit" // due pages of one host
)

// Lease is how long a claim holds without being renewed.
const Lease = 20 * time.Second

// Work is one unit of work. The casebook owns it: the queue only carries its
// name and generation.
type Work struct {
	ID         string
	Kind       string
	Run        int64
	Source     string
	DueAt      time.Time
	Generation int64
	Attempts   int // claims so far, this one included
	Payload    json.RawMessage
}

// Claim names a unit of work at one generation. Writes with an old generation
// are refused (ErrLost): that is the fence.
type Claim struct {
	ID         string
	Generation int64
}

// PutArchive notes a file that chunks are read from, or where it lies now.
func (b *Book) PutArchive(ctx context.Context, id string, doc any) error {
	return b.write(ctx, "archive", func(t *tx) error {
		_, err := t.exec(`INSERT INTO archive (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc`, id, document(doc))
		return err
	})
}

// Archive reads what PutArchive noted into doc. ErrNotFound: unknown.
func (b *Book) Archive(ctx context.Context, id string, doc any) error {
	return b.read(ctx, "archive", func(t *tx) error {
		var text string
		err := t.row(`SELECT doc FROM archive WHERE id = ?`, id).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(text), doc)
	})
}

// AddChunks adds units of an archive to a run. A unit that is known and done is
// not added again but counted as a visit that found the same; one that is known
// and open passes over to this run, with the payload given now (the file may
// have been moved since).
func (b *Book) AddChunks(ctx context.Context, run int64, chunks []Work, now time.Time) (added, same int, err error) {
	err = b.write(ctx, "adding chunks", func(t *tx) error {
		added, same = 0, 0
		states, err := t.states(chunks)
		if err != nil {
			return err
		}
		var fresh [][]any
		for _, c := range chunks {
			state, known := states[c.ID]
			states[c.ID] = "pending" // should it be named twice
			switch {
			case !known:
				fresh = append(fresh, []any{c.ID, KindChunk, run, c.Source, "pending", millis(now), string(c.Payload)})
				added++
				continue
			case state == "done":
				states[c.ID] = state
				same++
			case state == "failed":
				_, err = t.exec(`UPDATE work SET run_id = ?, payload = ?, state = 'pending', due_at = ?, attempts = 0, generation = generation + 1 WHERE id = ?`,
					run, string(c.Payload), millis(now), c.ID)
				added++
			default:
				_, err = t.exec(`UPDATE work SET run_id = ?, payload = ? WHERE id = ?`, run, string(c.Payload), c.ID)
				added++
			}
			if err != nil {
				return err
			}
		}
		sortRows(fresh)
		if _, err := t.insert(`INSERT INTO work (id, kind, run_id, source, state, due_at, payload)`, fresh, ``); err != nil {
			return err
		}
		if same == 0 {
			return nil
		}
		if err := t.visited(chunks[0].Source, market.OutcomeSame, int64(same), now); err != nil {
			return err
		}
		return t.count(run, map[string]int64{visitCounter(market.OutcomeSame): int64(same)})
	})
	return added, same, err
}

// states reads the states of units by id, and holds their rows.
func (t *tx) states(units []Work) (map[string]string, error) {
	ids := make([]string, len(units))
	for i, w := range units {
		ids[i] = w.ID
	}
	slices.Sort(ids)
	out := make(map[string]string, len(ids))
	return out, inLots(ids, func(ids []string) error {
		in, args := among(ids)
		return t.rows(func(scan func(...any) error) error {
			var id, state string
			err := scan(&id, &state)
			out[id] = state
			return err
		}, `SELECT id, state FROM work WHERE id IN (`+in+`) ORDER BY id`+t.d.locked(), args...)
	})
}

// Due returns pending work that is due, of each kind at most limit units, the
// longest waiting first: a large import must not keep visits from being seen.
func (b *Book) Due(ctx context.Context, now time.Time, limit int) ([]Work, error) {
	var out []Work
	err := b.read(ctx, "due work", func(t *tx) error {
		out = nil
		return t.rows(func(scan func(...any) error) error {
			w, err := scanWork(scan)
			out = append(out, w)
			return err
		}, `SELECT id, kind, run_id, source, due_at, generation, attempts, payload FROM work
			WHERE id IN (SELECT id FROM (SELECT id FROM work WHERE state = 'pending' AND due_at <= ? AND kind = 'chunk' ORDER BY due_at, id LIMIT ?) AS chunks)
			OR id IN (SELECT id FROM (SELECT id FROM work WHERE state = 'pending' AND due_at <= ? AND kind = 'visit' ORDER BY due_at, id LIMIT ?) AS visits)
			OR id IN (SELECT id FROM (SELECT id FROM work WHERE state = 'pending' AND due_at <= ? AND kind = 'review' ORDER BY due_at, id LIMIT ?) AS reviews)
			ORDER BY due_at, id`, millis(now), limit, millis(now), limit, millis(now), limit)
	})
	return out, err
}

func scanWork(scan func(...any) error) (Work, error) {
	var w Work
	var due int64
	var payload string
	err := scan(&w.ID, &w.Kind, &w.Run, &w.Source, &due, &w.Generation, &w.Attempts, &payload)
	w.DueAt, w.Payload = instant(due), json.RawMessage(payload)
	return w, err
}

// ClaimWork takes a pending unit of that generation for one Lease. ErrLost:
// another has it or it is done.
func (b *Book) ClaimWork(ctx context.Context, c Claim, now time.Time) (Work, error) {
	var w Work
	err := b.write(ctx, "claiming work", func(t *tx) error {
		var err error
		w, err = scanWork(t.row(`UPDATE work SET state = 'leased', lease_until = ?, attempts = attempts + 1
			WHERE id = ? AND generation = ? AND state = 'pending'
			RETURNING id, kind, run_id, source, due_at, generation, attempts, payload`, millis(now.Add(Lease)), c.ID, c.Generation).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrLost
		}
		return err
	})
	return w, err
}

// RenewWork holds a claim for another Lease. ErrLost: it lapsed.
func (b *Book) RenewWork(ctx context.Context, c Claim, now time.Time) error {
	return b.write(ctx, "renewing a lease", func(t *tx) error {
		n, err := t.exec(`UPDATE work SET lease_until = ? WHERE id = ? AND generation = ? AND state = 'leased'`,
			millis(now.Add(Lease)), c.ID, c.Generation)
		if err == nil && n == 0 {
			err = ErrLost
		}
		return err
	})
}

// Reclaim makes work whose lease lapsed pending again under the next
// generation. all takes every lease: for the start of a process that knows that
// it is alone.
func (b *Book) Reclaim(ctx context.Context, now time.Time, all bool) (n int64, err error) {
	until := millis(now)
	if all {
		until = 1<<62 - 1
	}
	// Most times there is nothing to take back: look before asking for the right to write.
	err = b.read(ctx, "lapsed leases", func(t *tx) error {
		return t.row(`SELECT count(*) FROM work WHERE state = 'leased' AND lease_until < ?`, until).Scan(&n)
	})
	if err != nil || n == 0 {
		return 0, err
	}
	err = b.write(ctx, "reclaiming work", func(t *tx) error {
		// A unit whose commit is under way is ending: nobody waits for it here.
		n, err = t.exec(`UPDATE work SET state = 'pending', generation = generation + 1, due_at = ?
			WHERE id IN (SELECT id FROM work WHERE state = 'leased' AND lease_until < ? ORDER BY id`+t.d.passing+`)`, millis(now), until)
		return err
	})
	return n, err
}

// finish ends a unit under its fence.
func (t *tx) finish(c Claim, outcome market.Outcome, reason string, now time.Time) error {
	state := "done"
	if outcome == market.OutcomeError || outcome == market.OutcomeUnreadable {
		state = "failed"
	}
	n, err := t.exec(`UPDATE work SET state = ?, outcome = ?, reason = ?, finished_at = ? WHERE id = ? AND generation = ? AND state = 'leased'`,
		state, string(outcome), reason, millis(now), c.ID, c.Generation)
	if err == nil && n == 0 {
		err = ErrLost
	}
	return err
}

// fence makes sure that the claim still holds, without ending the unit.
func (t *tx) fence(c Claim) error {
	n, err := t.exec(`UPDATE work SET lease_until = lease_until WHERE id = ? AND generation = ? AND state = 'leased'`, c.ID, c.Generation)
	if err == nil && n == 0 {
		err = ErrLost
	}
	return err
}

// PostponeWork gives a unit back: due again at the given time under the next generation.
func (b *Book) PostponeWork(ctx context.Context, c Claim, due time.Time, reason string) error {
	return b.write(ctx, "postponing work", func(t *tx) error {
		n, err := t.exec(`UPDATE work SET state = 'pending', generation = generation + 1, due_at = ?, reason = ? WHERE id = ? AND generation = ? AND state = 'leased'`,
			millis(due), reason, c.ID, c.Generation)
		if err == nil && n == 0 {
			err = ErrLost
		}
		return err
	})
}

// Idle reports whether no work is pending or leased and no outbox row waits.
func (b *Book) Idle(ctx context.Context) (bool, error) {
	var n int64
	err := b.read(ctx, "looking for work", func(t *tx) error {
		return t.row(`SELECT (SELECT count(*) FROM work WHERE state IN ('pending', 'leased')) + (SELECT count(*) FROM outbox)
			+ (SELECT count(*) FROM page WHERE run_id IS NOT NULL)`).Scan(&n)
	})
	return n == 0, err
}
