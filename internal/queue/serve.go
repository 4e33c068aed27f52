package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/hibiken/asynq"
)

// How often the server asks for work. Polling costs one script a queue.
const (
	checkEvery   = 200 * time.Millisecond // for pending tasks, when idle
	delayedEvery = time.Second            // for scheduled tasks that came due
	sweepEvery   = 5 * time.Second        // for what dead workers left
)

// Serve implements Queue.
func (q *Asynq) Serve(ctx context.Context, o Options, handlers map[string]Handler) error {
	if q.closed.Load() {
		return q.at(ErrClosed)
	}
	if len(o.Queues) == 0 {
		return errors.New("serve: no queue named")
	}
	for name, weight := range o.Queues {
		if err := checkQueue(name); err != nil {
			return fmt.Errorf("serve: %w", err)
		}
		if weight < 1 || weight > 1000 {
			return fmt.Errorf("serve: weight %d of queue %s (want 1 to 1000)", weight, name)
		}
	}
	if o.Concurrency <= 0 {
		o.Concurrency = runtime.NumCPU()
	}
	if o.Grace <= 0 {
		o.Grace = DefaultGrace
	}
	names := slices.Sorted(maps.Keys(o.Queues))
	q.used(names...)

	w := &worker{serving: ctx, handlers: handlers, grace: o.Grace, failed: o.Failed}
	server := asynq.NewServerFromRedisClient(q.redis, asynq.Config{
		Concurrency:              o.Concurrency,
		Queues:                   o.Queues,
		TaskCheckInterval:        checkEvery,
		DelayedTaskCheckInterval: delayedEvery,
		// A little later than the worker's own grace, so that a handler that was
		// given up is reported and its task removed before Asynq requeues.
		ShutdownTimeout: o.Grace + 200*time.Millisecond,
		Logger:          newLogger(o.Log),
		LogLevel:        asynq.InfoLevel,
	})
	if err := server.Start(asynq.HandlerFunc(w.process)); err != nil {
		return q.at(fmt.Errorf("serve: %w", err))
	}
	var sweeper sync.WaitGroup
	sweeper.Go(func() { q.sweep(ctx, names) })
	<-ctx.Done()
	server.Shutdown()
	sweeper.Wait()
	return nil
}

// worker runs handlers under Asynq's processor.
type worker struct {
	serving  context.Context
	handlers map[string]Handler
	grace    time.Duration
	failed   func(Failure)
}

// process does one task and waits for it; every failure ends as RevokeTask, on
// which Asynq forgets the task instead of keeping it in its archive, where it
// would block its id.
func (w *worker) process(ctx context.Context, t *asynq.Task) error {
	id, _ := asynq.GetTaskID(ctx)
	name, _ := asynq.GetQueueName(ctx)
	err := w.run(ctx, id, t)
	if err == nil {
		return nil
	}
	if w.failed != nil {
		w.failed(Failure{Queue: name, Type: t.Type(), ID: id, Err: err})
	}
	return fmt.Errorf("%w: %w", err, asynq.RevokeTask)
}

func (w *worker) run(ctx context.Context, id string, t *asynq.Task) error {
	handle := w.handlers[t.Type()]
	if handle == nil {
		return fmt.Errorf("%w: %q", ErrNoHandler, t.Type())
	}
	timeout, err := time.ParseDuration(t.Headers()[timeoutHeader])
	if err != nil || timeout <= 0 {
		timeout = DefaultTimeout // put there by another program
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	// Not by Asynq's BaseContext: when that ends, Asynq gives up waiting.
	defer context.AfterFunc(w.serving, cancel)()

	result := make(chan error, 1)
	go func() { result <- call(ctx, handle, id, t.Payload()) }()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	}
	grace := time.NewTimer(w.grace)
	defer grace.Stop()
	select {
	case err := <-result:
		return err
	case <-grace.C:
		return fmt.Errorf("%w (%s): %w", ErrAbandoned, timeout, ctx.Err())
	}
}

// PanicError is a handler that panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("handler panicked: %v", e.Value) }

func call(ctx context.Context, handle Handler, id string, payload []byte) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return handle(ctx, id, payload)
}
