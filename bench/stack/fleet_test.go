package stack

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// standIn is a script in place of the program: it notes each start and does as
// its role says.
func standIn(t *testing.T, body string) (*Fleet, string) {
	t.Helper()
	dir := t.TempDir()
	script := filepath.Join(dir, "program")
	starts := filepath.Join(dir, "starts")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nset -m\necho \"$*\" >>"+starts+"\n"+body), 0o700); err != nil {
		t.Fatal(err)
	}
	f := NewFleet(script, "F", dir)
	t.Cleanup(func() { _ = f.Stop(0) })
	return f, starts
}

func lines(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Count(string(text), "\n")
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for began := time.Now(); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			t.Fatal("never: ", what)
		}
	}
}

func TestWhoDiesIsStartedAgain(t *testing.T) {
	f, starts := standIn(t, `[ "$(wc -l <`+"\"$(dirname $0)/starts\""+`)" -gt 1 ] || exit 3; exec sleep 60`)
	if err := f.Start(t.Context(), "worker-1"); err != nil {
		t.Fatal(err)
	}
	until(t, "second start", func() bool { return lines(t, starts) == 2 && len(f.Running(Worker)) == 1 })
	if d := f.Deaths(); len(d) != 1 || !strings.Contains(d[0], "worker-1 ended by itself (exit code 3") {
		t.Errorf("%q", d)
	}
	text, err := os.ReadFile(starts)
	if err != nil || !strings.HasPrefix(string(text), "--config F worker\n") {
		t.Errorf("%q %v", text, err)
	}
}

func TestWhoIsKilledStaysAway(t *testing.T) {
	f, starts := standIn(t, "exec sleep 60")
	for _, name := range []string{"worker-1", "worker-2", "scheduler-1"} {
		if err := f.Start(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "three starts", func() bool { return lines(t, starts) == 3 })
	if !f.Kill("worker-2") || f.Kill("worker-2") || f.Kill("worker-9") {
		t.Error("killed what doesn't run")
	}
	if got := f.Running(Worker); len(got) != 1 || got[0] != "worker-1" {
		t.Errorf("%v", got)
	}
	if err := f.Start(t.Context(), "worker-2"); err != nil {
		t.Fatal(err)
	}
	until(t, "a fourth start", func() bool { return lines(t, starts) == 4 })
	if err := f.Terminate("scheduler-1", 10*time.Second); err != nil {
		t.Error(err)
	}
	if err := f.Stop(10 * time.Second); err != nil {
		t.Error(err)
	}
	if d, r := f.Deaths(), f.Running(Worker); len(d) != 0 || len(r) != 0 {
		t.Errorf("deaths %v, running %v", d, r)
	}
}

func TestWhoDoesNotStopIsFound(t *testing.T) {
	f, starts := standIn(t, "trap '' TERM; echo deaf >>"+"\"$(dirname $0)/starts\""+"; while :; do sleep 0.1; done")
	if err := f.Start(t.Context(), "worker-1"); err != nil {
		t.Fatal(err)
	}
	until(t, "it is deaf", func() bool { return lines(t, starts) == 2 })
	if err := f.Stop(100 * time.Millisecond); !errors.Is(err, ErrStop) {
		t.Errorf("error %v", err)
	}
}
