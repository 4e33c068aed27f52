package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/market"
)

func TestPageArrivesWholeWithItsHeads(t *testing.T) {
	var seen http.Header
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Clone()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("X-Odd", "1")
		fmt.Fprint(w, "<p>出简历</p>")
	})
	r := newRig(t, nil)
	res := r.get(s.URL+"/forum.php?mod=viewthread&tid=1#pid7", addr(s))
	want(t, res, "", "")
	if res.URL != s.URL+"/forum.php?mod=viewthread&tid=1" || res.Status != 200 || string(res.UTF8) != "<p>出简历</p>" || res.Charset != "utf-8" {
		t.Errorf("got %+v", res)
	}
	if res.RemoteAddr != addr(s) || res.Robots != RobotsAllowed || res.At.IsZero() || res.Cause != nil || res.Header.Get("X-Odd") != "1" {
		t.Errorf("got %+v", res)
	}
	if ua := seen.Get("User-Agent"); !strings.Contains(ua, Token) {
		t.Errorf("User-Agent %q does not name us", ua)
	}
	if got := seen.Get("Accept-Encoding"); got != "gzip, deflate" {
		t.Errorf("Accept-Encoding %q", got)
	}
	if len(res.Exchanges) != 1 {
		t.Fatalf("%d exchanges", len(res.Exchanges))
	}
	e := res.Exchanges[0]
	if !strings.HasPrefix(string(e.RequestHead), "GET /forum.php?mod=viewthread&tid=1 HTTP/1.1\r\nHost: "+addr(s)+"\r\n") || !strings.HasSuffix(string(e.RequestHead), "\r\n\r\n") {
		t.Errorf("request head %q", e.RequestHead)
	}
	if !strings.HasPrefix(string(e.ResponseHead), "HTTP/1.1 200 OK\r\n") || !strings.HasSuffix(string(e.ResponseHead), "\r\n\r\n") || !strings.Contains(string(e.ResponseHead), "X-Odd: 1\r\n") {
		t.Errorf("response head %q", e.ResponseHead)
	}
	if string(e.Body) != "<p>出简历</p>" || e.Truncated != "" || e.RemoteAddr != addr(s) || e.Status != 200 {
		t.Errorf("exchange %+v", e)
	}
	if diff := cmp.Diff([]string{addr(s) + " 30/1m", addr(s) + " 30/1m"}, r.budget.log()); diff != "" {
		t.Errorf("slots: robots.txt and the page take one each\n%s", diff)
	}
	r.get(s.URL+"/again", addr(s))
	if n := len(r.budget.log()); n != 3 {
		t.Errorf("%d slots after a second page: robots.txt is asked for once", n)
	}
}

func TestStatusDecides(t *testing.T) {
	for status, outcome := range map[int]market.Outcome{
		200: "", 203: "", 401: market.OutcomeLoginWall, 403: market.OutcomeBlocked, 404: market.OutcomeGone, 410: market.OutcomeGone,
		405: market.OutcomeBlocked, 429: market.OutcomeBlocked, 468: market.OutcomeBlocked, 500: market.OutcomeError, 502: market.OutcomeError,
		503: market.OutcomeBlocked, 521: market.OutcomeBlocked, 400: market.OutcomeError, 302: market.OutcomeError, 206: market.OutcomeUnreadable,
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(status)
			fmt.Fprint(w, "抱歉，指定的主题不存在或已被删除或正在被审核")
		})
		res := newRig(t, nil).get(s.URL, addr(s))
		reason := ""
		if outcome != "" {
			reason = fmt.Sprintf("http %d", status)
		}
		want(t, res, outcome, reason)
		if !strings.Contains(string(res.UTF8), "已被删除") || res.Status != status {
			t.Errorf("%d: the body is lost: %+v", status, res)
		}
		if res.RetryAfter != 90*time.Second {
			t.Errorf("%d: Retry-After %s", status, res.RetryAfter)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		"120":                           2 * time.Minute,
		"Sat, 21 Nov 2026 12:05:00 GMT": 5 * time.Minute,
		"Sat, 21 Nov 2026 11:00:00 GMT": 0,
		"soon":                          0,
		"-5":                            0,
		"99999999999999999999999":       maxRetryAfter,
		"9999999999":                    maxRetryAfter,
	} {
		if got := retryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
	h := http.Header{"Retry-After": {"Sat, 21 Nov 2026 12:05:00 GMT"}, "Date": {"Sat, 21 Nov 2026 12:04:00 GMT"}}
	if got := retryAfter(h, now); got != time.Minute {
		t.Errorf("by the host's own clock: %s", got)
	}
}

