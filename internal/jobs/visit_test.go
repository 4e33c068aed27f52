package jobs_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"resumewatch/crawlers/forum/discuztest"
	"resumewatch/internal/casebook"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
)

var (
	ann = discuztest.User{ID: 11, Name: "资源小王"}
	bob = discuztest.User{ID: 12, Name: "路人"}
)

// short names a page of the model forum: "board 2 page 1", "thread 5 page 2", "index".
func short(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return uri
	}
	q := u.Query()
	page := q.Get("page")
	if page == "" {
		page = "1"
	}
	switch q.Get("mod") {
	case "forumdisplay":
		return "board " + q.Get("fid") + " page " + page
	case "viewthread":
		return "thread " + q.Get("tid") + " page " + page
	case "":
		if u.Path == "/" || u.Path == "/forum.php" || u.Path == "/index.php" {
			return "index"
		}
	}
	return uri
}

func (s *site) pages() []string {
	out := []string{}
	for _, u := range s.asked() {
		out = append(out, short(u))
	}
	slices.Sort(out)
	return out
}

// board fills a board with so many threads, the later the fresher; every tenth
// one holds an advert in its first post.
func (w *world) board(s *site, threads int) {
	s.AddBoard(discuztest.Board{ID: 2, Name: "资源互换", Category: "交流"})
	for i := range threads {
		text := fmt.Sprintf("今天吃什么 %d", i)
		if i%10 == 3 {
			text = advert(i + 1)
		}
		s.AddThread(discuztest.Thread{Board: 2, Title: fmt.Sprintf("闲聊 %d", i), Posts: []*discuztest.Post{
			{Author: ann, At: w.Now().Add(time.Duration(i-3000) * time.Hour), Text: text},
			{Author: bob, At: w.Now().Add(time.Duration(i-2999) * time.Hour), Text: "路过"},
		}})
	}
}

func (s *site) boardURL() string { return s.url + "forum.php?mod=forumdisplay&fid=2" }

// A board is read whole at first sight, later down to where nothing is new.
func TestVisitBoard(t *testing.T) {
	for _, style := range []discuztest.Style{{}, {Version: "X3.4", Charset: "gbk", Jammer: true}, {Rewrite: true, PlainTimes: true}} {
		t.Run(fmt.Sprintf("%s %s rewrite %v", style.Version, style.Charset, style.Rewrite), func(t *testing.T) {
			w := newWorld(t)
			s := w.site(style)
			w.board(s, 25)
			long := &discuztest.Thread{ID: 500, Board: 2, Title: "长帖"}
			for i := range 12 { // three pages
				text := fmt.Sprintf("第%d楼", i+1)
				if i == 11 {
					text = "收BOSS企业号，200一个，长期，加QQ " + other
				}
				long.Posts = append(long.Posts, &discuztest.Post{Author: bob, At: w.Now().Add(time.Duration(i-5000) * time.Hour), Text: text})
			}
			s.AddThread(*long)
			src := w.source(s, s.boardURL(), nil)
			run := w.crawl(src)
			first := s.asked()
			w.same("requests, none twice", len(slices.Compact(slices.Clone(first))), len(first))
			w.same("pages: 3 of the list, 25 threads of one page, one of three", 31, len(first))
			w.same("visits", map[string]int64{"new": 31}, w.visits(run))
			w.same("posts", int64(62), w.progress(run).Counts[casebook.CountPosts])
			w.same("listings", 4, len(w.rows()))
			w.same("search", 1, len(w.search("企业号")))
			w.same("problems", []market.Problem{}, w.progress(run).Problems)

			before := w.dump()
			run = w.crawl(src)
			w.same("requests of a board as it was", 1, len(s.asked()))
			w.same("visits", map[string]int64{"same": 1}, w.visits(run))
			w.same("dump", before, w.dump())

			// An old thread has a reply: it comes up, with its first and last pages.
			if _, err := s.Reply(500, discuztest.Post{Author: ann, At: w.Now(), Text: advert(500)}); err != nil {
				t.Fatal(err)
			}
			run = w.crawl(src)
			w.same("requests for a reply", 4, len(s.asked())) // two of the list (the first is not as it was), first and last of the thread
			w.same("new posts", int64(1), w.progress(run).Counts[casebook.CountPosts])
			w.same("listings", 5, len(w.rows()))

			// Sixteen replies more: pages that nobody knew follow.
			for i := range 16 {
				if _, err := s.Reply(500, discuztest.Post{Author: bob, At: w.Now().Add(time.Duration(i) * time.Second), Text: fmt.Sprint("再顶 ", i)}); err != nil {
					t.Fatal(err)
				}
			}
			run = w.crawl(src)
			w.same("new posts", int64(16), w.progress(run).Counts[casebook.CountPosts])
			s.asked()
			run = w.crawl(src)
			w.same("requests of a board as it was", 1, len(s.asked()))
			w.same("visits", map[string]int64{"same": 1}, w.visits(run))
		})
	}
}

