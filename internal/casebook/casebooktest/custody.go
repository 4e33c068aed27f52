package casebooktest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
)

// keeper has the key of the suite's logs.
func keeper(t *testing.T, seed byte) casebook.LogKeeper {
	t.Helper()
	k, err := custody.NewKey([]byte(strings.Repeat(string(rune(seed)), 32)))
	if err != nil {
		t.Fatal(err)
	}
	return casebook.LogKeeper{Key: k, Device: "test-host"}
}

func verifier(h *harness, k casebook.LogKeeper) note.Verifier {
	h.Helper()
	v, err := note.NewVerifier(k.Key.Public)
	h.must(err)
	return v
}

// opened is an event.
func (h *harness) opened(n int) custody.Event {
	return custody.Event{Kind: custody.EvidenceOpened, At: h.now, Actor: "wang", Object: fmt.Sprintf("capture %d", n)}
}

// extend numbers what waits, so many at a time, and returns the newest checkpoint.
func (h *harness) extend(k casebook.LogKeeper, lot int) (signed string) {
	h.Helper()
	for {
		s, err := h.ExtendLog(h.ctx(), k, h.now, lot)
		h.must(err)
		if signed = s.Signed; s.Added == 0 {
			return signed
		}
		h.later(time.Minute)
	}
}

// audit looks through the log.
func (h *harness) audit(k casebook.LogKeeper, kept string) custody.Findings {
	h.Helper()
	a, err := h.VerifyLog(h.ctx(), func() (*custody.Audit, error) { return custody.NewAudit(k.Key.Public, kept) })
	h.must(err)
	return a.End()
}

func (h *harness) wantSound(f custody.Findings) {
	h.Helper()
	if f.Count != 0 {
		h.Fatalf("faults: %v", f.Faults)
	}
}

// capturesCommitted commits so many captures, two a commit.
func (h *harness) capturesCommitted(from, to int) {
	h.Helper()
	run := h.run()
	for i := from; i < to; i += 2 {
		l := h.learnt(run, h.claimed(run))
		l.Device = "test-host"
		for n := i; n < min(i+2, to); n++ {
			d := fmt.Sprintf("%064x", n)
			l.Captures = append(l.Captures, casebook.Capture{Digest: d, SealedDigest: "5" + d[1:], File: "2026/03/f", Offset: int64(100 * n), Length: 100, Kind: "chat", At: h.now})
		}
		_, err := h.Commit(h.ctx(), l)
		h.must(err)
	}
}

