package casebooktest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

func (h *harness) source(name, url string) {
	h.Helper()
	h.must(h.PutSource(h.ctx(), casebook.Source{Name: name, URL: url, State: casebook.SourceActive, Settings: casebook.SourceSettings{Rate: market.DefaultRate}}, h.now))
}

func page(source, url string) casebook.Page {
	return casebook.Page{Source: source, Host: "bbs.example.com", URL: url, Canonical: url}
}

func (h *harness) request(run int64, source string, urls ...string) {
	h.Helper()
	var pages []casebook.Page
	for _, u := range urls {
		pages = append(pages, page(source, u))
	}
	h.must(h.RequestPages(h.ctx(), run, pages, false, h.now))
}

// plan puts due pages into visits and returns how many visits there are.
func (h *harness) plan(run int64, batch, queued int) int {
	h.Helper()
	n, err := h.PlanVisits(h.ctx(), run, h.now, func(casebook.Source) casebook.HostPlan { return casebook.HostPlan{Batch: batch, Queued: queued} })
	h.must(err)
	return n
}

// visits claims every visit that is due.
func (h *harness) visits() []casebook.Claim {
	h.Helper()
	due, err := h.Due(h.ctx(), h.now, 1000)
	h.must(err)
	var out []casebook.Claim
	for _, w := range due {
		if w.Kind == casebook.KindVisit {
			c := casebook.Claim{ID: w.ID, Generation: w.Generation}
			h.must(second(h.ClaimWork(h.ctx(), c, h.now)))
			out = append(out, c)
		}
	}
	return out
}

// visit plans and claims one visit.
func (h *harness) visit(run int64) casebook.Claim {
	h.Helper()
	h.plan(run, 100, 100)
	all := h.visits()
	if len(all) != 1 {
		h.Fatalf("%d visits, want 1", len(all))
	}
	return all[0]
}

func (h *harness) page(source, canonical string) casebook.Page {
	h.Helper()
	p, err := h.PageByID(h.ctx(), casebook.PageID(source, canonical))
	h.must(err)
	return p
}

// look commits one page of a visit.
func (h *harness) look(c casebook.Claim, run int64, v casebook.PageVisit, change func(*casebook.Learnt)) error {
	l := casebook.Learnt{Work: c, Run: run, Source: "board", At: h.now, Outcome: market.OutcomeNew, Page: &v}
	if change != nil {
		change(&l)
	}
	_, err := h.Commit(h.ctx(), l)
	return err
}

func urls(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("https://bbs.example.com/%02d", i))
	}
	return out
}

func runPages(h *harness) {
	h.source("board", "https://bbs.example.com/00")
	run := h.run()
	first := page("board", "https://bbs.example.com/00")
	first.Kind, first.Board, first.Thread, first.PageNo, first.Mark = casebook.PageThread, "b", "t", 3, json.RawMessage(`{"replies":1}`)
	h.must(h.RequestPages(h.ctx(), run, []casebook.Page{first}, false, h.now))
	got := h.page("board", first.Canonical)
	if got.Kind != casebook.PageThread || got.Board != "b" || got.Thread != "t" || got.PageNo != 3 || string(got.Mark) != `{"replies":1}` ||
		got.Run != run || !got.DueAt.Equal(h.now) || !got.VisitedAt.IsZero() {
		h.Fatalf("page %+v", got)
	}
	// Asked for later, without a mark: neither the time nor the mark gets lost.
	h.later(time.Minute)
	h.request(h.run(), "board", first.Canonical)
	got = h.page("board", first.Canonical)
	if !got.DueAt.Equal(h.now.Add(-time.Minute)) || string(got.Mark) != `{"replies":1}` || got.Run != run+1 {
		h.Fatalf("page asked for again: %+v", got)
	}
	_, err := h.PageByID(h.ctx(), casebook.PageID("other", first.Canonical))
	h.wantErr(casebook.ErrNotFound, err)

	c := h.visit(run)
	batch, err := h.BatchPages(h.ctx(), c.ID)
	h.must(err)
	h.same("batch", 1, len(batch))
	// Not done: given back, due later.
	rest := h.now.Add(time.Hour)
	h.must(h.EndVisit(h.ctx(), c, rest))
	h.wantErr(casebook.ErrLost, h.EndVisit(h.ctx(), c, rest))
	got = h.page("board", first.Canonical)
	if !got.DueAt.Equal(rest) || got.Run == 0 {
		h.Fatalf("page given back: %+v", got)
	}
	h.same("visits before the slot", 0, h.plan(run, 10, 10))
	p, err := h.RunProgress(h.ctx(), run+1, false)
	h.must(err)
	if p.Open != 1 || !p.NextDue.Equal(rest) {
		h.Fatalf("progress %+v", p)
	}
	h.later(2 * time.Hour)
	h.same("visits after it", 1, h.plan(run, 10, 10))

	all, err := h.PagesOf(h.ctx(), "board", "")
	h.must(err)
	h.same("pages", 1, len(all))
	all, err = h.PagesOf(h.ctx(), "board", "another thread")
	h.must(err)
	h.same("pages of another thread", 0, len(all))
}

