package casebooktest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"resumewatch/internal/casebook"
)

// RunPeople runs the suite of users, sessions, tokens, tries and audit.
func RunPeople(t *testing.T, open func(t *testing.T) *casebook.Book) {
	for _, c := range []struct {
		name string
		run  func(*harness)
	}{
		{"users", runUsers},
		{"first user", runFirstUser},
		{"one first user", runFirstUserTogether},
		{"web sessions", runWebSessions},
		{"many web sessions", runManySessions},
		{"tokens", runTokens},
		{"tries", runTries},
		{"tries at once", runTriesTogether},
		{"sweep of tries", runSweepTries},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.run(&harness{T: t, Book: open(t), open: open, now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)})
		})
	}
}

func (h *harness) by(who string) casebook.Act {
	return casebook.Act{At: h.now, Who: who, Address: "192.0.2.7", OSUser: "ops"}
}

func (h *harness) user(name, role string) casebook.User {
	h.Helper()
	h.must(h.AddUser(h.ctx(), casebook.User{Name: name, Role: role, Password: "$argon2id$1"}, h.by("root")))
	u, err := h.User(h.ctx(), name)
	h.must(err)
	return u
}

func (h *harness) audits() []string {
	h.Helper()
	entries, err := h.AuditLog(h.ctx(), 0, 0)
	h.must(err)
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSpace(strings.Join([]string{e.Who, e.Action, e.Target, e.Detail}, " ")))
	}
	return out
}

func runUsers(h *harness) {
	any1, err := h.AnyUser(h.ctx())
	h.must(err)
	h.same("users of an empty book", false, any1)
	u := h.user("王芳", casebook.RoleAnalyst)
	h.same("a new user", casebook.User{Name: "王芳", Role: "analyst", Password: "$argon2id$1", Generation: 1, Created: h.now}, u)
	h.user("Zoe", casebook.RoleViewer)
	any2, err := h.AnyUser(h.ctx())
	h.must(err)
	h.same("users of a book with two", true, any2)
	h.wantErr(casebook.ErrExists, h.AddUser(h.ctx(), casebook.User{Name: "Zoe", Role: "admin", Password: "x"}, h.by("root")))
	for _, bad := range []casebook.User{
		{Name: "", Role: "viewer", Password: "x"}, {Name: "a b", Role: "viewer", Password: "x"}, {Name: "a\u202eb", Role: "viewer", Password: "x"},
		{Name: strings.Repeat("x", 65), Role: "viewer", Password: "x"}, {Name: "ok", Role: "owner", Password: "x"}, {Name: "ok", Role: "viewer"},
	} {
		if err := h.AddUser(h.ctx(), bad, h.by("root")); err == nil {
			h.Errorf("%+v was taken", bad)
		}
	}
	_, err = h.User(h.ctx(), "nobody")
	h.wantErr(casebook.ErrNotFound, err)

	h.must(h.PutSession(h.ctx(), casebook.WebSession{Digest: "d", User: "王芳", Data: "{}", Created: h.now, Used: h.now}))
	h.later(time.Hour)
	role, password, yes, no := casebook.RoleAdmin, "$argon2id$2", true, false
	gen, err := h.ChangeUser(h.ctx(), "王芳", casebook.UserChange{Role: &role, Password: &password}, h.by("admin"))
	h.must(err)
	h.same("generation", int64(2), gen)
	_, err = h.Session(h.ctx(), "d")
	h.wantErr(casebook.ErrNotFound, err)
	_, err = h.ChangeUser(h.ctx(), "王芳", casebook.UserChange{Disabled: &yes}, h.by("admin"))
	h.must(err)
	h.must(h.SetPreferences(h.ctx(), "王芳", "en", "dark"))
	h.must(h.SetPasswordForm(h.ctx(), "王芳", "$argon2id$1", "$argon2id$old"))
	h.must(h.SetPasswordForm(h.ctx(), "王芳", "$argon2id$2", "$argon2id$3"))
	h.must(h.SignedIn(h.ctx(), casebook.Act{At: h.now, Who: "王芳"}))
	users, err := h.Users(h.ctx())
	h.must(err)
	h.same("two users", []casebook.User{
		{Name: "Zoe", Role: "viewer", Password: "$argon2id$1", Generation: 1, Created: h.now.Add(-time.Hour)},
		{Name: "王芳", Role: "admin", Password: "$argon2id$3", Language: "en", Theme: "dark", Generation: 3, Created: h.now.Add(-time.Hour), Disabled: h.now, Seen: h.now},
	}, users)
	_, err = h.ChangeUser(h.ctx(), "王芳", casebook.UserChange{Disabled: &no}, h.by("admin"))
	h.must(err)
	wrong := "owner"
	if _, err = h.ChangeUser(h.ctx(), "王芳", casebook.UserChange{Role: &wrong}, h.by("admin")); err == nil {
		h.Error("an unknown role was taken")
	}
	_, err = h.ChangeUser(h.ctx(), "nobody", casebook.UserChange{Disabled: &no}, h.by("admin"))
	h.wantErr(casebook.ErrNotFound, err)
	h.wantErr(casebook.ErrNotFound, h.SetPreferences(h.ctx(), "nobody", "", ""))
	h.must(h.Audit(h.ctx(), h.by(""), casebook.ActSignInFailed, "", "unknown user"))
	h.same("audit", []string{
		"sign_in_failed  unknown user", "admin user_enabled 王芳", "王芳 sign_in 王芳", "admin user_disabled 王芳",
		"admin password_changed 王芳", "admin role_changed 王芳 analyst → admin", "root user_added Zoe viewer", "root user_added 王芳 analyst",
	}, h.audits())
	last, err := h.AuditLog(h.ctx(), 0, 1)
	h.must(err)
	h.same("the last entry", []casebook.AuditEntry{{ID: last[0].ID, Act: h.by(""), Action: casebook.ActSignInFailed, Detail: "unknown user"}}, last)
	older, err := h.AuditLog(h.ctx(), last[0].ID, 2)
	h.must(err)
	h.same("those before it", []string{casebook.ActUserEnabled, casebook.ActSignedIn}, []string{older[0].Action, older[1].Action})
}

