package casebooktest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/market"
)

// RunCases runs the suite of cases and their holds.
func RunCases(t *testing.T, open func(t *testing.T) *casebook.Book) {
	for _, c := range []struct {
		name string
		run  func(*harness)
	}{
		{"a case", runCase},
		{"a hold", runHold},
		{"what joins a hold", runHoldJoins},
		{"what leaves a held offer", runHoldLeaves},
		{"held sellers", runHoldSeller},
		{"held sources", runHoldSource},
		{"the months of a hold", runHoldMonths},
		{"sealing anew", runReseal},
		{"holds beside writers", runHoldTogether},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.run(&harness{T: t, Book: open(t), open: open, now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)})
		})
	}
}

// shot commits listings whose posts lie in a capture of their own.
func (h *harness) shot(n int, source string, found ...casebook.Found) string {
	h.Helper()
	run := h.run()
	l := h.learnt(run, h.claimed(run))
	l.Source, l.Device = source, "test-host"
	c := casebook.Capture{Digest: hex64(n), SealedDigest: "5" + hex64(n)[1:], File: h.now.Format("2006/01") + "/f", Offset: int64(1000 * n), Length: 100, Kind: "chat", At: h.now, Source: source}
	l.Captures = []casebook.Capture{c}
	for _, f := range found {
		f.Capture = c.Digest
		l.Found = append(l.Found, f)
	}
	_, err := h.Commit(h.ctx(), l)
	h.must(err)
	return c.Digest
}

const group = "qq-1000045678"

func (h *harness) newCase(name string, items ...casebook.CaseItem) int64 {
	h.Helper()
	c, err := h.NewCase(h.ctx(), name, h.by("wang"))
	h.must(err)
	if len(items) > 0 {
		_, err = h.AddToCase(h.ctx(), c.Num, items, "test-host", h.by("wang"))
		h.must(err)
	}
	return c.Num
}

func (h *harness) hold(num int64) casebook.HeldSum {
	h.Helper()
	held, changed, err := h.SetHold(h.ctx(), num, true, "ticket 7", "test-host", h.by("li"))
	h.must(err)
	h.same("changed", true, changed)
	return held
}

func (h *harness) lift(num int64) {
	h.Helper()
	_, changed, err := h.SetHold(h.ctx(), num, false, "done", "test-host", h.by("li"))
	h.must(err)
	h.same("changed", true, changed)
}

func (h *harness) theCase(num int64) casebook.CaseFacts {
	h.Helper()
	f, err := h.Case(h.ctx(), num)
	h.must(err)
	return f
}

// underHold are the digests of held captures of March and April 2026.
func (h *harness) underHold() []string {
	h.Helper()
	out := []string{}
	for _, month := range []string{"2026-03", "2026-04"} {
		all, err := h.HeldUnder(h.ctx(), month, "", 1000)
		h.must(err)
		for _, c := range all {
			out = append(out, c.Digest)
		}
	}
	slices.Sort(out)
	return out
}

func (h *harness) custodyKinds() (kinds []string) {
	h.Helper()
	h.must(h.CustodyEvents(h.ctx(), "", func(e custody.Event) error {
		kinds = append(kinds, string(e.Kind))
		return nil
	}))
	return kinds
}

func alertItem(id string) casebook.CaseItem {
	return casebook.CaseItem{Kind: casebook.ItemAlert, ID: id}
}