func TestConditionalRequest(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/page", http.StatusFound)
			return
		}
		if r.Header.Get("If-None-Match") == `"v1"` || r.Header.Get("If-Modified-Since") != "" || r.URL.Path == "/stubborn" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, "new text")
	})
	r := newRig(t, nil)
	ask := func(path, etag, modified string) Result {
		res, err := r.Get(t.Context(), Request{URL: s.URL + path, Rate: market.DefaultRate, AllowPrivate: []string{addr(s)}, ETag: etag, LastModified: modified})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	want(t, ask("/page", `"v1"`, ""), market.OutcomeSame, "304")
	want(t, ask("/page", "", "Sat, 21 Nov 2026 12:05:00 GMT"), market.OutcomeSame, "304")
	want(t, ask("/page", `"v0"`, ""), "", "")
	want(t, ask("/moved", `"v1"`, ""), "", "") // the validator is of /moved, not of /page
	want(t, ask("/stubborn", "", ""), market.OutcomeError, "not asked for")
}

func TestMisuseIsAnError(t *testing.T) {
	r := newRig(t, nil)
	for address, wanted := range map[string]error{
		"ftp://bbs.example.com/":              ErrScheme,
		"file:///etc/passwd":                  ErrScheme,
		"bbs.example.com/forum.php":           ErrScheme,
		"javascript:alert(1)":                 ErrScheme,
		"":                                    ErrScheme,
		"http://":                             ErrURL,
		"http://user:secret@bbs.example.com/": ErrURL,
		"http://bbs.example.com:99x/":         ErrURL,
		"http://e.cn/" + strings.Repeat("a", 9000): ErrURL,
	} {
		_, err := r.Get(t.Context(), Request{URL: address})
		if !errors.Is(err, wanted) {
			t.Errorf("%.40q: %v, want %v", address, err, wanted)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the password is told: %v", err)
		}
	}
	for _, allow := range []string{"127.0.0.1", "x:y:z", ":80", "127.0.0.1:0", "127.0.0.1:99999"} {
		if _, err := r.Get(t.Context(), Request{URL: "http://127.0.0.1/", AllowPrivate: []string{allow}}); !errors.Is(err, ErrRequest) {
			t.Errorf("exception %q: %v", allow, err)
		}
	}
	if _, err := r.Get(t.Context(), Request{URL: "http://127.0.0.1/", ETag: "a\r\nX: y"}); !errors.Is(err, ErrRequest) {
		t.Errorf("validator with a line end: %v", err)
	}
	if len(r.budget.log()) != 0 {
		t.Errorf("misuse took slots: %v", r.budget.log())
	}
	if _, err := New(Options{}); !errors.Is(err, ErrRequest) {
		t.Errorf("no budget: %v", err)
	}
}

