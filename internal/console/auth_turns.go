package console

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Bounds of what one visitor gets at the same time: a casebook has few connections,
// and a search may keep one for as long as a page may take.
const (
	pagesAtOnce  = 2
	pagesWaiting = 30               // more are refused at once
	pagePatience = 10 * time.Second // how long one waits for its turn
)

// turns lets each visitor have a few pages at a time; the zero value is ready.
type turns struct {
	mu sync.Mutex
	by map[string]*turn // of visitors with pages under way
}

type turn struct {
	slots chan struct{}
	pages int // under way and waiting
}

// take waits for a turn of this visitor, which ends with done. The error is a
// *problem when there is none soon.
func (t *turns) take(ctx context.Context, name string) (done func(), err error) {
	t.mu.Lock()
	one := t.by[name]
	if one == nil {
		one = &turn{slots: make(chan struct{}, pagesAtOnce)}
		if t.by == nil {
			t.by = map[string]*turn{}
		}
		t.by[name] = one
	}
	full := one.pages >= pagesAtOnce+pagesWaiting
	if !full {
		one.pages++
	}
	t.mu.Unlock()
	if full {
		return nil, errManyPages
	}
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if one.pages--; one.pages == 0 {
			delete(t.by, name)
		}
	}
	select { // a turn that is free needs no timer
	case one.slots <- struct{}{}:
		return func() { <-one.slots; leave() }, nil
	default:
	}
	timer := time.NewTimer(pagePatience)
	defer timer.Stop()
	select {
	case one.slots <- struct{}{}:
		return func() { <-one.slots; leave() }, nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-timer.C:
		err = errManyPages
	}
	leave()
	return nil, err
}

var errManyPages = &problem{status: http.StatusTooManyRequests, key: "error.many_pages"}
