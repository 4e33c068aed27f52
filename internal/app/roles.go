package app

import (
	"context"
	"errors"
	"time"

	"resumewatch/internal/telemetry"
)

// Role is what one process of several does.
type Role string

// Roles of a process on shared servers; `up` is all of them in one.
const (
	RoleWorker    Role = "worker"    // reads archives and pages
	RoleScheduler Role = "scheduler" // one of them leads: hands work out, keeps index, offers and alerts current
	RoleConsole   Role = "console"   // answers people
)

func (r Role) duties() duties { return duties{works: r == RoleWorker, leads: r == RoleScheduler} }

// startTries is how often servers that don't answer yet are asked at a start.
const startTries = 60

// Run is one role until ctx ends. It needs shared servers (a UsageError on
// embedded parts) and waits a minute for them to answer.
func Run(ctx context.Context, o Options, role Role) error {
	if err := needScaled(o, string(role)); err != nil {
		return err
	}
	o, err := o.ready()
	if err != nil {
		return err
	}
	if role == RoleConsole {
		return runConsole(ctx, o)
	}
	s, err := patiently(ctx, o, func() (*Session, error) { return openRole(ctx, o, role.duties()) })
	if err != nil {
		return err
	}
	err = s.serveRole(ctx)
	return errors.Join(err, s.Close())
}

// openRole opens a session on shared servers in which this process has duties.
func openRole(ctx context.Context, o Options, d duties) (*Session, error) {
	s, err := openSession(ctx, o)
	if err != nil {
		return nil, err
	}
	if s.rt, err = start(ctx, o, s.Book, d, s.Now); err != nil {
		return nil, errors.Join(err, s.Book.Close())
	}
	return s, nil
}

// patiently opens what needs servers that may be starting at the same time.
func patiently[T any](ctx context.Context, o Options, open func() (T, error)) (T, error) {
	for try := 1; ; try++ {
		v, err := open()
		var usage *UsageError
		if err == nil || try == startTries || errors.As(err, &usage) || ctx.Err() != nil {
			return v, err
		}
		if try == 1 {
			o.Log.Warn("not ready to start; trying again for a minute", "err", err)
		}
		if err := rest(ctx, time.Second); err != nil {
			return v, err
		}
	}
}

// serveRole works until ctx ends or nothing can be written any more.
func (s *Session) serveRole(ctx context.Context) error {
	r := s.rt
	if r.leads {
		if err := s.lead(ctx); err != nil {
			return err
		}
	}
	health := telemetry.NewHealth(r.checks(s.Book), s.opts.Log)
	failed := make(chan error, 1)
	serving, stop := context.WithCancel(ctx)
	defer stop()
	if addr := s.opts.Config.Health.Listen; addr != "" {
		go func() { failed <- telemetry.Serve(serving, addr, telemetry.Handler(health, r.metrics)) }()
	}
	s.opts.Log.Info("at work", "role", r.role(), "name", r.name)
	select {
	case err := <-failed:
		return err
	case err := <-r.fatal:
		return s.full(err)
	case <-ctx.Done():
	}
	health.Leaving()
	return nil
}

// lead lets this process visit all that is due, for a run of its own, whenever it
// leads, and sees to it that the sources of its configuration are watched.
func (s *Session) lead(ctx context.Context) error {
	run, err := s.Book.StartRun(ctx, "scheduler", s.Now())
	if err != nil {
		return err
	}
	s.visit(run, true)
	if err := s.configuredSources(ctx); err != nil {
		return err
	}
	_, err = s.requestWatched(ctx, run)
	return err
}