func runFirstUser(h *harness) {
	admin := casebook.User{Name: "admin", Role: casebook.RoleAdmin, Password: "x"}
	h.wantErr(casebook.ErrNotFound, h.CheckSetup(h.ctx(), "one", h.now))
	for _, digest := range []string{"one", "two"} {
		offered, err := h.OfferSetup(h.ctx(), digest, h.now.Add(24*time.Hour))
		h.must(err)
		h.same("offered", true, offered)
	}
	h.must(h.CheckSetup(h.ctx(), "two", h.now))
	for _, bad := range []string{"one", "", "tw"} {
		h.wantErr(casebook.ErrNotFound, h.CheckSetup(h.ctx(), bad, h.now))
	}
	h.wantErr(casebook.ErrNotFound, h.CheckSetup(h.ctx(), "two", h.now.Add(24*time.Hour)))
	h.wantErr(casebook.ErrNotFound, h.AddFirstUser(h.ctx(), admin, "one", h.by("")))
	h.must(h.AddFirstUser(h.ctx(), admin, "two", h.by("admin")))
	h.wantErr(casebook.ErrNotFound, h.CheckSetup(h.ctx(), "two", h.now))
	h.wantErr(casebook.ErrExists, h.AddFirstUser(h.ctx(), casebook.User{Name: "b", Role: "admin", Password: "x"}, "two", h.by("")))
	offered, err := h.OfferSetup(h.ctx(), "three", h.now.Add(time.Hour))
	h.must(err)
	h.same("offered beside a user", false, offered)
	h.wantErr(casebook.ErrExists, h.AddFirstUser(h.ctx(), casebook.User{Name: "b", Role: "admin", Password: "x"}, "", h.by("")))

	other := &harness{T: h.T, Book: h.open(h.T), open: h.open, now: h.now}
	_, err = other.OfferSetup(h.ctx(), "one", h.now.Add(time.Hour))
	h.must(err)
	other.user("cli", casebook.RoleViewer)
	h.wantErr(casebook.ErrNotFound, other.CheckSetup(h.ctx(), "one", h.now))
	h.wantErr(casebook.ErrExists, other.AddFirstUser(h.ctx(), admin, "one", h.by("")))
}

