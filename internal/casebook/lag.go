package casebook

import (
	"context"
	"time"
)

// Lag is what index and grouper have not consumed yet.
type Lag struct {
	Rows   int64 // of all topics
	Topics []TopicLag
}

// TopicLag is the lag of one topic.
type TopicLag struct {
	Topic  string
	Rows   int64
	Oldest time.Duration // age of the oldest notice; 0 when none waits
}

// OutboxLag tells how far index and grouper are behind.
func (b *Book) OutboxLag(ctx context.Context, now time.Time) (Lag, error) {
	var out Lag
	err := b.read(ctx, "lag of the outbox", func(t *tx) error {
		out = Lag{Topics: []TopicLag{{Topic: TopicGroup}, {Topic: TopicIndex}}}
		for i := range out.Topics {
			if err := t.row(`SELECT count(*) FROM outbox WHERE topic = ?`, out.Topics[i].Topic).Scan(&out.Topics[i].Rows); err != nil {
				return err
			}
			out.Rows += out.Topics[i].Rows
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

// Ping reports whether the casebook answers.
func (b *Book) Ping(ctx context.Context) error {
	return b.read(ctx, "ping", func(t *tx) error {
		var one int
		return t.row(`SELECT 1`).Scan(&one)
	})
}
