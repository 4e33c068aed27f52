package console

import (
	"bytes"
	"errors"
	"net/http"

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

// visitor is who asks.
type visitor struct {
	Name, Role string
	Demo       bool // signed in by --demo
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
	Test    bool
	Demo    bool
	Version string
}

// may reports whether the visitor is allowed to do something.
func (v *visit) may(p permission) bool { return may(v.user.Role, p) }

// t is the message of a key in the visitor's language; args as for fmt.Sprintf.
func (v *visit) t(key string, args ...any) string { return v.lang.message(key, args...) }

// render writes a page: the layout around the template `name` of templates/. The
// template defines the blocks "title" and "content".
func (v *visit) render(status int, name string, data any) error {
	return v.write(status, name, "layout", data)
}

// fragment writes one block of a page's template without the layout, for htmx.
func (v *visit) fragment(status int, name, block string, data any) error {
	return v.write(status, name, block, data)
}

// partial reports whether htmx asks for a fragment instead of a page.
func (v *visit) partial() bool {
	return v.Header.Get("HX-Request") == "true" && v.Header.Get("HX-Boosted") == "" && v.Header.Get("HX-History-Restore-Request") == ""
}

func (v *visit) write(status int, name, block string, data any) error {
	var b bytes.Buffer
	p := Page{Data: data, User: v.user, Lang: v.lang, Theme: v.theme, Path: v.URL.RequestURI(), Test: v.c.Test, Demo: v.c.Demo, Version: v.c.Version}
	if err := v.c.looks.execute(&b, v.lang, name, block, p); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, err := b.WriteTo(v.w)
	return err
}

// problem is an error that a visitor is told: a status and the key of a message.
type problem struct {
	status int
	key    string
	args   []any
}

func (p *problem) Error() string { return p.key }

// fail writes an error page.
func (v *visit) fail(err error) {
	var p *problem
	switch {
	case errors.As(err, &p):
	case errors.Is(err, casebook.ErrNotFound):
		p = &problem{status: http.StatusNotFound, key: "error.not_found"}
	default:
		v.c.Log.Error("page failed", "path", v.URL.Path, "err", err)
		p = &problem{status: http.StatusInternalServerError, key: "error.internal"}
	}
	if err := v.render(p.status, "error.html", v.t(p.key, p.args...)); err != nil {
		v.c.Log.Error("error page failed", "err", err)
	}
}
