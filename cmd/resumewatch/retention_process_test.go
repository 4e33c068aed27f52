package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/bench/archivegen/gen"
)

// later runs the program so many hours later.
func later(t *testing.T, dir string, hours int, args ...string) *program {
	t.Helper()
	p := command(t.Context(), dir, args...)
	p.Env = append(os.Environ(), "RESUMEWATCH_TEST=1", fmt.Sprintf("RESUMEWATCH_CLOCK_OFFSET=%dh", hours))
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

func ends(t *testing.T, p *program) string {
	t.Helper()
	if code := p.code(); code != 0 {
		t.Fatalf("%v: exit code %d: %s %s", p.Args, code, tail(p.stdout.String()), tail(p.stderr.String()))
	}
	return p.stdout.String()
}

// Wherever retention is killed, the next one goes on, and in the end all is as if
// there had been no kill: what is old is gone, the rest is sound.
func TestKilledRetentionGoesOn(t *testing.T) {
	t.Parallel()
	const years = 28000 // more than three
	dir := t.TempDir()
	chat(t, filepath.Join(dir, "old.txt"), gen.Options{Size: 3_000_000, Seed: 7, Listings: 0.01})
	chat(t, filepath.Join(dir, "young.txt"), gen.Options{Size: 300_000, Seed: 8, Listings: 0.01})
	if err := os.WriteFile(filepath.Join(dir, "keep.yaml"), []byte("retention: {captures: keep, listings: keep, fingerprints: keep, visits: keep, work: keep, audit: keep}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ends(t, later(t, dir, 0, "import", "--group-id", group, "old.txt"))
	ends(t, later(t, dir, years, "import", "--config", "keep.yaml", "--group-id", group, "young.txt"))
	before := dump(t, dir)
	if err := os.CopyFS(filepath.Join(dir, "alone"), os.DirFS(filepath.Join(dir, "data"))); err != nil {
		t.Fatal(err)
	}
	ends(t, later(t, dir, years+1, "retention", "run", "--data", "alone"))
	killed := 0
	for n := range 20 {
		// An hour later each time: the lease of the one that was killed has lapsed.
		p := later(t, dir, years+1+n, "retention", "run")
		done := make(chan struct{})
		go func() { p.code(); close(done) }()
		select {
		case <-done:
		case <-time.After(time.Duration(40+12*n) * time.Millisecond):
			if err := p.Process.Kill(); err == nil {
				killed++
			}
			<-done
		}
		looked := later(t, dir, 0, "evidence", "verify")
		looked.code()
		for line := range strings.Lines(looked.stdout.String()) {
			// Between the mark of an erasure and the end of the key, verify says so.
			if strings.HasPrefix(line, "FAULT") && !strings.Contains(line, "its erasure was interrupted") {
				t.Fatalf("after kill %d: %s", n, line)
			}
		}
		if !strings.Contains(looked.stdout.String(), "custody log:") {
			t.Fatalf("after kill %d: %s %s", n, looked.stdout.String(), looked.stderr.String())
		}
	}
	ends(t, later(t, dir, years+50, "retention", "run"))
	after := dump(t, dir)
	if a := dump(t, dir, "--data", "alone"); a != after {
		t.Errorf("killed %d times and not differ: %s", killed, firstDifference(a, after))
	}
	if strings.Count(after, "\n") >= strings.Count(before, "\n")/2 || killed == 0 {
		t.Errorf("%d lines before, %d after, %d kills", strings.Count(before, "\n"), strings.Count(after, "\n"), killed)
	}
	rw(t, dir, 0, "reindex", "--check")
	rw(t, dir, 0, "evidence", "verify")
	month := time.Now().UTC().Format("2006/01")
	if left, _ := filepath.Glob(filepath.Join(dir, "data/evidence", month, "*")); len(left) > 0 {
		t.Errorf("evidence is left: %v", left)
	}
	t.Logf("killed %d times", killed)
}
