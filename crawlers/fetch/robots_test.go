package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/temoto/robotstxt"
	"pgregory.net/rapid"

	"resumewatch/internal/market"
)

// discuzRobots are the rules that Discuz! ships (research/forums.md §1.9).
const discuzRobots = `#
# robots.txt for Discuz! X3.5
#

User-agent: *
Disallow: /api/
Disallow: /search.php
Disallow: /member.php
Disallow: /misc.php
Disallow: /forum.php?mod=redirect*
Disallow: /forum.php?mod=post*
Disallow: /home.php?mod=spacecp*
Disallow: /userapp.php?mod=app&*
Disallow: /*?mod=misc*
Disallow: /*?mod=attachment*
Disallow: /*mobile=yes*
`

func TestDiscuzRules(t *testing.T) {
	rules := ParseRobots([]byte(discuzRobots), Token)
	for path, allowed := range map[string]bool{
		"/forum.php?mod=viewthread&tid=1":          true,
		"/forum.php?mod=forumdisplay&fid=2&page=3": true,
		"/thread-1-1-1.html":                       true,
		"/forum.php":                               true,
		"/home.php?mod=space&uid=1":                true,
		"/archiver/?tid-1.html":                    true,
		"/":                                        true,
		"/robots.txt":                              true,
		"/forum.php?mod=redirect&goto=findpost&ptid=1":      false,
		"/forum.php?goto=findpost&mod=redirect":             false, // wherever the key stands
		"/forum.php?goto=findpost&premod=redirect":          true,
		"/forum.php?mod=viewthread&mod2=redirect":           true,
		"/bbs/forum.php?mod=redirect":                       true,
		"/forum.php?mod=redirect&tid=1&goto=lastpost":       false,
		"/forum.php?%6dod=redirect&tid=1":                   false, // the same octets in another spelling
		"/forum.php?mod=misc&action=x":                      false,
		"/plugin.php?mod=misc":                              false,
		"/forum.php?action=x&mod=misc":                      false,
		"/forum.php?mod=attachment&aid=MQ%3D%3D":            false,
		"/api/mobile/index.php?version=4":                   false,
		"/forum.php?mod=viewthread&tid=1&mobile=yes&page=2": false,
		"/misc.php?mod=seccode":                             false,
		"/bbs/misc.php":                                     true, // another folder
	} {
		if got := rules.Allowed(path); got != allowed {
			t.Errorf("%s: allowed %t, want %t", path, got, allowed)
		}
	}
}

