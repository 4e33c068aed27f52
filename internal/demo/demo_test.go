package demo

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"resumewatch/crawlers/forum"
	"resumewatch/internal/market"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func look(t *testing.T, client *http.Client, addr string) forum.Reading {
	t.Helper()
	res, err := client.Get(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	p, err := forum.Parse(res.Request.URL, res.StatusCode, res.Header, raw, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), nil)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := forum.Detect(p)
	if e == nil {
		t.Fatalf("%s: no engine", addr)
	}
	r, err := e.Read(p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// walk reads the whole forum and returns its posts by id.
func walk(t *testing.T, root string) map[string]market.Post {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	posts := map[string]market.Post{}
	for _, b := range look(t, client, root).Boards {
		for next := b.URL; next != ""; {
			list := look(t, client, next)
			for _, th := range list.Threads {
				for page := th.URL; page != ""; {
					r := look(t, client, page)
					for _, p := range r.Posts {
						posts[p.ID(0)] = p
					}
					page = r.Next
				}
			}
			next = list.Next
		}
	}
	return posts
}

func TestBoardIsTheSameAfterARestart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	addr, stop, err := Board(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	first := walk(t, addr)
	want := 0
	for _, th := range threads {
		want += len(th.posts)
	}
	if len(first) != want {
		t.Errorf("%d posts read, %d written", len(first), want)
	}
	stop()
	stop()
	u, _ := url.Parse(addr)
	port, _ := strconv.Atoi(u.Port())
	again, stop2, err := Board(ctx, port)
	if err != nil {
		t.Fatal(err)
	}
	if again != addr {
		t.Fatalf("the port was free and not taken: %s, then %s", addr, again)
	}
	if diff := cmp.Diff(first, walk(t, again)); diff != "" {
		t.Errorf("after a restart: %s", diff)
	}
	other, stop3, err := Board(ctx, port)
	if err != nil || other == again {
		t.Errorf("a taken port: %s, %v", other, err)
	}
	stop3()
	cancel()
	stop2()
}

func TestArchive(t *testing.T) {
	dir := t.TempDir() + "/new"
	path, group, err := Archive(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if group != GroupID || len(a) < 100_000 || strings.Count(string(a), "\r\n\r\n") < messages/2 {
		t.Errorf("group %s, %d bytes", group, len(a))
	}
	if again, _, err := Archive(dir); err != nil || again != path {
		t.Errorf("a second time: %s, %v", again, err)
	}
	other, _, err := Archive(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(other); err != nil || string(a) != string(b) {
		t.Errorf("another machine gets other bytes (%v)", err)
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}
