package casebooktest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// RunRetention runs the suite of what is dropped when it is old.
func RunRetention(t *testing.T, open func(t *testing.T) *casebook.Book) {
	for _, c := range []struct {
		name string
		run  func(*harness)
	}{
		{"old offers", runOldOffers},
		{"old offers, interrupted", runOldOffersInterrupted},
		{"old withdrawn listings", runOldWithdrawn},
		{"what is still sighted", runStillSighted},
		{"dropped listings are known", runGoneListings},
		{"held offers stay", runRetentionHeld},
		{"held sources stay", runRetentionHeldSource},
		{"old captures", runOldCaptures},
		{"old captures, held", runOldCapturesHeld},
		{"old rows", runOldRows},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.run(&harness{T: t, Book: open(t), open: open, now: time.Date(2023, 3, 1, 4, 0, 0, 0, time.UTC)})
		})
	}
}

// dropOffers drops the offers and withdrawn listings that are older than a time, by so
// many rows a step, and stops after so many steps (0: never).
func (h *harness) dropOffers(before time.Time, lot, steps int) (sum casebook.DroppedOffer) {
	h.Helper()
	walk := h.OldListings(before)
	took := 0
	add := func(d casebook.DroppedOffer) bool {
		sum.Listings, sum.Posts, sum.Revisions, sum.People = sum.Listings+d.Listings, sum.Posts+d.Posts, sum.Revisions+d.Revisions, sum.People+d.People
		sum.Wordings, sum.Offers, sum.Alerts, sum.Sellers = sum.Wordings+d.Wordings, sum.Offers+d.Offers, sum.Alerts+d.Alerts, sum.Sellers+d.Sellers
		took++
		return took == steps
	}
	for done := false; !done; {
		old, err := walk.Next(h.ctx(), lot)
		h.must(err)
		done = old.Done
		if len(old.Withdrawn) > 0 {
			d, err := h.DropWithdrawn(h.ctx(), old.Withdrawn, prints, h.now)
			h.must(err)
			if add(d) {
				return sum
			}
		}
		for left := old.Offers; len(left) > 0; {
			var d casebook.DroppedOffer
			d, left, err = h.DropOffers(h.ctx(), left, before, prints, h.now, lot)
			h.must(err)
			if add(d) {
				return sum
			}
		}
	}
	_, err := h.MendWordings(h.ctx(), h.now)
	h.must(err)
	return sum
}

// lines are those of the dump, without the counts of posts.
func lines(dump string) []string {
	var out []string
	for l := range strings.Lines(dump) {
		if !strings.Contains(l, `"kind":"posts"`) {
			out = append(out, l)
		}
	}
	return out
}

// numbered is the i-th listing of a seller: texts repeat by threes.
func numbered(seller, i int) casebook.Found {
	return listing(said(fmt.Sprint(1000010000+seller), 100*seller+i, fmt.Sprintf("出简历 %d", i/3)), fmt.Sprint(1000010000+seller))
}

// groupAll groups each seller's listings into one offer, with an alert.
func (h *harness) groupAll(sellers map[int][]string) {
	h.Helper()
	for _, s := range slices.Sorted(maps.Keys(sellers)) {
		h.group(offer(market.SeverityHigh, []string{fmt.Sprintf("qq:%d", 1000010000+s)}, sellers[s]...))
	}
}

// consume drops the notices for the index.
func (h *harness) consume() {
	h.Helper()
	notices, err := h.Outbox(h.ctx(), casebook.TopicIndex, 1000)
	h.must(err)
	h.must(h.Ack(h.ctx(), notices))
}

