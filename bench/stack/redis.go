package stack

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Queues looks into Redis from outside.
type Queues struct{ client *redis.Client }

func openQueues(address string) (Queues, error) {
	o, err := redis.ParseURL(address)
	if err != nil {
		return Queues{}, fmt.Errorf("address of Redis: %w", err)
	}
	o.DialTimeout, o.ReadTimeout, o.MaxRetries = time.Second, 2*time.Second, -1
	return Queues{redis.NewClient(o)}, nil
}

// Flush empties Redis.
func (q Queues) Flush(ctx context.Context) error {
	if err := q.client.FlushAll(ctx).Err(); err != nil {
		return fmt.Errorf("flushing Redis: %w", err)
	}
	return nil
}

// Traffic is what Redis has done since it started.
type Traffic struct {
	Trips    int64 // reads from connections: about one a round trip, also of several commands at once
	Commands int64 // commands, those within scripts counted too
}

// Traffic asks for the figures.
func (q Queues) Traffic(ctx context.Context) (t Traffic, err error) {
	info, err := q.client.Info(ctx, "stats").Result()
	if err != nil {
		return t, fmt.Errorf("figures of Redis: %w", err)
	}
	for name, into := range map[string]*int64{"total_reads_processed": &t.Trips, "total_commands_processed": &t.Commands} {
		_, rest, ok := strings.Cut(info, name+":")
		value, _, _ := strings.Cut(rest, "\r\n")
		if *into, err = strconv.ParseInt(value, 10, 64); !ok || err != nil {
			return t, fmt.Errorf("figures of Redis: %s: %q", name, value)
		}
	}
	return t, nil
}

// Held is what Asynq's queues hold.
type Held struct {
	Waiting  int64 // pending, scheduled or to be tried again
	Active   int64
	Orphans  int64 // active without a lease: nobody would ever find them
	Archived int64
}

// Held counts over all queues, by the keys of Asynq v0.26.
func (q Queues) Held(ctx context.Context) (h Held, err error) {
	names, err := q.client.SMembers(ctx, "asynq:queues").Result()
	if err != nil {
		return h, fmt.Errorf("queues: %w", err)
	}
	for _, name := range names {
		prefix := "asynq:{" + name + "}:"
		pipe := q.client.Pipeline()
		pending, scheduled, retry := pipe.LLen(ctx, prefix+"pending"), pipe.ZCard(ctx, prefix+"scheduled"), pipe.ZCard(ctx, prefix+"retry")
		archived := pipe.ZCard(ctx, prefix+"archived")
		active, leases := pipe.LRange(ctx, prefix+"active", 0, -1), pipe.ZRange(ctx, prefix+"lease", 0, -1)
		if _, err := pipe.Exec(ctx); err != nil {
			return h, fmt.Errorf("queue %s: %w", name, err)
		}
		h.Waiting += pending.Val() + scheduled.Val() + retry.Val()
		h.Archived += archived.Val()
		h.Active += int64(len(active.Val()))
		leased := map[string]bool{}
		for _, id := range leases.Val() {
			leased[id] = true
		}
		for _, id := range active.Val() {
			if !leased[id] {
				h.Orphans++
			}
		}
	}
	return h, nil
}

// Close frees the connections.
func (q Queues) Close() error { return q.client.Close() }