func runFirstUserTogether(h *harness) {
	_, err := h.OfferSetup(h.ctx(), "one", h.now.Add(time.Hour))
	h.must(err)
	const n = 8
	errs := together(h, n, func(i int) error {
		return h.AddFirstUser(h.ctx(), casebook.User{Name: fmt.Sprintf("admin%d", i), Role: casebook.RoleAdmin, Password: "x"}, "one", h.by(""))
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, casebook.ErrExists) {
			h.Error(err)
		}
	}
	users, err := h.Users(h.ctx())
	h.must(err)
	h.same("winners and users", []int{1, 1}, []int{won, len(users)})
}

// together runs f n times at once and gives the errors.
func together(h *harness, n int, f func(int) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = f(i) })
	}
	all.Wait()
	return errs
}

func runWebSessions(h *harness) {
	_, err := h.Session(h.ctx(), "none")
	h.wantErr(casebook.ErrNotFound, err)
	s := casebook.WebSession{Digest: "d1", User: "a", Data: `{"x":1}`, Created: h.now, Used: h.now}
	h.must(h.PutSession(h.ctx(), s))
	h.later(time.Minute)
	h.must(h.UseSession(h.ctx(), "d1", h.now))
	h.must(h.UseSession(h.ctx(), "d1", h.now.Add(-time.Hour))) // a late word changes nothing
	got, err := h.Session(h.ctx(), "d1")
	h.must(err)
	s.Used = h.now
	h.same("session", s, got)
	s.Data = "other"
	begun := s.Created
	s.Created, s.Used = h.now, h.now
	h.must(h.PutSession(h.ctx(), s))
	got, err = h.Session(h.ctx(), "d1")
	h.must(err)
	s.Created = begun // the beginning stays: no session lives for ever by being saved
	h.same("session saved again", s, got)
	h.must(h.DropSession(h.ctx(), "d1"))
	h.must(h.DropSession(h.ctx(), "d1"))
	_, err = h.Session(h.ctx(), "d1")
	h.wantErr(casebook.ErrNotFound, err)

	for i, ages := range [][2]time.Duration{{time.Hour, time.Hour}, {10 * time.Hour, 9 * time.Hour}, {25 * time.Hour, time.Minute}} {
		h.must(h.PutSession(h.ctx(), casebook.WebSession{Digest: fmt.Sprint(i), User: "a", Created: h.now.Add(-ages[0]), Used: h.now.Add(-ages[1])}))
	}
	h.must(h.SweepSessions(h.ctx(), h.now.Add(-8*time.Hour), h.now.Add(-24*time.Hour)))
	for i, want := range []error{nil, casebook.ErrNotFound, casebook.ErrNotFound} {
		if _, err := h.Session(h.ctx(), fmt.Sprint(i)); !errors.Is(err, want) {
			h.Errorf("session %d after the sweep: %v", i, err)
		}
	}
}

func runManySessions(h *harness) {
	for i := range 60 {
		at := h.now.Add(time.Duration(i) * time.Second)
		h.must(h.PutSession(h.ctx(), casebook.WebSession{Digest: fmt.Sprint(i), User: "a", Created: at, Used: at}))
	}
	h.must(h.PutSession(h.ctx(), casebook.WebSession{Digest: "b", User: "b", Created: h.now, Used: h.now}))
	for _, c := range []struct {
		digest string
		want   error
	}{{"9", casebook.ErrNotFound}, {"10", nil}, {"59", nil}, {"b", nil}} {
		if _, err := h.Session(h.ctx(), c.digest); !errors.Is(err, c.want) {
			h.Errorf("session %s: %v, want %v", c.digest, err, c.want)
		}
	}
}

