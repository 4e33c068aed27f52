package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// Bounds of a View, whatever is in Redis.
const (
	MaxLookTasks   = 100 // of each state
	maxLookQueues  = 50
	maxLookServers = 100
)

// View is the queue at one moment, for people. It is made of several questions,
// so its figures may be some milliseconds apart.
type View struct {
	At      time.Time
	Address string // without password
	Queues  []QueueView
	Servers []Server
	More    bool // there is more than fits into a View
}

// QueueView is one queue with the first tasks of each state.
type QueueView struct {
	QueueStats
	Tasks []TaskView // being handled, then ready, then due later; each first come first
}

// State of a task.
type State string

// The states in which a task may be seen. Others (Asynq's retry, archived,
// completed) don't last here: see Handler.
const (
	StateActive    State = "active"
	StatePending   State = "pending"
	StateScheduled State = "scheduled"
)

// TaskView is one task.
type TaskView struct {
	ID, Type string
	State    State
	Since    time.Time // when it became ready, or active when its server tells; zero: not known
	Next     time.Time // when it is due; zero: now
	Server   string    // "host:pid" that handles it; "" when none is known
}

// Server is a process that serves queues, as of its last heartbeat. One that died
// is listed for up to 10 s more.
type Server struct {
	Host        string
	PID         int
	Started     time.Time
	Queues      map[string]int // with weights
	Active      int            // tasks that it handles now
	Concurrency int            // tasks that it handles at most
}

// Look tells what is in the queue, with at most n tasks of each state (0 to
// MaxLookTasks). A flushed Redis gives an empty View.
func (q *Asynq) Look(ctx context.Context, n int) (View, error) {
	stats, err := q.Stats(ctx)
	if err != nil {
		return View{}, err
	}
	v := View{At: time.Now(), Address: q.address.String()}
	servers, err := q.inspect.Servers()
	if err != nil {
		return View{}, q.at(fmt.Errorf("list of servers: %w", err))
	}
	busy := map[string]*asynq.WorkerInfo{} // by queue and id
	by := map[string]string{}
	for _, s := range servers {
		for _, w := range s.ActiveWorkers {
			busy[w.Queue+"\x00"+w.TaskID] = w
			by[w.Queue+"\x00"+w.TaskID] = short(s.Host) + ":" + strconv.Itoa(s.PID)
		}
		if len(v.Servers) == maxLookServers {
			v.More = true
			continue
		}
		one := Server{Host: short(s.Host), PID: s.PID, Started: s.Started, Active: len(s.ActiveWorkers), Concurrency: s.Concurrency, Queues: map[string]int{}}
		for name, weight := range s.Queues {
			if len(one.Queues) == maxLookQueues {
				v.More = true
				break
			}
			one.Queues[short(name)] = weight
		}
		v.Servers = append(v.Servers, one)
	}
	slices.SortFunc(v.Servers, func(a, b Server) int { return a.Started.Compare(b.Started) })
	if len(stats) > maxLookQueues {
		stats, v.More = stats[:maxLookQueues], true
	}
	n = min(max(n, 0), MaxLookTasks)
	for _, s := range stats {
		if err := ctx.Err(); err != nil {
			return View{}, err
		}
		qv := QueueView{QueueStats: s}
		for _, state := range []State{StateActive, StatePending, StateScheduled} {
			tasks, err := q.lookAt(ctx, s, state, n)
			if err != nil {
				return View{}, q.at(fmt.Errorf("tasks of queue %s: %w", s.Queue, err))
			}
			for i, t := range tasks {
				if w := busy[s.Queue+"\x00"+t.ID]; w != nil && state == StateActive {
					tasks[i].Since, tasks[i].Server = w.Started, by[s.Queue+"\x00"+t.ID]
				}
				tasks[i].ID, tasks[i].Type = short(t.ID), short(t.Type)
			}
			qv.Tasks = append(qv.Tasks, tasks...)
		}
		v.More = v.More || s.Active > n || s.Pending > n || s.Scheduled > n
		v.Queues = append(v.Queues, qv)
	}
	return v, nil
}

// lookAt lists the first tasks of one state.
func (q *Asynq) lookAt(ctx context.Context, s QueueStats, state State, n int) ([]TaskView, error) {
	list, there := q.inspect.ListPendingTasks, s.Pending
	switch state {
	case StateActive:
		list, there = q.inspect.ListActiveTasks, s.Active
	case StateScheduled:
		list, there = q.inspect.ListScheduledTasks, s.Scheduled
	}
	if n == 0 || there == 0 {
		return nil, nil
	}
	found, err := list(s.Queue, asynq.PageSize(n))
	if errors.Is(err, asynq.ErrQueueNotFound) {
		return nil, nil // flushed just now
	}
	if err != nil {
		return nil, err
	}
	out := make([]TaskView, len(found))
	for i, t := range found {
		out[i] = TaskView{ID: t.ID, Type: t.Type, State: state}
		if state == StateScheduled {
			out[i].Next = t.NextProcessAt
		}
	}
	if state != StatePending {
		return out, nil
	}
	// Asynq keeps since when a task is ready, but doesn't tell.
	since := make([]*redis.StringCmd, len(out))
	_, err = q.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, t := range out {
			since[i] = p.HGet(ctx, "asynq:{"+s.Queue+"}:t:"+t.ID, "pending_since")
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) { // Nil: taken meanwhile
		return nil, err
	}
	for i, cmd := range since {
		if nanos, err := cmd.Int64(); err == nil {
			out[i].Since = time.Unix(0, nanos)
		}
	}
	return out, nil
}

// short bounds what others wrote into Redis.
func short(s string) string {
	if len(s) <= MaxName {
		return s
	}
	s = s[:MaxName]
	for len(s) > 0 && !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return strings.ToValidUTF8(s, "\uFFFD") + "…"
}
