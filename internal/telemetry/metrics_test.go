package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"resumewatch/internal/market"
)

// scrape gives the lines of /metrics that begin with resumewatch_.
func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	var out strings.Builder
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "resumewatch_") {
			out.WriteString(line)
		}
	}
	return out.String()
}

func wantLines(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains("\n"+got, "\n"+w+"\n") {
			t.Errorf("no line %s in\n%s", w, got)
		}
	}
}

func TestCounters(t *testing.T) {
	m := New(Options{Version: "1.2.3", Role: "worker", Tasks: []string{"visit", "chunk"}})
	got := scrape(t, m)
	for _, o := range market.Outcomes { // there from the start
		wantLines(t, got, fmt.Sprintf("resumewatch_visits_total{outcome=%q} 0", o))
	}
	wantLines(t, got, `resumewatch_alerts_total{severity="critical"} 0`, `resumewatch_tasks_failed_total{type="visit"} 0`, "resumewatch_listings_total 0")

	m.Visited("new", 5, 2)
	m.Visited("new", 1, 0)
	m.Visited("blocked", -1, -1) // a counter never goes down
	for i := range 1000 {
		m.Visited(fmt.Sprintf("outcome %d\n", i), 0, 0)
		m.TaskFailed(fmt.Sprint(i))
		m.Raised(fmt.Sprint(i))
	}
	m.TaskFailed("visit")
	m.Raised("high")
	m.BulkFailed(7)
	m.BulkFailed(-7)
	m.GivenBack(2)
	m.Waited(1500 * time.Millisecond)
	m.Waited(-time.Second)
	got = scrape(t, m)
	wantLines(t, got,
		`resumewatch_visits_total{outcome="new"} 2`, `resumewatch_visits_total{outcome="blocked"} 1`, `resumewatch_visits_total{outcome="other"} 1000`,
		"resumewatch_posts_total 6", "resumewatch_listings_total 2",
		`resumewatch_alerts_total{severity="high"} 1`, `resumewatch_alerts_total{severity="other"} 1000`,
		`resumewatch_tasks_failed_total{type="visit"} 1`, `resumewatch_tasks_failed_total{type="other"} 1000`,
		"resumewatch_index_bulk_failures_total 7", "resumewatch_budget_given_back_total 2",
		`resumewatch_budget_wait_seconds_bucket{le="0.01"} 1`, `resumewatch_budget_wait_seconds_bucket{le="2"} 2`, "resumewatch_budget_wait_seconds_sum 1.5",
	)
	if n := strings.Count(got, "resumewatch_visits_total"); n != len(market.Outcomes)+1 {
		t.Errorf("%d series of visits", n)
	}
	if !strings.Contains(got, `role="worker",version="1.2.3"} 1`) {
		t.Errorf("no build_info in\n%s", got)
	}
}

func TestNoMetrics(t *testing.T) {
	var m *Metrics
	m.Visited("new", 1, 1)
	m.Raised("high")
	m.Waited(time.Second)
	m.GivenBack(1)
	m.TaskFailed("visit")
	m.BulkFailed(1)
}

