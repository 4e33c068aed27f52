package casebooktest

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/market"
)

// RunPrivacy runs the suite of people in samples and of what is seen unmasked.
func RunPrivacy(t *testing.T, open func(t *testing.T) *casebook.Book) {
	for _, c := range []struct {
		name string
		run  func(*harness)
	}{
		{"people in samples", runPeopleShown},
		{"people of a newer reading", runPeopleReread},
		{"people of offers and sellers", runCrowds},
		{"listings with samples", runSamples},
		{"keys of the blind index", runBlindKeys},
		{"erasure", runErasure},
		{"unmasking", runUnmask},
		{"unmasking of many", runUnmaskMany},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.run(&harness{T: t, Book: open(t), open: open, now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)})
		})
	}
}

// shows is a listing whose sample shows people, each by a phone's digest and perhaps
// by that of a mailbox.
func shows(f casebook.Found, people ...string) casebook.Found {
	for _, p := range people {
		phone, mail, _ := strings.Cut(p, "+")
		record := []market.BlindValue{{Kind: "phone", Digest: "1:" + phone}}
		if mail != "" {
			record = append(record, market.BlindValue{Kind: "email", Digest: "1:" + mail})
		}
		f.People = append(f.People, append(record, market.BlindValue{Kind: "person", Digest: "1:" + phone}))
	}
	return f
}

func (h *harness) traces(kind string, digests ...string) casebook.Traces {
	h.Helper()
	t, err := h.Traces(h.ctx(), kind, digests)
	h.must(err)
	return t
}

func (h *harness) people() casebook.Crowd {
	h.Helper()
	c, err := h.People(h.ctx())
	h.must(err)
	return c
}

func runPeopleShown(h *harness) {
	h.same("nobody", casebook.Crowd{}, h.people())
	run := h.run()
	one := shows(listing(said("1000012345", 1, "出简历"), "1000012345"), "aa+ma", "bb", "aa")
	two := shows(listing(said("1000023456", 2, "出一手简历"), "1000023456"), "aa", "cc")
	h.commit(run, one, two, listing(said("1000034567", 3, "收简历"), ""))
	h.same("people", casebook.Crowd{Records: 5, People: 3, Listings: 2}, h.people())

	both := []string{one.ID, two.ID}
	slices.Sort(both)
	h.same("traces of a phone", casebook.Traces{Listings: both, Records: 3}, h.traces("phone", "1:aa"))
	h.same("under any key", casebook.Traces{Listings: both, Records: 5}, h.traces("phone", "2:zz", "1:aa", "1:bb", "1:cc"))
	h.same("of another kind", casebook.Traces{Listings: []string{}}, h.traces("email", "1:aa"))
	h.same("of a mailbox", casebook.Traces{Listings: []string{one.ID}, Records: 1}, h.traces("email", "1:ma"))
	offer, err := h.PeopleOfOffer(h.ctx(), "none")
	h.must(err)
	h.same("an offer that is none", casebook.Crowd{}, offer)

	// The same again adds nobody.
	h.commit(run, one, two)
	h.same("seen again", casebook.Crowd{Records: 5, People: 3, Listings: 2}, h.people())
}

// A newer reading replaces whom the older one saw.
func runPeopleReread(h *harness) {
	run := h.run()
	f := shows(listing(said("1000012345", 1, "出简历"), "1000012345"), "aa", "bb")
	h.commit(run, f)
	newer := shows(listing(said("1000012345", 1, "出简历"), "1000012345"), "bb", "cc+mc")
	newer.Extractor = "2"
	h.commit(run, newer)
	h.same("gone", int64(0), h.traces("phone", "1:aa").Records)
	h.same("new", int64(1), h.traces("email", "1:mc").Records)
	h.same("people", casebook.Crowd{Records: 2, People: 2, Listings: 1}, h.people())
}