// runCase: what is put into a case is there, whoever did it, and once it is closed
// nothing changes.
func runCase(h *harness) {
	ids := h.seed(h.run(), 2)
	h.group(offer(market.SeverityHigh, []string{"qq:1000012345"}, ids[0]), offer(market.SeverityLow, nil, ids[1]))
	c, err := h.NewCase(h.ctx(), "北京代下载", h.by("wang"))
	h.must(err)
	h.same("name", "C-1", casebook.CaseID(c.Num))
	items := []casebook.CaseItem{alertItem("A-1"), {Kind: casebook.ItemOffer, ID: ids[1]}, {Kind: casebook.ItemSeller, ID: "S-1"}}
	fresh, err := h.AddToCase(h.ctx(), c.Num, items, "", h.by("wang"))
	h.must(err)
	h.same("added", items, fresh)
	fresh, err = h.AddToCase(h.ctx(), c.Num, items[:2], "", h.by("li"))
	h.must(err)
	h.same("added again", 0, len(fresh))
	for _, bad := range []casebook.CaseItem{alertItem("A-9"), alertItem("x"), {Kind: casebook.ItemSeller, ID: "S-7"}, {Kind: casebook.ItemSeller, ID: ""},
		{Kind: casebook.ItemOffer, ID: "none"}, {Kind: casebook.ItemSource, ID: "none"}, {Kind: "post", ID: ids[0]}} {
		_, err = h.AddToCase(h.ctx(), c.Num, []casebook.CaseItem{alertItem("A-2"), bad}, "", h.by("wang"))
		h.wantErr(casebook.ErrNotFound, err)
	}
	_, err = h.AddToCase(h.ctx(), 9, items, "", h.by("wang"))
	h.wantErr(casebook.ErrNotFound, err)
	h.must(h.NoteCase(h.ctx(), c.Num, "已报案", h.by("li")))
	f := h.theCase(c.Num)
	var did []string
	for _, e := range f.History {
		did = append(did, e.Who+" "+e.Action)
	}
	h.same("history", []string{"wang opened", "wang added", "li noted"}, did)
	h.same("alerts", 1, len(f.Alerts))
	h.same("offers", ids, f.Offers)
	h.same("sellers", []string{"S-1"}, f.Sellers)
	h.same("gone", 0, len(f.Gone))
	h.same("items", 3, f.Items)
	cases, err := h.CasesOf(h.ctx(), 1, "")
	h.must(err)
	h.same("cases of an alert", []string{"C-1"}, cases)
	cases, err = h.CasesOf(h.ctx(), 2, "other")
	h.must(err)
	h.same("cases of another", 0, len(cases))
	h.newCase("of the offer", casebook.CaseItem{Kind: casebook.ItemOffer, ID: ids[1]})
	h.group(offer(market.SeverityHigh, []string{"qq:1000012345"}, ids...))
	cases, err = h.CasesOf(h.ctx(), 1, ids[0])
	h.must(err)
	h.same("cases of both", []string{"C-1", "C-2"}, cases)
	h.newCase("second")
	list, err := h.Cases(h.ctx(), 1, 2)
	h.must(err)
	h.same("list", []casebook.Case{f.Case}, list)

	closed, err := h.CloseCase(h.ctx(), c.Num, h.by("li"))
	h.must(err)
	h.same("state", casebook.CaseClosed, closed.State)
	_, err = h.CloseCase(h.ctx(), c.Num, h.by("li"))
	h.must(err)
	h.wantErr(casebook.ErrCaseClosed, h.NoteCase(h.ctx(), c.Num, "x", h.by("li")))
	_, _, err = h.SetHold(h.ctx(), c.Num, true, "", "", h.by("li"))
	h.wantErr(casebook.ErrCaseClosed, err)
	_, err = h.CloseCase(h.ctx(), 9, h.by("li"))
	h.wantErr(casebook.ErrNotFound, err)
	h.same("events", 4, len(h.theCase(c.Num).History))
}

