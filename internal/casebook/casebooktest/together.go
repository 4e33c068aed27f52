package casebooktest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// RunTogether runs the part of the suite about several processes at one book. open
// makes an empty book and gives what opens another handle on it, as another
// process would, and sees to closing them all.
func RunTogether(t *testing.T, open func(t *testing.T) (another func() *casebook.Book)) {
	for _, c := range []struct {
		name string
		run  func(*crowd)
	}{
		{"overlapping commits", crowdOverlap},
		{"edits", crowdEdits},
		{"leaving a wording that others join", crowdLeave},
		{"claims", crowdClaims},
		{"the same chunks", crowdChunks},
		{"leases", crowdLeases},
		{"planning", crowdPlanning},
		{"grouping beside commits", crowdGrouping},
	} {
		t.Run(c.name, func(t *testing.T) {
			another := open(t)
			g := &crowd{open: func(t *testing.T) *casebook.Book { return open(t)() }}
			for range handles {
				b := another()
				g.books = append(g.books, b)
			}
			g.harness = &harness{T: t, Book: g.books[0], open: g.open, now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)}
			c.run(g)
		})
	}
}

const (
	handles = 3 // on one book
	hands   = 6 // goroutines that use them
)

// crowd is a test with several handles on one book.
type crowd struct {
	*harness
	books []*casebook.Book
	open  func(t *testing.T) *casebook.Book
}

// all runs f once in each of many goroutines, spread over the handles, and fails
// the test with what they return.
func (g *crowd) all(f func(hand int, b *casebook.Book) error) {
	g.Helper()
	var wg sync.WaitGroup
	errs := make([]error, hands)
	for i := range hands {
		wg.Go(func() { errs[i] = f(i, g.books[i%len(g.books)]) })
	}
	wg.Wait()
	g.must(errors.Join(errs...))
}

// unit is one unit of work of a world.
type unit struct {
	id, source string
	posts      []casebook.Found
	capture    casebook.Capture
}

// learn does a unit of work: claims it and commits it.
func (u unit) learn(h *harness, b *casebook.Book, run, generation int64) (casebook.Gain, error) {
	c := casebook.Claim{ID: u.id, Generation: generation}
	if _, err := b.ClaimWork(h.ctx(), c, h.now); err != nil {
		return casebook.Gain{}, err
	}
	l := casebook.Learnt{Work: c, Run: run, Source: u.source, At: h.now, Outcome: market.OutcomeNew, Bytes: 7}
	if u.capture.Digest != "" {
		l.Captures = []casebook.Capture{u.capture}
	}
	for _, f := range u.posts {
		s, _ := prints.Of(f.Post, nil)
		l.Sightings = append(l.Sightings, s)
		if f.Reading.Listing.Listing {
			f.Capture = u.capture.Digest
			l.Found = append(l.Found, f)
		}
	}
	return b.Commit(h.ctx(), l)
}

// overlapping is a world of several exports of one group, each with gaps, other
// names, spellings and flags. All its units keep the same few captures.
func overlapping(seed uint64, exports int) []unit {
	r := rand.New(rand.NewPCG(seed, 7))
	var units []unit
	for a := range exports {
		for _, chunk := range archiveOf(r, 90, 60) {
			for i := range chunk { // over a day: commits may go on beside each other
				p := chunk[i].Post
				p.PostedAt = p.PostedAt.Add(time.Duration(p.PostedAt.Second()) * 48 * time.Minute)
				chunk[i].ID = p.ID(0)
			}
			n := len(units)
			units = append(units, unit{id: fmt.Sprintf("unit %d", n), source: fmt.Sprint("archive ", a), posts: chunk,
				capture: casebook.Capture{Digest: fmt.Sprintf("digest %d", n%5), File: fmt.Sprint("file ", n), Offset: int64(n), Length: 10, Kind: "chat"}})
		}
	}
	r.Shuffle(len(units), func(i, j int) { units[i], units[j] = units[j], units[i] })
	return units
}

// order orders the units for a run.
func order(h *harness, units []unit) int64 {
	h.Helper()
	run := h.run()
	var chunks []casebook.Work
	for _, u := range units {
		chunks = append(chunks, casebook.Work{ID: u.id, Source: u.source, Payload: []byte(`{}`)})
	}
	_, _, err := h.AddChunks(h.ctx(), run, chunks, h.now)
	h.must(err)
	return run
}

