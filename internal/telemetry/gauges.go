package telemetry

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// keepGauges is how long an answer of a gauge serves again: several scrapers
// together cost the stores no more than one.
const keepGauges = time.Second

// maxSeries bounds the values of a label that comes from outside.
const maxSeries = 32

// Check says whether a part answers; nil is yes.
type Check func(context.Context) error

// Lag is what of one topic of the outbox waits.
type Lag struct {
	Topic  string
	Rows   int64
	Oldest time.Duration // age of the oldest row; 0 when none waits
}

// Depth is one queue at one moment.
type Depth struct {
	Queue                      string
	Pending, Active, Scheduled int
	Oldest                     time.Duration // age of the oldest pending task
}

// Doubts are posts that a person has to look at, or had to, in one state.
type Doubts struct {
	State  string
	Posts  int64
	Oldest time.Duration // since the oldest was seen
}

// Gauges are asked at every scrape, all at once. One that is nil is not
// reported; one that fails or gives no answer in time shows as
// resumewatch_measure_failed.
type Gauges struct {
	Outbox func(context.Context) ([]Lag, error)
	Queues func(context.Context) ([]Depth, error)
	Doubts func(context.Context) ([]Doubts, error)
	// Due is how long the casebook's oldest due work waits.
	Due func(context.Context) (time.Duration, error)
	// Up are the parts by name: casebook, queue, index.
	Up map[string]Check
	// Leader says whether this process leads; it must not wait.
	Leader func() bool
	// RoundTrips is how many commands this process has sent to the queue's Redis; it must not wait.
	RoundTrips func() int64
}

var (
	descUp         = desc("up", "Whether the part answers (1) or not (0), seen from this process.", "part")
	descFailed     = desc("measure_failed", "Whether the measure could not be read (1).", "measure")
	descOutboxRows = desc("outbox_rows", "Notices that index and grouper have not consumed yet, by topic.", "topic")
	descOutboxAge  = desc("outbox_oldest_seconds", "Age of the oldest such notice.", "topic")
	descTasks      = desc("queue_tasks", "Tasks in the queue by state.", "queue", "state")
	descTaskAge    = desc("queue_oldest_seconds", "Age of the oldest pending task of the queue.", "queue")
	descDue        = desc("work_oldest_due_seconds", "How long the oldest due work of the casebook waits.")
	descDoubts     = desc("doubtful_posts", "Posts in the band of doubt by state: waiting for a reviewer, accepted, rejected, expired undecided.", "state")
	descDoubtAge   = desc("doubtful_oldest_seconds", "How long ago the oldest post that waits for a reviewer was seen.")
	descLeader     = desc("leader", "Whether this scheduler leads (1) or waits (0).")
	descTrips      = prometheus.NewDesc(namespace+"_queue_round_trips_total", "Commands sent to the queue's Redis by this process.", nil, nil)
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_"+name, help, labels, nil)
}

// waiting is the state of posts that nobody has decided yet.
const waiting = "waiting"

// gauges is a prometheus.Collector.
type gauges struct {
	outbox *asker[[]Lag]
	queues *asker[[]Depth]
	doubts *asker[[]Doubts]
	due    *asker[time.Duration]
	up     map[string]*asker[struct{}]
	leader func() bool
	trips  func() int64
}

func newGauges(g Gauges, timeout time.Duration) *gauges {
	c := &gauges{up: map[string]*asker[struct{}]{}, leader: g.Leader, trips: g.RoundTrips}
	if g.Outbox != nil {
		c.outbox = newAsker(g.Outbox, timeout, keepGauges)
	}
	if g.Queues != nil {
		c.queues = newAsker(g.Queues, timeout, keepGauges)
	}
	if g.Doubts != nil {
		c.doubts = newAsker(g.Doubts, timeout, keepGauges)
	}
	if g.Due != nil {
		c.due = newAsker(g.Due, timeout, keepGauges)
	}
	for name, check := range g.Up {
		c.up[name] = newAsker(check.answer, timeout, keepGauges)
	}
	return c
}

