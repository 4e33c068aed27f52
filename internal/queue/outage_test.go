package queue

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
)

func openEmbedded(t testing.TB) (*Asynq, *Embedded) {
	t.Helper()
	e, err := StartEmbedded()
	if err != nil {
		t.Fatal(err)
	}
	q, err := Open(context.Background(), e.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(q.Close(), e.Close()); err != nil {
			t.Error(err)
		}
	})
	return q, e
}

// serveWork serves queue "work", telling the ids that were handled.
func serveWork(t *testing.T, q *Asynq, o Options) <-chan string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan string, 100)
	o.Queues = map[string]int{"work": 1}
	var end sync.WaitGroup
	end.Go(func() {
		if err := q.Serve(ctx, o, map[string]Handler{"test": func(_ context.Context, id string, _ []byte) error {
			done <- id
			return nil
		}}); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); end.Wait() })
	return done
}

func await(t *testing.T, done <-chan string, want string) {
	t.Helper()
	select {
	case got := <-done:
		if got != want {
			t.Fatalf("task %s was handled, want %s", got, want)
		}
	case <-time.After(8 * time.Second):
		t.Fatalf("task %s was not handled", want)
	}
}

func work(id string) Task { return Task{Type: "test", ID: id, Queue: "work"} }

func TestRedisAwayAndBack(t *testing.T) {
	q, e := openEmbedded(t)
	done := serveWork(t, q, Options{})
	if err := q.Enqueue(t.Context(), work("1:1")); err != nil {
		t.Fatal(err)
	}
	await(t, done, "1:1")

	e.server.Close()
	err := q.Enqueue(t.Context(), work("2:1"))
	if err == nil || !strings.Contains(err.Error(), e.Address().Addr) {
		t.Errorf("Enqueue without Redis: error %v, want one that names %s", err, e.Address().Addr)
	}
	if errors.Is(err, ErrDuplicate) || errors.Is(err, ErrTask) {
		t.Errorf("Enqueue without Redis: %v", err)
	}
	if err != nil && strings.Contains(err.Error(), e.Address().Password) {
		t.Error("the error tells the password")
	}
	if _, err := q.Stats(t.Context()); err == nil || !strings.Contains(err.Error(), e.Address().Addr) {
		t.Errorf("Stats without Redis: error %v, want one that names %s", err, e.Address().Addr)
	}

	if err := e.server.Restart(); err != nil {
		t.Fatal(err)
	}
	e.server.FlushAll()
	if err := q.Enqueue(t.Context(), work("3:1")); err != nil {
		t.Fatal(err)
	}
	await(t, done, "3:1")
}

func TestRedisFlushed(t *testing.T) {
	q, e := openEmbedded(t)
	if err := q.Enqueue(t.Context(), work("1:1")); err != nil {
		t.Fatal(err)
	}
	e.server.FlushAll()
	if err := q.Enqueue(t.Context(), work("1:1")); err != nil {
		t.Fatalf("after a flush: %v", err)
	}
	stats, err := q.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(stats) != 1 || stats[0].Queue != "work" || stats[0].Pending != 1 {
		t.Errorf("after a flush the figures are %+v", stats)
	}
	await(t, serveWork(t, q, Options{}), "1:1")
}

func TestServeEndsWhileRedisIsAway(t *testing.T) {
	q, e := openEmbedded(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- q.Serve(ctx, Options{Queues: map[string]int{"work": 1}}, nil) }()
	if err := q.Enqueue(t.Context(), work("1:1")); err != nil { // the server is up when this is gone
		t.Fatal(err)
	}
	e.server.Close()
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second): // what Ctrl-C is promised
		t.Fatal("Serve didn't end within 5 s")
	}
}

func TestOpenTellsWhere(t *testing.T) {
	e, err := StartEmbedded()
	if err != nil {
		t.Fatal(err)
	}
	a := e.Address()
	wrong := a
	wrong.Password = "wrong"
	if _, err := Open(t.Context(), wrong); err == nil || !strings.Contains(err.Error(), a.Addr) {
		t.Errorf("wrong password: error %v, want one that names %s", err, a.Addr)
	}
	if err := errors.Join(e.Close(), e.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), a); err == nil || !strings.Contains(err.Error(), a.Addr) {
		t.Errorf("nobody there: error %v, want one that names %s", err, a.Addr)
	}
}

