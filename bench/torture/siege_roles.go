package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"resumewatch/bench/stack"
)

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
	return l, "", errors.Join(fmt.Errorf("%w: nobody of ours leads, but %+v", errSlow, l), err)
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