// Sticky and moved rows stand out of order: they neither stop the walk down the
// list nor keep it going.
func TestVisitStickyAndMoved(t *testing.T) {
	w := newWorld(t)
	s := w.site(discuztest.Style{})
	w.board(s, 35)
	s.AddBoard(discuztest.Board{ID: 3, Name: "别处"})
	sticky := s.AddThread(discuztest.Thread{Board: 2, Title: "版规", Sticky: true, Posts: []*discuztest.Post{{Author: bob, At: w.Now().Add(-9000 * time.Hour), Text: "请友善交流"}}})
	s.AddThread(discuztest.Thread{Board: 2, MovedTo: 3, Title: "搬走了", Posts: []*discuztest.Post{{Author: ann, At: w.Now().Add(-time.Hour), Text: advert(99)}}})
	src := w.source(s, s.boardURL(), nil)
	run := w.crawl(src)
	w.same("listings", 5, len(w.rows()))
	if v := w.visits(run); v["new"] < 40 || v["error"]+v["unreadable"]+v["gone"] > 0 {
		t.Errorf("visits %v", v)
	}
	s.asked()
	w.crawl(src)
	w.same("requests of a board as it was", []string{"board 2 page 1"}, s.pages())
	if _, err := s.Reply(sticky, discuztest.Post{Author: bob, At: w.Now(), Text: "收到"}); err != nil {
		t.Fatal(err)
	}
	w.crawl(src)
	w.same("requests when a sticky one changed", []string{"board 2 page 1", fmt.Sprintf("thread %d page 1", sticky)}, s.pages())
}

func TestVisitIndex(t *testing.T) {
	w := newWorld(t)
	s := w.site(discuztest.Style{})
	w.board(s, 4)
	s.AddBoard(discuztest.Board{ID: 3, Name: "子版", Parent: 2})
	s.AddBoard(discuztest.Board{ID: 4, Name: "私密", Private: true})
	s.AddBoard(discuztest.Board{ID: 5, Name: "要登录", Login: true})
	s.AddThread(discuztest.Thread{ID: 300, Board: 3, Title: "子版帖", Posts: []*discuztest.Post{{Author: ann, At: w.Now().Add(-time.Hour), Text: advert(7)}}})
	src := w.source(s, s.url, nil)
	run := w.crawl(src)
	pages := s.pages()
	w.same("requests, none twice", slices.Compact(slices.Clone(pages)), pages)
	for _, p := range []string{"index", "board 2 page 1", "board 3 page 1", "board 5 page 1", "thread 300 page 1"} {
		if !slices.Contains(pages, p) {
			t.Errorf("%s was not read: %v", p, pages)
		}
	}
	v := w.visits(run)
	if v["login_wall"] == 0 || v["login_wall"]+v["blocked"]+v["gone"] > 2 {
		t.Errorf("visits %v", v)
	}
	w.same("listings", 2, len(w.rows()))
	got, err := w.Book.FindSource(t.Context(), "board")
	w.must(err)
	w.same("engine", []string{"discuz", "discuz"}, []string{got.Kind, got.Settings.Engine})
	// Again: lists, no threads.
	run = w.crawl(src)
	for _, p := range s.pages() {
		if strings.HasPrefix(p, "thread") {
			t.Errorf("%s was read again", p)
		}
	}
	w.same("new posts", int64(0), w.progress(run).Counts[casebook.CountPosts])
}

func TestVisitLimits(t *testing.T) {
	w := newWorld(t)
	s := w.site(discuztest.Style{})
	w.board(s, 35)
	src := w.source(s, s.boardURL(), func(c *casebook.Source) { c.Settings.MaxPages = 2 })
	w.crawl(src)
	lists := 0
	for _, p := range s.pages() {
		if strings.HasPrefix(p, "board") {
			lists++
		}
	}
	w.same("pages of the list", 2, lists)
	w.same("listings of the fresher twenty", 2, len(w.rows()))

	// Every known page again, and what they lead to.
	w.clock.add(time.Minute)
	run := w.begin(src, true)
	w.finish(run)
	pages := s.pages()
	w.same("requests of --again", 22, len(slices.Compact(pages)))
	w.same("visits", map[string]int64{"same": 22}, w.visits(run))
	w.same("new", int64(0), w.progress(run).Counts[casebook.CountPosts])

	// A page beyond the last shows the first: no endless walk.
	beyond := w.source(s, s.boardURL()+"&page=99", func(c *casebook.Source) { c.Name = "beyond" })
	w.crawl(beyond)
	if n := len(s.pages()); n > 60 {
		t.Errorf("%d requests from a page beyond the last", n)
	}
}