func TestContextEnds(t *testing.T) {
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	r := newRig(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	_, err := r.Get(ctx, Request{URL: s.URL, Rate: market.DefaultRate, AllowPrivate: []string{addr(s)}})
	if !errors.Is(err, context.Canceled) || time.Since(start) > 2*time.Second {
		t.Errorf("%v after %s", err, time.Since(start))
	}
	// While waiting for a slot.
	r.budget.wait = map[int]time.Duration{len(r.budget.log()): 4 * time.Second}
	ctx, cancel = context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err = r.Get(ctx, Request{URL: s.URL, Rate: market.DefaultRate, AllowPrivate: []string{addr(s)}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while waiting: %v", err)
	}
}

func TestBudget(t *testing.T) {
	asked := 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Path == "/a" {
			http.Redirect(w, r, "/b", http.StatusMovedPermanently)
			return
		}
		fmt.Fprint(w, "text")
	})
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	var slept []time.Duration
	rigged := func(g *generous) *rig {
		asked, slept = 0, nil
		r := newRig(t, func(o *Options) {
			o.Budget, o.Now = g, func() time.Time { return now }
			o.Wait = func(_ context.Context, d time.Duration) error { slept = append(slept, d); return nil }
		})
		r.budget = g
		return r
	}
	get := func(r *rig, path string) Result { return r.get(s.URL+path, addr(s)) }

	// No slot for robots.txt: nothing is asked.
	res := get(rigged(&generous{deny: map[int]time.Duration{0: time.Minute}}), "/b")
	if !res.NotBefore.Equal(now.Add(time.Minute)) || res.Outcome != "" || asked != 0 || res.Reason == "" || len(res.Exchanges) != 0 {
		t.Errorf("no slot for robots.txt: %+v", res)
	}
	// No slot for the page; robots.txt is known the next time.
	r := rigged(&generous{deny: map[int]time.Duration{1: 20 * time.Second}})
	if res = get(r, "/b"); !res.NotBefore.Equal(now.Add(20*time.Second)) || asked != 0 {
		t.Errorf("no slot for the page: %+v", res)
	}
	if res = get(r, "/b"); res.Outcome != "" || !res.NotBefore.IsZero() || len(r.budget.log()) != 3 {
		t.Errorf("back again: %+v %v", res, r.budget.log())
	}
	// No slot for where the page has moved to.
	res = get(rigged(&generous{deny: map[int]time.Duration{2: 7 * time.Second}}), "/a")
	want(t, res, market.OutcomeMoved, "no slot")
	if res.URL != s.URL+"/b" || !res.NotBefore.Equal(now.Add(7*time.Second)) || asked != 1 || len(res.Exchanges) != 1 || res.Status != 0 {
		t.Errorf("moved: %+v", res)
	}
	if diff := cmp.Diff([]string{s.URL + "/a"}, res.Moved); diff != "" {
		t.Error(diff)
	}
	// Slots within the patience are waited for.
	res = get(rigged(&generous{wait: map[int]time.Duration{0: time.Second, 1: 2 * time.Second, 2: 3 * time.Second}}), "/a")
	want(t, res, "", "")
	if diff := cmp.Diff([]time.Duration{time.Second, 2 * time.Second, 3 * time.Second}, slept); diff != "" {
		t.Error(diff)
	}
	// A budget that is out of order is nobody's outcome.
	broken := errors.New("redis 127.0.0.1:6379: connection refused")
	if _, err := rigged(&generous{err: broken}).Get(t.Context(), Request{URL: s.URL, Rate: market.DefaultRate, AllowPrivate: []string{addr(s)}}); !errors.Is(err, broken) {
		t.Errorf("broken budget: %v", err)
	}
	// Without a budget the slot is now (or when the host's penalty ends), but only
	// where an exception says so.
	r = rigged(&generous{})
	if _, err := r.Get(t.Context(), Request{URL: s.URL + "/b", AllowPrivate: []string{addr(s)}}); err != nil || r.budget.log()[0] != addr(s)+" 0" {
		t.Errorf("rate 0: %v %v", err, r.budget.log())
	}
	r = rigged(&generous{})
	if _, err := r.Get(t.Context(), Request{URL: s.URL + "/b"}); err != nil || r.budget.log()[0] != addr(s)+" 30/1m" {
		t.Errorf("rate 0 without an exception: %v %v", err, r.budget.log())
	}
}