func runTokens(h *harness) {
	h.user("ops", casebook.RoleAdmin)
	_, err := h.AddToken(h.ctx(), "d", casebook.Token{User: "nobody", Scopes: []string{"read"}, Expires: h.now.Add(time.Hour)}, h.by("root"))
	h.wantErr(casebook.ErrNotFound, err)
	for _, scopes := range [][]string{nil, {"everything"}} {
		if _, err := h.AddToken(h.ctx(), "d", casebook.Token{User: "ops", Scopes: scopes, Expires: h.now.Add(time.Hour)}, h.by("root")); err == nil {
			h.Errorf("scopes %v were taken", scopes)
		}
	}
	id, err := h.AddToken(h.ctx(), "d", casebook.Token{User: "ops", Scopes: []string{"metrics", "read"}, Expires: h.now.Add(time.Hour)}, h.by("root"))
	h.must(err)
	h.must(h.UseToken(h.ctx(), id, h.now.Add(time.Minute)))
	k, err := h.Token(h.ctx(), "d")
	h.must(err)
	want := casebook.Token{ID: id, User: "ops", Scopes: []string{"metrics", "read"}, Created: h.now, Expires: h.now.Add(time.Hour), LastUsed: h.now.Add(time.Minute)}
	h.same("token", want, k)
	h.same("works now, at its end", []bool{true, false}, []bool{k.Works(h.now), k.Works(k.Expires)})
	_, err = h.Token(h.ctx(), "other")
	h.wantErr(casebook.ErrNotFound, err)
	id2, err := h.AddToken(h.ctx(), "d2", casebook.Token{User: "ops", Scopes: []string{"read"}, Expires: h.now.Add(time.Hour)}, h.by("root"))
	h.must(err)
	h.must(h.RevokeToken(h.ctx(), id, h.by("root")))
	h.wantErr(casebook.ErrNotFound, h.RevokeToken(h.ctx(), id, h.by("root")))
	k, err = h.Token(h.ctx(), "d")
	h.must(err)
	h.same("works when revoked", false, k.Works(h.now))
	all, err := h.Tokens(h.ctx(), 0)
	h.must(err)
	h.same("tokens, newest first", []int64{id2, id}, []int64{all[0].ID, all[1].ID})
	one, err := h.Tokens(h.ctx(), 1)
	h.must(err)
	h.same("one token", 1, len(one))
}

var limits = casebook.TryLimits{Span: 15 * time.Minute, Account: 5, Address: 8}

func (h *harness) try(account, address string) time.Duration {
	h.Helper()
	wait, err := h.BeginTry(h.ctx(), casebook.Try{Account: account, Address: address}, limits, h.now)
	h.must(err)
	return wait
}

func runTries(h *harness) {
	for range 5 {
		h.same("wait of the first five", time.Duration(0), h.try("a", "x"))
		h.later(time.Minute)
	}
	h.same("wait of the sixth", 10*time.Minute, h.try("a", "x"))
	h.same("the account at another address", time.Duration(0), h.try("a", "y"))
	for range 3 { // refused ones didn't count
		h.same("another account at the address", time.Duration(0), h.try("b", "x"))
	}
	h.same("the address has had eight", 10*time.Minute, h.try("c", "x"))
	h.later(10*time.Minute - time.Millisecond)
	h.same("a millisecond before the first is too old", time.Second, h.try("a", "x"))
	h.later(time.Millisecond)
	h.same("the first is too old", time.Duration(0), h.try("a", "x"))
	h.same("and only that", time.Minute, h.try("a", "x"))

	h.must(h.ForgetTry(h.ctx(), casebook.Try{Account: "a", Address: "x"}, limits, h.now))
	for range 5 {
		h.later(time.Minute)
		h.same("five more after the right password", time.Duration(0), h.try("a", "x"))
	}
	if h.try("a", "x") == 0 {
		h.Error("a sixth wrong one in the span was let through")
	}
	h.must(h.ForgetTry(h.ctx(), casebook.Try{Account: "never", Address: "seen"}, limits, h.now))
}

func runTriesTogether(h *harness) {
	var mu sync.Mutex
	passed := 0
	for _, err := range together(h, 20, func(int) error {
		wait, err := h.BeginTry(context.WithoutCancel(h.ctx()), casebook.Try{Account: "a", Address: "x"}, limits, h.now)
		if err == nil && wait == 0 {
			mu.Lock()
			passed++
			mu.Unlock()
		}
		return err
	}) {
		h.must(err)
	}
	h.same("tries let through of twenty at once", 5, passed)
}

func runSweepTries(h *harness) {
	for i := range 5 {
		h.same("wait", time.Duration(0), h.try("a", "x"))
		h.same("wait", time.Duration(0), h.try("b", fmt.Sprint(i)))
	}
	h.later(14 * time.Minute)
	h.must(h.SweepTries(h.ctx(), limits, h.now))
	if h.try("a", "x") == 0 {
		h.Error("the sweep dropped a count that counts")
	}
	h.later(2 * time.Minute)
	h.must(h.SweepTries(h.ctx(), limits, h.now))
	h.same("after the span", time.Duration(0), h.try("a", "x"))
}
