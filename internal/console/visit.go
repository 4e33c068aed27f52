package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"resumewatch/internal/casebook"
)

// visit is one request to a page: the request, who asks and in which language.
type visit struct {
	*http.Request
	c     *Console
	w     http.ResponseWriter
	user  visitor
	lang  language
	theme string // "light", "dark" or "": as the system has it
}

// visit makes the visit of somebody who isn't known yet.
func (c *Console) visit(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{Request: r, c: c, w: w}
	v.as(visitor{})
	return v
}

// as makes somebody the visitor. What a user chose goes before the browser's cookie,
// and that before what the browser asks for.
func (v *visit) as(user visitor) {
	v.user, v.lang, v.theme = user, user.language, user.theme
	if k, err := v.Cookie(cookieTheme); err == nil && v.theme == "" && knownTheme(k.Value) {
		v.theme = k.Value
	}
	if k, err := v.Cookie(cookieLanguage); err == nil && !v.lang.known() {
		v.lang = language(k.Value)
	}
	if !v.lang.known() {
		v.lang = acceptedLanguage(v.Header.Get("Accept-Language"))
	}
}

// Page is what layout and page templates get: `.Data` is the page's own, the
// rest is the layout's.
type Page struct {
	Data    any
	User    visitor
	Lang    language
	Theme   string
	Path    string // with the query: where a preference form comes back to
	Room    string // first part of the path: which entry of the menu is current
	Menu    []MenuEntry
	Test    bool
	Demo    bool
	Version string
}

// MenuEntry is one room in the menu.
type MenuEntry struct {
	Path, Key string // address, and key of its name
	Current   bool
}

// rooms are the entries of the menu; those that have no page are left out.
var rooms = []MenuEntry{{Path: "/", Key: "nav.search"}, {Path: "/alerts", Key: "nav.alerts"}, {Path: "/review", Key: "nav.review"}, {Path: "/cases", Key: "nav.cases"}, {Path: "/sources", Key: "nav.sources"}, {Path: "/queue", Key: "nav.queue"}, {Path: "/unmask", Key: "nav.unmask"}, {Path: "/audit", Key: "nav.audit"}}

func (v *visit) menu(room string) []MenuEntry {
	var out []MenuEntry
	for _, m := range rooms {
		for _, r := range v.c.routes {
			if strings.TrimSuffix(r.pattern, "{$}") == "GET "+m.Path && v.user.May(r.needs) {
				m.Current = m.Path == room
				out = append(out, m)
			}
		}
	}
	return out
}

// t is the message of a key in the visitor's language; args as for fmt.Sprintf.
func (v *visit) t(key string, args ...any) string { return v.lang.message(key, args...) }

// render writes a page: the layout around the template `name` of templates/. The
// template defines the blocks "title" and "content".
func (v *visit) render(status int, name string, data any) error {
	room, _, _ := strings.Cut(strings.TrimPrefix(v.URL.Path, "/"), "/")
	p := Page{
		Data: data, User: v.user, Lang: v.lang, Theme: v.theme, Path: "/", Room: "/" + room, Menu: v.menu("/" + room),
		Test: v.c.Test, Demo: v.c.Demo, Version: v.c.Version,
	}
	if v.Method == http.MethodGet {
		p.Path = localPath(v.URL.RequestURI())
	} else if room == "settings" {
		p.Path = "/settings"
	}
	var b bytes.Buffer
	if err := v.c.looks.execute(&b, v.lang, name, p); err != nil {
		return fmt.Errorf("template %s: %w", name, err)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", string(v.lang))
	v.w.WriteHeader(status)
	_, _ = b.WriteTo(v.w) // the visitor is gone: nobody to tell
	return nil
}

// problem is an error that a visitor is told: a status and the key of a message.
type problem struct {
	status int
	key    string
	args   []any
}

func (p *problem) Error() string { return p.key }

// form reads the fields of a form.
func (v *visit) form() error {
	err := v.ParseForm()
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &problem{status: http.StatusRequestEntityTooLarge, key: "error.form"}
	case err != nil:
		return &problem{status: http.StatusBadRequest, key: "error.form"}
	}
	return nil
}

// errorView is what an error page shows.
type errorView struct {
	Status int
	Text   string
}

// fail writes an error page.
func (v *visit) fail(err error) {
	var p *problem
	switch {
	case errors.As(err, &p):
	case errors.Is(err, casebook.ErrNotFound):
		p = &problem{status: http.StatusNotFound, key: "error.not_found"}
	case v.Context().Err() != nil:
		return // nobody waits for an answer any more
	case errors.Is(err, context.DeadlineExceeded):
		v.c.Log.Warn("page took too long", "page", v.Pattern, "err", err)
		p = &problem{status: http.StatusServiceUnavailable, key: "error.slow"}
	default:
		v.c.Log.Error("page failed", "page", v.Pattern, "err", err)
		p = &problem{status: http.StatusInternalServerError, key: "error.internal"}
	}
	if err := v.render(p.status, "error.html", errorView{p.status, v.t(p.key, p.args...)}); err != nil {
		v.c.Log.Error("error page failed", "page", v.Pattern, "err", err)
	}
}