// Two sellers show the same person, one of them twice.
func runCrowds(h *harness) {
	run := h.run()
	one := shows(listing(said("1000012345", 1, "出简历"), "1000012345"), "aa", "bb", "aa")
	again := shows(listing(said("1000012345", 5, "出简历 一手"), "1000012345"), "aa", "dd")
	two := shows(listing(said("1000023456", 2, "出一手简历"), "1000023456"), "aa", "cc")
	h.commit(run, one, again, two)
	h.group(offer("", []string{"qq:1000012345"}, one.ID, again.ID), offer("", []string{"qq:1000023456"}, two.ID))
	h.same("all", casebook.Crowd{Records: 7, People: 4, Listings: 3, Sellers: 2, Resold: 1}, h.people())
	of := func(id string) casebook.Crowd {
		h.Helper()
		c, err := h.PeopleOfOffer(h.ctx(), h.offerOf(id))
		h.must(err)
		return c
	}
	h.same("an offer", casebook.Crowd{Records: 5, People: 3, Listings: 2, Sellers: 1, Resold: 1}, of(one.ID))
	h.same("the other", casebook.Crowd{Records: 2, People: 2, Listings: 1, Sellers: 1, Resold: 1}, of(two.ID))
	seller, err := h.PeopleOfSeller(h.ctx(), h.row(one.ID).SellerID)
	h.must(err)
	h.same("a seller", casebook.Crowd{Records: 5, People: 3, Listings: 2, Sellers: 1, Resold: 1}, seller)
	nobody, err := h.PeopleOfSeller(h.ctx(), 99)
	h.must(err)
	h.same("a seller that is none", casebook.Crowd{}, nobody)
}

// Listings that show records are found by capture, since a time, and by offer.
func runSamples(h *harness) {
	run := h.run()
	with := func(minute int, capture string) casebook.Found {
		f := listing(said("1000012345", minute, "出简历"), "1000012345")
		f.Reading.Sample, f.Capture = &market.Sample{Records: 1, Fields: []string{"name"}}, capture
		return f
	}
	late, early, other := with(9, "b"), with(1, "b"), with(5, "a")
	h.commit(run, late, early, other, listing(said("1000023456", 2, "出一手简历"), ""))
	h.group(offer("", []string{"qq:1000012345"}, late.ID, early.ID))
	ids := func(all []casebook.Shown, err error) (out []string) {
		h.Helper()
		h.must(err)
		for _, s := range all {
			if s.TextDigest == "" {
				h.Errorf("%s has no digest", s.ID)
			}
			out = append(out, s.Capture+" "+s.ID)
		}
		return out
	}
	want := []string{"a " + other.ID, "b " + early.ID, "b " + late.ID}
	slices.Sort(want)
	h.same("all", want, ids(h.ListingsWithSamples(h.ctx(), time.Time{})))
	h.same("since", []string{"b " + late.ID}, ids(h.ListingsWithSamples(h.ctx(), late.Post.PostedAt)))
	h.same("of an offer", 1, len(ids(h.SamplesOfOffer(h.ctx(), h.offerOf(late.ID), 1))))
	h.same("of none", 0, len(ids(h.SamplesOfOffer(h.ctx(), "none", 9))))
	found, err := h.CapturesByDigest(h.ctx(), []string{"a", "b"})
	h.must(err)
	h.same("captures that aren't kept", 0, len(found))
	h.capturesCommitted(0, 1)
	found, err = h.CapturesByDigest(h.ctx(), []string{hex64(0), "a"})
	h.must(err)
	h.same("captures", []string{hex64(0)}, slices.Collect(maps.Keys(found)))
}

