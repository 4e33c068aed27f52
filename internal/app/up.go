package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"resumewatch/crawlers/fetch"
	"resumewatch/internal/casebook"
	"resumewatch/internal/demo"
	"resumewatch/internal/market"
)

// Up runs everything in one process until ctx ends, or with once until all that
// is due is done. What was done until ctx ended is reported beside its error.
func Up(ctx context.Context, o Options, once bool) (Report, error) {
	began := time.Now()
	s, err := openUp(ctx, o)
	if err != nil {
		return Report{}, err
	}
	report, err := s.up(ctx, once, began)
	return report, errors.Join(err, s.Close())
}

// openUp opens a session that does all work itself: on a data folder of its own,
// or beside other processes on shared servers.
func openUp(ctx context.Context, o Options) (*Session, error) {
	o, err := o.ready()
	if err != nil {
		return nil, err
	}
	if o.scaled() {
		return patiently(ctx, o, func() (*Session, error) { return openRole(ctx, o, duties{works: true, leads: true}) })
	}
	s, err := Open(ctx, o)
	if err == nil && !s.Alone() {
		return nil, errors.Join(fmt.Errorf("another process works on %s already; stop it, or name another folder with --data", o.Data), s.Close())
	}
	return s, err
}

func (s *Session) up(ctx context.Context, once bool, began time.Time) (report Report, err error) {
	run, err := s.Book.StartRun(ctx, "up", s.Now())
	if err != nil {
		return Report{}, err
	}
	defer func() { // what was done is told whenever it is stopped
		if ctx.Err() == nil || report.Summary.Visits != nil {
			return
		}
		if done, told := s.Book.RunProgress(context.WithoutCancel(ctx), run, true); told == nil {
			report.Summary = casebook.Summarize(done, time.Since(began))
		}
	}()
	if s.opts.Demo {
		if err := s.forDemo(ctx); err != nil {
			return Report{}, err
		}
	}
	if !once {
		f, err := s.openFront(ctx, s.rt.index, s.rt.queue, s.rt.metrics, s.rt.checks(s.Book))
		if err != nil {
			return Report{}, err
		}
		defer func() { err = errors.Join(err, f.close()) }()
		if err := s.rt.writeRun(f.url, s.Now()); err != nil {
			return Report{}, err
		}
	}
	s.visit(run, true)
	if s.opts.Demo {
		stop, err := s.demoSources(ctx, run)
		if err != nil {
			return Report{}, err
		}
		defer stop()
	}
	if err := s.configuredSources(ctx); err != nil {
		return Report{}, err
	}
	n, err := s.requestWatched(ctx, run)
	if err != nil {
		return Report{}, err
	}
	if n == 0 && !once {
		s.opts.Log.Info("no source is watched yet: add one with `resumewatch source add`, or order work with import and crawl")
	}
	if !once {
		select {
		case err := <-s.fatal():
			return Report{}, s.full(err)
		case <-ctx.Done():
			return Report{}, ctx.Err()
		}
	}
	if _, err := s.Wait(ctx, run, nil); err != nil {
		return Report{}, err
	}
	if err := s.idle(ctx); err != nil {
		return Report{}, err
	}
	done, err := s.Book.RunProgress(ctx, run, true)
	if err != nil {
		return Report{}, err
	}
	return Report{Summary: casebook.Summarize(done, time.Since(began))}, nil
}

// idle waits until work that earlier commands left behind is done too.
func (s *Session) idle(ctx context.Context) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		idle, err := s.Book.Idle(ctx)
		if err != nil || idle {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.fatal():
			return s.full(err)
		case <-tick.C:
		}
	}
}

// requestWatched makes the root of every watched source due that was never
// asked for; known ones have their own time. It returns how many are watched.
func (s *Session) requestWatched(ctx context.Context, run int64) (int, error) {
	sources, err := s.Book.Sources(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, src := range sources {
		if !src.Watch || src.State != casebook.SourceActive {
			continue
		}
		n++
		u, err := url.Parse(src.URL)
		if err != nil {
			return n, fmt.Errorf("source %s: %w", src.Name, err)
		}
		p, err := s.Book.PageByID(ctx, casebook.PageID(src.Name, src.URL))
		if err == nil && !p.DueAt.IsZero() {
			continue
		}
		if err != nil && !errors.Is(err, casebook.ErrNotFound) {
			return n, err
		}
		if err := s.Book.RequestPages(ctx, run, []casebook.Page{{Source: src.Name, Host: fetch.BudgetHost(u), URL: src.URL, Canonical: src.URL}}, false, s.Now()); err != nil {
			return n, err
		}
	}
	return n, nil
}

// configuredSources brings the casebook in line with the configuration's sources.
// What a person paused stays so.
func (s *Session) configuredSources(ctx context.Context) error {
	known, err := s.Book.Sources(ctx)
	if err != nil {
		return err
	}
	paused := map[string]bool{}
	for _, k := range known {
		paused[k.Name] = k.State == casebook.SourcePaused
	}
	for _, c := range s.opts.Config.Sources {
		src, err := configuredSource(c)
		if err != nil {
			return err
		}
		if paused[src.Name] {
			src.State = casebook.SourcePaused
		}
		if err := s.Book.PutSource(ctx, src, s.Now()); err != nil {
			return err
		}
	}
	return nil
}

// Names of the demo's sources.
const demoBoard = "demo-board"

// forDemo makes the folder one of samples, or refuses to where it holds more: the
// console of a demo lets people look at it without signing in.
func (s *Session) forDemo(ctx context.Context) error {
	isDemo, err := s.Book.Meta(ctx, metaDemo)
	if err != nil || isDemo == "1" {
		return err
	}
	sources, err := s.Book.Sources(ctx)
	if err != nil {
		return err
	}
	if len(sources) > 0 {
		return Usagef("%s holds real sources; --demo wants a folder of its own", s.opts.Data)
	}
	return s.Book.SetMeta(ctx, metaDemo, "1")
}

// demoSources starts the sample board and orders the sample archive.
func (s *Session) demoSources(ctx context.Context, run int64) (stop func(), err error) {
	// The board keeps its port over restarts where that is free, so that its
	// addresses, and with them its posts, stay the same.
	last, err := s.Book.Meta(ctx, "demo.board")
	if err != nil {
		return nil, err
	}
	port := 0
	if u, err := url.Parse(last); err == nil && last != "" {
		port, _ = strconv.Atoi(u.Port()) // 0, any port, when it was none
	}
	address, stop, err := demo.Board(ctx, port)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(address)
	if err != nil {
		stop()
		return nil, fmt.Errorf("demo board: %w", err)
	}
	err = errors.Join(s.Book.SetMeta(ctx, "demo.board", address), s.Book.PutSource(ctx, casebook.Source{
		Name: demoBoard, URL: address, State: casebook.SourceActive, Watch: true,
		Settings: casebook.SourceSettings{
			Authority:    market.Authority{Why: "demo: invented board in this process"},
			AllowPrivate: []string{u.Host},
		},
	}, s.Now()), s.demoArchive(ctx, run))
	if err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

func (s *Session) demoArchive(ctx context.Context, run int64) error {
	path, group, err := demo.Archive(filepath.Join(s.opts.Data, "samples"))
	if err != nil {
		return err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("demo archive: %w", err)
	}
	p, err := planFile(ctx, found{path: abs}, ImportOptions{GroupID: group, Timezone: assumedZone})
	if err != nil {
		return err
	}
	return s.order(ctx, run, p)
}
