package config

import (
	"testing"
	"time"
)

func TestKeep(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"1d": "2026-03-30", "2w": "2026-03-17", "1mo": "2026-02-28", "13mo": "2025-02-28", "25mo": "2024-02-29", "2Y": "2024-03-31", " 10000y ": "-7974-03-31",
	} {
		k, err := parseKeep(text)
		if got := k.Before(now).Format("2006-01-02"); err != nil || got != want {
			t.Errorf("%q: before %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"0", "keep", "KEEP"} {
		if k, err := parseKeep(text); err != nil || k != Forever || !k.Before(now).IsZero() {
			t.Errorf("%q: %q, %v", text, k, err)
		}
	}
	for _, text := range []string{"", "d", "-1d", "1", "1.5y", "01d", "1m", "10001d", "1dd", "99999999999999999999d", "0mo", "keeps"} {
		if k, err := parseKeep(text); err == nil {
			t.Errorf("%q was taken as %q", text, k)
		}
	}
	if before := Default().Retention.Captures.Before(now); before.Year() != 2023 {
		t.Errorf("default %v", before)
	}
}