// What was erased under an older key stays erased; a dropped key takes what stands under it.
func runBlindKeys(h *harness) {
	run := h.run()
	f := shows(listing(said("1000012345", 1, "出简历"), "1000012345"), "aa", "bb")
	h.commit(run, f)
	by := casebook.Act{At: h.now, Who: "li"}
	_, err := h.ErasePerson(h.ctx(), casebook.Erasure{Kind: "phone", Digests: []string{"1:aa"}, Reason: "r", Mask: func(text string, _ market.Listing) string { return text }}, by)
	h.must(err)
	h.must(h.NoteBlindKey(h.ctx(), "phone", 2, false, "test-host", by))

	next := listing(said("1000023456", 2, "出一手简历"), "1000023456")
	for _, p := range []string{"aa", "bb"} {
		next.People = append(next.People, []market.BlindValue{{Kind: "phone", Digest: "2:" + p}, {Kind: "phone", Digest: "1:" + p, Older: true}, {Kind: "person", Digest: "1:" + p}})
	}
	h.commit(run, next)
	h.same("erased under the older key", int64(0), h.traces("phone", "2:aa").Records)
	h.same("kept under the newer one alone", []string{next.ID}, h.traces("phone", "2:bb").Listings)
	h.same("under the older", []string{f.ID}, h.traces("phone", "1:bb").Listings)

	count := func(key int) casebook.BlindCount {
		h.Helper()
		c, err := h.UnderBlindKey(h.ctx(), "phone", key)
		h.must(err)
		return c
	}
	h.same("under the first", casebook.BlindCount{Values: 1, Erased: 1}, count(1))
	h.same("under the second", casebook.BlindCount{Values: 1}, count(2))
	h.same("under the twelfth", casebook.BlindCount{}, count(12))
	for done := false; !done; {
		done, err = h.DropUnderBlindKey(h.ctx(), "phone", 1)
		h.must(err)
	}
	h.same("dropped", casebook.BlindCount{}, count(1))
	h.same("stays", casebook.BlindCount{Values: 1}, count(2))
	h.same("another kind stays", int64(2), h.traces("person", "1:bb").Records)
	var events int
	h.must(h.CustodyEvents(h.ctx(), custody.BlindRotated, func(ev custody.Event) error {
		events++
		h.same("event", [3]string{"li", "phone", "2"}, [3]string{ev.Actor, ev.Object, ev.Detail["made"]})
		return nil
	}))
	h.same("events", 1, events)
}

func runErasure(h *harness) {
	run := h.run()
	one := shows(listing(said("1000012345", 1, "出简历 SECRET 见样本"), "1000012345"), "aa+ma", "bb")
	two := shows(listing(posted(7, "出一手简历 SECRET"), "1000023456"), "aa")
	other := shows(listing(said("1000034567", 3, "出老料 SECRET"), "1000034567"), "cc")
	h.commit(run, one, two, other)
	edited := shows(listing(posted(7, "出一手简历 没了"), "1000023456"), "aa")
	h.commit(run, edited)
	_, err := h.Outbox(h.ctx(), casebook.TopicIndex, 100)
	h.must(err)
	before, version := h.backlog(), h.row(one.ID).Version

	by := casebook.Act{At: h.now, Who: "li"}
	e := casebook.Erasure{Kind: "phone", Digests: []string{"2:zz", "1:aa"}, Reason: "request 7", Device: "test-host", Mask: func(text string, _ market.Listing) string {
		return strings.ReplaceAll(text, "SECRET", "******")
	}}
	done, err := h.ErasePerson(h.ctx(), e, by)
	h.must(err)
	both := []string{one.ID, two.ID}
	slices.Sort(both)
	h.same("listings", both, done.Listings)
	h.same("captures", []string{"capture"}, done.Captures)
	h.same("records and texts", [2]int64{2, 2}, [2]int64{done.Records, done.Texts})

	h.same("text", "出简历 ****** 见样本", h.row(one.ID).Text)
	h.same("of another", "出老料 SECRET", h.row(other.ID).Text)
	if v := h.row(one.ID).Version; v != version+1 {
		h.Errorf("version %d after %d: the index would keep the old text", v, version)
	}
	if n := h.backlog(); n != before+1 { // the text of two has nothing to hide any more, its revision had
		h.Errorf("%d notices for the index after %d", n, before)
	}
	for kind, digest := range map[string]string{"phone": "1:aa", "email": "1:ma", "person": "1:aa"} {
		if n := h.traces(kind, digest).Records; n != 0 {
			h.Errorf("%s: %d records left", kind, n)
		}
	}
	h.same("who shared the listing", int64(1), h.traces("phone", "1:bb").Records)
	h.same("marked", h.now, h.traces("phone", "1:aa").Erased)

	// Never taken up again: neither by a newer reading nor elsewhere, nor by another value of the record.
	again := shows(listing(said("1000012345", 1, "出简历 SECRET 见样本"), "1000012345"), "aa+ma", "bb")
	again.Extractor = "2"
	h.commit(run, again, shows(listing(said("1000045679", 9, "转卖简历"), ""), "aa+ma"))
	h.same("taken up again", [2]int64{0, 0}, [2]int64{h.traces("phone", "1:aa").Records, h.traces("email", "1:ma").Records})
	h.same("who shared the listing", int64(1), h.traces("phone", "1:bb").Records)

	// Once more changes nothing, and is certified too.
	twice, err := h.ErasePerson(h.ctx(), e, by)
	h.must(err)
	h.same("records of the second time", int64(0), twice.Records)

	k := keeper(h.T, 'k')
	h.wantSound(h.audit(k, h.extend(k, 100)))
	var certified int
	h.must(h.CustodyEvents(h.ctx(), custody.PersonErased, func(ev custody.Event) error {
		certified++
		h.same("certificate", [3]string{"li", "blind index", "request 7"}, [3]string{ev.Actor, ev.Object, ev.Detail["reason"]})
		for _, v := range ev.Detail {
			if strings.Contains(v, "aa") {
				h.Errorf("the log, which can't forget, has a digest: %v", ev.Detail)
			}
		}
		return nil
	}))
	h.same("certificates", 2, certified)
}

