package market

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Outcome is how one look at a page or chunk ended. The set is closed.
type Outcome string

// Outcomes of a look.
const (
	OutcomeNew        Outcome = "new"
	OutcomeChanged    Outcome = "changed"
	OutcomeSame       Outcome = "same"
	OutcomeMoved      Outcome = "moved"
	OutcomeGone       Outcome = "gone"
	OutcomeLoginWall  Outcome = "login_wall"
	OutcomeBlocked    Outcome = "blocked"
	OutcomeRobots     Outcome = "robots"
	OutcomeTooLarge   Outcome = "too_large"
	OutcomeUnreadable Outcome = "unreadable"
	OutcomeError      Outcome = "error"
)

// Outcomes lists every outcome in the order in which summaries print them.
var Outcomes = []Outcome{
	OutcomeNew, OutcomeChanged, OutcomeSame, OutcomeMoved, OutcomeGone, OutcomeLoginWall,
	OutcomeBlocked, OutcomeRobots, OutcomeTooLarge, OutcomeUnreadable, OutcomeError,
}

// Authority is why a source may be read, and until when.
type Authority struct {
	Why   string    `json:"why" yaml:"why"`
	Until time.Time `json:"until" yaml:"until"` // zero: no end said
}

// Ended reports whether reading must have stopped at the given time.
func (a Authority) Ended(now time.Time) bool { return !a.Until.IsZero() && !now.Before(a.Until) }

// Rate is a budget of one host. The zero value is no budget at all.
type Rate struct {
	Requests int
	Per      time.Duration
}

// DefaultRate is 30 requests a minute.
var DefaultRate = Rate{Requests: 30, Per: time.Minute}

// Interval is the least distance between two requests; 0 without a budget.
func (r Rate) Interval() time.Duration {
	if r.Requests <= 0 {
		return 0
	}
	return r.Per / time.Duration(r.Requests)
}

func (r Rate) String() string {
	if r.Requests <= 0 {
		return "0"
	}
	per := r.Per.String()
	per = strings.TrimSuffix(strings.TrimSuffix(per, "0s"), "0m")
	return fmt.Sprintf("%d/%s", r.Requests, per)
}

// ParseRate reads "30/1m"; "0" is no budget.
func ParseRate(s string) (Rate, error) {
	if s == "0" {
		return Rate{}, nil
	}
	n, per, ok := strings.Cut(s, "/")
	requests, err := strconv.Atoi(n)
	if !ok || err != nil || requests < 1 || requests > 1_000_000 {
		return Rate{}, fmt.Errorf("rate %q: want a number and a time, such as 30/1m, or 0 for no budget", s)
	}
	d, err := time.ParseDuration(per)
	if err != nil || d <= 0 {
		return Rate{}, fmt.Errorf("rate %q: %q is no time span; write 30/1m or 1/2s", s, per)
	}
	return Rate{Requests: requests, Per: d}, nil
}

// Problem is a part that could not be read, for the person who has to mend it.
type Problem struct {
	Source string `json:"source"`
	File   string `json:"file"`
	Byte   int64  `json:"byte"`
	Line   int64  `json:"line"`
	Reason string `json:"reason"`
}