func TestCookiesStayWithTheirSite(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("x_2132_sid"); err != nil {
			http.SetCookie(w, &http.Cookie{Name: "x_2132_sid", Value: "abc", Path: "/"})
			http.Redirect(w, r, r.URL.String(), http.StatusFound) // as attackevasive and position repair do
			return
		}
		fmt.Fprint(w, "in")
	})
	r := newRig(t, nil)
	res := r.get(s.URL+"/thread-1-1-1.html", addr(s))
	want(t, res, "", "")
	if len(res.Moved) != 1 || string(res.Body) != "in" {
		t.Errorf("same-page redirect: %+v", res)
	}
	if res = r.get(s.URL+"/thread-2-1-1.html", addr(s)); len(res.Moved) != 0 {
		t.Errorf("the cookie was forgotten: %+v", res)
	}
	if res, err := r.Get(t.Context(), Request{URL: s.URL, Rate: market.DefaultRate, AllowPrivate: []string{addr(s)}, Jar: "another"}); err != nil || len(res.Moved) != 1 {
		t.Errorf("another jar has the cookie: %+v %v", res, err)
	}
}

func TestCookieFloodIsBounded(t *testing.T) {
	j := newSiteJar()
	s := httptest.NewServer(nil)
	defer s.Close()
	req := httptest.NewRequest("GET", s.URL, nil)
	for i := range 200 {
		var cs []*http.Cookie
		for k := range 100 {
			cs = append(cs, &http.Cookie{Name: fmt.Sprintf("c%d_%d", i, k), Value: "v"})
		}
		cs = append(cs, &http.Cookie{Name: "big", Value: strings.Repeat("x", 5000)})
		j.SetCookies(req.URL, cs)
	}
	if n := len(j.Cookies(req.URL)); n == 0 || n > maxCookies {
		t.Errorf("%d cookies kept", n)
	}
	all := newJars()
	for i := range maxJars + 10 {
		all.of(fmt.Sprint(i))
	}
	if all.order.Len() != maxJars || len(all.byKey) != maxJars {
		t.Errorf("%d jars kept", all.order.Len())
	}
}

func TestHTTPS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, "secret text")
	}))
	defer func() { s.Close() }()
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // a refused certificate is what we want
	s.StartTLS()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	res := newRig(t, func(o *Options) { o.TLS = &tls.Config{RootCAs: roots} }).get(s.URL, addr(s))
	want(t, res, "", "")
	if e := res.Exchanges[0]; !strings.HasPrefix(string(e.RequestHead), "GET / HTTP/1.1\r\n") || !strings.HasPrefix(string(e.ResponseHead), "HTTP/1.1 200") {
		t.Errorf("heads in plain text are wanted: %q %q", e.RequestHead, e.ResponseHead)
	}
	e := res.Exchanges[0]
	if e.TLS == nil || e.TLS.Version < tls.VersionTLS12 || len(e.TLS.PeerCertificates) == 0 || !e.TLS.PeerCertificates[0].Equal(s.Certificate()) {
		t.Errorf("protection %+v", e.TLS)
	}
	if e.Robots != RobotsAllowed || e.Resolver != "" || e.Resolved != nil { // an address without a name
		t.Errorf("robots %q, resolved by %q to %q", e.Robots, e.Resolver, e.Resolved)
	}
	res = newRig(t, nil).get(s.URL, addr(s))
	want(t, res, market.OutcomeError, "certificate")
}

func TestEnvironmentChangesNothing(t *testing.T) {
	for k, v := range map[string]string{
		"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "socks5://127.0.0.1:1",
		"COLLY_MAX_BODY_SIZE": "3", "COLLY_ALLOWED_DOMAINS": "nowhere.example", "COLLY_USER_AGENT": "x", "COLLY_CACHE_DIR": t.TempDir(),
	} {
		t.Setenv(k, v)
	}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "agent "+r.UserAgent()) })
	res := newRig(t, nil).get(s.URL, addr(s))
	want(t, res, "", "")
	if string(res.Body) != "agent "+DefaultUserAgent {
		t.Errorf("body %q", res.Body)
	}
}
