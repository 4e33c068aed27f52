package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Parts of deploy/testparts.
const (
	Postgres = "postgres"
	Redis    = "redis"
	Elastic  = "elasticsearch"
)

// Servers are the three servers, on a cache folder of their own: they may be
// killed without hurting other tests.
type Servers struct {
	PostgresURL string // may create databases
	RedisURL    string
	ElasticURL  string

	scripts, cache string
	fast           bool
	log            io.Writer
	lock           *os.File
	busy           map[string]*sync.Mutex // one script a part
}

// Options say how the servers are started.
type Options struct {
	Cache string    // folder that they live in; "" is "stack" below the cache of the tests
	Fast  bool      // PostgreSQL's commits don't wait for the disk: only a crash of the machine would tell
	Log   io.Writer // what the scripts say
}

// Bring starts the servers; what already runs in the folder is used as it is.
// Only one process may have them at a time: another one waits until ctx ends.
// The caller stops them.
func Bring(ctx context.Context, o Options) (_ *Servers, err error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "resumewatch").Output()
	if err != nil {
		return nil, fmt.Errorf("finding the checkout: %w", err)
	}
	s := &Servers{
		scripts: filepath.Join(strings.TrimSpace(string(root)), "deploy", "testparts"), fast: o.Fast, log: o.Log,
		busy: map[string]*sync.Mutex{Postgres: {}, Redis: {}, Elastic: {}},
	}
	cache := o.Cache
	if cache == "" {
		cache = os.Getenv("RESUMEWATCH_CACHE")
		if cache == "" {
			cache = filepath.Join(strings.TrimSpace(string(root)), ".cache")
		}
		cache = filepath.Join(cache, "stack")
	}
	if s.cache, err = filepath.Abs(cache); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if err := os.MkdirAll(s.cache, 0o755); err != nil { // PostgreSQL's own user goes through it
		return nil, fmt.Errorf("cache: %w", err)
	}
	if err := s.alone(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop())
		}
	}()
	for part, into := range map[string]struct {
		name string
		url  *string
	}{
		Postgres: {"RESUMEWATCH_POSTGRES", &s.PostgresURL},
		Redis:    {"RESUMEWATCH_REDIS", &s.RedisURL},
		Elastic:  {"RESUMEWATCH_ELASTICSEARCH", &s.ElasticURL},
	} {
		out, err := s.script(ctx, part, nil, "start")
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(out)) {
			if v, ok := strings.CutPrefix(strings.TrimSpace(line), into.name+"="); ok {
				*into.url = v
			}
		}
		if *into.url == "" {
			return nil, fmt.Errorf("%s/start did not say %s", part, into.name)
		}
	}
	return s, nil
}

// alone takes the folder for this process.
func (s *Servers) alone(ctx context.Context) error {
	f, err := os.OpenFile(filepath.Join(s.cache, ".stack.lock"), os.O_CREATE|os.O_RDWR|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			s.lock = f
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("another run uses %s: %w", s.cache, ctx.Err()), f.Close())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Restart kills a server, leaves it away for so long and starts it again at the
// same address. It returns when the server answers.
func (s *Servers) Restart(ctx context.Context, part string, away time.Duration) error {
	seconds := strconv.FormatFloat(away.Seconds(), 'f', 2, 64)
	_, err := s.script(ctx, part, []string{"KILL=1", "DOWN=" + seconds}, "restart", seconds)
	return err
}

// Stop stops the servers.
func (s *Servers) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // also after Ctrl-C
	defer cancel()
	var errs []error
	for _, part := range []string{Elastic, Redis, Postgres} {
		if _, err := os.Stat(filepath.Join(s.scripts, part, "stop")); err != nil {
			continue
		}
		_, err := s.script(ctx, part, nil, "stop")
		errs = append(errs, err)
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

// script runs a script of a part to its end; it is not cut off half-way, so
// that what it began is known to the part's next script.
func (s *Servers) script(ctx context.Context, part string, env []string, name string, args ...string) ([]byte, error) {
	s.busy[part].Lock()
	defer s.busy[part].Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Minute) // the first start builds
	defer cancel()
	var said bytes.Buffer
	cmd := exec.CommandContext(late, filepath.Join(s.scripts, part, name), args...)
	fast := "FAST=0"
	if s.fast {
		fast = "FAST=1"
	}
	cmd.Env = append(append(os.Environ(), "RESUMEWATCH_CACHE="+s.cache, fast), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us, who stop the servers then
	cmd.Stderr = &said
	cmd.WaitDelay = time.Second // a server may have kept our pipes
	out, err := cmd.Output()
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return nil, fmt.Errorf("%s/%s: %w: %s", part, name, err, bytes.TrimSpace(said.Bytes()))
	}
	if said.Len() > 0 {
		fmt.Fprintf(s.log, "%s", said.Bytes())
	}
	return out, nil
}
