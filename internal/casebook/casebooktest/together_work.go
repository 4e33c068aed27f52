package casebooktest

import (
	"fmt"
	"math/rand/v2"
	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
	"sync"
	"sync/atomic"
	"time"
)

// crowdLeases: a fencing number has one holder, however many want the lease.
func crowdLeases(g *crowd) {
	var clock atomic.Int64
	var holders sync.Map
	var taken atomic.Int64
	g.all(func(hand int, b *casebook.Book) error {
		who := fmt.Sprint("hand ", hand)
		for i := range 25 {
			f, ok, err := b.TakeLease(g.ctx(), "leader", who, g.now.Add(time.Duration(clock.Add(1))*time.Second), 4*time.Second)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			taken.Add(1)
			if other, had := holders.LoadOrStore(f.Number, who); had && other != who {
				return fmt.Errorf("number %d belongs to %s and %s", f.Number, other, who)
			}
			if i%5 == 4 {
				if err := b.ReleaseLease(g.ctx(), f); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if taken.Load() == 0 {
		g.Error("nobody ever had the lease")
	}
}

// crowdPlanning: planners at once put a page into one visit, and no more of a host
// than its plan allows.
func crowdPlanning(g *crowd) {
	g.source("board", "https://bbs.example.com/")
	run := g.run()
	g.all(func(hand int, b *casebook.Book) error { // the same pages are asked for by all
		var pages []casebook.Page
		for _, u := range urls(40) {
			pages = append(pages, page("board", u))
		}
		rand.New(rand.NewPCG(uint64(hand), 3)).Shuffle(len(pages), func(i, j int) { pages[i], pages[j] = pages[j], pages[i] })
		return b.RequestPages(g.ctx(), run, pages, hand%2 == 0, g.now)
	})
	g.all(func(_ int, b *casebook.Book) error {
		_, err := b.PlanVisits(g.ctx(), run, g.now, func(casebook.Source) casebook.HostPlan { return casebook.HostPlan{Batch: 3, Queued: 25} })
		return err
	})
	seen := map[string]int{}
	for _, c := range g.visits() {
		pages, err := g.BatchPages(g.ctx(), c.ID)
		g.must(err)
		if len(pages) == 0 {
			g.Errorf("visit %s has no pages", c.ID)
		}
		for _, p := range pages {
			seen[p.ID]++
		}
	}
	g.same("pages in visits", 25, len(seen))
	for id, n := range seen {
		g.same("visits of page "+id, 1, n)
	}
	stuck, err := g.Stuck(g.ctx(), g.now, time.Hour)
	g.must(err)
	g.same("stuck", casebook.Stuck{}, stuck)
}

// crowdGrouping: a leader groups while commits go on. In the end every listing
// has its offer and no notice is left.
func crowdGrouping(g *crowd) {
	units := overlapping(3, 4)
	run := order(g.harness, units)
	fence, ok, err := g.TakeLease(g.ctx(), "leader", "test", g.now, time.Hour)
	g.must(err)
	g.same("leads", true, ok)
	step := func(b *casebook.Book) (int, error) {
		notices, err := b.Outbox(g.ctx(), casebook.TopicGroup, 20)
		if err != nil || len(notices) == 0 {
			return 0, err
		}
		keys := map[string][]string{}
		for _, n := range notices {
			keys[n.Ref] = []string{"key of " + n.Ref}
		}
		var ids []string
		for id := range keys {
			ids = append(ids, id)
		}
		members, err := b.Members(g.ctx(), ids)
		if err != nil {
			return 0, err
		}
		var offers []casebook.Offer
		for _, m := range members {
			if m.Listings > 0 {
				offers = append(offers, offer(market.SeverityHigh, []string{"author " + m.Author.ID}, m.ID))
			}
		}
		_, err = b.SaveGrouping(g.ctx(), casebook.Grouping{Fence: fence, At: g.now, Notices: notices, Keys: keys, Before: members, Offers: offers})
		return len(notices), err
	}
	var next, busy atomic.Int64
	busy.Store(hands - 1)
	g.all(func(hand int, b *casebook.Book) error {
		if hand == 0 {
			for {
				last := busy.Load() == 0
				n, err := step(b)
				if err != nil || last && n == 0 {
					return err
				}
			}
		}
		defer busy.Add(-1)
		for {
			n := int(next.Add(1)) - 1
			if n >= len(units) {
				return nil
			}
			if _, err := units[n].learn(g.harness, b, run, 1); err != nil {
				return err
			}
		}
	})
	lag, err := g.OutboxLag(g.ctx(), g.now)
	g.must(err)
	g.same("notices for the grouper", int64(0), lag.Topics[0].Rows)
	n := 0
	g.must(g.Listings(g.ctx(), func(r casebook.Row) error {
		n++
		if r.Live && (r.OfferID == "" || r.SellerID == 0 || len(r.Alerts) != 1) {
			return fmt.Errorf("listing %s: offer %q, seller %d, alerts %v", r.ID, r.OfferID, r.SellerID, r.Alerts)
		}
		return nil
	}))
	wordingsOf(g.harness)
	alerts, err := g.Alerts(g.ctx(), casebook.AlertFilter{})
	g.must(err)
	counts := g.counts(run)
	g.same("alerts, offers and listings counted", []int64{int64(len(alerts)), int64(len(alerts)), int64(n)},
		[]int64{counts[casebook.CountAlerts], counts[casebook.CountOffers], counts[casebook.CountListings]})
}
