package fetch

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"resumewatch/internal/market"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// generous is a budget that gives every slot at once and remembers who asked.
type generous struct {
	mu    sync.Mutex
	taken []string // "host rate"
	// deny answers the n-th Take (from 0) with a slot that is this far away.
	deny map[int]time.Duration
	wait map[int]time.Duration
	lost map[string]bool // tickets, by the number of their Take, that Confirm doesn't know
	err  error
}

func (g *generous) Take(_ context.Context, host string, rate market.Rate, patience time.Duration) (market.Slot, bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := len(g.taken)
	g.taken = append(g.taken, host+" "+rate.String())
	if g.err != nil {
		return market.Slot{}, false, g.err
	}
	if d, ok := g.deny[n]; ok && d > patience {
		return market.Slot{Wait: d}, false, nil
	}
	return market.Slot{Wait: g.wait[n], Ticket: strconv.Itoa(n)}, true, nil
}

// Confirm forgets the slots that it is told to.
func (g *generous) Confirm(_ context.Context, _ string, slot market.Slot) (bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.lost[slot.Ticket], nil
}

func (g *generous) log() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string{}, g.taken...)
}

// names is a resolver that knows what it is told.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	var out []netip.Addr
	for _, a := range n[host] {
		out = append(out, netip.MustParseAddr(a))
	}
	return out, nil
}

// rig is a fetcher on a short leash with everything in view.
type rig struct {
	*Fetcher
	t      *testing.T
	budget *generous
	mu     sync.Mutex
	judged []string // "address refused" or "address passed"
}

func newRig(t *testing.T, change func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, budget: &generous{}}
	o := Options{
		Budget: r.budget,
		Limits: Limits{Body: 100_000, Header: 16_000, FirstByte: 5 * time.Second, Total: 8 * time.Second},
	}
	if change != nil {
		change(&o)
	}
	f, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	f.dialing.judged = func(address string, err error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		verdict := " passed"
		if err != nil {
			verdict = " refused"
		} else if ap, perr := netip.ParseAddrPort(address); perr != nil || !ap.Addr().IsLoopback() {
			t.Errorf("a test would have connected to %s", address)
		}
		r.judged = append(r.judged, address+verdict)
	}
	r.Fetcher = f
	t.Cleanup(f.Close)
	return r
}

// hasty is for hosts that are meant to be too slow.
func hasty(o *Options) {
	o.Limits.FirstByte, o.Limits.Total = 300*time.Millisecond, 600*time.Millisecond
}

// get fetches with the host of each given server excepted from the guard.
func (r *rig) get(address string, allow ...string) Result {
	r.t.Helper()
	res, err := r.Get(r.t.Context(), Request{URL: address, Rate: market.DefaultRate, AllowPrivate: allow})
	if err != nil {
		r.t.Fatalf("Get %s: %v", address, err)
	}
	return res
}

// serve starts a server without a robots.txt.
func serve(t *testing.T, page http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		page(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func addr(s *httptest.Server) string {
	u, err := url.Parse(s.URL)
	if err != nil {
		panic(err)
	}
	return u.Host
}

func want(t *testing.T, res Result, outcome market.Outcome, inReason string) {
	t.Helper()
	if res.Outcome != outcome || !strings.Contains(res.Reason, inReason) {
		t.Fatalf("outcome %q, reason %q; want %q, …%q…", res.Outcome, res.Reason, outcome, inReason)
	}
	if strings.ContainsAny(res.Reason, "\r\n") {
		t.Fatalf("the reason has several lines: %q", res.Reason)
	}
	if (outcome == "") != (res.Reason == "") && res.NotBefore.IsZero() {
		t.Fatalf("outcome %q with reason %q", res.Outcome, res.Reason)
	}
}