func TestRobotsGrammar(t *testing.T) {
	f := func(file, path string, allowed bool) {
		t.Helper()
		if got := ParseRobots([]byte(file), Token).Allowed(path); got != allowed {
			t.Errorf("%q: %s allowed %t, want %t", file, path, got, allowed)
		}
	}
	// Which group.
	f("User-agent: *\nDisallow: /\n\nUser-agent: ResumeWatch\nDisallow: /private", "/x", true)
	f("User-agent: *\nDisallow: /\n\nUser-agent: resumewatch/2.1\nAllow: /", "/x", true)
	f("User-agent: resumewatch\nDisallow: /\n\nUser-agent: *\nAllow: /", "/x", false)
	f("User-agent: resume\nDisallow: /", "/x", true)
	f("User-agent: resumewatcher\nDisallow: /", "/x", true)
	f("User-agent: a\nUser-agent: resumewatch\nUser-agent: b\nDisallow: /", "/x", false)
	f("User-agent: resumewatch\nDisallow: /a\nUser-agent: other\nDisallow: /b\nUser-agent: resumewatch\nDisallow: /c", "/c", false) // groups of one agent are one
	f("User-agent: resumewatch\nDisallow: /a\nUser-agent: other\nDisallow: /b\nUser-agent: resumewatch\nDisallow: /c", "/b", true)
	f("User-agent: resumewatch\nSitemap: https://e.cn/s.xml\nDisallow: /", "/x", false)
	f("Disallow: /\nUser-agent: *\nDisallow: /a", "/x", true) // a rule of nobody
	f("User-agent: googlebot\nDisallow: /", "/x", true)
	// Lines.
	f("\xef\xbb\xbfUser-agent: *\r\nDisallow: /a # why\r\n", "/a", false)
	f("user-AGENT :*\rDISALLOW:/a\r", "/a", false)
	f("User-agent: *\nCrawl-delay: x\nwhat is this\nDisallow: /a\n\xff\xfe: \xff\n", "/a", false)
	f("User-agent: *\nDisallow:\n", "/a", true)
	f("User-agent: *\nDisallow: a\n", "/a", false)
	f("<html><body>404: not found</body></html>", "/a", true)
	f("", "/a", true)
	// Which rule.
	f("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", true)
	f("User-agent: *\nAllow: /a\nDisallow: /a/b", "/a/b/c", false)
	f("User-agent: *\nDisallow: /a\nAllow: /a", "/a", true)
	f("User-agent: *\nDisallow: /*.php$\nAllow: /xx.php", "/xx.php", true)
	f("User-agent: *\nDisallow: /*.php$", "/x.php", false)
	f("User-agent: *\nDisallow: /*.php$", "/x.php?a=1", true)
	f("User-agent: *\nDisallow: /$", "/", false)
	f("User-agent: *\nDisallow: /$", "/a", true)
	f("User-agent: *\nDisallow: /a*b*c", "/axxbyyc", false)
	f("User-agent: *\nDisallow: /a*b*c$", "/abcbc", false)
	f("User-agent: *\nDisallow: /a*bc*bc$", "/abc", true) // the pieces may not overlap
	f("User-agent: *\nDisallow: /admin/*.php", "/bbs/admin/x.php", true)
	f("User-agent: *\nDisallow: *.php", "/bbs/x.php", false)
	f("User-agent: *\nDisallow: /***", "/x", false)
	// One parameter, wherever it stands; a bare key only where it is written.
	f("User-agent: *\nDisallow: /f.php?a=1", "/f.php?b=2&a=1", false)
	f("User-agent: *\nDisallow: /f.php?a=1", "/g.php?b=2&a=1", true)
	f("User-agent: *\nDisallow: /f.php?a=1$", "/f.php?b=2&a=1", true)
	f("User-agent: *\nDisallow: /*?page=", "/f.php?tid=2&page=1", true)
	f("User-agent: *\nDisallow: /*?page=", "/f.php?page=1", false)
	f("User-agent: *\nDisallow: /f.php?a=1\nAllow: /f.php?b=2&a", "/f.php?b=2&a=1", true)
	// Spellings.
	f("User-agent: *\nDisallow: /版块", "/%e7%89%88%E5%9D%97/1", false)
	f("User-agent: *\nDisallow: /%7Ejoe", "/~joe/", false)
	f("User-agent: *\nDisallow: /a%2fb", "/a/b", true) // an encoded slash is another character
	f("User-agent: *\nDisallow: /a%2fb", "/a%2Fb", false)
	f("User-agent: *\nDisallow: /a b", "/a%20b", false)
}

func TestCrawlDelay(t *testing.T) {
	for file, want := range map[string]time.Duration{
		"User-agent: *\nCrawl-delay: 10":                                                       10 * time.Second,
		"User-agent: *\nCrawl-delay: 0.5\nDisallow: /a":                                        500 * time.Millisecond,
		"User-agent: *\nCrawl-delay: 1e99":                                                     MaxCrawlDelay,
		"User-agent: *\nCrawl-delay: inf":                                                      MaxCrawlDelay,
		"User-agent: *\nCrawl-delay: nan":                                                      0,
		"User-agent: *\nCrawl-delay: -1":                                                       0,
		"User-agent: *\nCrawl-delay: 9\nUser-agent: resumewatch\nCrawl-delay: 3\nDisallow: /x": 3 * time.Second,
	} {
		if got := ParseRobots([]byte(file), Token).CrawlDelay(); got != want {
			t.Errorf("%q: %s, want %s", file, got, want)
		}
	}
}

// Where the file is plain, we and the library that colly uses agree.
func TestPlainRulesAgreeWithTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		segment := rapid.StringMatching(`(/[a-c]{1,2}){1,3}`)
		var b strings.Builder
		b.WriteString("User-agent: *\n")
		lengths := map[int]bool{}
		for _, p := range rapid.SliceOfN(segment, 0, 6).Draw(t, "rules") {
			if lengths[len(p)] {
				continue // equal lengths are where it lets the first win
			}
			lengths[len(p)] = true
			fmt.Fprintf(&b, "%s: %s\n", rapid.SampledFrom([]string{"Allow", "Disallow"}).Draw(t, "verb"), p)
		}
		path := segment.Draw(t, "path")
		theirs, err := robotstxt.FromString(b.String())
		if err != nil {
			t.Fatal(err)
		}
		if ours := ParseRobots([]byte(b.String()), Token).Allowed(path); ours != theirs.TestAgent(path, Token) {
			t.Fatalf("%s%s: ours %t", b.String(), path, ours)
		}
	})
}

