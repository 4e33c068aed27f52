package jobs

import (
	"context"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

const (
	// Of a host no more waits in the queue than it is asked in this time, and a
	// batch is what it is asked in batchSpan.
	queueSpan = 2 * time.Minute
	batchSpan = 10 * time.Second
	batchMax  = 20
	// hostVisits is how many visits a host with a budget has at once: they mostly
	// wait for its slots, and more would leave no worker to other hosts. A host
	// that takes longer than so many intervals to answer is asked less often.
	hostVisits = 4
)

// step takes back what dead workers held and hands out what is due, unless what
// was found already waits to be taken in. It returns 0: the next scan can wait.
func (d *Dispatcher) step(ctx context.Context) (int, error) {
	now := d.Now()
	if _, err := d.Book.Reclaim(ctx, now, false); err != nil {
		return 0, err
	}
	lag, err := d.Book.OutboxLag(ctx, now)
	if err != nil {
		return 0, err
	}
	if d.pressure.hold(lag.Rows) {
		return 0, nil
	}
	if err := d.planVisits(ctx, now); err != nil {
		return 0, err
	}
	return 0, d.enqueue(ctx, now)
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

// hostPlan is how many pages of a source's host go into a batch and the queue.
func hostPlan(s casebook.Source) casebook.HostPlan {
	return planFor(s.Settings.Rate)
}

func planFor(r market.Rate) casebook.HostPlan {
	every := r.Interval()
	if every <= 0 {
		return casebook.HostPlan{Batch: batchMax, Queued: 10 * batchMax, Room: batchMax}
	}
	batch := int(min(max(batchSpan/every, 1), batchMax))
	return casebook.HostPlan{Batch: batch, Queued: min(int(max(queueSpan/every, 1)), hostVisits*batch), Room: batch}
}
