//go:build parts

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// On shared servers a worker makes the listings that reviewers accept, also one that was
// ordered while none was at work.
func TestReviewOnSharedServers(t *testing.T) {
	s := newShared(t, "")
	s.must(os.WriteFile(filepath.Join(s.dir, "password"), []byte("a long enough password\n"), 0o600))
	doubtfulChat(t, filepath.Join(s.dir, "chat.txt"), doubtfulTexts(t, 5))
	worker, scheduler := s.role("worker"), s.role("scheduler")
	s.rw(0, "user", "add", "li", "--role", "admin", "--password-file", "password")
	s.rw(0, "import", "--json", "--group-id", group, "chat.txt")
	if n := s.count(`SELECT count(*) FROM doubt WHERE state = 'waiting'`); n != 5 {
		t.Fatalf("%d wait", n)
	}
	out := s.rw(0, "review", "accept", "--json", "D-1", "D-2")
	var one struct {
		ListingID string `json:"listing_id"`
		OfferID   string `json:"offer_id"`
	}
	if err := json.Unmarshal([]byte(out[:strings.Index(out, "\n")]), &one); err != nil || one.ListingID == "" || one.OfferID == "" {
		t.Errorf("accepted: %s, %v", out, err)
	}
	s.rw(0, "review", "reject", "D-3")
	s.kill(worker)
	ordered := begin(t, s.dir, "review", "--config", "conf.yaml", "accept", "D-4")
	eventually(t, "it is ordered", func() bool { return s.count(`SELECT count(*) FROM doubt WHERE state = 'accepted' AND item <> ''`) == 1 })
	worker = s.role("worker")
	if code := ordered.code(); code != 0 {
		t.Errorf("exit code %d: %s", code, ordered.stderr.String())
	}
	if n := s.count(`SELECT count(*) FROM listing WHERE decided <> '' AND live = 1`); n != 3 {
		t.Errorf("%d listings are decided", n)
	}
	if n := parkedItems(t, filepath.Join(s.dir, "data")); n != 1 {
		t.Errorf("%d items in the spool", n)
	}
	worker.terminate(t)
	scheduler.terminate(t)
	s.rw(0, "evidence", "verify")
}
