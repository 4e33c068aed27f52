// Package program builds resumewatch and runs it as users do: as a process that
// can be measured, stopped and killed.
package program

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Build compiles the program into dir and returns its path.
func Build(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "resumewatch")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", path, "resumewatch/cmd/resumewatch").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building resumewatch: %w: %s", err, bytes.TrimSpace(out))
	}
	return path, nil
}

// Ended tells how a process ended.
type Ended struct {
	Code    int // exit code; -1 when a signal ended it
	Stdout  []byte
	Stderr  []byte
	Took    time.Duration
	PeakRSS int64         // bytes of memory at most, as the kernel counted
	CPU     time.Duration // of all threads
}

// Err is nil for exit code 0, else what the process said.
func (e Ended) Err() error {
	if e.Code == 0 {
		return nil
	}
	said := bytes.TrimSpace(e.Stderr)
	if n := len(said); n > 2000 {
		said = said[n-2000:]
	}
	return fmt.Errorf("exit code %d: %s", e.Code, said)
}

// JSON decodes the last line that the process printed.
func (e Ended) JSON(into any) error {
	lines := bytes.Split(bytes.TrimSpace(e.Stdout), []byte("\n"))
	if err := json.Unmarshal(lines[len(lines)-1], into); err != nil {
		return fmt.Errorf("last line of the output: %w", err)
	}
	return nil
}

// Run runs the program to its end. The error is that of starting it: how it
// ended is in Ended.
func Run(ctx context.Context, binary string, args ...string) (Ended, error) {
	return RunTo(ctx, nil, binary, args...)
}

// RunTo is Run with the standard output written to out, for more than fits in memory.
func RunTo(ctx context.Context, out io.Writer, binary string, args ...string) (Ended, error) {
	p, err := Start(ctx, Output{Stdout: out}, binary, args...)
	if err != nil {
		return Ended{}, err
	}
	return p.Wait()
}

// RunAndKill runs the program and kills it (-9) after a while, unless it has
// ended by then.
func RunAndKill(ctx context.Context, after time.Duration, binary string, args ...string) (e Ended, killed bool, err error) {
	p, err := Start(ctx, Output{}, binary, args...)
	if err != nil {
		return e, false, err
	}
	timer := time.AfterFunc(after, p.Kill)
	defer timer.Stop()
	e, err = p.Wait()
	return e, e.Code == -1, err
}

// Output is where a process writes; nil keeps it for Ended.
type Output struct{ Stdout, Stderr io.Writer }

// Process is the program at work.
type Process struct {
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
	began          time.Time
}

// Start starts the program. The end of ctx kills it, and so does ours. The
// caller waits for it.
func Start(ctx context.Context, o Output, binary string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.CommandContext(ctx, binary, args...), began: time.Now()}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if o.Stdout != nil {
		p.cmd.Stdout = o.Stdout
	}
	if o.Stderr != nil {
		p.cmd.Stderr = o.Stderr
	}
	p.cmd.Env = environment()
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", filepath.Base(binary), err)
	}
	return p, nil
}

// environment is ours without settings of the program: a measurement means the
// same on every machine.
func environment() []string {
	var out []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "RESUMEWATCH_") {
			out = append(out, kv)
		}
	}
	return out
}

// PID is the number of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Kill ends the process without a word (-9). One that has ended is left alone.
func (p *Process) Kill() { p.Signal(syscall.SIGKILL) }

// Signal sends a signal. One that has ended is left alone.
func (p *Process) Signal(s os.Signal) {
	_ = p.cmd.Process.Signal(s) // the only error is that it has ended
}

// Wait waits for the end of the process. It is called once.
func (p *Process) Wait() (Ended, error) {
	err := p.cmd.Wait()
	e := Ended{Stdout: p.stdout.Bytes(), Stderr: p.stderr.Bytes(), Took: time.Since(p.began)}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return e, fmt.Errorf("%s: %w", filepath.Base(p.cmd.Path), err)
	}
	e.Code = p.cmd.ProcessState.ExitCode()
	e.CPU = p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
	if u, ok := p.cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		e.PeakRSS = u.Maxrss << 10 // Linux counts in kB
	}
	return e, nil
}
