package fetch

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"resumewatch/internal/market"
)

// sluggish is a machine on which things take longer than they should, by a clock
// of its own.
type sluggish struct {
	mu     sync.Mutex
	now    time.Time
	waits  []time.Duration       // how long was waited for slots
	late   map[int]time.Duration // how much longer the n-th wait took
	lookup time.Duration         // how long a look-up of a name takes
}

func (s *sluggish) Now() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.now }

func (s *sluggish) wait(_ context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d + s.late[len(s.waits)])
	s.waits = append(s.waits, d)
	return nil
}

func (s *sluggish) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(s.lookup)
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

// A request goes out within half an interval after its slot, or in another turn.
func TestTurns(t *testing.T) {
	asked := 0
	var mu sync.Mutex
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked++
		fmt.Fprint(w, "<p>你好</p>")
	})
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	const sec = time.Second
	tests := map[string]*struct {
		machine sluggish
		budget  generous
		waits   []time.Duration
		takes   int
		away    time.Duration // NotBefore, from when Get returned; the page isn't asked for
	}{
		"in time": {
			machine: sluggish{late: map[int]time.Duration{0: sec}}, // of an interval of 2 s
			budget:  generous{wait: map[int]time.Duration{0: sec}},
			waits:   []time.Duration{sec}, takes: 1,
		},
		"a busy machine": {
			machine: sluggish{late: map[int]time.Duration{0: 3 * sec / 2}},
			budget:  generous{wait: map[int]time.Duration{0: sec, 1: 2 * sec}},
			waits:   []time.Duration{sec, 2 * sec}, takes: 2,
		},
		"a machine that is always busy": {
			machine: sluggish{late: map[int]time.Duration{0: 3 * sec, 1: 3 * sec, 2: 3 * sec, 3: 3 * sec, 4: 3 * sec}},
			budget:  generous{wait: map[int]time.Duration{0: sec, 1: sec, 2: sec, 3: sec, 4: sec}},
			waits:   []time.Duration{sec, sec, sec, sec, sec}, takes: 5, away: 2 * sec,
		},
		"a slot that was lost": {
			budget: generous{wait: map[int]time.Duration{0: sec, 1: 3 * sec}, lost: map[string]bool{"0": true}},
			waits:  []time.Duration{sec, 3 * sec}, takes: 2,
		},
		"left alone while we waited": {
			budget: generous{wait: map[int]time.Duration{0: sec}, lost: map[string]bool{"0": true}, deny: map[int]time.Duration{1: time.Minute}},
			waits:  []time.Duration{sec}, takes: 2, away: time.Minute,
		},
		"a slow connection": {
			machine: sluggish{lookup: 3 * sec / 2},
			budget:  generous{wait: map[int]time.Duration{1: 2 * sec}},
			waits:   []time.Duration{2 * sec}, takes: 2,
		},
		"a slow connection, then no slot": {
			machine: sluggish{lookup: 3 * sec / 2},
			budget:  generous{deny: map[int]time.Duration{1: time.Minute}},
			takes:   2, away: time.Minute,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := &tt.machine
			m.now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
			r := newRig(t, func(o *Options) {
				o.Budget, o.Now, o.Wait, o.Resolver = &tt.budget, m.Now, m.wait, m
			})
			mu.Lock()
			asked = 0
			mu.Unlock()
			host := "slow.example:" + u.Port()
			res, err := r.Get(t.Context(), Request{
				URL: "http://" + host + "/", Rate: market.DefaultRate, AllowPrivate: []string{host}, IgnoreRobotsBy: "test",
			})
			if err != nil {
				t.Fatal(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if !slices.Equal(m.waits, tt.waits) || len(tt.budget.log()) != tt.takes {
				t.Errorf("waited %v and took %d slots, want %v and %d", m.waits, len(tt.budget.log()), tt.waits, tt.takes)
			}
			switch {
			case tt.away == 0 && (asked != 1 || res.Status != http.StatusOK || len(res.Exchanges) != 1 || !res.NotBefore.IsZero()):
				t.Errorf("asked %d times: %q %q, status %d", asked, res.Outcome, res.Reason, res.Status)
			case tt.away > 0 && (asked != 0 || res.Outcome != "" || len(res.Exchanges) != 0 || !res.NotBefore.Equal(m.Now().Add(tt.away))):
				t.Errorf("asked %d times: %q %q, not before %s, now %s", asked, res.Outcome, res.Reason, res.NotBefore, m.Now())
			}
		})
	}
}