// runOldOffers: what was not seen for long goes whole, the rest is as if it had never been.
func runOldOffers(h *harness) {
	old, renewed, young := []casebook.Found{}, []casebook.Found{}, []casebook.Found{}
	for i := range 7 {
		old, renewed, young = append(old, shows(numbered(1, i), fmt.Sprintf("p%d", i))), append(renewed, numbered(2, i)), append(young, numbered(3, i))
	}
	again := numbered(2, 50)
	ids := func(all ...casebook.Found) (out []string) {
		for _, f := range all {
			out = append(out, f.ID)
		}
		return out
	}
	run := h.run()
	h.commit(run, renewed...)
	h.groupAll(map[int][]string{2: ids(renewed...)})
	h.commit(run, old...)
	h.groupAll(map[int][]string{1: ids(old...)})
	h.later(1000 * 24 * time.Hour)
	cut := h.now
	h.commit(run, append(slices.Clone(young), again)...)
	h.groupAll(map[int][]string{2: ids(append(slices.Clone(renewed), again)...), 3: ids(young...)})
	h.consume()
	h.same("people", int64(7), h.people().People)

	sum := h.dropOffers(cut, 2, 0)
	h.same("dropped", casebook.DroppedOffer{Listings: 7, Posts: 7, People: 14, Wordings: 3, Offers: 1, Alerts: 1, Sellers: 1}, sum)
	h.same("dropped again", casebook.DroppedOffer{}, h.dropOffers(cut, 2, 0))
	h.same("people", int64(0), h.people().People)

	other := &harness{T: h.T, Book: h.open(h.T), open: h.open, now: h.now}
	run = other.run()
	other.commit(run, renewed...)
	other.groupAll(map[int][]string{2: ids(renewed...)})
	other.commit(run, append(slices.Clone(young), again)...)
	other.groupAll(map[int][]string{2: ids(append(slices.Clone(renewed), again)...), 3: ids(young...)})
	h.same("dump", lines(other.dump()), lines(h.dump()))
	h.same("wordings", other.soundWordings(), h.soundWordings())

	notices, err := h.Outbox(h.ctx(), casebook.TopicDrop, 100)
	h.must(err)
	var told []string
	for _, n := range notices {
		month, version, id, ok := casebook.ParseDropRef(n.Ref)
		if !ok || month != "2023-03" || version != 1 {
			h.Errorf("notice %q", n.Ref)
		}
		told = append(told, id)
	}
	slices.Sort(told)
	want := ids(old...)
	slices.Sort(want)
	h.same("told to the index", want, told)
	list, err := h.ListingsOfSeller(h.ctx(), "qq:1000010001")
	h.must(err)
	h.same("of the dropped seller", 0, len(list))
}

// runOldOffersInterrupted: wherever it is killed, and whatever comes meanwhile, the
// next run leaves the book whole.
func runOldOffersInterrupted(h *harness) {
	run := h.run()
	var all []string
	for i := range 9 {
		f := numbered(1, i)
		h.commit(run, f)
		all = append(all, f.ID)
	}
	h.groupAll(map[int][]string{1: all})
	h.later(1000 * 24 * time.Hour)
	cut := h.now
	h.same("first steps", int64(4), h.dropOffers(cut, 2, 2).Listings)
	// The seller says one of it again, in the same words.
	var left []string
	for _, id := range all {
		if rows, err := h.Rows(h.ctx(), []string{id}); err == nil && len(rows) == 1 {
			left = append(left, id)
		}
	}
	h.same("left", 5, len(left))
	again := listing(said("1000010001", 9999, "出简历 1"), "1000010001")
	h.commit(run, again)
	h.dropOffers(cut, 2, 0)
	if len(h.soundWordings()) == 0 {
		h.Error("what was said again is not there")
	}
	h.later(1000 * 24 * time.Hour)
	h.groupAll(map[int][]string{1: append(left, again.ID)})
	h.dropOffers(h.now, 2, 0)
	h.same("wordings in the end", 0, len(h.soundWordings()))
	h.same("dump in the end", 0, len(lines(h.dump())))
}

