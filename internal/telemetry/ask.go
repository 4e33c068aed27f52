package telemetry

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// DefaultTimeout is how long an answer of a part is waited for.
const DefaultTimeout = 2 * time.Second

// asker asks one function on behalf of everybody who wants to know: at most one
// call runs at a time, whoever comes meanwhile shares its answer, and nobody
// waits longer than the timeout, also when the function ignores its context.
// So neither a dead database nor a flood of requests piles anything up.
type asker[T any] struct {
	f       func(context.Context) (T, error)
	timeout time.Duration
	keep    time.Duration // an answer serves again for as long

	mu   sync.Mutex
	last *answer[T]
}

type answer[T any] struct {
	done  chan struct{} // closed when the rest is set
	at    time.Time
	value T
	err   error
}

func newAsker[T any](f func(context.Context) (T, error), timeout, keep time.Duration) *asker[T] {
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	return &asker[T]{f: f, timeout: timeout, keep: keep}
}

// ask returns the newest answer, or says that there was none in time.
func (a *asker[T]) ask(ctx context.Context) (T, error) {
	r := a.current()
	timer := time.NewTimer(a.timeout)
	defer timer.Stop()
	var none T
	select {
	case <-r.done:
		return r.value, r.err
	case <-ctx.Done():
		return none, ctx.Err()
	case <-timer.C:
		return none, fmt.Errorf("no answer within %s", a.timeout)
	}
}

// current is the answer that is under way or still fresh, else one of a new call.
func (a *asker[T]) current() *answer[T] {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r := a.last; r != nil {
		select {
		case <-r.done:
			if time.Since(r.at) < a.keep {
				return r
			}
		default:
			return r
		}
	}
	r := &answer[T]{done: make(chan struct{})}
	a.last = r
	go func() {
		// The call outlives the request that began it: others wait for it too.
		ctx, cancel := context.WithTimeout(context.Background(), a.timeout)
		defer cancel()
		defer func() {
			if v := recover(); v != nil {
				r.err = fmt.Errorf("panicked: %v", v)
			}
			r.at = time.Now()
			close(r.done)
		}()
		r.value, r.err = a.f(ctx)
	}()
	return r
}