// crowdOverlap: commits of overlapping units at once make the book that the same
// commits make one after another.
func crowdOverlap(g *crowd) {
	calm := &harness{T: g.T, Book: g.open(g.T), open: g.open, now: g.now}
	units := overlapping(1, 4)
	run := order(calm, units)
	var want casebook.Gain
	for _, u := range units {
		gain, err := u.learn(calm, calm.Book, run, 1)
		g.must(err)
		want.Posts, want.Listings, want.Duplicates = want.Posts+gain.Posts, want.Listings+gain.Listings, want.Duplicates+gain.Duplicates
	}
	wildRun := order(g.harness, units)
	var next, lost atomic.Int64
	var mu sync.Mutex
	var got casebook.Gain
	g.all(func(hand int, b *casebook.Book) error {
		for {
			n := int(next.Add(1)) - 1
			if n >= 2*len(units) {
				return nil
			}
			gain, err := units[n/2].learn(g.harness, b, wildRun, 1) // each one is tried by two hands
			if errors.Is(err, casebook.ErrLost) {
				lost.Add(1)
				continue
			}
			if err != nil {
				return fmt.Errorf("hand %d: %w", hand, err)
			}
			mu.Lock()
			got.Posts, got.Listings, got.Duplicates = got.Posts+gain.Posts, got.Listings+gain.Listings, got.Duplicates+gain.Duplicates
			mu.Unlock()
		}
	})
	g.same("units that another had", int64(len(units)), lost.Load())
	g.same("gain", want, got)
	g.same("counts", calm.counts(run), g.counts(wildRun))
	g.same("dump", calm.dump(), g.dump())
	g.same("wordings", wordingsOf(calm), wordingsOf(g.harness))
	visits, err := g.VisitCounts(g.ctx())
	g.must(err)
	g.same("visits", map[market.Outcome]int64{market.OutcomeNew: int64(len(units))}, visits)
	captures := 0
	g.must(g.Captures(g.ctx(), 0, func(casebook.Capture) error { captures++; return nil }))
	g.same("captures", 5, captures)
	var ids []string
	g.must(g.Listings(g.ctx(), func(r casebook.Row) error { ids = append(ids, r.ID); return nil }))
	announced := g.drain()
	slices.Sort(announced)
	g.same("announced", ids, slices.Compact(announced))
}

// wordingsOf reads all wordings with listings and makes sure that each says the
// truth about the listings that belong to it.
func wordingsOf(h *harness) map[string]casebook.Member {
	h.Helper()
	type truth struct {
		listings    int
		oldest      casebook.Row
		first, last time.Time
		sources     []string
	}
	truths := map[string]*truth{}
	h.must(h.Listings(h.ctx(), func(r casebook.Row) error {
		of := h.wordings(r.ID)
		if !r.Live {
			if len(of) != 0 {
				h.Errorf("the withdrawn listing %s belongs to %v", r.ID, of)
			}
			return nil
		}
		if len(of) != 1 {
			h.Errorf("listing %s belongs to %v", r.ID, of)
			return nil
		}
		seen := r.PostedAt
		if seen.IsZero() {
			seen = r.SeenAt
		}
		w := truths[of[0]]
		if w == nil {
			w = &truth{oldest: r, first: seen, last: seen}
			truths[of[0]] = w
		}
		w.listings++
		w.sources = append(w.sources, r.Sources...)
		if seen.Before(w.first) {
			w.first = seen
		}
		if seen.After(w.last) {
			w.last = seen
		}
		if older := r.PostedAt.Before(w.oldest.PostedAt) || r.PostedAt.Equal(w.oldest.PostedAt) && r.ID < w.oldest.ID; older {
			w.oldest = r
		}
		return nil
	}))
	ids := make([]string, 0, len(truths))
	for id := range truths {
		ids = append(ids, id)
	}
	members, err := h.Members(h.ctx(), ids)
	h.must(err)
	h.same("wordings", len(ids), len(members))
	out := map[string]casebook.Member{}
	for _, m := range members {
		w := truths[m.ID]
		slices.Sort(w.sources)
		h.same("listings of wording "+m.ID, w.listings, m.Listings)
		h.same("oldest of wording "+m.ID, w.oldest.ID, m.Oldest)
		h.same("times of wording "+m.ID, []time.Time{w.first, w.last}, []time.Time{m.FirstSeen, m.LastSeen})
		h.same("sources of wording "+m.ID, slices.Compact(w.sources), m.Sources)
		m.OfferID, m.Author.Name = "", "" // people change their names: it is that of whoever came first
		out[m.ID] = m
	}
	return out
}