// soundWordings are the wordings of all listings; each must count those, and no others.
func (h *harness) soundWordings() map[string]casebook.Member {
	h.Helper()
	rows := map[string][]casebook.Row{}
	h.must(h.Listings(h.ctx(), func(r casebook.Row) error {
		for _, w := range h.wordings(r.ID) {
			rows[w] = append(rows[w], r)
		}
		return nil
	}))
	out := map[string]casebook.Member{}
	for id, of := range rows {
		members, err := h.Members(h.ctx(), []string{id})
		h.must(err)
		if len(members) != 1 {
			h.Fatalf("wording %s: %d of it", id, len(members))
		}
		m := members[0]
		oldest := slices.MinFunc(of, func(a, b casebook.Row) int {
			return cmp.Or(a.PostedAt.Compare(b.PostedAt), strings.Compare(a.ID, b.ID))
		})
		if m.Listings != len(of) || m.Oldest != oldest.ID || len(m.Sources) == 0 {
			h.Errorf("wording %+v of %d listings, the oldest %s", m, len(of), oldest.ID)
		}
		out[id] = m
	}
	return out
}

func runOldWithdrawn(h *harness) {
	run := h.run()
	f, other := listing(posted(1, "出简历"), "1000012345"), listing(posted(2, "收简历"), "1000067890")
	h.commit(run, f, other)
	h.commit(run, listing(posted(1, "出简历，两块"), "1000012345"))
	l := h.learnt(run, h.claimed(run))
	l.Unlisted = []casebook.Unlisted{{ID: f.ID, Native: true, TextDigest: "another"}}
	h.must(second(h.Commit(h.ctx(), l)))
	h.later(time.Hour)
	h.same("too young", casebook.DroppedOffer{}, h.dropOffers(h.now.Add(-2*time.Hour), 5, 0))
	h.same("dropped", casebook.DroppedOffer{Listings: 1, Posts: 1, Revisions: 1}, h.dropOffers(h.now, 5, 0))
	h.row(other.ID) // waits for its offer
}

// runStillSighted: an edit and a page that still shows the thread are sightings.
func runStillSighted(h *harness) {
	run := h.run()
	in := func(thread string, f casebook.Found) casebook.Found {
		f.Thread, f.State = thread, market.PostThere
		return f
	}
	edited, there, gone := in("t1", listing(posted(1, "出简历"), "")), in("t2", listing(posted(2, "也出"), "")), in("t3", listing(posted(3, "还出"), ""))
	h.commit(run, edited, there, gone)
	h.group(offer("", nil, edited.ID), offer("", nil, there.ID), offer("", nil, gone.ID))
	h.must(h.PutSource(h.ctx(), casebook.Source{Name: "qq-1000045678", Kind: "discuz", URL: "https://bbs.example.com/", State: casebook.SourceActive}, h.now))
	h.later(1000 * 24 * time.Hour)
	cut := h.now
	h.later(time.Hour)
	h.commit(run, in("t1", listing(posted(1, "出简历，两块"), "")))
	h.group(offer("", nil, edited.ID))
	for _, thread := range []string{"t2", "t3"} {
		h.visitThread(run, thread)
	}
	l := h.learnt(run, h.claimed(run))
	l.GoneThread = "t3"
	h.must(second(h.Commit(h.ctx(), l)))
	h.same("dropped", int64(1), h.dropOffers(cut, 5, 0).Offers)
	h.row(edited.ID)
	h.row(there.ID)
}

// visitThread visits the page of a thread and finds it as it was.
func (h *harness) visitThread(run int64, thread string) {
	h.Helper()
	h.must(h.RequestPages(h.ctx(), run, []casebook.Page{{Source: group, Host: "bbs.example.com", URL: thread, Canonical: thread, Kind: casebook.PageThread, Thread: thread}}, false, h.now))
	n, err := h.PlanRun(h.ctx(), run, h.now, func(casebook.Source) casebook.HostPlan { return casebook.HostPlan{Batch: 1, Queued: 9} })
	h.must(err)
	h.same("visits", 1, n)
	due, err := h.Due(h.ctx(), h.now, 10)
	h.must(err)
	i := slices.IndexFunc(due, func(w casebook.Work) bool { return w.Kind == casebook.KindVisit })
	c := casebook.Claim{ID: due[i].ID, Generation: due[i].Generation}
	_, err = h.ClaimWork(h.ctx(), c, h.now)
	h.must(err)
	l := h.learnt(run, c)
	l.Outcome, l.Page = market.OutcomeSame, &casebook.PageVisit{ID: casebook.PageID(group, thread)}
	h.must(second(h.Commit(h.ctx(), l)))
	h.must(h.EndVisit(h.ctx(), c, h.now))
}

