package jobs

import (
	"context"
	"net/http"
	"sync"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// How a host that refuses is left alone.
const (
	// blockedRow is how many refusals in a row mean the host and not the page.
	blockedRow = 3
	// tooManyPause is for a host that says "too many" without saying until when.
	tooManyPause = time.Minute
)

// refusals counts refusals in a row by host.
type refusals struct {
	mu sync.Mutex
	n  map[string]int
}

// add notes a look at a host and returns how many refusals in a row there were.
func (r *refusals) add(host string, refused bool) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !refused {
		delete(r.n, host)
		return 0
	}
	if r.n == nil {
		r.n = map[string]int{}
	}
	r.n[host]++
	return r.n[host]
}

// backOff is how long the host of a refused page is left alone by everybody.
func (v *visitor) backOff() time.Duration {
	row := v.w.refused.add(v.page.Host, true)
	pause := max(v.res.RetryAfter, 0)
	if v.res.Status == http.StatusTooManyRequests || v.res.Status == http.StatusServiceUnavailable {
		pause = max(pause, tooManyPause)
	}
	if row >= blockedRow {
		pause = max(pause, BlockedPause)
	}
	return pause
}

// longWait is beyond what a budget alone makes a page wait: the host is being
// left alone, and nobody should sit there until then.
func longWait(wait time.Duration, r market.Rate) bool {
	return wait > tooManyPause+10*r.Interval()
}

// headStart is how much before its slot a page goes out again: on its way through
// the queue it would miss the slot, and a host would be asked less often than it
// may be. Less than fetch.DefaultPatience, so that its worker waits there.
const headStart = 2 * time.Second

// leave gives the pages of a visit back until the host may be asked again. Those
// that a run waits for are taken off it, with a word about why.
func (w *Workshop) leave(ctx context.Context, claim casebook.Claim, pages []casebook.Page, src casebook.Source, until time.Time) error {
	if now := w.Now(); len(pages) == 0 || !longWait(until.Sub(now), src.Settings.Rate) {
		if early := until.Add(-headStart); early.After(now) {
			until = early
		}
		return w.Book.EndVisit(ctx, claim, until)
	}
	return w.Book.LeaveHost(ctx, claim, until, market.Problem{
		Source: src.Name, File: pages[0].URL, Reason: "not visited: " + pages[0].Host + " refuses us and is left alone until " + until.UTC().Format(time.RFC3339),
	})
}
