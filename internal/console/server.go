package console

import (
	"net/http"
	"time"
)

// Server is the HTTP server of a console or of a health address: with the time
// limits and caps that a listener in a hostile place needs.
func Server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
}

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

func (c *Console) router() http.Handler {
	mux := http.NewServeMux()
	for _, r := range c.routes {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) {
			v := &visit{c: c, w: w, Request: req, lang: chinese}
			if err := r.handler(v); err != nil {
				v.fail(err)
			}
		})
	}
	mux.Handle("GET /static/", c.static)
	return mux
}