// What becomes of a post after it was found.
func TestVisitEdits(t *testing.T) {
	w := newWorld(t)
	s := w.site(discuztest.Style{Version: "X3.4"})
	w.board(s, 5)
	src := w.source(s, s.boardURL(), nil)
	w.crawl(src)
	w.same("search", []string{advert(4)}, texts(w.search("智联")))
	first := w.rows()
	one := first[keysOf(first)[0]]
	if one.State != market.PostThere || one.Revision != 0 || one.Capture.Digest == "" || !strings.Contains(one.Permalink, "7") {
		t.Fatalf("row %+v", one)
	}
	records := w.records(one.Capture.Digest)
	w.same("records of a page", []int{1, 1, 1, 1}, []int{len(records["warcinfo"]), len(records["request"]), len(records["response"]), len(records["metadata"])})
	for _, part := range []string{`"remote_address":"127.0.0.1:`, `"robots":"allowed"`, `"clock":{"source":"a test's"}`} {
		if !bytes.Contains(records["metadata"][0], []byte(part)) {
			t.Errorf("no %s in %s", part, records["metadata"][0])
		}
	}
	if !bytes.Contains(records["warcinfo"][0], []byte("ticket")) || !bytes.Contains(records["response"][0], []byte("智联一手简历")) {
		t.Error("the capture lacks the authority or the page")
	}
	const tid, pid = 4, 7
	// bump lets the list say that something happened.
	bump := func() {
		_, err := s.Reply(tid, discuztest.Post{Author: bob, At: w.Now().Add(time.Minute), Text: "顶"})
		w.must(err)
		w.clock.add(2 * time.Minute)
	}
	w.must(s.Change(pid, func(p *discuztest.Post) { p.Text, p.Edited = advert(9), w.Now() }))
	bump()
	run := w.crawl(src)
	row, err := w.Book.Rows(t.Context(), []string{one.ID})
	w.must(err)
	if row[0].Revision != 1 || row[0].State != market.PostChanged || row[0].Capture.Digest == one.Capture.Digest || !strings.Contains(row[0].Text, "9元") {
		t.Fatalf("edited row %+v", row[0])
	}
	w.records(row[0].Capture.Digest)
	w.same("new listings", int64(0), w.progress(run).Counts[casebook.CountListings])
	w.same("alert stays", row[0].Alerts, one.Alerts)

	w.must(s.Change(pid, func(p *discuztest.Post) { p.Text = "已处理，谢谢大家" }))
	bump()
	w.crawl(src)
	w.same("search after the advert was taken away", []string{}, w.search("智联"))
	row, err = w.Book.Rows(t.Context(), []string{one.ID})
	w.must(err)
	if row[0].Live || row[0].State != market.PostChanged {
		t.Fatalf("withdrawn row %+v", row[0])
	}

	w.must(s.Change(pid, func(p *discuztest.Post) { p.Text = advert(12) }))
	bump()
	w.crawl(src)
	w.same("search after a new advert", 1, len(w.search("智联")))

	captures := func() (n int) {
		w.must(w.Book.Captures(t.Context(), 0, func(casebook.Capture) error { n++; return nil }))
		return n
	}
	had := captures()
	w.must(s.ChangeThread(tid, func(th *discuztest.Thread) { th.Deleted = true }))
	w.must(s.ChangeThread(2, func(th *discuztest.Thread) { th.Deleted = true })) // held nothing
	w.clock.add(time.Minute)
	run = w.begin(src, true)
	w.finish(run)
	w.same("gone", int64(2), w.visits(run)["gone"])
	row, err = w.Book.Rows(t.Context(), []string{one.ID})
	w.must(err)
	w.same("state", market.PostGone, row[0].State)
	w.same("the proof of its absence is kept, and of nothing else", had+1, captures())

	w.must(s.ChangeThread(tid, func(th *discuztest.Thread) { th.Deleted = false }))
	w.clock.add(time.Minute)
	run = w.begin(src, true)
	w.finish(run)
	row, err = w.Book.Rows(t.Context(), []string{one.ID})
	w.must(err)
	w.same("state when it is back", market.PostChanged, row[0].State)
}

