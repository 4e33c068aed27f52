package telemetry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func get(h http.Handler, path string) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code, w.Body.String()
}

func TestReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		var asked atomic.Int64
		var log bytes.Buffer
		h := NewHealth(map[string]Check{
			"casebook": func(context.Context) error { return nil },
			"index": func(context.Context) error {
				asked.Add(1)
				if broken.Load() {
					return errors.New("dial tcp 10.0.0.7:9200: refused")
				}
				return nil
			},
		}, slog.New(slog.NewTextHandler(&log, nil)))
		mux := Handler(h, New(Options{}))

		code, body := get(mux, "/readyz")
		if code != 200 || body != `{"ok":true,"parts":{"casebook":{"ok":true},"index":{"ok":true}}}`+"\n" {
			t.Errorf("%d %s", code, body)
		}
		broken.Store(true)
		time.Sleep(keepHealth)
		for range 100 {
			code, body = get(mux, "/readyz")
		}
		if code != 503 || body != `{"ok":false,"parts":{"casebook":{"ok":true},"index":{"ok":false}}}`+"\n" {
			t.Errorf("%d %s", code, body)
		}
		if n := asked.Load(); n != 2 {
			t.Errorf("the index was asked %d times by 101 requests of one second each", n)
		}
		if code, _ := get(mux, "/livez"); code != 200 {
			t.Errorf("/livez is %d with a part down", code)
		}
		broken.Store(false)
		time.Sleep(keepHealth)
		if code, _ := get(mux, "/readyz"); code != 200 {
			t.Errorf("%d after it came back", code)
		}
		if got := log.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "10.0.0.7") || !strings.Contains(got, "answers again") {
			t.Errorf("logged:\n%s", got)
		}
		h.Leaving()
		if code, body := get(mux, "/readyz"); code != 503 || !strings.Contains(body, `"leaving":true`) {
			t.Errorf("%d %s while leaving", code, body)
		}
	})
}

func TestReadyInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		parts := map[string]Check{}
		for i := range 5 {
			parts[fmt.Sprint("part", i)] = func(context.Context) error { <-hang; return nil }
		}
		h := NewHealth(parts, nil)
		began := time.Now()
		if code, _ := get(h.Ready(), "/readyz"); code != 503 {
			t.Errorf("%d", code)
		}
		if d := time.Since(began); d != DefaultTimeout {
			t.Errorf("it took %s", d)
		}
		// Who goes away makes nothing down.
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var log bytes.Buffer
		h = NewHealth(map[string]Check{"x": func(context.Context) error { <-hang; return nil }}, slog.New(slog.NewTextHandler(&log, nil)))
		if h.Ask(ctx).OK || log.Len() > 0 {
			t.Errorf("logged: %s", log.String())
		}
		close(hang)
	})
}

func TestMethods(t *testing.T) {
	mux := Handler(NewHealth(nil, nil), New(Options{}))
	for path, want := range map[string]int{"/": 404, "/metrics": 200, "/livez": 200, "/readyz": 200, "/debug/pprof/": 404} {
		if code, _ := get(mux, path); code != want {
			t.Errorf("%s is %d, want %d", path, code, want)
		}
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("POST", "/readyz", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST is %d", w.Code)
	}
}

func TestServe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := Serve(ctx, l.Addr().String(), http.NotFoundHandler()); err == nil || !strings.Contains(err.Error(), "health.listen") {
		t.Errorf("a taken address: %v", err)
	}
	inside := make(chan struct{})
	mux := http.NewServeMux()
	mux.Handle("/", Handler(NewHealth(nil, nil), New(Options{})))
	mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) {
		close(inside)
		<-ctx.Done() // is let end
		_, _ = io.WriteString(w, "done")
	})
	served := make(chan error, 1)
	go func() { served <- ServeOn(ctx, l, mux) }()
	slow := make(chan string, 1)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	go func() {
		r, err := client.Get("http://" + l.Addr().String() + "/slow")
		if err != nil {
			slow <- err.Error()
			return
		}
		defer r.Body.Close()
		b, _ := io.ReadAll(r.Body)
		slow <- string(b)
	}()
	<-inside
	cancel()
	if err := <-served; err != nil {
		t.Errorf("stopped: %v", err)
	}
	if got := <-slow; got != "done" {
		t.Errorf("a request under way got %q", got)
	}
	// A listener that breaks is an error, not silence.
	l, err = net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := ServeOn(t.Context(), l, http.NotFoundHandler()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed listener: %v", err)
	}
}
