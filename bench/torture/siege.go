package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"resumewatch/bench/stack"
)

// siege is one round's faults at work on a world.
type siege struct {
	world   *stack.World
	servers *stack.Servers
	proxy   *stack.Proxy
	orders  []*order
	say     func(format string, args ...any)

	mu     sync.Mutex
	active int       // faults of servers that are not healed yet
	quiet  time.Time // when the last of them was healed
}

// struck is what came of a fault.
type struck struct {
	fault
	missed   bool          // nothing was left to disturb
	recovery time.Duration // from the healing until work went on
	takeover time.Duration // of the lead; 0: it was not taken over, or not by need
	err      error         // the harness could not do or see it: the round counts for nothing
}

const (
	stopGrace   = 20 * time.Second // a role that was told to stop has stopped by then
	pollEvery   = 100 * time.Millisecond
	maxRecovery = 2 * time.Minute  // then it counts as stuck
	maxTakeover = 30 * time.Second // promised
)

var errSlow = errors.New("work did not go on")

// strike waits for the fault's instant, does it, and sees how work goes on.
func (s *siege) strike(ctx context.Context, f fault, at time.Time) (out struck) {
	out.fault = f
	if out.err = sleep(ctx, time.Until(at)); out.err != nil {
		return out
	}
	if p, err := s.world.Casebook.Progress(ctx); err == nil && p.Done() { // else it is away, and there is work
		out.missed = true
		return out
	}
	s.say("%s", f.kind)
	switch f.kind {
	case killWorker, stopWorker, pauseWorker:
		return s.strikeWorker(ctx, out)
	case killLeader, killStandby:
		return s.strikeScheduler(ctx, out)
	}
	leased, err := s.world.Casebook.Leased(ctx)
	if err != nil {
		leased = nil // PostgreSQL is away for another fault's sake
	}
	moved := anything
	if f.kind == killCommand {
		out.missed = !s.killOne(f)
	} else {
		moved, out.err = s.hurt(ctx, f)
	}
	if out.missed || out.err != nil {
		return out
	}
	// Work goes on, and what somebody had at that instant has not been forgotten.
	healed := time.Now()
	first, err := s.recover(ctx, moved)
	rest, forgotten := s.moved(ctx, leased, healed)
	out.recovery, out.err = max(first, rest), errors.Join(err, forgotten)
	return out
}

// killOne kills one of the commands; false: none runs.
func (s *siege) killOne(f fault) bool {
	for i := range s.orders {
		if s.orders[(f.pick+i)%len(s.orders)].kill(f.away) {
			return true
		}
	}
	return false
}

// progressed tells two looks at the progress apart: has work gone on?
type progressed func(before, now stack.Progress) bool

// hurt hurts a server and returns when it is healed, and how to see that work
// that needs it goes on.
func (s *siege) hurt(ctx context.Context, f fault) (progressed, error) {
	restart := func(part string, away time.Duration) func() error {
		return func() error { return s.servers.Restart(ctx, part, away) }
	}
	misbehave := func(m stack.Mode) func() error {
		return func() error {
			defer s.proxy.Misbehave(m)()
			return sleep(ctx, f.away)
		}
	}
	block := func(name string) func() error {
		return func() error { return s.block(ctx, name, f.away) }
	}
	switch f.kind {
	case redisFlush:
		return claims, s.during(func() error { return s.world.Queues.Flush(ctx) })
	case redisRestart:
		return claims, s.during(restart(stack.Redis, 0))
	case redisAway:
		return claims, s.during(restart(stack.Redis, f.away))
	case pgRestart:
		return claims, s.during(restart(stack.Postgres, 0))
	case pgAway:
		return claims, s.during(restart(stack.Postgres, f.away))
	case elasticDown:
		return indexed, s.during(restart(stack.Elastic, f.away))
	case elastic503:
		return indexed, s.during(misbehave(stack.Unavailable))
	case elasticCut:
		return indexed, s.during(misbehave(stack.Cut))
	case elasticHalf:
		return indexed, s.during(misbehave(stack.HalfBulk))
	case elasticRead:
		return indexed, s.during(block("write"))
	case elasticFull:
		return indexed, s.during(block("read_only_allow_delete"))
	}
	return nil, fmt.Errorf("no such fault: %s", f.kind)
}

func anything(a, b stack.Progress) bool { return a != b }

func claims(a, b stack.Progress) bool { return b.Claims > a.Claims || b.Wait == 0 && b != a }

func indexed(a, b stack.Progress) bool { return a.Index == 0 || b.Index != a.Index }

// during counts a fault as active while do runs.
func (s *siege) during(do func() error) error {
	s.mu.Lock()
	s.active++
	s.mu.Unlock()
	err := do()
	s.mu.Lock()
	s.active--
	s.quiet = time.Now()
	s.mu.Unlock()
	return err
}

// calm waits until no more than own faults that keep all work waiting are active,
// and says since when.
func (s *siege) calm(ctx context.Context, own int) (time.Time, error) {
	for {
		s.mu.Lock()
		active, quiet := s.active, s.quiet
		s.mu.Unlock()
		if active <= own {
			return quiet, nil
		}
		if err := sleep(ctx, pollEvery); err != nil {
			return quiet, err
		}
	}
}

// recover waits until work goes on after a fault was healed. While other faults
// are active the clock stands still: it starts when the last one is healed.
func (s *siege) recover(ctx context.Context, moved progressed) (time.Duration, error) {
	var before stack.Progress
	known := false
	since := time.Now()
	for {
		quiet, err := s.calm(ctx, 0)
		if err != nil {
			return 0, err
		}
		if quiet.After(since) {
			since, known = quiet, false
		}
		p, err := s.world.Casebook.Progress(ctx)
		switch {
		case err != nil: // another fault has begun, or the server still replays its log
		case !known:
			before, known = p, true
		case moved(before, p):
			return time.Since(since), nil
		}
		if err == nil && p.Done() {
			return time.Since(since), nil
		}
		if time.Since(since) > maxRecovery {
			return time.Since(since), fmt.Errorf("%w for %s: %+v", errSlow, maxRecovery, p)
		}
		if err := sleep(ctx, pollEvery); err != nil {
			return 0, err
		}
	}
}

// block makes the index read-only for a while, also those of months that come meanwhile.
func (s *siege) block(ctx context.Context, block string, away time.Duration) error {
	until := time.Now().Add(away)
	for time.Now().Before(until) {
		_, err := s.world.ReadOnly(ctx, block, true)
		if err == nil {
			err = sleep(ctx, min(500*time.Millisecond, time.Until(until)))
		}
		if err != nil {
			return errors.Join(err, s.unblock(ctx, block))
		}
	}
	return s.unblock(ctx, block)
}

// unblock lifts a block; Elasticsearch may be away for another fault's sake.
func (s *siege) unblock(ctx context.Context, block string) error {
	var err error
	for range 120 {
		if _, err = s.world.ReadOnly(ctx, block, false); err == nil {
			return nil
		}
		if err := sleep(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