func TestGauges(t *testing.T) {
	many := make([]Lag, 100)
	for i := range many {
		many[i] = Lag{Topic: fmt.Sprintf("topic%d", i), Rows: 1, Oldest: time.Duration(i) * time.Second}
	}
	m := New(Options{Role: "scheduler", Gauges: Gauges{
		Outbox: func(context.Context) ([]Lag, error) {
			return append([]Lag{{"index", 4, 90 * time.Second}, {"group", 0, 0}, {"index", 1, time.Second}, {"bad\n name", 2, 0}}, many...), nil
		},
		Queues: func(context.Context) ([]Depth, error) {
			return []Depth{{Queue: "archive", Pending: 3, Active: 2, Scheduled: 1, Oldest: time.Minute}}, nil
		},
		Due: func(context.Context) (time.Duration, error) { return 0, errors.New("postgres://u:geheim@h") },
		Doubts: func(context.Context) ([]Doubts, error) {
			return []Doubts{{"waiting", 3, 48 * time.Hour}, {"expired", 2, 960 * time.Hour}}, nil
		},
		Up:         map[string]Check{"casebook": func(context.Context) error { return nil }, "index": func(context.Context) error { return errors.New("refused") }},
		Leader:     func() bool { return true },
		RoundTrips: func() int64 { return 42 },
	}})
	got := scrape(t, m)
	wantLines(t, got,
		`resumewatch_outbox_rows{topic="index"} 5`, `resumewatch_outbox_oldest_seconds{topic="index"} 90`, `resumewatch_outbox_rows{topic="group"} 0`,
		`resumewatch_outbox_oldest_seconds{topic="other"} 99`,
		`resumewatch_queue_tasks{queue="archive",state="pending"} 3`, `resumewatch_queue_tasks{queue="archive",state="active"} 2`,
		`resumewatch_queue_tasks{queue="archive",state="scheduled"} 1`, `resumewatch_queue_oldest_seconds{queue="archive"} 60`,
		`resumewatch_up{part="casebook"} 1`, `resumewatch_up{part="index"} 0`, "resumewatch_leader 1", "resumewatch_queue_round_trips_total 42",
		`resumewatch_doubtful_posts{state="waiting"} 3`, `resumewatch_doubtful_posts{state="expired"} 2`, "resumewatch_doubtful_oldest_seconds 172800",
		`resumewatch_measure_failed{measure="due"} 1`, `resumewatch_measure_failed{measure="outbox"} 0`, `resumewatch_measure_failed{measure="queues"} 0`,
	)
	if n := strings.Count(got, "resumewatch_outbox_rows{"); n > maxSeries || n < maxSeries-1 {
		t.Errorf("%d topics, at most %d", n, maxSeries)
	}
	if strings.Contains(got, "geheim") || strings.Contains(got, "work_oldest_due_seconds") {
		t.Errorf("a failed gauge shows in\n%s", got)
	}
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if problems, err := promlint.NewWithMetricFamilies(families).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v %v", problems, err)
	}
}

// A dead store neither hangs a scrape nor piles up calls, and it hides nothing else.
func TestHangingGauge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var calls atomic.Int64
		m := New(Options{Gauges: Gauges{
			Up: map[string]Check{"casebook": func(context.Context) error { // ignores its context
				calls.Add(1)
				<-release
				return nil
			}},
			Outbox: func(ctx context.Context) ([]Lag, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			},
			Leader: func() bool { return false },
		}})
		began := time.Now()
		for range 3 {
			wantLines(t, scrape(t, m), `resumewatch_up{part="casebook"} 0`, `resumewatch_measure_failed{measure="outbox"} 1`, "resumewatch_leader 0", "resumewatch_posts_total 0")
		}
		if d := time.Since(began); d != 3*DefaultTimeout {
			t.Errorf("three scrapes took %s", d)
		}
		if n := calls.Load(); n != 1 {
			t.Errorf("%d calls wait for the casebook", n)
		}
		close(release)
		synctest.Wait()
		time.Sleep(2 * keepGauges)
		wantLines(t, scrape(t, m), `resumewatch_up{part="casebook"} 1`)
	})
}

// The alert rules and the guide ask for nothing that the program doesn't report.
func TestNamesElsewhere(t *testing.T) {
	m := New(Options{Tasks: []string{"visit"}, Gauges: Gauges{
		Outbox:     func(context.Context) ([]Lag, error) { return []Lag{{Topic: "index"}}, nil },
		Queues:     func(context.Context) ([]Depth, error) { return []Depth{{Queue: "archive"}}, nil },
		Due:        func(context.Context) (time.Duration, error) { return 0, nil },
		Doubts:     func(context.Context) ([]Doubts, error) { return []Doubts{{State: "waiting"}}, nil },
		Up:         map[string]Check{"casebook": func(context.Context) error { return nil }},
		Leader:     func() bool { return true },
		RoundTrips: func() int64 { return 0 },
	}})
	reported := scrape(t, m)
	inGuide := ""
	for _, file := range []string{"../../deploy/prometheus/rules.yaml", "../../docs/guide/operations.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		inGuide = string(text)
		for _, name := range regexp.MustCompile(`resumewatch_[a-z_]+`).FindAllString(inGuide, -1) {
			if !regexp.MustCompile(`(?m)^` + name + `(_count)?[{ ]`).MatchString(reported) {
				t.Errorf("%s asks for %s, which nothing reports", file, name)
			}
		}
	}
	for _, line := range regexp.MustCompile(`(?m)^(resumewatch_[a-z_]+?)(?:_bucket|_sum|_count)?[{ ]`).FindAllStringSubmatch(reported, -1) {
		if !strings.Contains(inGuide, line[1]) {
			t.Errorf("operations.md doesn't explain %s", line[1])
		}
	}
}

func TestPanickingGauge(t *testing.T) {
	m := New(Options{Gauges: Gauges{Due: func(context.Context) (time.Duration, error) { panic("x") }}})
	wantLines(t, scrape(t, m), `resumewatch_measure_failed{measure="due"} 1`)
}
