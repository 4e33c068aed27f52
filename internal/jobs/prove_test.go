package jobs_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"resumewatch/crawlers/forum/discuztest"
	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
)

// kept counts the captures of a book by kind, and gives the newest one.
func (w *world) kept() (kinds map[string]int, newest casebook.Capture) {
	w.Helper()
	kinds = map[string]int{}
	w.must(w.Book.Captures(w.Context(), 0, func(c casebook.Capture) error {
		kinds[c.Kind]++
		if c.At.After(newest.At) {
			newest = c
		}
		return nil
	}))
	return kinds, newest
}

// again looks at all pages of a source once more, after a while.
func (w *world) again(src casebook.Source, later time.Duration) {
	w.Helper()
	w.clock.add(later)
	run := w.begin(src, false)
	pages, err := w.Book.PagesOf(w.Context(), src.Name, "")
	w.must(err)
	for i := range pages {
		pages[i].Mark = nil
	}
	w.must(w.Book.RequestPages(w.Context(), run, pages, false, w.Now())) // with their validators
	w.finish(run)
}

// Of a page whose listings are all known a proof is kept that they are still there,
// once a day: a revisit when the same bytes came, else all of it.
func TestProofs(t *testing.T) {
	w := newWorld(t)
	s := w.site(discuztest.Style{})
	w.board(s, 5)
	src := w.source(s, s.boardURL(), nil)
	dress, frozen := 0, map[string][]byte{}
	s.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.Contains(r.URL.RawQuery, "viewthread") {
			next.ServeHTTP(rw, r)
			return
		}
		tag := fmt.Sprintf(`"%d"`, dress)
		if r.Header.Get("If-None-Match") == tag {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
		key := fmt.Sprint(r.URL.RequestURI(), dress)
		if frozen[key] == nil {
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			frozen[key] = fmt.Appendf(rec.Body.Bytes(), "<!-- %d -->", dress)
		}
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		rw.Header().Set("ETag", tag)
		rw.Write(frozen[key])
	})
	w.crawl(src)
	const day = 25 * time.Hour
	kinds, first := w.kept()
	w.same("captures", map[string]int{"page": 1}, kinds)
	look := func(what string, later time.Duration, want map[string]int, refers string) casebook.Capture {
		t.Helper()
		w.again(src, later)
		kinds, newest := w.kept()
		w.same(what, want, kinds)
		w.same(what+": refers to", refers, newest.Refers)
		return newest
	}
	look("the same hour", time.Hour, map[string]int{"page": 1}, "")
	second := look("a day later", day, map[string]int{"page": 1, "revisit": 1}, first.Digest)
	w.same("records of a revisit", []int{1, 1, 1, 1}, w.sizes(second.Digest, "warcinfo", "request", "revisit", "metadata"))
	look("the same day", time.Hour, map[string]int{"page": 1, "revisit": 1}, first.Digest)
	dress++
	third := look("other bytes", day, map[string]int{"page": 2, "revisit": 1}, first.Digest)
	fourth := look("those again", day, map[string]int{"page": 2, "revisit": 2}, first.Digest)
	w.same("what it is a revisit of", third.At.UTC(), w.refersTo(fourth.Digest))
	look("after a month", 31*24*time.Hour, map[string]int{"page": 3, "revisit": 2}, first.Digest)
	look("and another day", day, map[string]int{"page": 3, "revisit": 3}, first.Digest)
	w.same("capture of the post", first.Digest, w.places()["闲聊 3\n"+advert(4)].capture)
	again, err := w.Book.CapturedAgain(w.Context(), first.Digest)
	w.must(err)
	w.same("later looks", 5, len(again))

	dress++
	w.change(s, advert(4), advert(99))
	edited := look("an edit", day, map[string]int{"page": 4, "revisit": 3}, "")
	w.same("capture of the edit", edited.Digest, w.places()["闲聊 3\n"+advert(99)].capture)
	look("a day after the edit", day, map[string]int{"page": 4, "revisit": 4}, edited.Digest)
	dress++
	w.change(s, advert(99), "没了")
	look("no listing any more", day, map[string]int{"page": 4, "revisit": 4}, edited.Digest)
	look("nothing to prove", day, map[string]int{"page": 4, "revisit": 4}, edited.Digest)

	ids, err := w.keys.Identities(w.Context())
	w.must(err)
	report, err := evidence.VerifyStore(w.Context(), w.store, ids)
	w.must(err)
	if !report.OK {
		t.Errorf("%+v", report)
	}
}

// change edits the posts that hold a text.
func (w *world) change(s *site, from, to string) {
	w.Helper()
	for pid := range 100 {
		_ = s.Change(pid, func(p *discuztest.Post) { // there may be none of that number
			if p.Text == from {
				p.Text = to
			}
		})
	}
}

func (w *world) sizes(digest string, types ...string) (out []int) {
	w.Helper()
	records := w.records(digest)
	for _, t := range types {
		out = append(out, len(records[t]))
	}
	return out
}

// refersTo is the date of the record that a revisit refers to.
func (w *world) refersTo(digest string) (at time.Time) {
	w.Helper()
	w.eachRecord(digest, func(r *evidence.ReadRecord, _ []byte) {
		if r.Type == evidence.TypeRevisit {
			var err error
			at, err = time.Parse(time.RFC3339Nano, r.Get("WARC-Refers-To-Date"))
			w.must(err)
		}
	})
	return at.UTC()
}
