package jobs

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"resumewatch/internal/casebook"
)

const (
	scanEvery   = 200 * time.Millisecond
	leaderLease = 15 * time.Second
	// standby is how often one that doesn't lead asks for the lease. With the
	// lease itself it bounds how long nobody leads.
	standby = time.Second
	// Pauses after an error grow from scanEvery to slowest.
	slowest = 5 * time.Second
	// complainEvery is how often an error that stays is logged.
	complainEvery = 30 * time.Second
)

// Dispatcher is the leader's work: due rows into the queue, notices into index
// and offers, chores. Several processes may run it; the lease decides which one
// acts, and its fencing number refuses the writes of one that acted before.
type Dispatcher struct {
	*Workshop
	Run        atomic.Int64 // whose pages are visited, and that those are counted for which nobody asked for; 0: none
	Everything atomic.Bool  // all due pages are visited, not only those of Run
	Holder     string       // name of this process in the lease
	// Broken is told of every error and says whether it ends the work of the
	// process: then it is not logged here. It may be nil.
	Broken func(error) bool
	// Began, if set, is called whenever this process begins to lead, before
	// anything is dispatched. With an error it doesn't lead, and tries again.
	Began  func(context.Context) error
	Chores []Chore // what the leader does besides

	leading  atomic.Bool
	pressure pressure
	queued   map[string]offered // what step put into the queue, by row
	counted  time.Time          // when step last counted what is there
	rested   time.Time          // the grouper rests until then
}

// Chore is something that the leader does when it begins to lead, and again and
// again while it leads.
type Chore struct {
	Name  string
	Every time.Duration
	Do    func(context.Context) error
}

// Leads reports whether this process leads just now.
func (d *Dispatcher) Leads() bool { return d.leading.Load() }

// Work leads whenever it can, until ctx ends. Errors are logged and tried again:
// the next scan sees the same rows.
func (d *Dispatcher) Work(ctx context.Context) {
	complaints := d.complaints("taking the leader's lease")
	for ctx.Err() == nil {
		now := d.Now()
		f, ok, err := d.Book.TakeLease(ctx, "leader", d.Holder, now, leaderLease)
		complaints.add(ctx, err)
		if err == nil && ok {
			d.lead(ctx, f, now)
		}
		wait(ctx, standby)
	}
}

// lead does the leader's work until ctx ends or the lease is lost.
func (d *Dispatcher) lead(ctx context.Context, fence casebook.Fence, taken time.Time) {
	defer d.release(fence)
	ctx, stepDown := context.WithCancel(ctx)
	defer stepDown()
	if d.Began != nil {
		if err := d.Began(ctx); err != nil {
			d.complain(ctx, "beginning to lead", err)
			return
		}
	}
	d.leading.Store(true)
	defer d.leading.Store(false)
	d.queued = map[string]offered{}
	var parts sync.WaitGroup
	parts.Go(func() { d.renew(ctx, fence, taken, stepDown) })
	// Apart from each other: an index that is away must not keep offers from being
	// grouped or work from being handed out.
	for what, step := range map[string]func(context.Context) (int, error){
		"dispatching": d.step,
		"indexing":    d.IndexStep,
		"grouping":    func(ctx context.Context) (int, error) { return d.group(ctx, fence) },
	} {
		parts.Go(func() { d.repeat(ctx, what, step, stepDown) })
	}
	for _, c := range d.Chores {
		parts.Go(func() { d.chore(ctx, c) })
	}
	parts.Wait()
}

// renew holds the lease. It steps down when another leads, or when the casebook
// has been away for so long that another may lead soon.
func (d *Dispatcher) renew(ctx context.Context, fence casebook.Fence, held time.Time, stepDown func()) {
	defer stepDown()
	complaints := d.complaints("renewing the leader's lease")
	for wait(ctx, leaderLease/5) {
		asked, began := d.Now(), time.Now()
		f, ok, err := d.Book.TakeLease(ctx, fence.Name, d.Holder, asked, leaderLease)
		d.pressure.answered(time.Since(began))
		complaints.add(ctx, err)
		switch {
		case err == nil && (!ok || f.Number != fence.Number):
			return
		case err == nil:
			held = asked
		case d.Now().Sub(held) > leaderLease*2/3:
			return
		}
	}
}

// repeat does a step again and again: at once while there is more to do, else
// after a pause.
func (d *Dispatcher) repeat(ctx context.Context, what string, step func(context.Context) (int, error), stepDown func()) {
	complaints, pause := d.complaints(what), scanEvery
	for ctx.Err() == nil {
		n, err := step(ctx)
		complaints.add(ctx, err)
		switch {
		case errors.Is(err, casebook.ErrLost):
			stepDown()
			return
		case err != nil:
			pause = min(2*pause, slowest)
		case n > 0:
			pause = scanEvery
			continue
		default:
			pause = scanEvery
		}
		wait(ctx, pause)
	}
}

func (d *Dispatcher) chore(ctx context.Context, c Chore) {
	complaints := d.complaints(c.Name)
	for ctx.Err() == nil {
		complaints.add(ctx, c.Do(ctx))
		wait(ctx, c.Every)
	}
}

// release lets another process lead at once.
func (d *Dispatcher) release(f casebook.Fence) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := d.Book.ReleaseLease(ctx, f); err != nil {
		d.Log.Warn("the leader's lease could not be released; it lapses", "err", err)
	}
}

func (d *Dispatcher) complain(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil && (d.Broken == nil || !d.Broken(err)) {
		d.Log.Error(what, "err", err)
	}
}

// complaints says of an error that stays only now and then that it does.
type complaints struct {
	d    *Dispatcher
	what string
	last time.Time // zero: all was well
}

func (d *Dispatcher) complaints(what string) *complaints { return &complaints{d: d, what: what} }

func (c *complaints) add(ctx context.Context, err error) {
	switch {
	case err == nil:
		if !c.last.IsZero() {
			c.d.Log.Info(c.what + ": works again")
		}
		c.last = time.Time{}
	case time.Since(c.last) > complainEvery:
		c.last = time.Now()
		c.d.complain(ctx, c.what, err)
	}
}

// wait returns after a pause, or at once with false when ctx ends.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
