package telemetry

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"resumewatch/internal/market"
)

// maxDepth bounds groups within groups.
const maxDepth = 8

// Redact returns a handler that masks, in every message and attribute, what
// looks like a secret or like somebody's data, before next writes it. find
// gives the byte ranges of personal numbers in a text (shape.Find); nil finds
// none.
//
// Attributes that are numbers, times or truths pass: they are counts and sizes.
// QQ numbers pass too, even in text: nothing tells them from other numbers, and
// groups are named by them. So no log call may name an author or a contact;
// listings, offers and posts go by their ids.
func Redact(next slog.Handler, find func(text string) []market.Span) slog.Handler {
	return &redactor{next: next, mask: masker{find: find}}
}

type redactor struct {
	next slog.Handler
	mask masker
}

// Enabled implements slog.Handler.
func (r *redactor) Enabled(ctx context.Context, level slog.Level) bool {
	return r.next.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (r *redactor) Handle(ctx context.Context, rec slog.Record) error {
	out := slog.NewRecord(rec.Time, rec.Level, r.mask.text(rec.Message), rec.PC)
	rec.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(r.mask.attr(a, 0))
		return true
	})
	return r.next.Handle(ctx, out)
}

// WithAttrs implements slog.Handler: the attributes are masked once, here.
func (r *redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	masked := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		masked[i] = r.mask.attr(a, 0)
	}
	return &redactor{r.next.WithAttrs(masked), r.mask}
}

// WithGroup implements slog.Handler.
func (r *redactor) WithGroup(name string) slog.Handler {
	return &redactor{r.next.WithGroup(name), r.mask}
}

func (m masker) attr(a slog.Attr, depth int) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(m.named(a.Key, v.String()))
	case slog.KindGroup:
		if depth >= maxDepth {
			a.Value = slog.StringValue("[too deep]")
			break
		}
		group := v.Group()
		masked := make([]slog.Attr, len(group))
		for i, inner := range group {
			masked[i] = m.attr(inner, depth+1)
		}
		a.Value = slog.GroupValue(masked...)
	case slog.KindAny:
		a.Value = m.any(a.Key, v)
	default:
		a.Value = v
	}
	return a
}

// any masks a value of any type by what a handler would print of it.
func (m masker) any(key string, v slog.Value) (out slog.Value) {
	defer func() {
		if p := recover(); p != nil { // a method of the value; the handler must not call it either
			out = slog.StringValue(fmt.Sprintf("[%T can't be printed]", v.Any()))
		}
	}()
	switch x := v.Any().(type) {
	case nil:
		return v
	case error:
		return slog.StringValue(m.named(key, x.Error()))
	case []byte:
		return slog.StringValue(m.named(key, string(x)))
	case fmt.Stringer:
		return slog.StringValue(m.named(key, x.String()))
	}
	// The text handler prints %+v, the JSON handler what encoding/json makes of it.
	text := fmt.Sprintf("%+v", v.Any())
	doc, err := json.Marshal(v.Any())
	if err != nil {
		return slog.StringValue(m.named(key, text))
	}
	if m.named(key, text) == text && m.named(key, string(doc)) == string(doc) {
		return v
	}
	return slog.StringValue(m.named(key, string(doc)))
}
