package console_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/alerts/rules"
	"resumewatch/extractors"
	"resumewatch/extractors/fold"
	"resumewatch/extractors/neardup"
	"resumewatch/internal/casebook"
	"resumewatch/internal/console"
	"resumewatch/internal/index"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
	"resumewatch/internal/queue"
	"resumewatch/internal/search"
)

// room is a console over a book of its own, with a demo visitor.
type room struct {
	testing.TB
	book  *casebook.Book
	index index.Store
	shop  *jobs.Workshop
	now   time.Time
	queue func(context.Context, int) (queue.View, error) // what the console sees; nil: an error
	url   string
	units int
}

func newRoom(t testing.TB) *room {
	t.Helper()
	r := &room{TB: t, now: time.Date(2026, 6, 1, 4, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	var err error
	r.book, err = casebook.OpenSQLite(t.Context(), filepath.Join(dir, "casebook.db"))
	r.must(err)
	t.Cleanup(func() { r.book.Close() })
	r.index, err = index.OpenSQLite(filepath.Join(dir, "index.db"), false)
	r.must(err)
	t.Cleanup(func() { r.index.Close() })
	clock := func() time.Time { return r.now }
	words, err := extractors.New()
	r.must(err)
	r.shop = &jobs.Workshop{Book: r.book, Index: r.index, Extractor: words, Rules: rules.Builtin(), Now: clock, Log: slog.New(slog.DiscardHandler)}
	r.shop.Init(1)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	r.must(err)
	c, err := console.New(console.Options{
		Book: r.book, Listen: listener.Addr().String(), Demo: true, Version: "test", Now: clock, Log: slog.New(slog.DiscardHandler),
		Rooms: console.Rooms{
			Searcher: search.Searcher{Book: r.book, Index: r.index, Now: clock},
			Queue: func(ctx context.Context, n int) (queue.View, error) {
				if r.queue == nil {
					return queue.View{}, fmt.Errorf("no queue in this test")
				}
				return r.queue(ctx, n)
			},
		},
	})
	r.must(err)
	server := &httptest.Server{Listener: listener, Config: console.Server(c.Handler(), slog.New(slog.DiscardHandler))}
	server.Start()
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *room) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// said is a message of a group, so many minutes after the first of February.
func said(author string, minute int, text string) *market.Post {
	return &market.Post{
		Place: "1000045678", PlaceName: "人事交流群", Author: market.Author{Kind: market.AuthorUIN, ID: author, Name: "卖家" + author[len(author)-3:]},
		PostedAt: time.Date(2026, 2, 1, 0, minute, 0, 0, time.UTC), Text: text,
	}
}

// posted is the first post of a thread of a forum.
func posted(pid int, title, text string) *market.Post {
	p := said("1000091173", pid, title+"\n"+text)
	p.Place, p.Site, p.NativeID, p.Title = "https://bbs.example.com/forum-2-1.html", "https://bbs.example.com/", fmt.Sprintf("pid:%d", pid), title
	p.PlaceName, p.Author = "资源互换", market.Author{Kind: market.AuthorSite, ID: fmt.Sprint(pid), Name: "资源小王"}
	p.Permalink = fmt.Sprintf("https://bbs.example.com/thread-%d-1-1.html#pid%d", pid, pid)
	return p
}

// read is a post as the workshop would find it; change may make it stranger.
func (r *room) read(p *market.Post, change func(*casebook.Found)) casebook.Found {
	r.Helper()
	reading := r.shop.Extractor.Extract(p.Text, extractors.Options{AssumeListing: true})
	sum := sha256.Sum256([]byte(p.Text))
	folded := fold.Fold(p.Text)
	f := casebook.Found{
		Post: p, ID: p.ID(0), Masked: privacy.Mask(p.Text, reading.Masks), Title: p.Title, TextDigest: hex.EncodeToString(sum[:8]),
		Reading: reading, Sketch: neardup.Sketch(folded.Folded), Extractor: extractors.Version, Start: -1, State: market.PostUnknown,
	}
	if p.Permalink != "" {
		f.State = market.PostThere
	}
	if change != nil {
		change(&f)
	}
	return f
}

// learn commits posts as one unit of work of a source, groups and indexes them.
func (r *room) learn(source string, found ...casebook.Found) {
	r.Helper()
	r.learnAll(casebook.Learnt{Source: source, Outcome: market.OutcomeNew, Found: found})
}

func (r *room) learnAll(l casebook.Learnt) {
	r.Helper()
	ctx := r.Context()
	run, err := r.book.StartRun(ctx, "test", r.now)
	r.must(err)
	r.units++
	unit := casebook.Work{ID: fmt.Sprintf("unit-%d", r.units), Source: l.Source, Payload: []byte(`{}`)}
	_, _, err = r.book.AddChunks(ctx, run, []casebook.Work{unit}, r.now)
	r.must(err)
	l.Work = casebook.Claim{ID: unit.ID, Generation: 1}
	_, err = r.book.ClaimWork(ctx, l.Work, r.now)
	r.must(err)
	l.Run, l.At = run, r.now
	for i := range l.Found {
		if l.Found[i].Capture == "" && len(l.Captures) > 0 {
			l.Found[i].Capture = l.Captures[0].Digest
		}
	}
	_, err = r.book.Commit(ctx, l)
	r.must(err)
	r.settle()
}

// settle groups and indexes what waits.
func (r *room) settle() {
	r.Helper()
	ctx := r.Context()
	lead, ok, err := r.book.TakeLease(ctx, "leader", "test", r.now, time.Hour)
	r.must(err)
	if !ok {
		r.Fatal("somebody else leads")
	}
	for n := 1; n > 0; {
		n, err = r.shop.GroupStep(ctx, lead)
		r.must(err)
	}
	for n := 1; n > 0; {
		n, err = r.shop.IndexStep(ctx)
		r.must(err)
	}
}

func (r *room) source(s casebook.Source) {
	r.Helper()
	s.State = casebook.SourceActive
	r.must(r.book.PutSource(r.Context(), s, r.now))
}

// market fills the room with a small trade: sellers of a group and of a board.
func (r *room) market() {
	r.Helper()
	r.source(casebook.Source{Name: "qq-1000045678", Kind: "archive", URL: "file:人事交流群.txt", Settings: casebook.SourceSettings{Authority: market.Authority{Why: "archive handed over"}}})
	r.source(casebook.Source{Name: "example-board", Kind: "discuz", URL: "https://bbs.example.com/forum-2-1.html", Watch: true, Settings: casebook.SourceSettings{
		Authority: market.Authority{Why: "own-brand monitoring, ticket SEC-104", Until: r.now.AddDate(0, 0, 9)}, Rate: market.DefaultRate}})
	sum := func(s string) string { d := sha256.Sum256([]byte(s)); return hex.EncodeToString(d[:]) }
	r.learnAll(casebook.Learnt{
		Source: "qq-1000045678", Outcome: market.OutcomeNew,
		Captures: []casebook.Capture{{Digest: sum("plain"), SealedDigest: sum("sealed"), File: "2026/02/chat.warc.gz.age", Offset: 0, Length: 4096, Kind: "archive", URL: "file:人事交流群.txt", At: r.now, Source: "qq-1000045678"}},
		Found: []casebook.Found{
			r.read(said("1000011111", 10, "出智联简*历，一手，现货3万条，2元一条，100条起 QQ1000012345"), nil),
			r.read(said("1000011111", 20, "出智联简*历，一手，现货3万条，2元一条，100条起 QQ1000012345"), nil),
			r.read(said("1000022222", 30, "收51简歷，二手，2毛以内，要8千份，QQ1000062778"), nil),
			r.read(said("1000033333", 40, "BOSS企业号出租，一个月800，微信 example_wx_01"), nil),
		},
		Problems: []market.Problem{{Source: "qq-1000045678", File: "人事交流群.txt", Line: 12, Byte: 345, Reason: "a head without a time"}},
	})
	r.learn("example-board", r.read(posted(7, "猎聘简历代下", "猎聘简历代下载，3块一份，当天出\n电报 @example_seller01"), nil))
}

// get asks for a page as a browser would, without following redirects.
func (r *room) get(path string, change ...func(*http.Request)) (status int, body string, head http.Header) {
	r.Helper()
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, r.url+path, http.NoBody)
	r.must(err)
	req.Header.Set("Accept-Language", "zh-CN")
	for _, f := range change {
		f(req)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	r.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	r.must(err)
	return res.StatusCode, strings.ReplaceAll(string(text), "&#43;", "+"), res.Header // html/template escapes every plus
}

func inEnglish(req *http.Request) { req.Header.Set("Accept-Language", "en") }

// page is the body of a page that must be there.
func (r *room) page(path string, change ...func(*http.Request)) string {
	r.Helper()
	status, body, _ := r.get(path, change...)
	if status != http.StatusOK {
		r.Fatalf("%s: %d\n%s", path, status, body)
	}
	return body
}

// holds complains about parts that a page lacks.
func (r *room) holds(path, body string, parts ...string) {
	r.Helper()
	for _, p := range parts {
		if !strings.Contains(body, p) {
			_, main, _ := strings.Cut(body, "<main")
			r.Errorf("%s: %q is missing in\n%.4000s", path, p, main)
		}
	}
}

// offer is the id of the one offer that a query finds.
func (r *room) offer(query string) string {
	r.Helper()
	s := search.Searcher{Book: r.book, Index: r.index, Now: func() time.Time { return r.now }}
	plan, err := s.Plan(r.Context(), search.Request{Query: query})
	r.must(err)
	rows, _, err := s.Page(r.Context(), plan, nil, 1)
	r.must(err)
	if len(rows) != 1 || rows[0].OfferID == "" {
		r.Fatalf("%s finds no offer: %+v", query, rows)
	}
	return rows[0].OfferID
}
