package telemetry

import (
	"net/http"
	"runtime"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"resumewatch/internal/market"
)

// namespace begins the name of every metric of ours.
const namespace = "resumewatch"

// other is the label of what is in no closed set.
const other = "other"

// severities is the closed set of the alerts' label.
var severities = []string{market.SeverityLow, market.SeverityMedium, market.SeverityHigh, market.SeverityCritical}

// Options say what a process reports. The zero value reports the process alone.
type Options struct {
	Version string
	Role    string   // up, worker, scheduler, console
	Tasks   []string // types of tasks; failures of others count as "other"
	Gauges  Gauges
	// Timeout is how long one scrape waits for any of the gauges; zero is DefaultTimeout.
	Timeout time.Duration
}

// Metrics counts what happens and asks the gauges when it is scraped. Its
// methods may be called at any time from any goroutine, and on a nil *Metrics,
// which counts nothing.
type Metrics struct {
	registry *prometheus.Registry
	tasks    []string

	visits, alerts, failed  *prometheus.CounterVec
	posts, listings         prometheus.Counter
	givenBack, bulkFailures prometheus.Counter
	waits                   prometheus.Histogram
}

// New makes the metrics of one process.
func New(o Options) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), tasks: o.Tasks}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help})
		m.registry.MustRegister(c)
		return c
	}
	// Every value of a label stands at 0 from the start: a rate over a series
	// that isn't there yet shows nothing when the first one comes.
	vector := func(name, help, label string, values []string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, []string{label})
		for _, v := range values {
			c.WithLabelValues(v)
		}
		m.registry.MustRegister(c)
		return c
	}
	outcomes := make([]string, len(market.Outcomes))
	for i, v := range market.Outcomes {
		outcomes[i] = string(v)
	}
	m.visits = vector("visits_total", "Ended looks at pages and chunks of archives, by outcome.", "outcome", outcomes)
	m.posts = counter("posts_total", "Posts read that were not known before.")
	m.listings = counter("listings_total", "Listings found in them.")
	m.alerts = vector("alerts_total", "Alerts raised, by severity.", "severity", severities)
	m.failed = vector("tasks_failed_total", "Tasks that ended with an error and are tried again, by type.", "type", o.Tasks)
	m.bulkFailures = counter("index_bulk_failures_total", "Documents that the index refused.")
	m.givenBack = counter("budget_given_back_total", "Visits given back because the host's next slot was too far off.")
	m.waits = prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: namespace, Name: "budget_wait_seconds", Help: "How long requests waited for a slot of their host's budget.",
		Buckets: []float64{.01, .05, .1, .25, .5, 1, 2, 3, 4, 5, 10},
	})
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Always 1; what runs here is in the labels.",
		ConstLabels: prometheus.Labels{"version": o.Version, "role": o.Role, "go": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(m.waits, build, newGauges(o.Gauges, o.Timeout),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Visited counts one ended look with what it found that was not known before.
func (m *Metrics) Visited(outcome string, posts, listings int64) {
	if m == nil {
		return
	}
	if !slices.Contains(market.Outcomes, market.Outcome(outcome)) {
		outcome = other
	}
	m.visits.WithLabelValues(outcome).Inc()
	add(m.posts, posts)
	add(m.listings, listings)
}

// Raised counts a new alert.
func (m *Metrics) Raised(severity string) {
	if m == nil {
		return
	}
	if !slices.Contains(severities, severity) {
		severity = other
	}
	m.alerts.WithLabelValues(severity).Inc()
}

// Waited notes how long a request waited for its host's budget.
func (m *Metrics) Waited(d time.Duration) {
	if m != nil {
		m.waits.Observe(max(0, d).Seconds())
	}
}

// GivenBack counts visits that were given back since their slot was too far off.
func (m *Metrics) GivenBack(n int) {
	if m != nil {
		add(m.givenBack, int64(n))
	}
}

// TaskFailed counts a task that ended with an error.
func (m *Metrics) TaskFailed(taskType string) {
	if m == nil {
		return
	}
	if !slices.Contains(m.tasks, taskType) {
		taskType = other
	}
	m.failed.WithLabelValues(taskType).Inc()
}

// BulkFailed counts documents that the index refused.
func (m *Metrics) BulkFailed(n int) {
	if m != nil {
		add(m.bulkFailures, int64(n))
	}
}

// add adds what a counter can take: it never goes down.
func add(c prometheus.Counter, n int64) {
	if n > 0 {
		c.Add(float64(n))
	}
}

// Handler serves the metrics in Prometheus' text format. It asks for no
// credentials: that is for whoever mounts it.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError, // a broken gauge hides no counter
		MaxRequestsInFlight: 4,
	})
}
