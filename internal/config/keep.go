package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Keep is how long something is kept: "90d", "8w", "36mo", "3y", or "keep" for ever.
type Keep string

// Forever is the Keep of what is never dropped.
const Forever Keep = "keep"

// mostKept bounds the number of a Keep, so that no date overflows.
const mostKept = 10_000

// parseKeep reads what people write; 0 is for ever as well.
func parseKeep(text string) (Keep, error) {
	s := strings.ToLower(strings.TrimSpace(text))
	if s == "0" || s == string(Forever) {
		return Forever, nil
	}
	if n, _, ok := Keep(s).parts(); !ok || n > mostKept {
		return "", fmt.Errorf("must be a time such as 90d, 36mo or 3y, or keep for ever, is %s", brief(text))
	}
	return Keep(s), nil
}

// parts are number and unit; ok is false when it is none or for ever.
func (k Keep) parts() (n int, unit string, ok bool) {
	digits := strings.TrimRight(string(k), "dwmoy")
	unit = string(k)[len(digits):]
	n, err := strconv.Atoi(digits)
	switch unit {
	case "d", "w", "mo", "y":
		return n, unit, err == nil && n > 0 && strconv.Itoa(n) == digits
	}
	return 0, "", false
}

// Before is the moment before which things are too old; zero: nothing ever is.
func (k Keep) Before(now time.Time) time.Time {
	n, unit, ok := k.parts()
	if !ok {
		return time.Time{}
	}
	now = now.UTC()
	switch unit {
	case "d":
		return now.AddDate(0, 0, -n)
	case "w":
		return now.AddDate(0, 0, -7*n)
	case "y":
		n *= 12
	}
	// The day of the month stays: the last of February is no March.
	first := time.Date(now.Year(), now.Month(), 1, now.Hour(), now.Minute(), now.Second(), now.Nanosecond(), time.UTC).AddDate(0, -n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(now.Day(), last)-1)
}
