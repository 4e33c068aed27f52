//go:build parts

package queue_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"resumewatch/internal/market"
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
		if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) { // to a master that died
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
			t.Parallel() // each on its own servers
			queuetest.Run(t, func(t *testing.T) queue.Queue { return openReal(t, variable) })
		})
	}
}

// The scripts of the budget on a real Redis and its clock: what is counted in
// doubles here is counted in other ways there.
func TestRealBudget(t *testing.T) {
	for kind, variable := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel() // each on its own servers
			q := openReal(t, variable)
			b := q.Budget()
			const interval = 2 * time.Second
			near := func(what string, got, want time.Duration) {
				t.Helper()
				if got > want || got < want-time.Second/2 { // the test's own time goes by
					t.Errorf("%s: %s, want about %s", what, got, want)
				}
			}
			var last market.Slot
			for i := range 3 {
				slot, ok, err := b.Take(t.Context(), "a}{b.example", perMinute30, time.Minute)
				if err != nil || !ok || slot.Ticket == "" {
					t.Fatalf("Take: %+v, %v, %v", slot, ok, err)
				}
				near("a slot", slot.Wait, time.Duration(i+1)*interval)
				last = slot
			}
			if slot, ok, err := b.Take(t.Context(), "a}{b.example", perMinute30, time.Second); err != nil || ok {
				t.Errorf("impatient: %+v, %v, %v", slot, ok, err)
			}
			if ok, err := b.Confirm(t.Context(), "a}{b.example", last); err != nil || !ok {
				t.Errorf("Confirm: %v, %v", ok, err)
			}
			if ok, err := b.Confirm(t.Context(), "a}{b.example", last); err != nil || ok {
				t.Errorf("Confirm again: %v, %v", ok, err)
			}
			if err := b.Penalize(t.Context(), "a}{b.example", time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			slot, ok, err := b.Take(t.Context(), "a}{b.example", perMinute30, time.Second)
			if err != nil || ok {
				t.Errorf("penalized: %+v, %v, %v", slot, ok, err)
			}
			near("the penalty", slot.Wait, time.Hour)
			flush(t, raw(t, address(t, variable)))
			if slot, ok, err = b.Take(t.Context(), "a}{b.example", perMinute30, time.Minute); err != nil || !ok {
				t.Errorf("after a flush: %+v, %v, %v", slot, ok, err)
			}
			near("the first after a flush", slot.Wait, interval)
		})
	}
}

var perMinute30 = market.Rate{Requests: 30, Per: time.Minute}

func TestLook(t *testing.T) {
	for kind, variable := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			look(t, openReal(t, variable))
		})
	}
}

func TestTrips(t *testing.T) {
	q := openReal(t, "RESUMEWATCH_REDIS")
	before := q.Trips()
	if err := q.Enqueue(t.Context(), queue.Task{Type: "test", ID: "1:1", Queue: "work"}); err != nil {
		t.Fatal(err)
	}
	if n := q.Trips() - before; n < 1 || n > 3 {
		t.Errorf("to enqueue a task took %d round trips", n)
	}
}

// Who takes one kind of Redis for another is told so.
func TestWrongKind(t *testing.T) {
	single, sentinel, cluster := address(t, kinds["single"]), address(t, kinds["sentinel"]), address(t, kinds["cluster"])
	asCluster := queue.Address{Nodes: []string{single.Addr}, Password: single.Password}
	oneNode := queue.Address{Addr: cluster.Nodes[0], Password: cluster.Password}
	noMaster := sentinel
	noMaster.Master = "nobody"
	for want, a := range map[string]queue.Address{
		"this is no cluster": asCluster, "one node of a cluster": oneNode, "no sentinel answers, or none knows a master": noMaster,
	} {
		q, err := queue.Open(t.Context(), a)
		if err == nil { // found when it is used
			for i := 0; err == nil && i < 100; i++ {
				err = q.Enqueue(t.Context(), queue.Task{Type: "test", ID: strconv.Itoa(i) + ":1", Queue: "q" + strconv.Itoa(i)})
			}
			if cerr := q.Close(); cerr != nil {
				t.Error(cerr)
			}
		}
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), a.Password) {
			t.Errorf("%s: error %v, want %q", a, err, want)
		}
	}
}
