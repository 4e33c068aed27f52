package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"resumewatch/bench/stack"
)

// The embedded way for real, small, with the board in its own process: this
// test's binary can't be that one, so the board's part is tested on its own.
func TestEmbeddedImport(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--ways", "embedded", "--size", "1MB", "--pages", "0", "--listings", "0.02"}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "| embedded | ") || strings.Contains(out.String(), "crawl") {
		t.Errorf("table:\n%s", out.String())
	}
}

func TestTables(t *testing.T) {
	s := summary{Visits: map[string]int64{"new": 90, "moved": 10}, Posts: 1000, Bytes: 50_000_000, Listings: 20}
	all := []measured{
		{work: "import", took: 2 * time.Second, sum: s, cpu: 3 * time.Second, peaks: []peak{{"import", 200_000_000}}, load: "0.10 → 0.50"},
		{work: "import", workers: 2, took: 4 * time.Second, sum: s, traffic: stack.Traffic{Trips: 250, Commands: 900}, peaks: []peak{{"import", 30_000_000}, {"worker-1", 150_000_000}}},
		{work: "crawl", workers: 1, took: 4 * time.Second, sum: s},
	}
	var out bytes.Buffer
	(&bench{}).print(&out, all)
	for _, want := range []string{
		"| embedded | 2.0 | 500 | 25.0 | 1.00 | 3.0 | 0.0 | import 200 | – | – | 0.10 → 0.50 |",
		"| scaled, 2 workers | 4.0 | 250 | 12.5 | 0.50 | 0.0 | 0.0 | import 30, worker-1 150 | 2.5 | 9.0 |",
		"| scaled, 1 worker | 4.0 | 25 | 250 | – |",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, out.String())
		}
	}
	if err := judge(all); err != nil {
		t.Error(err)
	}
	all[1].sum.Posts = 999
	if err := judge(all); err == nil || !strings.Contains(err.Error(), "import: embedded read") {
		t.Errorf("a post less: %v", err)
	}
	if judge([]measured{{work: "crawl"}}) == nil {
		t.Error("nothing was read, and that is well")
	}
}

func TestWays(t *testing.T) {
	for _, text := range []string{"", "none", "0", "-1", "17", "1,"} {
		if got, err := parseWays(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
	if busy, load := machine(); busy <= 0 || load == "?" {
		t.Errorf("busy %s, load %s: this is no Linux", busy, load)
	}
}
