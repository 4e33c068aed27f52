package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"resumewatch/bench/program"
)

// order is a command that orders work and waits for it: killed, it is run again
// as its user would, and when it ended by itself with an error too.
type order struct {
	what   string
	binary string
	args   []string

	mu      sync.Mutex
	process *program.Process
	pause   time.Duration // before it is run again
	killed  int
	failed  []string // ends with an error
	took    time.Duration
}

// maxFailed is how often a command may end with an error in one round.
const maxFailed = 30

// run runs the command until it ends with 0.
func (o *order) run(ctx context.Context) error {
	began := time.Now()
	for {
		p, err := program.Start(ctx, program.Output{}, o.binary, o.args...)
		if err != nil {
			return err
		}
		o.mu.Lock()
		o.process = p
		o.mu.Unlock()
		e, err := p.Wait()
		o.mu.Lock()
		o.process = nil
		pause := o.pause
		o.pause = 0
		o.took = time.Since(began)
		if e.Code > 0 {
			o.failed = append(o.failed, e.Err().Error())
			pause = time.Second
		}
		failed := len(o.failed)
		o.mu.Unlock()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return err
		case e.Code == 0:
			return nil
		case e.Code == 2: // wrong usage: no second try mends that
			return fmt.Errorf("%s: %w", o.what, e.Err())
		case failed > maxFailed:
			return fmt.Errorf("%s failed %d times; the last time: %w", o.what, failed, e.Err())
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

func (o *order) running() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.process != nil
}

// kill kills the command (-9); it is run again after the pause. False: it did not run.
func (o *order) kill(pause time.Duration) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.process == nil {
		return false
	}
	o.pause = pause
	o.killed++
	o.process.Kill()
	return true
}
