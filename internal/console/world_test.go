package console

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"resumewatch/internal/casebook"
	"resumewatch/internal/console/passwords"
	"resumewatch/internal/index"
	"resumewatch/internal/search"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// password is everybody's, but not its digest: that takes time to make.
const password = "correct horse battery staple"

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) later(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a console that listens on loopback, with its book and clock.
type world struct {
	*testing.T
	*Console
	clock *clock
	url   string
	log   *bytes.Buffer
}

// newWorld starts a console; change may turn its options.
func newWorld(t *testing.T, change func(*Options)) *world {
	t.Helper()
	dir := t.TempDir()
	book, err := casebook.OpenSQLite(t.Context(), filepath.Join(dir, "casebook.db"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := index.OpenSQLite(filepath.Join(dir, "index.db"), false)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, clock: &clock{now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)}, log: &bytes.Buffer{}}
	server := httptest.NewUnstartedServer(nil)
	o := Options{
		Book: book, Rooms: Rooms{Searcher: search.Searcher{Book: book, Index: store, Now: w.clock.Now}},
		Listen: server.Listener.Addr().String(), Version: "1.2.3", Now: w.clock.Now, Log: slog.New(slog.NewTextHandler(w.log, nil)),
	}
	if change != nil {
		change(&o)
	}
	if w.Console, err = New(o); err != nil {
		t.Fatal(err)
	}
	server.Config = Server(w.Handler(), o.Log)
	server.Start()
	w.url = server.URL
	t.Cleanup(func() {
		server.Close()
		if err := book.Close(); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// user adds a user with the common password.
func (w *world) user(name, role string) {
	w.Helper()
	w.must(w.Book.AddUser(w.Context(), casebook.User{Name: name, Role: role, Password: digest()}, casebook.Act{At: w.clock.Now()}))
}

// digest is the password's, made once.
var digest = sync.OnceValue(func() string {
	phc, err := passwords.New(1).Hash(context.Background(), password)
	if err != nil {
		panic(err)
	}
	return phc
})

// token makes a token for a user.
func (w *world) token(user string, scopes ...string) string {
	w.Helper()
	secret := NewToken()
	_, err := w.Book.AddToken(w.Context(), Digest(secret), casebook.Token{User: user, Scopes: scopes, Expires: w.clock.Now().Add(time.Hour)}, casebook.Act{At: w.clock.Now()})
	w.must(err)
	return secret
}

// browser is a client with cookies that follows no redirect and sends what browsers send.
type browser struct {
	*world
	client *http.Client
	header http.Header
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	w.must(err)
	return &browser{w, &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		http.Header{"Accept": {"text/html,*/*;q=0.8"}, "Accept-Language": {"en"}}}
}

// answer is a response that was read.
type answer struct {
	*http.Response
	body string
}

func (b *browser) do(method, path string, form url.Values, header ...string) answer {
	b.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(b.Context(), method, b.url+path, body)
	b.must(err)
	r.Header = b.header.Clone()
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	res, err := b.client.Do(r)
	b.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	b.must(err)
	return answer{res, string(text)}
}

func (b *browser) get(path string, header ...string) answer {
	b.Helper()
	return b.do(http.MethodGet, path, nil, header...)
}

func (b *browser) post(path string, pairs ...string) answer {
	b.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, form)
}

// want fails unless the answer has this status and, where given, leads there.
func (b *browser) want(a answer, status int, to ...string) answer {
	b.Helper()
	if a.StatusCode != status || (len(to) > 0 && a.Header.Get("Location") != to[0]) {
		b.Fatalf("%s %s: %d to %q, want %d %v\n%s", a.Request.Method, a.Request.URL, a.StatusCode, a.Header.Get("Location"), status, to, a.body)
	}
	return a
}

func (b *browser) signIn(name, password string) answer {
	b.Helper()
	return b.post("/login", "name", name, "password", password)
}

// signedIn is a browser of a user who has signed in.
func (w *world) signedIn(name string) *browser {
	w.Helper()
	b := w.browser()
	b.want(b.signIn(name, password), http.StatusSeeOther, "/")
	return b
}

// acts are the audit log's actions, oldest first.
func (w *world) acts() []string {
	w.Helper()
	log, err := w.Book.AuditLog(w.Context(), 0, 0)
	w.must(err)
	var out []string
	for _, e := range log {
		out = append([]string{strings.TrimSpace(e.Who + " " + e.Action + " " + e.Target + " " + e.Detail)}, out...)
	}
	return out
}
