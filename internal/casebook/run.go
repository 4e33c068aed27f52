package casebook

import (
	"context"
	"time"

	"resumewatch/internal/market"
)

// Names of the counters of a run, beside the outcomes of visits, which are
// counted as "visit." and the outcome.
const (
	CountPosts       = "posts"
	CountDuplicates  = "duplicates"
	CountListings    = "listings"
	CountOffers      = "offers"
	CountAlerts      = "alerts"
	CountQuarantined = "quarantined"
	CountBytes       = "bytes"
	CountDoubtful    = "doubtful"    // posts that wait for a reviewer since
	CountDoubtsOver  = "doubts_over" // those that don't: too many of their source do
)

func visitCounter(o market.Outcome) string { return "visit." + string(o) }

// StartRun notes that a command began; what its work brings is counted under the id.
func (b *Book) StartRun(ctx context.Context, kind string, now time.Time) (id int64, err error) {
	err = b.write(ctx, "start of a run", func(t *tx) error {
		return t.row(`INSERT INTO run (kind, started_at) VALUES (?, ?) RETURNING id`, kind, millis(now)).Scan(&id)
	})
	return id, err
}

// count adds to counters of a run, in the transaction that did what is counted:
// a restart never counts twice.
func (t *tx) count(run int64, add map[string]int64) error {
	if run == 0 {
		return nil
	}
	var rows [][]any
	for name, n := range add {
		if n != 0 {
			rows = append(rows, []any{name, run, n})
		}
	}
	sortRows(rows)
	_, err := t.insert(`INSERT INTO run_count (name, run_id, n)`, rows, `ON CONFLICT (run_id, name) DO UPDATE SET n = run_count.n + excluded.n`)
	return err
}

// maxProblems bounds the problems kept of one run; all are counted.
const maxProblems = 10_000

func (t *tx) problems(run int64, problems []market.Problem) error {
	if len(problems) == 0 || run == 0 {
		return nil
	}
	var have int
	if err := t.row(`SELECT count(*) FROM run_problem WHERE run_id = ?`, run).Scan(&have); err != nil {
		return err
	}
	var rows [][]any
	for _, p := range problems[:max(0, min(len(problems), maxProblems-have))] {
		rows = append(rows, []any{run, document(p)})
	}
	_, err := t.insert(`INSERT INTO run_problem (run_id, doc)`, rows, ``)
	return err
}

// Progress is what a run has done so far and what is still owed to it.
type Progress struct {
	Counts   map[string]int64
	Problems []market.Problem
	Open     int64     // units of work and pages not ended
	Chunks   int64     // units of work in all
	Backlog  int64     // rows that index and grouper have not consumed
	NextDue  time.Time // when the next open page or unit is due; zero: none open
}

// RunProgress tells how far a run is. withProblems false leaves Problems out.
func (b *Book) RunProgress(ctx context.Context, run int64, withProblems bool) (Progress, error) {
	p := Progress{Counts: map[string]int64{}}
	err := b.read(ctx, "progress of a run", func(t *tx) error {
		err := t.rows(func(scan func(...any) error) error {
			var name string
			var n int64
			if err := scan(&name, &n); err != nil {
				return err
			}
			p.Counts[name] = n
			return nil
		}, `SELECT name, n FROM run_count WHERE run_id = ?`, run)
		if err != nil {
			return err
		}
		var open, pages, next int64
		if err := t.row(`SELECT count(*), coalesce(sum(CASE WHEN state IN ('pending', 'leased') THEN 1 ELSE 0 END), 0)
			FROM work WHERE run_id = ? AND kind IN (?, ?)`, run, KindChunk, KindReview).Scan(&p.Chunks, &open); err != nil {
			return err
		}
		if err := t.row(`SELECT count(*), coalesce(min(due_at), 0) FROM page WHERE run_id = ?`, run).Scan(&pages, &next); err != nil {
			return err
		}
		p.Open, p.NextDue = open+pages, instant(next)
		if err := t.row(`SELECT count(*) FROM outbox WHERE run_id = ?`, run).Scan(&p.Backlog); err != nil {
			return err
		}
		if !withProblems {
			return nil
		}
		p.Problems = []market.Problem{}
		return t.rows(func(scan func(...any) error) error {
			var doc string
			if err := scan(&doc); err != nil {
				return err
			}
			var one market.Problem
			if err := parse(doc, &one); err != nil {
				return err
			}
			p.Problems = append(p.Problems, one)
			return nil
		}, `SELECT doc FROM run_problem WHERE run_id = ? ORDER BY id`, run)
	})
	return p, err
}

// Summary is the document that import, crawl and `up --once` end with.
type Summary struct {
	Visits      map[market.Outcome]int64 `json:"visits"`
	Posts       int64                    `json:"posts"`
	Duplicates  int64                    `json:"duplicates"`
	Listings    int64                    `json:"listings"`
	Offers      int64                    `json:"offers"`
	Alerts      int64                    `json:"alerts"`
	Quarantined int64                    `json:"quarantined"`
	Problems    []market.Problem         `json:"problems"`
	Bytes       int64                    `json:"bytes"`
	Seconds     float64                  `json:"seconds"`
	Doubtful    int64                    `json:"doubtful,omitempty"`    // that wait for a reviewer since
	DoubtsOver  int64                    `json:"doubts_over,omitempty"` // that don't: too many of their source do
}

// Summarize puts a run's progress into the shape of the summary.
func Summarize(p Progress, took time.Duration) Summary {
	s := Summary{
		Visits: map[market.Outcome]int64{}, Posts: p.Counts[CountPosts], Duplicates: p.Counts[CountDuplicates],
		Listings: p.Counts[CountListings], Offers: p.Counts[CountOffers], Alerts: p.Counts[CountAlerts],
		Quarantined: p.Counts[CountQuarantined], Bytes: p.Counts[CountBytes], Problems: p.Problems,
		Doubtful: p.Counts[CountDoubtful], DoubtsOver: p.Counts[CountDoubtsOver],
		Seconds: float64(took.Milliseconds()) / 1000,
	}
	if s.Problems == nil {
		s.Problems = []market.Problem{}
	}
	for _, o := range market.Outcomes {
		s.Visits[o] = p.Counts[visitCounter(o)]
	}
	return s
}

// Note adds problems to a run outside of any unit of work, for what failed
// before there was one.
func (b *Book) Note(ctx context.Context, run int64, outcome market.Outcome, quarantined int64, problems []market.Problem) error {
	return b.write(ctx, "problems of a run", func(t *tx) error {
		if err := t.problems(run, problems); err != nil {
			return err
		}
		counts := map[string]int64{CountQuarantined: quarantined}
		if outcome != "" {
			counts[visitCounter(outcome)] = 1
		}
		return t.count(run, counts)
	})
}
