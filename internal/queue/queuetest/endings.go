package queuetest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"resumewatch/internal/queue"
)

// How handlers and servers end.

func timeout(t *testing.T, q queue.Queue) {
	ended := make(chan error, 1)
	serve(t, q, queue.Options{}, map[string]queue.Handler{"test": func(ctx context.Context, _ string, _ []byte) error {
		select {
		case <-ctx.Done():
			ended <- ctx.Err()
		case <-time.After(patience):
			ended <- nil
		}
		return nil
	}})
	enqueue(t, q, queue.Task{ID: "7:1", Timeout: 20 * time.Millisecond})
	if err := receive(t, ended, "the handler"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the context ended with %v, want DeadlineExceeded", err)
	}
}

func abandoned(t *testing.T, q queue.Queue) {
	finish := make(chan struct{})
	failures := make(chan error, 1)
	next := make(chan struct{})
	stop := serve(t, q, queue.Options{
		Concurrency: 1, Grace: 50 * time.Millisecond,
		Failed: func(f queue.Failure) { failures <- f.Err },
	}, map[string]queue.Handler{
		"stuck": func(context.Context, string, []byte) error { <-finish; return nil },
		"next":  func(context.Context, string, []byte) error { close(next); return nil },
	})
	enqueue(t, q, queue.Task{Type: "stuck", ID: "7:1", Timeout: 20 * time.Millisecond})
	if err := receive(t, failures, "the failure"); !errors.Is(err, queue.ErrAbandoned) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("failed by %v, want ErrAbandoned", err)
	}
	enqueue(t, q, queue.Task{Type: "next", ID: "8:1"})
	receive(t, next, "the slot to be given to the next task")
	stop()
	close(finish)
}

func shutdownWaits(t *testing.T, q queue.Queue) {
	started, finish := make(chan struct{}), make(chan struct{})
	var finished atomic.Bool
	stop := serve(t, q, queue.Options{}, map[string]queue.Handler{"test": func(ctx context.Context, _ string, _ []byte) error {
		close(started)
		<-ctx.Done()
		<-finish
		finished.Store(true)
		return nil
	}})
	enqueue(t, q, queue.Task{ID: "7:1", Timeout: time.Hour})
	receive(t, started, "the handler")
	time.AfterFunc(100*time.Millisecond, func() { close(finish) })
	stop()
	if !finished.Load() {
		t.Error("Serve returned before its handler")
	}
	if !empty(t, q) {
		t.Error("a task that was done is still there")
	}
}

func shutdownGivesUp(t *testing.T, q queue.Queue) {
	started, finish := make(chan struct{}), make(chan struct{})
	stop := serve(t, q, queue.Options{Grace: 100 * time.Millisecond}, map[string]queue.Handler{"test": func(context.Context, string, []byte) error {
		close(started)
		<-finish
		return nil
	}})
	enqueue(t, q, queue.Task{ID: "7:1", Timeout: time.Hour})
	receive(t, started, "the handler")
	begin := time.Now()
	stop()
	close(finish)
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("Serve took %s to end, with a grace of 100ms", took)
	}
}
