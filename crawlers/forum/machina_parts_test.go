//go:build parts

package forum_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"resumewatch/crawlers/forum"
	"resumewatch/internal/market"
)

// These tests look at a real django-machina, started by
// deploy/testparts/machina/start; RESUMEWATCH_MACHINA_URL is its index.

func visit(t *testing.T, addr string) (forum.Reading, forum.Page) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 10<<20))
	if err != nil {
		t.Fatal(err)
	}
	p, err := forum.Parse(res.Request.URL, res.StatusCode, res.Header, raw, time.Now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := forum.Machina{}.Read(p)
	if err != nil {
		t.Fatal(err)
	}
	return r, p
}

func index(t *testing.T) string {
	t.Helper()
	u := os.Getenv("RESUMEWATCH_MACHINA_URL")
	if _, err := url.Parse(u); err != nil || u == "" {
		t.Fatal("RESUMEWATCH_MACHINA_URL is not set: run deploy/testparts/machina/start")
	}
	return u
}

// The whole forum is walked as a crawl would, from the index to every post.
func TestMachinaWhole(t *testing.T) {
	root := index(t)
	front, page := visit(t, root)
	if e, sure := forum.Detect(page); e == nil || e.Name() != "machina" || sure < 0.8 {
		t.Errorf("index taken for %v (%.2f)", e, sure)
	}
	if front.Kind != forum.KindIndex {
		t.Fatalf("index: %+v", front)
	}
	boards := map[string]string{}
	threads := map[string]forum.Thread{}
	posts := map[string]market.Post{}
	waiting := front.Boards
	for len(waiting) > 0 {
		b := waiting[0]
		waiting = waiting[1:]
		if _, known := boards[b.ID]; known {
			continue
		}
		boards[b.ID] = b.Title
		for next, pages := b.URL, 0; next != ""; pages++ {
			r, p := visit(t, next)
			if r.Kind != forum.KindBoard || r.Outcome != "" || r.PageNo != pages+1 || len(r.Problems) > 0 {
				t.Fatalf("%s: %+v", next, r)
			}
			if e, _ := forum.Detect(p); e == nil || e.Name() != "machina" {
				t.Errorf("%s is not recognised", next)
			}
			waiting = append(waiting, r.Boards...)
			for _, th := range r.Threads {
				threads[th.ID] = th
			}
			next = r.Next
		}
	}
	multi := 0
	for _, th := range threads {
		if th.CreatedAt.IsZero() || th.LastPostAt.Before(th.CreatedAt) || th.Author == "" || th.AuthorID == "" {
			t.Errorf("row: %+v", th)
		}
		n := 0
		for next := th.URL; next != ""; {
			r, _ := visit(t, next)
			if r.Kind != forum.KindThread || r.Outcome != "" || len(r.Problems) > 0 || r.Thread.Title != th.Title {
				t.Fatalf("%s: %+v", next, r)
			}
			if r.PageNo > 1 {
				multi++
			}
			for i, p := range r.Posts {
				if _, twice := posts[p.NativeID]; twice {
					t.Errorf("%s stands on two pages", p.NativeID)
				}
				if p.PostedAt.IsZero() || p.Text == "" || p.Author.Name == "" || (p.Title != "") != (r.PageNo == 1 && i == 0) {
					t.Errorf("post: %+v", p)
				}
				posts[p.NativeID] = p
				n++
			}
			next = r.Next
		}
		if n != th.Replies+1 {
			t.Errorf("%s: %d posts, the list says %d replies", th.Title, n, th.Replies)
		}
	}
	if len(boards) < 5 || len(threads) < 29 || len(posts) < 70 || multi == 0 {
		t.Errorf("%d boards, %d threads, %d posts, %d further pages", len(boards), len(threads), len(posts), multi)
	}
	for id, title := range boards {
		if title == "管理区" {
			t.Errorf("board %s is for moderators only", id)
		}
	}
	found := map[string]bool{}
	for _, p := range posts {
		switch {
		case strings.HasPrefix(p.Text, "出智联简历"):
			found["listing"] = true
			if p.Text != "出智联简历，一手，现货3万条，2元一条，100条起。\n加QQ 1000012345，先看样后付款。" || p.PlaceName != "资源互换" {
				t.Errorf("listing: %q in %s", p.Text, p.PlaceName)
			}
		case strings.Contains(p.Text, "别买，骗子"):
			found["quote"] = true
			if p.Text != "> 出智联简历，一手，现货3万条，2元一条\n别买，骗子，付款就拉黑" {
				t.Errorf("quote: %q", p.Text)
			}
		case strings.Contains(p.Text, "example_wx_01"):
			found["underscores"] = true
		}
		if !strings.Contains(p.Permalink, "?post="+strings.TrimPrefix(p.NativeID, "pid:")) {
			t.Errorf("permalink of %s: %s", p.NativeID, p.Permalink)
		}
	}
	if len(found) != 3 {
		t.Errorf("found only %v", found)
	}
}

func TestMachinaTimesAreShanghai(t *testing.T) {
	r, _ := visit(t, index(t)+"forum/f-0/topic/t-1/")
	if len(r.Posts) == 0 {
		t.Fatalf("%+v", r)
	}
	if got := r.Posts[0].PostedAt.Format(time.RFC3339); got != "2026-10-08T02:58:00+08:00" {
		t.Errorf("first post at %s", got)
	}
	if r.Canonical != index(t)+"forum/f-0/topic/t-1/" || r.LastPage != 2 {
		t.Errorf("key %s of %d pages", r.Canonical, r.LastPage)
	}
}

func TestMachinaRefusals(t *testing.T) {
	for path, want := range map[string]market.Outcome{
		"forum/x-999/":            market.OutcomeGone,
		"forum/f-0/topic/t-9999/": market.OutcomeGone,
		"forum/guanli-6/":         market.OutcomeLoginWall,
	} {
		if r, _ := visit(t, index(t)+path); r.Outcome != want || r.Kind != forum.KindMessage {
			t.Errorf("%s: %s %s %s", path, r.Kind, r.Outcome, r.Detail)
		}
	}
}

// A permalink shows the page that holds the post; the key is that page's.
func TestMachinaPermalink(t *testing.T) {
	r, _ := visit(t, index(t)+"forum/f-0/topic/t-1/?post=7")
	if r.PageNo != 2 || !strings.HasSuffix(r.Canonical, "t-1/?page=2") {
		t.Errorf("page %d, key %s", r.PageNo, r.Canonical)
	}
}
