package casebooktest

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

func runClaim(h *harness) {
	run := h.run()
	w := h.chunk(run)
	due, err := h.Due(h.ctx(), h.now, 10)
	h.must(err)
	if len(due) != 1 || due[0].ID != w.ID || due[0].Kind != casebook.KindChunk || due[0].Run != run || due[0].Generation != 1 || due[0].Attempts != 0 {
		h.Fatalf("due %+v", due)
	}
	if early, err := h.Due(h.ctx(), h.now.Add(-time.Millisecond), 10); err != nil || len(early) != 0 {
		h.Fatalf("due before its time: %+v, %v", early, err)
	}
	claim := casebook.Claim{ID: w.ID, Generation: 1}
	_, err = h.ClaimWork(h.ctx(), casebook.Claim{ID: w.ID, Generation: 2}, h.now)
	h.wantErr(casebook.ErrLost, err)
	got, err := h.ClaimWork(h.ctx(), claim, h.now)
	h.must(err)
	if got.Attempts != 1 || string(got.Payload) != "{}" || !got.DueAt.Equal(h.now) {
		h.Fatalf("claimed %+v", got)
	}
	_, err = h.ClaimWork(h.ctx(), claim, h.now)
	h.wantErr(casebook.ErrLost, err)
	if due, err := h.Due(h.ctx(), h.now.Add(time.Hour), 10); err != nil || len(due) != 0 {
		h.Fatalf("leased work is due: %+v, %v", due, err)
	}
	_, err = h.ClaimWork(h.ctx(), casebook.Claim{ID: "nobody", Generation: 1}, h.now)
	h.wantErr(casebook.ErrLost, err)
	h.must(second(h.Commit(h.ctx(), h.learnt(run, claim))))
	_, err = h.ClaimWork(h.ctx(), claim, h.now)
	h.wantErr(casebook.ErrLost, err)
}

func second[T any](_ T, err error) error { return err }

func runTwoClaimers(h *harness) {
	run := h.run()
	for range 10 {
		w := h.chunk(run)
		var won atomic.Int32
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				_, err := h.ClaimWork(h.ctx(), casebook.Claim{ID: w.ID, Generation: 1}, h.now)
				if err == nil {
					won.Add(1)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			h.Fatalf("%d claimers won %s", won.Load(), w.ID)
		}
	}
}

func runLapse(h *harness) {
	run := h.run()
	c := h.claimed(run)
	start := h.now
	h.later(casebook.Lease - time.Second)
	n, err := h.Reclaim(h.ctx(), h.now, false)
	h.must(err)
	h.same("reclaimed early", int64(0), n)
	h.must(h.RenewWork(h.ctx(), c, h.now))
	h.now = start.Add(casebook.Lease + time.Second) // past the first lease, within the second
	n, err = h.Reclaim(h.ctx(), h.now, false)
	h.must(err)
	h.same("reclaimed although renewed", int64(0), n)

	h.later(casebook.Lease)
	n, err = h.Reclaim(h.ctx(), h.now, false)
	h.must(err)
	h.same("reclaimed", int64(1), n)
	h.wantErr(casebook.ErrLost, h.RenewWork(h.ctx(), c, h.now))
	h.wantErr(casebook.ErrLost, h.PostponeWork(h.ctx(), c, h.now, ""))
	due, err := h.Due(h.ctx(), h.now, 10)
	h.must(err)
	if len(due) != 1 || due[0].Generation != 2 || due[0].Attempts != 1 {
		h.Fatalf("due after a lapse: %+v", due)
	}
	next := casebook.Claim{ID: c.ID, Generation: 2}
	got, err := h.ClaimWork(h.ctx(), next, h.now)
	h.must(err)
	h.same("attempts", 2, got.Attempts)
	h.must(second(h.Commit(h.ctx(), h.learnt(run, next))))
}

func runReclaimAll(h *harness) {
	run := h.run()
	a, b := h.claimed(run), h.claimed(run)
	h.chunk(run) // pending: not touched
	h.must(second(h.Commit(h.ctx(), h.learnt(run, b))))
	n, err := h.Reclaim(h.ctx(), h.now, true)
	h.must(err)
	h.same("reclaimed at a start", int64(1), n)
	h.wantErr(casebook.ErrLost, h.RenewWork(h.ctx(), a, h.now))
	due, err := h.Due(h.ctx(), h.now, 10)
	h.must(err)
	generations := map[string]int64{}
	for _, w := range due {
		generations[w.ID] = w.Generation
	}
	h.same("generations", map[string]int64{a.ID: 2, "unit-3": 1}, generations)
}

