package casebooktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// runDump: the dump says what the book says, and not how it came to say so.
func runDump(h *harness) {
	h.same("dump of an empty book", "", h.dump())
	run := h.run()
	f := listing(posted(1, "出简历 <b>&</b>"), "1000012345")
	f.Capture, f.Start = "one", 17
	h.commit(run, f)
	h.group(offer(market.SeverityHigh, nil, f.ID))
	lines := strings.Split(strings.TrimSuffix(h.dump(), "\n"), "\n")
	kinds := map[string]int{}
	for _, l := range lines {
		var doc map[string]any
		if err := json.Unmarshal([]byte(l), &doc); err != nil {
			h.Fatalf("%s: %v", l, err)
		}
		kinds[doc["kind"].(string)]++
		for _, key := range []string{"capture", "start", "offset", "seen_at", "created_at", "num", "seller_id", "version"} {
			if _, ok := doc[key]; ok {
				h.Errorf("a %s tells its %s", doc["kind"], key)
			}
		}
	}
	h.same("kinds", map[string]int{"posts": 1, "post": 1, "listing": 1, "offer": 1, "alert": 1}, kinds)
	h.same("order", true, slices.IsSorted(lines))

	// Another book, later, with other numbers, captures and offsets.
	b := &harness{T: h.T, Book: h.open(h.T), open: h.open, now: h.now.Add(1000 * time.Hour), units: 50}
	for range 3 {
		run = b.run()
	}
	f.Capture, f.Start = "two", 99
	b.commit(run, f)
	b.group(offer(market.SeverityHigh, []string{"qq:1000012345"}, f.ID))
	h.same("dumps", h.dump(), b.dump())
	// And it tells worlds apart.
	h.commit(run, listing(posted(2, "也出"), ""))
	if h.dump() == b.dump() {
		h.Error("another listing can't be seen in the dump")
	}
}

// archiveOf is what one export of a group holds: some of the messages of the
// world, each maybe under another name of its author, in another spelling.
func archiveOf(r *rand.Rand, messages, listings int) [][]casebook.Found {
	var chunks [][]casebook.Found
	var chunk []casebook.Found
	for i := range messages {
		if r.IntN(3) == 0 {
			continue // the export has a gap
		}
		p := said(fmt.Sprint(1000010000+i%7), i/3, fmt.Sprintf("出简历 %d 元", i))
		if r.IntN(4) == 0 {
			p.Author.Name = "改名" + p.Author.Name
		}
		if r.IntN(4) == 0 {
			p.Text += " [图片]"
		}
		for _, flag := range []string{market.FlagTZAssumed, market.FlagPlaceAssumed} {
			if r.IntN(5) == 0 {
				p.AddFlag(flag)
			}
		}
		f := listing(p, fmt.Sprint(1000010000+i%5))
		if i >= listings {
			f.Reading.Listing.Listing = false
		}
		chunk = append(chunk, f)
		if i%3 == 2 && r.IntN(6) == 0 { // never within a second, as archives are cut
			chunks, chunk = append(chunks, chunk), nil
		}
	}
	return append(chunks, chunk)
}

// runOrder: overlapping archives in any order, their chunks in any order, make one book.
func runOrder(h *harness) {
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 1))
		type unit struct {
			source string
			posts  []casebook.Found
		}
		var world []unit
		for a := range 3 {
			for _, chunk := range archiveOf(r, 45, 30) {
				world = append(world, unit{fmt.Sprint("archive ", a), chunk})
			}
		}
		var want string
		var wantPosts int64
		for try := range 3 {
			r.Shuffle(len(world), func(i, j int) { world[i], world[j] = world[j], world[i] })
			b := &harness{T: h.T, Book: h.open(h.T), open: h.open, now: h.now}
			run := b.run()
			for _, u := range world {
				l := b.learnt(run, b.claimed(run))
				l.Source = u.source
				for _, f := range u.posts {
					s, _ := prints.Of(f.Post, nil)
					l.Sightings = append(l.Sightings, s)
					if f.Reading.Listing.Listing {
						l.Found = append(l.Found, f)
					}
				}
				h.must(second(b.Commit(h.ctx(), l)))
			}
			got, posts := b.dump(), b.counts(run)[casebook.CountPosts]
			if try == 0 {
				want, wantPosts = got, posts
			}
			h.same(fmt.Sprintf("seed %d, try %d: dump", seed, try), want, got)
			h.same("posts", wantPosts, posts)
		}
	}
}

// runTogether: writers and readers at once, each with a handle of its own where
// the engine can. Nothing is lost, nothing counted twice, and a reader never sees
// half a commit.
func runTogether(h *harness) {
	const writers, each = 3, 8
	run := h.run()
	ctx, stop := context.WithCancel(h.ctx())
	defer stop()
	var all, readers sync.WaitGroup
	fail := make(chan error, 100)
	report := func(err error) {
		if err != nil && ctx.Err() == nil {
			select {
			case fail <- err:
			default: // enough
			}
		}
	}
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				p, err := h.RunProgress(ctx, run, false)
				report(err)
				// One commit brings a post, a listing and two notices at once.
				if err == nil && (p.Counts[casebook.CountPosts] != p.Counts[casebook.CountListings] || p.Backlog != 2*p.Counts[casebook.CountPosts]) {
					report(fmt.Errorf("half a commit: %+v", p))
				}
				report(h.Listings(ctx, func(casebook.Row) error { return nil }))
			}
		})
	}
	for w := range writers {
		all.Go(func() {
			for i := range each {
				id := fmt.Sprintf("w%d-%d", w, i)
				_, _, err := h.AddChunks(ctx, run, []casebook.Work{{ID: id, Source: "s", Payload: []byte(`{}`)}}, h.now)
				report(err)
				c := casebook.Claim{ID: id, Generation: 1}
				_, err = h.ClaimWork(ctx, c, h.now)
				report(err)
				report(h.RenewWork(ctx, c, h.now))
				f := listing(said(fmt.Sprint(1000010000+w), i, "出简历"), "")
				s, _ := prints.Of(f.Post, nil)
				_, err = h.Commit(ctx, casebook.Learnt{Work: c, Run: run, Source: "s", At: h.now, Outcome: market.OutcomeNew, Found: []casebook.Found{f}, Sightings: []casebook.Sighting{s}})
				report(err)
			}
		})
	}
	all.Wait()
	stop()
	readers.Wait()
	close(fail)
	var errs []error
	for err := range fail {
		errs = append(errs, err)
	}
	h.must(errors.Join(errs...))
	c := h.counts(run)
	h.same("posts, listings, visits", []int64{writers * each, writers * each, writers * each}, []int64{c[casebook.CountPosts], c[casebook.CountListings], c["visit.new"]})
}
