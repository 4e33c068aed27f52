package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"resumewatch/alerts/rules"
	"resumewatch/crawlers/fetch"
	"resumewatch/extractors"
	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/index"
	"resumewatch/internal/jobs"
	"resumewatch/internal/queue"
)

// visitors is how many visits run at once in one process. They mostly wait for
// the budgets of hosts.
const visitors = 8

// softMemory is above what reading two chunks at once needs: beyond it the
// collector works harder, so that a long import peaks no higher than a short one.
const softMemory = 56 << 20

// Session is a data folder in which work can be ordered. If no other process
// works on the folder, this one starts the embedded parts; else it orders work
// in the casebook and the other one does it.
type Session struct {
	Book *casebook.Book
	Now  func() time.Time
	opts Options
	rt   *runner // nil: another process works

	run        int64 // see visit
	everything bool
}

// Open opens a session. The caller closes it.
func Open(ctx context.Context, o Options) (*Session, error) {
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	lock, err := queue.Acquire(o.Data)
	if err != nil && !errors.Is(err, queue.ErrHeld) {
		return nil, err
	}
	book, err := openBook(ctx, o)
	if err != nil {
		if lock != nil {
			err = errors.Join(err, lock.Release())
		}
		return nil, err
	}
	s := &Session{Book: book, opts: o}
	if s.Now, err = clock(ctx, book, o.Env); err == nil && lock != nil {
		s.rt, err = start(ctx, o, book, lock, s.Now)
	}
	if err != nil {
		if lock != nil && s.rt == nil {
			err = errors.Join(err, lock.Release())
		}
		return nil, errors.Join(err, book.Close())
	}
	return s, nil
}

// Alone reports whether this process does the work.
func (s *Session) Alone() bool { return s.rt != nil }

// Close stops the workers, within a few seconds, and releases the folder. What
// was begun and not committed is done again at the next start.
func (s *Session) Close() error {
	var err error
	if s.rt != nil {
		err = s.rt.stop()
	}
	return errors.Join(err, s.Book.Close())
}

// takeOver makes this process the worker when the other one is gone.
func (s *Session) takeOver(ctx context.Context) error {
	lock, err := queue.Acquire(s.opts.Data)
	if errors.Is(err, queue.ErrHeld) {
		return nil
	}
	if err != nil {
		return err
	}
	s.rt, err = start(ctx, s.opts, s.Book, lock, s.Now)
	if err != nil {
		return errors.Join(err, lock.Release())
	}
	s.visit(s.run, s.everything)
	return nil
}

// visit lets this process, if it is or becomes the one that works, visit the
// pages of a run, or with everything all that are due. Unless somebody asks for
// it, no request is made.
func (s *Session) visit(run int64, everything bool) {
	s.run, s.everything = run, everything
	if s.rt != nil {
		s.rt.dispatcher.Run.Store(run)
		s.rt.dispatcher.Everything.Store(everything)
	}
}

// runner is the embedded parts at work.
type runner struct {
	lock       *queue.Lock
	embedded   *queue.Embedded
	queue      *queue.Asynq
	index      index.Store
	pens       *jobs.Pens
	fetcher    *fetch.Fetcher
	dispatcher *jobs.Dispatcher
	fatal      chan error // holds the error that ends the work, if there was one
	cancel     context.CancelFunc
	done       sync.WaitGroup
}

// start brings the embedded parts up. On error it leaves the lock to the caller
// and everything else closed.
func start(ctx context.Context, o Options, book *casebook.Book, lock *queue.Lock, now func() time.Time) (r *runner, err error) {
	r = &runner{lock: lock, fatal: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.release())
			r = nil
		}
	}()
	queue.LogRedis(o.Log)
	if o.Env("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
	}
	w := &jobs.Workshop{Book: book, Now: now, Log: o.Log, Watch: o.Watch, Rules: rules.Builtin()}
	if err := r.stores(ctx, o, w, now); err != nil {
		return r, err
	}
	if w.Extractor, err = extractors.New(); err != nil {
		return r, err
	}
	if err := r.network(ctx, o, w, now); err != nil {
		return r, err
	}
	host, _ := os.Hostname() // unknown is empty: a fact of the capture, not a reason to stop
	w.Info = evidence.Info{Software: "resumewatch/" + Version, Host: host, UserAgent: fetch.DefaultUserAgent}
	w.Init(runtime.GOMAXPROCS(0))
	// Nobody else works here: whatever is leased was held by a process that died.
	if _, err := book.Reclaim(ctx, now(), true); err != nil {
		return r, err
	}
	if err := lock.WriteRun(queue.Run{Queue: r.embedded.Address().Addr, Password: r.embedded.Address().Password, Started: now()}); err != nil {
		return r, err
	}
	// The lock makes this the only process that can lead: a lease that a killed
	// one left behind need not lapse first.
	r.dispatcher = &jobs.Dispatcher{Workshop: w, Holder: "holder of the lock", Broken: r.broken}
	r.serve(ctx, o, w)
	return r, nil
}

