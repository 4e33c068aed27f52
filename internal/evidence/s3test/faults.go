package s3test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Fault is what happens to a request instead of an answer.
type Fault int

// The faults. None lets a request through.
const (
	None       Fault = iota
	Busy             // 503 SlowDown
	Denied           // 403 AccessDenied
	Cut              // the connection ends before the answer, the server heard nothing
	HalfUpload       // the connection ends in the midst of the request's body
	Lost             // the server does it, the connection ends before the answer
	HalfAnswer       // the connection ends in the midst of the answer's body
	Silent           // no answer until the client gives up
)

// Faults is a way to a server that fails on command.
type Faults struct {
	*httptest.Server
	mu     sync.Mutex
	choose func(*http.Request) Fault
	hits   atomic.Int64
}

// Before starts a way to a handler. Close ends it.
func Before(to http.Handler) *Faults {
	f := &Faults{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.pass(w, r, to) }))
	return f
}

// BeforeServer is the same for a server that runs elsewhere on this machine.
func BeforeServer(address string) (*Faults, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	// The Host stays: it is signed.
	return Before(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(u)
			r.Out.Host = r.In.Host
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}), nil
}

// Fail chooses from now on what happens to a request; nil lets all through.
func (f *Faults) Fail(choose func(*http.Request) Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.choose = choose
	f.hits.Store(0)
}

// Hits is how many requests met a fault since Fail.
func (f *Faults) Hits() int { return int(f.hits.Load()) }

// Always is one fault for all.
func Always(what Fault) func(*http.Request) Fault { return func(*http.Request) Fault { return what } }

// Times is a fault for the first n requests of a method.
func Times(n int, method string, what Fault) func(*http.Request) Fault {
	var seen atomic.Int64
	return func(r *http.Request) Fault {
		if r.Method != method || seen.Add(1) > int64(n) {
			return None
		}
		return what
	}
}

func (f *Faults) pass(w http.ResponseWriter, r *http.Request, to http.Handler) {
	f.mu.Lock()
	choose := f.choose
	f.mu.Unlock()
	what := None
	if choose != nil {
		what = choose(r)
	}
	if what != None {
		f.hits.Add(1)
	}
	switch what {
	case Busy:
		answer(w, r, refuse(http.StatusServiceUnavailable, "SlowDown"))
	case Denied:
		answer(w, r, refuse(http.StatusForbidden, "AccessDenied"))
	case Cut:
		panic(http.ErrAbortHandler)
	case HalfUpload:
		_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength/2)
		panic(http.ErrAbortHandler)
	case Lost:
		to.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case HalfAnswer:
		rec := httptest.NewRecorder()
		to.ServeHTTP(rec, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes()[:rec.Body.Len()/2])
		if fl, ok := w.(http.Flusher); ok {
			fl.Flush()
		}
		panic(http.ErrAbortHandler)
	case Silent:
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
		panic(http.ErrAbortHandler)
	default:
		to.ServeHTTP(w, r)
	}
}
