package queue

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"resumewatch/internal/market"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }
func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func budget(t testing.TB) (*Budget, *clock, *Embedded) {
	t.Helper()
	q, e := openEmbedded(t)
	c := &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)}
	return NewBudget(q.redis, c.Now), c, e
}

var perMinute30 = market.Rate{Requests: 30, Per: time.Minute} // a slot each 2 s

// take wants a wait and whether the slot was given.
func take(t *testing.T, b *Budget, host string, rate market.Rate, patience, wait time.Duration, given bool) {
	t.Helper()
	got, ok, err := b.Take(t.Context(), host, rate, patience)
	if err != nil {
		t.Fatal(err)
	}
	if got.Wait != wait || ok != given {
		t.Errorf("Take: %s, %v, want %s, %v", got.Wait, ok, wait, given)
	}
}

func TestBudget(t *testing.T) {
	b, c, e := budget(t)
	const s = time.Second
	take(t, b, "a.example", perMinute30, 5*s, 2*s, true)  // empty-handed at first
	take(t, b, "a.example", perMinute30, 5*s, 4*s, true)  // the next
	take(t, b, "a.example", perMinute30, 5*s, 6*s, false) // too far away: nothing taken
	take(t, b, "a.example", perMinute30, 6*s, 6*s, true)  // so it is still there
	take(t, b, "b.example", perMinute30, 5*s, 2*s, true)  // another host
	take(t, b, "A.Example.", perMinute30, 0, 8*s, false)  // the same host
	c.Add(8 * s)
	take(t, b, "a.example", perMinute30, 0, 0, true)
	c.Add(time.Hour) // idle hosts save nothing up
	take(t, b, "a.example", perMinute30, 0, 0, true)
	take(t, b, "a.example", perMinute30, 5*s, 2*s, true)
	e.server.FlushAll() // Redis lost: one interval of silence, as at first
	take(t, b, "a.example", perMinute30, 5*s, 2*s, true)
}

func TestBudgetOpensTheAccountOfAnImpatientAsker(t *testing.T) {
	b, c, _ := budget(t)
	hourly := market.Rate{Requests: 1, Per: time.Hour}
	take(t, b, "a.example", hourly, time.Second, time.Hour, false)
	c.Add(59 * time.Minute)
	take(t, b, "a.example", hourly, time.Second, time.Minute, false)
	c.Add(time.Minute)
	take(t, b, "a.example", hourly, time.Second, 0, true)
	take(t, b, "a.example", hourly, time.Second, time.Hour, false)
}