// runHold: a hold keeps what the case is about, says so in the log, and lets go
// when it is lifted.
func runHold(h *harness) {
	one, other := listing(said("1000012345", 1, "出简历"), "1000012345"), listing(said("1000023456", 2, "出号"), "1000023456")
	first := h.shot(1, group, one)
	h.shot(2, group, other)
	h.group(offer(market.SeverityHigh, []string{"qq:1"}, one.ID), offer(market.SeverityHigh, []string{"qq:2"}, other.ID))
	num := h.newCase("held", alertItem("A-1"))
	h.same("before", []string{}, h.underHold())
	h.same("held", casebook.HeldSum{Offers: 1, Posts: 1, Captures: 1, Bytes: 100}, h.hold(num))
	h.same("held captures", []string{first}, h.underHold())
	holding, err := h.Holding(h.ctx(), "2026-03")
	h.must(err)
	h.same("holding", []string{"C-1"}, holding)
	holding, err = h.Holding(h.ctx(), "2026-04")
	h.must(err)
	h.same("holding another month", 0, len(holding))
	called := false
	holding, err = h.Unheld(h.ctx(), "2026-03", func() error { called = true; return nil })
	h.must(err)
	h.same("held month", []any{[]string{"C-1"}, false}, []any{holding, called})
	_, changed, err := h.SetHold(h.ctx(), num, true, "again", "", h.by("li"))
	h.must(err)
	h.same("changed", false, changed)
	_, err = h.CloseCase(h.ctx(), num, h.by("li"))
	h.wantErr(casebook.ErrOnHold, err)
	h.same("sum", casebook.HeldSum{Offers: 1, Posts: 1, Captures: 1, Bytes: 100}, h.theCase(num).Held)

	// Proof that it was still there is held with it.
	run := h.run()
	l := h.learnt(run, h.claimed(run))
	l.Captures = []casebook.Capture{{Digest: hex64(8), SealedDigest: "s", File: "2026/03/r", Length: 10, Kind: "revisit", At: h.now, Source: group, Refers: first}}
	_, err = h.Commit(h.ctx(), l)
	h.must(err)
	h.same("proof of it", []string{first, hex64(8)}, h.underHold())
	h.same("sum", casebook.HeldSum{Offers: 1, Posts: 1, Captures: 2, Bytes: 110}, h.theCase(num).Held)

	// What is added later is held at once, and told.
	_, err = h.AddToCase(h.ctx(), num, []casebook.CaseItem{alertItem("A-2")}, "", h.by("wang"))
	h.must(err)
	h.same("held captures", []string{hex64(1), hex64(2), hex64(8)}, h.underHold())
	h.lift(num)
	h.same("lifted", []string{}, h.underHold())
	boom := errors.New("boom")
	_, err = h.Unheld(h.ctx(), "2026-03", func() error { return boom })
	h.wantErr(boom, err)
	h.same("custody", []string{"captured", "captured", "hold_set", "captured", "hold_set", "hold_lifted"}, h.custodyKinds())
	_, changed, err = h.SetHold(h.ctx(), num, false, "", "", h.by("li"))
	h.must(err)
	h.same("changed", false, changed)
	_, err = h.CloseCase(h.ctx(), num, h.by("li"))
	h.must(err)
	h.must(h.RefreshHolds(h.ctx()))
	h.same("closed", []string{}, h.underHold())
}

// runHoldJoins: listings that join a held offer, by their wording or by grouping,
// are held; so is what an edit leaves behind.
func runHoldJoins(h *harness) {
	one := listing(said("1000012345", 1, "出简历"), "1000012345")
	h.shot(1, group, one)
	h.group(offer(market.SeverityHigh, []string{"qq:1"}, one.ID))
	num := h.newCase("held", alertItem("A-1"))
	h.hold(num)
	// The same words again: the wording is known, its offer held.
	repeat := listing(said("1000012345", 100, "出简历"), "1000012345")
	h.shot(2, group, repeat)
	h.same("by its wording", []string{hex64(1), hex64(2)}, h.underHold())
	// Other words that are found to be of the offer.
	more := listing(said("1000012345", 200, "大量出简历"), "1000012345")
	h.shot(3, group, more)
	h.same("not yet", []string{hex64(1), hex64(2)}, h.underHold())
	h.group(offer(market.SeverityHigh, []string{"qq:1"}, one.ID, more.ID))
	h.same("by grouping", []string{hex64(1), hex64(2), hex64(3)}, h.underHold())
	// A held offer becomes part of one that nobody held.
	older := listing(said("1000012345", 0, "有简历"), "1000012345")
	h.shot(4, group, older)
	h.group(offer(market.SeverityHigh, []string{"qq:1"}, older.ID))
	h.group(offer(market.SeverityHigh, []string{"qq:1"}, older.ID, one.ID, more.ID))
	h.same("by a merge", []string{hex64(1), hex64(2), hex64(3), hex64(4)}, h.underHold())
	h.must(h.RefreshHolds(h.ctx()))
	h.same("a second look", []string{hex64(1), hex64(2), hex64(3), hex64(4)}, h.underHold())
	h.same("offers", []string{older.ID}, h.theCase(num).Offers)
}

