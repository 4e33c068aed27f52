package jobs_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
)

// lapse is enough for any lease to have lapsed, with all margins.
const lapse = 3 * time.Minute

func TestEvidenceOfALivingWriterStays(t *testing.T) { livingWriter(t, onSQLite(t)) }

func livingWriter(t *testing.T, open func() *casebook.Book) {
	s := newShared(t, open)
	worker, leader := s.process(), s.process()
	s.must(worker.do(t.Context(), s.add(worker, 1), 1, s.run, nil))
	failed := errors.New("refused")
	worker.store.set(nil, func() error { return failed })
	if err := worker.do(t.Context(), s.add(worker, 2), 2, s.run, nil); !errors.Is(err, failed) {
		t.Fatal(err)
	}
	worker.store.set(nil, nil)
	for n := 3; n < 8; n++ { // two minutes, with renewals
		s.wait(25 * time.Second)
		s.must(leader.RecoverEvidence(t.Context(), s.unlocked()))
		s.must(worker.do(t.Context(), s.add(worker, n), n, s.run, nil))
	}
	leases, err := leader.Book.LiveLeases(t.Context(), "pen:", s.now())
	if err != nil || len(leases) != 1 {
		t.Fatalf("%+v, %v", leases, err)
	}
	// The file with the tail stays as long as its writer lives, and is cut when it went.
	s.must(worker.stop())
	if left, err := leader.Book.Leases(t.Context(), "pen:"); err != nil || len(left) != 0 {
		t.Fatalf("%+v, %v", left, err)
	}
	s.must(leader.RecoverEvidence(t.Context(), s.store()))
	s.sound(6)
	if !strings.Contains(leader.log.String(), "uncommitted was cut") {
		t.Error(leader.log)
	}
}

// A writer is paused at some instant for so long that it is taken for dead, its
// work is taken back or not, its files are cut; then it goes on. Whatever the
// order, what the casebook knows is whole.
func TestPausedWriter(t *testing.T) { pausedWriter(t, onSQLite) }

func pausedWriter(t *testing.T, open func(*testing.T) func() *casebook.Book) {
	for _, at := range []string{"append", "sync", "commit", "after"} {
		for _, reclaim := range []string{"never", "before", "after"} {
			t.Run(at+", work taken back "+reclaim, func(t *testing.T) {
				s := newShared(t, open(t))
				worker, other, leader := s.process(), s.process(), s.process()
				store := s.unlocked()
				s.must(worker.do(t.Context(), s.add(worker, 1), 1, s.run, nil)) // the file holds something good
				claim := s.add(worker, 2)
				paused := 0
				pause := func() error {
					if paused++; paused > 1 {
						return nil
					}
					s.wait(lapse)
					if reclaim == "before" {
						_, err := leader.Book.Reclaim(t.Context(), s.now(), false)
						s.must(err)
					}
					s.must(leader.RecoverEvidence(t.Context(), store))
					if reclaim == "after" {
						_, err := leader.Book.Reclaim(t.Context(), s.now(), false)
						s.must(err)
						s.must(other.do(t.Context(), casebook.Claim{ID: unitID(2), Generation: 2}, 2, s.run, nil))
					}
					return nil
				}
				var before func()
				switch at {
				case "append":
					worker.store.set(pause, nil)
				case "sync":
					worker.store.set(nil, pause)
				case "commit":
					before = func() { s.must(pause()) }
				}
				err := worker.do(t.Context(), claim, 2, s.run, before)
				want := casebook.ErrPenLost
				if at == "commit" && reclaim != "never" {
					want = casebook.ErrLost // its work is the first thing that a commit looks at
				}
				if at == "after" {
					s.must(err)
					s.must(pause2(pause, reclaim))
				} else if !errors.Is(err, want) {
					t.Fatalf("%v, want %v", err, want)
				}
				worker.store.set(nil, nil)
				// It goes on with other files, and does what is still its own.
				s.must(worker.do(t.Context(), s.add(worker, 3), 3, s.run, nil))
				n := 3
				switch {
				case at == "after":
				case reclaim == "never":
					s.must(worker.write(t.Context(), claim, 2, s.run, nil))
				case reclaim == "before":
					s.must(other.do(t.Context(), casebook.Claim{ID: unitID(2), Generation: 2}, 2, s.run, nil))
				}
				s.must(errors.Join(worker.stop(), other.stop()))
				s.must(leader.RecoverEvidence(t.Context(), store))
				s.sound(n)
				if strings.Contains(leader.log.String(), "damaged") {
					t.Error(leader.log)
				}
			})
		}
	}
}

// pause2 pauses a writer that has nothing under way: there is no work to take back.
func pause2(pause func() error, reclaim string) error {
	if reclaim == "after" {
		return nil
	}
	return pause()
}

// A writer that can't reach the casebook stops by itself before its lease lapses.
func TestQuietWriter(t *testing.T) {
	s := newShared(t, onSQLite(t))
	worker := s.process()
	s.must(worker.do(t.Context(), s.add(worker, 1), 1, s.run, nil))
	s.wait(29 * time.Second)
	s.must(worker.Book.Close())
	captures := 0
	worker.store.set(func() error { captures++; return nil }, nil)
	lost := errors.New("no commit")
	c, err := captureOf(2, s.now())
	s.must(err)
	write := func() error {
		return worker.Evidence.Write(t.Context(), []evidence.Capture{c}, func([]evidence.Ref, casebook.Fence) error { return lost })
	}
	if err := write(); !errors.Is(err, lost) || captures != 1 {
		t.Errorf("after 29 s: %v, %d captures", err, captures)
	}
	s.wait(2 * time.Second)
	if err := write(); err == nil || errors.Is(err, lost) || captures != 1 || !strings.Contains(err.Error(), "nothing is written: the lease was not renewed for 30s") {
		t.Errorf("after 31 s: %v, %d captures", err, captures)
	}
}

