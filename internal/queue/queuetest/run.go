// Package queuetest is the contract of queue.Queue as tests, which every engine
// and every kind of Redis must pass.
package queuetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/queue"
)

// patience is how long a test waits for what must come. It is long because
// machines are busy; no test waits for it when all is well.
const patience = 8 * time.Second

// Run holds a queue to its contract. open gives a queue on a fresh, empty Redis
// (or one that nothing else uses) and cleans up after the test.
func Run(t *testing.T, open func(t *testing.T) queue.Queue) {
	tests := []struct {
		name string
		test func(*testing.T, queue.Queue)
	}{
		{"a task reaches its handler", reaches},
		{"impossible tasks", impossible},
		{"one id waits once", duplicateQueued},
		{"one id is active once", duplicateActive},
		{"one id in two queues", twoQueues},
		{"an id is free again when its task ended", freeAgain},
		{"a task for later", later},
		{"the context ends at the timeout", timeout},
		{"a handler that ignores its time is abandoned", abandoned},
		{"shutdown waits for handlers", shutdownWaits},
		{"shutdown gives up after the grace", shutdownGivesUp},
		{"no more at once than said", concurrency},
		{"no queue starves", weights},
		{"many enqueue the same", race},
		{"statistics", statistics},
		{"closed", closed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, open(t)) })
	}
}

// serve serves until the returned function is called, which waits for the end.
func serve(t *testing.T, q queue.Queue, o queue.Options, handlers map[string]queue.Handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	if o.Queues == nil {
		o.Queues = map[string]int{"work": 1}
	}
	ended := make(chan error, 1)
	go func() { ended <- q.Serve(ctx, o, handlers) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Serve: %v", err)
			}
		case <-time.After(patience):
			t.Error("Serve didn't end")
		}
	})
	t.Cleanup(stop)
	return stop
}

func enqueue(t *testing.T, q queue.Queue, task queue.Task) {
	t.Helper()
	if task.Queue == "" {
		task.Queue = "work"
	}
	if task.Type == "" {
		task.Type = "test"
	}
	if err := q.Enqueue(t.Context(), task); err != nil {
		t.Fatalf("Enqueue: %v", err)
	}
}

func receive[T any](t *testing.T, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatalf("waited %s for %s", patience, what)
		panic("not reached")
	}
}

// eventually asks until it is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if so() {
			return
		}
	}
	t.Fatalf("waited %s for %s", patience, what)
}

