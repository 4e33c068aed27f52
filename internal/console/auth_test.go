package console

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/console/passwords"
)

func TestSignInAndOut(t *testing.T) {
	w := newWorld(t, nil)
	w.user("王芳", casebook.RoleAnalyst)
	b := w.browser()
	b.want(b.get("/alerts?state=new"), http.StatusFound, "/login?next=%2Falerts%3Fstate%3Dnew")
	page := b.want(b.get("/login?next=%2Falerts%3Fstate%3Dnew"), http.StatusOK)
	if !strings.Contains(page.body, `name="next" value="/alerts?state=new"`) || len(page.Cookies()) > 0 {
		t.Fatalf("cookies %v\n%s", page.Cookies(), page.body)
	}
	a := b.want(b.post("/login", "name", " 王芳 ", "password", password, "next", "/alerts?state=new"), http.StatusSeeOther, "/alerts?state=new")
	cookie := a.Cookies()[0]
	if cookie.Name != "session" || !cookie.HttpOnly || cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || len(cookie.Value) < 40 {
		t.Errorf("cookie %v", cookie)
	}
	if a := b.want(b.get("/"), http.StatusOK); !strings.Contains(a.body, "王芳") || !strings.Contains(a.body, "analyst") {
		t.Errorf("the page doesn't say who is signed in:\n%s", a.body)
	}
	b.want(b.get("/login"), http.StatusFound, "/")
	old := cookie.Value
	b.want(b.post("/logout"), http.StatusSeeOther, "/login")
	b.want(b.get("/"), http.StatusFound, "/login")
	b.want(b.get("/", "Cookie", "session="+old), http.StatusFound, "/login") // ended here, not only in the browser
	if got, want := w.acts(), []string{"user_added 王芳 analyst", "王芳 sign_in 王芳", "王芳 sign_out 王芳"}; !slices.Equal(got, want) {
		t.Errorf("audit %q", got)
	}
	log, err := w.Book.AuditLog(t.Context(), 0, 1)
	w.must(err)
	if log[0].Address != "127.0.0.1" || !log[0].At.Equal(w.clock.Now()) {
		t.Errorf("audit %+v", log[0])
	}
}

// The book holds no token that would open anything.
func TestTokensAreStoredAsDigests(t *testing.T) {
	w := newWorld(t, nil)
	w.user("a", casebook.RoleViewer)
	b := w.browser()
	value := b.signIn("a", password).Cookies()[0].Value
	if _, err := w.Book.Session(t.Context(), value); err == nil {
		t.Error("the session is stored under its token")
	}
	b.want(b.get("/", "Cookie", "session="+Digest(value)), http.StatusFound, "/login")
}

// A session that somebody planted before is not the one of whoever signs in.
func TestTokenIsRenewedAtSignIn(t *testing.T) {
	w := newWorld(t, nil)
	w.user("a", casebook.RoleViewer)
	b := w.signedIn("a")
	before := cookieOf(t, b)
	b.want(b.signIn("a", password), http.StatusSeeOther, "/")
	after := cookieOf(t, b)
	if before == after {
		t.Fatal("the same token")
	}
	b.want(w.browser().get("/", "Cookie", "session="+before), http.StatusFound, "/login")
	b.want(w.browser().signInWith("session=planted", "a"), http.StatusSeeOther, "/")
	b.want(w.browser().get("/", "Cookie", "session=planted"), http.StatusFound, "/login")
}

func (b *browser) signInWith(cookie, name string) answer {
	return b.do("POST", "/login", map[string][]string{"name": {name}, "password": {password}}, "Cookie", cookie)
}

func cookieOf(t *testing.T, b *browser) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", b.url, nil)
	b.must(err)
	for _, k := range b.client.Jar.Cookies(r.URL) {
		if k.Name == "session" {
			return k.Value
		}
	}
	t.Fatal("no session cookie")
	return ""
}

func TestSecureCookie(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.PublicURL = "https://watch.example.com" })
	w.user("a", casebook.RoleViewer)
	a := w.browser().signIn("a", password)
	k := a.Cookies()[0]
	if k.Name != "__Host-session" || !k.Secure || k.Path != "/" || k.Domain != "" {
		t.Errorf("cookie %v", k)
	}
	if a.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS over https")
	}
}

