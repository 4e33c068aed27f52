package casebooktest

import (
	"errors"
	"strings"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

func (h *harness) unlisted(run int64, u ...casebook.Unlisted) casebook.Gain {
	h.Helper()
	l := h.learnt(run, h.claimed(run))
	l.Unlisted = u
	g, err := h.Commit(h.ctx(), l)
	h.must(err)
	return g
}

// waiting is the number of the newest notice.
func (h *harness) waiting() int64 {
	h.Helper()
	n, err := h.NewestNotice(h.ctx())
	h.must(err)
	return n
}

func (h *harness) dumped() string {
	h.Helper()
	var out strings.Builder
	h.must(h.DumpCanonical(h.ctx(), &out))
	return out.String()
}

// What a later version of the extractor takes back leaves nobody's words, and comes
// again when a still later one finds it; an older one changes nothing.
func runTakenBack(h *harness) {
	run := h.run()
	f := listing(said("1000012345", 1, "出简历 张三 13800138001"), "1000012345")
	f.People = [][]market.BlindValue{{{Kind: "person", Digest: "1:00"}}}
	other := listing(said("1000067890", 2, "出简历 李四"), "1000067890")
	h.commit(run, f, other)
	h.group(offer(market.SeverityHigh, []string{"qq:1000012345"}, f.ID), offer(market.SeverityHigh, nil, other.ID))
	before := h.dumped()
	version := h.row(f.ID).Version
	yes, err := h.ReadBefore(h.ctx(), "1")
	h.must(err)
	h.same("read by another version", false, yes)
	yes, err = h.ReadBefore(h.ctx(), "2")
	h.must(err)
	h.same("read by another version", true, yes)

	// By the same version, by an older one, or in other words of a post without an id: nothing.
	waiting := h.waiting()
	for _, u := range []casebook.Unlisted{
		{ID: f.ID, TextDigest: f.TextDigest, Extractor: "1"}, {ID: f.ID, TextDigest: f.TextDigest, Extractor: "0"},
		{ID: f.ID, TextDigest: "of another spelling", Extractor: "2"}, {ID: "unknown", TextDigest: f.TextDigest, Extractor: "2"},
	} {
		h.unlisted(run, u)
	}
	h.same("dump", before, h.dumped())
	h.same("announced", waiting, h.waiting())

	h.unlisted(run, casebook.Unlisted{ID: f.ID, TextDigest: f.TextDigest, Extractor: "2"})
	row := h.row(f.ID)
	if row.Live || row.Text != "" || row.Author != (market.Author{}) || row.Permalink != "" || row.Version != version+1 {
		h.Errorf("row of what was taken back: %+v", row)
	}
	if strings.Contains(h.dumped(), f.ID+`","place`) || strings.Contains(h.dumped(), "1000012345\",\"name") {
		h.Errorf("dump of what was taken back: %s", h.dumped())
	}
	people, err := h.People(h.ctx())
	h.must(err)
	h.same("people", int64(0), people.People)
	known, err := h.KnownText(h.ctx(), []string{f.ID})
	h.must(err)
	h.same("known", 0, len(known))
	// Its offer goes, and with it the alert that nobody has worked on.
	h.group(offer(market.SeverityHigh, nil, other.ID))
	h.same("alert of what was taken back", market.AlertDismissed, h.alert(1).State)
	h.same("alert of the other", market.AlertNew, h.alert(2).State)
	waiting = h.waiting()
	h.unlisted(run, casebook.Unlisted{ID: f.ID, TextDigest: f.TextDigest, Extractor: "3"})
	h.same("announced again", waiting, h.waiting())

	h.same("an older version finds it", casebook.Gain{Duplicates: 1}, h.commit(run, f))
	h.same("live", false, h.row(f.ID).Live)
	f.Extractor = "3"
	h.same("a later version finds it", casebook.Gain{Duplicates: 1, Listings: 1}, h.commit(run, f))
	row = h.row(f.ID)
	if !row.Live || row.Text != f.Masked || row.Author.ID != "1000012345" || row.Version != version+2 || len(row.Sources) != 1 {
		h.Errorf("row of what came again: %+v", row)
	}
	h.same("raised again", []casebook.Raised{{Num: 1, Fresh: true}}, h.group(offer(market.SeverityHigh, []string{"qq:1000012345"}, f.ID)))
	h.same("alert", market.AlertNew, h.alert(1).State)
	h.same("dump", strings.ReplaceAll(before, f.ID+`","live":true,"extractor":"1"`, f.ID+`","live":true,"extractor":"3"`), h.dumped())
}

// What a hold keeps stays as it is stored, also when it is taken back.
func runTakenBackHeld(h *harness) {
	run := h.run()
	f := listing(said("1000012345", 1, "出简历"), "1000012345")
	h.commit(run, f)
	h.group(offer(market.SeverityHigh, []string{"qq:1000012345"}, f.ID))
	by := casebook.Act{Who: "wang", At: h.now}
	h.must(second(h.NewCase(h.ctx(), "a case", by)))
	h.must(second(h.AddToCase(h.ctx(), 1, []casebook.CaseItem{{Kind: casebook.ItemAlert, ID: "A-1"}}, "", by)))
	_, _, err := h.SetHold(h.ctx(), 1, true, "court", "", by)
	h.must(err)
	h.unlisted(run, casebook.Unlisted{ID: f.ID, TextDigest: f.TextDigest, Extractor: "2"})
	h.group()
	row := h.row(f.ID)
	if row.Live || row.Text != f.Masked || row.Author.ID != "1000012345" {
		h.Errorf("held row that was taken back: %+v", row)
	}
	h.same("alert", market.AlertNew, h.alert(1).State)
	history, err := h.AlertHistory(h.ctx(), 1)
	h.must(err)
	h.same("history", "withdrawn", history[len(history)-1].Action)
	h.commit(run, f) // an older version says nothing
	h.same("live", false, h.row(f.ID).Live)
	f.Extractor = "3"
	h.commit(run, f)
	h.same("live", true, h.row(f.ID).Live)
}

// Captures of the past change no words that came later.
func runPast(h *harness) {
	run := h.run()
	old, now := listing(posted(1, "出简历 1"), "1000012345"), listing(posted(1, "出简历 2"), "1000012345")
	old.Capture, now.Capture = "old", "new"
	captured := func(name string, at time.Time, f casebook.Found) {
		l := h.learnt(run, h.claimed(run))
		l.At, l.Found, l.Extractor = at, []casebook.Found{f}, "1"
		l.Captures = []casebook.Capture{{Digest: name, SealedDigest: "sealed " + name, File: "f", Kind: "page", At: at, Source: l.Source}}
		h.must(second(h.Commit(h.ctx(), l)))
	}
	captured("old", h.now, old)
	captured("new", h.now.Add(time.Hour), now)
	h.drain()
	again := func(capture string, at time.Time, version string, found ...casebook.Found) {
		h.Helper()
		l := h.learnt(run, casebook.Claim{})
		l.Found, l.Extractor, l.Past = found, version, &casebook.Past{Capture: capture, At: at}
		for i := range l.Found {
			l.Found[i].Extractor = version
		}
		h.must(second(h.Commit(h.ctx(), l)))
	}
	source := h.learnt(run, casebook.Claim{}).Source
	count := func(version string) int64 {
		n, err := h.ReadSince(h.ctx(), source, version, time.Time{})
		h.must(err)
		return n
	}
	all, err := h.Unread(h.ctx(), source, "2", time.Time{}, casebook.Capture{}, 1)
	h.must(err)
	h.same("the oldest unread", []string{"old"}, digestsOf(all))
	all, err = h.Unread(h.ctx(), source, "2", h.now.Add(time.Minute), casebook.Capture{}, 10)
	h.must(err)
	h.same("unread since", []string{"new"}, digestsOf(all))

	better := old
	better.Masked = "出简历 ＊"
	again("old", h.now, "2", better)
	row := h.row(now.ID)
	h.same("text", now.Masked, row.Text)
	h.same("state", market.PostChanged, row.State)
	revisions, err := h.Revisions(h.ctx(), now.ID, 10)
	h.must(err)
	if len(revisions) != 1 || revisions[0].Text != better.Masked {
		h.Errorf("revisions %+v", revisions)
	}
	h.same("read", []int64{1, 1}, []int64{count("1"), count("2")})
	newer := now
	newer.Masked = "出简历 ＃"
	again("new", h.now.Add(time.Hour), "2", newer)
	h.same("text", newer.Masked, h.row(now.ID).Text)
	h.same("revision", 1, h.row(now.ID).Revision)
	h.same("read", []int64{0, 2}, []int64{count("1"), count("2")})
	h.same("visits counted at the source", int64(2), h.progressOf(run).Counts["visit.new"]/2)

	// Withdrawn by an edit, it stays so, whatever the past says.
	h.unlisted(run, unsaid(now.ID)...)
	again("new", h.now.Add(time.Hour), "3", newer)
	h.same("live", false, h.row(now.ID).Live)
	l := h.learnt(run, casebook.Claim{})
	l.Past = &casebook.Past{Capture: "absent", At: h.now}
	_, err = h.Commit(h.ctx(), l)
	h.wantErr(casebook.ErrNotFound, err)
}

func digestsOf(all []casebook.Capture) (out []string) {
	for _, c := range all {
		out = append(out, c.Digest)
	}
	return out
}

func (h *harness) progressOf(run int64) casebook.Progress {
	h.Helper()
	p, err := h.RunProgress(h.ctx(), run, false)
	h.must(err)
	return p
}

// Chunks are kept whole for a case as long as it is open.
func runKeptWhole(h *harness) {
	by := casebook.Act{Who: "wang", At: h.now}
	for range 2 {
		h.must(second(h.NewCase(h.ctx(), "a case", by)))
	}
	run := h.run()
	keep := func(num, start int64, digest string) error {
		l := h.learnt(run, h.claimed(run))
		l.Captures = []casebook.Capture{{Digest: digest, SealedDigest: "sealed " + digest, File: "2026/03/" + digest, Kind: "chat", At: h.now, Source: l.Source, Seal: casebook.KeepKey(num)}}
		l.Whole = &casebook.Whole{Case: num, Archive: "a", Start: start, Chunk: `{"Offset":0}`, Capture: digest}
		return second(h.Commit(h.ctx(), l))
	}
	toKeep := func(num, start int64) bool {
		yes, err := h.ToKeep(h.ctx(), num, "a", start)
		h.must(err)
		return yes
	}
	h.same("to keep", []bool{true, false}, []bool{toKeep(1, 0), toKeep(9, 0)})
	h.must(keep(1, 0, "d1"))
	h.must(keep(1, 9, "d2"))
	h.must(keep(2, 0, "d3"))
	h.same("to keep", []bool{false, false, true}, []bool{toKeep(1, 0), toKeep(2, 0), toKeep(2, 9)})
	all, err := h.Wholes(h.ctx(), "a")
	h.must(err)
	h.same("chunks, each once", []string{"d1", "d2"}, []string{all[0].Capture, all[1].Capture})
	w, err := h.WholeOf(h.ctx(), "d3")
	h.must(err)
	h.same("case", int64(2), w.Case)
	_, err = h.WholeOf(h.ctx(), "d4")
	h.wantErr(casebook.ErrNotFound, err)
	none, err := h.KeptForClosed(h.ctx())
	h.must(err)
	h.same("closed cases", 0, len(none))
	if err := h.DoomKept(h.ctx(), 1); err == nil {
		h.Error("an open case's chunks are doomed")
	}
	h.must(second(h.CloseCase(h.ctx(), 1, by)))
	h.wantErr(casebook.ErrCaseClosed, keep(1, 20, "d5"))
	h.wantErr(casebook.ErrCaseClosed, h.OpenCase(h.ctx(), 1))
	closed, err := h.KeptForClosed(h.ctx())
	h.must(err)
	h.same("closed cases", []int64{1}, closed)
	h.must(h.DoomKept(h.ctx(), 1))
	h.must(h.DoomKept(h.ctx(), 1))
	doomed, err := h.DoomedFiles(h.ctx())
	h.must(err)
	h.same("doomed", map[string]string{"2026/03/d1": "keep-C-1", "2026/03/d2": "keep-C-1"}, doomed)
	n, err := h.KeptFor(h.ctx(), 2)
	h.must(err)
	h.same("kept for the other", int64(1), n)
	if _, err := h.CaptureByDigest(h.ctx(), "d5"); !errors.Is(err, casebook.ErrNotFound) {
		h.Errorf("the capture of a refused commit: %v", err)
	}
}
