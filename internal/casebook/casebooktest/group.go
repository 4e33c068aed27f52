package casebooktest

import (
	"fmt"
	"slices"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

func runOutbox(h *harness) {
	run := h.run()
	for i := range 5 {
		h.commit(run, listing(said("1000012345", i, "出简历"), ""))
	}
	index, err := h.Outbox(h.ctx(), casebook.TopicIndex, 3)
	h.must(err)
	group, err := h.Outbox(h.ctx(), casebook.TopicGroup, 100)
	h.must(err)
	h.same("notices", []int{3, 5}, []int{len(index), len(group)})
	for i, n := range group {
		if n.Run != run || i > 0 && n.Seq <= group[i-1].Seq {
			h.Errorf("notice %d: %+v", i, n)
		}
	}
	again, err := h.Outbox(h.ctx(), casebook.TopicIndex, 3)
	h.must(err)
	h.same("read twice", index, again)
	progress := func() int64 {
		h.Helper()
		p, err := h.RunProgress(h.ctx(), run, false)
		h.must(err)
		return p.Backlog
	}
	h.same("backlog", int64(10), progress())
	h.must(h.Ack(h.ctx(), index))
	h.must(h.Ack(h.ctx(), index))
	h.same("backlog", int64(7), progress())
	rest, err := h.Outbox(h.ctx(), casebook.TopicIndex, 3)
	h.must(err)
	h.same("rest", 2, len(rest))
	group2, err := h.Outbox(h.ctx(), casebook.TopicGroup, 100)
	h.must(err)
	h.same("the other topic", group, group2)
	idle, err := h.Idle(h.ctx())
	h.must(err)
	h.same("idle", false, idle)
	h.must(h.Ack(h.ctx(), append(rest, group...)))
	idle, err = h.Idle(h.ctx())
	h.must(err)
	h.same("idle", true, idle)
}

// offer is an offer of listings, alerting with the given severity.
func offer(severity string, keys []string, members ...string) casebook.Offer {
	o := casebook.Offer{ID: members[0], Members: members, SellerKeys: keys, FirstSeen: time.Unix(1000, 0), LastSeen: time.Unix(2000, 0)}
	if severity != "" {
		o.Verdicts = []casebook.Verdict{{Rule: "sells", Severity: severity, Title: "出售简历", Reasons: []market.Reason{{Code: "rule.side", Text: "出售"}}}}
	}
	return o
}

// wordings are those of listings.
func (h *harness) wordings(listings ...string) []string {
	h.Helper()
	out, err := h.WordingsOf(h.ctx(), listings)
	h.must(err)
	return out
}

// group saves a partition of the wordings of the given offers' listings,
// consuming what the outbox holds for the grouper.
func (h *harness) group(offers ...casebook.Offer) []casebook.Raised {
	h.Helper()
	fence, ok, err := h.TakeLease(h.ctx(), "leader", "test", h.now, time.Minute)
	h.must(err)
	h.same("leads", true, ok)
	notices, err := h.Outbox(h.ctx(), casebook.TopicGroup, 1000)
	h.must(err)
	var ids []string
	for _, n := range notices {
		ids = append(ids, n.Ref)
	}
	for i, o := range offers {
		offers[i].Members = h.wordings(o.Members...)
		ids = append(ids, offers[i].Members...)
	}
	slices.Sort(ids)
	before, err := h.Members(h.ctx(), slices.Compact(ids))
	h.must(err)
	raised, err := h.SaveGrouping(h.ctx(), casebook.Grouping{Fence: fence, At: h.now, Notices: notices, Before: before, Offers: offers})
	h.must(err)
	return raised
}

// seed commits n listings and returns their ids in the order of their ids, so
// that tests can tell which is the least.
func (h *harness) seed(run int64, n int) []string {
	h.Helper()
	var ids []string
	for range n {
		h.units++
		f := listing(said("1000012345", 1000*h.units, fmt.Sprintf("出简历 %d", h.units)), "1000012345")
		h.commit(run, f)
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	return ids
}

func (h *harness) alert(num int64) market.Alert {
	h.Helper()
	a, err := h.Alert(h.ctx(), num)
	h.must(err)
	return a
}

func (h *harness) offerOf(id string) string {
	h.Helper()
	o, err := h.OfferOf(h.ctx(), id)
	h.must(err)
	return o
}

func runOffers(h *harness) {
	run := h.run()
	ids := h.seed(run, 3)
	raised := h.group(offer(market.SeverityMedium, []string{"qq:1000012345"}, ids[0], ids[1]), offer("", nil, ids[2]))
	h.same("raised", []casebook.Raised{{Num: 1, Fresh: true}}, raised)
	r0, r1, r2 := h.row(ids[0]), h.row(ids[1]), h.row(ids[2])
	h.same("offers", []string{ids[0], ids[0], ids[2]}, []string{r0.OfferID, r1.OfferID, r2.OfferID})
	h.same("sellers", []int64{1, 1, 0}, []int64{r0.SellerID, r1.SellerID, r2.SellerID})
	h.same("alerts", [][]int64{{1}, {1}, nil}, [][]int64{r0.Alerts, r1.Alerts, r2.Alerts})
	rows, err := h.OfferRows(h.ctx(), ids[0])
	h.must(err)
	h.same("rows of the offer", 2, len(rows))
	left, err := h.Outbox(h.ctx(), casebook.TopicGroup, 10)
	h.must(err)
	h.same("notices left", 0, len(left))
	c := h.counts(run)
	h.same("counts", []int64{2, 1}, []int64{c[casebook.CountOffers], c[casebook.CountAlerts]})
	a := h.alert(1)
	if a.ID != "A-1" || a.SellerID != "S-1" || a.OfferID != ids[0] || a.Sightings != 2 || !a.FirstSeen.Equal(time.Unix(1000, 0)) || !a.LastSeen.Equal(time.Unix(2000, 0)) ||
		a.State != market.AlertNew || a.Kind != market.AlertMarket || len(a.Contacts) != 1 || len(a.Sources) != 1 || len(a.Reasons) != 1 {
		h.Fatalf("alert %+v", a)
	}
	list, err := h.ListingsOfAlert(h.ctx(), 1)
	h.must(err)
	slices.Sort(list)
	h.same("listings of the alert", ids[:2], list)

	// A listing that joins is no new offer and no new alert.
	later := h.run()
	more := h.seed(later, 1)
	h.same("raised", []casebook.Raised(nil), h.group(offer(market.SeverityMedium, nil, ids[0], ids[1], more[0])))
	c = h.counts(later)
	h.same("counts of the later run", []int64{0, 0}, []int64{c[casebook.CountOffers], c[casebook.CountAlerts]})
	h.same("sightings", 3, h.alert(1).Sightings)
}

func runMergeOffers(h *harness) {
	first := h.run()
	ids := h.seed(first, 3)
	h.group(offer(market.SeverityMedium, []string{"qq:1"}, ids[1]), offer(market.SeverityMedium, []string{"qq:2"}, ids[0]), offer(market.SeverityHigh, []string{"qq:3"}, ids[2]))
	h.same("alert of the greater id", ids[1], h.alert(1).OfferID)
	second := h.run()
	bridge := h.seed(second, 1)
	// All that was is one: its id is the least, its alert the first.
	members := []string{ids[0], ids[1], ids[2], bridge[0]}
	h.later(time.Hour)
	raised := h.group(offer(market.SeverityHigh, []string{"qq:1", "qq:2", "qq:3"}, members...))
	h.same("raised: what was medium is high", []casebook.Raised{{Num: 1}}, raised)
	for _, num := range []int64{1, 2, 3} {
		a := h.alert(num)
		if a.ID != "A-1" || a.OfferID != ids[0] || a.Severity != market.SeverityHigh || a.Sightings != 4 {
			h.Errorf("alert %d: %+v", num, a)
		}
		list, err := h.ListingsOfAlert(h.ctx(), num)
		h.must(err)
		h.same("listings of the alert", 4, len(list))
	}
	for _, old := range ids {
		h.same("older id", ids[0], h.offerOf(old))
		rows, err := h.OfferRows(h.ctx(), old)
		h.must(err)
		h.same("rows by an older id", 4, len(rows))
	}
	all, err := h.Alerts(h.ctx(), casebook.AlertFilter{})
	h.must(err)
	h.same("alerts", 1, len(all))
	actions := map[string]int{}
	history, err := h.AlertHistory(h.ctx(), 1)
	h.must(err)
	for _, e := range history {
		actions[e.Action]++
	}
	h.same("history", map[string]int{"raised": 1, "took_in": 2, "severity": 1}, actions)
	// Each run has what it brought, and a merge of old offers is no negative gain.
	for run, want := range map[int64][]int64{first: {1, 1}, second: {0, 0}} {
		c := h.counts(run)
		h.same(fmt.Sprintf("counts of run %d", run), want, []int64{c[casebook.CountOffers], c[casebook.CountAlerts]})
	}
	// A merge of merged ones: aliases follow.
	third := h.run()
	last := h.seed(third, 1)
	whole := append([]string{last[0]}, members...) // an older listing was found late
	h.group(offer(market.SeverityHigh, nil, whole...))
	for _, old := range members {
		if got := h.offerOf(old); old != bridge[0] && got != last[0] {
			h.Errorf("%s leads to %s, want %s", old, got, last[0])
		}
	}
	h.same("alert", last[0], h.alert(3).OfferID)
}

func runSplitOffer(h *harness) {
	run := h.run()
	ids := h.seed(run, 4)
	h.group(offer(market.SeverityMedium, nil, ids...))
	// An edit took the bridge away: the rest is an offer of its own.
	second := h.run()
	h.seed(second, 1)
	h.group(offer(market.SeverityMedium, nil, ids[0], ids[1]), offer(market.SeverityLow, nil, ids[2], ids[3]))
	h.same("the first part keeps its alert", ids[0], h.alert(1).OfferID)
	h.same("the other has its own", ids[2], h.alert(2).OfferID)
	h.same("ids", []string{ids[0], ids[2]}, []string{h.offerOf(ids[0]), h.offerOf(ids[2])})
	c := h.counts(second)
	h.same("counts", []int64{1, 1}, []int64{c[casebook.CountOffers], c[casebook.CountAlerts]})
	// And together again: the later id leads to the older one.
	third := h.run()
	h.seed(third, 1)
	h.group(offer(market.SeverityMedium, nil, ids...))
	h.same("id", ids[0], h.offerOf(ids[2]))
	h.same("alert", "A-1", h.alert(2).ID)
	// And apart: an alias that is an offer again is no alias.
	h.seed(third, 1)
	h.group(offer(market.SeverityMedium, nil, ids[0], ids[1]), offer(market.SeverityMedium, nil, ids[2], ids[3]))
	h.same("id", ids[2], h.offerOf(ids[2]))
	rows, err := h.OfferRows(h.ctx(), ids[2])
	h.must(err)
	h.same("rows", 2, len(rows))
}

func runSellers(h *harness) {
	run := h.run()
	ids := h.seed(run, 4)
	of := func(name string) []string {
		h.Helper()
		list, err := h.ListingsOfSeller(h.ctx(), name)
		h.must(err)
		slices.Sort(list)
		return list
	}
	h.group(offer("", []string{"qq:1000012345", "wechat:alice"}, ids[0]), offer("", []string{"qq:1000067890"}, ids[1]), offer("", []string{"telegram:bob"}, ids[2]))
	h.same("by number", ids[:1], of("S-1"))
	h.same("by number in lower case", ids[1:2], of("s-2"))
	h.same("by contact", ids[:1], of("1000012345"))
	h.same("by kind and contact", ids[:1], of("wechat:Alice"))
	h.same("by telegram name", ids[2:3], of("@bob"))
	h.same("nobody", 0, len(of("S-99"))+len(of("1000000000"))+len(of(""))+len(of("S-0"))+len(of("S-1x"))+len(of("wechat:1000012345")))
	// One listing gives the contacts of both: one seller, by the lowest number.
	h.group(offer("", []string{"qq:1000067890", "telegram:bob"}, ids[3]))
	h.same("S-2", ids[1:], of("S-2"))
	h.same("S-3", ids[1:], of("S-3"))
	h.group(offer("", []string{"telegram:bob", "qq:1000012345"}, ids[3]))
	for _, name := range []string{"S-1", "S-2", "S-3", "alice", "1000067890", "bob"} {
		h.same(name, ids, of(name))
	}
	for _, id := range ids {
		h.same("seller", int64(1), h.row(id).SellerID)
	}
}

func runAlerts(h *harness) {
	run := h.run()
	ids := h.seed(run, 3)
	severities := []string{market.SeverityLow, market.SeverityCritical, market.SeverityHigh}
	for i, id := range ids {
		o := offer(severities[i], nil, id)
		o.LastSeen = time.Unix(int64(5000-i), 0)
		h.group(o)
	}
	list := func(f casebook.AlertFilter) (out []string) {
		h.Helper()
		all, err := h.Alerts(h.ctx(), f)
		h.must(err)
		for _, a := range all {
			out = append(out, a.ID)
		}
		return out
	}
	h.same("all, the gravest first", []string{"A-2", "A-3", "A-1"}, list(casebook.AlertFilter{}))
	h.same("two", []string{"A-2", "A-3"}, list(casebook.AlertFilter{Limit: 2}))
	h.same("high", []string{"A-3"}, list(casebook.AlertFilter{Severity: market.SeverityHigh}))
	h.same("new market alerts", 3, len(list(casebook.AlertFilter{State: market.AlertNew, Kind: market.AlertMarket})))
	h.same("none", []string(nil), list(casebook.AlertFilter{State: market.AlertClosed}))
	h.same("no health alerts", []string(nil), list(casebook.AlertFilter{Kind: market.AlertHealth}))
	_, err := h.Alert(h.ctx(), 99)
	h.wantErr(casebook.ErrNotFound, err)
	none, err := h.ListingsOfAlert(h.ctx(), 99)
	h.must(err)
	h.same("listings of no alert", 0, len(none))

	// Grave: told. Milder: noted, not told.
	h.same("graver", []casebook.Raised{{Num: 1}}, h.group(offer(market.SeverityMedium, nil, ids[0])))
	h.same("milder", []casebook.Raised(nil), h.group(offer(market.SeverityLow, nil, ids[0])))
	h.same("as it was", []casebook.Raised(nil), h.group(offer(market.SeverityLow, nil, ids[0])))
	history, err := h.AlertHistory(h.ctx(), 1)
	h.must(err)
	var actions []string
	for _, e := range history {
		actions = append(actions, e.Action+" "+e.Detail)
	}
	h.same("history", []string{"raised low", "severity low → medium", "severity medium → low"}, actions)
	for in, want := range map[string]int64{"A-12": 12, "a-1": 1, "A-0": 0, "A-": 0, "A-1x": 0, "A-01": 0, "A--1": 0, "12": 0, "": 0, "A-99999999999999999999": 0} {
		if got, ok := casebook.AlertNumber(in); got != want || ok != (want != 0) {
			h.Errorf("AlertNumber(%q) = %d, %v", in, got, ok)
		}
	}
}

func runWithdrawnOffers(h *harness) {
	run := h.run()
	var founds []casebook.Found
	var ids []string
	for i := range 3 {
		f := listing(posted(i+1, fmt.Sprintf("出简历 %d", i)), "1000012345")
		founds, ids = append(founds, f), append(ids, f.ID)
	}
	h.commit(run, founds...)
	h.group(offer(market.SeverityHigh, []string{"qq:1000012345"}, ids[0], ids[1]), offer(market.SeverityHigh, nil, ids[2]))
	l := h.learnt(run, h.claimed(run))
	l.Unlisted = unsaid(ids[0], ids[2])
	h.must(second(h.Commit(h.ctx(), l)))
	// The oldest of the first offer goes, the second offer has nothing left.
	h.group(offer(market.SeverityHigh, []string{"qq:1000012345"}, ids[1]))
	h.same("alert of the first", ids[1], h.alert(1).OfferID)
	h.same("its older id", ids[1], h.offerOf(ids[0]))
	h.same("withdrawn", "", h.row(ids[0]).OfferID)
	h.same("withdrawn", int64(0), h.row(ids[2]).SellerID)
	a := h.alert(2) // people may have worked on it
	if a.Sightings != 0 || len(a.Contacts) != 0 || a.State != market.AlertNew {
		h.Errorf("alert without listings: %+v", a)
	}
	list, err := h.ListingsOfSeller(h.ctx(), "1000012345")
	h.must(err)
	h.same("listings of the seller", 1, len(list))
}

// runGroupFence: the grouping of a leader that was replaced writes nothing.
func runGroupFence(h *harness) {
	run := h.run()
	ids := h.seed(run, 1)
	old, _, err := h.TakeLease(h.ctx(), "leader", "a", h.now, time.Second)
	h.must(err)
	h.later(2 * time.Second)
	now, ok, err := h.TakeLease(h.ctx(), "leader", "b", h.now, time.Minute)
	h.must(err)
	h.same("taken", true, ok)
	words := h.wordings(ids...)
	before, err := h.Members(h.ctx(), words)
	h.must(err)
	notices, err := h.Outbox(h.ctx(), casebook.TopicGroup, 10)
	h.must(err)
	g := casebook.Grouping{Fence: old, At: h.now, Notices: notices, Before: before, Keys: map[string][]string{words[0]: {"k"}}, Offers: []casebook.Offer{offer(market.SeverityHigh, []string{"qq:1"}, words[0])}}
	dump := h.dump()
	_, err = h.SaveGrouping(h.ctx(), g)
	h.wantErr(casebook.ErrLost, err)
	h.same("dump", dump, h.dump())
	keys, err := h.KeysOf(h.ctx(), words)
	h.must(err)
	h.same("keys", 0, len(keys))
	left, err := h.Outbox(h.ctx(), casebook.TopicGroup, 10)
	h.must(err)
	h.same("notices", notices, left)
	g.Fence = casebook.Fence{Name: "nobody", Number: 1}
	_, err = h.SaveGrouping(h.ctx(), g)
	h.wantErr(casebook.ErrLost, err)

	g.Fence = now
	_, err = h.SaveGrouping(h.ctx(), g)
	h.must(err)
	keys, err = h.KeysOf(h.ctx(), words)
	h.must(err)
	h.same("keys", []string{"k"}, keys)
	with, err := h.WithKeys(h.ctx(), []string{"k", "x"}, nil)
	h.must(err)
	h.same("wordings with the key", words, with)
	with, err = h.WithKeys(h.ctx(), nil, words)
	h.must(err)
	h.same("wordings of the offer", words, with)
	// Keys of a step replace those of the one before.
	g.Keys, g.Notices = map[string][]string{words[0]: {"other"}}, nil
	_, err = h.SaveGrouping(h.ctx(), g)
	h.must(err)
	with, err = h.WithKeys(h.ctx(), []string{"k"}, nil)
	h.must(err)
	h.same("listings with the old key", 0, len(with))
}
