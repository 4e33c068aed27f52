package app

import (
	"context"
	"time"

	"resumewatch/crawlers/fetch"
	"resumewatch/internal/casebook"
	"resumewatch/internal/index"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
	"resumewatch/internal/telemetry"
)

// role is what a process calls itself in its metrics.
func (d duties) role() string {
	switch {
	case d.works && d.leads:
		return "up"
	case d.works:
		return "worker"
	case d.leads:
		return "scheduler"
	}
	return "console"
}

// meter makes the metrics of a process. What the gauges ask is opened later than
// they are made, and before anybody can scrape them.
func (r *runner) meter(book *casebook.Book) *telemetry.Metrics {
	g := telemetry.Gauges{
		Up: r.checks(book),
		Outbox: func(ctx context.Context) ([]telemetry.Lag, error) {
			lag, err := book.OutboxLag(ctx, time.Now())
			if err != nil {
				return nil, err
			}
			out := make([]telemetry.Lag, len(lag.Topics))
			for i, t := range lag.Topics {
				out[i] = telemetry.Lag{Topic: t.Topic, Rows: t.Rows, Oldest: t.Oldest}
			}
			return out, nil
		},
		Doubts: func(ctx context.Context) ([]telemetry.Doubts, error) {
			counts, err := book.DoubtCounts(ctx)
			if err != nil {
				return nil, err
			}
			return doubtGauges(counts, time.Now()), nil
		},
		Due: func(ctx context.Context) (time.Duration, error) { return book.QueueAge(ctx, time.Now()) },
		Queues: func(ctx context.Context) ([]telemetry.Depth, error) {
			stats, err := r.queue.Stats(ctx)
			if err != nil {
				return nil, err
			}
			out := make([]telemetry.Depth, len(stats))
			for i, q := range stats {
				out[i] = telemetry.Depth{Queue: q.Queue, Pending: q.Pending, Active: q.Active, Scheduled: q.Scheduled, Oldest: q.Latency}
			}
			return out, nil
		},
		RoundTrips: func() int64 { return r.queue.Trips() },
	}
	if r.leads {
		g.Leader = func() bool { return r.dispatcher.Leads() }
	}
	return telemetry.New(telemetry.Options{Version: Version, Role: r.role(), Tasks: []string{casebook.KindChunk, casebook.KindVisit, casebook.KindReview}, Gauges: g})
}

// checks ask whether the parts of a process answer.
func (r *runner) checks(book *casebook.Book) map[string]telemetry.Check {
	checks := map[string]telemetry.Check{
		"casebook": book.Ping,
		"queue":    func(ctx context.Context) error { return r.queue.Ping(ctx) },
	}
	if r.leads {
		checks["index"] = func(ctx context.Context) error { return answers(ctx, r.index) }
	}
	if r.works && r.onS3 {
		checks["evidence"] = func(ctx context.Context) error { return reachable(ctx, r.store) }
	}
	return checks
}

// reachable reports whether storage of evidence answers; a folder does.
func reachable(ctx context.Context, store evidenceStore) error {
	if p, ok := store.(interface{ Ping(context.Context) error }); ok {
		return p.Ping(ctx)
	}
	return nil
}

// answers reports whether an index does.
func answers(ctx context.Context, store index.Store) error {
	if p, ok := store.(index.Pinger); ok {
		return p.Ping(ctx)
	}
	return nil
}

// meteredWatch counts what happens and passes it on.
type meteredWatch struct {
	to      jobs.Watch // nil: nobody looks on
	metrics *telemetry.Metrics
}

func (w meteredWatch) Visited(v jobs.Visited) {
	w.metrics.Visited(string(v.Outcome), v.Posts, v.Listings)
	if w.to != nil {
		w.to.Visited(v)
	}
}

func (w meteredWatch) Raised(a market.Alert, fresh bool) {
	if fresh {
		w.metrics.Raised(a.Severity)
	}
	if w.to != nil {
		w.to.Raised(a, fresh)
	}
}

// meteredBudget notes how long requests wait for their hosts.
type meteredBudget struct {
	fetch.Budget
	metrics *telemetry.Metrics
}

// Take asks for a slot.
func (b meteredBudget) Take(ctx context.Context, host string, rate market.Rate, patience time.Duration) (market.Slot, bool, error) {
	slot, ok, err := b.Budget.Take(ctx, host, rate, patience)
	switch {
	case err != nil:
	case ok:
		b.metrics.Waited(slot.Wait)
	default:
		b.metrics.GivenBack(1)
	}
	return slot, ok, err
}
