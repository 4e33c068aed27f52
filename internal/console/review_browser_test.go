//go:build parts

package console_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"resumewatch/internal/casebook"
	"resumewatch/internal/console"
	"resumewatch/internal/console/passwords"
	"resumewatch/internal/index"
	"resumewatch/internal/market"
	"resumewatch/internal/search"
)

// strange are doubtful posts by strangers who would like to break a page.
type strange struct{ forgotten sync.Map }

func (s *strange) Show(_ context.Context, d casebook.Doubt) (console.DoubtText, bool, error) {
	r := market.Reading{Listing: market.Listing{Listing: true, Side: market.SideSell, Goods: []string{market.GoodsResumeData}}, Reasons: []market.Reason{{Code: "goods.vague", Text: "<b>\u202e" + longWord}}}
	r.Normalize()
	return console.DoubtText{Text: "<script>alert(1)</script>\u202e有料 " + longWord + "\n" + d.Item, Before: []string{"<img src=x onerror=alert(1)>", longWord}, After: []string{"\u0301\u0301\u0301"},
		Reading: r, Author: market.Author{ID: "1000012345", Name: longWord}, PlaceName: longWord}, true, nil
}

func (s *strange) Forget(_ context.Context, item string) error {
	s.forgotten.Store(item, true)
	return nil
}

var longWord = func() string {
	out := make([]byte, 300)
	for i := range out {
		out[i] = 'W'
	}
	return string(out)
}()

// A reviewer decides by keys alone, on a page that strangers can't break.
func TestReviewInABrowser(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 6, 1, 4, 0, 0, 0, time.UTC)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	book, err := casebook.OpenSQLite(t.Context(), filepath.Join(dir, "casebook.db"))
	must(err)
	t.Cleanup(func() { book.Close() })
	store, err := index.OpenSQLite(filepath.Join(dir, "index.db"), false)
	must(err)
	t.Cleanup(func() { store.Close() })
	const secret = "correct horse battery staple"
	phc, err := passwords.New(1).Hash(t.Context(), secret)
	must(err)
	must(book.AddUser(t.Context(), casebook.User{Name: "li", Role: casebook.RoleReviewer, Password: phc}, casebook.Act{At: now}))
	run, err := book.StartRun(t.Context(), "test", now)
	must(err)
	_, _, err = book.AddChunks(t.Context(), run, []casebook.Work{{ID: "unit", Source: "qq-1000045678", Payload: []byte(`{}`)}}, now)
	must(err)
	claim := casebook.Claim{ID: "unit", Generation: 1}
	_, err = book.ClaimWork(t.Context(), claim, now)
	must(err)
	l := casebook.Learnt{Work: claim, Run: run, Source: "qq-1000045678", At: now, Outcome: market.OutcomeNew}
	for i := range 5 {
		l.Doubtful = append(l.Doubtful, casebook.Doubtful{ID: fmt.Sprintf("post-%d", i), Place: "1000045678", TextDigest: fmt.Sprint(i), Print: uint64(i),
			Item: fmt.Sprintf("item-%d", i), Extractor: "5", Confidence: 0.6 - float64(i)/100, Reasons: []string{}})
	}
	_, err = book.Commit(t.Context(), l)
	must(err)

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(err)
	waits := &strange{}
	clock := func() time.Time { return now }
	c, err := console.New(console.Options{
		Book: book, Listen: listener.Addr().String(), Version: "test", Now: clock, Log: slog.New(slog.DiscardHandler),
		Rooms: console.Rooms{Searcher: search.Searcher{Book: book, Index: store, Now: clock}, Doubts: waits},
	})
	must(err)
	server := &httptest.Server{Listener: listener, Config: console.Server(c.Handler(), slog.New(slog.DiscardHandler))}
	server.Start()
	t.Cleanup(server.Close)

	b := openTab(t, server.URL, "zh-CN")
	b.visit("/login")
	b.do(chromedp.SendKeys(chromedp.CSS(`input[name=name]`), "li"), chromedp.SendKeys(chromedp.CSS(`input[name=password]`), secret+"\r"))
	b.wants("signed in", `document.querySelector('a[href="/review"]')`)
	for _, width := range []int64{1280, 390} {
		b.do(chromedp.EmulateViewport(width, 900))
		b.visit("/review")
		eval[int](b, `(() => { document.querySelectorAll("main details").forEach((d) => d.open = true); return 0 })()`)
		for _, bad := range eval[[]string](b, broken) {
			b.Errorf("%d wide: %s", width, bad)
		}
		b.clean(fmt.Sprint(width, " wide"))
	}
	b.visit("/review")
	b.press("a") // nothing is chosen yet
	b.press("jjk")
	b.wants("the first one is chosen", `document.querySelector("[data-row].current")?.id === "D-1"`)
	b.press("a")
	b.wants("accepted", `document.querySelector(".notice.good")?.textContent.includes("D-1") && document.readyState === "complete"`)
	b.press("jj")
	b.wants("the second one is chosen", `document.querySelector("[data-row].current")?.id === "D-3"`)
	b.press("r")
	b.wants("rejected", `document.querySelector(".notice.good")?.textContent.includes("D-3") && !document.getElementById("D-3") && document.getElementById("D-2")`)
	b.clean("deciding")
	for num, state := range map[int64]string{1: casebook.DoubtAccepted, 2: casebook.DoubtWaiting, 3: casebook.DoubtRejected} {
		if d, err := book.Doubt(t.Context(), num); err != nil || d.State != state {
			t.Errorf("D-%d: %+v, %v", num, d, err)
		}
	}
	if _, ok := waits.forgotten.Load("item-2"); !ok {
		t.Error("the rejected text stays")
	}
}
