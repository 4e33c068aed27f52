package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"resumewatch/internal/custody"
)

// ErrLogBroken says that the log in the book is not the one that was signed:
// nothing is added to it any more.
var ErrLogBroken = errors.New("the custody log was tampered with, or an older casebook was put back (`resumewatch evidence verify` names what is wrong)")

// LogKeeper is who extends the custody log.
type LogKeeper struct {
	Key    custody.Key
	Device string // the machine that it runs on
	Kept   string // the newest checkpoint as it is kept apart from the book; "" none
	// Stamps is how often a checkpoint gets a time stamp; 0: never.
	Stamps time.Duration
}

// LogStep is the log after ExtendLog.
type LogStep struct {
	Added  int
	Size   int64  // events under the newest checkpoint
	Signed string // the newest checkpoint
}

// ExtendLog numbers events that wait, at most limit of them, in the order in which
// they were written; with the hashes of the tree and a signed checkpoint, in one
// transaction: a log always ends with a checkpoint. Of several callers one acts at
// a time. ErrLogBroken: what is there is not what was signed.
func (b *Book) ExtendLog(ctx context.Context, k LogKeeper, now time.Time, limit int) (LogStep, error) {
	var s LogStep
	err := b.write(ctx, "custody log", func(t *tx) error {
		s = LogStep{}
		if err := t.d.alone(t, "custody log"); err != nil {
			return err
		}
		before, err := t.sound(k)
		if err != nil {
			return err
		}
		s.Size, s.Signed = before.size, before.signed
		ids, events, err := t.waiting(limit)
		if err != nil {
			return err
		}
		if s.Size == 0 && len(ids) > 0 {
			id, text, err := t.beginLog(k, now)
			if err != nil {
				return err
			}
			ids, events = append([]int64{id}, ids...), append([]string{text}, events...)
		}
		if s.Added = len(ids); s.Added == 0 {
			return nil
		}
		rows := make([][]any, len(ids))
		for i := range ids {
			number := before.tree.Size()
			hashes, err := before.tree.Add(events[i])
			if err != nil {
				return err
			}
			rows[i] = []any{ids[i], number, hashes}
		}
		if err := t.number(rows); err != nil {
			return err
		}
		root, err := before.tree.Root()
		if err != nil {
			return err
		}
		s.Size = before.tree.Size()
		if s.Signed, err = k.Key.Sign(s.Size, root, now, before.signed); err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO custody_checkpoint (size, at, note) VALUES (?, ?, ?)`, s.Size, millis(now), s.Signed); err != nil {
			return err
		}
		return t.stampDue(k, s.Size, now)
	})
	if errors.Is(err, custody.ErrStored) {
		err = fmt.Errorf("%w: %w", ErrLogBroken, err)
	}
	return s, err
}

// state is the log as it is before it is extended.
type state struct {
	size   int64
	signed string
	tree   *custody.Tree
}

// sound reads the log's end and makes sure that it is what was signed.
func (t *tx) sound(k LogKeeper) (state, error) {
	var s state
	err := t.row(`SELECT size, note FROM custody_checkpoint ORDER BY size DESC LIMIT 1`).Scan(&s.size, &s.signed)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return s, err
	}
	var numbered int64
	if err := t.row(`SELECT coalesce(max(seq) + 1, 0) FROM custody_event`).Scan(&numbered); err != nil {
		return s, err
	}
	if numbered != s.size {
		return s, fmt.Errorf("%w: %d events, the newest checkpoint is of %d", ErrLogBroken, numbered, s.size)
	}
	s.tree = custody.OpenTree(s.size, t.hashes)
	if err := t.follows(k, s.size); err != nil || s.size == 0 {
		return s, err
	}
	public, err := note.NewVerifier(k.Key.Public)
	if err != nil {
		return s, err
	}
	c, err := custody.OpenCheckpoint(s.signed, public)
	if err != nil {
		return s, fmt.Errorf("%w: newest checkpoint: %w", ErrLogBroken, err)
	}
	root, err := s.tree.Root()
	if err != nil {
		return s, err
	}
	if c.Size != s.size || c.Root != root {
		return s, fmt.Errorf("%w: its newest checkpoint is not over these %d events", ErrLogBroken, s.size)
	}
	return s, nil
}

// follows makes sure that the log goes on from the checkpoint that is kept apart.
func (t *tx) follows(k LogKeeper, size int64) error {
	if k.Kept == "" {
		return nil
	}
	var known int
	if err := t.row(`SELECT count(*) FROM custody_checkpoint WHERE note = ?`, k.Kept).Scan(&known); err != nil {
		return err
	}
	if known == 0 {
		return fmt.Errorf("%w: it has %d events and doesn't know the newest checkpoint that is kept beside it", ErrLogBroken, size)
	}
	return nil
}

// Follows makes sure that the book knows a checkpoint that was kept apart from it; ""
// is none. ErrLogBroken: it is older than that, or another.
func (b *Book) Follows(ctx context.Context, kept string) error {
	return b.read(ctx, "custody log", func(t *tx) error {
		var size int64
		if err := t.row(`SELECT coalesce(max(size), 0) FROM custody_checkpoint`).Scan(&size); err != nil {
			return err
		}
		return t.follows(LogKeeper{Kept: kept}, size)
	})
}

// hashes reads what is stored with events.
func (t *tx) hashes(numbers []int64) (map[int64]string, error) {
	out := map[int64]string{}
	err := inLots(numbers, func(numbers []int64) error {
		in, args := among(numbers)
		return t.rows(func(scan func(...any) error) error {
			var n int64
			var text string
			err := scan(&n, &text)
			out[n] = text
			return err
		}, `SELECT seq, hashes FROM custody_event WHERE seq IN (`+in+`)`, args...)
	})
	return out, err
}

// waiting reads the oldest events without a number.
func (t *tx) waiting(limit int) (ids []int64, events []string, err error) {
	err = t.rows(func(scan func(...any) error) error {
		var id int64
		var text string
		err := scan(&id, &text)
		ids, events = append(ids, id), append(events, text)
		return err
	}, `SELECT id, event FROM custody_event WHERE seq IS NULL ORDER BY id LIMIT ?`, limit)
	return ids, events, err
}

// beginLog writes the first event, which ties the log to its key.
func (t *tx) beginLog(k LogKeeper, now time.Time) (id int64, text string, err error) {
	id, err = t.note(custody.Event{Kind: custody.LogBegun, At: now, Device: k.Device, Detail: map[string]string{"key": k.Key.Public}})
	if err != nil {
		return 0, "", err
	}
	err = t.row(`SELECT event FROM custody_event WHERE id = ?`, id).Scan(&text)
	return id, text, err
}

// number stores numbers and hashes: rows of id, number, hashes.
func (t *tx) number(rows [][]any) error {
	for size := 256; len(rows) > 0; {
		for size > len(rows) {
			size /= 2
		}
		args := make([]any, 0, 3*size)
		for _, r := range rows[:size] {
			args = append(args, r...)
		}
		values := strings.TrimSuffix(strings.Repeat("(CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS TEXT)), ", size), ", ")
		n, err := t.exec(`UPDATE custody_event SET seq = v.column2, hashes = v.column3 FROM (VALUES `+values+`) AS v
			WHERE custody_event.id = v.column1`, args...)
		if err != nil {
			return err
		}
		if n != int64(size) {
			return fmt.Errorf("%d of %d events could be numbered", n, size)
		}
		rows = rows[size:]
	}
	return nil
}