// crowdEdits: posts change their words, are withdrawn and come back, in many
// hands; wordings keep count. Two hands each work on the same posts; all of them on
// the same wordings.
func crowdEdits(g *crowd) {
	run := g.run()
	texts := []string{"出简历", "也出简历", "还出简历"}
	const posts, each = 8, 25
	g.all(func(hand int, b *casebook.Book) error {
		r := rand.New(rand.NewPCG(uint64(hand), 1))
		for i := range each {
			id := fmt.Sprintf("%d-%d", hand, i)
			if _, _, err := b.AddChunks(g.ctx(), run, []casebook.Work{{ID: id, Source: "s", Payload: []byte(`{}`)}}, g.now); err != nil {
				return err
			}
			c := casebook.Claim{ID: id, Generation: 1}
			if _, err := b.ClaimWork(g.ctx(), c, g.now); err != nil {
				return err
			}
			l := casebook.Learnt{Work: c, Run: run, Source: fmt.Sprint("source ", r.IntN(3)), At: g.now, Outcome: market.OutcomeChanged}
			for _, n := range r.Perm(posts)[:3] {
				f := listing(posted(1+n+posts*(hand/2), texts[r.IntN(len(texts))]), "1000012345")
				f.State = market.PostThere
				s, _ := prints.Of(f.Post, nil)
				l.Sightings = append(l.Sightings, s)
				if r.IntN(5) == 0 {
					l.Unlisted = append(l.Unlisted, unsaid(f.ID)...)
				} else {
					l.Found = append(l.Found, f)
				}
			}
			if _, err := b.Commit(g.ctx(), l); err != nil {
				return err
			}
		}
		return nil
	})
	counts := g.counts(run)
	g.same("posts", int64(posts*hands/2), counts[casebook.CountPosts])
	g.same("posts and duplicates", int64(hands*each*3), counts[casebook.CountPosts]+counts[casebook.CountDuplicates])
	g.same("visits", int64(hands*each), counts["visit.changed"])
	listings := 0
	g.must(g.Listings(g.ctx(), func(casebook.Row) error { listings++; return nil }))
	g.same("listings", int64(listings), counts[casebook.CountListings])
	wordingsOf(g.harness)
}

// crowdLeave: while the last listing of a wording is edited into other words,
// others say the same: they are counted, whoever comes first.
func crowdLeave(g *crowd) {
	run := g.run()
	for round := range 25 {
		text := fmt.Sprint("出简历 ", round)
		post := func(hand int, text string) casebook.Found {
			return listing(posted(1000*round+hand, text), "1000012345")
		}
		g.commit(run, post(0, text))
		g.all(func(hand int, b *casebook.Book) error {
			u := unit{id: fmt.Sprintf("round %d, %d", round, hand), source: fmt.Sprint("source ", hand), posts: []casebook.Found{post(hand, text)}}
			if hand == 0 {
				u.posts[0] = post(0, "别的"+text)
			}
			if _, _, err := b.AddChunks(g.ctx(), run, []casebook.Work{{ID: u.id, Source: u.source, Payload: []byte(`{}`)}}, g.now); err != nil {
				return err
			}
			_, err := u.learn(g.harness, b, run, 1)
			return err
		})
	}
	wordingsOf(g.harness)
}

// crowdClaims: what all want, one gets, also while leases lapse.
func crowdClaims(g *crowd) {
	run := g.run()
	const units = 60
	var chunks []casebook.Work
	for i := range units {
		chunks = append(chunks, casebook.Work{ID: fmt.Sprint(i), Source: "s", Payload: []byte(`{}`)})
	}
	_, _, err := g.AddChunks(g.ctx(), run, chunks, g.now)
	g.must(err)
	later := g.now.Add(casebook.Lease + time.Second)
	var won [units][3]atomic.Int64 // by generation
	g.all(func(hand int, b *casebook.Book) error {
		for _, generation := range []int64{1, 2} {
			for i := range units {
				c := casebook.Claim{ID: fmt.Sprint((i + 10*hand) % units), Generation: generation}
				_, err := b.ClaimWork(g.ctx(), c, g.now)
				if err == nil {
					won[(i+10*hand)%units][generation].Add(1)
				} else if !errors.Is(err, casebook.ErrLost) {
					return err
				}
			}
			if _, err := b.Reclaim(g.ctx(), later, false); err != nil {
				return err
			}
		}
		return nil
	})
	for i := range units {
		for generation := 1; generation <= 2; generation++ {
			if n := won[i][generation].Load(); n > 1 || generation == 1 && n != 1 {
				g.Errorf("unit %d, generation %d: claimed %d times", i, generation, n)
			}
		}
	}
}

// crowdChunks: the same archive ordered by all at once is there once.
func crowdChunks(g *crowd) {
	run := g.run()
	const units = 40
	var added atomic.Int64
	g.all(func(hand int, b *casebook.Book) error {
		var chunks []casebook.Work
		for i := range units {
			chunks = append(chunks, casebook.Work{ID: fmt.Sprint((i*7 + hand) % units), Source: "s", Payload: []byte(fmt.Sprint(hand))})
		}
		n, same, err := b.AddChunks(g.ctx(), run, chunks, g.now)
		if n+same != units && err == nil {
			err = fmt.Errorf("added %d, same %d", n, same)
		}
		added.Add(int64(n))
		return err
	})
	p, err := g.RunProgress(g.ctx(), run, false)
	g.must(err)
	g.same("units", []int64{units, units}, []int64{p.Chunks, p.Open})
}
