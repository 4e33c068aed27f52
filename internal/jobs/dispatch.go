package jobs

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
	"resumewatch/internal/queue"
)

const (
	scanEvery   = 200 * time.Millisecond
	scanLimit   = 200
	leaderLease = 15 * time.Second
	taskTimeout = 10 * time.Minute
	// requeue is how long after enqueuing a pending row is offered to the queue
	// again: the queue may have been lost. An id that is queued is refused there.
	requeue = 20 * time.Second
	// Of a host no more waits in the queue than it is asked in this time, and a
	// batch is what it is asked in batchSpan.
	queueSpan = 2 * time.Minute
	batchSpan = 10 * time.Second
	batchMax  = 20
)

// Dispatcher is the leader's work: due rows into the queue, notices into index
// and offers. Several processes may run it; the lease decides which one acts.
type Dispatcher struct {
	*Workshop
	Run        atomic.Int64 // whose pages are visited, and that those are counted for which nobody asked for; 0: none
	Everything atomic.Bool  // all due pages are visited, not only those of Run
	Holder     string       // name of this process in the lease
	// Broken is told of every error and says whether it ends the work of the
	// process: then it is not logged here. It may be nil.
	Broken func(error) bool
	queued map[string]offered
	rested time.Time // the grouper rests until then
}

type offered struct {
	generation int64
	at         time.Time
}

// Work dispatches until ctx ends. Errors are logged and tried again: the next
// scan sees the same rows.
func (d *Dispatcher) Work(ctx context.Context) {
	d.queued = map[string]offered{}
	tick := time.NewTicker(scanEvery)
	defer tick.Stop()
	var fence casebook.Fence
	var until time.Time
	defer func() {
		if !until.IsZero() {
			d.release(fence)
		}
	}()
	for {
		if now := d.Now(); now.After(until) {
			f, ok, err := d.Book.TakeLease(ctx, "leader", d.Holder, now, leaderLease)
			if err != nil || !ok {
				d.complain(ctx, "taking the leader's lease", err)
				until = time.Time{}
			} else {
				fence, until = f, now.Add(leaderLease/3)
			}
		}
		busy := false
		if !until.IsZero() {
			n, err := d.step(ctx, fence)
			d.complain(ctx, "dispatching", err)
			if errors.Is(err, casebook.ErrLost) {
				until = time.Time{}
			}
			busy = n > 0 && err == nil
		}
		if busy {
			if ctx.Err() != nil {
				return
			}
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
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

// step does a little of everything, so that nothing waits for long; it returns
// how many notices were consumed.
func (d *Dispatcher) step(ctx context.Context, fence casebook.Fence) (int, error) {
	now := d.Now()
	if _, err := d.Book.Reclaim(ctx, now, false); err != nil {
		return 0, err
	}
	if err := d.planVisits(ctx, now); err != nil {
		return 0, err
	}
	if err := d.enqueue(ctx, now); err != nil {
		return 0, err
	}
	indexed, err := d.IndexStep(ctx)
	if err != nil {
		return 0, err
	}
	grouped, err := d.group(ctx, fence)
	return indexed + grouped, err
}

// planVisits puts due pages into visits: all, those of one run, or none. Who only
// imports an archive makes no requests.
func (d *Dispatcher) planVisits(ctx context.Context, now time.Time) (err error) {
	switch run := d.Run.Load(); {
	case d.Everything.Load():
		_, err = d.Book.PlanVisits(ctx, run, now, hostPlan)
	case run != 0:
		_, err = d.Book.PlanRun(ctx, run, now, hostPlan)
	}
	return err
}

// group runs the grouper at most a third of the time: a step regroups all that
// its notices touch, so that few steps with many notices cost least.
func (d *Dispatcher) group(ctx context.Context, fence casebook.Fence) (int, error) {
	start := d.Now()
	if start.Before(d.rested) {
		return 0, nil
	}
	n, err := d.GroupStep(ctx, fence)
	end := d.Now()
	d.rested = end.Add(2 * end.Sub(start))
	return n, err
}

func (d *Dispatcher) enqueue(ctx context.Context, now time.Time) error {
	due, err := d.Book.Due(ctx, now, scanLimit)
	if err != nil {
		return err
	}
	seen := make(map[string]offered, len(due))
	for _, row := range due {
		if o, ok := d.queued[row.ID]; ok && o.generation == row.Generation && now.Sub(o.at) < requeue {
			seen[row.ID] = o
			continue
		}
		q := QueueArchive
		if row.Kind == casebook.KindVisit {
			q = QueueFetch
		}
		err := d.Queue.Enqueue(ctx, queue.Task{Type: row.Kind, ID: TaskID(row.ID, row.Generation), Queue: q, Timeout: taskTimeout})
		if err != nil && !errors.Is(err, queue.ErrDuplicate) {
			return err
		}
		seen[row.ID] = offered{row.Generation, now}
	}
	d.queued = seen // rows that are no longer due are forgotten
	return nil
}

// hostPlan is how many pages of a source's host go into a batch and the queue.
func hostPlan(s casebook.Source) casebook.HostPlan {
	return planFor(s.Settings.Rate)
}

func planFor(r market.Rate) casebook.HostPlan {
	every := r.Interval()
	if every <= 0 {
		return casebook.HostPlan{Batch: batchMax, Queued: 10 * batchMax}
	}
	return casebook.HostPlan{
		Batch:  int(min(max(batchSpan/every, 1), batchMax)),
		Queued: int(min(max(queueSpan/every, 1), 10*batchMax)),
	}
}