func TestBudgetWithoutRate(t *testing.T) {
	b, c, _ := budget(t)
	for range 5 {
		take(t, b, "127.0.0.1:8080", market.Rate{}, 0, 0, true)
	}
	if err := b.Penalize(t.Context(), "127.0.0.1:8080", c.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	take(t, b, "127.0.0.1:8080", market.Rate{}, 0, time.Minute, false)
}

func TestPenalize(t *testing.T) {
	b, c, _ := budget(t)
	const m = time.Minute
	penalize := func(d time.Duration) {
		t.Helper()
		if err := b.Penalize(t.Context(), "a.example", c.Now().Add(d)); err != nil {
			t.Fatal(err)
		}
	}
	take(t, b, "a.example", perMinute30, m, 2*time.Second, true)
	penalize(10 * m)
	take(t, b, "a.example", perMinute30, m, 10*m, false)
	penalize(5 * m) // doesn't cut it
	penalize(-m)
	take(t, b, "a.example", perMinute30, m, 10*m, false)
	take(t, b, "b.example", perMinute30, m, 2*time.Second, true)
	c.Add(10 * m)
	take(t, b, "a.example", perMinute30, m, 0, true)
	take(t, b, "a.example", perMinute30, m, 2*time.Second, true)
	penalize(10_000 * time.Hour) // a hostile Retry-After
	take(t, b, "a.example", perMinute30, m, MaxPenalty, false)
}

func TestBudgetForgets(t *testing.T) {
	b, c, e := budget(t)
	take(t, b, "a.example", perMinute30, time.Minute, 2*time.Second, true)
	if err := b.Penalize(t.Context(), "b.example", c.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	e.server.FastForward(24*time.Hour + 30*time.Minute)
	if keys := e.server.Keys(); len(keys) != 1 || !strings.Contains(keys[0], "b.example") {
		t.Errorf("after a day there are %v", keys)
	}
	e.server.FastForward(time.Hour)
	if keys := e.server.Keys(); len(keys) != 0 {
		t.Errorf("after another hour there are %v", keys)
	}
}

// A slot that was given is worth nothing once the budget was lost or the host
// asked to be left alone.
func TestConfirm(t *testing.T) {
	b, c, e := budget(t)
	confirm := func(what string, slot market.Slot, want bool) {
		t.Helper()
		if got, err := b.Confirm(t.Context(), "a.example", slot); err != nil || got != want {
			t.Errorf("%s: confirmed %v (%v), want %v", what, got, err, want)
		}
	}
	give := func() market.Slot {
		t.Helper()
		slot, ok, err := b.Take(t.Context(), "a.example", perMinute30, time.Hour)
		if err != nil || !ok || slot.Ticket == "" {
			t.Fatalf("Take: %+v, %v, %v", slot, ok, err)
		}
		return slot
	}
	first, second := give(), give()
	c.Add(first.Wait)
	confirm("the first", first, true)
	confirm("the first again", first, false)
	if ok, err := b.Confirm(t.Context(), "b.example", second); ok || err != nil {
		t.Errorf("another host's: %v, %v", ok, err)
	}
	c.Add(2 * time.Second)
	confirm("the second", second, true)

	before := give()
	e.server.FlushAll()
	after := give()
	c.Add(2 * time.Second)
	confirm("given before Redis was lost", before, false)
	confirm("given after", after, true)

	waiting := give()
	if err := b.Penalize(t.Context(), "a.example", c.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	c.Add(2 * time.Second)
	confirm("while the host is left alone", waiting, false)

	c.Add(time.Hour)
	now, ok, err := b.Take(t.Context(), "a.example", perMinute30, 0)
	if err != nil || !ok || now.Ticket != "" {
		t.Errorf("a slot at once: %+v, %v, %v", now, ok, err)
	}
	confirm("a slot at once", now, true)
}

// Tickets that nobody shows don't pile up.
func TestTicketsAreForgotten(t *testing.T) {
	b, c, e := budget(t)
	for range 500 {
		if _, ok, err := b.Take(t.Context(), "a.example", perMinute30, 3*time.Second); err != nil {
			t.Fatal(err)
		} else if !ok {
			c.Add(2 * time.Second)
		}
	}
	given, err := e.server.ZMembers("resumewatch:budget:{a.example}:given")
	if err != nil || len(given) == 0 || len(given) > 40 { // a minute's slots and those ahead
		t.Errorf("%d tickets are kept (%v)", len(given), err)
	}
	e.server.FastForward(2 * time.Minute)
	if e.server.Exists("resumewatch:budget:{a.example}:given") {
		t.Error("tickets are kept for an idle host")
	}
}

func TestBudgetMisuse(t *testing.T) {
	b, _, _ := budget(t)
	for _, host := range []string{"", ".", strings.Repeat("a", 513)} {
		if _, _, err := b.Take(t.Context(), host, perMinute30, 0); err == nil {
			t.Errorf("host %.20q: no error", host)
		}
		if err := b.Penalize(t.Context(), host, time.Now()); err == nil {
			t.Errorf("host %.20q: no error", host)
		}
	}
	if _, _, err := b.Take(t.Context(), "a.example", market.Rate{Requests: 3}, 0); err == nil {
		t.Error("3 requests in no time: no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := b.Take(ctx, "a.example", perMinute30, 0); err == nil {
		t.Error("cancelled: no error")
	}
}

// By Redis's own clock, as in production.
func TestBudgetOnRedisTime(t *testing.T) {
	q, e := openEmbedded(t)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e.server.SetTime(now)
	b := q.Budget()
	take(t, b, "a.example", perMinute30, 5*time.Second, 2*time.Second, true)
	take(t, b, "a.example", perMinute30, 5*time.Second, 4*time.Second, true)
	e.server.SetTime(now.Add(5 * time.Second))
	take(t, b, "a.example", perMinute30, 5*time.Second, time.Second, true)
}

// Whatever many askers do, slots are an interval apart and no window holds more
// than the budget and one.
func TestBudgetHolds(t *testing.T) {
	b, c, e := budget(t)
	rapid.Check(t, func(rt *rapid.T) {
		e.server.FlushAll()
		rate := market.Rate{
			Requests: rapid.SampledFrom([]int{1, 7, 30, 59, 1000}).Draw(rt, "requests"),
			Per:      rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour}).Draw(rt, "per"),
		}
		start := c.Now()
		var slots []time.Duration // since start
		for range rapid.IntRange(1, 40).Draw(rt, "takes") {
			patience := time.Duration(rapid.Int64Range(0, int64(3*rate.Interval())).Draw(rt, "patience"))
			slot, ok, err := b.Take(t.Context(), "a.example", rate, patience)
			wait := slot.Wait
			if err != nil {
				rt.Fatal(err)
			}
			if ok {
				if wait > patience {
					rt.Fatalf("given a slot in %s with a patience of %s", wait, patience)
				}
				// Redis counts microseconds: a clock cut to them is at most one early.
				slots = append(slots, c.Now().Truncate(time.Microsecond).Sub(start.Truncate(time.Microsecond))+wait)
			} else if wait <= patience.Truncate(time.Microsecond) {
				rt.Fatalf("refused a slot in %s with a patience of %s", wait, patience)
			}
			c.Add(time.Duration(rapid.Int64Range(0, int64(rate.Interval())).Draw(rt, "time")))
		}
		if !slices.IsSorted(slots) {
			rt.Fatalf("slots are not in order: %v", slots)
		}
		for i := range slots {
			if i > 0 && slots[i]-slots[i-1] < rate.Interval() {
				rt.Fatalf("slots %s and %s are less than %s apart", slots[i-1], slots[i], rate.Interval())
			}
			if j := i + rate.Requests + 1; j < len(slots) && slots[j]-slots[i] <= rate.Per {
				rt.Fatalf("more than %d slots in %s", rate.Requests+1, rate.Per)
			}
		}
	})
}

func TestBudgetIsShared(t *testing.T) {
	q, e := openEmbedded(t)
	e.server.SetTime(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	var mu sync.Mutex
	var waits []time.Duration
	var all sync.WaitGroup
	for range 8 {
		b := q.Budget()
		all.Go(func() {
			for range 5 {
				slot, ok, err := b.Take(t.Context(), "a.example", perMinute30, time.Hour)
				if err != nil || !ok {
					t.Errorf("Take: %v, %v", ok, err)
				}
				mu.Lock()
				waits = append(waits, slot.Wait)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	slices.Sort(waits)
	for i, w := range waits {
		if want := time.Duration(i+1) * 2 * time.Second; w != want {
			t.Fatalf("slot %d is %s away, want %s", i, w, want)
		}
	}
}

func FuzzBudgetKey(f *testing.F) {
	f.Add("a.example")
	f.Add("a}{b")
	f.Add("\x00.")
	f.Fuzz(func(t *testing.T, host string) {
		keys, err := budgetKeys(host)
		if err != nil {
			return
		}
		again, err := budgetKeys(strings.ToUpper(host))
		if isASCII(host) && (err != nil || !slices.Equal(again, keys)) {
			t.Errorf("%q and its upper case have keys %q and %q (%v)", host, keys, again, err)
		}
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e || r < 0x20 })
}
