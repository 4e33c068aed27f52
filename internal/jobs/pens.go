package jobs

import (
	"context"
	"errors"
	"sync"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
)

// Pens lends evidence writers, each to one handler at a time, so that what a
// handler appends and its commit have a file to themselves.
type Pens struct {
	store evidence.Store
	owner string    // without a lease
	lease *PenLease // nil: no other process takes this one for dead
	mu    sync.Mutex
	idle  []pen
	shut  bool
	gate  gate
}

// pen is a writer and the lease that its files are under.
type pen struct {
	evidence.Writer
	fence casebook.Fence
}

// NewPens lends writers of a store that only this process writes, under the owner's name.
func NewPens(store evidence.Store, owner string) *Pens { return &Pens{store: store, owner: owner} }

// NewLeasedPens lends writers of a store that several processes write.
func NewLeasedPens(store evidence.Store, lease *PenLease) *Pens {
	return &Pens{store: store, lease: lease}
}

// Write appends captures, makes them durable and calls commit with their refs and
// the fence for casebook.Learnt.Pen. When anything fails, also when it isn't known
// whether the commit was done (casebook.ErrUnknown), the file is closed for good:
// a later recovery asks the casebook and cuts off what it doesn't know.
func (p *Pens) Write(ctx context.Context, captures []evidence.Capture, commit func([]evidence.Ref, casebook.Fence) error) (err error) {
	if len(captures) == 0 {
		return commit(nil, casebook.Fence{})
	}
	defer func() {
		if errors.Is(err, evidence.ErrUnavailable) {
			p.gate.shut()
		}
	}()
	pen, err := p.take(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if closing := p.give(pen, err == nil); !errors.Is(err, closing) { // a writer that failed says so again
			err = errors.Join(err, closing)
		}
	}()
	refs := make([]evidence.Ref, len(captures))
	for i, c := range captures {
		if refs[i], err = pen.Append(ctx, c); err != nil {
			return err
		}
	}
	if err := pen.Sync(ctx); err != nil {
		return err
	}
	p.gate.lift()
	if p.lease != nil {
		if err := p.lease.still(ctx, pen.fence); err != nil {
			return err
		}
	}
	err = commit(refs, pen.fence)
	if p.lease != nil && errors.Is(err, casebook.ErrPenLost) {
		p.lease.lose(pen.fence)
	}
	return err
}

// Ready waits until evidence can be written, as far as is known: a unit is begun
// behind it. It returns an error when ctx ends.
func (p *Pens) Ready(ctx context.Context) error {
	if p == nil {
		return nil
	}
	return p.gate.pass(ctx)
}

func (p *Pens) take(ctx context.Context) (pen, error) {
	owner, fence := p.owner, casebook.Fence{}
	if p.lease != nil {
		var err error
		if owner, fence, err = p.lease.hold(ctx); err != nil {
			return pen{}, err
		}
	}
	if found, ok, err := p.idler(fence); ok || err != nil {
		return found, err
	}
	w, err := p.store.Writer(ctx, owner)
	return pen{w, fence}, err
}

// idler takes a resting pen of the present lease and closes those of older ones.
func (p *Pens) idler(fence casebook.Fence) (pen, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := len(p.idle); n > 0; n = len(p.idle) {
		found := p.idle[n-1]
		p.idle = p.idle[:n-1]
		if found.fence == fence {
			return found, true, nil
		}
		if err := found.Close(); err != nil {
			return pen{}, false, err
		}
	}
	return pen{}, false, nil
}

func (p *Pens) give(pen pen, good bool) error {
	p.mu.Lock()
	keep := good && !p.shut
	if keep {
		p.idle = append(p.idle, pen)
	}
	p.mu.Unlock()
	if keep {
		return nil
	}
	return pen.Close()
}

// Close closes the idle writers; those on loan close when they come back.
func (p *Pens) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = true
	var err error
	for _, pen := range p.idle {
		err = errors.Join(err, pen.Close())
	}
	p.idle = nil
	return err
}