func FuzzRobots(f *testing.F) {
	f.Add([]byte(discuzRobots), "/forum.php?mod=redirect&tid=1")
	f.Add([]byte("User-agent: resumewatch\nDisallow: /*a*b$\nCrawl-delay: 3"), "/%zz%e7")
	f.Add([]byte("User-agent:\r:::\nAllow: %"), "")
	f.Fuzz(func(t *testing.T, file []byte, path string) {
		rules := ParseRobots(file, Token)
		rules.Allowed(path)
		if d := rules.CrawlDelay(); d < 0 || d > MaxCrawlDelay {
			t.Errorf("delay %s", d)
		}
		if !rules.Allowed("/robots.txt") {
			t.Error("robots.txt itself is forbidden")
		}
		if n := normalPercent(path); normalPercent(n) != n {
			t.Errorf("%q is normal, then %q", n, normalPercent(n))
		}
	})
}

// robotsHost serves a robots.txt as told and counts what is asked for.
type robotsHost struct {
	mu     sync.Mutex
	robots http.HandlerFunc
	asked  atomic.Int32 // robots.txt
	pages  atomic.Int32
}

func (h *robotsHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/page" {
		h.pages.Add(1)
		fmt.Fprint(w, "text")
		return
	}
	if r.URL.Path == "/robots.txt" {
		h.asked.Add(1)
	}
	h.mu.Lock()
	f := h.robots
	h.mu.Unlock()
	f(w, r)
}

func (h *robotsHost) set(f http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.robots = f
}

func text(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestRobotsAnswers(t *testing.T) {
	const forbidAll = "User-agent: *\nDisallow: /"
	bomb := append(gz([]byte("User-agent: *\nDisallow: /page\n")), bytes.Repeat(gz(bytes.Repeat([]byte("#\n"), 100_000)), 100)...)
	for name, c := range map[string]struct {
		robots  http.HandlerFunc
		verdict string
		reason  string
		retry   time.Duration
	}{
		"none":                   {text(404, forbidAll), RobotsAllowed, "", 0},
		"forbidden to read":      {text(403, forbidAll), RobotsAllowed, "", 0},
		"empty":                  {text(200, ""), RobotsAllowed, "", 0},
		"forbids":                {text(200, forbidAll), RobotsDisallowed, "robots.txt forbids /page", 0},
		"server error":           {text(500, ""), RobotsUnavailable, "could not be read (http 500)", time.Hour},
		"unavailable, says when": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "600"); w.WriteHeader(503) }, RobotsUnavailable, "http 503", 10 * time.Minute},
		"too many requests":      {text(429, ""), RobotsUnavailable, "http 429", time.Hour},
		"never answers":          {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, RobotsUnavailable, "no answer within 300ms", time.Hour},
		"breaks off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "User-agent")
		}, RobotsUnavailable, "broke off", time.Hour},
		"one redirect": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				http.Redirect(w, r, "/real.txt", 301)
				return
			}
			io.WriteString(w, forbidAll)
		}, RobotsDisallowed, "forbids", 0},
		"redirects for ever":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", 302) }, RobotsAllowed, "", 0},
		"redirect to nowhere": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "ftp://127.0.0.1/", 302) }, RobotsAllowed, "", 0},
		"gzip": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(gz([]byte(forbidAll)))
		}, RobotsDisallowed, "forbids", 0},
		"larger than is read": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "User-agent: *\nDisallow: /page\n")
			io.WriteString(w, strings.Repeat("Disallow: /x\n", 60_000))
			io.WriteString(w, "Allow: /page\n")
		}, RobotsDisallowed, "forbids", 0},
		"bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb)
		}, RobotsDisallowed, "forbids", 0},
	} {
		h := &robotsHost{robots: c.robots}
		s := newServer(t, h)
		now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
		r := newRig(t, func(o *Options) {
			o.Now = func() time.Time { return now }
			if name == "never answers" {
				hasty(o)
			}
		})
		res := r.get(s.URL+"/page", addr(s))
		wanted := market.Outcome("")
		if c.verdict != RobotsAllowed {
			wanted = market.OutcomeRobots
		}
		if res.Outcome != wanted || !strings.Contains(res.Reason, c.reason) || res.Robots != c.verdict || res.RetryAfter != c.retry {
			t.Errorf("%s: %q %q robots %q retry %s", name, res.Outcome, res.Reason, res.Robots, res.RetryAfter)
		}
		if (h.pages.Load() == 1) != (wanted == "") {
			t.Errorf("%s: the page was asked for %d times", name, h.pages.Load())
		}
		if n := len(r.budget.log()); name == "redirects for ever" && n != 7 { // six tries and the page
			t.Errorf("%s: %d slots", name, n)
		}
		// What was learnt holds, for as long as it should.
		before := h.asked.Load()
		r.get(s.URL+"/page", addr(s))
		if h.asked.Load() != before {
			t.Errorf("%s: asked again at once", name)
		}
		ttl := RobotsTTL
		if c.retry > 0 {
			ttl = c.retry
		}
		now = now.Add(ttl)
		h.set(text(200, ""))
		if res = r.get(s.URL+"/page", addr(s)); res.Outcome != "" || h.asked.Load() == before {
			t.Errorf("%s: after %s: %q %q", name, ttl, res.Outcome, res.Reason)
		}
	}
}