func (h *harness) backlog() int {
	h.Helper()
	n, err := h.Outbox(h.ctx(), casebook.TopicIndex, 1000)
	h.must(err)
	return len(n)
}

func runUnmask(h *harness) {
	run := h.run()
	f := listing(said("1000012345", 1, "出简历"), "1000012345")
	f.Start, f.Length = 12, 34
	h.commit(run, f)
	at, err := h.OriginalOf(h.ctx(), f.ID)
	h.must(err)
	h.same("original", casebook.Original{Capture: casebook.Capture{Digest: "capture"}, TextDigest: f.TextDigest, Start: 12, Length: 34}, at)
	_, err = h.OriginalOf(h.ctx(), "none")
	h.wantErr(casebook.ErrNotFound, err)

	by := casebook.Act{At: h.now, Who: "wang"}
	g, err := h.AskUnmask(h.ctx(), []string{f.ID}, "case C-3", by)
	h.must(err)
	h.same("granted at once", h.now.Add(casebook.UnmaskSpan), g.Until)
	h.must(h.NoteUnmasked(h.ctx(), g, casebook.Look{Listing: f.ID, Role: casebook.RoleAnalyst, Device: "test-host", Grade: "display"}, by))
	looks, err := h.LooksAt(h.ctx(), f.ID, 10)
	h.must(err)
	if len(looks) != 1 || looks[0].Who != "wang" || looks[0].Detail != "U-1 (display): case C-3" {
		h.Errorf("looks %+v", looks)
	}
	h.later(time.Minute)
	by.At = h.now
	same, err := h.AskUnmask(h.ctx(), []string{f.ID}, "again", by)
	h.must(err)
	h.same("a grant that lasts", g.Num, same.Num)
	h.must(h.NoteUnmasked(h.ctx(), same, casebook.Look{Listing: f.ID, Role: casebook.RoleAnalyst, Grade: "display"}, by))
	looks, err = h.LooksAt(h.ctx(), f.ID, 1)
	h.must(err)
	h.same("its own reason", "U-1 (display): again", looks[0].Detail)
	h.later(casebook.UnmaskSpan)
	late := casebook.Act{At: h.now, Who: "wang"}
	if err := h.NoteUnmasked(h.ctx(), g, casebook.Look{Listing: f.ID, Role: casebook.RoleAnalyst, Device: "", Grade: "display"}, late); err == nil {
		h.Error("a grant that is over still works")
	}
	if err := h.NoteUnmasked(h.ctx(), g, casebook.Look{Listing: "another", Role: casebook.RoleAnalyst, Device: "", Grade: "display"}, by); err == nil {
		h.Error("a grant works for another listing")
	}
	if err := h.NoteUnmasked(h.ctx(), g, casebook.Look{Listing: f.ID, Role: casebook.RoleAnalyst, Device: "", Grade: "display"}, casebook.Act{At: by.At, Who: "zhao"}); err == nil {
		h.Error("a grant works for another person")
	}
	next, err := h.AskUnmask(h.ctx(), []string{f.ID}, "case C-4", late)
	h.must(err)
	if next.Num == g.Num {
		h.Error("a grant that is over is given again")
	}
	var seen []string
	h.must(h.CustodyEvents(h.ctx(), custody.Unmasked, func(ev custody.Event) error {
		seen = append(seen, ev.Detail["reason"])
		h.same("event", [3]string{"wang", f.ID, "analyst"}, [3]string{ev.Actor, ev.Object, ev.Detail["role"]})
		return nil
	}))
	h.same("reasons", []string{"case C-3", "again"}, seen)
}

