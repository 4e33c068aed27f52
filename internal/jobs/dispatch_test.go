package jobs_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"resumewatch/crawlers/forum/discuztest"
	"resumewatch/internal/casebook"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
	"resumewatch/internal/queue"
)

// watched counts what is told to those who look on.
type watched struct {
	mu     sync.Mutex
	visits int
	fresh  int
}

func (w *watched) Visited(jobs.Visited) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.visits++
}

func (w *watched) Raised(_ market.Alert, fresh bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if fresh {
		w.fresh++
	}
}

// eventually waits for what other goroutines bring about.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 2000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s: not within 20 s", what)
}

func (w *world) embedded() (*queue.Asynq, *redis.Client) {
	w.Helper()
	e, err := queue.StartEmbedded()
	w.must(err)
	w.Cleanup(func() { w.check(e.Close()) })
	q, err := queue.Open(w.Context(), e.Address())
	w.must(err)
	w.Cleanup(func() { w.check(q.Close()) })
	r := redis.NewClient(&redis.Options{Addr: e.Address().Addr, Password: e.Address().Password, Protocol: 2})
	w.Cleanup(func() { w.check(r.Close()) })
	w.Queue = q
	return q, r
}

func (w *world) pending(q *queue.Asynq, name string) int {
	w.Helper()
	stats, err := q.Stats(w.Context())
	w.must(err)
	for _, s := range stats {
		if s.Queue == name {
			return s.Pending
		}
	}
	return 0
}

// Two dispatchers, one leads; the queue is lost with all that was in it, and
// everything is done all the same, once.
func TestDispatcher(t *testing.T) {
	w := newWorld(t)
	seen := &watched{}
	w.Watch = seen
	q, r := w.embedded()
	s := w.site(discuztest.Style{})
	w.board(s, 12)
	src := w.source(s, s.boardURL(), nil)
	run := w.begin(src, false)
	for i, name := range []string{"a.txt", "b.txt"} {
		w.order(run, name, exported(chat{"一群", talk(10+i, 3)}))
	}

	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	for _, holder := range []string{"one", "two"} {
		d := &jobs.Dispatcher{Workshop: w.Workshop, Holder: holder}
		d.Everything.Store(true)
		d.Run.Store(run)
		working.Go(func() { d.Work(ctx) })
	}
	defer working.Wait()
	defer stop()
	full := func() bool { return w.pending(q, jobs.QueueArchive) == 2 && w.pending(q, jobs.QueueFetch) == 1 }
	eventually(t, "due work in the queue", full)
	f, ok, err := w.Book.TakeLease(t.Context(), "leader", "three", w.Now(), time.Second)
	w.must(err)
	w.same("a third one leads", false, ok)
	w.same("changes of the leader", int64(1), f.Number)

	w.must(r.FlushAll(t.Context()).Err())
	w.same("in the queue after it was lost", 0, w.pending(q, jobs.QueueArchive))
	w.clock.add(3 * time.Second)
	eventually(t, "due work in the queue again", full)

	for _, name := range []string{jobs.QueueArchive, jobs.QueueFetch} {
		working.Go(func() {
			w.check(q.Serve(ctx, queue.Options{Concurrency: 4, Queues: map[string]int{name: 1}, Failed: func(f queue.Failure) {
				if ctx.Err() == nil {
					t.Errorf("task %s: %v", f.ID, f.Err)
				}
			}}, w.Handlers()))
		})
	}
	eventually(t, "end of the work", func() bool {
		w.clock.add(10 * time.Millisecond) // the grouper's rest is by this clock
		p := w.progress(run)
		return p.Open == 0 && p.Backlog == 0
	})
	w.same("visits", map[string]int64{"new": 2 + 14}, w.visits(run)) // files; 2 of the list, 12 threads
	w.same("listings: one of the board, one that both files hold", int64(2), w.progress(run).Counts[casebook.CountListings])
	alerts, err := w.Book.Alerts(t.Context(), casebook.AlertFilter{})
	w.must(err)
	seen.mu.Lock()
	w.same("told", []int{16, len(alerts)}, []int{seen.visits, seen.fresh})
	seen.mu.Unlock()

	// When the leader ends, the other needs no lease to lapse.
	stop()
	working.Wait()
	_, ok, err = w.Book.TakeLease(t.Context(), "leader", "three", w.Now(), time.Second)
	w.must(err)
	w.same("led after both ended", true, ok)
}

// What a dead worker held is done by another when its lease has lapsed.
func TestDispatcherTakesBack(t *testing.T) {
	w := newWorld(t)
	q, _ := w.embedded()
	run := w.run()
	w.order(run, "a.txt", exported(chat{"一群", talk(10, 3)}))
	due, err := w.Book.Due(t.Context(), w.Now(), 10)
	w.must(err)
	_, err = w.Book.ClaimWork(t.Context(), casebook.Claim{ID: due[0].ID, Generation: due[0].Generation}, w.Now()) // and dies
	w.must(err)
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	defer working.Wait()
	defer stop()
	d := &jobs.Dispatcher{Workshop: w.Workshop, Holder: "one"}
	d.Everything.Store(true)
	working.Go(func() { d.Work(ctx) })
	working.Go(func() {
		w.check(q.Serve(ctx, queue.Options{Concurrency: 2, Queues: map[string]int{jobs.QueueArchive: 1}}, w.Handlers()))
	})
	eventually(t, "a leader", func() bool {
		f, ok, err := w.Book.TakeLease(t.Context(), "leader", "test", w.Now(), 0)
		w.must(err)
		if ok { // it lapses at once
			w.must(w.Book.ReleaseLease(t.Context(), f))
		}
		return !ok
	})
	w.same("done while the lease holds", map[string]int64{}, w.visits(run))
	w.clock.add(casebook.Lease + time.Second)
	eventually(t, "end of the work", func() bool { return w.visits(run)["new"] == 1 })
}
