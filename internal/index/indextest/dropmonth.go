package indextest

import (
	"context"
	"errors"
	"testing"
	"time"

	"resumewatch/internal/index"
)

// runDropMonth: a month goes as a whole or not at all, and others never.
func runDropMonth(t *testing.T, s index.Store) {
	of := func(id, month string, version int64) index.Document {
		at := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
		return index.Document{ListingID: id, Version: version, PostedAt: at, SeenAt: at, Text: "出简历 resume", Month: month}
	}
	put(t, s, of("a", "2026-01", 7), of("b", "2026-01", 7), of("c", "2026-02", 7), of("d", "1999-01", 7))
	has := func() map[string]bool {
		t.Helper()
		out := map[string]bool{}
		for _, id := range search(t, s, "resume", index.Page{}) {
			out[id] = true
		}
		return out
	}
	for _, month := range []string{"1999-01", "", "no month"} {
		if whole, err := s.DropMonth(t.Context(), month); whole || err != nil {
			t.Errorf("%q, which has no part of its own: %v, %v", month, whole, err)
		}
	}
	whole, err := s.DropMonth(t.Context(), "2026-01")
	if err != nil {
		t.Fatal(err)
	}
	if got := has(); got["a"] == whole || got["b"] == whole || !got["c"] || !got["d"] {
		t.Errorf("after dropping a month (%v): %v", whole, got)
	}
	if again, err := s.DropMonth(t.Context(), "2026-01"); again != whole || err != nil {
		t.Errorf("again: %v, %v", again, err)
	}
	version := int64(8)
	if whole {
		version = 1 // nothing is remembered of it
	}
	put(t, s, of("a", "2026-01", version))
	if got := has(); !got["a"] || got["b"] == whole {
		t.Errorf("put again: %v", got)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.DropMonth(ended, "2026-02"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
