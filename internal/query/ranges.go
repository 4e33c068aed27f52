package query

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// bounds splits "a..b"; both ends of a single value are that value.
func bounds(value string) (from, to string, ranged bool) {
	value = strings.TrimSpace(norm.NFKC.String(value))
	if from, to, ranged = strings.Cut(value, ".."); ranged {
		return strings.TrimSpace(from), strings.TrimSpace(to), true
	}
	return value, value, false
}

func (p *parser) number(name, value string, start, at int) (Node, error) {
	from, to, ranged := bounds(value)
	n := Number{Field: name, Min: math.Inf(-1), Max: math.Inf(1), Column: start + 1}
	if ranged && from == "" && to == "" {
		return nil, p.errorf(at, "%s: the range has no end at all", name)
	}
	var err error
	if from != "" {
		if n.Min, err = decimal(from); err != nil {
			return nil, p.errorf(at, "%s: %s; write %s:2, %s:1..3, %s:1.. or %s:..3", name, err, name, name, name, name)
		}
	}
	if to != "" {
		if n.Max, err = decimal(to); err != nil {
			return nil, p.errorf(at, "%s: %s; write %s:2, %s:1..3, %s:1.. or %s:..3", name, err, name, name, name, name)
		}
	}
	if n.Min > n.Max {
		return nil, p.errorf(at, "%s: the range begins with %s, behind its end %s", name, from, to)
	}
	return n, nil
}

// decimal reads digits with an optional fraction: no sign, exponent or hexadecimal,
// which strconv would take.
func decimal(s string) (float64, error) {
	for _, c := range s {
		if (c < '0' || c > '9') && c != '.' {
			return 0, fmt.Errorf("%q is no number", s)
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%q is too large", s)
	}
	if err != nil {
		return 0, fmt.Errorf("%q is no number", s)
	}
	return f, nil
}

func (p *parser) period(value string, start, at int) (Node, error) {
	from, to, ranged := bounds(value)
	n := Period{Column: start + 1}
	if ranged && from == "" && to == "" {
		return nil, p.errorf(at, "posted: the range has no end at all")
	}
	var err error
	if from != "" {
		if n.From, n.Before, err = ParseTime(from, p.now, p.zone); err != nil {
			return nil, p.errorf(at, "posted: %s", err)
		}
	}
	if !ranged {
		if n.Before.Equal(n.From) { // a span such as 7d alone: from then on
			n.Before = time.Time{}
		}
		return n, nil
	}
	n.Before = time.Time{}
	if to != "" {
		if _, n.Before, err = ParseTime(to, p.now, p.zone); err != nil {
			return nil, p.errorf(at, "posted: %s", err)
		}
		if n.Before.Before(n.From) {
			return nil, p.errorf(at, "posted: the range begins with %s, behind its end %s", from, to)
		}
	}
	return n, nil
}

// ParseTime reads a time as users write it: RFC 3339, a date, month or year in
// zone, a date with a time, or a span back from now such as 7d (also w, h, m). It gives the
// whole period that is meant, start ≤ t < end: a day for a date, a second for a time; for a
// span both are that instant.
func ParseTime(s string, now time.Time, zone *time.Location) (start, end time.Time, err error) {
	if zone == nil {
		zone = time.UTC
	}
	s = strings.TrimSpace(s)
	for _, f := range []struct {
		layout      string
		year, month int
		day         int
		span        time.Duration
	}{
		{layout: "2006", year: 1},
		{layout: "2006-01", month: 1},
		{layout: "2006-01-02", day: 1},
		{layout: "2006-01-02T15:04", span: time.Minute},
		{layout: "2006-01-02 15:04", span: time.Minute},
		{layout: "2006-01-02T15:04:05", span: time.Second},
		{layout: "2006-01-02 15:04:05", span: time.Second},
		{layout: time.RFC3339, span: time.Second},
	} {
		if len(f.layout) != len(s) && f.layout != time.RFC3339 {
			continue
		}
		if t, err := time.ParseInLocation(f.layout, strings.ToUpper(s), zone); err == nil {
			t = t.Truncate(time.Second)
			return t, t.AddDate(f.year, f.month, f.day).Add(f.span), nil
		}
	}
	if unit := strings.IndexByte("mhdw", lastByte(s)); unit >= 0 {
		n, err := strconv.ParseUint(s[:len(s)-1], 10, 32)
		span := []time.Duration{time.Minute, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}[unit]
		if err == nil && int64(n) <= math.MaxInt64/int64(span) {
			t := now.Add(-time.Duration(n) * span).In(zone)
			return t, t, nil
		}
	}
	return time.Time{}, time.Time{}, fmt.Errorf("%q is no time; write 2026-03-15, 2026-03, 2026-03-15T08:00:00+08:00 or 7d", s)
}

func lastByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[len(s)-1]
}
