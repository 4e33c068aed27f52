package casebooktest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// doubted is a post that leaves an extractor of a version in doubt.
func doubted(p *market.Post, version string) casebook.Doubtful {
	f := listing(p, "")
	return casebook.Doubtful{
		ID: f.ID, Place: p.Place, PostedAt: p.PostedAt, TextDigest: f.TextDigest, Print: prints.Gone(f.ID, p.NativeID, f.TextDigest), Native: p.NativeID != "",
		Item: "item-" + f.ID + f.TextDigest, Extractor: version, Confidence: 0.5, Reasons: []string{"goods.vague"},
	}
}

// learns commits one unit with what fill adds.
func (h *harness) learns(run int64, fill func(*casebook.Learnt)) casebook.Gain {
	h.Helper()
	l := h.learnt(run, h.claimed(run))
	fill(&l)
	g, err := h.Commit(h.ctx(), l)
	h.must(err)
	return g
}

func (h *harness) doubts(run int64, d ...casebook.Doubtful) casebook.Gain {
	h.Helper()
	return h.learns(run, func(l *casebook.Learnt) { l.Doubtful = d })
}

func (h *harness) allDoubts(state string) []casebook.Doubt {
	h.Helper()
	out, err := h.Doubts(h.ctx(), casebook.DoubtFilter{State: state})
	h.must(err)
	return out
}

func (h *harness) reviewer() casebook.Act { return casebook.Act{At: h.now, Who: "li"} }

// runDoubts: one row a post, whoever meets it; edits, later versions and listings settle it.
func runDoubts(h *harness) {
	run := h.run()
	a, b := said("1000012345", 1, "有料 带价来"), posted(1, "有料 带价来")
	one, two := doubted(a, "4"), doubted(b, "4")
	h.same("first", casebook.Gain{Doubtful: 2}, h.doubts(run, one, two))
	h.same("counted", int64(2), h.counts(run)[casebook.CountDoubtful])
	h.same("again", casebook.Gain{}, h.doubts(run, one, two))
	all := h.allDoubts(casebook.DoubtWaiting)
	h.same("rows", 2, len(all))
	want := casebook.Doubt{
		Num: all[0].Num, Post: all[0].Post, Source: "qq-1000045678", Place: all[0].Place, TextDigest: one.TextDigest, Print: all[0].Print, Item: all[0].Item,
		Extractor: "4", Confidence: 0.5, Reasons: []string{"goods.vague"}, PostedAt: a.PostedAt, SeenAt: h.now, State: casebook.DoubtWaiting,
	}
	h.same("row", want, all[0])
	if n := strings.Count(h.dump(), `"kind":"doubt"`); n != 2 || strings.Contains(h.dump(), "有料") {
		h.Errorf("dump: %s", h.dump())
	}
	before, err := h.DoubtsBefore(h.ctx(), "4")
	h.must(err)
	h.same("read by another version", false, before)

	// Another spelling of a post without an id waits once; an edit of one with an id takes its place.
	spelled := one
	spelled.TextDigest, spelled.Item = "other", "item-other"
	h.same("spelled otherwise", casebook.Gain{Items: []string{"item-other"}}, h.doubts(run, spelled))
	edited := doubted(posted(1, "有料 私聊"), "4")
	h.same("edited", casebook.Gain{Doubtful: 1, Items: []string{two.Item}}, h.doubts(run, edited))

	// A later version keeps its word, or has no doubt; an older one says nothing.
	later := one
	later.Extractor, later.Confidence = "5", 0.6
	h.same("still in doubt", casebook.Gain{}, h.doubts(run, later))
	h.same("likeliest first", 0.6, h.allDoubts("")[0].Confidence)
	none := casebook.Unlisted{ID: one.ID, TextDigest: one.TextDigest, Extractor: "4"}
	h.same("no doubt of an older one", casebook.Gain{}, h.unlisted(run, none))
	h.same("waits", 2, len(h.allDoubts("")))
	none.Extractor = "6"
	h.same("no doubt of a later one", casebook.Gain{Items: []string{one.Item}}, h.unlisted(run, none))
	h.same("an edit", casebook.Gain{Items: []string{edited.Item}}, h.unlisted(run, casebook.Unlisted{ID: edited.ID, TextDigest: "harmless", Extractor: "4", Native: true}))
	h.same("waits", 0, len(h.allDoubts("")))

	h.doubts(run, one)
	found := listing(a, "1000012345")
	h.same("found", casebook.Gain{Listings: 1, Items: []string{one.Item}}, h.learns(run, func(l *casebook.Learnt) { l.Found = []casebook.Found{found} }))
	h.same("known as a listing", casebook.Gain{Items: []string{one.Item}}, h.doubts(run, one))
	// By a later version the listing of these words is none, and waits.
	h.same("taken back into doubt", casebook.Gain{Doubtful: 1}, h.learns(run, func(l *casebook.Learnt) {
		l.Unlisted = []casebook.Unlisted{{ID: one.ID, TextDigest: one.TextDigest, Extractor: "5"}}
		l.Doubtful = []casebook.Doubtful{later}
	}))
}