// runHoldLeaves: a post that was held stays so when it is edited, withdrawn or split off.
func runHoldLeaves(h *harness) {
	one, two := listing(posted(1, "出简历"), "1000012345"), listing(posted(2, "出大量简历"), "1000012345")
	h.shot(1, group, one, two)
	h.group(offer(market.SeverityHigh, []string{"qq:1"}, one.ID, two.ID))
	num := h.newCase("held", alertItem("A-1"))
	h.hold(num)
	edited := listing(posted(1, "出好简历"), "1000012345")
	h.shot(2, group, edited)
	h.same("an edit", []string{hex64(1), hex64(2)}, h.underHold())
	h.group(offer(market.SeverityHigh, []string{"qq:1"}, two.ID), offer("", nil, one.ID))
	split := listing(posted(1, "出很好简历"), "1000012345")
	h.shot(3, group, split)
	h.same("what was split off", []string{hex64(1), hex64(2), hex64(3)}, h.underHold())
	run := h.run()
	l := h.learnt(run, h.claimed(run))
	l.Unlisted = unsaid(two.ID)
	_, err := h.Commit(h.ctx(), l)
	h.must(err)
	h.must(h.RefreshHolds(h.ctx()))
	h.same("posts", int64(2), h.theCase(num).Held.Posts)
}

// runHoldSeller: of a seller that was added, offers that come later are held.
func runHoldSeller(h *harness) {
	one := listing(said("1000012345", 1, "出简历"), "1000012345")
	h.shot(1, group, one)
	h.group(offer(market.SeverityHigh, []string{"qq:1"}, one.ID))
	num := h.newCase("held", casebook.CaseItem{Kind: casebook.ItemSeller, ID: "S-1"})
	h.newCase("empty")
	h.hold(num)
	h.hold(2)
	two := listing(said("1000023456", 2, "出号"), "1000012345")
	h.shot(2, group, two)
	h.group(offer(market.SeverityHigh, []string{"qq:1", "qq:2"}, two.ID))
	h.same("held captures", []string{hex64(1), hex64(2)}, h.underHold())
	three := listing(said("1000034567", 3, "收号"), "1000034567")
	h.shot(3, group, three)
	h.group(offer(market.SeverityHigh, []string{"qq:3"}, three.ID))
	h.same("of another seller", []string{hex64(1), hex64(2)}, h.underHold())
}

// runHoldSource: of a source that was added all captures are held, those that come
// later as well.
func runHoldSource(h *harness) {
	h.must(h.PutSource(h.ctx(), casebook.Source{Name: "other", Kind: "archive", State: casebook.SourceActive}, h.now))
	h.shot(1, group, listing(said("1000012345", 1, "出简历"), ""))
	h.shot(2, "other", listing(said("1000023456", 2, "出号"), ""))
	num := h.newCase("held", casebook.CaseItem{Kind: casebook.ItemSource, ID: "other"})
	h.same("held", casebook.HeldSum{Captures: 1, Bytes: 100}, h.hold(num))
	h.shot(3, "other")
	h.same("held captures", []string{hex64(2), hex64(3)}, h.underHold())
	holding, err := h.Holding(h.ctx(), "2026-03")
	h.must(err)
	h.same("holding", []string{"C-1"}, holding)
	h.same("sources", []string{"other"}, h.theCase(num).Sources)
}

