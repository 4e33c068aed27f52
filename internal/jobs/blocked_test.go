package jobs_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"resumewatch/crawlers/forum/discuztest"
	"resumewatch/internal/jobs"
)

// A host that refuses page after page is left alone: no further request, nobody
// waits for it, and the run says so. Later everything is read.
func TestVisitLeavesARefusingHostAlone(t *testing.T) {
	w := newWorld(t)
	w.budget.obey = w.Now
	s := w.site(discuztest.Style{})
	w.board(s, 12)
	src := w.source(s, s.boardURL(), nil)
	refusing := func(uri string) bool { return strings.Contains(uri, "tid=") || strings.Contains(uri, "page=2") }
	s.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if refusing(r.URL.RequestURI()) {
			s.Fail(discuztest.FailQuestion, -1)
		} else {
			s.Fail(discuztest.FailNone, 0)
		}
		next.ServeHTTP(rw, r)
	})
	began := w.Now()
	run := w.crawl(src)
	if v := w.visits(run); v["blocked"] != 3 || v["new"] != 1 {
		t.Errorf("visits %v, want 3 blocked: three in a row mean the host", v)
	}
	refused := 0
	for _, u := range s.asked() {
		if refusing(u) {
			refused++
		}
	}
	w.same("requests that were refused", 3, refused)
	if took := w.Now().Sub(began); took >= jobs.BlockedPause {
		t.Errorf("the run took %v: it waited for the host", took)
	}
	left := 0
	for _, p := range w.progress(run).Problems {
		if strings.Contains(p.Reason, "left alone until") {
			left++
		}
	}
	if left == 0 {
		t.Error("no problem says that pages were not visited")
	}
	s.intercept(nil)
	s.Fail(discuztest.FailNone, 0)
	w.clock.add(2 * jobs.BlockedPause)
	w.crawl(src)
	w.same("posts in all", 24, w.posts())
}

// "Too many requests" without a time is a minute's rest for the host, which the
// run waits for.
func TestVisitTooManyRequests(t *testing.T) {
	w := newWorld(t)
	w.budget.obey = w.Now
	s := w.site(discuztest.Style{})
	w.board(s, 3)
	src := w.source(s, s.boardURL(), nil)
	refused := false
	s.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Query().Get("tid") != "" && !refused {
			refused = true
			rw.WriteHeader(http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(rw, r)
	})
	w.clock.add(time.Minute)
	began := w.Now()
	run := w.begin(src, false)
	w.finish(run)
	if v := w.visits(run); v["blocked"] != 1 || v["new"] != 3 {
		t.Errorf("visits %v, want 1 blocked and 3 new", v)
	}
	if took := w.Now().Sub(began); took < time.Minute {
		t.Errorf("the run took %v: the host had no rest", took)
	}
}