func runHostPlan(h *harness) {
	h.source("board", "https://bbs.example.com/")
	h.source("board2", "https://bbs.example.com/two")
	run := h.run()
	h.request(run, "board", urls(7)...)
	h.later(time.Second)
	h.request(run, "board2", "https://bbs.example.com/two") // of the same host
	other := page("board", "https://other.example.com/")
	other.Host = "other.example.com"
	h.must(h.RequestPages(h.ctx(), run, []casebook.Page{other}, false, h.now))

	h.same("visits", 4, h.plan(run, 2, 5)) // 2+2+1 of the first host, 1 of the other
	h.same("visits while the queue is full", 0, h.plan(run, 2, 5))
	sizes := map[int]int{}
	var claims []casebook.Claim
	for _, c := range h.visits() {
		pages, err := h.BatchPages(h.ctx(), c.ID)
		h.must(err)
		sizes[len(pages)]++
		for _, p := range pages {
			if p.Host != pages[0].Host || p.Source != pages[0].Source {
				h.Errorf("a visit of two hosts or sources: %+v", pages)
			}
		}
		claims = append(claims, c)
	}
	h.same("sizes of visits", map[int]int{2: 2, 1: 2}, sizes)
	for _, c := range claims {
		h.must(h.EndVisit(h.ctx(), c, h.now.Add(time.Hour)))
	}
	// Those that waited longest come next: two of the first source, then the second's.
	h.same("visits of the rest", 2, h.plan(run, 2, 5))

	// Due pages that nobody asked for are counted for the run that plans them.
	quiet := page("board", "https://bbs.example.com/quiet")
	h.must(h.RequestPages(h.ctx(), 0, []casebook.Page{quiet}, false, h.now))
	h.same("owed to nobody", int64(0), h.page("board", quiet.Canonical).Run)
	h.plan(run, 2, 50)
	h.same("owed to the planner's run", run, h.page("board", quiet.Canonical).Run)

	quieter := page("board", "https://bbs.example.com/quieter")
	h.must(h.RequestPages(h.ctx(), 0, []casebook.Page{quieter}, false, h.now))
	h.plan(0, 2, 50)
	before, err := h.RunProgress(h.ctx(), 0, false)
	h.must(err)
	h.same("owed to no run at all", int64(0), before.Open)
}

