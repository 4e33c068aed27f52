package app

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"resumewatch/alerts/rules"
	"resumewatch/crawlers/fetch"
	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/index"
	"resumewatch/internal/jobs"
	"resumewatch/internal/privacy"
	"resumewatch/internal/queue"
	"resumewatch/internal/spool"
	"resumewatch/internal/telemetry"
)

// visitors is how many visits run at once in one process. They mostly wait for
// the budgets of hosts.
const visitors = 32

// askedWeight is how many visits that somebody waits for are begun for each that
// is just due, while there are both.
const askedWeight = 4

// softMemory is above what reading two chunks at once needs: beyond it the
// collector works harder, so that a long import peaks no higher than a short one.
const softMemory = 56 << 20

// duties are what a process does on the stores.
type duties struct {
	works bool        // reads chunks and visits pages
	leads bool        // hands work out, keeps index and offers current, whenever it holds the lease
	lock  *queue.Lock // of the data folder, on embedded parts; nil: shared servers
}

func embeddedDuties(lock *queue.Lock) duties { return duties{works: true, leads: true, lock: lock} }

// runner is a process at work.
type runner struct {
	duties
	name       string // of this process, among all that share the stores
	metrics    *telemetry.Metrics
	keys       *privacy.Keyring
	embedded   *queue.Embedded // nil: shared servers
	queue      *queue.Asynq
	spool      *spool.Spool // nil: files are read in place
	index      index.Store
	store      evidenceStore
	onS3       bool // captures lie in S3-compatible storage
	pens       *jobs.Pens
	lease      *jobs.PenLease // nil: no other process can think that this one is gone
	fetcher    *fetch.Fetcher
	workshop   *jobs.Workshop
	dispatcher *jobs.Dispatcher // nil: it doesn't lead
	log        *jobs.CustodyLog // nil: it doesn't lead
	fatal      chan error       // holds the error that ends the work, if there was one
	cancel     context.CancelFunc
	done       sync.WaitGroup
}

// start brings a process to work. On error it leaves the lock to the caller and
// everything else closed.
func start(ctx context.Context, o Options, book *casebook.Book, d duties, now func() time.Time) (r *runner, err error) {
	r = &runner{duties: d, fatal: make(chan error, 1), name: evidence.NewOwner(now()), onS3: o.onS3()}
	r.metrics = r.meter(book)
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
	w := &jobs.Workshop{Book: book, Now: now, Log: o.Log, Watch: meteredWatch{o.Watch, r.metrics}, Rules: rules.Builtin(), Archives: o.Config.Archives.Root}
	r.workshop = w
	if r.keys, err = keyring(o); err != nil {
		return r, err
	}
	if r.spool, err = openSpool(o, r.keys, now); err != nil {
		return r, err
	}
	w.Spool = parked(r.spool)
	if err := r.connect(ctx, o, w); err != nil {
		return r, err
	}
	if err := r.openEvidence(ctx, o, w, now); err != nil {
		return r, err
	}
	if d.works {
		if err := r.tools(ctx, o, w, now); err != nil {
			return r, err
		}
	}
	if d.leads {
		l, err := custodyLog(ctx, o, book, r.keys)
		if err != nil {
			return r, err
		}
		r.log = &l
	}
	if d.lock != nil {
		// Nobody else works here: whatever is leased was held by a process that died.
		if _, err := book.Reclaim(ctx, now(), true); err != nil {
			return r, err
		}
		if err := r.writeRun("", now()); err != nil {
			return r, err
		}
	}
	r.serve(ctx, o, w)
	return r, nil
}

// connect opens queue and index.
func (r *runner) connect(ctx context.Context, o Options, w *jobs.Workshop) (err error) {
	if r.lock == nil {
		r.queue, err = openQueue(ctx, o)
	} else if r.embedded, err = queue.StartEmbedded(); err == nil {
		r.queue, err = queue.Open(ctx, r.embedded.Address())
	}
	if err != nil {
		return err
	}
	w.Queue = r.queue
	if !r.leads { // only the leader writes the index
		return nil
	}
	if r.index, err = openIndex(ctx, o, writing, r.metrics.BulkFailed); err != nil {
		return err
	}
	w.Index = r.index
	if r.index.Fresh() && r.lock != nil {
		_, err = w.Reindex(ctx, false)
	}
	return err
}

// openEvidence opens the evidence and mends what a kill left behind, if nobody
// else can be writing it; else the leader does.
func (r *runner) openEvidence(ctx context.Context, o Options, w *jobs.Workshop, now func() time.Time) (err error) {
	if r.store, err = openEvidence(ctx, o, r.keys, now); err != nil {
		return err
	}
	if err := matchEvidence(ctx, w.Book, r.store); err != nil {
		return err
	}
	if r.lock == nil {
		if r.works {
			r.lease = jobs.NewPenLease(w.Book, r.name, now, o.Log)
			r.pens = jobs.NewLeasedPens(r.store, r.lease)
			w.Evidence = r.pens
		}
		return nil
	}
	r.pens = jobs.NewPens(r.store, r.name)
	w.Evidence = r.pens
	switch err := w.MayRecover(ctx, o.checkpointPath()); {
	case errors.Is(err, casebook.ErrLogBroken): // what comes now goes to new files
		o.Log.Error(err.Error())
		return nil
	case err != nil:
		return err
	}
	ends, err := w.Book.EvidenceEnds(ctx)
	if err != nil {
		return err
	}
	recovered, err := r.store.Recover(ctx, func(file string) int64 { return ends[file] }, func(string) bool { return false })
	if err != nil {
		return fmt.Errorf("evidence: %w", err)
	}
	jobs.ReportDamage(o.Log, recovered)
	return nil
}

