package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/queue"
)

const (
	scanLimit   = 200
	taskTimeout = 10 * time.Minute
	// countEvery is how often the tasks in the queue are counted: with fewer than
	// were put there it has been lost, and all is put there again.
	countEvery = 2 * time.Second
	// requeue is how long after enqueuing a row that is still pending is offered
	// again in any case: a part of the queue may have been lost. An id that is
	// queued is refused there.
	requeue = 20 * time.Second
)

// offered is when a row was put into the queue.
type offered struct {
	generation int64
	at         time.Time
}

// enqueue puts due rows into the queue that it has not put there already.
func (d *Dispatcher) enqueue(ctx context.Context, now time.Time) error {
	// Counted before the rows are read: a row that is pending then had its task in
	// the queue when it was counted, or has lost it.
	held, err := d.count(ctx, now)
	if err != nil {
		return err
	}
	due, err := d.Book.Due(ctx, now, scanLimit)
	if err != nil {
		return err
	}
	if held != nil {
		d.forgetLost(due, held)
	}
	seen := make(map[string]offered, len(due))
	for _, row := range due {
		o, ok := d.queued[row.ID]
		if !ok || o.generation != row.Generation || now.Sub(o.at) >= requeue {
			err = d.Queue.Enqueue(ctx, queue.Task{
				Type: row.Kind, ID: TaskID(row.ID, row.Generation), Queue: queueOf(row), Timeout: taskTimeout,
			})
			if err != nil && !errors.Is(err, queue.ErrDuplicate) {
				return err // what was put there is offered again, and refused as a duplicate
			}
			o = offered{row.Generation, now}
		}
		seen[row.ID] = o
	}
	d.queued = seen // rows that are no longer due are forgotten
	return nil
}

// count tells now and then how many tasks each queue holds, ready or being handled;
// nil at other times.
func (d *Dispatcher) count(ctx context.Context, now time.Time) (map[string]int, error) {
	if len(d.queued) == 0 || now.Sub(d.counted) < countEvery {
		return nil, nil
	}
	stats, err := d.Queue.Stats(ctx)
	if err != nil {
		return nil, err
	}
	d.counted = now
	held := make(map[string]int, len(stats))
	for _, s := range stats {
		held[s.Queue] = s.Pending + s.Active
	}
	return held, nil
}

// forgetLost forgets what was put into queues that hold less than that.
func (d *Dispatcher) forgetLost(due []casebook.Work, held map[string]int) {
	put := map[string][]string{}
	for _, row := range due {
		if o, ok := d.queued[row.ID]; ok && o.generation == row.Generation {
			put[queueOf(row)] = append(put[queueOf(row)], row.ID)
		}
	}
	for name, ids := range put {
		if len(ids) <= held[name] {
			continue
		}
		d.Log.Warn("tasks are missing in the queue; they are put there again", "queue", name, "put", len(ids), "found", held[name])
		for _, id := range ids {
			delete(d.queued, id)
		}
	}
}

// queueOf names the queue of a unit of work.
func queueOf(row casebook.Work) string {
	switch row.Kind {
	case casebook.KindReview: // somebody waits for it
		return QueueAsked
	case casebook.KindChunk:
		return QueueArchive
	}
	var p casebook.VisitPayload
	if json.Unmarshal(row.Payload, &p) == nil && p.Asked {
		return QueueAsked
	}
	return QueueFetch
}