func runLeavePage(h *harness) {
	h.source("board", "https://bbs.example.com/00")
	run := h.run()
	h.request(run, "board", urls(3)...)
	c := h.visit(run)
	id := func(i int) string { return casebook.PageID("board", urls(3)[i]) }

	h.must(h.look(c, run, casebook.PageVisit{ID: id(0), Kind: casebook.PageBoard, Board: "b", PageNo: 2, Digest: "d", ETag: `"e"`, LastModified: "then", Mark: `{"x":1}`, Kept: "k"}, func(l *casebook.Learnt) {
		l.Bytes = 10
		l.NewPages = []casebook.Page{{Source: "board", Host: "bbs.example.com", URL: "https://bbs.example.com/new", Canonical: "https://bbs.example.com/new", Run: run, DueAt: h.now}}
	}))
	p := h.page("board", urls(1)[0])
	if p.Run != 0 || !p.DueAt.IsZero() || p.Outcome != "new" || p.Kind != casebook.PageBoard || p.PageNo != 2 || p.Digest != "d" || p.ETag != `"e"` ||
		p.LastModified != "then" || string(p.Mark) != `{"x":1}` || p.Kept != "k" || !p.VisitedAt.Equal(h.now) {
		h.Fatalf("page left: %+v", p)
	}
	// The same look once more: refused, nothing counted.
	h.wantErr(casebook.ErrLost, h.look(c, run, casebook.PageVisit{ID: id(0)}, func(l *casebook.Learnt) { l.Bytes = 10 }))

	// To be tried again: the run waits on, nothing is counted yet.
	h.must(h.look(c, run, casebook.PageVisit{ID: id(1), NextDue: h.now.Add(3 * time.Second), Owed: true}, func(l *casebook.Learnt) { l.Outcome = "" }))
	p = h.page("board", urls(2)[1])
	if p.Run != run || p.Attempts != 1 || !p.DueAt.Equal(h.now.Add(3*time.Second)) || !p.VisitedAt.IsZero() {
		h.Fatalf("page owed: %+v", p)
	}
	// Watched: due again, owed to nobody.
	h.must(h.look(c, run, casebook.PageVisit{ID: id(2), NextDue: h.now.Add(time.Hour)}, func(l *casebook.Learnt) { l.Outcome = market.OutcomeSame }))
	p = h.page("board", urls(3)[2])
	if p.Run != 0 || !p.DueAt.Equal(h.now.Add(time.Hour)) {
		h.Fatalf("page watched: %+v", p)
	}
	h.must(h.EndVisit(h.ctx(), c, h.now))
	h.same("counts", map[string]int64{"visit.new": 1, "visit.same": 1, "bytes": 10}, h.counts(run))
	progress, err := h.RunProgress(h.ctx(), run, false)
	h.must(err)
	h.same("open: the one tried again and the new one", int64(2), progress.Open)
	src, err := h.SourceByName(h.ctx(), "board")
	h.must(err)
	h.same("outcomes", map[market.Outcome]int64{market.OutcomeNew: 1, market.OutcomeSame: 1}, src.Outcomes)
	if src.Pages != 4 || src.Visited != 2 || !src.NextDue.Equal(h.now) || !src.LastRead.Equal(h.now) {
		h.Fatalf("source %+v", src)
	}

	// A visit whose lease lapsed can't leave pages.
	late := h.visit(run)
	h.later(casebook.Lease + time.Second)
	h.must(second(h.Reclaim(h.ctx(), h.now, false)))
	h.wantErr(casebook.ErrLost, h.look(late, run, casebook.PageVisit{ID: casebook.PageID("board", "https://bbs.example.com/new")}, nil))
	h.wantErr(casebook.ErrLost, h.EndVisit(h.ctx(), late, h.now))
	next := casebook.Claim{ID: late.ID, Generation: late.Generation + 1}
	h.must(second(h.ClaimWork(h.ctx(), next, h.now)))
	h.must(h.look(next, run, casebook.PageVisit{ID: casebook.PageID("board", "https://bbs.example.com/new")}, nil))

	// Validators are forgotten when a page is asked for again as a whole.
	h.must(h.RequestPages(h.ctx(), run, []casebook.Page{page("board", urls(1)[0])}, true, h.now))
	p = h.page("board", urls(1)[0])
	h.same("validators", []string{"", "", "d"}, []string{p.ETag, p.LastModified, p.Digest})
}

func runAskedDuringVisit(h *harness) {
	h.source("board", "https://bbs.example.com/00")
	first := h.run()
	h.request(first, "board", urls(2)...)
	c := h.visit(first)
	second := h.run()
	h.later(time.Second)
	h.request(second, "board", urls(1)[0])
	h.request(first, "board", urls(2)[1]) // by the same run: it is being looked at
	for _, u := range urls(2) {
		h.must(h.look(c, first, casebook.PageVisit{ID: casebook.PageID("board", u)}, nil))
	}
	p := h.page("board", urls(1)[0])
	if p.Run != second || p.DueAt.IsZero() {
		h.Fatalf("the second run's page: %+v", p)
	}
	p = h.page("board", urls(2)[1])
	if p.Run != 0 || !p.DueAt.IsZero() {
		h.Fatalf("the same run's page: %+v", p)
	}
}

