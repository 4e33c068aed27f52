package privacy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRuntimeKeys(t *testing.T) {
	team := newIdentity(t)
	k := openRing(t, t.TempDir(), team.Recipient())
	start := time.Date(2026, 12, 28, 0, 0, 0, 0, time.UTC) // Monday of 2026-W53
	for week := range 6 {
		id, err := k.RuntimeKey("spool", start.AddDate(0, 0, 7*week))
		if err != nil {
			t.Fatal(err)
		}
		again, err := openRing(t, k.dir).RuntimeKey("spool", start.AddDate(0, 0, 7*week+6))
		if err != nil || again.String() != id.String() {
			t.Errorf("week %d has two keys, %v", week, err)
		}
	}
	info, err := os.Stat(filepath.Join(k.dir, "spool-2026-W53.txt"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := k.RuntimeKey("session", start); err != nil {
		t.Fatal(err)
	}
	ids, err := k.RuntimeKeys("spool")
	if err != nil || len(ids) != 6 {
		t.Fatalf("%d keys, %v", len(ids), err)
	}
	// They open no captures.
	if got := identities(t, k); len(got) != 0 {
		t.Errorf("%d run-time keys among those of captures", len(got))
	}
	n, err := k.EraseRuntimeKeys("spool", start.AddDate(0, 0, 15))
	if err != nil || n != 2 {
		t.Errorf("%d erased, %v; two weeks had ended", n, err)
	}
	if ids, err = k.RuntimeKeys("spool"); err != nil || len(ids) != 4 {
		t.Errorf("%d keys, %v", len(ids), err)
	}
	if n, err := k.EraseRuntimeKeys("spool", start.AddDate(0, 0, 15)); err != nil || n != 0 {
		t.Errorf("%d erased again, %v", n, err)
	}
	if left, err := k.RuntimeKeys("session"); err != nil || len(left) != 1 {
		t.Errorf("another name's: %d, %v", len(left), err)
	}
}

func TestRuntimeKeysThatFail(t *testing.T) {
	k := openRing(t, t.TempDir())
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for _, bad := range []string{"", "../a", "A", strings.Repeat("a", 65)} {
		if _, err := k.RuntimeKey(bad, at); err == nil {
			t.Errorf("key %q was made", bad)
		}
		if _, err := k.RuntimeKeys(bad); err == nil {
			t.Errorf("keys %q were read", bad)
		}
	}
	// A broken key is never replaced: it may be opened by hand yet.
	path := filepath.Join(k.dir, "spool-2026-W47.txt")
	if err := os.WriteFile(path, []byte("AGE-SECRET-KEY-1HALF\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, do := range []func() error{
		func() error { _, err := k.RuntimeKey("spool", at); return err },
		func() error { _, err := k.RuntimeKeys("spool"); return err },
	} {
		if err := do(); err == nil || !strings.Contains(err.Error(), "spool-2026-W47.txt") || strings.Contains(err.Error(), "HALF") {
			t.Errorf("%v", err)
		}
	}
}

func TestWeeks(t *testing.T) {
	for day, week := range map[string]string{"2026-01-01": "2026-W01", "2026-12-31": "2026-W53", "2027-01-03": "2026-W53", "2027-01-04": "2027-W01", "2025-12-29": "2026-W01"} {
		at, err := time.Parse("2006-01-02", day)
		if err != nil {
			t.Fatal(err)
		}
		if got := weekOf(at); got != week {
			t.Errorf("%s is in %s, want %s", day, got, week)
		}
	}
	for day := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2040; day = day.AddDate(0, 0, 1) {
		end, ok := weekEnd(weekOf(day))
		if !ok || !end.After(day) || end.Sub(day) > 7*24*time.Hour || end.Weekday() != time.Monday {
			t.Fatalf("the week of %s, %s, ends %s", day, weekOf(day), end)
		}
	}
	for _, bad := range []string{"", "2026", "2026-47", "2026-W9", "2026-W60x"} {
		if _, ok := weekEnd(bad); ok {
			t.Errorf("%q is a week", bad)
		}
	}
}