// Several at a time, or one by one more than a few in a day, need a second person.
func runUnmaskMany(h *harness) {
	by := casebook.Act{At: h.now, Who: "wang"}
	many, err := h.AskUnmask(h.ctx(), []string{"b", "a", "b"}, "case C-3", by)
	h.must(err)
	if !many.Until.IsZero() || !slices.Equal(many.Listings, []string{"a", "b"}) {
		h.Fatalf("got %+v", many)
	}
	if err := h.NoteUnmasked(h.ctx(), many, casebook.Look{Listing: "a", Role: casebook.RoleAnalyst, Device: "", Grade: "display"}, by); err == nil {
		h.Error("shown before it was granted")
	}
	waiting, err := h.WaitingGrants(h.ctx(), h.now, 10)
	h.must(err)
	h.same("waiting", []casebook.Grant{many}, waiting)
	mine, err := h.GrantsOf(h.ctx(), "wang", h.now)
	h.must(err)
	h.same("mine", waiting, mine)
	waits, err := h.AskUnmask(h.ctx(), []string{"a", "b"}, "case C-3", by)
	h.must(err)
	h.same("the same request", many.Num, waits.Num)
	for _, who := range []string{"wang", ""} {
		_, err = h.ApproveUnmask(h.ctx(), many.Num, casebook.Act{At: h.now, Who: who})
		h.wantErr(casebook.ErrSamePerson, err)
	}
	_, err = h.ApproveUnmask(h.ctx(), 99, casebook.Act{At: h.now, Who: "li"})
	h.wantErr(casebook.ErrNotFound, err)
	_, err = h.ApproveUnmask(h.ctx(), many.Num, casebook.Act{At: h.now.Add(25 * time.Hour), Who: "li"})
	h.wantErr(casebook.ErrNotFound, err)
	g, err := h.ApproveUnmask(h.ctx(), many.Num, casebook.Act{At: h.now, Who: "li"})
	h.must(err)
	h.same("approved", "li", g.ApprovedBy)
	waiting, err = h.WaitingGrants(h.ctx(), h.now, 10)
	h.must(err)
	h.same("nothing waits", 0, len(waiting))
	_, err = h.ApproveUnmask(h.ctx(), many.Num, casebook.Act{At: h.now, Who: "li"})
	h.wantErr(casebook.ErrNotFound, err)
	now, err := h.AskUnmask(h.ctx(), []string{"a"}, "one of them", by)
	h.must(err)
	h.same("covered", g.Num, now.Num)
	h.must(h.NoteUnmasked(h.ctx(), now, casebook.Look{Listing: "a", Role: casebook.RoleAnalyst, Device: "", Grade: "display"}, by))

	for i := range casebook.UnmaskAlone {
		one, err := h.AskUnmask(h.ctx(), []string{string(rune('k' + i))}, "one by one", by)
		h.must(err)
		if one.Until.IsZero() {
			h.Fatalf("listing %d of the day waits", i+1)
		}
	}
	one, err := h.AskUnmask(h.ctx(), []string{"z"}, "one more", by)
	h.must(err)
	if !one.Until.IsZero() {
		h.Error("more than a few in a day were granted to one person alone")
	}
	other, err := h.AskUnmask(h.ctx(), []string{"z"}, "mine", casebook.Act{At: h.now, Who: "zhao"})
	h.must(err)
	if other.Until.IsZero() {
		h.Error("another person's day counts as well")
	}
	h.later(25 * time.Hour)
	tomorrow, err := h.AskUnmask(h.ctx(), []string{"z"}, "the next day", casebook.Act{At: h.now, Who: "wang"})
	h.must(err)
	if tomorrow.Until.IsZero() {
		h.Error("the day never ends")
	}
}
