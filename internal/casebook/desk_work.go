package casebook

import (
	"context"
	"time"
)

// WorkCount is how many units of a kind are in a state.
type WorkCount struct {
	Kind, State string // pending, leased, failed
	N           int
	Oldest      time.Time // when the longest waiting was due
	Due         int       // of the pending ones: due now
}

// LeaseHeld is who leads something, until when and with which fencing number.
type LeaseHeld struct {
	Name, Holder string
	Until        time.Time
	Fence        int64
}

// Backlog is what waits, as the casebook knows it: the truth, whatever the queue says.
type Backlog struct {
	Work   []WorkCount
	Outbox map[string]int // notices by topic
	Leases []LeaseHeld    // by name
	Pages  int            // due pages that are in no visit yet
}

// Backlog counts what waits. Work that is done is not counted: there may be a lot.
func (b *Book) Backlog(ctx context.Context, now time.Time) (Backlog, error) {
	out := Backlog{Outbox: map[string]int{}}
	err := b.read(ctx, "backlog", func(t *tx) error {
		out = Backlog{Outbox: map[string]int{}}
		err := t.rows(func(scan func(...any) error) error {
			var c WorkCount
			var oldest int64
			err := scan(&c.Kind, &c.State, &c.N, &oldest, &c.Due)
			c.Oldest = instant(oldest)
			out.Work = append(out.Work, c)
			return err
		}, `SELECT kind, state, count(*), coalesce(min(due_at), 0), coalesce(sum(CASE WHEN due_at <= ? THEN 1 ELSE 0 END), 0)
			FROM work WHERE state IN ('pending', 'leased', 'failed') GROUP BY kind, state ORDER BY kind, state`, millis(now))
		if err != nil {
			return err
		}
		if err := t.rows(func(scan func(...any) error) error {
			var topic string
			var n int
			err := scan(&topic, &n)
			out.Outbox[topic] = n
			return err
		}, `SELECT topic, count(*) FROM outbox GROUP BY topic`); err != nil {
			return err
		}
		if err := t.rows(func(scan func(...any) error) error {
			var l LeaseHeld
			var until int64
			err := scan(&l.Name, &l.Holder, &until, &l.Fence)
			l.Until = instant(until)
			out.Leases = append(out.Leases, l)
			return err
		}, `SELECT name, holder, until, fence FROM lease ORDER BY name`); err != nil {
			return err
		}
		return t.row(`SELECT count(*) FROM page WHERE due_at <= ? AND batch IS NULL`, millis(now)).Scan(&out.Pages)
	})
	return out, err
}
