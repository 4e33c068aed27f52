package evidencetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/evidence"
)

func nobody(string) bool { return false }

// ends is the known of a casebook that knows these captures.
func ends(refs ...evidence.Ref) func(string) int64 {
	return func(file string) int64 {
		var end int64
		for _, r := range refs {
			if r.File == file {
				end = max(end, r.End())
			}
		}
		return end
	}
}

func recovered(t *testing.T, s evidence.Store, known func(string) int64, live func(string) bool) evidence.Recovered {
	t.Helper()
	r, err := s.Recover(context.Background(), known, live)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func recoverUnknown(t *testing.T, open Open) {
	s := open(t, &Keys{})
	if diff := cmp.Diff(evidence.Recovered{}, recovered(t, s, ends(), nobody)); diff != "" {
		t.Errorf("an empty store: %s", diff)
	}
	w := writer(t, s, "w")
	ref := add(t, w, Chat(t, 1, march))
	closeAll(t, w)
	if diff := cmp.Diff(evidence.Recovered{Files: 1, Removed: 1, Bytes: ref.Length}, recovered(t, s, ends(), nobody)); diff != "" {
		t.Error(diff)
	}
	if refs := walk(t, s); len(refs) != 0 {
		t.Errorf("%v", refs)
	}
	if diff := cmp.Diff(evidence.Recovered{}, recovered(t, s, ends(), nobody)); diff != "" {
		t.Errorf("a second time: %s", diff)
	}
}

func recoverCuts(t *testing.T, open Open) {
	keys := &Keys{}
	s := open(t, keys)
	w := writer(t, s, "w")
	a, b, c := add(t, w, Chat(t, 1, march)), add(t, w, Chat(t, 2, march)), add(t, w, Chat(t, 3, march))
	other := writer(t, s, "other")
	whole := add(t, other, Chat(t, 4, march))
	closeAll(t, w, other)
	want := evidence.Recovered{Files: 2, Cut: 1, Bytes: c.Length}
	if diff := cmp.Diff(want, recovered(t, s, ends(a, b, whole), nobody)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(evidence.Recovered{Files: 2}, recovered(t, s, ends(a, b, whole), nobody)); diff != "" {
		t.Errorf("a second time: %s", diff)
	}
	if got := walk(t, s); len(got) != 3 {
		t.Errorf("%d captures are left: %v", len(got), got)
	}
	for _, ref := range []evidence.Ref{a, b, whole} {
		plain(t, s, ref, keys.Identities())
	}
	if _, err := s.Read(context.Background(), c); !errors.Is(err, evidence.ErrDamaged) {
		t.Errorf("what was cut is still read: %v", err)
	}
}

func recoverLive(t *testing.T, open Open) {
	keys := &Keys{}
	s := open(t, keys)
	w, gone := writer(t, s, "alive"), writer(t, s, "gone")
	a := add(t, w, Chat(t, 1, march))
	add(t, gone, Chat(t, 2, march))
	closeAll(t, gone)
	live := func(file string) bool { return evidence.OwnerOf(file) == "alive" }
	if diff := cmp.Diff(evidence.Recovered{Files: 1, Removed: 1}, recovered(t, s, ends(), live), cmpIgnoreBytes); diff != "" {
		t.Error(diff)
	}
	b := add(t, w, Chat(t, 3, march))
	closeAll(t, w)
	for _, ref := range []evidence.Ref{a, b} {
		plain(t, s, ref, keys.Identities())
	}
}

// recoverNewcomer has a writer come and go while Recover is under way: who asks for
// the leases once, when live is first called, must not be asked for files that
// are younger.
func recoverNewcomer(t *testing.T, open Open) {
	keys := &Keys{}
	s := open(t, keys)
	gone := writer(t, s, "gone")
	add(t, gone, Chat(t, 1, march))
	closeAll(t, gone)
	var refs []evidence.Ref
	live := func(file string) bool {
		if refs == nil {
			w := writer(t, s, "newcomer")
			for n, months := range []int{-1, 0, 1} {
				refs = append(refs, add(t, w, Chat(t, 2+n, march.AddDate(0, months, 0))))
			}
			closeAll(t, w)
		}
		if owner := evidence.OwnerOf(file); owner != "gone" {
			t.Errorf("asked for %s, which was not there when it began", file)
		}
		return false
	}
	if diff := cmp.Diff(evidence.Recovered{Files: 1, Removed: 1}, recovered(t, s, ends(), live), cmpIgnoreBytes); diff != "" {
		t.Error(diff)
	}
	for _, ref := range refs {
		plain(t, s, ref, keys.Identities())
	}
}

var cmpIgnoreBytes = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Bytes" }, cmp.Ignore())

func recoverDamaged(t *testing.T, open Open) {
	keys := &Keys{}
	s := open(t, keys)
	w := writer(t, s, "w")
	ref := add(t, w, Chat(t, 1, march))
	closeAll(t, w)
	r := recovered(t, s, func(string) int64 { return ref.End() + 1 }, nobody)
	if len(r.Damaged) != 1 || r.Damaged[0].File != ref.File || r.Cut+r.Removed != 0 {
		t.Errorf("%+v", r)
	}
	plain(t, s, ref, keys.Identities())
}

// recoverBeside lets writers begin while Recover runs: nothing of theirs is lost.
func recoverBeside(t *testing.T, open Open) {
	keys := &Keys{}
	s := open(t, keys)
	var mu sync.Mutex
	var refs []evidence.Ref
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				known := func(file string) int64 {
					mu.Lock()
					defer mu.Unlock()
					return ends(refs...)(file)
				}
				live := func(file string) bool { return evidence.OwnerOf(file) == "alive" }
				if _, err := s.Recover(context.Background(), known, live); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for n := range 15 {
		w := writer(t, s, "alive")
		ref := add(t, w, Chat(t, n, march))
		if err := w.Sync(context.Background()); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		refs = append(refs, ref)
		mu.Unlock()
		closeAll(t, w)
	}
	close(stop)
	wg.Wait()
	for _, ref := range refs {
		plain(t, s, ref, keys.Identities())
	}
}

func cancelled(t *testing.T, open Open) {
	s := open(t, &Keys{})
	w := writer(t, s, "w")
	ref := add(t, w, Chat(t, 1, march))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Writer(ctx, "w"); !errors.Is(err, context.Canceled) {
		t.Errorf("writer: %v", err)
	}
	if _, err := w.Append(ctx, Chat(t, 2, march)); !errors.Is(err, context.Canceled) {
		t.Errorf("append: %v", err)
	}
	if err := w.Sync(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("sync: %v", err)
	}
	if _, err := s.Read(ctx, ref); !errors.Is(err, context.Canceled) {
		t.Errorf("read: %v", err)
	}
	if err := s.Walk(ctx, func(evidence.Ref) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("walk: %v", err)
	}
	if _, err := s.Recover(ctx, ends(), nobody); !errors.Is(err, context.Canceled) {
		t.Errorf("recover: %v", err)
	}
	add(t, w, Chat(t, 2, march))
	closeAll(t, w)
}

func verifyStore(t *testing.T, open Open) {
	keys := &Keys{}
	s := open(t, keys)
	w := writer(t, s, "w")
	for n := range 3 {
		add(t, w, Chat(t, n, march))
	}
	add(t, w, Chat(t, 9, march.Add(2*time.Second)))
	closeAll(t, w)
	r, err := evidence.VerifyStore(context.Background(), s, keys.Identities())
	if err != nil || !r.OK || len(r.Unchecked) != 0 {
		t.Errorf("%+v %v", r, err)
	}
	r, err = evidence.VerifyStore(context.Background(), s, keys.Identities("2026-04"))
	if err != nil || !r.OK || len(r.Unchecked) != 1 {
		t.Errorf("without the key of March: %+v %v", r, err)
	}
}
