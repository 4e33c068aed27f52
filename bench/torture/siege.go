package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"time"

	"resumewatch/bench/stack"
)

// siege is one round's faults at work on a world.
type siege struct {
	world   *stack.World
	servers *stack.Servers
	proxy   *stack.Proxy
	orders  []*order
	all     []string // names of the roles
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
	select {
	case <-ctx.Done():
		out.err = ctx.Err()
		return out
	case <-time.After(time.Until(at)):
	}
	if p, err := s.world.Casebook.Progress(ctx); err == nil && p.Done() { // else it is away, and there is work
		out.missed = true
		return out
	}
	s.say("%s", f.kind)
	var moved func(before, now stack.Progress) bool
	var err error
	switch f.kind {
	case killWorker, stopWorker, pauseWorker:
		return s.strikeWorker(ctx, out)
	case killLeader, killStandby:
		return s.strikeScheduler(ctx, out)
	case killCommand:
		var running []*order
		for _, o := range s.orders {
			if o.running() {
				running = append(running, o)
			}
		}
		if len(running) == 0 {
			out.missed = true
			return out
		}
		if !running[f.pick%len(running)].kill(f.away) {
			out.missed = true
			return out
		}
		moved = anything
	case redisFlush, redisRestart, redisAway:
		err = s.during(func() error {
			switch f.kind {
			case redisFlush:
				return s.world.Queues.Flush(ctx)
			case redisRestart:
				return s.servers.Restart(ctx, stack.Redis, 0)
			}
			return s.servers.Restart(ctx, stack.Redis, f.away)
		})
		moved = claims
	case pgRestart:
		err = s.during(func() error { return s.servers.Restart(ctx, stack.Postgres, 0) })
		moved = claims
	case pgAway:
		err = s.during(func() error { return s.servers.Restart(ctx, stack.Postgres, f.away) })
		moved = claims
	case elasticDown:
		err = s.during(func() error { return s.servers.Restart(ctx, stack.Elastic, f.away) })
		moved = indexed
	case elastic503, elasticCut, elasticHalf:
		mode := map[kind]stack.Mode{elastic503: stack.Unavailable, elasticCut: stack.Cut, elasticHalf: stack.HalfBulk}[f.kind]
		err = s.during(func() error {
			s.proxy.Set(mode)
			defer s.proxy.Set(stack.Pass)
			return sleep(ctx, f.away)
		})
		moved = indexed
	case elasticRead, elasticFull:
		block := map[kind]string{elasticRead: "write", elasticFull: "read_only_allow_delete"}[f.kind]
		err = s.during(func() error { return s.block(ctx, block, f.away) })
		moved = indexed
	default:
		err = fmt.Errorf("no such fault: %s", f.kind)
	}
	if err == nil {
		out.recovery, err = s.recover(ctx, moved)
	}
	out.err = err
	return out
}

