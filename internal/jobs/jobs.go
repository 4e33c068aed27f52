// Package jobs holds what workers do: visit pages, read chunks of archives,
// group listings into offers, keep the index current, and the dispatcher that
// puts due work into the queue. One file a kind of task.
//
// Every handler follows the same order: claim the row, read, append evidence
// and make it durable, commit once under the row's generation. A process may
// die between any two steps; what was not committed is done again by whoever
// claims the row next, and nothing is counted twice.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"resumewatch/alerts/rules"
	"resumewatch/crawlers/fetch"
	"resumewatch/extractors"
	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/index"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
	"resumewatch/internal/queue"
)

// Queues by purpose.
const (
	QueueArchive = "archive"
	QueueFetch   = "fetch"
	QueueAsked   = "asked" // visits that somebody waits for
)

// Watch is told what happens, as it happens, for people who look on. Calls come
// from any goroutine and must return at once.
type Watch interface {
	Visited(Visited)
	Raised(alert market.Alert, fresh bool)
}

// Visited is one ended look at a page or chunk.
type Visited struct {
	Source   string
	What     string // address, or file and byte range
	Outcome  market.Outcome
	Reason   string
	Posts    int64 // not known before
	Listings int64 // not known before
}

// Reader reads texts; *extractors.Extractor is the one.
type Reader interface {
	Extract(text string, o extractors.Options) market.Reading
	Version() string // readings of a higher one replace those of a lower one
}

// Penalizer keeps everybody off a host until the given time (its Retry-After).
type Penalizer interface {
	Penalize(ctx context.Context, host string, until time.Time) error
}

// Workshop is what all handlers share. The zero value of optional fields is
// said with them; the rest must be set.
type Workshop struct {
	Book      *casebook.Book
	Evidence  *Pens
	Index     index.Store
	Queue     queue.Queue
	Fetcher   *fetch.Fetcher
	Budget    Penalizer
	Extractor Reader
	Prints    casebook.Fingerprints
	DigestKey []byte         // of text digests
	Blind     *privacy.Blind // nil: people in samples are not counted
	Rules     []rules.Rule
	Info      evidence.Info         // who captures; Source and Authority are filled in by the handlers
	Clock     func() evidence.Clock // how far Now can be trusted; nil: not known
	Now       func() time.Time
	Log       *slog.Logger
	Watch     Watch  // nil: nobody looks on
	Spool     Spool  // nil: no chunk is ever parked
	Archives  string // folder below which archives lie that every worker sees; "": none

	reading   chan struct{} // bounds how many chunks are in memory at once
	sessions  sessions
	failed    failures
	refused   refusals
	recovered recovery
	dropping  dropping // of the indexer alone
}

// Init readies the workshop for the given number of chunks read at once.
func (w *Workshop) Init(chunks int) { w.reading = make(chan struct{}, max(1, chunks)) }

func (w *Workshop) visited(v Visited) {
	if w.Watch != nil {
		w.Watch.Visited(v)
	}
}

// Handlers are the tasks that a worker serves, by type.
func (w *Workshop) Handlers() map[string]queue.Handler {
	return map[string]queue.Handler{
		casebook.KindChunk:  w.Chunk,
		casebook.KindVisit:  w.Visit,
		casebook.KindReview: w.Review,
	}
}

// TaskID names a unit of work at a generation: the queue may hold it once.
func TaskID(id string, generation int64) string { return id + ":" + strconv.FormatInt(generation, 10) }

func parseTaskID(s string) (casebook.Claim, error) {
	id, gen, ok := strings.Cut(s, ":")
	n, err := strconv.ParseInt(gen, 10, 64)
	if !ok || err != nil {
		return casebook.Claim{}, fmt.Errorf("jobs: task %q is no row and generation", s)
	}
	return casebook.Claim{ID: id, Generation: n}, nil
}

// errDone says that the unit is somebody else's or done: nothing to do.
var errDone = errors.New("nothing to do")

// claim takes the row and keeps its lease until the returned function is called.
// The context ends when the lease is lost.
func (w *Workshop) claim(ctx context.Context, task string) (context.Context, casebook.Work, casebook.Claim, func(), error) {
	c, err := parseTaskID(task)
	if err != nil {
		return nil, casebook.Work{}, c, nil, err
	}
	row, err := w.Book.ClaimWork(ctx, c, w.Now())
	if errors.Is(err, casebook.ErrLost) {
		return nil, row, c, nil, errDone
	}
	if err != nil {
		return nil, row, c, nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(casebook.Lease / 4)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := w.Book.RenewWork(ctx, c, w.Now()); errors.Is(err, casebook.ErrLost) {
					cancel(err)
					return
				}
			}
		}
	}()
	return ctx, row, c, func() { cancel(nil); <-stopped }, nil
}

// maxFailures of one unit in one process: what can't be done must not be tried
// for ever, and must not stop the rest. Deaths of the process don't count.
const maxFailures = 4

// failures counts how often units failed.
type failures struct {
	mu sync.Mutex
	n  map[string]int
}

func (f *failures) add(id string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n == nil {
		f.n = map[string]int{}
	}
	f.n[id]++
	return f.n[id]
}

func (f *failures) of(id string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n[id]
}

func (f *failures) forget(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.n, id)
}

// handle claims the unit of a task and does it. What is somebody else's by now is
// no error.
func (w *Workshop) handle(ctx context.Context, task string, do func(context.Context, casebook.Work, casebook.Claim) error) error {
	ctx, row, claim, release, err := w.claim(ctx, task)
	if errors.Is(err, errDone) {
		return nil
	}
	if err != nil {
		return err
	}
	defer release()
	return w.settle(ctx, row, claim, func() error {
		if err := w.Evidence.Ready(ctx); err != nil {
			return err
		}
		return do(ctx, row, claim)
	})
}

// settle ends a handler: what failed goes back, a little later each time. do is
// the work; its panics are failures too.
func (w *Workshop) settle(ctx context.Context, row casebook.Work, c casebook.Claim, do func() error) error {
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		return do()
	}()
	if err == nil || errors.Is(err, casebook.ErrLost) {
		w.failed.forget(row.ID)
		return nil
	}
	due := w.Now().Add(w.later(ctx, row.ID, err))
	w.giveBack(ctx, c, due, err)
	return fmt.Errorf("%s %s of %s: %w", row.Kind, row.ID, row.Source, err)
}

// later is how long a unit that failed rests. Failures of its own are counted.
func (w *Workshop) later(ctx context.Context, id string, err error) time.Duration {
	switch {
	case ctx.Err() != nil: // a stop is no failure
		return 0
	case errors.Is(err, evidence.ErrUnavailable): // nor is it the unit's
		return time.Second
	}
	return time.Duration(w.failed.add(id)) * time.Second
}

// giveBackFor is how long a casebook that doesn't answer is asked again to take a
// unit back: after that the unit's lease lapses soon.
const giveBackFor = 10 * time.Second

// giveBack returns a unit, so that nobody needs to wait for its lease to lapse. A
// stop doesn't wait for a casebook that is away.
func (w *Workshop) giveBack(ctx context.Context, c casebook.Claim, due time.Time, why error) {
	reason, _, _ := strings.Cut(why.Error(), "\n")
	for began := time.Now(); ; {
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		err := w.Book.PostponeWork(try, c, due, Clean(reason))
		cancel()
		if err == nil || errors.Is(err, casebook.ErrLost) {
			return
		}
		if time.Since(began) > giveBackFor || !wait(ctx, time.Second) {
			w.Log.Warn("work could not be given back; it goes on when its lease lapses", "work", c.ID, "err", err)
			return
		}
	}
}