func runAlias(h *harness) {
	h.source("board", "https://bbs.example.com/?tid=1&extra=x")
	run := h.run()
	h.request(run, "board", "https://bbs.example.com/?tid=1&extra=x")
	c := h.visit(run)
	v := casebook.PageVisit{ID: casebook.PageID("board", "https://bbs.example.com/?tid=1&extra=x"), Alias: "https://bbs.example.com/?tid=1", Kind: casebook.PageThread, Thread: "https://bbs.example.com/?tid=1", Digest: "d", Mark: `{"replies":2}`}
	h.must(h.look(c, run, v, nil))
	p := h.page("board", "https://bbs.example.com/?tid=1")
	if p.Digest != "d" || p.Outcome != "new" || string(p.Mark) != `{"replies":2}` || p.VisitedAt.IsZero() || !p.DueAt.IsZero() || p.Run != 0 {
		h.Fatalf("canonical page: %+v", p)
	}
	all, err := h.PagesOf(h.ctx(), "board", "https://bbs.example.com/?tid=1")
	h.must(err)
	if len(all) != 1 || all[0].Canonical != "https://bbs.example.com/?tid=1" {
		h.Fatalf("pages: the other spelling is listed: %+v", all)
	}
}

func runSources(h *harness) {
	until := h.now.Add(24 * time.Hour)
	src := casebook.Source{Name: "b", Kind: "discuz", URL: "https://bbs.example.com/", State: casebook.SourceActive, Watch: true, Settings: casebook.SourceSettings{
		Authority: market.Authority{Why: "SEC-104 <>&", Until: until}, Rate: market.Rate{Requests: 5, Per: time.Minute}, RobotsIgnoredBy: "x", AllowPrivate: []string{"127.0.0.1:80"},
		Engine: "discuz", CookiesFile: "c", MaxPages: 3,
	}}
	h.must(h.PutSource(h.ctx(), src, h.now))
	h.source("a", "https://a.example.com/")
	got, err := h.SourceByName(h.ctx(), "b")
	h.must(err)
	if !got.Settings.Authority.Until.Equal(until) {
		h.Fatalf("authority until %v", got.Settings.Authority.Until)
	}
	got.Settings.Authority.Until = until
	h.same("settings", src.Settings, got.Settings)
	all, err := h.Sources(h.ctx())
	h.must(err)
	if len(all) != 2 || all[0].Name != "a" || all[1].Name != "b" || !all[1].Watch || all[0].Watch {
		h.Fatalf("sources %+v", all)
	}
	// A crawl of a watched source doesn't stop the watching.
	src.Watch = false
	h.must(h.PutSource(h.ctx(), src, h.now))
	got, err = h.SourceByName(h.ctx(), "b")
	h.must(err)
	h.same("watched", true, got.Watch)
	_, err = h.SourceByName(h.ctx(), "c")
	h.wantErr(casebook.ErrNotFound, err)
	h.wantErr(casebook.ErrNotFound, h.SetSourceState(h.ctx(), "c", casebook.SourcePaused))

	// The engine that is found out later changes nothing else.
	h.must(h.SetSourceState(h.ctx(), "a", casebook.SourcePaused))
	h.must(h.SettleEngine(h.ctx(), "a", "machina"))
	h.must(h.SettleEngine(h.ctx(), "b", "machina"))
	all, err = h.Sources(h.ctx())
	h.must(err)
	h.same("kinds", []string{"machina", "discuz"}, []string{all[0].Kind, all[1].Kind})
	h.same("engine", "machina", all[0].Settings.Engine)
	h.same("state", casebook.SourcePaused, all[0].State)
	h.wantErr(casebook.ErrNotFound, h.SettleEngine(h.ctx(), "c", "machina"))
}

