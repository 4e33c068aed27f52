package console

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/console/passwords"
)

// setupSpan is how long a set-up link works.
const setupSpan = 24 * time.Hour

// Setup makes the one-time link by which the first administrator is made, and returns
// it. An older link works no more. "": there are users already, or the demo needs none.
func (c *Console) Setup(ctx context.Context) (string, error) {
	if c.Demo && c.loopback {
		return "", nil
	}
	token := NewToken()
	offered, err := c.Book.OfferSetup(ctx, Digest(token), c.Now().Add(setupSpan))
	if err != nil || !offered {
		return "", err
	}
	return c.Address() + "/setup/" + token, nil
}

// Address is where people find the console.
func (c *Console) Address() string {
	if c.public != nil {
		return c.public.Scheme + "://" + c.public.Host
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return "http://" + c.Listen
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// FirstAdmin adds the user admin with this password if there has never been a user;
// osUser is who runs the program, for the audit log.
func (c *Console) FirstAdmin(ctx context.Context, password, osUser string) (added bool, err error) {
	if known, err := c.Book.AnyUser(ctx); err != nil || known {
		return false, err
	}
	phc, err := c.passwords.Hash(ctx, password)
	if err != nil {
		return false, err
	}
	err = c.Book.AddFirstUser(ctx, casebook.User{Name: "admin", Role: casebook.RoleAdmin, Password: phc}, "", casebook.Act{At: c.Now(), OSUser: osUser})
	if errors.Is(err, casebook.ErrExists) { // another console was faster
		return false, nil
	}
	return err == nil, err
}

// setupForm is what the set-up page shows.
type setupForm struct {
	Path, Name, Problem string
	MinLength           int
}

func (c *Console) setupPage(v *visit) error {
	return c.withSetup(v, func() error {
		return v.render(http.StatusOK, "setup.html", setupForm{Path: v.URL.Path, Name: "admin", MinLength: passwords.MinLength})
	})
}

// withSetup lets through who has the link that works. Anybody else is as welcome as
// on any page without signing in.
func (c *Console) withSetup(v *visit, then func() error) error {
	err := c.Book.CheckSetup(v.Context(), Digest(v.PathValue("token")), c.Now())
	if errors.Is(err, casebook.ErrNotFound) {
		http.Redirect(v.w, v.Request, "/login?setup=spent", http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	return then()
}

// setUp makes the first administrator, spends the link and signs in.
func (c *Console) setUp(v *visit) error {
	return c.withSetup(v, func() error {
		if err := v.form(); err != nil {
			return err
		}
		f := setupForm{Path: v.URL.Path, Name: strings.TrimSpace(v.PostForm.Get("name")), MinLength: passwords.MinLength}
		password := v.PostForm.Get("password")
		switch {
		case casebook.CheckUserName(f.Name) != nil:
			f.Name, f.Problem = "", v.t("setup.bad_name", casebook.MaxUserName)
		default:
			f.Problem = v.badPassword(password, v.PostForm.Get("again"))
		}
		if f.Problem != "" {
			return v.render(http.StatusUnprocessableEntity, "setup.html", f)
		}
		phc, err := c.passwords.Hash(v.Context(), password)
		if err != nil {
			return err
		}
		u := casebook.User{Name: f.Name, Role: casebook.RoleAdmin, Password: phc}
		err = c.Book.AddFirstUser(v.Context(), u, Digest(v.PathValue("token")), v.act(f.Name))
		if errors.Is(err, casebook.ErrExists) || errors.Is(err, casebook.ErrNotFound) {
			http.Redirect(v.w, v.Request, "/login?setup=spent", http.StatusSeeOther)
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.Book.SignedIn(v.Context(), v.act(f.Name)); err != nil {
			return err
		}
		if err := c.begin(v.Context(), u.Name, 1); err != nil {
			return err
		}
		http.Redirect(v.w, v.Request, "/", http.StatusSeeOther)
		return nil
	})
}

// badPassword says what is wrong with a new password; "" nothing.
func (v *visit) badPassword(password, again string) string {
	switch {
	case password != again:
		return v.t("password.differ")
	case len(password) > passwords.MaxBytes:
		return v.t("password.long", passwords.MaxBytes)
	case passwords.Check(password) != nil:
		return v.t("password.short", passwords.MinLength)
	}
	return ""
}
