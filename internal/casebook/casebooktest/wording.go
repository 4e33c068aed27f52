package casebooktest

import (
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// member is the wording of a listing.
func (h *harness) member(listing string) casebook.Member {
	h.Helper()
	members, err := h.Members(h.ctx(), h.wordings(listing))
	h.must(err)
	if len(members) != 1 {
		h.Fatalf("listing %s has %d wordings", listing, len(members))
	}
	return members[0]
}

// runWordings: what one account says in the same words is one wording, wherever
// and however often; it knows its oldest listing, its times and its sources, also
// when listings leave it.
func runWordings(h *harness) {
	run := h.run()
	at := func(second int, where, who, text string) casebook.Found {
		p := posted(second, text)
		p.Place, p.Author.ID = where, who
		return listing(p, "1000012345")
	}
	const one, two = "https://bbs.example.com/forum-2-1.html", "https://bbs.example.com/forum-3-1.html"
	b, a, c := at(20, one, "7", "出简历"), at(10, two, "7", "出简历"), at(30, one, "7", "出简历")
	h.commit(run, b)
	h.commitFrom(run, "another", a, c)
	m := h.member(a.ID)
	h.same("wordings", []string{m.ID}, h.wordings(a.ID, b.ID, c.ID))
	if m.Listings != 3 || m.Oldest != a.ID || !m.PostedAt.Equal(a.Post.PostedAt) || !m.FirstSeen.Equal(a.Post.PostedAt) || !m.LastSeen.Equal(c.Post.PostedAt) || m.Sketch != a.Sketch {
		h.Fatalf("wording %+v", m)
	}
	h.same("sources", []string{"another", "qq-1000045678"}, m.Sources)
	// Others: another account, other words, another account of the same number elsewhere.
	elsewhere := at(40, one, "7", "出简历")
	elsewhere.Post.Site = "https://other.example.com/"
	elsewhere.ID = elsewhere.Post.ID(0)
	other := []casebook.Found{at(41, one, "8", "出简历"), at(42, one, "7", "也出简历"), elsewhere}
	h.commit(run, other...)
	h.same("wordings in all", 4, len(h.wordings(a.ID, other[0].ID, other[1].ID, elsewhere.ID)))

	// An unknown time is not the oldest, nor does it make the wording older.
	unknown := at(50, one, "7", "出简历")
	unknown.Post.PostedAt = time.Time{}
	h.commit(run, unknown)
	m = h.member(a.ID)
	if m.Listings != 4 || m.Oldest != a.ID || !m.FirstSeen.Equal(a.Post.PostedAt) || !m.LastSeen.Equal(h.now) {
		h.Fatalf("wording with an unknown time: %+v", m)
	}

	// The oldest is taken away, the last one edited into other words.
	h.group(offer(market.SeverityHigh, nil, a.ID))
	l := h.learnt(run, h.claimed(run))
	l.Unlisted = unsaid(a.ID, unknown.ID)
	h.must(second(h.Commit(h.ctx(), l)))
	edited := at(30, one, "7", "也出简历")
	h.commit(run, edited)
	m = h.member(b.ID)
	if m.Listings != 1 || m.Oldest != b.ID || !m.FirstSeen.Equal(b.Post.PostedAt) || !m.LastSeen.Equal(b.Post.PostedAt) {
		h.Fatalf("wording that listings left: %+v", m)
	}
	h.same("sources", []string{"qq-1000045678"}, m.Sources)
	h.same("wording that it joined", 2, h.member(other[1].ID).Listings)
	h.same("wordings of what is withdrawn", 0, len(h.wordings(a.ID, unknown.ID)))
	h.group(offer(market.SeverityHigh, nil, b.ID))
	h.same("offer", b.ID, h.row(b.ID).OfferID)
	h.same("older id", b.ID, h.offerOf(a.ID))
	h.same("sightings", 1, h.alert(1).Sightings)

	// Nobody left: the wording goes, and comes back as it was.
	l = h.learnt(run, h.claimed(run))
	l.Unlisted = unsaid(b.ID)
	h.must(second(h.Commit(h.ctx(), l)))
	h.group()
	gone, err := h.Members(h.ctx(), []string{m.ID})
	h.must(err)
	h.same("wordings without listings", 0, len(gone))
	h.commit(run, b)
	back := h.member(b.ID)
	h.same("the wording", m.ID, back.ID)
	h.same("its listings", 1, back.Listings)

	// Nobody knows who a nameless author is, unless a contact says so.
	nameless := func(second int, contact string) casebook.Found {
		p := said("", second, "收简历")
		p.Author = market.Author{Kind: market.AuthorName}
		return listing(p, contact)
	}
	n := []casebook.Found{nameless(1, ""), nameless(2, ""), nameless(3, "1000012345"), nameless(4, "1000012345")}
	h.commit(run, n...)
	h.same("wordings of the nameless", 3, len(h.wordings(n[0].ID, n[1].ID, n[2].ID, n[3].ID)))
}

// runConsumed: a run can tell when all that was announced before is consumed.
func runConsumed(h *harness) {
	newest := func() int64 {
		h.Helper()
		n, err := h.NewestNotice(h.ctx())
		h.must(err)
		return n
	}
	consumed := func(n int64) bool {
		h.Helper()
		yes, err := h.Consumed(h.ctx(), n)
		h.must(err)
		return yes
	}
	h.same("newest of none", int64(0), newest())
	h.same("none consumed", true, consumed(0))
	run := h.run()
	h.commit(run, listing(said("1000012345", 1, "出简历"), ""))
	first := newest()
	h.commit(run, listing(said("1000012345", 2, "出简历"), ""))
	h.same("consumed", false, consumed(first))
	for _, topic := range []string{casebook.TopicGroup, casebook.TopicIndex} {
		notices, err := h.Outbox(h.ctx(), topic, 1)
		h.must(err)
		h.must(h.Ack(h.ctx(), notices))
	}
	h.same("consumed", true, consumed(first))
	h.same("what came later", false, consumed(newest()))
}

// runAdopt: a crawl also waits for what an earlier one, which was killed, left.
func runAdopt(h *harness) {
	adopt := func(run int64) int64 {
		h.Helper()
		n, err := h.AdoptPages(h.ctx(), run, "board", h.now)
		h.must(err)
		return n
	}
	h.source("board", "https://bbs.example.com/00")
	h.source("other", "https://other.example.com/")
	killed := h.run()
	h.request(killed, "board", urls(2)...)
	h.request(killed, "other", "https://other.example.com/")
	h.request(0, "board", "https://bbs.example.com/due")
	run := h.run()
	c := h.visits
	h.plan(killed, 1, 1) // one is in a visit
	if n := len(c()); n != 1 {
		h.Fatalf("%d visits", n)
	}
	h.same("adopted", int64(3), adopt(run))
	h.same("adopted again", int64(0), adopt(run))
	p, err := h.RunProgress(h.ctx(), run, false)
	h.must(err)
	h.same("owed", int64(3), p.Open)
	h.same("of another source", killed, h.page("other", "https://other.example.com/").Run)
	// A source that stands still is nobody's to wait for.
	h.must(h.SetSourceState(h.ctx(), "board", casebook.SourcePaused))
	later := h.run()
	h.same("adopted of a paused source", int64(0), adopt(later))
}
