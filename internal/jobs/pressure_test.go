package jobs

import (
	"testing"
	"time"
)

// Nothing is handed out above the high water, until it is below the low one, and
// not while the casebook is slow.
func TestPressure(t *testing.T) {
	var p pressure
	for i, c := range []struct {
		backlog int64
		took    time.Duration
		hold    bool
	}{
		{0, 0, false}, {lowWater, 0, false}, {highWater, 0, false},
		{highWater + 1, 0, true}, {highWater, 0, true}, {lowWater, 0, true},
		{lowWater - 1, 0, false}, {highWater, 0, false},
		{0, slowAnswer, false}, {0, slowAnswer + 1, true}, {0, 0, false},
		{highWater + 1, slowAnswer + 1, true}, {0, slowAnswer + 1, true}, {0, 0, false},
	} {
		p.answered(c.took)
		if got := p.hold(c.backlog); got != c.hold {
			t.Errorf("%d: with %d notices and an answer after %s: %v", i, c.backlog, c.took, got)
		}
	}
}