// runStandingStill: nobody waits for a paused or removed source, whether its
// pages were due, in a visit, or asked for later.
func runStandingStill(h *harness) {
	open := func(run int64) int64 {
		h.Helper()
		h.plan(run, 10, 10)
		p, err := h.RunProgress(h.ctx(), run, false)
		h.must(err)
		return p.Open
	}
	for _, state := range []string{casebook.SourcePaused, casebook.SourceRemoved} {
		name := "board"
		h.source(name, "https://bbs.example.com/00")
		run := h.run()
		h.request(run, name, urls(2)...)
		c := h.visit(run)
		h.request(run, name, "https://bbs.example.com/more")
		h.must(h.SetSourceState(h.ctx(), name, state))
		h.same(state+": owed while in a visit", int64(2), open(run))
		h.must(h.look(c, run, casebook.PageVisit{ID: casebook.PageID(name, urls(2)[0])}, func(l *casebook.Learnt) {
			l.NewPages = []casebook.Page{{Source: name, Host: "bbs.example.com", URL: "https://bbs.example.com/next", Canonical: "https://bbs.example.com/next", Run: run, DueAt: h.now}}
		}))
		h.must(h.EndVisit(h.ctx(), c, h.now.Add(10*time.Minute)))
		h.same(state+": owed after it", int64(0), open(run))
		idle, err := h.Idle(h.ctx())
		h.must(err)
		h.same(state+": idle", true, idle)
		h.later(time.Hour)
		h.same(state+": visits", 0, h.plan(run, 10, 10))
		h.request(run, name, "https://bbs.example.com/again")
		h.same(state+": owed when asked for", int64(0), open(run))
		_, err = h.SourceByName(h.ctx(), name)
		if state == casebook.SourceRemoved {
			h.wantErr(casebook.ErrNotFound, err)
			h.wantErr(casebook.ErrNotFound, h.SetSourceState(h.ctx(), name, casebook.SourceActive))
			continue
		}
		h.must(err)
		h.must(h.SetSourceState(h.ctx(), name, casebook.SourceActive))
		h.same("visits when it goes on", 1, h.plan(run, 10, 10))
		for _, c := range h.visits() {
			pages, err := h.BatchPages(h.ctx(), c.ID)
			h.must(err)
			h.same("pages that were due", 4, len(pages))
			for _, p := range pages {
				h.must(h.look(c, run, casebook.PageVisit{ID: p.ID}, nil))
			}
			h.must(h.EndVisit(h.ctx(), c, h.now))
		}
	}
	// Added again after its removal: as new.
	h.source("board", "https://bbs.example.com/00")
	src, err := h.SourceByName(h.ctx(), "board")
	h.must(err)
	h.same("state", casebook.SourceActive, src.State)
}

func runAuthority(h *harness) {
	until := h.now.Add(time.Hour)
	h.must(h.PutSource(h.ctx(), casebook.Source{Name: "board", URL: urls(1)[0], State: casebook.SourceActive,
		Settings: casebook.SourceSettings{Authority: market.Authority{Why: "ticket", Until: until}}}, h.now))
	run := h.run()
	h.request(run, "board", urls(2)...)
	h.now = until
	h.same("visits when it has ended", 0, h.plan(run, 10, 10))
	p, err := h.RunProgress(h.ctx(), run, false)
	h.must(err)
	h.same("owed", int64(0), p.Open)
	if got := h.page("board", urls(1)[0]); !got.DueAt.IsZero() {
		h.Errorf("due: %+v", got)
	}
}

func runLeases(h *harness) {
	take := func(who string) (casebook.Fence, bool) {
		h.Helper()
		f, ok, err := h.TakeLease(h.ctx(), "leader", who, h.now, 15*time.Second)
		h.must(err)
		return f, ok
	}
	a, ok := take("a")
	h.same("first", true, ok)
	if _, ok := take("b"); ok {
		h.Error("b took a held lease")
	}
	h.later(10 * time.Second)
	again, ok := take("a")
	h.same("renewed", true, ok)
	h.same("fence of a renewal", a, again)
	h.later(14 * time.Second)
	if _, ok := take("b"); ok {
		h.Error("b took a renewed lease")
	}
	h.later(2 * time.Second)
	b, ok := take("b")
	h.same("lapsed", true, ok)
	if b.Number <= a.Number || b.Name != "leader" {
		h.Errorf("fence %+v after %+v", b, a)
	}
	if _, ok := take("a"); ok {
		h.Error("a took b's lease")
	}
	h.must(h.ReleaseLease(h.ctx(), a)) // no longer a's: nothing happens
	if _, ok := take("a"); ok {
		h.Error("a took b's lease after releasing its own old one")
	}
	h.must(h.ReleaseLease(h.ctx(), b))
	c, ok := take("a")
	h.same("released", true, ok)
	if c.Number <= b.Number {
		h.Errorf("fence %+v after %+v", c, b)
	}
	if f, ok, err := h.TakeLease(h.ctx(), "another", "x", h.now, time.Second); err != nil || !ok || f.Name != "another" {
		h.Errorf("a lease of another name: %+v %v %v", f, ok, err)
	}
}

