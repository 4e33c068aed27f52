package console

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"resumewatch/internal/casebook"
	"resumewatch/internal/console/passwords"
)

// signInForm is what the sign-in page shows again.
type signInForm struct {
	Name, Next string
	Chosen     language // by the switch on this page; "" none
	Problem    string
	Nobody     bool // there is no user yet
}

// signInPage shows the form. Its language can be switched before there is a session
// to keep that in: the address says it.
func (c *Console) signInPage(v *visit) error {
	q := v.URL.Query()
	f := signInForm{Next: localPath(q.Get("next"))}
	if v.user.SignedIn() {
		http.Redirect(v.w, v.Request, f.Next, http.StatusFound)
		return nil
	}
	if l := language(q.Get("lang")); l.known() {
		v.lang, f.Chosen = l, l
	}
	if q.Get("setup") == "spent" {
		f.Problem = v.t("setup.spent")
	}
	known, err := c.Book.AnyUser(v.Context())
	if err != nil {
		return err
	}
	f.Nobody = !known
	return v.render(http.StatusOK, "login.html", f)
}

// signIn checks name and password. A wrong password, a user that isn't and one that is
// disabled look and take the same.
func (c *Console) signIn(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	f := signInForm{Name: strings.TrimSpace(v.PostForm.Get("name")), Next: localPath(v.PostForm.Get("next"))}
	if l := language(v.PostForm.Get("lang")); l.known() {
		v.lang, f.Chosen = l, l
	}
	if len(f.Name) > 4*casebook.MaxUserName || !utf8.ValidString(f.Name) {
		f.Name = ""
	}
	user, err := c.authenticate(v, f.Name, v.PostForm.Get("password"))
	var p *problem
	if errors.As(err, &p) {
		f.Problem = v.t(p.key, p.args...)
		return v.render(p.status, "login.html", f)
	}
	if err != nil {
		return err
	}
	if f.Chosen != "" && string(f.Chosen) != user.Language {
		if err := c.Book.SetPreferences(v.Context(), user.Name, string(f.Chosen), user.Theme); err != nil {
			return err
		}
	}
	if err := c.begin(v.Context(), user.Name, user.Generation); err != nil {
		return err
	}
	http.Redirect(v.w, v.Request, f.Next, http.StatusSeeOther)
	return nil
}

// authenticate is the user of that name and password. The error is a *problem when
// they are wrong or tried too often.
func (c *Console) authenticate(v *visit, name, password string) (casebook.User, error) {
	ctx := v.Context()
	c.sweep(ctx)
	try := casebook.Try{Account: Digest(name), Address: Digest(tryAddress(c.client(v.Request)))}
	wait, err := c.Book.BeginTry(ctx, try, tryLimits, c.Now())
	if err != nil {
		return casebook.User{}, err
	}
	if wait > 0 {
		seconds := int(math.Ceil(wait.Seconds()))
		v.w.Header().Set("Retry-After", strconv.Itoa(seconds))
		return casebook.User{}, &problem{http.StatusTooManyRequests, "login.wait", []any{(seconds + 59) / 60}}
	}
	user, err := c.Book.User(ctx, name)
	if err != nil && !errors.Is(err, casebook.ErrNotFound) {
		return user, err
	}
	ok, outdated, err := c.passwords.Verify(ctx, user.Password, password)
	switch {
	case errors.Is(err, passwords.ErrBusy):
		v.w.Header().Set("Retry-After", "5")
		return user, &problem{status: http.StatusServiceUnavailable, key: "login.busy"}
	case err != nil:
		return user, fmt.Errorf("user %s: %w", name, err)
	case !ok || !user.Disabled.IsZero():
		return user, c.failed(v, user, ok)
	}
	if outdated {
		c.rehash(ctx, user, password)
	}
	if err := c.Book.ForgetTry(ctx, try, tryLimits, c.Now()); err != nil {
		return user, err
	}
	return user, c.Book.SignedIn(ctx, v.act(user.Name))
}

// failed notes a sign-in that didn't succeed. The name that was typed stays out of the
// log unless it is a user's: some people type their password there.
func (c *Console) failed(v *visit, user casebook.User, right bool) error {
	detail := "wrong_password"
	switch {
	case user.Name == "":
		detail = "no_such_user"
	case right:
		detail = "disabled"
	}
	if err := c.Book.Audit(v.Context(), v.act(""), casebook.ActSignInFailed, user.Name, detail); err != nil {
		return err
	}
	return &problem{status: http.StatusUnauthorized, key: "login.wrong"}
}

// rehash keeps the password under today's parameters.
func (c *Console) rehash(ctx context.Context, user casebook.User, password string) {
	phc, err := c.passwords.Hash(ctx, password)
	if err == nil {
		err = c.Book.SetPasswordForm(ctx, user.Name, user.Password, phc)
	}
	if err != nil {
		c.Log.Warn("could not renew the form of a password", "user", user.Name, "err", err)
	}
}

// signOut ends the session.
func (c *Console) signOut(v *visit) error {
	if !v.user.Demo && !v.user.token {
		if err := c.Book.Audit(v.Context(), v.act(v.user.Name), casebook.ActSignedOut, v.user.Name, ""); err != nil {
			return err
		}
	}
	if err := c.sessions.Destroy(v.Context()); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	http.Redirect(v.w, v.Request, "/login", http.StatusSeeOther)
	return nil
}

// localPath makes sure that an address which came with a request leads to a page of
// ours; "/" if it doesn't.
func localPath(s string) string {
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || len(s) > 2000 || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }) {
		return "/"
	}
	u, err := url.Parse(s)
	if err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(u.Path, "//") || strings.HasPrefix(u.Path, "/login") {
		return "/"
	}
	return u.RequestURI()
}