// What a dead worker leaves must not block the id of its task.
func TestLeftovers(t *testing.T) {
	q, e := openEmbedded(t)
	archive := func(id string) {
		t.Helper()
		if err := q.Enqueue(t.Context(), work(id)); err != nil {
			t.Fatal(err)
		}
		if err := q.inspect.ArchiveTask("work", id); err != nil {
			t.Fatal(err)
		}
	}
	archive("1:1")
	if err := q.Enqueue(t.Context(), work("1:1")); err != nil {
		t.Errorf("the id of an archived task: %v", err)
	}
	if err := q.Enqueue(t.Context(), work("1:1")); !errors.Is(err, ErrDuplicate) {
		t.Errorf("again: error %v, want ErrDuplicate", err)
	}

	archive("2:1")
	// A task taken by a worker whose lease then got lost, and one that has its lease.
	for _, id := range []string{"3:1", "4:1"} {
		if err := q.Enqueue(t.Context(), work(id)); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // 1:1, 3:1, 4:1
		if _, err := q.redis.RPopLPush(t.Context(), "asynq:{work}:pending", "asynq:{work}:active").Result(); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"1:1", "3:1", "4:1"} {
		e.server.HSet("asynq:{work}:t:"+id, "state", "active")
	}
	if _, err := e.server.ZAdd("asynq:{work}:lease", float64(time.Now().Unix()+30), "4:1"); err != nil {
		t.Fatal(err)
	}
	if err := q.sweepQueue(t.Context(), "work"); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{"1:1": false, "2:1": false, "3:1": false, "4:1": true} {
		if got := e.server.Exists("asynq:{work}:t:" + id); got != want {
			t.Errorf("after the sweep task %s is there: %v, want %v", id, got, want)
		}
	}
	stats, err := q.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if stats[0].Active != 1 || stats[0].Pending != 0 {
		t.Errorf("after the sweep: %+v", stats[0])
	}
}

// No failure leaves a trace behind, not only no trace that blocks.
func TestFailuresLeaveNothing(t *testing.T) {
	q, e := openEmbedded(t)
	var all sync.WaitGroup
	all.Add(1)
	ctx, cancel := context.WithCancel(context.Background())
	var end sync.WaitGroup
	end.Go(func() {
		err := q.Serve(ctx, Options{Queues: map[string]int{"work": 1}}, map[string]Handler{
			"test": func(context.Context, string, []byte) error { defer all.Done(); return errors.New("broken") },
		})
		if err != nil {
			t.Error(err)
		}
	})
	if err := q.Enqueue(t.Context(), work("1:1")); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	cancel()
	end.Wait()
	for _, key := range e.server.Keys() {
		if strings.Contains(key, ":t:") || strings.HasSuffix(key, ":archived") || strings.HasSuffix(key, ":retry") {
			t.Errorf("left behind: %s", key)
		}
	}
}

func TestLogger(t *testing.T) {
	var out bytes.Buffer
	l := newLogger(slog.New(slog.NewTextHandler(&out, nil)))
	l.Error("redis connection is shared so the Client can't be closed through asynq")
	l.Warn("revoke task id=7:1")
	l.Info("Starting processing")
	if out.Len() > 0 {
		t.Errorf("logged what is no trouble: %s", &out)
	}
	l.Error("Dequeue error: ", errors.New("away"))
	if !strings.Contains(out.String(), "Dequeue error: away") || !strings.Contains(out.String(), "level=ERROR") {
		t.Errorf("logged %q", &out)
	}
	newLogger(nil).Fatal("must not end the process")
}

// The queue's workings know names of Asynq's keys; a new version may change them.
func TestAsynqKeys(t *testing.T) {
	q, e := openEmbedded(t)
	if err := q.Enqueue(t.Context(), work("1:1")); err != nil {
		t.Fatal(err)
	}
	if err := q.inspect.ArchiveTask("work", "1:1"); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"asynq:queues", "asynq:{work}:archived", "asynq:{work}:t:1:1"} {
		if !e.server.Exists(key) {
			t.Errorf("no key %s among %v", key, e.server.Keys())
		}
	}
	info, err := q.inspect.GetTaskInfo("work", "1:1")
	if err != nil || info.State != asynq.TaskStateArchived || info.MaxRetry != 0 || info.Retention != 0 {
		t.Errorf("task %+v, %v", info, err)
	}
}
