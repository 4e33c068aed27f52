package console

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"resumewatch/internal/casebook"
)

// guard makes the handler of a page: who asks is found out, and refused unless the
// page may be seen.
func (c *Console) guard(needs permission, handler func(*visit) error) http.Handler {
	return c.open(func(v *visit) error {
		switch {
		case !v.user.SignedIn():
			return v.unknown()
		case !v.user.May(needs):
			return &problem{status: http.StatusForbidden, key: "error.forbidden"}
		}
		done, err := c.turns.take(v.Context(), v.user.Name)
		if err != nil {
			return err
		}
		defer done()
		return handler(v)
	})
}

// open makes the handler of a page that answers everybody; who asks is known to it.
func (c *Console) open(handler func(*visit) error) http.Handler {
	return byItself(c.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := c.visit(w, r)
		user, err := c.who(r)
		if err == nil {
			v.as(user)
			err = handler(v)
		}
		if err != nil {
			v.fail(err)
		}
	})))
}

// unknown answers who isn't signed in: browsers go to the sign-in page, programs get 401.
func (v *visit) unknown() error {
	to := "/login"
	if v.Method == http.MethodGet && v.URL.Path != "/" {
		to += "?next=" + url.QueryEscape(v.URL.RequestURI())
	}
	accept := v.Header.Get("Accept")
	program := v.Header.Get("Authorization") != "" || strings.HasPrefix(v.URL.Path, "/api/") ||
		(strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html"))
	if v.Header.Get("HX-Request") == "true" {
		v.w.Header().Set("HX-Redirect", "/login") // the whole page, not a part of it
		program = true
	}
	if program {
		v.w.Header().Set("WWW-Authenticate", `Bearer realm="resumewatch"`)
		return &problem{status: http.StatusUnauthorized, key: "error.unauthorized"}
	}
	status := http.StatusSeeOther
	if v.Method == http.MethodGet || v.Method == http.MethodHead {
		status = http.StatusFound
	}
	http.Redirect(v.w, v.Request, to, status)
	return nil
}

// who finds out who asks; the zero visitor is nobody. An error is the casebook's.
func (c *Console) who(r *http.Request) (visitor, error) {
	if len(r.Header["Authorization"]) > 0 {
		return c.bearer(r)
	}
	if name := c.sessions.GetString(r.Context(), sessionUser); name != "" {
		u, err := c.Book.User(r.Context(), name)
		if err != nil && !errors.Is(err, casebook.ErrNotFound) {
			return visitor{}, err
		}
		if err == nil && u.Disabled.IsZero() && c.sessions.GetInt64(r.Context(), sessionGeneration) == u.Generation {
			return visitor{Name: u.Name, Role: u.Role, language: language(u.Language), theme: u.Theme}, nil
		}
		if err := c.sessions.Destroy(r.Context()); err != nil {
			return visitor{}, err
		}
	}
	if c.Demo && c.direct(r) {
		return visitor{Name: "demo", Role: casebook.RoleViewer, Demo: true}, nil
	}
	return visitor{}, nil
}

// TokenPrefix begins every token, so that scanners of leaked secrets can tell one.
const TokenPrefix = "rwt_"

// NewToken makes a token: 256 random bits. Of it, only Digest is stored.
func NewToken() string {
	var b [32]byte
	rand.Read(b[:])
	return TokenPrefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// Digest is what the casebook knows of a random secret. It has all the entropy that
// guessing could be kept from, so that a plain SHA-256 does.
func Digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// useEvery is how exactly the last use of tokens and sessions is kept: a page view
// that writes nothing stays one that only reads.
const useEvery = time.Minute

// bearer finds the user of a token.
func (c *Console) bearer(r *http.Request) (visitor, error) {
	fields := strings.Fields(r.Header.Get("Authorization"))
	if len(fields) != 2 || !strings.EqualFold(fields[0], "Bearer") || len(fields[1]) > 200 {
		return visitor{}, nil
	}
	now := c.Now()
	k, err := c.Book.Token(r.Context(), Digest(fields[1]))
	if errors.Is(err, casebook.ErrNotFound) || (err == nil && !k.Works(now)) {
		return visitor{}, nil
	}
	if err != nil {
		return visitor{}, err
	}
	u, err := c.Book.User(r.Context(), k.User)
	if err != nil || !u.Disabled.IsZero() {
		if errors.Is(err, casebook.ErrNotFound) {
			err = nil
		}
		return visitor{}, err
	}
	if now.Sub(k.LastUsed) >= useEvery {
		c.note(r.Context(), "last use of a token", func(ctx context.Context) error { return c.Book.UseToken(ctx, k.ID, now) })
	}
	return visitor{Name: u.Name, Role: u.Role, token: true, scopes: k.Scopes}, nil
}

// note writes what a page can do without: a busy or read-only casebook costs the
// visitor two seconds at the most, and the log tells.
func (c *Console) note(ctx context.Context, what string, f func(context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := f(ctx); err != nil {
		c.Log.Warn("could not note "+what, "err", err)
	}
}

// metrics lets tokens of scope metrics through.
func (c *Console) metrics(w http.ResponseWriter, r *http.Request) {
	user, err := c.bearer(r)
	switch {
	case err != nil:
		c.Log.Error("metrics failed", "err", err)
		plain(w, http.StatusServiceUnavailable, "casebook: no answer")
	case !user.SignedIn():
		w.Header().Set("WWW-Authenticate", `Bearer realm="resumewatch", scope="metrics"`)
		plain(w, http.StatusUnauthorized, "a token with scope metrics is needed")
	case !user.May(permMetrics):
		w.Header().Set("WWW-Authenticate", `Bearer realm="resumewatch", error="insufficient_scope", scope="metrics"`)
		plain(w, http.StatusForbidden, "this token lacks scope metrics")
	default:
		c.Metrics.ServeHTTP(w, r)
	}
}

// act is what the audit log says of the visitor.
func (v *visit) act(who string) casebook.Act {
	return casebook.Act{At: v.c.Now(), Who: who, Address: v.c.client(v.Request).String()}
}
