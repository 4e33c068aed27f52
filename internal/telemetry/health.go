package telemetry

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// keepHealth is how long an answer of a part serves again: /readyz answers
// without credentials, and asking it often must cost the stores nothing.
const keepHealth = time.Second

// Health answers whether the process lives and whether it is ready to work.
type Health struct {
	parts   map[string]*asker[struct{}]
	log     *slog.Logger
	leaving atomic.Bool

	mu   sync.Mutex
	down map[string]bool // as last logged
}

// NewHealth makes the health of a process that needs the named parts. Each is
// asked at most once a second, and given DefaultTimeout to answer. log is told
// why a part is down, once, and when it is back; nil drops it.
func NewHealth(parts map[string]Check, log *slog.Logger) *Health {
	return newHealth(parts, log, DefaultTimeout, keepHealth)
}

func newHealth(parts map[string]Check, log *slog.Logger, timeout, keep time.Duration) *Health {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	h := &Health{parts: map[string]*asker[struct{}]{}, down: map[string]bool{}, log: log}
	for name, check := range parts {
		h.parts[name] = newAsker(check.answer, timeout, keep)
	}
	return h
}

// Leaving makes the process not ready from now on: it is about to stop.
func (h *Health) Leaving() { h.leaving.Store(true) }

// Readiness is what /readyz says. It names no addresses and no errors: those
// are in the log.
type Readiness struct {
	OK      bool                 `json:"ok"`
	Leaving bool                 `json:"leaving,omitempty"` // it is about to stop
	Parts   map[string]PartState `json:"parts"`
}

// PartState is one part of Readiness.
type PartState struct {
	OK bool `json:"ok"`
}

// Ask asks all parts at once.
func (h *Health) Ask(ctx context.Context) Readiness {
	r := Readiness{OK: true, Leaving: h.leaving.Load(), Parts: make(map[string]PartState, len(h.parts))}
	var mu sync.Mutex
	var wait sync.WaitGroup
	for name, part := range h.parts {
		wait.Go(func() {
			_, err := part.ask(ctx)
			if ctx.Err() == nil {
				h.note(name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			r.Parts[name] = PartState{OK: err == nil}
			r.OK = r.OK && err == nil
		})
	}
	wait.Wait()
	r.OK = r.OK && !r.Leaving
	return r
}

// note logs a part that went down or came back.
func (h *Health) note(part string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch was := h.down[part]; {
	case err != nil && !was:
		h.log.Warn("a part does not answer", "part", part, "err", err)
	case err == nil && was:
		h.log.Info("a part answers again", "part", part)
	}
	h.down[part] = err != nil
}

// Live serves /livez: 200 as long as the process answers at all. It asks
// nobody: restarting this process mends no database.
func (h *Health) Live() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		respond(w, http.StatusOK, struct {
			OK bool `json:"ok"`
		}{true})
	})
}

// Ready serves /readyz: 200 when every part answers, else 503, with a
// Readiness as JSON.
func (h *Health) Ready() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		state := h.Ask(r.Context())
		code := http.StatusOK
		if !state.OK {
			code = http.StatusServiceUnavailable
		}
		respond(w, code, state)
	})
}

func respond(w http.ResponseWriter, code int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_, _ = w.Write(append(b, '\n')) // who asked is gone
}
