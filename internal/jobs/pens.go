package jobs

import (
	"context"
	"errors"
	"sync"

	"resumewatch/internal/evidence"
)

// Pens lends evidence writers, each to one handler at a time, so that what a
// handler appends and its commit have a file to themselves.
type Pens struct {
	store evidence.Store
	owner string
	mu    sync.Mutex
	idle  []evidence.Writer
	shut  bool
}

// NewPens lends writers of a store under the owner's name.
func NewPens(store evidence.Store, owner string) *Pens { return &Pens{store: store, owner: owner} }

// Write appends captures, makes them durable and calls commit with their refs.
// When anything fails the file is closed for good: its uncommitted tail is cut
// off by the next recovery.
func (p *Pens) Write(ctx context.Context, captures []evidence.Capture, commit func([]evidence.Ref) error) (err error) {
	if len(captures) == 0 {
		return commit(nil)
	}
	pen, err := p.take(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.give(pen, err == nil)) }()
	refs := make([]evidence.Ref, len(captures))
	for i, c := range captures {
		if refs[i], err = pen.Append(ctx, c); err != nil {
			return err
		}
	}
	if err := pen.Sync(ctx); err != nil {
		return err
	}
	return commit(refs)
}

func (p *Pens) take(ctx context.Context) (evidence.Writer, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		pen := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return pen, nil
	}
	p.mu.Unlock()
	return p.store.Writer(ctx, p.owner)
}

func (p *Pens) give(pen evidence.Writer, good bool) error {
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
