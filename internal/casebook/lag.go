package casebook

import (
	"context"
	"time"

	"resumewatch/internal/market"
)

// LagCap bounds the notices that OutboxLag counts of a topic: beyond it "many" is
// all that one needs to know, and counting them would take its time.
const LagCap = 200_000

// Lag is what index and grouper have not consumed yet.
type Lag struct {
	Rows   int64 // of all topics
	Topics []TopicLag
}

// TopicLag is the lag of one topic.
type TopicLag struct {
	Topic  string
	Rows   int64         // at most LagCap
	Oldest time.Duration // age of the oldest notice; 0 when none waits
}

// OutboxLag tells how far index and grouper are behind.
func (b *Book) OutboxLag(ctx context.Context, now time.Time) (Lag, error) {
	var out Lag
	err := b.read(ctx, "lag of the outbox", func(t *tx) error {
		out = Lag{}
		for _, topic := range []string{TopicGroup, TopicIndex} {
			l := TopicLag{Topic: topic}
			if err := t.row(`SELECT count(*) FROM (SELECT 1 FROM outbox WHERE topic = ? LIMIT ?) AS waiting`, topic, LagCap).Scan(&l.Rows); err != nil {
				return err
			}
			var oldest int64
			if err := t.row(`SELECT coalesce((SELECT created_at FROM outbox WHERE topic = ? ORDER BY seq LIMIT 1), 0)`, topic).Scan(&oldest); err != nil {
				return err
			}
			if oldest > 0 { // 0: from before it was noted
				l.Oldest = max(now.Sub(instant(oldest)), 0)
			}
			out.Topics, out.Rows = append(out.Topics, l), out.Rows+l.Rows
		}
		return nil
	})
	return out, err
}

// QueueAge is how long the oldest due unit of work has waited; 0 when none is due.
func (b *Book) QueueAge(ctx context.Context, now time.Time) (age time.Duration, err error) {
	err = b.read(ctx, "age of due work", func(t *tx) error {
		var oldest int64
		err := t.row(`SELECT coalesce(min(due_at), 0) FROM work WHERE state = 'pending' AND due_at <= ?`, millis(now)).Scan(&oldest)
		if age = 0; oldest > 0 {
			age = now.Sub(instant(oldest))
		}
		return err
	})
	return age, err
}

// VisitCounts is how many visits there have been of each outcome, of all sources
// and since the book began.
func (b *Book) VisitCounts(ctx context.Context) (map[market.Outcome]int64, error) {
	out := map[market.Outcome]int64{}
	err := b.read(ctx, "counts of visits", func(t *tx) error {
		clear(out)
		return t.rows(func(scan func(...any) error) error {
			var outcome string
			var n int64
			err := scan(&outcome, &n)
			out[market.Outcome(outcome)] = n
			return err
		}, `SELECT outcome, CAST(sum(n) AS BIGINT) FROM visit_count GROUP BY outcome`)
	})
	return out, err
}

// Stuck counts what should have moved on and hasn't: all zero while somebody
// leads and works.
type Stuck struct {
	Leases  int64 // claimed work whose lease ended long ago
	Work    int64 // work that has been due for long
	Orphans int64 // pages in a visit that there is not
	Owed    int64 // pages that a run waits for and that are neither due nor in a visit
	Notices int64 // that nobody consumed for long
}

// Stuck looks for what has not moved on for longer than patience.
func (b *Book) Stuck(ctx context.Context, now time.Time, patience time.Duration) (Stuck, error) {
	var s Stuck
	since := millis(now.Add(-patience))
	err := b.read(ctx, "what is stuck", func(t *tx) error {
		for _, q := range []struct {
			n     *int64
			query string
			args  []any
		}{
			{&s.Leases, `SELECT count(*) FROM work WHERE state = 'leased' AND lease_until < ?`, []any{since}},
			{&s.Work, `SELECT count(*) FROM work WHERE state = 'pending' AND due_at < ?`, []any{since}},
			{&s.Orphans, `SELECT count(*) FROM page WHERE batch IS NOT NULL AND NOT EXISTS (SELECT 1 FROM work WHERE work.id = page.batch)`, nil},
			{&s.Owed, `SELECT count(*) FROM page WHERE run_id IS NOT NULL AND batch IS NULL AND due_at IS NULL`, nil},
			{&s.Notices, `SELECT count(*) FROM outbox WHERE created_at < ?`, []any{since}},
		} {
			if err := t.row(q.query, q.args...).Scan(q.n); err != nil {
				return err
			}
		}
		return nil
	})
	return s, err
}

// Ping reports whether the casebook answers.
func (b *Book) Ping(ctx context.Context) error {
	return b.read(ctx, "ping", func(t *tx) error {
		var one int
		return t.row(`SELECT 1`).Scan(&one)
	})
}
