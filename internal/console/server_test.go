package console

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"resumewatch/internal/casebook"
)

// without are the pages that answer without credentials: interfaces.md names them.
var without = []string{"/livez", "/readyz", "/login"}

// address fills the wildcards of a pattern.
func address(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	path = strings.TrimSuffix(path, "{$}")
	for _, word := range []string{"{id}", "{name}", "{digest}"} {
		path = strings.ReplaceAll(path, word, "x")
	}
	return method, path
}

// Every route, for every role and for nobody: who may not see it learns nothing of it.
func TestEveryRouteForEveryRole(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Metrics, o.Originals = http.NotFoundHandler(), sealed{} })
	if len(w.routes) < 10 {
		t.Fatalf("only %d routes", len(w.routes))
	}
	anybody := w.browser()
	for _, r := range append(slices.Clone(w.routes), route{pattern: "GET /nothing/here"}, route{pattern: "POST /"}, route{pattern: "DELETE /alerts"}, route{pattern: "GET /login/x"}, route{pattern: "GET /setup/x"}, route{pattern: "GET /api/v1/listings"}) {
		method, path := address(r.pattern)
		if strings.Contains(path, "{") {
			t.Fatalf("%s: a wildcard that this test can't fill", r.pattern)
		}
		a := anybody.do(method, path, nil)
		if to := a.Header.Get("Location"); !(a.StatusCode == 302 || a.StatusCode == 303) || !strings.HasPrefix(to, "/login") {
			if !strings.HasPrefix(path, "/api/") || a.StatusCode != http.StatusUnauthorized {
				t.Errorf("nobody, %s: %d to %q", r.pattern, a.StatusCode, to)
			}
		}
		for _, program := range [][]string{{"Authorization", "Bearer rwt_wrong"}, {"Authorization", "Basic YTpi"}, {"Accept", "application/json"}, {"HX-Request", "true"}} {
			a := anybody.do(method, path, nil, program...)
			if strings.HasPrefix(path, "/setup/") {
				continue // leads to the sign-in page whatever asks
			}
			if a.StatusCode != http.StatusUnauthorized || a.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("nobody with %s, %s: %d", program, r.pattern, a.StatusCode)
			}
		}
	}
	for _, path := range without {
		if a := anybody.get(path); a.StatusCode != http.StatusOK {
			t.Errorf("nobody, %s: %d", path, a.StatusCode)
		}
	}
	for _, role := range casebook.Roles {
		w.user(role, role)
		b := w.signedIn(role)
		for _, r := range w.routes {
			method, path := address(r.pattern)
			if path == "/logout" {
				continue
			}
			a := b.do(method, path, nil)
			allowed := a.StatusCode != http.StatusForbidden && a.StatusCode != http.StatusUnauthorized && !strings.HasPrefix(a.Header.Get("Location"), "/login")
			if want := (visitor{Name: role, Role: role}).May(r.needs); allowed != want {
				t.Errorf("%s, %s: %d, want allowed %v", role, r.pattern, a.StatusCode, want)
			}
			if a.StatusCode >= 500 {
				t.Errorf("%s, %s: %d\n%s", role, r.pattern, a.StatusCode, w.log)
			}
		}
		b.want(b.get("/nothing/here"), http.StatusNotFound)
		if a := b.want(b.do("POST", "/alerts", nil), http.StatusMethodNotAllowed); a.Header.Get("Allow") != "GET" {
			t.Errorf("Allow: %q", a.Header.Get("Allow"))
		}
		b.want(b.do("DELETE", "/settings/password", nil), http.StatusMethodNotAllowed)
	}
}

