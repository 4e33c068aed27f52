package queue

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// sweep clears, until ctx ends, what dead workers left in the queues: archived
// tasks (Asynq's recoverer puts a task there some 60 s after its worker died),
// and tasks that are active without a lease, which nobody would ever find
// (asynq #1051). Errors are left alone: Redis is away, and the next sweep comes.
func (q *Asynq) sweep(ctx context.Context, names []string) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if q.announce(ctx) == nil {
			for _, name := range names {
				_ = q.sweepQueue(ctx, name)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sweepQueue clears one queue once.
func (q *Asynq) sweepQueue(ctx context.Context, name string) error {
	// Keys as Asynq v0.26 names them (internal/base/base.go).
	prefix := "asynq:{" + name + "}:"
	return sweepScript.Run(ctx, q.redis, []string{prefix + "archived", prefix + "active", prefix + "lease"}, prefix+"t:").Err()
}

// An active task and its lease are always written by one script, so one without
// the other is a leftover, never a task that is just being taken. At most 1,000
// tasks a run keep the script short; the next run goes on.
var sweepScript = redis.NewScript(`
local old = redis.call("ZRANGE", KEYS[1], 0, 999)
for _, id in ipairs(old) do
  redis.call("ZREM", KEYS[1], id)
  redis.call("DEL", ARGV[1] .. id)
end
for _, id in ipairs(redis.call("LRANGE", KEYS[2], -1000, -1)) do
  if not redis.call("ZSCORE", KEYS[3], id) then
    redis.call("LREM", KEYS[2], 0, id)
    redis.call("DEL", ARGV[1] .. id)
  end
end
return #old
`)
