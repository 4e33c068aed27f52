package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"resumewatch/bench/program"
)

// Roles.
const (
	Worker    = "worker"
	Scheduler = "scheduler"
)

// restartAfter is how long a role that died by itself stays away, as under systemd.
const restartAfter = time.Second

// Fleet is the roles of one world as processes. A role that ends by itself is
// counted and started again.
type Fleet struct {
	binary, config, logs string

	mu       sync.Mutex
	members  map[string]*member
	deaths   []string
	stopping bool
	cpu      map[string]time.Duration // of processes that have ended, by member
	peak     map[string]int64
}

type member struct {
	role    string
	process *program.Process
	wanted  bool // it should be running
	ended   chan struct{}
}

// NewFleet is an empty fleet that works by a configuration file. What the roles
// log is written to files in the folder logs.
func NewFleet(binary, config, logs string) *Fleet {
	return &Fleet{
		binary: binary, config: config, logs: logs, members: map[string]*member{},
		cpu: map[string]time.Duration{}, peak: map[string]int64{},
	}
}

// Start starts a member such as worker-1, unless it runs. The end of ctx kills it.
func (f *Fleet) Start(ctx context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.start(ctx, name)
}

func (f *Fleet) start(ctx context.Context, name string) (err error) {
	if m := f.members[name]; m != nil && m.process != nil || f.stopping {
		return nil
	}
	role, _, _ := strings.Cut(name, "-")
	log, err := os.OpenFile(filepath.Join(f.logs, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("log of %s: %w", name, err)
	}
	p, err := program.Start(ctx, program.Output{Stdout: log, Stderr: log}, f.binary, "--config", f.config, role)
	if err != nil {
		return errors.Join(err, log.Close())
	}
	m := &member{role: role, process: p, wanted: true, ended: make(chan struct{})}
	f.members[name] = m
	go f.watch(ctx, name, m, log)
	return nil
}

// watch waits for the end of a process and starts the next one when nobody
// wanted that end.
func (f *Fleet) watch(ctx context.Context, name string, m *member, log io.Closer) {
	e, err := m.process.Wait()
	_ = log.Close() // nothing is written there any more
	f.mu.Lock()
	m.process = nil
	f.cpu[name] += e.CPU
	f.peak[name] = max(f.peak[name], e.PeakRSS)
	died := m.wanted && !f.stopping && ctx.Err() == nil
	if died {
		f.deaths = append(f.deaths, fmt.Sprintf("%s ended by itself (exit code %d, %v)", name, e.Code, err))
	}
	close(m.ended)
	f.mu.Unlock()
	if !died {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(restartAfter):
		f.mu.Lock()
		if m.wanted && f.members[name] == m {
			_ = f.start(ctx, name) // it started a moment ago; if not now, the round gets stuck and says so
		}
		f.mu.Unlock()
	}
}

// Kill kills a member (-9); it stays away until Start. It returns when the
// process is gone, and false when it did not run.
func (f *Fleet) Kill(name string) bool {
	m := f.dismiss(name, syscall.SIGKILL)
	if m == nil {
		return false
	}
	<-m.ended
	return true
}

// Terminate tells a member to stop (SIGTERM); it stays away until Start. One that
// has not stopped after the grace is killed, which is an error.
func (f *Fleet) Terminate(name string, grace time.Duration) error {
	m := f.dismiss(name, syscall.SIGTERM)
	if m == nil {
		return nil
	}
	select {
	case <-m.ended:
		return nil
	case <-time.After(grace):
		f.Signal(name, syscall.SIGKILL)
		<-m.ended
		return fmt.Errorf("%w: %s within %s", ErrStop, name, grace)
	}
}

// ErrStop says that a role did not stop when it was told to.
var ErrStop = errors.New("did not stop")

// dismiss sends a signal to a member that nobody wants any more; nil: it does not run.
func (f *Fleet) dismiss(name string, s os.Signal) *member {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.members[name]
	if m == nil {
		return nil
	}
	m.wanted = false
	if m.process == nil {
		return nil
	}
	m.process.Signal(s)
	return m
}

// Signal sends a signal to a member, such as SIGSTOP; false when it does not run.
func (f *Fleet) Signal(name string, s os.Signal) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.members[name]
	if m == nil || m.process == nil {
		return false
	}
	m.process.Signal(s)
	return true
}

// Running are the names of a role's members that run.
func (f *Fleet) Running(role string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for i := 1; i <= len(f.members); i++ {
		name := role + "-" + strconv.Itoa(i)
		if m := f.members[name]; m != nil && m.process != nil {
			out = append(out, name)
		}
	}
	return out
}

// Member is the name of the member with that process number; "" is none.
func (f *Fleet) Member(pid int) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, m := range f.members {
		if m.process != nil && m.process.PID() == pid {
			return name
		}
	}
	return ""
}

// Deaths are the ends that nobody asked for.
func (f *Fleet) Deaths() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.deaths...)
}

// Used is what a member's processes that have ended took.
func (f *Fleet) Used(name string) (cpu time.Duration, peakRSS int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cpu[name], f.peak[name]
}

// Stop asks all members to stop and waits; who has not stopped after the grace
// is killed, which is an error.
func (f *Fleet) Stop(grace time.Duration) error {
	f.mu.Lock()
	f.stopping = true
	left := map[string]*member{}
	for name, m := range f.members {
		if m.process != nil {
			m.process.Signal(syscall.SIGCONT)
			m.process.Signal(syscall.SIGTERM)
			left[name] = m
		}
	}
	f.mu.Unlock()
	late := time.After(grace)
	var errs []error
	for name, m := range left {
		select {
		case <-m.ended:
		case <-late:
			late = time.After(0) // for the next one too
			errs = append(errs, fmt.Errorf("%w: %s within %s", ErrStop, name, grace))
			f.Signal(name, syscall.SIGKILL)
			<-m.ended
		}
	}
	return errors.Join(errs...)
}