// The table of roles, said once more by hand.
func TestRoles(t *testing.T) {
	all := []permission{permRead, permCases, permAudit, permPrefer, permAccount, permMetrics, permUnmask, permApprove, permNumbers, permReview}
	for _, c := range []struct {
		who  visitor
		want []permission
	}{
		{visitor{Role: "viewer"}, []permission{permRead, permCases, permPrefer, permAccount}},
		{visitor{Role: "analyst"}, []permission{permRead, permCases, permPrefer, permAccount, permUnmask}},
		{visitor{Role: "reviewer"}, []permission{permRead, permCases, permPrefer, permAccount, permUnmask, permApprove, permReview}},
		{visitor{Role: "admin"}, []permission{permRead, permCases, permAudit, permPrefer, permAccount, permUnmask, permApprove, permReview}},
		{visitor{Role: "auditor"}, []permission{permRead, permCases, permAudit, permPrefer, permAccount}},
		{visitor{Role: "platform"}, []permission{permRead, permPrefer, permAccount, permNumbers}},
		{visitor{Role: "viewer", Demo: true}, []permission{permRead, permCases, permPrefer}},
		{visitor{}, nil},
		{visitor{Role: "owner"}, nil},
		{visitor{Role: "admin", token: true}, nil},
		{visitor{Role: "admin", token: true, scopes: []string{"read"}}, []permission{permRead, permCases}},
		{visitor{Role: "admin", token: true, scopes: []string{"metrics"}}, []permission{permMetrics}},
		{visitor{Role: "platform", token: true, scopes: []string{"read", "metrics"}}, []permission{permRead, permMetrics}},
		{visitor{Role: "admin", token: true, scopes: []string{"else"}}, nil},
	} {
		var got []permission
		for _, p := range all {
			if c.who.May(p) {
				got = append(got, p)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v may %v, want %v", c.who, got, c.want)
		}
	}
	for _, role := range casebook.Roles {
		if _, ok := grants[role]; !ok {
			t.Errorf("role %s has no line in the table", role)
		}
	}
}

func TestHeaders(t *testing.T) {
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "X-Frame-Options": "DENY",
	}
	w := newWorld(t, nil)
	w.user("a", casebook.RoleViewer)
	b := w.signedIn("a")
	for _, path := range []string{"/", "/login", "/nothing", "/livez", "/static/none", w.static.urls["console.css"]} {
		a := b.get(path)
		for name, value := range want {
			if got := a.Header.Get(name); got != value {
				t.Errorf("%s, %s: %q", path, name, got)
			}
		}
		if !strings.Contains(a.Header.Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s: no Permissions-Policy", path)
		}
		store := a.Header.Get("Cache-Control")
		if kept := strings.HasPrefix(path, "/static/") && a.StatusCode == http.StatusOK; kept != strings.Contains(store, "immutable") || kept == strings.Contains(store, "no-store") {
			t.Errorf("%s: Cache-Control %q", path, store)
		}
		if a.Header.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: HSTS over http", path)
		}
	}
}

// A page of ours holds no inline script, style or handler: the policy would stop it,
// and somebody would weaken the policy.
func TestNothingInline(t *testing.T) {
	w := newWorld(t, nil)
	w.user("a", casebook.RoleViewer)
	b := w.signedIn("a")
	for _, path := range []string{"/", "/login", "/nothing", "/settings", "/alerts", "/sources", "/queue"} {
		page := strings.ToLower(b.get(path).body)
		for _, bad := range []string{"<style", "style=", "onclick", "onload", "javascript:", "hx-on", "<script>"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s holds %s", path, bad)
			}
		}
	}
}

func TestHostNames(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.PublicURL = "https://watch.example.com" })
	b := w.browser()
	for host, ok := range map[string]bool{
		"watch.example.com": true, "WATCH.example.com": true, "127.0.0.1": true, "127.0.0.1:9": true, "[::1]:80": true, "192.0.2.9:8686": true, "localhost:1": true,
		"watch.example.com:8686": false, "evil.example.com": false, "localhost.evil.example.com": false, "127.0.0.1.evil.example.com": false, "x": false,
	} {
		a := b.get("/login", "Host", host)
		if got := a.StatusCode == http.StatusOK; got != ok || (!ok && a.StatusCode != http.StatusMisdirectedRequest) {
			t.Errorf("Host %s: %d", host, a.StatusCode)
		}
		b.want(b.get("/livez", "Host", host), http.StatusOK) // probes come by any name
	}
}