// Leases go by names that are used once.
func TestOwnersAreNotUsedTwice(t *testing.T) {
	s := newShared(t, onSQLite(t))
	worker, leader := s.process(), s.process()
	owners := map[string]bool{}
	for n := range 4 {
		s.must(worker.do(t.Context(), s.add(worker, n), n, s.run, nil))
		s.wait(lapse)
		s.must(leader.RecoverEvidence(t.Context(), s.unlocked()))
	}
	s.must(worker.stop())
	if err := worker.do(t.Context(), s.add(leader, 9), 9, s.run, nil); err == nil {
		t.Error("a process that stops writes")
	}
	s.must(leader.Book.Captures(t.Context(), 0, func(c casebook.Capture) error {
		owners[evidence.OwnerOf(c.File)] = true
		return nil
	}))
	if len(owners) != 4 {
		t.Errorf("%d owners, want one a lease", len(owners))
	}
	other := s.process()
	other.lease = jobs.NewPenLease(other.Book, "taken", s.now, other.Log)
	_, _, err := leader.Book.TakeLease(t.Context(), "pen:taken", "somebody", s.now(), time.Minute)
	s.must(err)
	other.Evidence = jobs.NewLeasedPens(other.store, other.lease)
	if err := other.do(t.Context(), s.add(other, 10), 10, s.run, nil); err == nil || !strings.Contains(err.Error(), "taken") {
		t.Errorf("%v", err)
	}
	s.sound(4)
}

// When the casebook can't be asked nothing is cut.
func TestRecoveryWithoutCasebook(t *testing.T) {
	s := newShared(t, onSQLite(t))
	worker, leader := s.process(), s.process()
	s.must(worker.do(t.Context(), s.add(worker, 1), 1, s.run, nil))
	s.must(worker.stop())
	s.must(leader.Book.Close())
	store := s.unlocked()
	if err := leader.RecoverEvidence(t.Context(), store); err == nil || len(store.cut) > 0 {
		t.Errorf("%v, cut %v", err, store.cut)
	}
	if err := leader.RecoverEvidence(t.Context(), s.store()); err == nil {
		t.Error("no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.process().RecoverEvidence(ctx, store); !errors.Is(err, context.Canceled) || len(store.cut) > 0 {
		t.Errorf("%v, cut %v", err, store.cut)
	}
	s.sound(1)
}

// What is lost is reported once, not every minute.
func TestDamageIsReportedOnce(t *testing.T) {
	s := newShared(t, onSQLite(t))
	worker, leader := s.process(), s.process()
	s.must(worker.do(t.Context(), s.add(worker, 1), 1, s.run, nil))
	s.must(worker.stop())
	files, err := filepath.Glob(filepath.Join(s.dir, "evidence/*/*/*.age"))
	s.must(err)
	s.must(os.Truncate(files[0], 100))
	for range 3 {
		s.must(leader.RecoverEvidence(t.Context(), s.store()))
	}
	if n := strings.Count(leader.log.String(), "evidence is damaged"); n != 1 {
		t.Errorf("reported %d times: %s", n, leader.log)
	}
	s.must(os.Remove(files[0]))
	for range 3 {
		s.must(leader.RecoverEvidence(t.Context(), s.store()))
	}
	if n := strings.Count(leader.log.String(), "evidence is damaged"); n != 2 {
		t.Errorf("a loss is reported %d times: %s", n-1, leader.log)
	}
}

// Several leaders and writers at once, with pauses of any length.
func TestWritersAndRecoveriesAtOnce(t *testing.T) { writersAndRecoveries(t, onSQLite(t), 40) }

func writersAndRecoveries(t *testing.T, open func() *casebook.Book, units int) {
	s := newShared(t, open)
	const writers = 4
	done := make(chan int, writers)
	stop := make(chan struct{})
	recovered := make(chan error, 2)
	for _, store := range []jobs.RecoverableStore{s.unlocked(), s.store()} {
		leader := s.process()
		go func() {
			for {
				select {
				case <-stop:
					recovered <- nil
					return
				default:
				}
				if err := leader.RecoverEvidence(t.Context(), store); err != nil {
					recovered <- err
					return
				}
			}
		}()
	}
	for w := range writers {
		p := s.process()
		s.writes(p, w, units, 6, done)
	}
	total := 0
	for range writers {
		total += <-done
	}
	close(stop)
	for range 2 {
		if err := <-recovered; err != nil {
			t.Error(err)
		}
	}
	s.wait(lapse)
	leader := s.process()
	s.must(leader.RecoverEvidence(t.Context(), s.unlocked()))
	if total < units {
		t.Errorf("only %d of %d units were done", total, writers*units)
	}
	s.sound(total)
	t.Logf("%d of %d units done", total, writers*units)
}

// again reports whether a unit can be done once more: its writer was taken for dead.
func again(err error) bool {
	return errors.Is(err, casebook.ErrPenLost) || errors.Is(err, evidence.ErrDamaged)
}