// texts drops the titles that stand before first posts.
func texts(in []string) []string {
	out := []string{}
	for _, s := range in {
		_, text, ok := strings.Cut(s, "\n")
		if !ok {
			text = s
		}
		out = append(out, text)
	}
	return out
}

// A page that can't be read today is asked for again by the next crawl, even
// when its list has not changed.
func TestVisitRefusals(t *testing.T) {
	for how, want := range map[discuztest.Failure]string{
		discuztest.FailReload: "blocked", discuztest.FailQuestion: "blocked", discuztest.FailTooFast: "blocked", discuztest.FailAntitheft: "blocked",
		discuztest.FailRetry: "blocked", discuztest.FailWrongType: "unreadable", discuztest.FailRedirects: "error", discuztest.FailCut: "error",
	} {
		t.Run(string(how), func(t *testing.T) {
			w := newWorld(t)
			s := w.site(discuztest.Style{})
			w.board(s, 12)
			src := w.source(s, s.boardURL(), nil)
			s.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
				if tid := r.URL.Query().Get("tid"); tid == "4" || r.URL.Query().Get("page") == "2" && r.URL.Query().Get("fid") == "2" {
					s.Fail(how, -1)
				} else {
					s.Fail(discuztest.FailNone, 0)
				}
				next.ServeHTTP(rw, r)
			})
			run := w.crawl(src)
			s.intercept(nil)
			s.Fail(discuztest.FailNone, 0)
			v := w.visits(run)
			if v[want] != 2 || v["new"] != 10 { // page 2 of the list and thread 4; nine threads and the list
				t.Errorf("visits %v, want 2 %s", v, want)
			}
			if n := len(w.progress(run).Problems); n != 2 {
				t.Errorf("%d problems", n)
			}
			w.same("listings", 0, len(w.rows()))
			w.clock.add(time.Hour)
			w.crawl(src)
			w.same("listings when it answers again", 1, len(w.rows()))
			w.same("posts in all", 24, w.posts())
			if how == discuztest.FailRetry && len(w.budget.penalized) == 0 {
				t.Error("Retry-After was not passed on")
			}
		})
	}
}

// posts are how many the book has seen.
func (w *world) posts() int {
	w.Helper()
	n := 0
	for line := range strings.Lines(w.dump()) {
		var k int
		if i := strings.Index(line, `"posts":`); i >= 0 && strings.Contains(line, `"kind":"posts"`) {
			if _, err := fmt.Sscanf(line[i:], `"posts":%d`, &k); err != nil {
				w.Fatal(err)
			}
			n += k
		}
	}
	return n
}

// Failures that pass: the page is tried once more, and only that is counted.
func TestVisitTriesAgain(t *testing.T) {
	w := newWorld(t)
	s := w.site(discuztest.Style{})
	w.board(s, 4)
	fails := 1
	s.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Query().Get("tid") == "4" && fails > 0 {
			fails--
			rw.WriteHeader(http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(rw, r)
	})
	src := w.source(s, s.boardURL(), nil)
	start := w.Now()
	run := w.crawl(src)
	w.same("visits", map[string]int64{"new": 5}, w.visits(run))
	w.same("problems", []market.Problem{}, w.progress(run).Problems)
	w.same("listings", 1, len(w.rows()))
	if w.Now().Sub(start) < jobs.RetryAfterError {
		t.Error("tried again at once")
	}
	fails = 2
	w.clock.add(time.Minute)
	run = w.begin(src, true)
	w.finish(run)
	w.same("visits when it fails twice", map[string]int64{"same": 4, "error": 1}, w.visits(run))
	w.same("the listing stays", 1, len(w.search("智联")))
}

func TestVisitRobots(t *testing.T) {
	w := newWorld(t)
	s := w.site(discuztest.Style{Robots: "User-agent: *\nDisallow: /forum.php?mod=viewthread&tid=4\n"})
	w.board(s, 5)
	src := w.source(s, s.boardURL(), nil)
	run := w.crawl(src)
	w.same("visits", map[string]int64{"new": 5, "robots": 1}, w.visits(run))
	for _, p := range s.pages() {
		if p == "thread 4 page 1" {
			t.Error("a forbidden page was asked for")
		}
	}
	w.same("listings", 0, len(w.rows()))
	// Somebody took it upon themselves: the capture says who.
	src.Settings.RobotsIgnoredBy = "Li, SEC-9"
	w.must(w.Book.PutSource(t.Context(), src, w.Now()))
	w.clock.add(time.Minute)
	run = w.begin(src, true)
	w.finish(run)
	rows := w.rows()
	w.same("listings", 1, len(rows))
	for _, r := range rows {
		if info := w.records(r.Capture.Digest)["warcinfo"][0]; !bytes.Contains(info, []byte("Li, SEC-9")) {
			t.Errorf("warcinfo %s", info)
		}
	}
}