func TestCrossOrigin(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.PublicURL = "https://watch.example.com" })
	w.user("a", casebook.RoleViewer)
	b := w.browser()
	for _, c := range []struct {
		header []string
		want   int
	}{
		{[]string{"Sec-Fetch-Site", "cross-site"}, 403}, {[]string{"Sec-Fetch-Site", "same-site"}, 403}, {[]string{"Origin", "https://evil.example.com"}, 403},
		{[]string{"Origin", "null"}, 403}, {[]string{"Sec-Fetch-Site", "same-origin"}, 401}, {[]string{"Origin", "https://watch.example.com"}, 401}, {nil, 401},
	} {
		if a := b.do("POST", "/login", map[string][]string{"name": {"a"}, "password": {"wrong wrong"}}, c.header...); a.StatusCode != c.want {
			t.Errorf("%v: %d, want %d", c.header, a.StatusCode, c.want)
		}
	}
	b.want(b.get("/login", "Sec-Fetch-Site", "cross-site"), http.StatusOK)
}

func TestMetricsWantATokenOfThatScope(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "resumewatch_up 1") })
	})
	w.user("ops", casebook.RoleViewer)
	good, read := w.token("ops", casebook.ScopeMetrics), w.token("ops", casebook.ScopeRead)
	b := w.signedIn("ops")
	for header, want := range map[string]int{"": 401, "Bearer " + good: 200, "bearer " + good: 200, "Bearer " + read: 403, "Bearer x": 401, "Bearer": 401, "Basic " + good: 401, "Bearer " + good + " x": 401} {
		if a := b.get("/metrics", "Authorization", header); a.StatusCode != want {
			t.Errorf("%q: %d, want %d", header, a.StatusCode, want)
		}
	}
	b.want(b.get("/", "Authorization", "Bearer "+read), http.StatusOK)
	b.want(b.get("/", "Authorization", "Bearer "+good), http.StatusForbidden)
	b.want(b.do("POST", "/preferences", nil, "Authorization", "Bearer "+read), http.StatusForbidden)
	tokens, err := w.Book.Tokens(t.Context(), 0)
	w.must(err)
	if !tokens[0].LastUsed.Equal(w.clock.Now()) {
		t.Errorf("last use %v", tokens[0].LastUsed)
	}
	w.clock.later(tokens[0].Expires.Sub(w.clock.Now()))
	b.want(b.get("/metrics", "Authorization", "Bearer "+good), http.StatusUnauthorized)

	fresh := w.token("ops", casebook.ScopeMetrics)
	b.want(b.get("/metrics", "Authorization", "Bearer "+fresh), http.StatusOK)
	yes := true
	_, err = w.Book.ChangeUser(t.Context(), "ops", casebook.UserChange{Disabled: &yes}, casebook.Act{At: w.clock.Now()})
	w.must(err)
	b.want(b.get("/metrics", "Authorization", "Bearer "+fresh), http.StatusUnauthorized)
}