func reaches(t *testing.T, q queue.Queue) {
	type call struct{ Handler, ID, Payload string }
	calls := make(chan call, 2)
	handler := func(name string) queue.Handler {
		return func(_ context.Context, id string, payload []byte) error {
			calls <- call{name, id, string(payload)}
			return nil
		}
	}
	enqueue(t, q, queue.Task{Type: "visit", ID: "7:1", Payload: []byte("{\"page\":\"一\x00\xff\"}")})
	enqueue(t, q, queue.Task{Type: "chunk", ID: "8:1", Payload: []byte(strings.Repeat("x", queue.MaxPayload))})
	serve(t, q, queue.Options{}, map[string]queue.Handler{"visit": handler("visit"), "chunk": handler("chunk")})
	got := []call{receive(t, calls, "the first task"), receive(t, calls, "the second task")}
	slices.SortFunc(got, func(a, b call) int { return strings.Compare(a.ID, b.ID) })
	want := []call{{"visit", "7:1", "{\"page\":\"一\x00\xff\"}"}, {"chunk", "8:1", strings.Repeat("x", queue.MaxPayload)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func impossible(t *testing.T, q queue.Queue) {
	good := queue.Task{Type: "visit", ID: "7:1", Queue: "work"}
	for what, change := range map[string]func(*queue.Task){
		"no type":           func(t *queue.Task) { t.Type = "" },
		"no id":             func(t *queue.Task) { t.ID = "" },
		"no queue":          func(t *queue.Task) { t.Queue = "" },
		"braces":            func(t *queue.Task) { t.Queue = "a}b{" },
		"white space":       func(t *queue.Task) { t.ID = "7\n1" },
		"no text":           func(t *queue.Task) { t.ID = "7\xff" },
		"long id":           func(t *queue.Task) { t.ID = strings.Repeat("7", queue.MaxName+1) },
		"large payload":     func(t *queue.Task) { t.Payload = make([]byte, queue.MaxPayload+1) },
		"time running back": func(t *queue.Task) { t.Timeout = -1 },
	} {
		task := good
		change(&task)
		if err := q.Enqueue(t.Context(), task); !errors.Is(err, queue.ErrTask) {
			t.Errorf("%s: error %v, want ErrTask", what, err)
		}
	}
	for what, o := range map[string]queue.Options{
		"no queues":  {},
		"bad name":   {Queues: map[string]int{"{": 1}},
		"bad weight": {Queues: map[string]int{"work": 0}},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		if err := q.Serve(ctx, o, nil); err == nil {
			t.Errorf("Serve with %s: no error", what)
		}
		cancel()
	}
}

func duplicateQueued(t *testing.T, q queue.Queue) {
	task := queue.Task{Type: "test", ID: "7:1", Queue: "work"}
	enqueue(t, q, task)
	if err := q.Enqueue(t.Context(), task); !errors.Is(err, queue.ErrDuplicate) {
		t.Errorf("pending: error %v, want ErrDuplicate", err)
	}
	task.ID, task.ProcessAt = "8:1", time.Now().Add(time.Hour)
	enqueue(t, q, task)
	task.ProcessAt = time.Time{}
	if err := q.Enqueue(t.Context(), task); !errors.Is(err, queue.ErrDuplicate) {
		t.Errorf("scheduled: error %v, want ErrDuplicate", err)
	}
}

func duplicateActive(t *testing.T, q queue.Queue) {
	started, finish := make(chan struct{}), make(chan struct{})
	serve(t, q, queue.Options{}, map[string]queue.Handler{"test": func(context.Context, string, []byte) error {
		close(started)
		<-finish
		return nil
	}})
	defer close(finish)
	enqueue(t, q, queue.Task{ID: "7:1"})
	receive(t, started, "the handler")
	err := q.Enqueue(t.Context(), queue.Task{Type: "test", ID: "7:1", Queue: "work"})
	if !errors.Is(err, queue.ErrDuplicate) {
		t.Errorf("active: error %v, want ErrDuplicate", err)
	}
}

func twoQueues(t *testing.T, q queue.Queue) {
	enqueue(t, q, queue.Task{ID: "7:1", Queue: "work"})
	enqueue(t, q, queue.Task{ID: "7:1", Queue: "other"})
}

func freeAgain(t *testing.T, q queue.Queue) {
	broken := errors.New("broken")
	var mu sync.Mutex
	failures := map[string]error{}
	calls := make(chan string, 20)
	serve(t, q, queue.Options{
		Grace: 50 * time.Millisecond,
		Failed: func(f queue.Failure) {
			mu.Lock()
			defer mu.Unlock()
			failures[f.Queue+"/"+f.Type+"/"+f.ID] = f.Err
		},
	}, map[string]queue.Handler{
		"good":  func(_ context.Context, id string, _ []byte) error { calls <- id; return nil },
		"bad":   func(_ context.Context, id string, _ []byte) error { calls <- id; return broken },
		"panic": func(_ context.Context, id string, _ []byte) error { calls <- id; panic("no such row") },
		"slow": func(ctx context.Context, id string, _ []byte) error {
			calls <- id
			<-ctx.Done()
			return ctx.Err()
		},
	})
	for _, kind := range []string{"good", "bad", "panic", "slow", "unknown"} {
		for range 2 {
			task := queue.Task{Type: kind, ID: kind + ":1", Queue: "work", Timeout: 50 * time.Millisecond}
			eventually(t, kind+"'s id to be free", func() bool {
				err := q.Enqueue(t.Context(), task)
				if err != nil && !errors.Is(err, queue.ErrDuplicate) {
					t.Fatal(err)
				}
				return err == nil
			})
			if kind != "unknown" {
				if got := receive(t, calls, kind); got != task.ID {
					t.Errorf("%s was called instead of %s", got, task.ID)
				}
			}
		}
	}
	eventually(t, "an empty queue", func() bool { return empty(t, q) })
	mu.Lock()
	defer mu.Unlock()
	if len(failures) != 4 {
		t.Errorf("failures of %d tasks, want 4: %v", len(failures), failures)
	}
	for id, want := range map[string]error{
		"work/bad/bad:1": broken, "work/slow/slow:1": context.DeadlineExceeded, "work/unknown/unknown:1": queue.ErrNoHandler,
	} {
		if !errors.Is(failures[id], want) {
			t.Errorf("%s failed by %v, want %v", id, failures[id], want)
		}
	}
	var panicked *queue.PanicError
	if err := failures["work/panic/panic:1"]; !errors.As(err, &panicked) || panicked.Value != "no such row" || len(panicked.Stack) == 0 {
		t.Errorf("the panic failed by %#v", err)
	}
}

func empty(t *testing.T, q queue.Queue) bool {
	t.Helper()
	stats, err := q.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stats {
		if s.Pending+s.Active+s.Scheduled > 0 {
			return false
		}
	}
	return true
}

func later(t *testing.T, q queue.Queue) {
	done := make(chan time.Time, 1)
	due := time.Now().Add(1200 * time.Millisecond)
	enqueue(t, q, queue.Task{ID: "7:1", ProcessAt: due})
	serve(t, q, queue.Options{}, map[string]queue.Handler{"test": func(context.Context, string, []byte) error {
		done <- time.Now()
		return nil
	}})
	if early := due.Truncate(time.Second).Sub(receive(t, done, "the task")); early > 0 {
		t.Errorf("ran %s early", early)
	}
}

func concurrency(t *testing.T, q queue.Queue) {
	const n = 4
	var now, most atomic.Int64
	var all sync.WaitGroup
	all.Add(3 * n)
	for i := range 3 * n {
		enqueue(t, q, queue.Task{ID: fmt.Sprintf("%d:1", i)})
	}
	full := make(chan struct{})
	serve(t, q, queue.Options{Concurrency: n}, map[string]queue.Handler{"test": func(ctx context.Context, _ string, _ []byte) error {
		defer all.Done()
		k := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); k > m && !most.CompareAndSwap(m, k); m = most.Load() {
		}
		if k == n {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		select {
		case <-full: // hold the slot until all are taken once
		case <-ctx.Done():
		}
		return nil
	}})
	all.Wait()
	if most.Load() != n {
		t.Errorf("%d at once, want %d", most.Load(), n)
	}
}

func weights(t *testing.T, q queue.Queue) {
	const each = 60
	for i := range each {
		enqueue(t, q, queue.Task{ID: fmt.Sprintf("%d:1", i), Queue: "heavy", Payload: []byte("heavy")})
		enqueue(t, q, queue.Task{ID: fmt.Sprintf("%d:1", i), Queue: "light", Payload: []byte("light")})
	}
	order := make(chan string, 2*each)
	serve(t, q, queue.Options{Concurrency: 1, Queues: map[string]int{"heavy": 3, "light": 1}},
		map[string]queue.Handler{"test": func(_ context.Context, _ string, payload []byte) error {
			order <- string(payload)
			return nil
		}})
	light := 0
	for range each {
		if receive(t, order, "a task") == "light" {
			light++
		}
	}
	if light == 0 || light >= each/2 { // a quarter is meant
		t.Errorf("%d of the first %d tasks are of the light queue", light, each)
	}
}

func race(t *testing.T, q queue.Queue) {
	var won atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			switch err := q.Enqueue(t.Context(), queue.Task{Type: "test", ID: "7:1", Queue: "work"}); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, queue.ErrDuplicate):
				t.Errorf("Enqueue: %v", err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d enqueued the same id, want 1", won.Load())
	}
}

func statistics(t *testing.T, q queue.Queue) {
	enqueue(t, q, queue.Task{ID: "1:1", Queue: "work"})
	enqueue(t, q, queue.Task{ID: "2:1", Queue: "work"})
	enqueue(t, q, queue.Task{ID: "3:1", Queue: "work", ProcessAt: time.Now().Add(time.Hour)})
	enqueue(t, q, queue.Task{ID: "1:1", Queue: "index"})
	stats := func() []queue.QueueStats {
		t.Helper()
		got, err := q.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if got[i].Latency < 0 || got[i].Latency > time.Minute {
				t.Errorf("latency %s", got[i].Latency)
			}
			got[i].Latency = 0
		}
		return got
	}
	want := []queue.QueueStats{{Queue: "index", Pending: 1}, {Queue: "work", Pending: 2, Scheduled: 1}}
	if diff := cmp.Diff(want, stats()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	started, finish := make(chan struct{}, 2), make(chan struct{})
	serve(t, q, queue.Options{Concurrency: 1}, map[string]queue.Handler{"test": func(context.Context, string, []byte) error {
		started <- struct{}{}
		<-finish
		return nil
	}})
	receive(t, started, "the handler")
	want[1] = queue.QueueStats{Queue: "work", Pending: 1, Active: 1, Scheduled: 1}
	if diff := cmp.Diff(want, stats()); diff != "" {
		t.Errorf("while one is active (-want +got)\n%s", diff)
	}
	close(finish)
}

func closed(t *testing.T, q queue.Queue) {
	for range 2 {
		if err := q.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.Enqueue(t.Context(), queue.Task{Type: "test", ID: "7:1", Queue: "work"}); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Enqueue: %v, want ErrClosed", err)
	}
	if err := q.Serve(t.Context(), queue.Options{Queues: map[string]int{"work": 1}}, nil); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Serve: %v, want ErrClosed", err)
	}
	if _, err := q.Stats(t.Context()); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Stats: %v, want ErrClosed", err)
	}
}
