package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

var _ Queue = (*Asynq)(nil)

// Asynq is the queue on Asynq v0.26 over one Redis, real or embedded. Of a Cluster
// each queue lives on one node: all its keys have the queue's name as hash tag.
type Asynq struct {
	address Address
	redis   redis.UniversalClient
	client  *asynq.Client
	inspect *asynq.Inspector
	closed  atomic.Bool
	trips   *atomic.Int64

	mu    sync.Mutex
	names map[string]bool // queues that this process used
}

// Open connects to the Redis at the address, once it answers.
func Open(ctx context.Context, a Address) (*Asynq, error) {
	trips := new(atomic.Int64)
	c, err := dial(ctx, a, trips)
	if err != nil {
		return nil, err
	}
	return &Asynq{
		address: a, redis: c, trips: trips,
		client:  asynq.NewClientFromRedisClient(c),
		inspect: asynq.NewInspectorFromRedisClient(c),
		names:   make(map[string]bool),
	}, nil
}

// Budget is the budget of hosts that is kept on the same Redis, by its clock.
func (q *Asynq) Budget() *Budget { return NewBudget(q.redis, nil) }

// Trips is how often this process asked Redis for something since Open: commands,
// scripts and pipelines, for tasks and for budgets.
func (q *Asynq) Trips() int64 { return q.trips.Load() }

// Ping says whether Redis answers.
func (q *Asynq) Ping(ctx context.Context) error {
	return q.at(q.redis.Ping(ctx).Err())
}

// timeoutHeader carries a task's timeout: Asynq's own, when it strikes, gives
// the slot away at once and archives the task.
const timeoutHeader = "resumewatch-timeout"

// Enqueue implements Queue.
func (q *Asynq) Enqueue(ctx context.Context, t Task) error {
	if err := t.check(); err != nil {
		return err
	}
	if q.closed.Load() {
		return q.at(ErrClosed)
	}
	q.used(t.Queue)
	task := asynq.NewTaskWithHeaders(t.Type, t.Payload, map[string]string{timeoutHeader: t.Timeout.String()})
	options := []asynq.Option{
		asynq.Queue(t.Queue), asynq.TaskID(t.ID), asynq.MaxRetry(0),
		asynq.Timeout(t.Timeout + neverStrikes),
	}
	if !t.ProcessAt.IsZero() {
		options = append(options, asynq.ProcessAt(t.ProcessAt))
	}
	_, err := q.client.EnqueueContext(ctx, task, options...)
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		// Work that nobody does any more must not block its id: what a dead worker
		// left is archived by Asynq's recoverer, and the sweep may not have come yet.
		var left bool
		if left, err = q.dropLeftover(t.Queue, t.ID); err == nil && left {
			_, err = q.client.EnqueueContext(ctx, task, options...)
		} else if err == nil {
			err = asynq.ErrTaskIDConflict
		}
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, asynq.ErrTaskIDConflict):
		return fmt.Errorf("task %s in queue %s: %w", t.ID, t.Queue, ErrDuplicate)
	default:
		return q.at(fmt.Errorf("enqueue %s: %w", t.ID, err))
	}
}

// neverStrikes is how much later than ours Asynq's own timeout is.
const neverStrikes = 24 * time.Hour

// dropLeftover deletes a task that is neither queued nor active. Two who do so at
// once may delete each other's new task before one of them enqueues: one task
// of that id is queued all the same.
func (q *Asynq) dropLeftover(name, id string) (bool, error) {
	info, err := q.inspect.GetTaskInfo(name, id)
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return true, nil // ended in the meantime
	}
	if err != nil {
		return false, err
	}
	if info.State != asynq.TaskStateArchived && info.State != asynq.TaskStateCompleted {
		return false, nil
	}
	err = q.inspect.DeleteTask(name, id)
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		err = nil
	}
	return err == nil, err
}

// Stats implements Queue.
func (q *Asynq) Stats(ctx context.Context) ([]QueueStats, error) {
	if q.closed.Load() {
		return nil, q.at(ErrClosed)
	}
	_ = q.announce(ctx) // a full Redis can be read all the same; one that is away fails below
	names, err := q.inspect.Queues()
	if err != nil {
		return nil, q.at(fmt.Errorf("list of queues: %w", err))
	}
	slices.Sort(names)
	out := make([]QueueStats, 0, len(names))
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if checkQueue(name) != nil {
			continue // put there by another program; it must not hide ours
		}
		info, err := q.inspect.GetQueueInfo(name)
		if errors.Is(err, asynq.ErrQueueNotFound) {
			continue // flushed just now
		}
		if err != nil {
			return nil, q.at(fmt.Errorf("figures of queue %s: %w", name, err))
		}
		out = append(out, QueueStats{
			Queue: name, Pending: info.Pending, Active: info.Active,
			Scheduled: info.Scheduled + info.Retry, Latency: info.Latency,
		})
	}
	return out, nil
}

// Close implements Queue.
func (q *Asynq) Close() error {
	if q.closed.Swap(true) {
		return nil
	}
	// A connection to a master that died was closed before.
	if err := q.redis.Close(); err != nil && !errors.Is(err, redis.ErrClosed) && !errors.Is(err, net.ErrClosed) {
		return q.at(err)
	}
	return nil
}

func (q *Asynq) at(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("queue at %s: %w", q.address, cmp.Or(hint(err), err))
}

func (q *Asynq) used(names ...string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, n := range names {
		q.names[n] = true
	}
}

// announce writes this process's queues into Redis's list of queues again. Asynq
// does so once a process and queue, so after a flush nobody would find them.
func (q *Asynq) announce(ctx context.Context) error {
	q.mu.Lock()
	names := make([]any, 0, len(q.names))
	for n := range q.names {
		names = append(names, n)
	}
	q.mu.Unlock()
	if len(names) == 0 {
		return nil
	}
	return q.redis.SAdd(ctx, "asynq:queues", names...).Err()
}
