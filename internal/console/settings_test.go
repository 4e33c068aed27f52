package console

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"resumewatch/internal/casebook"
)

const newPassword = "Tr0ub4dor and three more"

func TestChangePassword(t *testing.T) {
	w := newWorld(t, nil)
	w.user("a", casebook.RoleViewer)
	w.user("b", casebook.RoleViewer)
	b, elsewhere, somebody := w.signedIn("a"), w.signedIn("a"), w.signedIn("b")
	for _, form := range [][]string{
		{"present", password, "password", newPassword, "again", "another one"}, {"present", password, "password", "short", "again", "short"},
		{"present", "wrong wrong", "password", newPassword, "again", newPassword}, {},
	} {
		if a := b.want(b.post("/settings/password", form...), http.StatusUnprocessableEntity); !strings.Contains(a.body, `role="alert"`) {
			t.Errorf("%v: nothing is said\n%s", form, a.body)
		}
	}
	before := cookieOf(t, b)
	b.want(b.post("/settings/password", "present", password, "password", newPassword, "again", newPassword), http.StatusSeeOther, "/settings?changed=password")
	if a := b.want(b.get("/settings?changed=password"), http.StatusOK); !strings.Contains(a.body, "all other sessions have ended") {
		t.Errorf("%s", a.body)
	}
	if cookieOf(t, b) == before {
		t.Error("the token stayed the same")
	}
	elsewhere.want(elsewhere.get("/"), http.StatusFound, "/login")
	somebody.want(somebody.get("/"), http.StatusOK)
	fresh := w.browser()
	fresh.want(fresh.signIn("a", password), http.StatusUnauthorized)
	fresh.want(fresh.signIn("a", newPassword), http.StatusSeeOther, "/")
	if !slices.Contains(w.acts(), "a password_changed a") {
		t.Errorf("audit %q", w.acts())
	}
}

// The form for a new password is no way around the limit on guesses.
func TestGuessingInSettings(t *testing.T) {
	w := newWorld(t, nil)
	w.user("a", casebook.RoleViewer)
	b := w.signedIn("a")
	for range 5 {
		b.want(b.post("/settings/password", "present", "wrong wrong", "password", newPassword, "again", newPassword), http.StatusUnprocessableEntity)
	}
	b.want(b.post("/settings/password", "present", password, "password", newPassword, "again", newPassword), http.StatusTooManyRequests)
}

func TestPreferences(t *testing.T) {
	w := newWorld(t, nil)
	w.user("a", casebook.RoleViewer)
	b := w.signedIn("a")
	if a := b.get("/alerts"); !strings.Contains(a.body, `<html lang="en">`) {
		t.Errorf("%.200s", a.body)
	}
	b.want(b.post("/preferences", "lang", "zh-CN", "back", "/alerts?state=new"), http.StatusSeeOther, "/alerts?state=new")
	b.want(b.post("/preferences", "theme", "dark", "back", "//evil.example.com"), http.StatusSeeOther, "/")
	look := func(b *browser, want string) {
		t.Helper()
		if a := b.get("/alerts"); !strings.Contains(a.body, want) {
			t.Errorf("no %s in %.200s", want, a.body)
		}
	}
	look(b, `<html lang="zh-CN" data-theme="dark">`)
	look(w.signedIn("a"), `<html lang="zh-CN" data-theme="dark">`) // kept with the user, not only in the browser
	b.want(b.post("/preferences", "theme", ""), http.StatusSeeOther, "/")
	look(b, `<html lang="zh-CN">`)
	for _, form := range [][]string{{"lang", "xx"}, {"theme", "pink"}, {"theme", `dark" onload="x`}} {
		b.want(b.post("/preferences", form...), http.StatusBadRequest)
	}
	b.want(b.get("/preferences"), http.StatusMethodNotAllowed) // looking changes nothing
	look(b, `<html lang="zh-CN">`)

	// A cookie that somebody planted turns nothing but what it is for.
	c := w.browser()
	if a := c.get("/login", "Cookie", `lang=<script>; theme="x y`); !strings.Contains(a.body, `<html lang="en">`) {
		t.Errorf("%.200s", a.body)
	}
}

// Who chooses a language at the door keeps it.
func TestLanguageOfTheDoor(t *testing.T) {
	w := newWorld(t, nil)
	w.user("a", casebook.RoleViewer)
	b := w.browser()
	b.header.Set("Accept-Language", "fr")
	if a := b.get("/login"); !strings.Contains(a.body, `<html lang="zh-CN">`) || len(a.Cookies()) > 0 {
		t.Errorf("cookies %v\n%.200s", a.Cookies(), a.body)
	}
	if a := b.get("/login?lang=en&next=%2Falerts"); !strings.Contains(a.body, `<html lang="en">`) || !strings.Contains(a.body, `name="lang" value="en"`) || !strings.Contains(a.body, `value="/alerts"`) || len(a.Cookies()) > 0 {
		t.Errorf("cookies %v\n%s", a.Cookies(), a.body)
	}
	if a := b.post("/login", "name", "a", "password", "x", "lang", "en"); !strings.Contains(a.body, `<html lang="en">`) {
		t.Errorf("%.200s", a.body)
	}
	b.want(b.post("/login", "name", "a", "password", password, "lang", "en"), http.StatusSeeOther, "/")
	if a := b.get("/"); !strings.Contains(a.body, `<html lang="en">`) {
		t.Errorf("%.200s", a.body)
	}
}

func TestDemoPreferences(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Demo, o.Test = true, true })
	b := w.browser()
	b.want(b.post("/preferences", "lang", "zh-CN"), http.StatusSeeOther, "/")
	b.want(b.post("/preferences", "theme", "light"), http.StatusSeeOther, "/")
	if a := b.get("/"); !strings.Contains(a.body, `<html lang="zh-CN" data-theme="light">`) || !strings.Contains(a.body, "banner-test") {
		t.Errorf("%.600s", a.body)
	}
}
