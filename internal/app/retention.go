package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/config"
	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
	"resumewatch/internal/privacy"
	"resumewatch/internal/queue"
)

// RetentionOptions are the flags of `retention run`.
type RetentionOptions struct {
	DryRun bool
	As     string
}

// RunRetention drops what is older than the configuration lets it be kept, or tells
// what it would drop. It may be interrupted; the next run goes on.
func RunRetention(ctx context.Context, o Options, r RetentionOptions) (out *jobs.RetentionReport, err error) {
	err = withBook(ctx, o, func(book *casebook.Book) error {
		by, err := actor(ctx, o, book, r.As)
		if err != nil {
			return err
		}
		now, err := clock(ctx, book, o.Env)
		if err != nil {
			return err
		}
		keys, err := keyring(o)
		if err != nil {
			return err
		}
		store, err := openEvidence(ctx, o, keys, now)
		if err != nil {
			return err
		}
		run, err := retention(o, book, store, keys, now)
		if err != nil {
			return err
		}
		run.Actor = by.Who
		if r.DryRun {
			out, err = run.Plan(ctx)
			return err
		}
		if out, err = runWhenFree(ctx, run); err != nil {
			return err
		}
		return dropFromIndex(ctx, o, book, now)
	})
	return out, err
}

// retentionPatience is longer than the lease of one that was killed.
const retentionPatience = 35 * time.Second

func runWhenFree(ctx context.Context, r *jobs.Retention) (*jobs.RetentionReport, error) {
	for began := time.Now(); ; {
		out, err := r.Run(ctx)
		if !errors.Is(err, jobs.ErrRetained) || time.Since(began) > retentionPatience {
			return out, err
		}
		if err := rest(ctx, time.Second); err != nil {
			return nil, err
		}
	}
}

// retention is set up with the limits of the configuration.
func retention(o Options, book *casebook.Book, store evidence.Store, keys *privacy.Keyring, now func() time.Time) (*jobs.Retention, error) {
	secret, err := keys.Secret("fingerprint")
	if err != nil {
		return nil, err
	}
	prints, err := casebook.NewFingerprints(secret)
	if err != nil {
		return nil, err
	}
	at := now()
	limit := func(k config.Keep) jobs.Limit { return jobs.Limit{Text: string(k), Before: k.Before(at)} }
	c := o.Config.Retention
	r := &jobs.Retention{
		Book: book, Store: store, Keys: keys, Prints: prints, Now: now, Log: o.Log, Holder: evidence.NewOwner(at),
		Captures: limit(c.Captures), Listings: limit(c.Listings), Fingerprints: limit(c.Fingerprints),
		Visits: limit(c.Visits), Work: limit(c.Work), Audit: limit(c.Audit),
	}
	r.Device, _ = os.Hostname() // unknown is empty
	r.May = func(ctx context.Context) error {
		return (&jobs.Workshop{Book: book}).MayRecover(ctx, o.checkpointPath())
	}
	return r, nil
}

// indexPatience is how long `retention run` waits for another process to take what was
// dropped out of the index.
const indexPatience = 30 * time.Second

// dropFromIndex takes what was dropped out of the index, or waits until the process
// that works on the folder has.
func dropFromIndex(ctx context.Context, o Options, book *casebook.Book, now func() time.Time) (err error) {
	if waiting, _, err := book.Drops(ctx, 1); err != nil || len(waiting) == 0 {
		return err
	}
	if !o.scaled() {
		lock, err := queue.Acquire(o.Data)
		if errors.Is(err, queue.ErrHeld) {
			return awaitIndex(ctx, o, book)
		}
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, lock.Release()) }()
	}
	store, err := openIndex(ctx, o, writing, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	w := jobs.Workshop{Book: book, Index: store, Log: o.Log, Now: now}
	return w.DropFromIndex(ctx)
}

func awaitIndex(ctx context.Context, o Options, book *casebook.Book) error {
	for began := time.Now(); ; {
		waiting, _, err := book.Drops(ctx, 1)
		if err != nil || len(waiting) == 0 {
			return err
		}
		if time.Since(began) > indexPatience {
			o.Log.Warn("the index still holds listings that were dropped; the process at work takes them out")
			return nil
		}
		if err := rest(ctx, lookEvery); err != nil {
			return err
		}
	}
}

// metaRetained is when the leader last dropped what was old, in milliseconds.
const metaRetained = "retention.last"

// retentionChore drops what is old once a day while this process leads.
func (r *runner) retentionChore(o Options, w *jobs.Workshop) jobs.Chore {
	return jobs.Chore{Name: "dropping what is old", Every: time.Hour, Do: func(ctx context.Context) error {
		last, err := w.Book.Meta(ctx, metaRetained)
		if err != nil {
			return err
		}
		if ms, err := strconv.ParseInt(last, 10, 64); err == nil && w.Now().Sub(time.UnixMilli(ms)).Abs() < jobs.RetentionEvery {
			return nil
		}
		run, err := retention(o, w.Book, r.store, r.keys, w.Now)
		if err != nil {
			return err
		}
		run.Quiet = true
		report, err := run.Run(ctx)
		if errors.Is(err, jobs.ErrRetained) {
			return nil
		}
		if err != nil {
			return err
		}
		if !report.Empty() || len(report.Waiting) > 0 {
			o.Log.Info("dropped what is old", "dropped", fmt.Sprint(report.Dropped), "months", len(report.Months), "waiting", len(report.Waiting), "seconds", report.Seconds)
		}
		return w.Book.SetMeta(ctx, metaRetained, strconv.FormatInt(w.Now().UnixMilli(), 10))
	}}
}

// gone says of a capture that the casebook doesn't know when it was dropped, if it was.
func (r *Reader) gone(ctx context.Context, digest string) error {
	whole, e, err := r.Book.CaptureGone(ctx, digest)
	if err != nil {
		return nil // it was never here, as far as anybody can tell
	}
	return fmt.Errorf("capture %s of %s was dropped on %s by %s; the custody log has its digest", whole, e.Object, e.At.Format(time.RFC3339), e.Detail["by"])
}

// verifyDropped tells of captures that were dropped, and of files that are being.
func (r *Reader) verifyDropped(ctx context.Context, report *evidence.Report) (doomed map[string]string, err error) {
	n, err := r.Book.CapturesGone(ctx)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		report.Checked = append(report.Checked, evidence.Check{What: "retention", OK: true, Detail: fmt.Sprintf("%d captures were dropped; the custody log names each", n)})
	}
	if doomed, err = r.Book.DoomedFiles(ctx); err != nil || len(doomed) == 0 {
		return doomed, err
	}
	keys, err := keyring(r.opts)
	if err != nil {
		return nil, err
	}
	for _, file := range slices.Sorted(maps.Keys(doomed)) {
		may, err := jobs.MayDrop(keys, file, doomed[file])
		if err != nil {
			return nil, err
		}
		if !may {
			report.OK = false
			report.Checked = append(report.Checked, evidence.Check{What: "retention", Detail: fmt.Sprintf("%s is noted to be dropped with the key %.40s, which is not erased or not its own: the note is not ours", file, doomed[file])})
			delete(doomed, file)
		}
	}
	if len(doomed) > 0 {
		report.Unchecked = append(report.Unchecked, fmt.Sprintf("%d files that are being dropped: `resumewatch retention run` goes on with it", len(doomed)))
	}
	return doomed, nil
}