func runCaptures(h *harness) {
	run := h.run()
	l := h.learnt(run, h.claimed(run))
	at := h.now.Add(123 * time.Millisecond)
	cap := func(digest, file string, offset, length int64) casebook.Capture {
		return casebook.Capture{Digest: digest, SealedDigest: "s" + digest, File: file, Offset: offset, Length: length, Kind: "chat", URL: "urn:x", At: at, Source: "s"}
	}
	l.Captures = []casebook.Capture{cap("3f", "2026/03/d", 0, 9), cap("3", "2026/03/b", 0, 7), cap("2", "2026/03/a", 100, 50), cap("1", "2026/03/a", 0, 100)}
	h.must(second(h.Commit(h.ctx(), l)))
	list := func(limit int) (out []string) {
		h.Helper()
		h.must(h.Captures(h.ctx(), limit, func(c casebook.Capture) error { out = append(out, c.Digest); return nil }))
		return out
	}
	h.same("captures", []string{"1", "2", "3", "3f"}, list(0))
	h.same("first captures", []string{"1", "2"}, list(2))
	ends, err := h.EvidenceEnds(h.ctx())
	h.must(err)
	h.same("ends", map[string]int64{"2026/03/a": 150, "2026/03/b": 7, "2026/03/d": 9}, ends)
	got, err := h.CaptureByDigest(h.ctx(), "2")
	h.must(err)
	h.same("capture", cap("2", "2026/03/a", 100, 50), got)
	_, err = h.CaptureByDigest(h.ctx(), "9")
	h.wantErr(casebook.ErrNotFound, err)
	some := func(out []casebook.Capture, err error) (digests string) {
		h.Helper()
		h.must(err)
		for _, c := range out {
			digests += c.Digest + " "
		}
		return digests
	}
	for prefix, want := range map[string]string{"3": "3 3f ", "3f": "3f ", "2": "2 ", "30": "", "": "1 2 3 3f "} {
		h.same("captures named "+prefix, want, some(h.CapturesNamed(h.ctx(), prefix)))
	}
	h.same("captures of a file", "1 2 ", some(h.CapturesIn(h.ctx(), "2026/03/a")))
	h.same("captures of no file", "", some(h.CapturesIn(h.ctx(), "a")))
	stop := fmt.Errorf("enough")
	h.wantErr(stop, h.Captures(h.ctx(), 0, func(casebook.Capture) error { return stop }))

	// The same bytes kept twice: the first place stays, so that it is never cut off.
	l = h.learnt(run, h.claimed(run))
	l.Captures = []casebook.Capture{cap("1", "2026/03/c", 5, 5)}
	h.must(second(h.Commit(h.ctx(), l)))
	got, err = h.CaptureByDigest(h.ctx(), "1")
	h.must(err)
	h.same("place", "2026/03/a", got.File)

	// Later looks know what they are looks at.
	l = h.learnt(run, h.claimed(run))
	again, whole := cap("4", "2026/03/c", 10, 5), cap("5", "2026/03/c", 15, 5)
	again.Kind, again.Refers, again.At, whole.Refers = "revisit", "2", at.Add(time.Hour), "2"
	l.Captures = []casebook.Capture{again, whole}
	h.must(second(h.Commit(h.ctx(), l)))
	looks, err := h.CapturedAgain(h.ctx(), "2")
	h.must(err)
	h.same("later looks", []casebook.Capture{whole, again}, looks)
	h.same("looks at another", "", some(h.CapturedAgain(h.ctx(), "1")))
	h.same("looks at none", "", some(h.CapturedAgain(h.ctx(), "")))
}

// SourceByName is a source with its counts, as the list shows it; that finding it
// alone says the same of it is checked on the way.
func (h *harness) SourceByName(ctx context.Context, name string) (casebook.Source, error) {
	h.Helper()
	found, err := h.FindSource(ctx, name)
	if err != nil {
		return found, err
	}
	all, err := h.Sources(ctx)
	h.must(err)
	for _, s := range all {
		if s.Name == name {
			h.same("settings", s.Settings, found.Settings)
			h.same("state", s.State, found.State)
			return s, nil
		}
	}
	h.Errorf("source %s is found but not listed", name)
	return found, nil
}