// runCustody: events wait, get numbers in the order in which they were written,
// and every one can be proven.
func runCustody(h *harness) {
	k := keeper(h.T, 'k')
	h.wantSound(h.audit(k, ""))
	if s, err := h.ExtendLog(h.ctx(), k, h.now, 100); err != nil || s != (casebook.LogStep{}) {
		h.Fatalf("an empty log was extended: %+v, %v", s, err)
	}
	_, err := h.AdoptCaptures(h.ctx(), custody.Event{At: h.now}, 10)
	h.must(err)
	h.capturesCommitted(0, 9)
	for n := range 20 {
		h.must(h.NoteCustody(h.ctx(), h.opened(n)))
	}
	h.must(h.NoteCustodyOnce(h.ctx(), "key 2026-03", custody.Event{Kind: custody.KeyMade, At: h.now, Object: "2026-03"}))
	h.must(h.NoteCustodyOnce(h.ctx(), "key 2026-03", custody.Event{Kind: custody.KeyMade, At: h.now, Object: "2026-03"}))
	h.same("waiting", int64(26), h.audit(k, "").Waiting)
	kept := h.extend(k, 7)
	f := h.audit(k, kept)
	h.wantSound(f)
	h.same("events, checkpoints, captures, waiting", []int64{27, 4, 9, 0}, []int64{f.Events, f.Checkpoints, f.Captures, f.Waiting})
	h.same("size under the newest", int64(27), f.Newest.Size)
	if again := h.extend(k, 7); again != kept {
		h.Fatal("a checkpoint of nothing new")
	}

	for n := range 9 {
		r, err := h.ReceiptOf(h.ctx(), hex64(n))
		h.must(err)
		e, c, err := r.Check(k.Key.Public)
		h.must(err)
		h.same("kind, device, capture", []string{string(custody.Captured), "test-host", hex64(n)}, []string{string(e.Kind), e.Device, e.Captures[n%2].Digest})
		h.same("size", int64(27), c.Size)
	}
	var numbers []int64
	h.must(h.Receipts(h.ctx(), []string{hex64(3), hex64(0), hex64(1), "none"}, func(r casebook.Receipt) error {
		numbers = append(numbers, r.Number)
		return nil
	}))
	h.same("receipts of three captures in two events", []int64{1, 2}, numbers)
	c, err := h.CustodyOf(h.ctx(), hex64(3))
	h.must(err)
	h.same("custody of a capture", []any{hex64(3), int64(2), custody.Captured, kept, "", false}, []any{c.Digest, c.Entry.Number, c.Entry.Event.Kind, c.Signed, c.Stamp, c.Waiting})
	newest, err := h.CustodyPage(h.ctx(), 0, 20)
	h.must(err)
	older, err := h.CustodyPage(h.ctx(), newest[19].ID, 20)
	h.must(err)
	h.same("pages", []int{20, 7}, []int{len(newest), len(older)})
	h.same("the newest of all, the oldest", []any{custody.KeyMade, int64(0), custody.LogBegun}, []any{newest[1].Event.Kind, minNumber(slices.Concat(newest, older)), newest[0].Event.Kind})
	_, err = h.CustodyOf(h.ctx(), "none")
	h.wantErr(casebook.ErrNotFound, err)
	_, err = h.ReceiptOf(h.ctx(), "none")
	h.wantErr(casebook.ErrNotFound, err)
	h.capturesCommitted(20, 21)
	_, err = h.ReceiptOf(h.ctx(), hex64(20))
	h.wantErr(casebook.ErrNotFound, err)
}

func minNumber(all []casebook.LogEntry) int64 {
	return slices.MinFunc(all, func(a, b casebook.LogEntry) int { return cmp.Compare(a.Number, b.Number) }).Number
}

// runCustodyEvent: what isn't written leaves no event, and bad events are refused.
func runCustodyEvent(h *harness) {
	k := keeper(h.T, 'k')
	if err := h.NoteCustody(h.ctx(), custody.Event{Kind: "something", At: h.now}); err == nil {
		h.Error("an event of an unknown kind was taken")
	}
	run := h.run()
	l := h.learnt(run, h.claimed(run))
	l.Captures = []casebook.Capture{{Digest: "d", File: "f"}}
	l.Work.Generation++
	_, err := h.Commit(h.ctx(), l)
	h.wantErr(casebook.ErrLost, err)
	h.same("waiting", int64(0), h.audit(k, "").Waiting)
	e := h.opened(1)
	e.Actor, e.Detail = "a\x00b\xffc", map[string]string{"reason": "<ticket> & \u2028 \"quoted\" 原因"}
	h.must(h.NoteCustody(h.ctx(), e))
	h.wantSound(h.audit(k, h.extend(k, 10)))
}

// runCustodyAdopted: captures from before the log get an event, once.
func runCustodyAdopted(h *harness) {
	k := keeper(h.T, 'k')
	h.capturesCommitted(0, 3)
	for _, want := range []int{0, 0} { // those have their events
		n, err := h.AdoptCaptures(h.ctx(), custody.Event{At: h.now}, 2)
		h.must(err)
		h.same("adopted", want, n)
	}
	h.wantSound(h.audit(k, h.extend(k, 10)))
}