// stores opens evidence, keys and index, and mends what a kill left behind.
func (r *runner) stores(ctx context.Context, o Options, w *jobs.Workshop, now func() time.Time) error {
	keys, err := keyring(o)
	if err != nil {
		return err
	}
	prints, err := keys.Secret("fingerprint")
	if err != nil {
		return err
	}
	if w.Prints, err = casebook.NewFingerprints(prints); err != nil {
		return err
	}
	if w.DigestKey, err = keys.Secret("text-digest"); err != nil {
		return err
	}
	store, err := evidence.OpenDir(o.path("evidence"), keys, now)
	if err != nil {
		return err
	}
	if err := matchEvidence(ctx, w.Book, o.path("evidence")); err != nil {
		return err
	}
	ends, err := w.Book.EvidenceEnds(ctx)
	if err != nil {
		return err
	}
	recovered, err := store.Recover(ctx, func(file string) int64 { return ends[file] }, func(string) bool { return false })
	if err != nil {
		return fmt.Errorf("evidence: %w", err)
	}
	for _, d := range recovered.Damaged {
		o.Log.Error("evidence is damaged: run `resumewatch evidence verify`", "file", d.File, "detail", d.Detail)
	}
	w.Evidence = jobs.NewPens(store, fmt.Sprintf("p%d-%d", os.Getpid(), now().Unix()))
	r.pens = w.Evidence
	if w.Index, err = index.OpenSQLite(o.path("index.db"), false); err != nil {
		return err
	}
	r.index = w.Index
	if r.index.Fresh() {
		if _, err := w.Reindex(ctx, false); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) network(ctx context.Context, o Options, w *jobs.Workshop, now func() time.Time) (err error) {
	if r.embedded, err = queue.StartEmbedded(); err != nil {
		return err
	}
	if r.queue, err = queue.Open(ctx, r.embedded.Address()); err != nil {
		return err
	}
	budget := r.queue.Budget()
	w.Queue, w.Budget = r.queue, budget
	r.fetcher, err = fetch.New(fetch.Options{Budget: budget, Now: now, Limits: fetchLimits(o.Config), UserAgent: o.Config.Fetch.UserAgent})
	w.Fetcher = r.fetcher
	return err
}

// serve starts the workers and the dispatcher. Archives and visits have their
// own servers: a visit waits for its host's budget, a chunk for a processor, and
// neither may keep the other waiting.
func (r *runner) serve(ctx context.Context, o Options, w *jobs.Workshop) {
	ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	for name, n := range map[string]int{jobs.QueueArchive: runtime.GOMAXPROCS(0), jobs.QueueFetch: visitors} {
		r.done.Go(func() {
			err := r.queue.Serve(ctx, queue.Options{
				Concurrency: n, Queues: map[string]int{name: 1}, Log: o.Log,
				Failed: func(f queue.Failure) {
					if ctx.Err() == nil && !r.broken(f.Err) {
						o.Log.Error("task failed; it is tried again", "type", f.Type, "err", f.Err)
					}
				},
			}, w.Handlers())
			if err != nil {
				o.Log.Error("workers stopped", "queue", name, "err", err)
			}
		})
	}
	r.done.Go(func() { r.dispatcher.Work(ctx) })
}

func (r *runner) stop() error {
	r.cancel()
	r.done.Wait()
	return errors.Join(r.release(), r.lock.Release())
}

// release closes what was opened, in the opposite order.
func (r *runner) release() error {
	var err error
	if r.fetcher != nil {
		r.fetcher.Close()
	}
	if r.pens != nil {
		err = errors.Join(err, r.pens.Close())
	}
	if r.queue != nil {
		err = errors.Join(err, r.queue.Close())
	}
	if r.embedded != nil {
		err = errors.Join(err, r.embedded.Close())
	}
	if r.index != nil {
		err = errors.Join(err, r.index.Close())
	}
	return err
}

// Wait returns when everything that a run ordered is done and consumed by index
// and grouper, together with what was written before: of work that is done
// already, a run that was killed may have left notices. progress, if not nil, is
// told how far it is.
func (s *Session) Wait(ctx context.Context, run int64, progress func(casebook.Progress)) (casebook.Progress, error) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	until := int64(-1) // the newest notice when all was done; others may go on writing
	for {
		p, err := s.Book.RunProgress(ctx, run, false)
		if err != nil {
			return p, err
		}
		if progress != nil {
			progress(p)
		}
		if p.Open == 0 && p.Backlog == 0 {
			if until < 0 {
				if until, err = s.Book.NewestNotice(ctx); err != nil {
					return p, err
				}
			}
			done, err := s.Book.Consumed(ctx, until)
			if err != nil {
				return p, err
			}
			if done {
				return s.Book.RunProgress(ctx, run, true)
			}
		}
		select {
		case <-ctx.Done():
			return p, ctx.Err()
		case err := <-s.fatal():
			return p, s.full(err)
		case <-tick.C:
		}
		if s.rt == nil {
			if err := s.takeOver(ctx); err != nil {
				return p, err
			}
		}
	}
}