func runGoneListings(h *harness) {
	run := h.run()
	f, native := numbered(1, 1), listing(posted(1, "出简历"), "1000012345")
	h.commit(run, f, native)
	h.group(offer("", nil, f.ID), offer("", nil, native.ID))
	h.later(time.Hour)
	h.dropOffers(h.now, 5, 0)
	edited := listing(posted(1, "出简历，两块"), "1000012345")
	print := func(f casebook.Found) uint64 { return prints.Gone(f.ID, f.Post.NativeID, f.TextDigest) }
	spelt := f
	spelt.TextDigest = "another"
	gone, err := h.GoneListings(h.ctx(), []uint64{print(f), print(native), print(edited), print(spelt), print(numbered(1, 2))})
	h.must(err)
	h.same("gone", map[uint64]bool{print(f): true, print(native): true}, gone)
	h.same("another spelling is the same", print(f), print(spelt))
	none, err := h.GoneListings(h.ctx(), nil)
	h.must(err)
	h.same("none", 0, len(none))
}

func runRetentionHeld(h *harness) {
	run := h.run()
	held, free := numbered(1, 1), numbered(2, 1)
	h.commit(run, held, free)
	h.groupAll(map[int][]string{1: {held.ID}, 2: {free.ID}})
	num := h.newCase("one", casebook.CaseItem{Kind: casebook.ItemOffer, ID: held.ID})
	h.hold(num)
	h.later(time.Hour)
	before := h.row(held.ID)
	h.same("dropped", casebook.DroppedOffer{Listings: 1, Posts: 1, Wordings: 1, Offers: 1, Alerts: 1, Sellers: 1}, h.dropOffers(h.now, 5, 0))
	h.same("the held one", before, h.row(held.ID))
	d, left, err := h.DropOffers(h.ctx(), []string{held.ID}, h.now, prints, h.now, 5)
	h.must(err)
	h.same("asked for by name", casebook.DroppedOffer{}, d)
	h.same("left", 0, len(left))
	alerts, err := h.Alerts(h.ctx(), casebook.AlertFilter{})
	h.must(err)
	h.same("alerts", 1, len(alerts))
	h.same("rows", map[casebook.Old]int64{casebook.OldFingerprints: 0, casebook.OldAudit: 0, casebook.OldAlerts: 0}, h.dropRows(h.now.Add(48*time.Hour), casebook.OldFingerprints, casebook.OldAudit, casebook.OldAlerts))
	h.lift(num)
	h.same("lifted", int64(1), h.dropOffers(h.now, 5, 0).Offers)
	if n := h.dropRows(h.now.Add(48*time.Hour), casebook.OldFingerprints, casebook.OldAudit); n[casebook.OldFingerprints] == 0 || n[casebook.OldAudit] == 0 {
		h.Errorf("after the hold: %v", n)
	}
}

func runRetentionHeldSource(h *harness) {
	run := h.run()
	f, other := numbered(1, 1), numbered(2, 1)
	other.Post.Place = "1000099999"
	h.must(h.PutSource(h.ctx(), casebook.Source{Name: group, Kind: "archive", State: casebook.SourceActive}, h.now))
	h.commit(run, f)
	h.commitFrom(run, "elsewhere", other)
	h.groupAll(map[int][]string{1: {f.ID}, 2: {other.ID}})
	h.visitThread(run, "t1")
	num := h.newCase("one", casebook.CaseItem{Kind: casebook.ItemSource, ID: group})
	h.hold(num)
	h.later(time.Hour)
	h.same("dropped", int64(1), h.dropOffers(h.now, 5, 0).Offers)
	h.row(f.ID)
	n := h.dropRows(h.now.Add(48*time.Hour), casebook.OldFingerprints, casebook.OldPages, casebook.OldWork)
	h.same("rows", map[casebook.Old]int64{casebook.OldFingerprints: 1, casebook.OldPages: 0, casebook.OldWork: 0}, n)
}

