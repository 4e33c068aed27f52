package console

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// Server is the HTTP server of a console or of a health address, with the time
// limits and caps that a listener in a hostile place needs.
func Server(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // of unruly clients
	}
}

// maxForm bounds the body of a request.
const maxForm = 64 << 10

// route is one registered page.
type route struct {
	pattern string // of http.ServeMux, with its method
	needs   permission
	handler func(*visit) error
}

// page registers a page. pattern is one of http.ServeMux with its method
// ("GET /offers/{id}"); needs is what the visitor must be allowed to do. An error
// that the handler returns becomes an error page: casebook.ErrNotFound a 404, a
// *problem what it says, anything else a logged 500.
func (c *Console) page(pattern string, needs permission, handler func(*visit) error) {
	c.routes = append(c.routes, route{pattern, needs, handler})
}

// router joins the pages with what answers without credentials.
func (c *Console) router() (http.Handler, error) {
	mux := http.NewServeMux()
	for _, r := range c.routes {
		mux.Handle(r.pattern, c.guard(r.needs, r.handler))
	}
	// Whoever isn't signed in learns nothing, also not which pages there are.
	mux.Handle("/", c.guard(permPrefer, func(v *visit) error { return c.noPage(mux, v) }))
	mux.Handle("GET /login", c.open(c.signInPage))
	mux.Handle("POST /login", c.open(c.signIn))
	mux.Handle("GET /setup/{token}", c.open(c.setupPage))
	mux.Handle("POST /setup/{token}", c.open(c.setUp))
	mux.Handle("GET /static/", c.static)

	cross := http.NewCrossOriginProtection()
	if c.public != nil {
		// A proxy in front may rewrite Host; the browser's Origin is this one.
		if err := cross.AddTrustedOrigin(c.public.Scheme + "://" + c.public.Host); err != nil {
			return nil, fmt.Errorf("console.public_url: %w", err)
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.refuse(w, r, &problem{status: http.StatusForbidden, key: "error.cross_origin"})
	}))
	pages := c.known(cross.Handler(limitBody(mux)))

	// Probes come by any name and learn nothing that matters.
	top := http.NewServeMux()
	top.Handle("/", pages)
	top.Handle("GET /livez", orElse(c.Live, http.HandlerFunc(c.alive)))
	top.Handle("GET /readyz", orElse(c.Ready, http.HandlerFunc(c.ready)))
	if c.Metrics != nil {
		top.HandleFunc("GET /metrics", c.metrics)
	}
	return c.recovered(headers(top, c.secure())), nil
}

func orElse(h, other http.Handler) http.Handler {
	if h != nil {
		return h
	}
	return other
}

// policy lets a page load files of ours and nothing else; no inline script or style
// runs, so that what a seller wrote can't either.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

func headers(next http.Handler, secure bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY") // for browsers that don't know frame-ancestors
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		if secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}

// recovered turns a panic into a logged error page: one bad page is one bad page.
func (c *Console) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				if err, ok := p.(error); ok && err == http.ErrAbortHandler { //nolint:errorlint // never wrapped: net/http's own word
					panic(p)
				}
				c.Log.Error("page panicked", "page", r.Pattern, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				c.refuse(w, r, &problem{status: http.StatusInternalServerError, key: "error.internal"})
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// refuse writes an error page for nobody in particular.
func (c *Console) refuse(w http.ResponseWriter, r *http.Request, p *problem) {
	v := c.visit(w, r)
	v.fail(p)
}

// noPage answers what no page is registered for: 405 if there is one of another
// method, else 404.
func (c *Console) noPage(mux *http.ServeMux, v *visit) error {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := v.Clone(v.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); strings.HasPrefix(pattern, method+" ") {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 || slices.Contains(allowed, v.Method) {
		return &problem{status: http.StatusNotFound, key: "error.not_found"}
	}
	v.w.Header().Set("Allow", strings.Join(allowed, ", "))
	return &problem{status: http.StatusMethodNotAllowed, key: "error.method"}
}

func (c *Console) alive(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") }

func (c *Console) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if _, err := c.Book.AnyUser(ctx); err != nil {
		c.Log.Warn("not ready", "err", err)
		plain(w, http.StatusServiceUnavailable, "casebook: no answer")
		return
	}
	plain(w, http.StatusOK, "ok")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}