// When the budget's slot is far, the pages go back until then: nobody waits with
// a lease in hand, nothing is counted.
func TestVisitBudget(t *testing.T) {
	w := newWorld(t)
	s := w.site(discuztest.Style{})
	w.board(s, 8)
	src := w.source(s, s.boardURL(), func(c *casebook.Source) { c.Settings.Rate = market.DefaultRate })
	w.budget.left, w.budget.away = 4, 40*time.Second // robots, the list and two threads
	run := w.begin(src, false)
	for range 3 {
		_, errs := w.once(run)
		w.must(errors.Join(errs...))
	}
	w.same("requests", 3, len(s.asked()))
	p := w.progress(run)
	w.same("visits", map[string]int64{"new": 3}, w.visits(run))
	w.same("owed", int64(6), p.Open)
	if away := p.NextDue.Sub(w.Now()); away < 37*time.Second || away > 39*time.Second { // a little before the slot
		t.Errorf("due in %s, want 38 s", away)
	}
	asked := w.budget.asked
	w.once(run)
	w.same("asked the budget before its slot", asked, w.budget.asked)
	w.budget.left = -1
	w.finish(run)
	w.same("visits", map[string]int64{"new": 9}, w.visits(run))
	w.same("requests in all, none twice", 6, len(s.asked()))
}

func TestVisitRedirectsAndStrangers(t *testing.T) {
	w := newWorld(t)
	s := w.site(discuztest.Style{})
	w.board(s, 5)
	s.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		switch {
		case r.URL.Path == "/old-board":
			http.Redirect(rw, r, "/forum.php?mod=forumdisplay&fid=2", http.StatusMovedPermanently)
			return
		case r.URL.Query().Get("tid") == "3" && r.URL.Query().Get("mod") == "viewthread":
			http.Redirect(rw, r, "http://other.example.com/thread-3-1-1.html", http.StatusFound)
			return
		}
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		for k, v := range rec.Header() {
			rw.Header()[k] = v
		}
		// The last thread's row leads elsewhere.
		body := strings.ReplaceAll(rec.Body.String(), "forum.php?mod=viewthread&amp;tid=5&", "http://stranger.example.com/forum.php?mod=viewthread&amp;tid=5&")
		rw.WriteHeader(rec.Code)
		_, _ = rw.Write([]byte(body)) // the client may be gone
	})
	src := w.source(s, s.url+"old-board", nil)
	run := w.crawl(src)
	v := w.visits(run)
	if v["moved"] != 1 || v["new"] != 4 || len(v) != 3 { // the list and three threads; thread 3 is refused or an error
		t.Errorf("visits %v", v)
	}
	pages, err := w.Book.PagesOf(t.Context(), src.Name, "")
	w.must(err)
	for _, p := range pages {
		if p.Host != s.host {
			t.Errorf("a page of another host: %+v", p)
		}
	}
	w.same("listings", 1, len(w.rows()))
}

// Reading stops when the authority ends or the source is paused, in the middle
// of a visit too, and nobody waits for the rest.
func TestVisitStops(t *testing.T) {
	for name, stop := range map[string]func(w *world, src casebook.Source) error{
		"authority": func(w *world, src casebook.Source) error { w.clock.add(time.Hour); return nil },
		"paused": func(w *world, src casebook.Source) error {
			return w.Book.SetSourceState(w.Context(), src.Name, casebook.SourcePaused)
		},
		"removed": func(w *world, src casebook.Source) error {
			return w.Book.SetSourceState(w.Context(), src.Name, casebook.SourceRemoved)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.site(discuztest.Style{})
			w.board(s, 30)
			src := w.source(s, s.boardURL(), func(c *casebook.Source) { c.Settings.Authority.Until = w.Now().Add(30 * time.Minute) })
			n := 0
			s.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
				if n++; n == 4 { // robots, the list, two threads
					w.check(stop(w, src))
				}
				next.ServeHTTP(rw, r)
			})
			run := w.begin(src, false)
			w.finish(run)
			if got := len(s.asked()); got > 8 { // a batch of pages may have been at work
				t.Errorf("%d requests after it ended", got)
			}
			w.same("owed", int64(0), w.progress(run).Open)
			idle, err := w.Book.Idle(t.Context())
			w.must(err)
			w.same("idle", true, idle)
		})
	}
}
