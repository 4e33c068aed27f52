package console

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"resumewatch/internal/casebook"
)

// tryLimits: five wrong passwords for one account and address in 15 minutes
// (interfaces.md), and fifty from one address, whatever the accounts.
var tryLimits = casebook.TryLimits{Span: 15 * time.Minute, Account: 5, Address: 50}

// tryAddress is what counts as one address: of IPv6 the network that one household
// or server gets, since it holds more addresses than could ever be counted.
func tryAddress(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// sweepEvery is how often a console looks for what has ended.
const sweepEvery = time.Minute

// sweeper remembers when the last sweep was.
type sweeper struct {
	mu   sync.Mutex
	last time.Time
}

// due reports whether a sweep is, and if so takes it on.
func (s *sweeper) due(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.last.IsZero() && now.Sub(s.last) < sweepEvery {
		return false
	}
	s.last = now
	return true
}

// sweep drops sessions and counts that have ended. Only signing in makes either, so
// that is when it is done.
func (c *Console) sweep(ctx context.Context) {
	now := c.Now()
	if !c.sweeps.due(now) {
		return
	}
	c.note(ctx, "the end of sessions", func(ctx context.Context) error {
		return c.Book.SweepSessions(ctx, now.Add(-c.Idle), now.Add(-c.Lifetime))
	})
	c.note(ctx, "the end of sign-in limits", func(ctx context.Context) error { return c.Book.SweepTries(ctx, tryLimits, now) })
}
