package jobs_test

import (
	"strings"
	"testing"
	"time"

	"resumewatch/crawlers/forum/discuztest"
	"resumewatch/internal/casebook"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
)

const doubtedPost = "存疑 老样子 有料 智联的 2一份 要的加 1000012345"

// doubtBoard is a board with one thread, whose second post leaves the extractor in doubt.
func (w *world) doubtBoard() (*site, casebook.Source) {
	w.Helper()
	s := w.site(discuztest.Style{})
	s.AddBoard(discuztest.Board{ID: 2, Name: "资源互换", Category: "交流"})
	s.AddThread(discuztest.Thread{ID: 7, Board: 2, Title: "闲聊", Posts: []*discuztest.Post{
		{ID: 100, Author: bob, At: w.Now().Add(-3 * time.Hour), Text: "今天吃什么"},
		{ID: 101, Author: ann, At: w.Now().Add(-2 * time.Hour), Text: doubtedPost},
		{ID: 102, Author: bob, At: w.Now().Add(-time.Hour), Text: "路过"},
	}})
	return s, w.source(s, s.boardURL(), nil)
}

// recrawl looks at every known page again.
func (w *world) recrawl(src casebook.Source) {
	w.Helper()
	w.clock.add(time.Hour)
	w.finish(w.begin(src, true))
}

// A doubtful post of a page waits with the page; accepted, it stands there until it goes.
func TestDoubtOnPage(t *testing.T) {
	w, sp := doubtWorld(t)
	s, src := w.doubtBoard()
	w.crawl(src)
	all := w.doubts(casebook.DoubtWaiting)
	if len(all) != 1 || all[0].Source != src.Name {
		t.Fatalf("waiting: %+v", all)
	}
	w.items(sp, 1)
	text, err := sp.Get(t.Context(), all[0].Item)
	w.must(err)
	item, err := jobs.ParseDoubt(text)
	w.must(err)
	if shown := item.Show(w.Extractor); len(shown.Before) != 1 || len(shown.After) != 1 || shown.Permalink == "" || item.State != market.PostThere {
		t.Errorf("item: %+v", shown)
	}
	w.recrawl(src)
	w.same("waiting", 1, len(w.doubts(casebook.DoubtWaiting)))
	w.items(sp, 1)

	d := w.accept(all[0].Num, casebook.Decision{})
	rows, err := w.Book.Rows(t.Context(), []string{d.Post})
	w.must(err)
	if len(rows) != 1 || rows[0].State != market.PostThere || !strings.Contains(rows[0].Text, "智联的") || rows[0].Permalink == "" {
		t.Fatalf("accepted: %+v", rows)
	}
	if got := w.records(rows[0].Capture.Digest); len(got["response"]) != 1 || len(got["request"]) != 1 {
		t.Errorf("its capture: %d records", len(got))
	}
	before := w.dump()
	w.recrawl(src)
	w.same("dump after another visit", before, w.dump())
	// What a person decided of these words says nothing about others.
	w.must(s.Change(101, func(p *discuztest.Post) { p.Text = "没事了" }))
	w.recrawl(src)
	rows, err = w.Book.Rows(t.Context(), []string{d.Post})
	w.must(err)
	if rows[0].Live || rows[0].State != market.PostChanged {
		t.Errorf("edited: %+v", rows[0])
	}
	// Another advert in its place waits anew.
	w.must(s.Change(101, func(p *discuztest.Post) { p.Text = doubtedPost + " 新" }))
	w.recrawl(src)
	if all := w.doubts(casebook.DoubtWaiting); len(all) != 1 || all[0].Post != d.Post {
		t.Errorf("edited again: %+v", w.doubts(""))
	}
	w.items(sp, 1)
}

// A post that is edited while it waits is what it is now; one that is harmless waits no more.
func TestDoubtEdited(t *testing.T) {
	w, sp := doubtWorld(t)
	s, src := w.doubtBoard()
	w.crawl(src)
	was := w.doubts("")[0]
	w.must(s.Change(101, func(p *discuztest.Post) { p.Text = doubtedPost + " 改" }))
	w.recrawl(src)
	if all := w.doubts(""); len(all) != 1 || all[0].Post != was.Post || all[0].Item == was.Item {
		t.Errorf("edited: %+v", all)
	}
	w.items(sp, 1)
	w.must(s.Change(101, func(p *discuztest.Post) { p.Text = "没事了" }))
	w.recrawl(src)
	w.same("waiting", 0, len(w.doubts("")))
	w.items(sp, 0)
}

// What an earlier version took for a listing and this one is in doubt of waits, with the
// capture that there is.
func TestDoubtReread(t *testing.T) {
	w, sp := doubtWorld(t)
	plainly := w.Extractor.(unsure).Reader
	w.Extractor = words{plainly, "4", "", "存疑"}
	_, src := w.doubtBoard()
	w.crawl(src)
	w.reads("a.txt")
	w.same("listings", 2, len(w.rows()))
	w.Extractor = unsure{Reader: plainly, version: "5"}
	w.reread()
	live := 0
	for _, r := range w.rows() {
		if r.Live {
			live++
		}
	}
	w.same("listings", 0, live)
	all := w.doubts(casebook.DoubtWaiting)
	w.same("waiting", 2, len(all))
	w.items(sp, 2)
	captures := 0
	w.must(w.Book.Captures(t.Context(), 0, func(casebook.Capture) error { captures++; return nil }))
	for _, d := range all {
		w.accept(d.Num, casebook.Decision{})
		rows, err := w.Book.Rows(t.Context(), []string{d.Post})
		w.must(err)
		if len(rows) != 1 || !rows[0].Live || rows[0].Capture.File == "" {
			t.Errorf("accepted: %+v", rows)
		}
	}
	w.must(w.Book.Captures(t.Context(), 0, func(casebook.Capture) error { captures--; return nil }))
	w.same("captures more", 0, captures)
	before := w.dump()
	w.reread()
	w.same("dump after reading once more", before, w.dump())
	w.items(sp, 0)
}