// Ways to see that work went on: each compares what was when the fault was
// healed with now.
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
func (s *siege) recover(ctx context.Context, moved func(before, now stack.Progress) bool) (time.Duration, error) {
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

// strikeWorker kills, stops or pauses a worker. What it had must be done by
// somebody: recovery is the time until all of that has moved.
func (s *siege) strikeWorker(ctx context.Context, out struck) struck {
	leased, err := s.handed(ctx)
	if err != nil {
		out.err = err
		return out
	}
	names := s.world.Fleet.Running(stack.Worker)
	if len(names) == 0 {
		out.missed = true
		return out
	}
	name := names[out.pick%len(names)]
	struckAt := time.Now()
	away := out.away
	switch out.kind {
	case killWorker:
		s.world.Fleet.Kill(name)
	case stopWorker:
		if err := s.world.Fleet.Terminate(name, stopGrace); err != nil {
			out.err = err
			return out
		}
	case pauseWorker:
		away += 22 * time.Second // beyond a lease
		s.world.Fleet.Signal(name, syscall.SIGSTOP)
	}
	back := make(chan error, 1)
	go func() { back <- s.back(ctx, name, away, out) }()
	out.recovery, out.err = s.moved(ctx, leased, struckAt)
	out.err = errors.Join(out.err, <-back)
	return out
}

// handed waits a little until somebody has work, so that there is something to lose.
func (s *siege) handed(ctx context.Context) (leased map[string]int64, err error) {
	for range 50 {
		leased, err = s.world.Casebook.Leased(ctx)
		if err == nil && len(leased) > 0 {
			break
		} // else idle for a moment, or PostgreSQL is away
		if err := sleep(ctx, pollEvery); err != nil {
			return nil, err
		}
	}
	return leased, nil
}

// back lets who was struck live again, after a while.
func (s *siege) back(ctx context.Context, name string, away time.Duration, f struck) error {
	if err := sleep(ctx, away); err != nil {
		s.world.Fleet.Signal(name, syscall.SIGCONT)
		return err
	}
	if f.kind == pauseWorker {
		s.world.Fleet.Signal(name, syscall.SIGCONT)
		return nil
	}
	role := regexp.MustCompile(`^[a-z]+`).FindString(name)
	if f.never && len(s.world.Fleet.Running(role)) > 0 {
		return nil
	}
	return s.world.Fleet.Start(ctx, name)
}

// moved waits until none of the units is held as it was.
func (s *siege) moved(ctx context.Context, leased map[string]int64, since time.Time) (time.Duration, error) {
	for {
		quiet, err := s.calm(ctx, 0)
		if err != nil {
			return 0, err
		}
		if quiet.After(since) {
			since = quiet
		}
		now, err := s.world.Casebook.Leased(ctx)
		if err == nil {
			held := 0
			for id, generation := range leased {
				if now[id] == generation {
					held++
				}
			}
			if held == 0 {
				return time.Since(since), nil
			}
			if time.Since(since) > maxRecovery {
				return time.Since(since), fmt.Errorf("%w for %s: %d units are held as they were", errSlow, maxRecovery, held)
			}
		}
		if err := sleep(ctx, pollEvery); err != nil {
			return 0, err
		}
	}
}

var digits = regexp.MustCompile(`\d+`)

// leading waits until one of our members is known to lead.
func (s *siege) leading(ctx context.Context) (stack.Lead, string, error) {
	var l stack.Lead
	var err error
	for began := time.Now(); time.Since(began) < maxRecovery; {
		if l, err = s.world.Casebook.Lead(ctx); err == nil && l.Until.After(time.Now()) {
			for _, n := range digits.FindAllString(l.Holder, -1) { // it names its process
				if pid, err := strconv.Atoi(n); err == nil {
					if name := s.world.Fleet.Member(pid); name != "" {
						return l, name, nil
					}
				}
			}
		}
		if err := sleep(ctx, pollEvery); err != nil {
			return l, "", err
		}
	}
	return l, "", fmt.Errorf("%w: nobody of ours leads, but %+v, last asked with %v", errSlow, l, err)
}

// strikeScheduler kills a scheduler, the leading one or the other, and sees how
// soon the lead is taken over.
func (s *siege) strikeScheduler(ctx context.Context, out struck) struck {
	lead, leader, err := s.leading(ctx)
	if err != nil {
		out.err = err
		return out
	}
	running := s.world.Fleet.Running(stack.Scheduler)
	victim := leader
	if out.kind == killStandby {
		victim = ""
		for _, name := range running {
			if name != leader {
				victim = name
			}
		}
		if victim == "" {
			out.missed = true
			return out
		}
	}
	struckAt := time.Now()
	s.world.Fleet.Kill(victim)
	back := make(chan error, 1)
	go func() { back <- s.back(ctx, victim, out.away, out) }()
	if victim == leader {
		out.err = s.during(func() (err error) {
			out.recovery, err = s.takeover(ctx, lead, struckAt)
			return err
		})
		if len(running) > 1 { // else its own next start has to be waited for
			out.takeover = out.recovery
		}
	} else {
		out.recovery, out.err = s.recover(ctx, anything)
	}
	out.err = errors.Join(out.err, <-back)
	return out
}

func (s *siege) takeover(ctx context.Context, lead stack.Lead, since time.Time) (time.Duration, error) {
	for {
		quiet, err := s.calm(ctx, 1)
		if err != nil {
			return 0, err
		}
		if quiet.After(since) {
			since = quiet
		}
		now, err := s.world.Casebook.Lead(ctx)
		if err == nil && now.Fence != lead.Fence {
			return time.Since(since), nil
		}
		if time.Since(since) > maxRecovery {
			return time.Since(since), fmt.Errorf("%w: nobody took over the lead of %s", errSlow, lead.Holder)
		}
		if err := sleep(ctx, pollEvery); err != nil {
			return 0, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