func (c Check) answer(ctx context.Context) (struct{}, error) { return struct{}{}, c(ctx) }

// Describe implements prometheus.Collector.
func (c *gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descUp, descFailed, descOutboxRows, descOutboxAge, descTasks, descTaskAge, descDoubts, descDoubtAge, descDue, descLeader, descTrips} {
		out <- d
	}
}

// Collect implements prometheus.Collector. It takes no longer than one timeout.
func (c *gauges) Collect(out chan<- prometheus.Metric) {
	var wait sync.WaitGroup
	defer wait.Wait()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	failed := func(name string, err error) { gauge(descFailed, number(err != nil), name) }
	ctx := context.Background() // a collector is told of none; the askers have their timeout
	for name, a := range c.up {
		wait.Go(func() {
			_, err := a.ask(ctx)
			gauge(descUp, number(err == nil), name)
		})
	}
	if c.outbox != nil {
		wait.Go(func() {
			lags, err := c.outbox.ask(ctx)
			failed("outbox", err)
			for _, l := range mergeLags(lags) {
				gauge(descOutboxRows, float64(l.Rows), l.Topic)
				gauge(descOutboxAge, seconds(l.Oldest), l.Topic)
			}
		})
	}
	if c.queues != nil {
		wait.Go(func() {
			depths, err := c.queues.ask(ctx)
			failed("queues", err)
			for _, q := range mergeDepths(depths) {
				gauge(descTasks, float64(q.Pending), q.Queue, "pending")
				gauge(descTasks, float64(q.Active), q.Queue, "active")
				gauge(descTasks, float64(q.Scheduled), q.Queue, "scheduled")
				gauge(descTaskAge, seconds(q.Oldest), q.Queue)
			}
		})
	}
	if c.doubts != nil {
		wait.Go(func() {
			states, err := c.doubts.ask(ctx)
			failed("doubts", err)
			for _, d := range states {
				gauge(descDoubts, float64(d.Posts), labelValue(d.State))
				if d.State == waiting {
					gauge(descDoubtAge, seconds(d.Oldest))
				}
			}
		})
	}
	if c.due != nil {
		wait.Go(func() {
			age, err := c.due.ask(ctx)
			failed("due", err)
			if err == nil {
				gauge(descDue, seconds(age))
			}
		})
	}
	if c.leader != nil {
		gauge(descLeader, number(c.leader()))
	}
	if c.trips != nil {
		out <- prometheus.MustNewConstMetric(descTrips, prometheus.CounterValue, float64(c.trips()))
	}
}

// mergeLags bounds the topics: names that are none, and those beyond the bound, are one.
func mergeLags(in []Lag) []Lag {
	return merge(in, func(l *Lag) *string { return &l.Topic }, func(to *Lag, l Lag) {
		to.Rows += l.Rows
		to.Oldest = max(to.Oldest, l.Oldest)
	})
}

func mergeDepths(in []Depth) []Depth {
	return merge(in, func(d *Depth) *string { return &d.Queue }, func(to *Depth, d Depth) {
		to.Pending += d.Pending
		to.Active += d.Active
		to.Scheduled += d.Scheduled
		to.Oldest = max(to.Oldest, d.Oldest)
	})
}

// merge gives each element a label that Prometheus takes, at most maxSeries of
// them and each once.
func merge[T any](in []T, label func(*T) *string, into func(to *T, from T)) []T {
	var out []T
	at := map[string]int{}
	for _, v := range in {
		name := label(&v)
		*name = labelValue(*name)
		if _, known := at[*name]; !known && len(at) >= maxSeries-1 {
			*name = other
		}
		if i, known := at[*name]; known {
			into(&out[i], v)
			continue
		}
		at[*name] = len(out)
		out = append(out, v)
	}
	return out
}

// labelValue is a name that may stand in a label: short and plain.
func labelValue(s string) string {
	if s == "" || len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._:-", r))
	}) {
		return other
	}
	return s
}

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

func seconds(d time.Duration) float64 { return max(0, d).Seconds() }
