package queue_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"resumewatch/internal/queue"
)

func TestLookEmbedded(t *testing.T) {
	q, _ := open(t)
	look(t, q)
}

// look holds Look to what its comment says, on any Redis that is empty.
func look(t *testing.T, q *queue.Asynq) {
	t.Helper()
	see := func(n int) queue.View {
		t.Helper()
		v, err := q.Look(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := see(5); len(v.Queues)+len(v.Servers) != 0 || v.More || v.Address == "" {
		t.Errorf("an empty Redis: %+v", v)
	}
	begin := time.Now()
	due := begin.Add(time.Hour).Truncate(time.Second)
	put := func(task queue.Task) {
		t.Helper()
		task.Type, task.Queue = "visit", "fetch"
		if err := q.Enqueue(t.Context(), task); err != nil {
			t.Fatal(err)
		}
	}
	put(queue.Task{ID: "later:1", ProcessAt: due})
	put(queue.Task{ID: "busy:1"})

	started := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	var end sync.WaitGroup
	end.Go(func() {
		err := q.Serve(ctx, queue.Options{Concurrency: 1, Queues: map[string]int{"fetch": 4, "archive": 1}}, map[string]queue.Handler{
			"visit": func(ctx context.Context, _ string, _ []byte) error { close(started); <-ctx.Done(); return nil },
		})
		if err != nil {
			t.Error(err)
		}
	})
	defer end.Wait()
	defer cancel()
	<-started
	for i := range 7 {
		put(queue.Task{ID: fmt.Sprintf("waiting%d:1", i)})
	}
	// A server tells of itself every few seconds.
	var v queue.View
	for range 1000 {
		if v = see(5); len(v.Servers) == 1 && v.Servers[0].Active == 1 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if len(v.Servers) != 1 {
		t.Fatalf("servers: %+v", v.Servers)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	s := v.Servers[0]
	if s.Host != host || s.PID != os.Getpid() || s.Concurrency != 1 || s.Queues["fetch"] != 4 || s.Started.Before(begin.Add(-time.Second)) {
		t.Errorf("server: %+v", s)
	}
	var fetch queue.QueueView
	for _, one := range v.Queues {
		if one.Queue == "fetch" {
			fetch = one
		}
	}
	if !v.More || fetch.Pending != 7 || fetch.Active != 1 || fetch.Scheduled != 1 || len(fetch.Tasks) != 1+5+1 {
		t.Fatalf("queue: %+v", fetch)
	}
	recent := func(at time.Time) bool { return !at.Before(begin.Add(-time.Second)) && !at.After(time.Now()) }
	busy, first, later := fetch.Tasks[0], fetch.Tasks[1], fetch.Tasks[6]
	if busy.ID != "busy:1" || busy.State != queue.StateActive || !recent(busy.Since) || busy.Server != fmt.Sprintf("%s:%d", host, os.Getpid()) {
		t.Errorf("active: %+v", busy)
	}
	if first.ID != "waiting0:1" || first.Type != "visit" || first.State != queue.StatePending || !recent(first.Since) || !first.Next.IsZero() {
		t.Errorf("pending: %+v", first)
	}
	if later.ID != "later:1" || later.State != queue.StateScheduled || !later.Next.Equal(due) {
		t.Errorf("scheduled: %+v", later)
	}
	if v := see(0); len(v.Queues) == 0 || len(v.Queues[0].Tasks) != 0 || !v.More {
		t.Errorf("no tasks asked for: %+v", v)
	}
	if v := see(1 << 30); v.More {
		t.Errorf("all asked for: %+v", v)
	}
}

func TestLookTellsNoPassword(t *testing.T) {
	q, e := open(t)
	v, err := q.Look(t.Context(), 1)
	if err != nil || strings.Contains(fmt.Sprintf("%+v", v), e.Address().Password) || v.Address != e.Address().Addr {
		t.Errorf("%+v, %v", v, err)
	}
}

// Whatever lies in Redis, a View stays one that a page can show.
func TestLookAtOddThings(t *testing.T) {
	q, e := open(t)
	r := redis.NewClient(&redis.Options{Addr: e.Address().Addr, Password: e.Address().Password, Protocol: 2, DisableIdentity: true})
	defer r.Close()
	many := map[string]int{}
	for i := range 60 {
		many[fmt.Sprintf("queue-%d", i)] = 1
	}
	ctx, cancel := context.WithCancel(t.Context())
	var end sync.WaitGroup
	end.Go(func() {
		if err := q.Serve(ctx, queue.Options{Concurrency: 1, Queues: many}, map[string]queue.Handler{"visit": func(context.Context, string, []byte) error { return nil }}); err != nil {
			t.Error(err)
		}
	})
	defer end.Wait()
	defer cancel()
	var v queue.View
	for range 1000 {
		var err error
		if v, err = q.Look(t.Context(), 5); err != nil {
			t.Fatal(err)
		}
		if len(v.Servers) == 1 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if len(v.Servers) != 1 || len(v.Servers[0].Queues) != 50 || !v.More {
		t.Fatalf("%d servers, more %v", len(v.Servers), v.More)
	}
	// A queue whose name is none, and a task that is none.
	cancel()
	end.Wait()
	for _, cmd := range [][]any{
		{"SADD", "asynq:queues", "\x1b[2J}{<b>" + strings.Repeat("长", 300), "odd"},
		{"LPUSH", "asynq:{odd}:pending", "bad"}, {"HSET", "asynq:{odd}:t:bad", "msg", "\xff\xff", "state", "pending", "pending_since", "soon"},
	} {
		if err := r.Do(t.Context(), cmd...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	v, err := q.Look(t.Context(), 5)
	if err != nil || len(v.Queues) != 50 {
		t.Errorf("%d queues, %v", len(v.Queues), err)
	}
}