// tools are what reading chunks and pages needs.
func (r *runner) tools(ctx context.Context, o Options, w *jobs.Workshop, now func() time.Time) error {
	err := readingTools(ctx, o, w, r.keys)
	if err != nil {
		return err
	}
	budget := r.queue.Budget()
	w.Budget = budget
	r.fetcher, err = fetch.New(fetch.Options{
		Budget: meteredBudget{budget, r.metrics}, Now: now, Limits: fetchLimits(o.Config), UserAgent: o.Config.Fetch.UserAgent,
		ResolverName: resolverName(),
	})
	if err != nil {
		return err
	}
	w.Fetcher = r.fetcher
	w.Info, w.Clock = capturer(o), clockTrust(o)
	w.Init(r.chunksAtOnce(o))
	return nil
}

// readingTools are what reading posts needs.
func readingTools(ctx context.Context, o Options, w *jobs.Workshop, keys *privacy.Keyring) error {
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
	if w.Blind, err = keys.OpenBlind(ctx); err != nil {
		return err
	}
	w.Extractor, err = o.reader()
	return err
}

func (r *runner) chunksAtOnce(o Options) int {
	if n := o.Config.Worker.Archive; n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// serve starts the workers and the dispatcher. Archives and visits have their
// own servers: a visit waits for its host's budget, a chunk for a processor, and
// neither may keep the other waiting.
func (r *runner) serve(ctx context.Context, o Options, w *jobs.Workshop) {
	ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if r.works {
		visits := visitors
		if n := o.Config.Worker.Fetch; n > 0 {
			visits = n
		}
		r.done.Go(func() { r.serveQueues(ctx, o, w, map[string]int{jobs.QueueArchive: 1}, r.chunksAtOnce(o)) })
		r.done.Go(func() {
			r.serveQueues(ctx, o, w, map[string]int{jobs.QueueFetch: 1, jobs.QueueAsked: askedWeight}, visits)
		})
	}
	if r.leads {
		r.dispatcher = r.newDispatcher(o, w)
		r.done.Go(func() { r.dispatcher.Work(ctx) })
	}
}

func (r *runner) serveQueues(ctx context.Context, o Options, w *jobs.Workshop, weights map[string]int, n int) {
	err := r.queue.Serve(ctx, queue.Options{
		Concurrency: n, Queues: weights, Log: o.Log,
		Failed: func(f queue.Failure) {
			if ctx.Err() != nil || r.broken(f.Err) {
				return
			}
			r.metrics.TaskFailed(f.Type)
			o.Log.Error("task failed; it is tried again", "type", f.Type, "err", f.Err)
		},
	}, w.Handlers())
	if err != nil {
		o.Log.Error("workers stopped", "err", err)
	}
}

func (r *runner) newDispatcher(o Options, w *jobs.Workshop) *jobs.Dispatcher {
	d := &jobs.Dispatcher{Workshop: w, Holder: r.name, Broken: r.broken, Chores: custodyChores(w, *r.log, r.keys)}
	kept := jobs.Kept{Book: w.Book, Store: r.store, Keys: r.keys, Now: w.Now, Device: capturer(o).Host}
	d.Chores = append(d.Chores,
		jobs.Chore{Name: "sweeping the spool", Every: 10 * time.Minute, Do: func(ctx context.Context) error { return sweepSpool(ctx, w.Book, r.spool, w.Now()) }},
		jobs.Chore{Name: "ending what was kept for closed cases", Every: time.Hour, Do: func(ctx context.Context) error {
			_, err := kept.End(ctx)
			return err
		}})
	d.Chores = append(d.Chores, r.retentionChore(o, w))
	if r.lock != nil {
		// The lock makes this the only process that can lead: a lease that a killed
		// one left behind need not lapse first.
		d.Holder = "holder of the lock"
		return d
	}
	d.Chores = append(d.Chores, []jobs.Chore{
		{Name: "recovering evidence", Every: time.Minute, Do: func(ctx context.Context) error {
			if err := w.MayRecover(ctx, r.log.Path); err != nil {
				return err
			}
			return w.RecoverEvidence(ctx, r.store)
		}},
		{Name: "filling a new index", Every: time.Minute, Do: func(ctx context.Context) error {
			if !r.index.Fresh() {
				return nil
			}
			_, err := w.Reindex(ctx, false)
			return err
		}},
	}...)
	return d
}

// writeRun tells other processes of the folder how to reach this one.
func (r *runner) writeRun(console string, now time.Time) error {
	if r.lock == nil {
		return nil
	}
	a := r.embedded.Address()
	return r.lock.WriteRun(queue.Run{Queue: a.Addr, Password: a.Password, Started: now, Console: console})
}

// stop gives work back and closes all.
func (r *runner) stop() error {
	r.cancel()
	r.done.Wait()
	err := errors.Join(r.finishLog(), r.release())
	if r.lock != nil {
		err = errors.Join(err, r.lock.Release())
	}
	return err
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
	if r.lease != nil {
		err = errors.Join(err, r.lease.Close())
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
