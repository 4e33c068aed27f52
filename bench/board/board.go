// Package board is an invented forum for crawls that are measured or disturbed:
// its pages say the same at every visit, and serving them costs next to nothing.
package board

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"resumewatch/crawlers/forum/discuztest"
)

// Of the forum that Threads and Pages count in.
const (
	perList        = 20 // threads on a page of a list
	perThread      = 5  // posts on a page of a thread
	postsPerThread = 8  // on two pages
)

// Site is a forum of 3 boards.
type Site struct {
	Threads int

	site     *discuztest.Site
	pages    sync.Map // by what is asked for: *page
	requests atomic.Int64
}

type page struct {
	once   sync.Once
	status int
	header http.Header
	body   []byte
}

var boards = []string{"职场闲聊", "资源互换", "求职招聘"}

// New makes a forum of about so many pages, at least 24 of threads. The same seed
// gives the same forum.
func New(pages int, seed uint64) *Site {
	// The forum's clock stands still: its pages are the same on every visit.
	clock := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	s := discuztest.New(discuztest.Style{Name: "示例论坛", PlainTimes: true, PerList: perList, PerThread: perThread, Robots: "404"}, func() time.Time { return clock })
	for i, name := range boards {
		s.AddBoard(discuztest.Board{ID: i + 1, Name: name, Category: "示例"})
	}
	rnd := rand.New(rand.NewPCG(seed, 7))
	// A thread has two pages and takes a twentieth of a list's.
	threads := max(pages*perList/(2*perList+1), 12)
	for i := range threads {
		at := clock.Add(-time.Duration(threads-i) * 17 * time.Minute)
		t := discuztest.Thread{Board: 1 + i%len(boards), Title: fmt.Sprintf("第%d帖", i+1), Views: i}
		for j := range postsPerThread {
			t.Posts = append(t.Posts, &discuztest.Post{
				Author: discuztest.User{ID: 101 + rnd.IntN(40), Name: fmt.Sprintf("会员%d", 1+rnd.IntN(40))},
				At:     at.Add(time.Duration(j) * time.Minute), Text: say(rnd, i, j),
			})
		}
		s.AddThread(t)
	}
	return &Site{Threads: threads, site: s}
}

// say is a post: an offer in every third thread's first one, and now and then in a reply.
func say(rnd *rand.Rand, thread, post int) string {
	if post == 0 && thread%3 == 0 || rnd.IntN(40) == 0 {
		return fmt.Sprintf("出%s简历，一手，现货%d万条，%d元一条，%d条起。\n加QQ %d，先看样。",
			[]string{"智联", "猎聘", "前程无忧", "58"}[rnd.IntN(4)], 1+rnd.IntN(30), 1+rnd.IntN(5), 100*(1+rnd.IntN(5)), 1000010000+rnd.IntN(60))
	}
	return fmt.Sprintf("%s（%d-%d）", []string{"今天天气不错", "有人一起吃饭吗", "面试通过了，谢谢大家", "地铁又晚点", "简历怎么写比较好？"}[rnd.IntN(5)], thread, post)
}

// Warm makes all pages now, so that no crawl waits for one.
func (s *Site) Warm() {
	ask := func(query string) {
		s.page(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/forum.php", RawQuery: query}})
	}
	ask("")
	for b := range boards {
		rows := (s.Threads + len(boards) - 1 - b) / len(boards)
		for n := 1; n <= max(1, (rows+perList-1)/perList); n++ {
			ask(fmt.Sprintf("mod=forumdisplay&fid=%d&page=%d", b+1, n))
		}
	}
	for t := range s.Threads {
		for n := 1; n <= (postsPerThread+perThread-1)/perThread; n++ {
			ask(fmt.Sprintf("mod=viewthread&tid=%d&page=%d", t+1, n))
		}
	}
}

// Requests is how many requests came.
func (s *Site) Requests() int64 { return s.requests.Load() }

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	p := s.page(r)
	for k, v := range p.header {
		w.Header()[k] = v
	}
	w.WriteHeader(p.status)
	_, _ = w.Write(p.body) // the client may have been killed
}

// page is the answer to a request, made once: all that an answer depends on here
// is in these parts of the address.
func (s *Site) page(r *http.Request) *page {
	q := r.URL.Query()
	path := r.URL.Path
	if path == "/" || path == "/index.php" {
		path = "/forum.php"
	}
	n := max(1, number(q.Get("page")))
	key := fmt.Sprint(path, " ", q.Get("mod"), " ", q.Get("fid"), " ", q.Get("tid"), " ", q.Get("orderby"), " ", n)
	got, _ := s.pages.LoadOrStore(key, &page{})
	p := got.(*page)
	p.once.Do(func() {
		rec := httptest.NewRecorder()
		s.site.ServeHTTP(rec, r)
		p.status, p.header, p.body = rec.Code, rec.Header(), rec.Body.Bytes()
	})
	return p
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// Start serves the forum on a loopback port, 0 is any. stop may be called more
// than once.
func (s *Site) Start(ctx context.Context, port int) (address *url.URL, stop func(), err error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, nil, fmt.Errorf("board: %w", err)
	}
	srv := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	var done sync.WaitGroup
	done.Go(func() {
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			_ = ln.Close() // whoever crawls sees that nobody is there
		}
	})
	return &url.URL{Scheme: "http", Host: ln.Addr().String(), Path: "/"}, func() { _ = srv.Close(); done.Wait() }, nil
}
