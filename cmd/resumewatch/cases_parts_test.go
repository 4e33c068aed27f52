//go:build parts

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/bench/archivegen/gen"
)

// On shared servers held captures are sealed anew beside workers and a leader that
// recovers evidence: under a lease of its own, which is given back.
func TestHoldOnSharedServers(t *testing.T) {
	t.Setenv("RESUMEWATCH_TEST", "1")
	s := newShared(t, "")
	s.must(os.WriteFile(filepath.Join(s.dir, "password"), []byte("a long enough password\n"), 0o600))
	chat(t, filepath.Join(s.dir, "chat.txt"), gen.Options{Messages: 3000, Seed: 5, Listings: 0.02})
	worker, scheduler := s.role("worker"), s.role("scheduler")
	s.rw(0, "user", "add", "li", "--role", "admin", "--password-file", "password")
	s.rw(0, "import", "--json", "--group-id", group, "chat.txt")
	s.rw(0, "case", "new", "held")
	s.rw(0, "case", "add", "C-1", "A-1", "A-2")
	s.rw(0, "case", "hold", "C-1", "on")
	held := s.count(`SELECT count(*) FROM held WHERE kind = 'capture'`)
	all := s.count(`SELECT count(*) FROM capture`)
	if held < 2 || held >= all {
		t.Fatalf("%d of %d captures are held", held, all)
	}
	month := time.Now().UTC().Format("2006-01")
	t.Setenv("RESUMEWATCH_CLOCK_OFFSET", "1600h")
	s.rw(0, "evidence", "erase-key", "--reason", "policy", "--reseal-held", month)
	t.Setenv("RESUMEWATCH_CLOCK_OFFSET", "")
	if n := s.count(`SELECT count(*) FROM capture WHERE seal = 'hold-C-1' AND resealed <> 0`); n != held {
		t.Errorf("%d of %d held captures were sealed anew", n, held)
	}
	if n := s.count(`SELECT count(*) FROM lease WHERE name LIKE 'pen:%' AND until > 1000 * extract(epoch FROM now() + interval '1 day')`); n != 0 {
		t.Errorf("%d leases of it are left", n)
	}
	eventually(t, "the events have their numbers", func() bool { return s.count(`SELECT count(*) FROM custody_event WHERE seq IS NULL`) == 0 })
	worker.terminate(t)
	scheduler.terminate(t)
	if out := s.rw(0, "evidence", "verify"); !strings.Contains(out, "custody log") {
		t.Errorf("verify: %s", out)
	}
	if out := s.rw(0, "case", "show", "C-1", "--json"); !strings.Contains(out, `"lost":{}`) {
		t.Errorf("show: %s", out)
	}
}
