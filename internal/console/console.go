// Package console is the web console: pages for people, rendered on the server,
// behind sign-in and roles.
//
// Everything that a page shows may have been written by a seller; html/template
// escapes by context and the policy in the headers runs nothing that isn't a
// file of ours. GET changes nothing. A page works without JavaScript.
package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/alexedwards/scs/v2"

	"resumewatch/internal/casebook"
	"resumewatch/internal/console/passwords"
)

// Options are what a console works on.
type Options struct {
	Book  *casebook.Book
	Rooms // what the pages look into

	Listen         string         // address that is listened on, with its port: for links and the demo's sign-in
	PublicURL      string         // as browsers see it, "https://watch.example.com"; "" is http on Listen
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed; none: the connection's address counts
	Demo           bool           // sample data: on loopback the visitor is a viewer without signing in
	Test           bool           // a test book: every page says so
	Version        string

	Live, Ready http.Handler // serve /livez and /readyz; nil: whether the casebook answers
	Metrics     http.Handler // serves /metrics to tokens of that scope; nil: no such page

	Idle     time.Duration // a session ends after this long without a request; 0: DefaultIdle
	Lifetime time.Duration // and after this long at the latest; 0: DefaultLifetime

	Now func() time.Time
	Log *slog.Logger
}

// Ends of a session where Options say nothing.
const (
	DefaultIdle     = 8 * time.Hour
	DefaultLifetime = 24 * time.Hour
)

// HashesAtOnce is how many passwords are compared at once in one process.
const HashesAtOnce = 2

// Console is the handler of all pages.
type Console struct {
	Options
	public    *url.URL // nil: PublicURL is unset
	loopback  bool     // listens on a loopback address
	looks     *looks
	static    *assets
	passwords hasher
	sessions  *scs.SessionManager
	sweeps    sweeper
	turns     turns
	routes    []route
	handler   http.Handler
}

// hasher makes and compares digests of passwords (passwords.Hasher).
type hasher interface {
	Hash(ctx context.Context, password string) (string, error)
	Verify(ctx context.Context, phc, password string) (ok, outdated bool, err error)
}

// New makes a console. It opens no port and makes no goroutine.
func New(o Options) (*Console, error) {
	if o.Book == nil || o.Now == nil || o.Log == nil {
		return nil, errors.New("console: Book, Now and Log are needed")
	}
	if o.Idle == 0 {
		o.Idle = DefaultIdle
	}
	if o.Lifetime == 0 {
		o.Lifetime = DefaultLifetime
	}
	c := &Console{Options: o, passwords: passwords.New(HashesAtOnce), loopback: loopbackName(hostOf(o.Listen))}
	if o.PublicURL != "" {
		u, err := url.Parse(o.PublicURL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.User != nil {
			return nil, fmt.Errorf("console.public_url %q: write scheme and host, such as https://watch.example.com", o.PublicURL)
		}
		c.public = u
	}
	var err error
	if c.static, err = loadAssets(); err != nil {
		return nil, err
	}
	if c.looks, err = loadLooks(c.static); err != nil {
		return nil, err
	}
	c.sessions = c.sessionManager()
	c.page("GET /audit", permAudit, c.audit)
	c.page("GET /settings", permPrefer, c.settings)
	c.page("POST /settings/password", permAccount, c.changePassword)
	c.page("POST /preferences", permPrefer, c.setPreferences)
	c.page("POST /logout", permPrefer, c.signOut)
	c.pages()
	c.handler, err = c.router()
	return c, err
}

// Handler serves the console.
func (c *Console) Handler() http.Handler { return c.handler }

// secure reports whether browsers see the console over https.
func (c *Console) secure() bool { return c.public != nil && c.public.Scheme == "https" }