func TestRobotsOfEveryHop(t *testing.T) {
	other := newServer(t, &robotsHost{robots: text(200, "User-agent: *\nDisallow: /page")})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL+"/page", http.StatusFound) })
	res := newRig(t, nil).get(s.URL, addr(s), addr(other))
	want(t, res, market.OutcomeRobots, "forbids /page")
	if res.URL != other.URL+"/page" || len(res.Moved) != 1 {
		t.Errorf("%+v", res)
	}
}

func TestRobotsIgnored(t *testing.T) {
	h := &robotsHost{robots: text(200, "User-agent: *\nDisallow: /\nCrawl-delay: 50")}
	s := newServer(t, h)
	r := newRig(t, nil)
	res, err := r.Get(t.Context(), Request{URL: s.URL + "/page", Rate: market.DefaultRate, AllowPrivate: []string{addr(s)}, IgnoreRobotsBy: "Li Wei, SEC-104"})
	if err != nil {
		t.Fatal(err)
	}
	want(t, res, "", "")
	if res.Robots != "ignored by Li Wei, SEC-104" || h.asked.Load() != 0 || len(r.budget.log()) != 1 {
		t.Errorf("%+v, robots.txt asked for %d times", res, h.asked.Load())
	}
}

func TestCrawlDelayRaisesTheInterval(t *testing.T) {
	for delay, rate := range map[string]string{"1": "30/1m", "7": "1/7s"} {
		s := newServer(t, &robotsHost{robots: text(200, "User-agent: *\nCrawl-delay: "+delay)})
		r := newRig(t, nil)
		res := r.get(s.URL+"/page", addr(s))
		want(t, res, "", "")
		if got := r.budget.log(); len(got) != 2 || got[1] != addr(s)+" "+rate || res.CrawlDelay == 0 {
			t.Errorf("delay %s: slots %q, %s", delay, got, res.CrawlDelay)
		}
	}
}

func TestManyAskForRobotsOnce(t *testing.T) {
	h := &robotsHost{robots: func(w http.ResponseWriter, _ *http.Request) { time.Sleep(50 * time.Millisecond) }}
	s := newServer(t, h)
	r := newRig(t, func(o *Options) { o.Limits = Limits{} })
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if res, err := r.Get(t.Context(), Request{URL: s.URL + "/page", Rate: market.DefaultRate, AllowPrivate: []string{addr(s)}}); err != nil || res.Outcome != "" {
				t.Errorf("%v %+v", err, res)
			}
		})
	}
	wg.Wait()
	if h.asked.Load() != 1 || len(r.asking.all) != 0 {
		t.Errorf("asked %d times, %d locks left", h.asked.Load(), len(r.asking.all))
	}
}

// storedCache stands for a store: its entries have no parsed rules, and it can fail.
type storedCache struct {
	entry RobotsEntry
	err   error
}

func (c storedCache) Load(context.Context, string) (RobotsEntry, bool, error) {
	return c.entry, true, c.err
}
func (c storedCache) Store(context.Context, string, RobotsEntry) error { return c.err }

func TestRobotsFromAStore(t *testing.T) {
	h := &robotsHost{robots: text(200, "")}
	s := newServer(t, h)
	entry := RobotsEntry{Until: time.Now().Add(time.Hour), Body: []byte("User-agent: *\nDisallow: /page")}
	r := newRig(t, func(o *Options) { o.Robots = storedCache{entry: entry} })
	want(t, r.get(s.URL+"/page", addr(s)), market.OutcomeRobots, "forbids")
	broken := errors.New("disk")
	r = newRig(t, func(o *Options) { o.Robots = storedCache{err: broken} })
	if _, err := r.Get(t.Context(), Request{URL: s.URL + "/page", Rate: market.DefaultRate}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestRobotsMemoryIsBounded(t *testing.T) {
	m := NewRobotsMemory(3)
	for i := range 10 {
		if err := m.Store(t.Context(), fmt.Sprint(i), RobotsEntry{}); err != nil {
			t.Fatal(err)
		}
		m.Load(t.Context(), "0") // in use: stays
	}
	if _, ok, _ := m.Load(t.Context(), "0"); !ok || m.order.Len() != 3 || len(m.byKey) != 3 {
		t.Errorf("%d kept, the one in use: %t", m.order.Len(), ok)
	}
}

func TestHostSaysNothingAtAll(t *testing.T) {
	r := newRig(t, hasty)
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts by its backlog, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	address := l.Addr().String()
	want(t, r.get("http://"+address+"/", address), market.OutcomeRobots, "no answer within 300ms")
}
