package casebooktest

import (
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// runMonths: the month of a listing is that of its post, within reason, and never
// changes.
func runMonths(h *harness) {
	run := h.run()
	at := func(pid int, when time.Time) string {
		h.Helper()
		p := posted(pid, "出简历")
		p.PostedAt = when
		f := listing(p, "")
		h.commit(run, f)
		return h.row(f.ID).Month
	}
	h.same("as posted", "2025-12", at(1, time.Date(2025, 12, 31, 23, 59, 59, 0, time.UTC)))
	h.same("in UTC", "2025-12", at(2, time.Date(2026, 1, 1, 7, 0, 0, 0, time.FixedZone("", 8*3600))))
	h.same("unknown: as seen", "2026-03", at(3, time.Time{}))
	h.same("posted tomorrow, it says: as seen", "2026-03", at(4, time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)))
	h.same("posted before there was a web", "2000-01", at(5, time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC)))
	h.now = h.now.AddDate(0, 2, 0)
	edited := posted(1, "出简历")
	edited.Text, edited.PostedAt = "改过的出简历", h.now
	f := listing(edited, "")
	h.commit(run, f)
	h.same("after an edit", "2025-12", h.row(f.ID).Month)
	h.same("edited", 1, h.row(f.ID).Revision)
}

// runLag: how far consumers are behind, what has waited too long and what is stuck.
func runLag(h *harness) {
	lag := func() casebook.Lag {
		h.Helper()
		l, err := h.OutboxLag(h.ctx(), h.now)
		h.must(err)
		return l
	}
	age := func() time.Duration {
		h.Helper()
		d, err := h.QueueAge(h.ctx(), h.now)
		h.must(err)
		return d
	}
	stuck := func(patience time.Duration) casebook.Stuck {
		h.Helper()
		s, err := h.Stuck(h.ctx(), h.now, patience)
		h.must(err)
		return s
	}
	h.must(h.Ping(h.ctx()))
	nothing := casebook.Lag{Topics: []casebook.TopicLag{{Topic: casebook.TopicGroup}, {Topic: casebook.TopicIndex}}}
	h.same("lag of an empty book", nothing, lag())
	run := h.run()
	for i := range 2 { // the same words of the same account: one wording
		h.commit(run, listing(said("1000012345", i, "出简历"), ""))
		h.later(time.Minute)
	}
	h.same("lag", casebook.Lag{Rows: 4, Topics: []casebook.TopicLag{
		{Topic: casebook.TopicGroup, Rows: 2, Oldest: 2 * time.Minute}, {Topic: casebook.TopicIndex, Rows: 2, Oldest: 2 * time.Minute},
	}}, lag())
	h.same("stuck soon", casebook.Stuck{}, stuck(2*time.Minute))
	h.same("stuck later", casebook.Stuck{Notices: 2}, stuck(90*time.Second))
	h.drain()
	h.same("lag when all is consumed", nothing, lag())

	h.same("age of no work", time.Duration(0), age())
	h.chunk(run)
	h.claimed(run) // not waiting, but its lease will end
	h.later(5 * time.Minute)
	h.chunk(run)
	h.same("age", 5*time.Minute, age())
	h.same("stuck work", casebook.Stuck{Work: 1, Leases: 1}, stuck(4*time.Minute))
	visits, err := h.VisitCounts(h.ctx())
	h.must(err)
	h.same("visits", map[market.Outcome]int64{market.OutcomeNew: 2}, visits)
}
