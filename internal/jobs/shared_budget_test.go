package jobs_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"resumewatch/crawlers/fetch"
	"resumewatch/crawlers/forum/discuztest"
	"resumewatch/internal/casebook"
	"resumewatch/internal/jobs"
	"resumewatch/internal/jobs/sharedtest"
	"resumewatch/internal/market"
	"resumewatch/internal/queue"
)

// Two workers, each with its own hands on one casebook and one Redis, and a host
// that logs when they come. By the real clock: slots are half a second apart.

var perMinute120 = market.Rate{Requests: 120, Per: time.Minute}

type pair struct {
	*world
	host  sharedtest.Host
	site  *site
	redis *redis.Client
	run   int64
	tasks atomic.Int64 // handled by both
}

// newPair starts two workers on a board of that many threads, of which some
// redirect to themselves; front, if set, is asked before the board.
func newPair(t *testing.T, threads int, front func(http.ResponseWriter, *http.Request) bool) *pair {
	t.Helper()
	p := &pair{world: newWorld(t)}
	p.Now = time.Now
	one, r := p.embedded()
	p.redis = r
	two, err := queue.Open(t.Context(), queue.Address{Addr: r.Options().Addr, Password: r.Options().Password})
	p.must(err)
	t.Cleanup(func() { p.check(two.Close()) })
	book, err := casebook.OpenSQLite(t.Context(), filepath.Join(p.dir, "casebook.db"))
	p.must(err)
	t.Cleanup(func() { p.check(book.Close()) })
	other := &jobs.Workshop{
		Book: book, Evidence: jobs.NewPens(p.store, "other"), Index: p.Index, Extractor: p.Extractor, Prints: p.Prints,
		DigestKey: p.DigestKey, Rules: p.Rules, Info: p.Info, Now: time.Now, Log: p.Log,
	}
	t.Cleanup(func() { p.check(other.Evidence.Close()) })
	other.Init(2)

	p.site = p.world.site(discuztest.Style{PerList: 500}) // all are known from the start
	p.board(p.site, threads)
	p.site.intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		p.host.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			tid, _ := strconv.Atoi(q.Get("tid")) // 0: no thread
			switch {
			case front != nil && front(w, r):
			case tid > 0 && tid%9 == 0 && !q.Has("x"):
				http.Redirect(w, r, r.URL.RequestURI()+"&x=1", http.StatusFound)
			default:
				next.ServeHTTP(w, r)
			}
		})).ServeHTTP(w, r)
	})
	src := p.source(p.site, p.site.boardURL(), func(c *casebook.Source) { c.Settings.Rate = perMinute120 })
	p.run = p.begin(src, false)

	ctx, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	t.Cleanup(func() { stop(); working.Wait() })
	for w, q := range map[*jobs.Workshop]*queue.Asynq{p.Workshop: one, other: two} {
		budget := q.Budget()
		w.Queue, w.Budget = q, budget
		if w.Fetcher, err = fetch.New(fetch.Options{Budget: budget}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(w.Fetcher.Close)
		working.Go(func() {
			p.check(q.Serve(ctx, queue.Options{Concurrency: 4, Queues: map[string]int{jobs.QueueFetch: 1}}, map[string]queue.Handler{
				casebook.KindVisit: func(ctx context.Context, id string, payload []byte) error {
					p.tasks.Add(1)
					return w.Visit(ctx, id, payload)
				},
			}))
		})
		d := &jobs.Dispatcher{Workshop: w, Holder: fmt.Sprintf("%p", w)}
		d.Everything.Store(true)
		d.Run.Store(p.run)
		working.Go(func() { d.Work(ctx) })
	}
	return p
}

// never checks that no window of n intervals holds more than n and one.
func (p *pair) never() {
	p.Helper()
	at := p.host.Arrivals()
	for _, n := range []int{1, 2, 4, 10, 20, 120} {
		if most := sharedtest.Most(at, time.Duration(n)*perMinute120.Interval()); most > n+1 {
			p.Errorf("%d requests within %d intervals of %s", most, n, perMinute120.Interval())
		}
	}
}

// arrivals waits for so many requests.
func (p *pair) arrivals(n int) {
	p.Helper()
	eventually(p.T, fmt.Sprint(n, " requests"), func() bool { return len(p.host.Arrivals()) >= n })
}

func TestTwoWorkersShareABudget(t *testing.T) {
	t.Parallel()
	watching, stop := context.WithCancel(context.Background())
	defer stop()
	p := newPair(t, 400, nil)
	p.arrivals(4) // robots.txt of both, the list: until then little is due
	stalls := sharedtest.Stalls(watching, perMinute120.Interval()/4)
	p.arrivals(26)
	p.never()
	lost := int(stalls.Load())
	at := p.host.Arrivals()[3:]
	used := sharedtest.Used(at, perMinute120.Interval())
	t.Logf("%.1f %% of the budget used, %d tasks", 100*used, p.tasks.Load())
	if used < 0.9-float64(lost)/float64(len(at)) {
		t.Errorf("%.0f %% of the budget were used while work was due (the machine stood still %d times)", 100*used, lost)
	}
	// Its many pages leave workers to other hosts.
	b, err := p.Book.Backlog(t.Context(), time.Now())
	p.must(err)
	visits := 0
	for _, w := range b.Work {
		visits += w.N
	}
	if visits > 5 || b.Pages < 200 {
		t.Errorf("%d visits at once, with %d more pages due", visits, b.Pages)
	}
}

// A Redis that is emptied doesn't let anybody go twice.
func TestLostBudgetIsNoLicence(t *testing.T) {
	t.Parallel()
	p := newPair(t, 30, nil)
	for n := 6; n <= 14; n += 4 {
		p.arrivals(n)
		p.must(p.redis.FlushAll(t.Context()).Err())
	}
	p.arrivals(18)
	p.never()
}

// When a host says that it is too much, also those leave it alone who waited for
// their slot just then.
func TestEverybodyLeavesAHostAlone(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var said time.Time
	asked := 0
	p := newPair(t, 60, func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if asked++; asked != 10 {
			return false
		}
		said = time.Now()
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	})
	p.arrivals(10)
	time.Sleep(3 * time.Second) // six slots, of which three were given: to each batch of pages one
	mu.Lock()
	defer mu.Unlock()
	for _, at := range p.host.Arrivals() {
		if late := at.Sub(said); late > perMinute120.Interval()/2 {
			t.Errorf("asked %s after it had said that it is too much", late)
		}
	}
	p.never()
}
