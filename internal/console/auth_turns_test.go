package console

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// One visitor's pages wait for each other, nobody else's for them.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		must := func(name string) func() {
			t.Helper()
			done, err := all.take(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			return done
		}
		var under []func()
		for range pagesAtOnce {
			under = append(under, must("wang.fang"))
		}
		must("li.na")()
		began := time.Now()
		if _, err := all.take(t.Context(), "wang.fang"); !errors.Is(err, errManyPages) || time.Since(began) != pagePatience {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		gone, leave := context.WithCancel(t.Context())
		left := make(chan error)
		go func() { _, err := all.take(gone, "wang.fang"); left <- err }()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("who left: %v", err)
		}
		waiting := make(chan func())
		for range pagesWaiting {
			go func() {
				done, err := all.take(t.Context(), "wang.fang")
				if err != nil {
					t.Error(err)
					done = func() {}
				}
				waiting <- done
			}()
		}
		synctest.Wait()
		began = time.Now()
		if _, err := all.take(t.Context(), "wang.fang"); !errors.Is(err, errManyPages) || time.Since(began) != 0 {
			t.Errorf("one more: %v after %s", err, time.Since(began))
		}
		for _, done := range under {
			done()
		}
		for range pagesWaiting {
			(<-waiting)()
		}
		if len(all.by) != 0 {
			t.Errorf("%d visitors are remembered", len(all.by))
		}
	})
}

// A visitor who keeps every turn busy gets no more, and the sign-in page is open to all.
func TestManyPages(t *testing.T) {
	w := newWorld(t, nil)
	w.user("wang.fang", "viewer")
	b := w.signedIn("wang.fang")
	w.turns.mu.Lock()
	w.turns.by = map[string]*turn{"wang.fang": {pages: pagesAtOnce + pagesWaiting}}
	w.turns.mu.Unlock()
	b.want(b.get("/alerts"), http.StatusTooManyRequests)
	w.user("li.na", "viewer")
	b = w.signedIn("li.na")
	b.want(b.get("/alerts"), http.StatusOK)
}
