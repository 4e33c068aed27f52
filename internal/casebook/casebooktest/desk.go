package casebooktest

import (
	"fmt"
	"slices"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

func runDeskOffer(h *harness) {
	run := h.run()
	var ids []string
	for i := range 7 {
		// Two wordings: one said five times, the other, seen last, twice.
		text := "出简历，2元"
		if i >= 5 {
			text = "出简历，3元"
		}
		f := listing(said("1000012345", i*60, text), "1000012345")
		f.Capture = "one"
		c := h.claimed(run)
		l := h.learnt(run, c)
		l.Found = []casebook.Found{f}
		l.Captures = []casebook.Capture{{Digest: "one", SealedDigest: "sealed one", File: "2026/02/a", Offset: 5, Length: 7, Kind: "archive", URL: "file:a", At: h.now, Source: l.Source}}
		if i == 6 {
			l.Found[0].Capture = "two"
			l.Captures = append(l.Captures, casebook.Capture{Digest: "two", File: "2026/02/b", At: h.now.Add(time.Hour), Source: l.Source})
		}
		_, err := h.Commit(h.ctx(), l)
		h.must(err)
		ids = append(ids, f.ID)
	}
	_, err := h.OfferFacts(h.ctx(), ids[0])
	h.wantErr(casebook.ErrNotFound, err)
	o := offer(market.SeverityHigh, []string{"qq:1000012345"}, ids[0], ids[5])
	o.FirstSeen, o.LastSeen = h.now.Add(-time.Hour), h.now
	h.group(o)
	facts, err := h.OfferFacts(h.ctx(), ids[0])
	h.must(err)
	h.same("facts", casebook.OfferFacts{ID: ids[0], SellerID: 1, FirstSeen: o.FirstSeen, LastSeen: o.LastSeen, Sightings: 7, Wordings: 2, Sources: []string{"qq-1000045678"}}, facts)
	sizes, err := h.OfferSizes(h.ctx(), []string{ids[0], "unknown"})
	h.must(err)
	h.same("sizes", map[string]int{ids[0]: 7}, sizes)
	texts, err := h.OfferTexts(h.ctx(), ids[0], 10)
	h.must(err)
	h.same("wordings, the last seen first, by their oldest listings", []string{ids[5], ids[0]}, rowIDs(texts))
	texts, err = h.OfferTexts(h.ctx(), ids[0], 1)
	h.must(err)
	h.same("one of them", []string{ids[5]}, rowIDs(texts))

	newest := slices.Clone(ids)
	slices.Reverse(newest)
	var paged []string
	for skip := 0; skip < 9; skip += 3 {
		rows, err := h.OfferSightings(h.ctx(), ids[0], 3, skip)
		h.must(err)
		paged = append(paged, rowIDs(rows)...)
	}
	h.same("sightings, the newest first", newest, paged)

	held, err := h.OfferCaptures(h.ctx(), ids[0], 10)
	h.must(err)
	h.same("captures", 2, len(held))
	if held[0].Digest != "two" || held[0].Listings != 1 || held[1].Listings != 6 || held[1].SealedDigest != "sealed one" || held[1].Offset != 5 || held[1].Length != 7 || !held[1].At.Equal(h.now) {
		h.Errorf("captures %+v", held)
	}
	held, err = h.OfferCaptures(h.ctx(), ids[0], 1)
	h.must(err)
	h.same("capped", 1, len(held))

	goods := map[string]int{}
	h.must(h.ListingDocuments(h.ctx(), append([]string{"unknown"}, ids...), func(l market.Listing) error {
		goods[l.Goods[0]]++
		return nil
	}))
	h.same("documents", map[string]int{market.GoodsResumeData: 7}, goods)

	// Another listing that is less takes the offer over: the id before leads on.
	young := h.seed(run, 1)[0]
	o = offer(market.SeverityHigh, []string{"qq:1000012345"}, ids[0], ids[5], young)
	o.ID = young
	h.group(o)
	facts, err = h.OfferFacts(h.ctx(), ids[0])
	h.must(err)
	h.same("by the older id", []any{young, 8}, []any{facts.ID, facts.Sightings})
}

func rowIDs(rows []casebook.Row) []string {
	out := []string{}
	for _, r := range rows {
		out = append(out, r.ID)
	}
	return out
}

func runDeskAlerts(h *harness) {
	run := h.run()
	ids := h.seed(run, 5)
	h.group(offer(market.SeverityMedium, []string{"qq:1"}, ids[0]), offer(market.SeverityHigh, []string{"qq:2", "wechat:x"}, ids[1]), offer(market.SeverityMedium, []string{"qq:2"}, ids[2]),
		offer("", []string{"qq:4"}, ids[3]), offer(market.SeverityLow, nil, ids[4]))
	counts, err := h.AlertCounts(h.ctx())
	h.must(err)
	h.same("counts", []casebook.AlertCount{
		{Kind: "market", Severity: "high", State: "new", N: 1}, {Kind: "market", Severity: "low", State: "new", N: 1}, {Kind: "market", Severity: "medium", State: "new", N: 2},
	}, counts)
	whole, err := h.Alerts(h.ctx(), casebook.AlertFilter{})
	h.must(err)
	var paged []market.Alert
	for skip := 0; skip < 6; skip += 2 {
		part, err := h.AlertPage(h.ctx(), casebook.AlertFilter{Limit: 2}, skip)
		h.must(err)
		paged = append(paged, part...)
	}
	h.same("pages of alerts", whole, paged)
	medium, err := h.AlertPage(h.ctx(), casebook.AlertFilter{Severity: market.SeverityMedium, State: market.AlertNew, Kind: market.AlertMarket, Limit: 50}, 1)
	h.must(err)
	h.same("behind the first of a filter", 1, len(medium))
	of, err := h.AlertsOfOffer(h.ctx(), ids[1])
	h.must(err)
	if len(of) != 1 || of[0].Severity != market.SeverityHigh {
		h.Errorf("alerts of the offer: %+v", of)
	}
	var seller int64
	for _, a := range whole {
		if a.OfferID == ids[1] {
			seller, _ = casebook.SellerNumber(a.SellerID)
		}
	}
	facts, err := h.SellerFacts(h.ctx(), seller, 10)
	h.must(err)
	h.same("seller", []any{seller, []string{"qq:2", "wechat:x"}, 2, 2}, []any{facts.ID, facts.Keys, facts.Offers, facts.Sightings})
	facts, err = h.SellerFacts(h.ctx(), seller, 1)
	h.must(err)
	h.same("capped", []string{"qq:2"}, facts.Keys)
	_, err = h.SellerFacts(h.ctx(), 999, 10)
	h.wantErr(casebook.ErrNotFound, err)
	offers, err := h.OffersOfSeller(h.ctx(), seller, 10)
	h.must(err)
	h.same("its offers", 2, len(offers))
	for s, want := range map[string]int64{"S-3": 3, "s-3": 3, "S-03": 0, "S-": 0, "A-3": 0, "S--3": 0} {
		if n, _ := casebook.SellerNumber(s); n != want {
			h.Errorf("%s is seller %d", s, n)
		}
	}
}

func runDeskSources(h *harness) {
	h.source("board", "https://bbs.example.com/00")
	h.source("calm", "https://calm.example.com/00")
	run := h.run()
	h.request(run, "board", urls(4)...)
	c := h.visit(run)
	for i, outcome := range []market.Outcome{market.OutcomeNew, market.OutcomeLoginWall, market.OutcomeGone, market.OutcomeBlocked} {
		h.later(time.Second)
		h.must(h.look(c, run, casebook.PageVisit{ID: casebook.PageID("board", urls(4)[i]), NextDue: h.now.Add(time.Hour)}, func(l *casebook.Learnt) {
			l.At, l.Outcome, l.Reason = h.now, outcome, "because"
			l.Problems = []market.Problem{{Source: l.Source, File: fmt.Sprint(i), Reason: string(outcome)}}
		}))
	}
	h.must(h.EndVisit(h.ctx(), c, h.now))
	bad, err := h.TroubledPages(h.ctx(), "board", 10)
	h.must(err)
	got := []market.Outcome{}
	for _, p := range bad {
		got = append(got, p.Outcome)
	}
	h.same("troubled pages, the latest first", []market.Outcome{market.OutcomeBlocked, market.OutcomeGone, market.OutcomeLoginWall}, got)
	if bad[0].Reason != "because" || !bad[0].At.Equal(h.now) || !bad[0].NextDue.Equal(h.now.Add(time.Hour)) {
		h.Errorf("%+v", bad[0])
	}
	bad, err = h.TroubledPages(h.ctx(), "board", 1)
	h.must(err)
	h.same("capped", 1, len(bad))
	refused, err := h.Refusals(h.ctx())
	h.must(err)
	h.same("refusals", map[string]market.Outcome{"board": market.OutcomeBlocked}, refused)
	problems, err := h.RecentProblems(h.ctx(), "board", 2, 100)
	h.must(err)
	h.same("problems, the latest first", []string{"3", "2"}, []string{problems[0].File, problems[1].File})
	problems, err = h.RecentProblems(h.ctx(), "calm", 2, 100)
	h.must(err)
	h.same("none", 0, len(problems))
	problems, err = h.RecentProblems(h.ctx(), "", 10, 3)
	h.must(err)
	h.same("of all, among three", 3, len(problems))
}

func runBacklog(h *harness) {
	empty, err := h.Backlog(h.ctx(), h.now)
	h.must(err)
	h.same("nothing", 0, len(empty.Work)+len(empty.Outbox)+len(empty.Leases)+empty.Pages)
	run := h.run()
	h.commit(run, listing(said("1000012345", 1, "出简历"), ""))
	h.chunk(run)
	h.later(time.Minute)
	h.claimed(run)
	h.source("board", "https://bbs.example.com/00")
	h.request(run, "board", urls(2)...)
	fence, ok, err := h.TakeLease(h.ctx(), "leader", "me", h.now, time.Minute)
	h.must(err)
	h.same("leads", true, ok)
	b, err := h.Backlog(h.ctx(), h.now)
	h.must(err)
	h.same("work", []casebook.WorkCount{
		{Kind: casebook.KindChunk, State: "leased", N: 1, Oldest: h.now, Due: 1},
		{Kind: casebook.KindChunk, State: "pending", N: 1, Oldest: h.now.Add(-time.Minute), Due: 1},
	}, b.Work)
	h.same("outbox", map[string]int{casebook.TopicIndex: 1, casebook.TopicGroup: 1}, b.Outbox)
	h.same("leases", []casebook.LeaseHeld{{Name: "leader", Holder: "me", Until: h.now.Add(time.Minute), Fence: fence.Number}}, b.Leases)
	h.same("due pages", 2, b.Pages)
}
