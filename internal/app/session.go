package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/queue"
)

// Session is a place where work can be ordered: a data folder, or the servers
// that several processes share. On a folder that no other process works on, this
// one starts the embedded parts; else it orders work in the casebook and others
// do it.
type Session struct {
	Book *casebook.Book
	Now  func() time.Time
	opts Options
	rt   *runner // nil: others work

	run        int64 // see visit
	everything bool
	nobody     bool // said that nobody seems to work
}

// Open opens a session. The caller closes it.
func Open(ctx context.Context, o Options) (*Session, error) {
	o, err := o.ready()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	var lock *queue.Lock
	if !o.scaled() {
		var err error
		if lock, err = queue.Acquire(o.Data); err != nil && !errors.Is(err, queue.ErrHeld) {
			return nil, err
		}
	}
	s, err := openSession(ctx, o)
	if err == nil && lock != nil {
		if s.rt, err = start(ctx, o, s.Book, embeddedDuties(lock), s.Now); err != nil {
			err = errors.Join(err, s.Book.Close())
		}
	}
	if err != nil {
		if lock != nil {
			err = errors.Join(err, lock.Release())
		}
		return nil, err
	}
	return s, nil
}

func openSession(ctx context.Context, o Options) (*Session, error) {
	book, err := openBook(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &Session{Book: book, opts: o}
	if s.Now, err = clock(ctx, book, o.Env); err != nil {
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
	s.rt, err = start(ctx, s.opts, s.Book, embeddedDuties(lock), s.Now)
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

const (
	lookEvery = 100 * time.Millisecond
	// patience is how long one who waits for shared servers bears with a casebook
	// that doesn't answer.
	patience = 5 * time.Minute
)

// Wait returns when everything that a run ordered is done and consumed by index
// and grouper, together with what was written before: of work that is done
// already, a run that was killed may have left notices. progress, if not nil, is
// told how far it is.
func (s *Session) Wait(ctx context.Context, run int64, progress func(casebook.Progress)) (casebook.Progress, error) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	w := waiting{s: s, run: run, until: -1}
	var since time.Time // the casebook doesn't answer; zero: it does
	for {
		p, done, err := w.look(ctx, progress)
		switch {
		case err == nil && done:
			return s.Book.RunProgress(ctx, run, true)
		case err == nil:
			since = time.Time{}
		case ctx.Err() != nil:
			return p, s.interrupted(ctx)
		case !s.opts.scaled():
			return p, err
		case since.IsZero():
			since = time.Now()
			s.opts.Log.Warn("the casebook doesn't answer; waiting for it", "err", err)
		case time.Since(since) > patience:
			return p, err
		}
		select {
		case <-ctx.Done():
			return p, s.interrupted(ctx)
		case err := <-s.fatal():
			return p, s.full(err)
		case <-tick.C:
		}
		switch {
		case s.opts.scaled():
			s.warnNobody(ctx)
		case s.rt == nil:
			if err := s.takeOver(ctx); err != nil {
				return p, err
			}
		}
	}
}

// ErrOthersGoOn says of a wait that was interrupted that others do the work all
// the same.
var ErrOthersGoOn = errors.New("the workers go on with what was ordered")

func (s *Session) interrupted(ctx context.Context) error {
	if s.opts.scaled() {
		return fmt.Errorf("%w: %w", ErrOthersGoOn, ctx.Err())
	}
	return ctx.Err()
}

// waiting is one wait for a run.
type waiting struct {
	s     *Session
	run   int64
	until int64 // the newest notice when all was done, others may go on writing; -1: not done yet
}

func (w *waiting) look(ctx context.Context, progress func(casebook.Progress)) (p casebook.Progress, done bool, err error) {
	p, err = w.s.Book.RunProgress(ctx, w.run, false)
	if err != nil {
		return p, false, err
	}
	if progress != nil {
		progress(p)
	}
	if p.Open > 0 || p.Backlog > 0 {
		return p, false, nil
	}
	if w.until < 0 {
		n, err := w.s.Book.NewestNotice(ctx)
		if err != nil {
			return p, false, err
		}
		w.until = n
	}
	done, err = w.s.Book.Consumed(ctx, w.until)
	return p, done, err
}

// warnNobody says once when there is nobody who would do the work.
func (s *Session) warnNobody(ctx context.Context) {
	if s.nobody {
		return
	}
	live, err := s.Book.LiveLeases(ctx, "leader", s.Now().Add(-time.Minute))
	if err != nil || len(live) > 0 {
		return
	}
	s.nobody = true
	s.opts.Log.Warn("no scheduler has been at work for a minute: start `resumewatch scheduler` and `resumewatch worker`; the work waits for them")
}