// runCustodyDropped: captures that somebody dropped, and said so, are no fault.
func runCustodyDropped(h *harness) {
	k := keeper(h.T, 'k')
	ghost := custody.Item{Digest: fmt.Sprintf("%064x", 99)}
	h.must(h.NoteCustody(h.ctx(), custody.Event{Kind: custody.Captured, At: h.now, Captures: []custody.Item{ghost}}))
	f := h.audit(k, h.extend(k, 10))
	h.same("faults", int64(1), f.Count)
	h.must(h.NoteCustody(h.ctx(), custody.Event{Kind: custody.Dropped, At: h.now, Captures: []custody.Item{ghost}}))
	h.wantSound(h.audit(k, h.extend(k, 10)))
}

// runCustodyStamps: a stamp an hour is ordered, waits, and stays as it came first.
func runCustodyStamps(h *harness) {
	k := keeper(h.T, 'k')
	k.Stamps = time.Hour
	for n := range 5 {
		h.must(h.NoteCustody(h.ctx(), h.opened(n)))
		_, err := h.ExtendLog(h.ctx(), k, h.now, 10)
		h.must(err)
		h.later(31 * time.Minute)
	}
	due, err := h.DueStamps(h.ctx(), 10)
	h.must(err)
	var sizes []int64
	for _, d := range due {
		sizes = append(sizes, d.Size)
	}
	h.same("due", []int64{2, 4, 6}, sizes)
	h.must(h.SaveStamp(h.ctx(), 2, "one", h.now))
	h.must(h.SaveStamp(h.ctx(), 2, "two", h.now))
	tokens := map[int64]string{}
	h.must(h.Stamps(h.ctx(), func(s casebook.Stamp) error {
		if s.Signed == "" {
			h.Errorf("stamp of %d without its checkpoint", s.Size)
		}
		tokens[s.Size] = s.Token
		return nil
	}))
	h.same("tokens", map[int64]string{2: "one", 4: "", 6: ""}, tokens)
}

// runCustodyTogether: events of many writers, numbered by two at once, are each in
// the log once.
func runCustodyTogether(h *harness) {
	k := keeper(h.T, 'k')
	var writers, numberers sync.WaitGroup
	const each, hands = 25, 3
	for w := range hands {
		writers.Go(func() {
			for n := range each {
				if err := h.NoteCustody(h.ctx(), h.opened(100*w+n)); err != nil {
					h.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	for range 2 {
		numberers.Go(func() {
			for {
				s, err := h.ExtendLog(h.ctx(), k, h.now, 4)
				if err != nil {
					h.Error(err)
					return
				}
				select {
				case <-done:
					if s.Added == 0 {
						return
					}
				default:
				}
			}
		})
	}
	writers.Wait()
	close(done)
	numberers.Wait()
	f := h.audit(k, h.extend(k, 100))
	h.wantSound(f)
	h.same("events", int64(each*hands+1), f.Events)
}

// runCustodyForeign: nobody goes on with a log that another key signed, or that is
// older than the checkpoint that is kept apart.
func runCustodyForeign(h *harness) {
	k := keeper(h.T, 'k')
	h.must(h.NoteCustody(h.ctx(), h.opened(1)))
	kept := h.extend(k, 10)
	h.must(h.NoteCustody(h.ctx(), h.opened(2)))
	_, err := h.ExtendLog(h.ctx(), keeper(h.T, 'x'), h.now, 10)
	h.wantErr(casebook.ErrLogBroken, err)

	other := &harness{T: h.T, Book: h.open(h.T), open: h.open, now: h.now}
	other.must(other.NoteCustody(h.ctx(), h.opened(3)))
	k.Kept = kept
	_, err = other.ExtendLog(h.ctx(), k, h.now, 10)
	h.wantErr(casebook.ErrLogBroken, err)
	_, err = h.ExtendLog(h.ctx(), k, h.now, 10)
	h.must(err)
}
