package main

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// machine is what Linux says of the whole machine: how long its processors were
// busy since it started, and the load average of the last minute; zero and "?"
// where it doesn't say.
func machine() (busy time.Duration, load string) {
	load = "?"
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		load, _, _ = strings.Cut(string(text), " ")
	}
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, load
	}
	line, _, _ := strings.Cut(string(text), "\n")
	for i, field := range strings.Fields(line) {
		// cpu user nice system idle iowait irq softirq …, in hundredths of a second
		if n, err := strconv.ParseInt(field, 10, 64); err == nil && i != 4 && i != 5 && i < 8 {
			busy += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return busy, load
}

// since notes what the machine did since before.
func (m *measured) since(busy time.Duration, load string) {
	now, after := machine()
	m.busy, m.load = now-busy, load+" → "+after
}
