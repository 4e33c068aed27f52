package console

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
)

func (w *world) setupLink() string {
	w.Helper()
	link, err := w.Setup(w.Context())
	w.must(err)
	return strings.TrimPrefix(link, w.Address())
}

func TestSetupLink(t *testing.T) {
	w := newWorld(t, nil)
	old, link := w.setupLink(), w.setupLink()
	if len(link) < len("/setup/rwt_")+43 || old == link {
		t.Fatalf("link %s after %s", link, old)
	}
	b := w.browser()
	b.want(b.get(old), http.StatusSeeOther, "/login?setup=spent") // made anew
	if a := b.want(b.get("/login?setup=spent"), http.StatusOK); !strings.Contains(a.body, "no longer works") {
		t.Errorf("%s", a.body)
	}
	for range 2 { // looking changes nothing
		b.want(b.get(link), http.StatusOK)
	}
	for _, form := range [][]string{
		{"name", "admin", "password", "short", "again", "short"}, {"name", "admin", "password", password, "again", password + "r"},
		{"name", "a b", "password", password, "again", password}, {"name", "", "password", password, "again", password},
		{"name", "admin", "password", strings.Repeat("x", 2000), "again", strings.Repeat("x", 2000)},
	} {
		if a := b.want(b.post(link, form...), http.StatusUnprocessableEntity); !strings.Contains(a.body, `role="alert"`) {
			t.Errorf("%v: nothing is said\n%s", form, a.body)
		}
	}
	b.want(b.post(link, "name", "王芳", "password", password, "again", password), http.StatusSeeOther, "/")
	if a := b.want(b.get("/"), http.StatusOK); !strings.Contains(a.body, "王芳") {
		t.Error("not signed in after setting up")
	}
	u, err := w.Book.User(t.Context(), "王芳")
	w.must(err)
	if u.Role != casebook.RoleAdmin {
		t.Errorf("role %s", u.Role)
	}
	other := w.browser()
	other.want(other.get(link), http.StatusSeeOther, "/login?setup=spent")
	other.want(other.post(link, "name", "b", "password", password, "again", password), http.StatusSeeOther, "/login?setup=spent")
	if link := w.setupLink(); link != "" {
		t.Errorf("a link %s beside a user", link)
	}
	if got, want := w.acts(), []string{"王芳 user_added 王芳 admin", "王芳 sign_in 王芳"}; !slices.Equal(got, want) {
		t.Errorf("audit %q", got)
	}
}

func TestSetupLinkEnds(t *testing.T) {
	w := newWorld(t, nil)
	link := w.setupLink()
	b := w.browser()
	w.clock.later(24*time.Hour - time.Second)
	b.want(b.get(link), http.StatusOK)
	w.clock.later(time.Second)
	b.want(b.get(link), http.StatusSeeOther, "/login?setup=spent")
	b.want(b.post(link, "name", "a", "password", password, "again", password), http.StatusSeeOther, "/login?setup=spent")
}

func TestFirstAdmin(t *testing.T) {
	w := newWorld(t, nil)
	link := w.setupLink()
	if _, err := w.FirstAdmin(t.Context(), "short", "ops"); err == nil {
		t.Error("a short password was taken")
	}
	added, err := w.FirstAdmin(t.Context(), password, "ops")
	w.must(err)
	again, err := w.FirstAdmin(t.Context(), "another password", "ops")
	w.must(err)
	if !added || again {
		t.Errorf("added %v, then %v", added, again)
	}
	b := w.signedIn("admin")
	b.want(b.get(link), http.StatusSeeOther, "/login?setup=spent")
}

func TestAddress(t *testing.T) {
	for _, c := range [][3]string{
		{"127.0.0.1:8686", "", "http://127.0.0.1:8686"}, {"0.0.0.0:80", "", "http://localhost:80"}, {"[::]:80", "", "http://localhost:80"},
		{"[::1]:80", "", "http://[::1]:80"}, {"127.0.0.1:1", "https://watch.example.com/", "https://watch.example.com"},
	} {
		w := newWorld(t, func(o *Options) { o.Listen, o.PublicURL = c[0], c[1] })
		if got := w.Address(); got != c[2] {
			t.Errorf("%s, %s: %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestDemoVisitor(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Demo = true })
	if link := w.setupLink(); link != "" {
		t.Errorf("the demo asks for a user: %s", link)
	}
	b := w.browser()
	if a := b.want(b.get("/"), http.StatusOK); !strings.Contains(a.body, "banner-demo") || strings.Contains(a.body, "/logout") {
		t.Errorf("%s", a.body)
	}
	port := w.url[strings.LastIndex(w.url, ":"):]
	b.want(b.get("/", "Host", "localhost"+port), http.StatusOK)
	b.want(b.get("/", "Host", "evil.example.com"+port), http.StatusMisdirectedRequest)
	b.want(b.get("/", "Host", "192.0.2.1"+port), http.StatusFound, "/login") // not by a name of this machine alone
	b.want(b.get("/", "X-Forwarded-For", "203.0.113.9"), http.StatusFound, "/login")
	b.want(b.get("/", "Forwarded", "for=203.0.113.9"), http.StatusFound, "/login")
	b.want(b.get("/", "X-Forwarded-Proto", "https"), http.StatusFound, "/login")
	old := httptest.NewRequest(http.MethodGet, w.url+"/", nil)
	old.RemoteAddr, old.Proto, old.ProtoMinor = "127.0.0.1:4000", "HTTP/1.0", 0 // nginx with nothing but proxy_pass
	answer := httptest.NewRecorder()
	w.Handler().ServeHTTP(answer, old)
	if answer.Code != http.StatusFound {
		t.Errorf("by HTTP/1.0: %d", answer.Code)
	}
	b.want(b.post("/settings/password", "present", password, "password", password, "again", password), http.StatusForbidden)
	b.want(b.get("/settings"), http.StatusOK)

	// Elsewhere than on loopback the demo has a door like any other.
	out := newWorld(t, func(o *Options) { o.Demo, o.Listen = true, "0.0.0.0:8686" })
	ob := out.browser()
	ob.want(ob.get("/"), http.StatusFound, "/login")
	if out.setupLink() == "" {
		t.Error("no set-up link for a demo that everybody can reach")
	}
	// And without --demo nobody is let in on loopback.
	plain := newWorld(t, nil).browser()
	plain.want(plain.get("/"), http.StatusFound, "/login")
}
