package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"time"

	"resumewatch/internal/console"
	"resumewatch/internal/index"
	"resumewatch/internal/queue"
	"resumewatch/internal/search"
	"resumewatch/internal/telemetry"
)

// Hearer is told what a person must hear when a console starts.
type Hearer interface {
	Listening(url string)
	SetUp(url string) // a link on which the first administrator is made
}

// front is a console that listens.
type front struct {
	url    string
	health *telemetry.Health
	server *http.Server
	failed chan error
}

// openFront begins to listen for people. What it looks into stays the caller's.
func (s *Session) openFront(ctx context.Context, store index.Store, q *queue.Asynq, metrics *telemetry.Metrics, checks map[string]telemetry.Check) (*front, error) {
	o, c := s.opts, s.opts.Config.Console
	test, err := s.Book.Meta(ctx, metaTest)
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("console: %w; name another address with --listen", err)
	}
	f := &front{health: telemetry.NewHealth(checks, o.Log), failed: make(chan error, 1)}
	doubts, err := newDesk(ctx, o, s.Book)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	people, err := console.New(console.Options{
		Book: s.Book,
		Rooms: console.Rooms{
			Searcher:  search.Searcher{Book: s.Book, Index: store, Now: s.Now},
			Queue:     q.Look,
			Originals: originals{s.opts, s.Book},
			Doubts:    doubts,
			LogKey:    s.logKey,
		},
		Listen: listener.Addr().String(), PublicURL: c.PublicURL, TrustedProxies: c.Prefixes(),
		Demo: o.Demo, Test: test == "1", Version: Version,
		Metrics: metrics.Handler(), Live: f.health.Live(), Ready: f.health.Ready(),
		Now: s.Now, Log: o.Log,
	})
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	f.url = people.Address()
	if o.Hear != nil {
		o.Hear.Listening(f.url)
	}
	if err := s.firstUser(ctx, people); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	f.server = console.Server(people.Handler(), o.Log)
	go func() { f.failed <- f.server.Serve(listener) }()
	return f, nil
}

// logKey is the public key of the custody log; "" nobody has kept one yet.
func (s *Session) logKey() (string, error) {
	keys, err := keyring(s.opts)
	if err != nil {
		return "", err
	}
	public, err := keys.Published(custodyKey)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return public, err
}

// adminPassword names the file with the password of the first administrator.
const adminPassword = "RESUMEWATCH_ADMIN_PASSWORD_FILE"

// firstUser sees to it that somebody can sign in.
func (s *Session) firstUser(ctx context.Context, c *console.Console) error {
	password, err := secretFile(adminPassword, s.opts.Env(adminPassword))
	if err != nil {
		return err
	}
	if password != "" {
		if _, err := c.FirstAdmin(ctx, password, osUser()); err != nil {
			return fmt.Errorf("%s: %w", adminPassword, err)
		}
	}
	link, err := c.Setup(ctx)
	if err == nil && link != "" && s.opts.Hear != nil {
		s.opts.Hear.SetUp(link)
	}
	return err
}

// close lets requests end for a few seconds.
func (f *front) close() error {
	f.health.Leaving()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := f.server.Shutdown(ctx); err != nil {
		return f.server.Close()
	}
	return nil
}

// runConsole is the role console.
func runConsole(ctx context.Context, o Options) error {
	s, err := patiently(ctx, o, func() (*Session, error) { return openSession(ctx, o) })
	if err != nil {
		return err
	}
	err = s.serveConsole(ctx)
	return errors.Join(err, s.Close())
}

func (s *Session) serveConsole(ctx context.Context) (err error) {
	r := &runner{name: "console"}
	r.metrics = r.meter(s.Book)
	defer func() { err = errors.Join(err, r.release()) }()
	r.queue, err = patiently(ctx, s.opts, func() (*queue.Asynq, error) { return openQueue(ctx, s.opts) })
	if err != nil {
		return err
	}
	r.index, err = patiently(ctx, s.opts, func() (index.Store, error) { return openIndex(ctx, s.opts, reading, nil) })
	if err != nil {
		return err
	}
	checks := r.checks(s.Book)
	checks["index"] = func(ctx context.Context) error { return answers(ctx, r.index) }
	f, err := s.openFront(ctx, r.index, r.queue, r.metrics, checks)
	if err != nil {
		return err
	}
	select {
	case err = <-f.failed:
	case <-ctx.Done():
	}
	return errors.Join(err, f.close())
}