// accepted decides that a post is a listing and does what a worker does.
func (h *harness) accepted(run, num int64, v casebook.Decision, f casebook.Found) casebook.Gain {
	h.Helper()
	d, err := h.AcceptDoubt(h.ctx(), num, v, run, h.reviewer())
	h.must(err)
	due, err := h.Due(h.ctx(), h.now, 10)
	h.must(err)
	for _, w := range due {
		if w.Kind != casebook.KindReview {
			continue
		}
		c := casebook.Claim{ID: w.ID, Generation: w.Generation}
		h.must(second(h.ClaimWork(h.ctx(), c, h.now)))
		l := casebook.Learnt{Work: c, Run: w.Run, Source: w.Source, At: h.now, Seen: d.SeenAt, Review: num}
		d.Decision.Apply(&f.Reading)
		f.Decided = &d.Decision
		f.Capture = "reviewed"
		l.Found = []casebook.Found{f}
		l.Captures = []casebook.Capture{{Digest: "reviewed", SealedDigest: "sealed", File: "f", Kind: "chat", At: d.SeenAt, Source: w.Source}}
		g, err := h.Commit(h.ctx(), l)
		h.must(err)
		return g
	}
	h.Fatal("no work of a review is due")
	return casebook.Gain{}
}

// runDoubtAccepted: what a person decided holds for the words that they saw.
func runDoubtAccepted(h *harness) {
	run := h.run()
	a := posted(1, "有料 带价来")
	h.doubts(run, doubted(a, "4"))
	seen := h.now
	h.later(time.Hour)
	p, err := h.RunProgress(h.ctx(), run, false)
	h.must(err)
	open := p.Open
	f := listing(a, "1000012345")
	f.Extractor = "4"
	v := casebook.Decision{Side: market.SideBuy, Goods: []string{market.GoodsScrapingTool}}
	h.same("accepted", casebook.Gain{Listings: 1, Items: []string{"item-" + f.ID + f.TextDigest}}, h.accepted(run, 1, v, f))
	p, err = h.RunProgress(h.ctx(), run, false)
	h.must(err)
	h.same("open", open, p.Open)
	check := func(what string, live bool) {
		h.Helper()
		row := h.row(f.ID)
		if row.Live != live || live && (row.Listing.Side != market.SideBuy || row.Listing.Goods[0] != market.GoodsScrapingTool || !row.SeenAt.Equal(seen)) {
			h.Errorf("%s: %+v", what, row)
		}
	}
	check("accepted", true)
	custody := h.custodyKinds()
	h.same("custody", "captured", custody[len(custody)-1])
	if _, err := h.AcceptDoubt(h.ctx(), 1, v, run, h.reviewer()); !errors.As(err, new(*casebook.DecidedError)) {
		h.Errorf("accepted twice: %v", err)
	}
	again := doubted(a, "5")
	h.same("doubted again", casebook.Gain{Items: []string{again.Item}}, h.doubts(run, again))
	h.unlisted(run, casebook.Unlisted{ID: f.ID, TextDigest: f.TextDigest, Extractor: "6", Native: true})
	check("a later version has no doubt", true)
	newer := listing(a, "1000012345")
	newer.Extractor = "7"
	h.learns(run, func(l *casebook.Learnt) { l.Found = []casebook.Found{newer} })
	check("a later version finds it", true)
	decided, err := h.DecidedListings(h.ctx(), []string{f.ID, "unknown"})
	h.must(err)
	h.same("decided", map[string]string{f.ID: f.TextDigest}, decided)
	h.unlisted(run, casebook.Unlisted{ID: f.ID, TextDigest: "edited", Extractor: "7", Native: true})
	check("an edit took it away", false)
	decided, err = h.DecidedListings(h.ctx(), []string{f.ID})
	h.must(err)
	h.same("decided", 0, len(decided))
	needed, err := h.DoubtItem(h.ctx(), again.Item)
	h.must(err)
	h.same("item", false, needed)
}

