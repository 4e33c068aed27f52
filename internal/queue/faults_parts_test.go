//go:build parts

package queue_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"resumewatch/internal/queue"
)

// What a real Redis can do to the queue. No test relies on tasks that Redis lost:
// whoever owns the work enqueues it again.

// part runs a script of a part.
func part(t *testing.T, script string, args ...string) {
	t.Helper()
	path := filepath.Join("..", "..", "deploy", "testparts", script)
	if out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}

// labour is a worker of the queue "work" and what it did.
type labour struct {
	mu   sync.Mutex
	done map[string]int
}

func (l *labour) times(id string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done[id]
}

func (l *labour) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.done)
}

// serve works until the test ends, each task for as long as said.
func serve(t *testing.T, q *queue.Asynq, each time.Duration) *labour {
	t.Helper()
	l := &labour{done: map[string]int{}}
	ctx, cancel := context.WithCancel(context.Background())
	var end sync.WaitGroup
	end.Go(func() {
		err := q.Serve(ctx, queue.Options{Concurrency: 4, Queues: map[string]int{"work": 1}}, map[string]queue.Handler{
			"test": func(ctx context.Context, id string, _ []byte) error {
				select {
				case <-time.After(each):
				case <-ctx.Done():
					return ctx.Err()
				}
				l.mu.Lock()
				defer l.mu.Unlock()
				l.done[id]++
				return nil
			},
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); end.Wait() })
	return l
}

func task(id string) queue.Task { return queue.Task{Type: "test", ID: id, Queue: "work"} }

// eventually asks until it is so, and returns how long that took.
func eventually(t *testing.T, what string, so func() bool) time.Duration {
	t.Helper()
	begin := time.Now()
	for time.Since(begin) < 20*time.Second {
		if so() {
			return time.Since(begin)
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%s: not within 20 s", what)
	return 0
}

// all enqueues what is not done until everything is, as its owner would.
func all(t *testing.T, q *queue.Asynq, l *labour, n int) {
	t.Helper()
	var away sync.Once
	eventually(t, "all tasks done", func() bool {
		for i := range n {
			id := strconv.Itoa(i) + ":1"
			if l.times(id) > 0 {
				continue
			}
			if err := q.Enqueue(t.Context(), task(id)); err != nil && !errors.Is(err, queue.ErrDuplicate) {
				away.Do(func() { t.Logf("away at first: %v", err) })
				return false
			}
		}
		return l.count() == n
	})
}

func fill(t *testing.T, q *queue.Asynq, n int) {
	t.Helper()
	for i := range n {
		if err := q.Enqueue(t.Context(), task(strconv.Itoa(i)+":1")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRealFlush(t *testing.T) {
	for kind, variable := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			q := openReal(t, variable)
			r := raw(t, address(t, variable))
			fill(t, q, 200)
			l := serve(t, q, 5*time.Millisecond)
			eventually(t, "some done", func() bool { return l.count() > 20 })
			flush(t, r)
			if v, err := q.Look(t.Context(), 10); err != nil {
				t.Errorf("Look just after a flush: %+v, %v", v, err)
			}
			all(t, q, l, 200)
			eventually(t, "nothing left", func() bool {
				stats, err := q.Stats(t.Context())
				return err == nil && len(stats) == 1 && stats[0].Pending+stats[0].Active == 0
			})
		})
	}
}

// Redis is killed, is away for a second and comes back with an old state of its
// tasks: each is done all the same, and no id is blocked.
func TestRealRestart(t *testing.T) {
	q := openReal(t, "RESUMEWATCH_REDIS")
	l := serve(t, q, 5*time.Millisecond)
	fill(t, q, 200)
	eventually(t, "some done", func() bool { return l.count() > 20 })
	var restart sync.WaitGroup
	restart.Go(func() { part(t, "redis/restart", "1") })
	told := ""
	eventually(t, "an error that says where", func() bool {
		if err := q.Ping(t.Context()); err != nil {
			told = err.Error()
		}
		return told != ""
	})
	a := address(t, "RESUMEWATCH_REDIS")
	if !strings.Contains(told, a.Addr) || strings.Contains(told, a.Password) {
		t.Errorf("while it is away: %s", told)
	}
	restart.Wait()
	t.Logf("all done %s after it was back", eventually(t, "all", func() bool { all(t, q, l, 200); return true }).Round(time.Millisecond))
}

// The master dies. Sentinels name another, and the work goes on there.
func TestRealFailover(t *testing.T) {
	q := openReal(t, "RESUMEWATCH_REDIS_SENTINEL")
	l := serve(t, q, 5*time.Millisecond)
	fill(t, q, 200)
	eventually(t, "some done", func() bool { return l.count() > 20 })
	before := l.count()
	part(t, "redis-sentinel/failover")
	t.Logf("%d done before, all %s after the failover", before, eventually(t, "all", func() bool { all(t, q, l, 200); return true }).Round(time.Millisecond))
	// Whoever opens it now is led to the new master.
	again, err := queue.Open(t.Context(), address(t, "RESUMEWATCH_REDIS_SENTINEL"))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// With its memory full Redis takes nothing; it says so, and goes on when there
// is room.
func TestRealFull(t *testing.T) {
	q := openReal(t, "RESUMEWATCH_REDIS")
	r := raw(t, address(t, "RESUMEWATCH_REDIS"))
	l := serve(t, q, time.Millisecond)
	old, err := r.ConfigGet(t.Context(), "maxmemory").Result()
	if err != nil {
		t.Fatal(err)
	}
	set := func(to string) {
		t.Helper()
		if err := r.ConfigSet(context.Background(), "maxmemory", to).Err(); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { set(old["maxmemory"]) })
	fill(t, q, 50)
	set("1mb") // less than an empty one needs
	err = q.Enqueue(t.Context(), task("x:1"))
	if err == nil || errors.Is(err, queue.ErrDuplicate) || errors.Is(err, queue.ErrTask) || !strings.Contains(err.Error(), "memory is full (maxmemory)") {
		t.Errorf("enqueue: %v", err)
	}
	if _, _, err := q.Budget().Take(t.Context(), "a.example", perMinute30, time.Second); err == nil || !strings.Contains(err.Error(), "OOM") {
		t.Errorf("budget: %v", err)
	}
	if _, err := q.Look(t.Context(), 5); err != nil {
		t.Errorf("Look: %v", err)
	}
	set(old["maxmemory"])
	all(t, q, l, 50)
}

// dequeue takes tasks as Asynq's server does, and dies with them.
func dequeue(t *testing.T, r redis.UniversalClient, n int, lease bool) {
	t.Helper()
	for range n {
		id, err := r.RPopLPush(t.Context(), "asynq:{work}:pending", "asynq:{work}:active").Result()
		if err != nil {
			t.Fatal(err)
		}
		if err := r.HSet(t.Context(), "asynq:{work}:t:"+id, "state", "active").Err(); err != nil {
			t.Fatal(err)
		}
		if lease {
			z := redis.Z{Score: float64(time.Now().Add(30 * time.Second).Unix()), Member: id}
			if err := r.ZAdd(t.Context(), "asynq:{work}:lease", z).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Tasks that Redis calls active though nobody has their lease, and those that
// Asynq put away, are swept by two processes at once; what lives is left alone.
func TestRealSweep(t *testing.T) {
	for kind, variable := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			q := openReal(t, variable)
			r := raw(t, address(t, variable))
			const stuck, leased, archived = 1500, 20, 1500
			fill(t, q, stuck+leased+archived)
			dequeue(t, r, stuck, false)
			dequeue(t, r, leased, true)
			if n, err := asynq.NewInspectorFromRedisClient(r).ArchiveAllPendingTasks("work"); err != nil || n != archived {
				t.Fatalf("archived %d: %v", n, err)
			}
			other, err := queue.Open(t.Context(), address(t, variable))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := other.Close(); err != nil {
					t.Error(err)
				}
			})
			one, two := serve(t, q, time.Second), serve(t, other, time.Second)
			for i := range 8 { // being handled while the sweeps run
				if err := q.Enqueue(t.Context(), task(fmt.Sprintf("live%d:1", i))); err != nil {
					t.Fatal(err)
				}
			}
			took := eventually(t, "leftovers swept", func() bool {
				active, err1 := r.LLen(t.Context(), "asynq:{work}:active").Result()
				old, err2 := r.ZCard(t.Context(), "asynq:{work}:archived").Result()
				return err1 == nil && err2 == nil && active == leased && old == 0 && one.count()+two.count() == 8
			})
			t.Logf("swept %d stuck and %d archived in %s", stuck, archived, took.Round(time.Millisecond))
			for i := range 8 {
				id := fmt.Sprintf("live%d:1", i)
				if n := one.times(id) + two.times(id); n != 1 {
					t.Errorf("%s was done %d times", id, n)
				}
			}
			if err := q.Enqueue(t.Context(), task("0:1")); err != nil {
				t.Errorf("the id of a task that was stuck: %v", err)
			}
			if err := q.Enqueue(t.Context(), task(strconv.Itoa(stuck)+":1")); !errors.Is(err, queue.ErrDuplicate) {
				t.Errorf("the id of a task that somebody has: %v", err)
			}
		})
	}
}