func TestSessionsEnd(t *testing.T) {
	w := newWorld(t, nil)
	w.user("a", casebook.RoleViewer)
	b := w.signedIn("a")
	for range 3 { // used now and then, it goes on
		w.clock.later(7 * time.Hour)
		b.want(b.get("/"), http.StatusOK)
	}
	w.clock.later(3*time.Hour - time.Second)
	b.want(b.get("/"), http.StatusOK)
	w.clock.later(time.Second) // a day after it began
	b.want(b.get("/"), http.StatusFound, "/login")

	b = w.signedIn("a")
	w.clock.later(8*time.Hour - time.Second)
	b.want(b.get("/"), http.StatusOK)
	w.clock.later(8 * time.Hour) // nobody used it
	b.want(b.get("/"), http.StatusFound, "/login")

	b = w.signedIn("a") // in front of a page that refreshes itself, nobody
	for range 8 {
		w.clock.later(time.Hour - time.Second)
		b.want(b.get("/queue", "HX-Request", "true"), http.StatusOK)
	}
	w.clock.later(time.Minute)
	b.want(b.get("/queue", "HX-Request", "true"), http.StatusUnauthorized)

	w.signedIn("a") // sweeps
	if _, err := w.Book.Session(t.Context(), storedDigest(cookieOf(t, b))); err == nil {
		t.Error("the session that ended is still in the book")
	}
}

func TestWhoChangesEndsSessions(t *testing.T) {
	w := newWorld(t, nil)
	w.user("a", casebook.RoleAdmin)
	role, yes, no := casebook.RoleViewer, true, false
	for _, change := range []casebook.UserChange{{Role: &role}, {Disabled: &yes}} {
		b := w.signedIn("a")
		_, err := w.Book.ChangeUser(t.Context(), "a", change, casebook.Act{At: w.clock.Now()})
		w.must(err)
		b.want(b.get("/"), http.StatusFound, "/login")
	}
	b := w.browser()
	if a := b.want(b.signIn("a", password), http.StatusUnauthorized); !strings.Contains(a.body, "is wrong") {
		t.Errorf("a disabled user is told something else:\n%s", a.body)
	}
	_, err := w.Book.ChangeUser(t.Context(), "a", casebook.UserChange{Disabled: &no}, casebook.Act{At: w.clock.Now()})
	w.must(err)
	b.want(b.signIn("a", password), http.StatusSeeOther, "/")
}

func TestWrongPasswords(t *testing.T) {
	w := newWorld(t, nil)
	w.user("a", casebook.RoleViewer)
	w.user("b", casebook.RoleViewer)
	b := w.browser()
	for i := range 5 {
		a := b.want(b.signIn("a", "wrong wrong "+strconv.Itoa(i)), http.StatusUnauthorized)
		if !strings.Contains(a.body, "User name or password is wrong.") || !strings.Contains(a.body, `value="a"`) || strings.Contains(a.body, "wrong wrong") {
			t.Fatalf("%s", a.body)
		}
		w.clock.later(time.Minute)
	}
	for _, pw := range []string{"wrong wrong", password} { // the right one helps no more
		a := b.want(b.signIn("a", pw), http.StatusTooManyRequests)
		if a.Header.Get("Retry-After") != "600" || !strings.Contains(a.body, "in 10 minutes") {
			t.Errorf("Retry-After %s\n%s", a.Header.Get("Retry-After"), a.body)
		}
	}
	b.want(b.signIn("b", password), http.StatusSeeOther, "/") // somebody else is not held up
	w.clock.later(10*time.Minute - time.Second)
	b2 := w.browser()
	b2.want(b2.signIn("a", password), http.StatusTooManyRequests)
	w.clock.later(time.Second)
	b2.want(b2.signIn("a", password), http.StatusSeeOther, "/")
	for range 5 { // the right one begins the count afresh
		b3 := w.browser()
		b3.want(b3.signIn("a", "wrong wrong"), http.StatusUnauthorized)
	}
	if n := strings.Count(strings.Join(w.acts(), "\n"), "sign_in_failed a wrong_password"); n != 10 {
		t.Errorf("the audit log has %d failures of ten", n)
	}
}

// Another console on the same book counts on, and another address is another count.
func TestLimitsAreShared(t *testing.T) {
	proxies := func(o *Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }
	w := newWorld(t, proxies)
	w.user("a", casebook.RoleViewer)
	other := newWorld(t, func(o *Options) { proxies(o); o.Book, o.Now = w.Book, w.clock.Now })
	one, two := w.browser(), other.browser()
	for i, b := range []*browser{one, two, one, two, one} {
		b.want(b.do("POST", "/login", map[string][]string{"name": {"a"}, "password": {"wrong wrong"}}, "X-Forwarded-For", "203.0.113.9"), http.StatusUnauthorized)
		if i == 4 {
			two.want(two.do("POST", "/login", map[string][]string{"name": {"a"}, "password": {password}}, "X-Forwarded-For", "203.0.113.9"), http.StatusTooManyRequests)
			two.want(two.do("POST", "/login", map[string][]string{"name": {"a"}, "password": {password}}, "X-Forwarded-For", "203.0.113.10"), http.StatusSeeOther, "/")
		}
	}
}

