package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"resumewatch/internal/casebook"
)

// Keys of a session.
const (
	sessionUser       = "user"
	sessionGeneration = "generation" // of the user when the session began
)

// sessionManager makes sessions that live in the casebook, under the digests of their
// tokens. When they end is the store's matter, by the console's clock.
func (c *Console) sessionManager() *scs.SessionManager {
	// Not by scs.New: that begins a goroutine for a store in memory, which nobody ends.
	m := &scs.SessionManager{Lifetime: c.Lifetime, Store: &sessionStore{c}, Codec: sessionCodec{}, HashTokenInStore: true}
	// Without a date the browser forgets it when it ends, if not before.
	m.Cookie = scs.SessionCookie{Name: "session", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if c.secure() {
		// Bound to this host and path by the browser itself (RFC 6265bis, 4.1.3.2).
		m.Cookie.Name, m.Cookie.Secure = "__Host-session", true
	}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		c.Log.Error("session failed", "err", err)
		c.refuse(w, r, &problem{status: http.StatusServiceUnavailable, key: "error.casebook"})
	}
	return m
}

// begin makes the visitor this user. The token is a new one: whoever planted or knew
// the old one has nothing.
func (c *Console) begin(ctx context.Context, name string, generation int64) error {
	if err := c.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	c.sessions.Put(ctx, sessionUser, name)
	c.sessions.Put(ctx, sessionGeneration, generation)
	return nil
}

// sessionData is a session as it is stored.
type sessionData struct {
	Deadline   time.Time `json:"deadline"`
	User       string    `json:"user"`
	Generation int64     `json:"generation"`
}

// sessionCodec is JSON of the two values that a session has.
type sessionCodec struct{}

// Encode implements scs.Codec.
func (sessionCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	d := sessionData{Deadline: deadline}
	for k, v := range values {
		ok := false
		switch k {
		case sessionUser:
			d.User, ok = v.(string)
		case sessionGeneration:
			d.Generation, ok = v.(int64)
		}
		if !ok {
			return nil, fmt.Errorf("session: %s of type %T", k, v)
		}
	}
	return json.Marshal(d)
}

// Decode implements scs.Codec.
func (sessionCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var d sessionData
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return time.Time{}, nil, fmt.Errorf("session: %w", err)
	}
	return d.Deadline, map[string]any{sessionUser: d.User, sessionGeneration: d.Generation}, nil
}

// sessionStore keeps sessions in the casebook. The tokens that it gets are digests.
type sessionStore struct{ c *Console }

var _ scs.CtxStore = (*sessionStore)(nil)

// refreshed marks the requests of a page that refreshes itself: nobody need be in
// front of it, so they don't keep a session from becoming idle.
type refreshed struct{}

func byItself(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("HX-Request") == "true" {
			r = r.WithContext(context.WithValue(r.Context(), refreshed{}, true))
		}
		next.ServeHTTP(w, r)
	})
}

// FindCtx implements scs.CtxStore. What was idle or lived too long isn't found.
func (s *sessionStore) FindCtx(ctx context.Context, digest string) ([]byte, bool, error) {
	found, err := s.c.Book.Session(ctx, digest)
	if errors.Is(err, casebook.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	now := s.c.Now()
	if now.Sub(found.Used) >= s.c.Idle || now.Sub(found.Created) >= s.c.Lifetime {
		return nil, false, nil
	}
	if now.Sub(found.Used) >= useEvery && ctx.Value(refreshed{}) == nil {
		s.c.note(ctx, "last use of a session", func(ctx context.Context) error { return s.c.Book.UseSession(ctx, digest, now) })
	}
	return []byte(found.Data), true, nil
}

// CommitCtx implements scs.CtxStore.
func (s *sessionStore) CommitCtx(ctx context.Context, digest string, b []byte, _ time.Time) error {
	_, values, err := sessionCodec{}.Decode(b)
	if err != nil {
		return err
	}
	name, _ := values[sessionUser].(string)
	now := s.c.Now()
	return s.c.Book.PutSession(ctx, casebook.WebSession{Digest: digest, User: name, Data: string(b), Created: now, Used: now})
}

// DeleteCtx implements scs.CtxStore.
func (s *sessionStore) DeleteCtx(ctx context.Context, digest string) error {
	return s.c.Book.DropSession(ctx, digest)
}

// Find, Commit and Delete implement scs.Store; the manager calls those with a context.
func (s *sessionStore) Find(digest string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), digest)
}

// Commit implements scs.Store.
func (s *sessionStore) Commit(digest string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), digest, b, expiry)
}

// Delete implements scs.Store.
func (s *sessionStore) Delete(digest string) error {
	return s.DeleteCtx(context.Background(), digest)
}
