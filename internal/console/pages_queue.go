package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/queue"
)

const (
	queueTasks    = 20 // of each state
	queuePatience = 3 * time.Second
)

// queueView is what the page of the queue shows: first the casebook, which owns
// the work, then the queue, which carries it.
type queueView struct {
	Now    time.Time
	Book   casebook.Backlog
	Queue  queue.View
	Away   bool // the queue can't be reached
	Absent bool // this process has no queue to look into
	Calm   bool // nothing waits anywhere
}

// errAway says that the queue gave no answer in time.
var errAway = errors.New("the queue gave no answer in time")

// queueRoom looks into the queue, one look at a time.
type queueRoom struct {
	c    *Console
	busy chan struct{} // holds one while a look is under way
}

func newQueueRoom(c *Console) *queueRoom { return &queueRoom{c: c, busy: make(chan struct{}, 1)} }

// page shows what waits, who works, and plainly when the queue is away.
func (q *queueRoom) page(v *visit) error {
	ctx, cancel := context.WithTimeout(v.Context(), pageTime)
	defer cancel()
	view := queueView{Now: q.c.Now(), Absent: q.c.Queue == nil}
	var err error
	if view.Book, err = q.c.Book.Backlog(ctx, view.Now); err != nil {
		return err
	}
	view.Book.Leases = slices.DeleteFunc(view.Book.Leases, func(l casebook.LeaseHeld) bool { return l.Name != "leader" }) // others are of files
	if !view.Absent {
		if view.Queue, err = q.look(ctx); err != nil {
			q.c.Log.Warn("the queue can't be seen", "err", err)
			view.Away = true
		}
	}
	view.Calm = !view.Away && len(view.Book.Outbox) == 0 && view.Book.Pages == 0
	for _, w := range view.Book.Work {
		view.Calm = view.Calm && w.State == "failed"
	}
	return v.render(http.StatusOK, "queue.html", view)
}

// look waits no longer than people do: clients of a Redis that is away try for
// long. A look that is given up ends on its own; until then no other begins.
func (q *queueRoom) look(ctx context.Context) (queue.View, error) {
	ctx, cancel := context.WithTimeout(ctx, queuePatience)
	defer cancel()
	select {
	case q.busy <- struct{}{}:
	case <-ctx.Done():
		return queue.View{}, errAway
	}
	type answer struct {
		view queue.View
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil { // of a client at what it never expected in a Redis
				a.err = fmt.Errorf("looking into the queue panicked: %v", p)
			}
			<-q.busy
			got <- a
		}()
		a.view, a.err = q.c.Queue(ctx, queueTasks)
	}()
	select {
	case a := <-got:
		return a.view, a.err
	case <-ctx.Done():
		return queue.View{}, errAway
	}
}
