package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Handler serves /livez, /readyz and /metrics to whoever asks, as workers and
// schedulers do on an address of their own that only operators reach.
func Handler(h *Health, m *Metrics) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /livez", h.Live())
	mux.Handle("GET /readyz", h.Ready())
	mux.Handle("GET /metrics", m.Handler())
	return mux
}

// Serve listens at addr (host:port) and serves until ctx ends, then lets
// requests end for a few seconds and returns nil. It fails at once when it
// can't listen.
func Serve(ctx context.Context, addr string, handler http.Handler) error {
	var l net.ListenConfig
	listener, err := l.Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("health.listen: %w", err)
	}
	return ServeOn(ctx, listener, handler)
}

// ServeOn is Serve on a listener, which it closes.
func ServeOn(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute, // longer than scrapers' intervals
		MaxHeaderBytes:    16 << 10,
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		err := server.Shutdown(grace)
		if err != nil {
			err = server.Close()
		}
		stopped <- err
	})
	err := server.Serve(listener)
	if stop() { // ctx goes on: it failed by itself
		return fmt.Errorf("health.listen: %w", errors.Join(err, server.Close()))
	}
	return <-stopped
}
