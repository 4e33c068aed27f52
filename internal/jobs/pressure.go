package jobs

import (
	"sync/atomic"
	"time"
)

const (
	// With more notices than highWater unconsumed no new work is handed out, until
	// there are fewer than lowWater.
	highWater = 50_000
	lowWater  = 25_000
	// A casebook that takes longer than this to renew a lease is left alone: what
	// runs goes on, nothing is added.
	slowAnswer = 2 * time.Second
)

// pressure decides whether work may be handed out: not while index, grouper or
// casebook lag behind what workers already do.
type pressure struct {
	held bool
	slow atomic.Bool
}

// answered tells how long the casebook took to answer.
func (p *pressure) answered(took time.Duration) { p.slow.Store(took > slowAnswer) }

// hold reports whether to hand out nothing, with so many notices unconsumed.
func (p *pressure) hold(backlog int64) bool {
	switch {
	case backlog > highWater:
		p.held = true
	case backlog < lowWater:
		p.held = false
	}
	return p.held || p.slow.Load()
}
