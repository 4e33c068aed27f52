//go:build parts

package queue_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"resumewatch/internal/queue"
	"resumewatch/internal/queue/queuetest"
)

// address is where the part of that variable runs.
func address(t testing.TB, variable string) queue.Address {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		t.Fatalf("%s is not set: run beside the part, as `deploy/testparts/with redis redis-sentinel redis-cluster -- …` does", variable)
	}
	var list []string // a comma may stand inside the address of Sentinels
	for _, one := range strings.Split(text, ",") {
		if n := len(list); n > 0 && !strings.Contains(one, "://") {
			list[n-1] += "," + one
			continue
		}
		list = append(list, one)
	}
	a, err := queue.ParseAddress(list)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// raw is a client beside the queue, for tests that do things to Redis.
func raw(t testing.TB, a queue.Address) redis.UniversalClient {
	t.Helper()
	c := redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: append([]string{a.Addr}, a.Nodes...)[min(len(a.Nodes), 1):], MasterName: a.Master, DB: a.DB, Protocol: 2,
		Username: a.Username, Password: a.Password, SentinelUsername: a.SentinelUsername, SentinelPassword: a.SentinelPassword,
	})
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// flush empties a Redis of any kind.
func flush(t testing.TB, c redis.UniversalClient) {
	t.Helper()
	ctx := context.Background()
	var err error
	if cluster, ok := c.(*redis.ClusterClient); ok {
		err = cluster.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return c.FlushAll(ctx).Err() })
	} else {
		err = c.FlushDB(ctx).Err()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// openReal opens a queue on an empty real Redis.
func openReal(t testing.TB, variable string) *queue.Asynq {
	t.Helper()
	a := address(t, variable)
	flush(t, raw(t, a))
	q, err := queue.Open(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
	return q
}

// kinds of Redis, by the variable of their part.
var kinds = map[string]string{
	"single": "RESUMEWATCH_REDIS", "sentinel": "RESUMEWATCH_REDIS_SENTINEL", "cluster": "RESUMEWATCH_REDIS_CLUSTER",
}

func TestRealRedis(t *testing.T) {
	for kind, variable := range kinds {
		t.Run(kind, func(t *testing.T) {
			queuetest.Run(t, func(t *testing.T) queue.Queue { return openReal(t, variable) })
		})
	}
}