func TestProbesOfTheirOwn(t *testing.T) {
	w := newWorld(t, nil)
	b := w.browser()
	b.want(b.get("/readyz"), http.StatusOK)
	w.must(w.Book.Close())
	b.want(b.get("/livez"), http.StatusOK)
	b.want(b.get("/readyz"), http.StatusServiceUnavailable)
	// Pages say so too, and tell the visitor nothing else.
	a := b.get("/", "Cookie", "session=abcdef")
	if a.StatusCode != http.StatusServiceUnavailable || strings.Contains(a.body, "sql") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestPanicIsAPage(t *testing.T) {
	w := newWorld(t, nil)
	w.page("GET /broken", permRead, func(*visit) error { panic("secret detail") })
	w.page("GET /failing", permRead, func(*visit) error { return errors.New("secret detail") })
	var err error
	w.handler, err = w.router()
	w.must(err)
	server := httptest.NewServer(w.handler)
	defer server.Close()
	w.url = server.URL
	w.user("a", casebook.RoleViewer)
	b := w.signedIn("a")
	for _, path := range []string{"/broken", "/failing"} {
		if a := b.get(path); a.StatusCode == http.StatusOK || strings.Contains(a.body, "secret detail") {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
	if n := strings.Count(w.log.String(), "secret detail"); n < 2 {
		t.Errorf("the log tells %d of two failures:\n%s", n, w.log)
	}
}

func TestClient(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct {
		from, forwarded, want string
		trusted               []netip.Prefix
	}{
		{"192.0.2.1:55", "203.0.113.9", "192.0.2.1", nil},
		{"192.0.2.1:55", "203.0.113.9", "192.0.2.1", proxies},
		{"10.1.2.3:55", "203.0.113.9", "203.0.113.9", proxies},
		{"10.1.2.3:55", "198.51.100.7, 203.0.113.9", "203.0.113.9", proxies},                // what the client claims isn't believed
		{"10.1.2.3:55", "198.51.100.7, 203.0.113.9, 10.9.9.9", "203.0.113.9", proxies},      // a chain of proxies
		{"10.1.2.3:55", "<script>, 203.0.113.9:77", "203.0.113.9", proxies},                 // with a port
		{"10.1.2.3:55", "<script>", "10.1.2.3", proxies},                                    // nonsense
		{"10.1.2.3:55", "", "10.1.2.3", proxies},                                            //
		{"[::1]:55", "2001:db8::5", "2001:db8::5", proxies},                                 //
		{"[::ffff:10.1.2.3]:55", "::ffff:203.0.113.9", "203.0.113.9", proxies},              // one address, one spelling
		{"10.1.2.3:55", strings.Repeat("10.0.0.1,", 500) + "10.0.0.2", "10.0.0.1", proxies}, // a long list
	} {
		console := &Console{Options: Options{TrustedProxies: c.trusted}}
		r := &http.Request{RemoteAddr: c.from, Header: http.Header{}}
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := console.client(r).String(); got != c.want {
			t.Errorf("from %s for %.60s: %s, want %s", c.from, c.forwarded, got, c.want)
		}
	}
	for in, want := range map[string]string{"192.0.2.1": "192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64"} {
		if got := tryAddress(netip.MustParseAddr(in)); got != want {
			t.Errorf("%s counts as %s, want %s", in, got, want)
		}
	}
}

func TestBadPublicURL(t *testing.T) {
	book := newWorld(t, nil).Book
	for _, u := range []string{"watch.example.com", "ftp://x", "https://", "https://x/path", "https://u@x", "https://x?q=1", "://"} {
		if _, err := New(Options{Book: book, PublicURL: u, Now: (&clock{}).Now, Log: slog.New(slog.DiscardHandler)}); err == nil || !strings.Contains(err.Error(), "console.public_url") {
			t.Errorf("%s: %v", u, err)
		}
	}
	if _, err := New(Options{}); err == nil {
		t.Error("a console of nothing")
	}
}

func TestStatic(t *testing.T) {
	w := newWorld(t, nil)
	b := w.browser()
	for name, address := range w.static.urls {
		a := b.want(b.get(address), http.StatusOK)
		if len(a.body) == 0 || a.Header.Get("Content-Type") == "" {
			t.Errorf("%s: %d bytes of %s", name, len(a.body), a.Header.Get("Content-Type"))
		}
	}
	for _, path := range []string{"/static/", "/static/console.css", "/static/0000000000000000/console.css", "/static/..%2fconsole.go", "/static/x"} {
		if a := b.get(path); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
	}
}

func TestBodiesHaveACap(t *testing.T) {
	w := newWorld(t, nil)
	b := w.browser()
	r, err := http.NewRequestWithContext(t.Context(), "POST", w.url+"/login", io.LimitReader(endless{}, 10<<20))
	w.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.client.Do(r)
	if err == nil {
		defer res.Body.Close()
		if res.StatusCode != http.StatusRequestEntityTooLarge && res.StatusCode != http.StatusBadRequest {
			t.Errorf("%d", res.StatusCode)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}
