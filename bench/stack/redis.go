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

// Commands is how many commands Redis has processed since it started, commands
// within scripts not counted where it tells them apart.
func (q Queues) Commands(ctx context.Context) (int64, error) {
	info, err := q.client.Info(ctx, "stats").Result()
	if err != nil {
		return 0, fmt.Errorf("figures of Redis: %w", err)
	}
	for line := range strings.Lines(info) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "total_commands_processed:"); ok {
			return strconv.ParseInt(v, 10, 64)
		}
	}
	return 0, fmt.Errorf("figures of Redis: no total_commands_processed")
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
