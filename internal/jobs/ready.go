package jobs

import (
	"context"
	"sync"
	"time"
)

// While storage of evidence is away, each unit that is tried would cost its work,
// and a board its requests, for nothing. So all wait, and one tries now and then.
const (
	readyFirst = time.Second
	readyMost  = time.Minute
)

// gate is open while evidence can be written.
type gate struct {
	mu   sync.Mutex
	rest time.Duration // between two that try; 0: it is open
	next time.Time     // when one may try
	try  bool          // one has been let try, and has not come back
	open chan struct{} // closed when it opens
}

// pass returns when a unit may be tried: at once while the gate is open, else
// when it opens, or in turn to try.
func (g *gate) pass(ctx context.Context) error {
	for {
		g.mu.Lock()
		now := time.Now()
		if g.rest == 0 || !now.Before(g.next) {
			g.next, g.try = now.Add(g.rest), true
			g.mu.Unlock()
			return ctx.Err()
		}
		wait, open := g.next.Sub(now), g.open
		g.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-open:
		case <-timer.C:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// shut closes the gate, for longer each time.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.rest == 0:
		g.rest, g.open = readyFirst, make(chan struct{})
	case g.try:
		g.rest = min(2*g.rest, readyMost)
	default: // it was under way when the gate was shut
		return
	}
	g.next, g.try = time.Now().Add(g.rest), false
}

// lift opens it.
func (g *gate) lift() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.rest > 0 {
		g.rest, g.try = 0, false
		close(g.open)
	}
}
