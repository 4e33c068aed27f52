// Package sharedtest looks at workers from outside: what a host sees of them all.
package sharedtest

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Host logs when requests arrive, whatever they ask for.
type Host struct {
	mu sync.Mutex
	at []time.Time
}

// Wrap logs each request before it is served.
func (h *Host) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		h.at = append(h.at, time.Now()) // under the lock: in order
		h.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

// Arrivals are the times of the requests so far, in order.
func (h *Host) Arrivals() []time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.at)
}

// Most is the largest number of arrivals in any window of that length, both of
// its ends included.
func Most(arrivals []time.Time, window time.Duration) int {
	most, first := 0, 0
	for last := range arrivals {
		for arrivals[last].Sub(arrivals[first]) > window {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

// Least is the smallest number of arrivals in any window of that length between
// the first arrival and the last; -1 when there is no such window. A window begins
// just after an arrival.
func Least(arrivals []time.Time, window time.Duration) int {
	least, next := -1, 0
	for first := range arrivals {
		end := arrivals[first].Add(window)
		if end.After(arrivals[len(arrivals)-1]) {
			break
		}
		for next < len(arrivals) && !arrivals[next].After(end) {
			next++
		}
		if n := next - first - 1; least < 0 || n < least {
			least = n
		}
	}
	return least
}

// Used is which part of the slots, an interval apart from the first arrival to
// the last, were used.
func Used(arrivals []time.Time, interval time.Duration) float64 {
	if len(arrivals) < 2 {
		return 0
	}
	span := arrivals[len(arrivals)-1].Sub(arrivals[0])
	return float64(len(arrivals)-1) / (float64(span) / float64(interval))
}

// Stalls counts, until ctx ends, how often this machine let nobody work for
// longer than the limit: then nobody can be in time either.
func Stalls(ctx context.Context, limit time.Duration) *atomic.Int64 {
	n := new(atomic.Int64)
	go func() {
		tick := limit / 8
		last := time.Now()
		for ctx.Err() == nil {
			time.Sleep(tick)
			now := time.Now()
			if now.Sub(last) > limit {
				n.Add(1)
			}
			last = now
		}
	}()
	return n
}
