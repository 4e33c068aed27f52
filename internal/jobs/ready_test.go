package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
)

// away is storage that can't be used for a while.
type away struct {
	evidence.Store
	until time.Time
	tries atomic.Int64
}

func (a *away) Writer(context.Context, string) (evidence.Writer, error) { return a, nil }

func (a *away) Append(context.Context, evidence.Capture) (evidence.Ref, error) {
	return evidence.Ref{}, nil
}

func (a *away) Sync(context.Context) error {
	a.tries.Add(1)
	if time.Now().Before(a.until) {
		return fmt.Errorf("test: %w", evidence.ErrUnavailable)
	}
	return nil
}

func (a *away) Close() error { return nil }

// While storage is away units wait; one tries now and then, and all go on when
// it is back. However long that takes, it is no failure of theirs.
func TestUnitsWaitForStorage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		store := &away{until: began.Add(time.Hour)}
		w := &Workshop{Evidence: NewPens(store, "w"), Now: time.Now}
		done := make(chan int, 20)
		for n := range cap(done) {
			go func() {
				row := casebook.Work{ID: fmt.Sprint(n)}
				for {
					ctx := context.Background()
					err := w.Evidence.Ready(ctx)
					if err == nil {
						err = w.Evidence.Write(ctx, []evidence.Capture{{}}, func([]evidence.Ref, casebook.Fence) error { return nil })
					}
					if err == nil {
						done <- n
						return
					}
					time.Sleep(w.later(ctx, row.ID, err))
					if !errors.Is(err, evidence.ErrUnavailable) || w.failed.of(row.ID) != 0 {
						t.Errorf("unit %d: %v, %d failures", n, err, w.failed.of(row.ID))
					}
				}
			}()
		}
		for range cap(done) {
			<-done
		}
		if took := time.Since(began); took < time.Hour || took > time.Hour+2*readyMost {
			t.Errorf("it took %v", took)
		}
		if n := store.tries.Load(); n > 20+70+20 {
			t.Errorf("%d tries in an hour", n)
		}
		began = time.Now()
		for range 5 { // well again: nobody waits
			if err := w.Evidence.Ready(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if time.Since(began) > 0 {
			t.Error("the gate stays shut")
		}
	})
}

func TestWaitingForStorageEndsWithTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		g.shut()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := g.pass(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		g.lift()
		if err := g.pass(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