// runHoldMonths: a key is that of a month to the millisecond.
func runHoldMonths(h *harness) {
	h.must(h.PutSource(h.ctx(), casebook.Source{Name: group, Kind: "archive", State: casebook.SourceActive}, h.now))
	num := h.newCase("held", casebook.CaseItem{Kind: casebook.ItemSource, ID: group})
	for i, at := range []time.Time{
		time.Date(2026, 2, 28, 23, 59, 59, 999e6, time.UTC), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 3, 31, 23, 59, 59, 999e6, time.UTC), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
	} {
		h.now = at
		h.shot(i, group)
	}
	h.hold(num)
	h.same("captures", []string{hex64(1), hex64(2), hex64(3)}, h.underHold())
	months, err := h.HeldMonths(h.ctx(), num)
	h.must(err)
	h.same("months", map[string]int{"2026-02": 1, "2026-03": 2, "2026-04": 1}, months)
	for _, key := range []string{"2026-05", "hold-C-1", "hold-C-9", "nonsense", ""} {
		holding, err := h.Holding(h.ctx(), key)
		h.must(err)
		h.same("holding "+key, 0, len(holding))
	}
}

// runReseal: a held capture gets another seal and place; the log tells of it, and of
// any other change.
func runReseal(h *harness) {
	k := keeper(h.T, 'k')
	_, err := h.AdoptCaptures(h.ctx(), custody.Event{At: h.now}, 10)
	h.must(err)
	h.must(h.PutSource(h.ctx(), casebook.Source{Name: group, Kind: "archive", State: casebook.SourceActive}, h.now))
	for n := range 3 {
		h.shot(n, group)
	}
	source := casebook.CaseItem{Kind: casebook.ItemSource, ID: group}
	one, two := h.newCase("one", source), h.newCase("two", source)
	h.hold(one)
	h.hold(two)
	move := func(num, want int64, from string, upTo int) error {
		held, err := h.HeldUnder(h.ctx(), from, "", upTo)
		h.must(err)
		r := casebook.Resealing{Case: num, From: from, Device: "test-host"}
		for _, c := range held {
			h.same("case", want, c.Case)
			r.Was = append(r.Was, c.Capture)
			c.File, c.SealedDigest = "2026/03/"+casebook.HoldKey(num), fmt.Sprintf("%d%s", num, c.Digest[1:])
			r.Now = append(r.Now, c.Capture)
		}
		err = h.Reseal(h.ctx(), r, h.by("li"))
		if err == nil {
			h.wantErr(casebook.ErrMoved, h.Reseal(h.ctx(), r, h.by("li")))
		}
		return err
	}
	h.must(move(one, one, "2026-03", 2))
	holding, err := h.Holding(h.ctx(), "2026-03")
	h.must(err)
	h.same("the month", []string{"C-1", "C-2"}, holding)
	h.must(move(one, one, "2026-03", 2))
	holding, err = h.Holding(h.ctx(), "2026-03")
	h.must(err)
	h.same("the month afterwards", 0, len(holding))
	n, err := h.SealedTo(h.ctx(), "hold-C-1")
	h.must(err)
	h.same("sealed to the hold", 3, n)
	h.same("sum", casebook.HeldSum{Captures: 3, Bytes: 300, Resealed: 3}, h.theCase(one).Held)
	c, err := h.CaptureByDigest(h.ctx(), hex64(0))
	h.must(err)
	h.same("capture", []string{"hold-C-1", "1" + hex64(0)[1:], "2026/03/hold-C-1"}, []string{c.Seal, c.SealedDigest, c.File})
	f := h.audit(k, h.extend(k, 7))
	h.wantSound(f)

	// Another case goes on with them.
	h.lift(one)
	h.wantErr(casebook.ErrMoved, move(one, two, "hold-C-1", 1))
	h.must(move(two, two, "hold-C-1", 10))
	f = h.audit(k, h.extend(k, 7))
	h.wantSound(f)
	h.same("captures", int64(3), f.Captures)
	r, err := h.ReceiptOf(h.ctx(), hex64(0))
	h.must(err)
	e, _, err := r.Check(k.Key.Public)
	h.must(err)
	h.same("the receipt is of the capture", custody.Captured, e.Kind)
}