func runPostpone(h *harness) {
	run := h.run()
	c := h.claimed(run)
	at := h.now.Add(time.Minute)
	h.must(h.PostponeWork(h.ctx(), c, at, "stopped"))
	h.wantErr(casebook.ErrLost, h.PostponeWork(h.ctx(), c, at, "stopped"))
	if due, err := h.Due(h.ctx(), at.Add(-time.Millisecond), 10); err != nil || len(due) != 0 {
		h.Fatalf("due too early: %+v, %v", due, err)
	}
	due, err := h.Due(h.ctx(), at, 10)
	h.must(err)
	if len(due) != 1 || due[0].Generation != 2 {
		h.Fatalf("due after a postponement: %+v", due)
	}
	_, err = h.ClaimWork(h.ctx(), c, at)
	h.wantErr(casebook.ErrLost, err)
}

// runFence: a commit of an old generation, or a second one, writes nothing at all.
func runFence(h *harness) {
	run := h.run()
	full := func(c casebook.Claim) casebook.Learnt {
		l := h.learnt(run, c)
		p := said("1000012345", 1, "出简历")
		s, _ := prints.Of(p, nil)
		l.Sightings, l.Found = []casebook.Sighting{s, s}, []casebook.Found{listing(p, "1000012345")}
		l.Captures = []casebook.Capture{{Digest: "d-" + c.ID, File: "2026/03/x", Offset: 0, Length: 9}}
		l.NewPages = []casebook.Page{{Source: l.Source, Host: "bbs.example.com", URL: "https://bbs.example.com/", Canonical: "https://bbs.example.com/", Run: run, DueAt: h.now}}
		l.Problems, l.Quarantined, l.Bytes = []market.Problem{{Reason: "torn"}}, 3, 1000
		return l
	}
	empty := h.dump()
	old := h.claimed(run)
	h.must(second(h.Reclaim(h.ctx(), h.now, true)))
	_, err := h.Commit(h.ctx(), full(old))
	h.wantErr(casebook.ErrLost, err)
	h.same("dump", empty, h.dump())
	p, err := h.RunProgress(h.ctx(), run, true)
	h.must(err)
	h.same("counts", map[string]int64{}, p.Counts)
	h.same("problems", []market.Problem{}, p.Problems)
	h.same("backlog", int64(0), p.Backlog)
	_, err = h.CaptureByDigest(h.ctx(), "d-"+old.ID)
	h.wantErr(casebook.ErrNotFound, err)
	_, err = h.PageByID(h.ctx(), casebook.PageID("qq-1000045678", "https://bbs.example.com/"))
	h.wantErr(casebook.ErrNotFound, err)

	now := casebook.Claim{ID: old.ID, Generation: 2}
	h.must(second(h.ClaimWork(h.ctx(), now, h.now)))
	g, err := h.Commit(h.ctx(), full(now))
	h.must(err)
	h.same("gain", casebook.Gain{Posts: 2, Listings: 1}, g)
	want := h.counts(run)
	h.same("counts", map[string]int64{"visit.new": 1, "posts": 2, "listings": 1, "quarantined": 3, "bytes": 1000}, want)
	dump := h.dump()
	_, err = h.Commit(h.ctx(), full(now))
	h.wantErr(casebook.ErrLost, err)
	h.same("counts after a repeated commit", want, h.counts(run))
	h.same("dump after a repeated commit", dump, h.dump())
}

func runChunks(h *harness) {
	first := h.run()
	chunks := make([]casebook.Work, 4)
	for i := range chunks {
		chunks[i] = casebook.Work{ID: fmt.Sprintf("c%d", i), Source: "qq-1000045678", Payload: []byte(`"old"`)}
	}
	add := func(run int64, wantAdded, wantSame int) {
		h.Helper()
		added, same, err := h.AddChunks(h.ctx(), run, chunks, h.now)
		h.must(err)
		if added != wantAdded || same != wantSame {
			h.Fatalf("added %d, same %d; want %d, %d", added, same, wantAdded, wantSame)
		}
	}
	add(first, 4, 0)
	end := func(id string, o market.Outcome) {
		h.Helper()
		c := casebook.Claim{ID: id, Generation: 1}
		h.must(second(h.ClaimWork(h.ctx(), c, h.now)))
		l := h.learnt(first, c)
		l.Outcome = o
		h.must(second(h.Commit(h.ctx(), l)))
	}
	end("c0", market.OutcomeNew)        // done
	end("c1", market.OutcomeUnreadable) // failed
	leased := casebook.Claim{ID: "c2", Generation: 1}
	h.must(second(h.ClaimWork(h.ctx(), leased, h.now)))

	again := h.run()
	for i := range chunks {
		chunks[i].Payload = []byte(`"new"`)
	}
	add(again, 3, 1)
	h.same("counts", map[string]int64{"visit.same": 1}, h.counts(again))
	p, err := h.RunProgress(h.ctx(), again, false)
	h.must(err)
	h.same("open", int64(3), p.Open)
	p, err = h.RunProgress(h.ctx(), first, false)
	h.must(err)
	h.same("owed to the first run", int64(0), p.Open)
	due, err := h.Due(h.ctx(), h.now, 10)
	h.must(err)
	got := map[string]string{}
	for _, w := range due {
		got[w.ID] = fmt.Sprintf("%d %d %s", w.Generation, w.Attempts, w.Payload)
	}
	// What failed is tried afresh; what is open waits for its turn, at the file's new place.
	h.same("due", map[string]string{"c1": `2 0 "new"`, "c3": `1 0 "new"`}, got)
	h.must(h.RenewWork(h.ctx(), leased, h.now)) // the one at work is not disturbed

	src, err := h.Sources(h.ctx())
	h.must(err)
	h.same("sources", 0, len(src)) // counting for one that nobody put is no error
}