// dropRows drops old rows of kinds, two at a time.
func (h *harness) dropRows(before time.Time, kinds ...casebook.Old) map[casebook.Old]int64 {
	h.Helper()
	out := map[casebook.Old]int64{}
	for _, k := range kinds {
		rows, err := h.Book.OldRows(k, before)
		h.must(err)
		counted, err := rows.Count(h.ctx())
		h.must(err)
		out[k] = 0
		for done := false; !done; {
			var n int64
			n, done, err = rows.Drop(h.ctx(), 2)
			h.must(err)
			out[k] += n
		}
		h.same("counted "+string(k), counted, out[k])
	}
	return out
}

func runOldRows(h *harness) {
	kinds := []casebook.Old{casebook.OldFingerprints, casebook.OldDropped, casebook.OldPages, casebook.OldWork, casebook.OldRuns, casebook.OldAlerts,
		casebook.OldAudit, casebook.OldGrants, casebook.OldTokens, casebook.OldSessions, casebook.OldTries}
	fill := func() {
		run := h.run()
		for i := range 3 {
			post := said("1000012345", int(h.now.Unix()%1000)*10+i, fmt.Sprint("在吗 ", h.now, i))
			post.PostedAt = h.now.Add(time.Duration(i) * 2 * time.Hour)
			h.sightings(run, post)
			h.must(h.Audit(h.ctx(), h.by("wang"), casebook.ActSignedIn, "x", ""))
		}
		h.must(h.Note(h.ctx(), run, "", 1, []market.Problem{{Reason: "something"}}))
		h.must(h.PutSource(h.ctx(), casebook.Source{Name: group, Kind: "discuz", State: casebook.SourceActive}, h.now))
		h.visitThread(run, fmt.Sprint("thread of ", h.now))
		f := numbered(9, int(h.now.Unix()/1000%1000))
		h.commit(run, f)
		h.group(offer(market.SeverityLow, nil, f.ID))
		h.consume()
		l := h.learnt(run, h.claimed(run)) // withdrawn: the alert stays behind
		l.Unlisted = []casebook.Unlisted{{ID: f.ID, Native: true, TextDigest: "another"}}
		h.must(second(h.Commit(h.ctx(), l)))
		h.group()
		h.consume()
	}
	fill()
	h.dropOffers(h.now.Add(time.Hour), 5, 0)
	h.later(1000 * 24 * time.Hour)
	cut := h.now
	h.later(25 * time.Hour)
	fill()
	young := h.dump()
	got := h.dropRows(cut, kinds...)
	want := map[casebook.Old]int64{casebook.OldFingerprints: 3, casebook.OldDropped: 1, casebook.OldPages: 1, casebook.OldWork: 5, casebook.OldRuns: 1, casebook.OldAlerts: 1,
		casebook.OldAudit: 3, casebook.OldGrants: 0, casebook.OldTokens: 0, casebook.OldSessions: 0, casebook.OldTries: 0}
	h.same("dropped", want, got)
	for k, n := range h.dropRows(cut, kinds...) {
		h.same("again "+string(k), int64(0), n)
	}
	if len(lines(young)) != len(lines(h.dump()))+1 { // the alert
		h.Errorf("dump before\n%s\nafter\n%s", young, h.dump())
	}
	if _, err := h.Book.OldRows("something", h.now); err == nil {
		h.Error("an unknown kind was taken")
	}
	ended, cancel := context.WithCancel(h.ctx())
	cancel()
	rows, err := h.Book.OldRows(casebook.OldAudit, h.now.Add(time.Hour))
	h.must(err)
	if _, _, err := rows.Drop(ended, 5); !errors.Is(err, context.Canceled) {
		h.Errorf("ended: %v", err)
	}
}
