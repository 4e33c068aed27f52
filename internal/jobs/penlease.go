package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
)

// Of the lease under which a process writes evidence. Safety rests on none of
// these: a commit fails when its lease was revoked (casebook.ErrPenLost). They
// keep writers from working for nothing, and clocks that differ from mattering.
const (
	penSpan   = time.Minute      // how long it holds without being renewed
	penEvery  = 10 * time.Second // between renewals
	penQuiet  = 30 * time.Second // without a renewal nothing more is written
	penMargin = 30 * time.Second // behind its end before files are cut
	penWait   = 5 * time.Second  // most for one question to the casebook
)

// penPrefix begins the names of the leases of evidence writers.
const penPrefix = "pen:"

// PenLease is a process's right to write evidence where several do: as long as
// it is held nobody cuts the files of its owner. It is taken with the first
// capture and renewed until Close. When it was lost, the next capture gets
// another owner, and so other files.
type PenLease struct {
	book *casebook.Book
	now  func() time.Time
	log  *slog.Logger

	mu     sync.Mutex
	first  string         // the owner to begin with
	fence  casebook.Fence // zero: none is held
	good   time.Time      // till when may be written
	closed bool
	cancel context.CancelFunc // ends the renewals; nil: there are none yet
	done   chan struct{}
}

// NewPenLease makes the lease of one process; owner is what it is called first, from
// evidence.NewOwner. Close it when no handler runs and the Pens are closed.
func NewPenLease(book *casebook.Book, owner string, now func() time.Time, log *slog.Logger) *PenLease {
	return &PenLease{book: book, now: now, log: log, first: owner}
}

// hold makes sure that the lease is held and returns its owner and fence.
func (l *PenLease) hold(ctx context.Context) (owner string, fence casebook.Fence, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return "", fence, errors.New("evidence: the process stops")
	}
	if l.fence.Name != "" && !l.now().Before(l.good) {
		if err := l.renew(ctx); err != nil && !errors.Is(err, casebook.ErrLost) {
			return "", fence, fmt.Errorf("evidence: nothing is written: the lease was not renewed for %s: %w", penQuiet, err)
		}
	}
	if l.fence.Name == "" {
		if err := l.take(ctx); err != nil {
			return "", fence, fmt.Errorf("evidence: nothing is written without a lease: %w", err)
		}
	}
	return l.fence.Name[len(penPrefix):], l.fence, nil
}

// still reports an error unless the lease is the one with that fence, and held.
func (l *PenLease) still(ctx context.Context, fence casebook.Fence) error {
	_, now, err := l.hold(ctx)
	if err == nil && now != fence {
		err = casebook.ErrPenLost
	}
	return err
}

// lose gives up a lease that the casebook said is lost.
func (l *PenLease) lose(fence casebook.Fence) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(fence)
}

func (l *PenLease) forget(fence casebook.Fence) {
	if l.fence == fence && fence.Name != "" {
		l.log.Warn("the lease on evidence files was lost; others take their place", "owner", fence.Name[len(penPrefix):])
		l.fence = casebook.Fence{}
	}
}

// take gets a new lease. It runs under the mutex.
func (l *PenLease) take(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, penWait)
	defer cancel()
	owner := l.first
	if owner == "" {
		owner = evidence.NewOwner(l.now())
	}
	start := l.now()
	fence, ok, err := l.book.TakeLease(ctx, penPrefix+owner, owner, start, penSpan)
	if err != nil {
		return err
	}
	l.first = "" // names are used once: a revoked one would get its old fence again
	if !ok {
		return fmt.Errorf("another process is called %s", owner)
	}
	l.fence, l.good = fence, start.Add(penQuiet)
	if l.cancel == nil {
		ctx, cancel := context.WithCancel(context.Background())
		l.cancel, l.done = cancel, make(chan struct{})
		go l.keep(ctx)
	}
	return nil
}

// renew holds the lease for another span. It runs under the mutex.
func (l *PenLease) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, penWait)
	defer cancel()
	start, fence := l.now(), l.fence
	err := l.book.RenewLease(ctx, fence, start, penSpan)
	switch {
	case err == nil:
		l.good = start.Add(penQuiet)
	case errors.Is(err, casebook.ErrLost):
		l.forget(fence)
	}
	return err
}

// keep renews the lease as long as there is one.
func (l *PenLease) keep(ctx context.Context) {
	defer close(l.done)
	tick := time.NewTicker(penEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		l.mu.Lock()
		var err error
		if l.fence.Name != "" {
			err = l.renew(ctx)
		}
		l.mu.Unlock()
		failed := err != nil && !errors.Is(err, casebook.ErrLost) && ctx.Err() == nil
		if failed && !failing {
			l.log.Warn("the lease on evidence files could not be renewed", "err", err)
		}
		failing = failed
	}
}

// Close gives the lease back, so that the next recovery may cut what was not
// committed. It waits for commits under way for a moment only: what can't be
// given back lapses.
func (l *PenLease) Close() error {
	l.mu.Lock()
	l.closed = true
	fence := l.fence
	l.fence = casebook.Fence{}
	l.mu.Unlock()
	if l.cancel != nil {
		l.cancel()
		<-l.done
	}
	if fence.Name == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), penWait)
	defer cancel()
	if err := l.book.DropLease(ctx, fence); err != nil {
		return fmt.Errorf("evidence: the lease could not be given back; it lapses by itself: %w", err)
	}
	return nil
}