// Guesses that come all at once are as many as those that come one after another.
func TestGuessesAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	w.user("a", casebook.RoleViewer)
	var all sync.WaitGroup
	status := make([]int, 12)
	for i := range status {
		b := w.browser()
		all.Go(func() { status[i] = b.signIn("a", "wrong wrong").StatusCode })
	}
	all.Wait()
	slices.Sort(status)
	if want := slices.Concat(slices.Repeat([]int{401}, 5), slices.Repeat([]int{429}, 7)); !slices.Equal(status, want) {
		t.Errorf("%v, want %v", status, want)
	}
}

// One address may not try one password on every account.
func TestManyAccounts(t *testing.T) {
	w := newWorld(t, nil)
	b := w.browser()
	b.header.Set("Accept-Language", "zh-CN")
	for i := range tryLimits.Address {
		b.want(b.signIn("user"+strconv.Itoa(i), "x"), http.StatusUnauthorized)
	}
	if a := b.want(b.signIn("another", "x"), http.StatusTooManyRequests); !strings.Contains(a.body, "请 15 分钟后再试") {
		t.Errorf("%s", a.body)
	}
	log := strings.Join(w.acts(), "\n")
	if strings.Contains(log, "user1") || strings.Count(log, "no_such_user") != tryLimits.Address {
		t.Errorf("audit of names that are no users':\n%s", log)
	}
}

// A digest under other parameters is renewed by whoever knows the password.
func TestOldFormOfAPassword(t *testing.T) {
	w := newWorld(t, nil)
	// argon2id of "password" with m=65536 (the reference implementation's test vector).
	old := "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	w.must(w.Book.AddUser(t.Context(), casebook.User{Name: "a", Role: "viewer", Password: old}, casebook.Act{At: w.clock.Now()}))
	b := w.browser()
	b.want(b.signIn("a", "password"), http.StatusSeeOther, "/")
	b.want(b.get("/"), http.StatusOK)
	// Too short for a new one: it stays as it is.
	u, err := w.Book.User(t.Context(), "a")
	w.must(err)
	if u.Password != old || !strings.Contains(w.log.String(), "could not renew") {
		t.Errorf("%s\n%s", u.Password, w.log)
	}
}

func TestBusy(t *testing.T) {
	w := newWorld(t, nil)
	w.user("a", casebook.RoleViewer)
	w.passwords = full{}
	b := w.browser()
	if a := b.want(b.signIn("a", password), http.StatusServiceUnavailable); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

// full is a hasher at which too many wait.
type full struct{}

func (full) Hash(context.Context, string) (string, error) { return "", passwords.ErrBusy }

func (full) Verify(context.Context, string, string) (ok, outdated bool, err error) {
	return false, false, passwords.ErrBusy
}

func TestOddForms(t *testing.T) {
	w := newWorld(t, nil)
	w.user("a", casebook.RoleViewer)
	b := w.browser()
	b.want(b.post("/login"), http.StatusUnauthorized)
	b.want(b.signIn(strings.Repeat("名", 1000), "x"), http.StatusUnauthorized)
	b.want(b.signIn(strings.Repeat("名", 10000), "x"), http.StatusRequestEntityTooLarge)
	b.want(b.signIn("a\x00b", "x"), http.StatusUnauthorized)
	b.want(b.signIn("\xff\xfe", "x"), http.StatusUnauthorized)
	b.want(b.signIn("<script>", "x"), http.StatusUnauthorized)
	b.want(b.signIn("a", strings.Repeat("x", 20000)), http.StatusUnauthorized)
	b.want(b.do("POST", "/login?name=a&password="+"correct+horse+battery+staple", nil), http.StatusUnauthorized) // not from the address
	bad := b.do("POST", "/login", nil, "Content-Type", "application/x-www-form-urlencoded; charset=%%")
	if bad.StatusCode >= 500 {
		t.Errorf("a broken content type: %d", bad.StatusCode)
	}
	if a := b.do("POST", "/login", map[string][]string{"name": {"%zz"}}, "Content-Type", "multipart/form-data; boundary=x"); a.StatusCode >= 500 {
		t.Errorf("a multipart form: %d", a.StatusCode)
	}
	// A token at the sign-in page signs nobody in, and breaks nothing.
	b.want(b.do("POST", "/login", map[string][]string{"name": {"a"}, "password": {password}}, "Authorization", "Bearer x"), http.StatusSeeOther, "/")
}

func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{
		"": "/", "/alerts?state=new": "/alerts?state=new", "//evil.example.com": "/", "https://evil.example.com": "/", "/\\evil.example.com": "/",
		"/a\nb": "/", "javascript:alert(1)": "/", "/login": "/", "/?q=简历": "/?q=简历", "/%2f/evil": "/", "/\t/evil": "/", "/%zz": "/", "/x#y": "/x",
	} {
		if got := localPath(in); got != want {
			t.Errorf("%q leads to %q, want %q", in, got, want)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"//x", "/\\x", "/a?b#c", "/%2e%2e//x", "http:/x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := localPath(s)
		if !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n\t") {
			t.Fatalf("%q leads to %q", s, got)
		}
	})
}