// RunResealTampering changes what the book says of captures that were sealed anew.
func RunResealTampering(t *testing.T, open func(t *testing.T) (*casebook.Book, func(statement string) error)) {
	first := ` WHERE digest = '` + hex64(0) + `'`
	for _, c := range []struct{ name, do, want string }{
		{"nothing", `UPDATE capture SET kind = kind`, ""},
		{"another sealed digest", `UPDATE capture SET sealed_digest = 'x'` + first, "sealed digests are not those"},
		{"another first one", `UPDATE capture SET first_sealed = 'x'` + first, "sealed digest"},
		{"as if it never was", `UPDATE capture SET sealed_digest = first_sealed, first_sealed = '', resealed = 0, seal = ''` + first, "the casebook doesn't"},
		{"another event", `UPDATE capture SET resealed = event` + first, "the casebook doesn't"},
		{"a capture that never was", `UPDATE capture SET resealed = (SELECT resealed FROM capture` + first + `), first_sealed = sealed_digest WHERE digest = '` + hex64(1) + `'`, "doesn't name it"},
		{"both exchanged", `UPDATE capture SET first_sealed = 'y', sealed_digest = 'x'` + first, "sealed digest"},
		{"taken out", `DELETE FROM capture` + first, "doesn't have it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			book, exec := open(t)
			h := &harness{T: t, Book: book, now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)}
			k := keeper(t, 'k')
			_, err := h.AdoptCaptures(h.ctx(), custody.Event{At: h.now}, 10)
			h.must(err)
			h.must(h.PutSource(h.ctx(), casebook.Source{Name: group, Kind: "archive", State: casebook.SourceActive}, h.now))
			h.shot(0, group)
			h.shot(1, group)
			num := h.newCase("one", casebook.CaseItem{Kind: casebook.ItemSource, ID: group})
			h.hold(num)
			held, err := h.HeldUnder(h.ctx(), "2026-03", "", 1)
			h.must(err)
			now := held[0].Capture
			now.SealedDigest, now.File = "new", "2026/03/hold"
			h.must(h.Reseal(h.ctx(), casebook.Resealing{Case: num, From: "2026-03", Was: []casebook.Capture{held[0].Capture}, Now: []casebook.Capture{now}}, h.by("li")))
			kept := h.extend(k, 100)
			h.wantSound(h.audit(k, kept))
			h.must(exec(c.do))
			f := h.audit(k, kept)
			if c.want == "" {
				h.wantSound(f)
				return
			}
			said := ""
			for _, fault := range f.Faults {
				said += fault.What + ": " + fault.Detail + "\n"
			}
			if !slices.ContainsFunc(f.Faults, func(x custody.Fault) bool { return strings.Contains(x.Detail, c.want) }) {
				t.Errorf("found\n%swant one that says %q", said, c.want)
			}
		})
	}
}

// runHoldTogether: holds that are set and lifted beside commits and groupings keep,
// after a second look, all that belongs to their cases.
func runHoldTogether(h *harness) {
	one := listing(said("1000012345", 0, "出简历"), "1000012345")
	h.shot(0, group, one)
	h.group(offer(market.SeverityHigh, []string{"qq:1"}, one.ID))
	num := h.newCase("held", alertItem("A-1"))
	const looks = 30
	by := h.by("li")
	var other sync.WaitGroup
	other.Go(func() {
		for n := range 13 { // on at last
			if _, _, err := h.SetHold(h.ctx(), num, n%2 == 0, "", "", by); err != nil {
				h.Error(err)
			}
		}
	})
	for n := 1; n <= looks; n++ {
		h.shot(n, group, listing(said("1000012345", n, "出简历"), "1000012345")) // the same words, so the same wording
	}
	other.Wait()
	h.must(h.RefreshHolds(h.ctx()))
	h.same("held captures", looks+1, len(h.underHold()))
}
