package casebooktest

import (
	"fmt"
	"slices"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// sightings commits one unit that saw posts, and returns what was new.
func (h *harness) sightings(run int64, posts ...*market.Post) casebook.Gain {
	h.Helper()
	l := h.learnt(run, h.claimed(run))
	var buf []byte
	for _, p := range posts {
		var s casebook.Sighting
		s, buf = prints.Of(p, buf)
		l.Sightings = append(l.Sightings, s)
	}
	g, err := h.Commit(h.ctx(), l)
	h.must(err)
	return g
}

// runMultiplicity: equal messages of one second are real repeats; over several
// files a message stands as often as the file that has it most often says.
func runMultiplicity(h *harness) {
	run := h.run()
	a, b := said("1000012345", 1, "在吗"), said("1000012345", 2, "在吗")
	h.same("first", casebook.Gain{Posts: 3}, h.sightings(run, a, a, b))
	h.same("the same", casebook.Gain{Duplicates: 3}, h.sightings(run, b, a, a))
	h.same("fewer", casebook.Gain{Duplicates: 1}, h.sightings(run, a))
	h.same("one more", casebook.Gain{Posts: 1, Duplicates: 2}, h.sightings(run, a, a, a))
	h.same("others", casebook.Gain{Posts: 2}, h.sightings(run, said("1000067890", 1, "在吗"), said("1000012345", 1, "不在")))
	elsewhere := said("1000012345", 1, "在吗")
	elsewhere.Place = "1000099999"
	h.same("elsewhere", casebook.Gain{Posts: 1}, h.sightings(run, elsewhere))
	picture := said("1000012345", 1, "在吗 [图片]\n")
	h.same("as another format spells it", casebook.Gain{Duplicates: 1}, h.sightings(run, picture))
	h.same("nothing", casebook.Gain{}, h.sightings(run))
	counts := h.counts(run)
	h.same("posts", int64(7), counts[casebook.CountPosts])
	h.same("duplicates", int64(7), counts[casebook.CountDuplicates])
	if _, err := casebook.NewFingerprints(make([]byte, 15)); err == nil {
		h.Error("a short key was taken")
	}
}

// runNative: a post with an id of its place is known by it alone, whatever became
// of its text, time and board.
func runNative(h *harness) {
	run := h.run()
	p := posted(1, "出简历")
	h.same("first", casebook.Gain{Posts: 1}, h.sightings(run, p))
	edited := posted(1, "改过了")
	edited.PostedAt = edited.PostedAt.AddDate(0, 0, 3)
	edited.Place = "https://bbs.example.com/forum-9-1.html" // its thread was moved
	h.same("edited and moved", casebook.Gain{Duplicates: 1}, h.sightings(run, edited))
	other := posted(1, "出简历")
	other.Site = "https://other.example.com/"
	h.same("of another site", casebook.Gain{Posts: 1}, h.sightings(run, other))
}

func runRevision(h *harness) {
	run := h.run()
	f := listing(posted(1, "出简历，2元一条"), "1000012345")
	f.State = market.PostThere
	h.same("first", casebook.Gain{Posts: 1, Listings: 1}, h.commit(run, f))
	was := h.row(f.ID)
	if was.Revision != 0 || was.State != market.PostThere || was.Version != 1 || !was.Live || was.Sketch != f.Sketch {
		h.Fatalf("row %+v", was)
	}
	h.same("again", casebook.Gain{Duplicates: 1}, h.commit(run, f))
	h.same("row after the same again", was, h.row(f.ID))

	for i, text := range []string{"出简历，3元一条", "出简历，4元一条"} {
		g := listing(posted(1, text), "1000067890")
		g.State, g.Capture, g.Start, g.Length = market.PostThere, fmt.Sprintf("capture %d", i), 10, 20
		h.same("edit", casebook.Gain{Duplicates: 1}, h.commit(run, g))
		now := h.row(f.ID)
		if now.Revision != i+1 || now.Text != text || now.State != market.PostChanged || now.Version != int64(i+2) || now.Capture.Digest != g.Capture ||
			now.Listing.Contacts[0].Value != "1000067890" {
			h.Fatalf("row after edit %d: %+v", i, now)
		}
		known, err := h.KnownText(h.ctx(), []string{f.ID, "unknown"})
		h.must(err)
		h.same("digests", map[string]string{f.ID: g.TextDigest}, known)
	}
}

func runWithdrawal(h *harness) {
	run := h.run()
	f, other := listing(posted(1, "出简历"), "1000012345"), listing(posted(2, "收简历"), "1000067890")
	h.commit(run, f, other)
	h.drain()
	l := h.learnt(run, h.claimed(run))
	l.Unlisted = unsaid(f.ID, "never a listing")
	h.must(second(h.Commit(h.ctx(), l)))
	row := h.row(f.ID)
	if row.Live || row.State != market.PostChanged || row.Version != 2 {
		h.Fatalf("withdrawn row %+v", row)
	}
	h.same("the other one", true, h.row(other.ID).Live)
	h.same("announced", []string{f.ID}, h.drain())
	known, err := h.KnownText(h.ctx(), []string{f.ID, other.ID})
	h.must(err)
	h.same("known and live", map[string]string{other.ID: other.TextDigest}, known)

	// Withdrawn again: nothing more. An offer again: live again.
	l = h.learnt(run, h.claimed(run))
	l.Unlisted = unsaid(f.ID)
	h.must(second(h.Commit(h.ctx(), l)))
	h.same("announced again", []string(nil), h.drain())
	h.commit(run, f)
	row = h.row(f.ID)
	if !row.Live || row.Version != 3 {
		h.Fatalf("row of a renewed offer %+v", row)
	}
	h.same("announced anew", []string{f.ID}, h.drain())
}

func runGoneThread(h *harness) {
	run := h.run()
	in := func(thread string, f casebook.Found) casebook.Found {
		f.Thread, f.State = thread, market.PostThere
		return f
	}
	a, b, c := in("t1", listing(posted(1, "出简历"), "")), in("t1", listing(posted(2, "也出"), "")), in("t2", listing(posted(3, "还出"), ""))
	h.commit(run, a, b, c)
	edited := in("t1", listing(posted(2, "也出2元"), ""))
	h.commit(run, edited)
	holds := func(thread string) bool {
		h.Helper()
		ok, err := h.HoldsListings(h.ctx(), thread)
		h.must(err)
		return ok
	}
	h.same("holds", []bool{true, true, false}, []bool{holds("t1"), holds("t2"), holds("t3")})
	l := h.learnt(run, h.claimed(run))
	l.GoneThread = "t1"
	h.must(second(h.Commit(h.ctx(), l)))
	h.same("states", []string{market.PostGone, market.PostGone, market.PostThere}, []string{h.row(a.ID).State, h.row(b.ID).State, h.row(c.ID).State})
	h.same("gone is still a listing", true, h.row(a.ID).Live)
	// It is back: as it was.
	h.commit(run, a, edited)
	h.same("states when back", []string{market.PostThere, market.PostChanged}, []string{h.row(a.ID).State, h.row(b.ID).State})
	// It is back in other words.
	l = h.learnt(run, h.claimed(run))
	l.GoneThread = "t1"
	h.must(second(h.Commit(h.ctx(), l)))
	h.commit(run, in("t1", listing(posted(1, "不一样的出简历"), "")))
	h.same("back in other words", market.PostChanged, h.row(a.ID).State)
}

func runSecondSource(h *harness) {
	run := h.run()
	f := listing(said("1000012345", 1, "出简历"), "1000012345")
	f.Post.Flags = []string{"a", "c"}
	h.commit(run, f)
	h.drain()
	first := h.row(f.ID)

	again := listing(said("1000012345", 1, "出简历"), "1000012345")
	again.Post.Flags = []string{"b", "c"}
	h.commit(run, again)
	row := h.row(f.ID)
	h.same("flags", []string{"a", "b", "c"}, row.Flags)
	h.same("announced for a flag", []string(nil), h.drain())

	h.commitFrom(run, "another export", again)
	row = h.row(f.ID)
	h.same("sources", []string{"another export", "qq-1000045678"}, row.Sources)
	if row.Version <= first.Version {
		h.Errorf("version %d after %d: an index would not take the second source", row.Version, first.Version)
	}
	h.same("announced for a source", []string{f.ID}, h.drain())

	// People change their names; which export came first must not matter.
	renamed := listing(said("1000012345", 1, "出简历"), "1000012345")
	renamed.Post.Author.Name = "A卖家"
	h.same("the same post under another name", f.ID, renamed.ID)
	h.commit(run, renamed)
	h.same("name", "A卖家", h.row(f.ID).Author.Name)
	h.drain()
	nameless := listing(said("1000012345", 1, "出简历"), "1000012345")
	nameless.Post.Author.Name = ""
	h.commit(run, nameless, f)
	h.same("name", "A卖家", h.row(f.ID).Author.Name)
	h.same("announced", []string(nil), h.drain())
}

// runSpellings: two exports may spell one message differently. That is no edit,
// and which one is kept doesn't hang on what came first.
func runSpellings(h *harness) {
	texts := []string{"出简历 2元", "出简历  2元", "出简历 2元 [图片]", "[图片]出简历\n2元"}
	var want casebook.Row
	for i := range texts {
		b := &harness{T: h.T, Book: h.open(h.T), open: h.open, now: h.now}
		run := b.run()
		listings := int64(0)
		for j := range texts {
			f := listing(said("1000012345", 1, texts[(i+j)%len(texts)]), "1000012345")
			listings += b.commit(run, f).Listings
		}
		h.same("listings", int64(1), listings)
		row := b.row(said("1000012345", 1, texts[0]).ID(0))
		if row.Revision != 0 || row.State != market.PostUnknown {
			h.Errorf("a spelling counts as an edit: %+v", row)
		}
		row.Version = 0
		if i == 0 {
			want = row
		}
		h.same("row", want, row)
	}
}

func runLaterExtractor(h *harness) {
	run := h.run()
	f := listing(said("1000012345", 1, "出简历 张三 13800138001"), "1000012345")
	h.commit(run, f)
	h.drain()
	better := listing(said("1000012345", 1, "出简历 张三 13800138001"), "1000067890")
	better.Extractor, better.Masked = "2", "出简历 ＊＊ ***********"
	h.same("gain", casebook.Gain{Duplicates: 1}, h.commit(run, better))
	row := h.row(f.ID)
	if row.Text != better.Masked || row.Listing.Contacts[0].Value != "1000067890" || row.Revision != 0 || row.State != market.PostUnknown || row.Version != 2 {
		h.Fatalf("row read anew: %+v", row)
	}
	h.same("announced", []string{f.ID}, h.drain())
}

// runManyIDs: more ids than one statement takes.
func runManyIDs(h *harness) {
	run := h.run()
	var found []casebook.Found
	var ids []string
	for i := range 507 {
		f := listing(said("1000012345", i, fmt.Sprintf("出简历 %d", i)), fmt.Sprint(1000010000+i))
		found, ids = append(found, f), append(ids, f.ID)
	}
	h.same("gain", casebook.Gain{Posts: 507, Listings: 507}, h.commit(run, found...))
	rows, err := h.Rows(h.ctx(), append([]string{"unknown"}, ids...))
	h.must(err)
	h.same("rows", 507, len(rows))
	for i, r := range rows {
		if r.ID != ids[i] || len(r.Sources) != 1 {
			h.Fatalf("row %d is %s of %v, want %s", i, r.ID, r.Sources, ids[i])
		}
	}
	members, err := h.Members(h.ctx(), h.wordings(ids...))
	h.must(err)
	h.same("members", 507, len(members))
	for _, m := range members {
		if len(m.Sources) != 1 || len(m.Listing.Contacts) != 1 {
			h.Fatalf("member %+v", m)
		}
	}
	n, last := 0, ""
	h.must(h.Listings(h.ctx(), func(r casebook.Row) error {
		if r.ID <= last {
			return fmt.Errorf("%s after %s", r.ID, last)
		}
		n, last = n+1, r.ID
		return nil
	}))
	h.same("listings", 507, n)
	known, err := h.KnownText(h.ctx(), ids)
	h.must(err)
	h.same("digests", 507, len(known))
	h.same("announced", 507, len(h.drain()))
	l := h.learnt(run, h.claimed(run))
	l.Unlisted = unsaid(ids...)
	h.must(second(h.Commit(h.ctx(), l)))
	h.same("withdrawn", 507, len(h.drain()))
}

// drain consumes the outbox and returns the listings that were announced to the
// index, making sure that the grouper hears of the wordings of all that are live.
func (h *harness) drain() []string {
	h.Helper()
	var wordings, ids []string
	for topic, out := range map[string]*[]string{casebook.TopicGroup: &wordings, casebook.TopicIndex: &ids} {
		for {
			notices, err := h.Outbox(h.ctx(), topic, 500)
			h.must(err)
			if len(notices) == 0 {
				break
			}
			for _, n := range notices {
				*out = append(*out, n.Ref)
			}
			h.must(h.Ack(h.ctx(), notices))
		}
	}
	for _, w := range h.wordings(ids...) {
		if !slices.Contains(wordings, w) {
			h.Errorf("the grouper didn't hear of wording %s", w)
		}
	}
	return ids
}
