// Package queue hands work to workers: tasks through Asynq over Redis, one
// budget of requests per host shared by all workers, and the lock and run file
// by which several processes of one data folder find the queue that one of
// them keeps in memory.
//
// The queue is a copy and may be lost at any time: the casebook owns the work,
// its retries and its leases. So there is no retry, no archive and no retention
// here; a task that failed is forgotten, and the casebook raises its generation
// and enqueues it again when its lease has lapsed.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of a task.
const (
	MaxPayload = 4 << 10 // bytes; payloads carry ids only
	MaxName    = 256     // bytes of a type, an id or a queue's name

	// DefaultTimeout holds for a task that gives none.
	DefaultTimeout = 10 * time.Minute
	// DefaultGrace is how long Serve waits for handlers after its context ended.
	DefaultGrace = 3 * time.Second
)

// Errors that callers tell apart. They come wrapped.
var (
	// ErrDuplicate: a task of that id waits in that queue or is being handled.
	ErrDuplicate = errors.New("task is queued already")
	// ErrTask: the task itself is wrong (no type, too large, …); trying again is no use.
	ErrTask = errors.New("impossible task")
	// ErrClosed: the queue was closed.
	ErrClosed = errors.New("queue is closed")
	// ErrAbandoned: a handler didn't return within the grace after its time was up.
	ErrAbandoned = errors.New("handler ignored the end of its time")
	// ErrNoHandler: this process has no handler of the task's type.
	ErrNoHandler = errors.New("no handler for this type of task")
)

// Task is one piece of work.
type Task struct {
	Type    string // which handler
	ID      string // "row:generation": unique among the tasks queued and active in Queue
	Queue   string // letters, digits, '.', '_' and '-'
	Payload []byte // ids only, at most MaxPayload bytes

	// Timeout ends the handler's context; zero is DefaultTimeout.
	Timeout time.Duration
	// ProcessAt is the earliest time; zero or past is now. It is kept to the second.
	ProcessAt time.Time
}

// Handler does one task. Its context ends at the task's Timeout and when the
// server shuts down; it must then return soon (ErrAbandoned otherwise: its slot
// is given away while it still runs). Whatever it returns, and also when it
// panics, the task leaves the queue: who wants it again enqueues it again.
// It may be called twice for one id (a lost connection, a flushed Redis), also
// at the same time, so it claims its row before it works. When Redis is away for
// more than Asynq's lease of 30 s, the contexts of running handlers end too.
type Handler func(ctx context.Context, id string, payload []byte) error

// Failure is a task whose handler returned an error, panicked or was abandoned.
type Failure struct {
	Queue, Type, ID string
	Err             error
}

// Options say how to serve.
type Options struct {
	// Concurrency is how many tasks are handled at once; zero is the number of CPUs.
	Concurrency int
	// Queues are the queues to serve, each with its weight (> 0): with all of them
	// full, a queue gets its weight's share. No weight starves a queue.
	Queues map[string]int
	// Grace is how long Serve waits for handlers after its context ended, and how
	// long a handler may run on after its Timeout. Zero is DefaultGrace.
	Grace time.Duration
	// Failed, if set, hears of every task that failed. It is called from the
	// worker's goroutine and must not block.
	Failed func(Failure)
	// Log takes what Asynq has to say; nil drops it.
	Log *slog.Logger
}

// QueueStats is one queue at one moment.
type QueueStats struct {
	Queue     string        `json:"queue"`
	Pending   int           `json:"pending"`   // ready to be handled
	Active    int           `json:"active"`    // being handled, here or by another process
	Scheduled int           `json:"scheduled"` // due later
	Latency   time.Duration `json:"latency"`   // age of the oldest pending task
}

// Queue is what the rest of the program knows of the queue. All methods are safe
// for concurrent use. Every engine passes queuetest.Run.
type Queue interface {
	// Enqueue adds a task, or returns ErrDuplicate when one of that ID is queued
	// or active in the same queue, ErrTask when it is impossible. Other errors
	// (no Redis) name the address; nothing was enqueued, or the answer was lost.
	Enqueue(ctx context.Context, t Task) error
	// Serve handles tasks by their Type until ctx ends, then stops taking tasks,
	// ends the handlers' contexts, waits for them at most Options.Grace and returns
	// nil; those still running then have failed with ErrAbandoned. It survives a
	// queue that is away or flushed and goes on when it is back. It returns an error
	// only when it could not start. Several may serve one queue, in one process too.
	Serve(ctx context.Context, o Options, handlers map[string]Handler) error
	// Stats tells of every queue that was ever used, by name.
	Stats(ctx context.Context) ([]QueueStats, error)
	// Close gives the connections back. Serve must have returned.
	Close() error
}

// check completes a task and says what is wrong with it.
func (t *Task) check() error {
	if err := checkName("type", t.Type); err != nil {
		return err
	}
	if err := checkName("id", t.ID); err != nil {
		return err
	}
	if err := checkQueue(t.Queue); err != nil {
		return err
	}
	if len(t.Payload) > MaxPayload {
		return fmt.Errorf("%w: payload of task %s has %d bytes, at most %d are allowed", ErrTask, t.ID, len(t.Payload), MaxPayload)
	}
	if t.Timeout < 0 {
		return fmt.Errorf("%w: task %s has a negative timeout", ErrTask, t.ID)
	}
	if t.Timeout == 0 {
		t.Timeout = DefaultTimeout
	}
	return nil
}

func checkName(what, name string) error {
	if name == "" || len(name) > MaxName || !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r)
	}) {
		return fmt.Errorf("%w: %s %.40q (want 1 to %d bytes of text without white space)", ErrTask, what, name, MaxName)
	}
	return nil
}

// checkQueue is strict since the name becomes part of Redis keys, in braces.
func checkQueue(name string) error {
	if name == "" || len(name) > MaxName || strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-')
	}) {
		return fmt.Errorf("%w: queue %.40q (want letters, digits, '.', '_' or '-')", ErrTask, name)
	}
	return nil
}