func runDueKinds(h *harness) {
	run := h.run()
	for range 5 {
		h.chunk(run)
	}
	h.later(time.Second)
	h.source("board", "https://bbs.example.com/")
	h.request(run, "board", "https://bbs.example.com/")
	h.plan(run, 1, 10)
	due, err := h.Due(h.ctx(), h.now, 2)
	h.must(err)
	kinds := map[string]int{}
	for i, w := range due {
		kinds[w.Kind]++
		if i > 0 && w.DueAt.Before(due[i-1].DueAt) {
			h.Error("due work is not in order")
		}
	}
	h.same("due: a large import hides no visit", map[string]int{casebook.KindChunk: 2, casebook.KindVisit: 1}, kinds)
}

func runArchives(h *harness) {
	type doc struct{ Path string }
	var got doc
	h.wantErr(casebook.ErrNotFound, h.Archive(h.ctx(), "a", &got))
	h.must(h.PutArchive(h.ctx(), "a", doc{"/one <&> 二"}))
	h.must(h.PutArchive(h.ctx(), "a", doc{"/two"}))
	h.must(h.Archive(h.ctx(), "a", &got))
	h.same("archive", doc{"/two"}, got)

	v, err := h.Meta(h.ctx(), "key")
	h.must(err)
	h.same("unset", "", v)
	h.must(h.SetMeta(h.ctx(), "key", "one"))
	h.must(h.SetMeta(h.ctx(), "key", "two"))
	v, err = h.Meta(h.ctx(), "key")
	h.must(err)
	h.same("set", "two", v)
	h.must(h.Check(h.ctx()))
}

func runRuns(h *harness) {
	a, b := h.run(), h.run()
	if a == b || a == 0 {
		h.Fatalf("runs %d and %d", a, b)
	}
	h.must(h.Note(h.ctx(), a, market.OutcomeUnreadable, 2, []market.Problem{{File: "x", Byte: 1 << 40, Line: 7, Reason: "没有"}, {File: "y"}}))
	h.must(h.Note(h.ctx(), a, "", 1, nil))
	p, err := h.RunProgress(h.ctx(), a, true)
	h.must(err)
	s := casebook.Summarize(p, 1500*time.Millisecond)
	if s.Quarantined != 3 || s.Visits[market.OutcomeUnreadable] != 1 || len(s.Visits) != len(market.Outcomes) || s.Seconds != 1.5 {
		h.Fatalf("summary %+v", s)
	}
	h.same("problems", []market.Problem{{File: "x", Byte: 1 << 40, Line: 7, Reason: "没有"}, {File: "y"}}, s.Problems)
	h.same("another run's counts", map[string]int64{}, h.counts(b))
	if text, err := json.Marshal(casebook.Summarize(casebook.Progress{}, 0)); err != nil || len(text) == 0 {
		h.Fatal(err)
	}
	many := make([]market.Problem, 10_050)
	for i := range many {
		many[i].Line = int64(i)
	}
	h.must(h.Note(h.ctx(), b, "", int64(len(many)), many))
	h.must(h.Note(h.ctx(), b, "", 1, many[:1]))
	p, err = h.RunProgress(h.ctx(), b, true)
	h.must(err)
	h.same("problems kept", 10_000, len(p.Problems))
	h.same("problems counted", int64(10_051), p.Counts[casebook.CountQuarantined])
	idle, err := h.Idle(h.ctx())
	h.must(err)
	h.same("idle", true, idle)
	h.chunk(a)
	idle, err = h.Idle(h.ctx())
	h.must(err)
	h.same("idle with work", false, idle)
}