// runDoubtRejected: nothing but the fingerprint stays, until retention takes it.
func runDoubtRejected(h *harness) {
	run := h.run()
	d, other := doubted(said("1000012345", 1, "有料"), "4"), doubted(said("1000012345", 2, "有货"), "4")
	h.doubts(run, d, other)
	h.later(time.Hour)
	done, err := h.RejectDoubt(h.ctx(), 1, h.reviewer())
	h.must(err)
	h.same("rejected", []string{casebook.DoubtRejected, "li", ""}, []string{done.State, done.By, h.allDoubts(casebook.DoubtRejected)[0].Item})
	gone, err := h.RejectedPosts(h.ctx(), []uint64{d.Print, other.Print})
	h.must(err)
	h.same("fingerprints", map[uint64]bool{d.Print: true}, gone)
	d.Extractor = "5"
	h.same("met again", casebook.Gain{Items: []string{d.Item}}, h.doubts(run, d))
	out, parked, over, err := h.ParkableDoubts(h.ctx(), "qq-1000045678", []casebook.Doubtful{d, other})
	h.must(err)
	h.same("parkable", []any{1, true, int64(0)}, []any{len(out), parked[other.Item], over})

	h.later(24 * time.Hour)
	items, err := h.ExpireDoubts(h.ctx(), h.now, h.now)
	h.must(err)
	h.same("expired", []string{other.Item}, items)
	if _, err := h.AcceptDoubt(h.ctx(), 2, casebook.Decision{}, run, h.reviewer()); err == nil || !strings.Contains(err.Error(), "expired") {
		h.Errorf("too late: %v", err)
	}
	h.same("met after it expired", casebook.Gain{Doubtful: 1}, h.doubts(run, other))
	items, err = h.ForgetDoubts(h.ctx(), []int64{1, h.allDoubts(casebook.DoubtWaiting)[0].Num, 99}, true, h.now)
	h.must(err)
	h.same("forgotten", []string{other.Item}, items)
	h.same("met after it was erased", casebook.Gain{Items: []string{other.Item}}, h.doubts(run, other))

	counts, err := h.DoubtCounts(h.ctx())
	h.must(err)
	h.same("counts", []casebook.DoubtCount{{Source: "qq-1000045678", State: casebook.DoubtRejected, N: 1, Oldest: h.now.Add(-25 * time.Hour)}}, counts)
	h.later(time.Hour)
	for kind, want := range map[casebook.Old]int64{casebook.OldReviews: 1, casebook.OldRejected: 2} {
		rows, err := h.OldRows(kind, h.now)
		h.must(err)
		n, _, err := rows.Drop(h.ctx(), 10)
		h.must(err)
		h.same("dropped "+string(kind), want, n)
	}
	h.same("met after that", casebook.Gain{Doubtful: 1}, h.doubts(run, d))
}

// runDoubtsOver: a source has at most so many that wait.
func runDoubtsOver(h *harness) {
	run := h.run()
	var all []casebook.Doubtful
	for i := range casebook.DoubtsPerSource + 2 {
		d := doubted(said("1000012345", 1, "有料"), "4")
		d.ID, d.Item, d.Print = fmt.Sprintf("post-%05d", i), fmt.Sprintf("item-%d", i), uint64(i)
		all = append(all, d)
	}
	out, _, over, err := h.ParkableDoubts(h.ctx(), "qq-1000045678", all)
	h.must(err)
	h.same("parkable", []int{casebook.DoubtsPerSource, 2}, []int{len(out), int(over)})
	g := h.doubts(run, all...)
	h.same("over", []int64{casebook.DoubtsPerSource, 2, 2}, []int64{g.Doubtful, g.DoubtsOver, int64(len(g.Items))})
	h.same("counted", int64(2), h.counts(run)[casebook.CountDoubtsOver])
}

// runDoubtsTogether: of several reviewers at once one decides, the others are told who.
func runDoubtsTogether(h *harness) {
	run := h.run()
	h.doubts(run, doubted(said("1000012345", 1, "有料"), "4"))
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() {
			by := casebook.Act{At: h.now, Who: fmt.Sprintf("reviewer-%d", i)}
			if i%2 == 0 {
				_, errs[i] = h.AcceptDoubt(h.ctx(), 1, casebook.Decision{}, run, by)
			} else {
				_, errs[i] = h.RejectDoubt(h.ctx(), 1, by)
			}
		})
	}
	all.Wait()
	done := 0
	for _, err := range errs {
		var decided *casebook.DecidedError
		switch {
		case err == nil:
			done++
		case !errors.As(err, &decided) || decided.Doubt.By == "":
			h.Errorf("the others: %v", err)
		}
	}
	h.same("decided", 1, done)
}
