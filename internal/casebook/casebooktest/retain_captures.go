package casebooktest

import (
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
)

// month commits n captures in a file of the present month.
func (h *harness) month(from, n int, file string) []string {
	h.Helper()
	run := h.run()
	l := h.learnt(run, h.claimed(run))
	var digests []string
	for i := from; i < from+n; i++ {
		c := casebook.Capture{Digest: hex64(i), SealedDigest: "5" + hex64(i)[1:], File: h.now.Format("2006/01/") + file, Offset: int64(100 * i), Length: 100, Kind: "chat", At: h.now, Source: group}
		l.Captures, digests = append(l.Captures, c), append(digests, c.Digest)
	}
	h.must(second(h.Commit(h.ctx(), l)))
	return digests
}

// dropMonth drops the captures of a month, by so many a step.
func (h *harness) dropMonth(month string, lot int) (n int64) {
	h.Helper()
	h.must(h.DoomFiles(h.ctx(), month))
	h.must(h.DoomFiles(h.ctx(), month))
	doomed, err := h.DoomedFiles(h.ctx())
	h.must(err)
	for file := range doomed {
		for done := false; !done; {
			d, err := h.DropCaptures(h.ctx(), file, custody.Event{At: h.now, Actor: "wang", Device: "test-host"}, lot)
			h.must(err)
			n, done = n+d.Captures, d.Done
		}
	}
	return n
}

// runOldCaptures: whole months go, the custody log says so and stays sound.
func runOldCaptures(h *harness) {
	k := keeper(h.T, 'k')
	first := h.month(0, 5, "a")
	f := numbered(1, 1)
	f.Capture = first[2]
	h.commit(h.run(), f)
	h.group(offer("", nil, f.ID))
	h.month(10, 1, "b")
	h.later(31 * 24 * time.Hour) // April
	h.month(20, 2, "a")
	april := h.now
	old, err := h.OldMonths(h.ctx(), time.Date(2023, 4, 1, 0, 0, 0, 0, time.UTC).Add(-time.Second))
	h.must(err)
	h.same("March isn't over", 0, len(old))
	old, err = h.OldMonths(h.ctx(), april)
	h.must(err)
	h.same("months", []casebook.OldMonth{{Month: "2023-03", Captures: 6, Files: 2, Bytes: 600}}, old)
	if err := h.DoomFiles(h.ctx(), "2023"); err == nil {
		h.Error("no month was taken")
	}
	if _, err := h.DropCaptures(h.ctx(), "2023/04/a", custody.Event{At: h.now}, 2); err == nil {
		h.Error("captures of a file that nobody asked for were dropped")
	}
	// Killed after the first step.
	h.must(h.DoomFiles(h.ctx(), "2023-03"))
	d, err := h.DropCaptures(h.ctx(), "2023/03/a", custody.Event{At: h.now, Actor: "wang"}, 2)
	h.must(err)
	h.same("first step", casebook.DroppedCaptures{Captures: 2, Bytes: 200}, d)
	h.same("the rest", int64(4), h.dropMonth("2023-03", 2))
	h.same("again", int64(0), h.dropMonth("2023-03", 2))
	dropped := h.now
	found := h.audit(k, h.extend(k, 100))
	h.wantSound(found)
	h.same("captures", int64(2), found.Captures)
	of, err := h.OfferCapturesGone(h.ctx(), f.ID)
	h.must(err)
	h.same("captures of the offer", 1, of)

	_, err = h.CaptureByDigest(h.ctx(), first[0])
	h.wantErr(casebook.ErrNotFound, err)
	digest, e, err := h.CaptureGone(h.ctx(), first[4][:64])
	h.must(err)
	if digest != first[4] || e.Kind != custody.Dropped || e.Object != "2023-03" || e.Actor != "wang" || e.Detail["by"] != "retention" || len(e.Detail["sha256"]) != 64 {
		h.Errorf("%s %+v", digest, e)
	}
	_, _, err = h.CaptureGone(h.ctx(), "f")
	h.wantErr(casebook.ErrNotFound, err)
	gone, err := h.GoneCaptures(h.ctx(), []string{first[1], hex64(20)})
	h.must(err)
	h.same("gone", map[string]time.Time{first[1]: dropped}, gone)
	n, err := h.CapturesGone(h.ctx())
	h.must(err)
	h.same("gone in all", int64(6), n)
}

func runOldCapturesHeld(h *harness) {
	f := numbered(1, 1)
	h.shot(1, group, f)
	h.shot(2, "elsewhere", numbered(2, 1))
	h.group(offer("", nil, f.ID))
	num := h.newCase("one", casebook.CaseItem{Kind: casebook.ItemOffer, ID: f.ID})
	h.hold(num)
	h.later(62 * 24 * time.Hour)
	old, err := h.OldMonths(h.ctx(), h.now)
	h.must(err)
	h.same("months", []casebook.OldMonth{{Month: "2023-03", Captures: 1, Files: 1, Bytes: 100}}, old)
	called := false
	cases, err := h.Unheld(h.ctx(), "2023-03", func() error { called = true; return nil })
	h.must(err)
	h.same("held by", []string{casebook.CaseID(num)}, cases)
	h.same("called", false, called)
	// Both lie in one file: it stays.
	h.same("dropped", int64(0), h.dropMonth("2023-03", 5))
	h.lift(num)
	h.same("dropped", int64(2), h.dropMonth("2023-03", 5))
}
