package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"resumewatch/crawlers/forum/discuztest"
)

func readDirOrNone(dir string) (int, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	return len(entries), err
}

func board(t *testing.T, style discuztest.Style) (site *discuztest.Site, address, host string) {
	t.Helper()
	site, address, stop := newBoard(func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}, style)
	t.Cleanup(stop)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return site, address, u.Host
}

// impatient is a configuration with limits that a test can wait for.
func impatient(t *testing.T, dir string) {
	t.Helper()
	text := "data: ./data\nfetch: {first_byte: 400ms, total: 1500ms}\n"
	if err := os.WriteFile(filepath.Join(dir, "conf.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func crawl(t *testing.T, dir string, code int, hosts []string, args ...string) (summary, string) {
	t.Helper()
	all := []string{"crawl", "--json", "--config", "conf.yaml", "--rate", "0"}
	for _, h := range hosts {
		all = append(all, "--allow-private", h)
	}
	out, errs := rw(t, dir, code, append(all, args...)...)
	if strings.Count(out, "\n") != 1 {
		t.Fatalf("not one document: %q", out)
	}
	return summaryOf(t, out), errs
}

// A forum's address means all its boards; a second look brings nothing; what is
// new, edited and deleted is noticed.
func TestCrawlBoardWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	impatient(t, dir)
	site, address, host := board(t, discuztest.Style{Jammer: true})
	s, errs := crawl(t, dir, 0, []string{host}, address)
	if s.Posts != 42 || s.Duplicates != 0 || s.Listings != 2 || s.Offers != 2 || s.Alerts != 1 || len(s.Problems) > 0 || errs != "" {
		t.Fatalf("%+v %s", s, errs)
	}
	before := len(site.Requests())
	s, _ = crawl(t, dir, 0, []string{host}, address)
	if s.Posts != 0 || s.Listings != 0 || s.Alerts != 0 || s.Visits["new"] != 0 {
		t.Errorf("second crawl: %+v", s)
	}
	if n := len(site.Requests()) - before; n > 6 {
		t.Errorf("second crawl asked %d times, of index, boards and robots.txt: %v", n, site.Requests()[before:])
	}

	// A reply, an edit and a deletion.
	if _, err := site.Reply(1, discuztest.Post{Author: discuztest.User{ID: 300, Name: "新人"}, At: time.Now().Add(-time.Minute), Text: "出51job简历，1元一条，加QQ 1000012388"}); err != nil {
		t.Fatal(err)
	}
	first := search(t, dir, "qq:1000012345")
	if len(first) != 1 || first[0].State != "there" || first[0].Permalink == "" || first[0].Place == "" {
		t.Fatalf("%+v", first)
	}
	if err := site.ChangeThread(4, func(th *discuztest.Thread) {
		th.Posts[0].Text, th.Posts[0].Edited = strings.Replace(advert, "2元", "3元", 1), time.Now()
	}); err != nil {
		t.Fatal(err)
	}
	if err := site.ChangeThread(10, func(th *discuztest.Thread) { th.Deleted = true }); err != nil {
		t.Fatal(err)
	}
	s, _ = crawl(t, dir, 0, []string{host}, "--again", address)
	if s.Posts != 1 || s.Listings < 1 || s.Visits["gone"] != 1 || s.Visits["changed"] < 2 {
		t.Errorf("after the changes: %+v", s)
	}
	if hits := search(t, dir, "qq:1000012388"); len(hits) != 1 {
		t.Errorf("reply: %+v", hits)
	}
	if hits := search(t, dir, "qq:1000012345"); len(hits) != 1 || hits[0].Revision != 1 || hits[0].Listing.Prices[0].Amount != "3" || hits[0].Capture.Digest == first[0].Capture.Digest {
		t.Errorf("edit: %+v", hits)
	}
	if hits := search(t, dir, "wechat:example_wx_77"); len(hits) != 1 || hits[0].State != "gone" {
		t.Errorf("deletion: %+v", hits)
	}
	// A single post deleted in the midst of its thread.
	if err := site.ChangeThread(1, func(th *discuztest.Thread) { th.Posts[len(th.Posts)-1].Deleted = true }); err != nil {
		t.Fatal(err)
	}
	crawl(t, dir, 0, []string{host}, "--again", address)
	if hits := search(t, dir, "qq:1000012388"); len(hits) != 1 || hits[0].State != "gone" {
		t.Errorf("deletion of a post: %+v", hits)
	}
	rw(t, dir, 0, "evidence", "verify")
	rw(t, dir, 0, "reindex", "--check")
	rw(t, dir, 0, "doctor")
}

// found is what these tests look at of a hit.
type found struct {
	ID        string `json:"listing_id"`
	State     string `json:"state"`
	Place     string `json:"place"`
	Permalink string `json:"permalink"`
	Revision  int    `json:"revision"`
	Text      string `json:"text"`
	Listing   struct {
		Prices []struct {
			Amount string `json:"amount"`
		} `json:"prices"`
	} `json:"listing"`
	Capture struct {
		Digest string `json:"digest"`
	} `json:"capture"`
}

func search(t *testing.T, dir string, query ...string) []found {
	t.Helper()
	out, _ := rw(t, dir, 0, append([]string{"search", "--json", "--limit", "0"}, query...)...)
	var hits []found
	for line := range strings.Lines(out) {
		var h found
		if err := json.Unmarshal([]byte(line), &h); err != nil {
			t.Fatal(err)
		}
		hits = append(hits, h)
	}
	return hits
}

// One page of the list, one thread, an engine by name, budgets.
func TestCrawlParts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	impatient(t, dir)
	site, address, host := board(t, discuztest.Style{Rewrite: true, PerList: 5, Charset: "gbk"})
	s, _ := crawl(t, dir, 0, []string{host}, "--pages", "1", address+"forum-2-1.html")
	if s.Posts != 15 {
		t.Errorf("first page of the list: %+v", s)
	}
	if i := slices.IndexFunc(site.Requests(), func(r string) bool { return strings.Contains(r, "forum-2-2") }); i >= 0 {
		t.Error("page 2 was asked for")
	}
	s, _ = crawl(t, dir, 0, []string{host}, "--engine", "discuz", address+"thread-4-1-1.html")
	if s.Posts != 3 || s.Listings != 1 || s.Alerts != 1 {
		t.Errorf("thread: %+v", s)
	}

	// A budget of one request in 700 ms: robots.txt, then the thread.
	began := time.Now()
	out, _ := rw(t, dir, 0, "crawl", "--json", "--rate", "1/700ms", "--allow-private", host, address+"thread-10-1-1.html")
	if took := time.Since(began); took < 700*time.Millisecond || summaryOf(t, out).Posts != 3 {
		t.Errorf("took %s: %s", took, out)
	}
}

// hostile is a host that behaves badly.
type hostile struct {
	name    string
	serve   http.HandlerFunc
	outcome string
	reason  string // in the problem
}

func hostiles() []hostile {
	bomb := gzipBomb(200)
	page := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	}
	return []hostile{
		{"drips", func(w http.ResponseWriter, r *http.Request) {
			page(w)
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, "<p>") // until the client has had enough
				_ = http.NewResponseController(w).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		}, "error", ""},
		{"never answers", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "error", ""},
		{"100 MB", func(w http.ResponseWriter, _ *http.Request) {
			page(w)
			block := []byte(strings.Repeat("<p>今天天气不错</p>", 4000))
			for n := 0; n < 100_000_000; n += len(block) {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}, "too_large", ""},
		{"gzip bomb", func(w http.ResponseWriter, _ *http.Request) {
			page(w)
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb) // the client may have gone
		}, "too_large", ""},
		{"circle", func(w http.ResponseWriter, r *http.Request) {
			n := len(r.URL.Query().Get("n"))
			http.Redirect(w, r, "/thread-1-1-1.html?n="+strings.Repeat("x", (n+1)%3), http.StatusFound)
		}, "error", "redirect"},
		{"metadata", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
		}, "error", "169.254.169.254"},
		{"other private", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://[::1]:1/", http.StatusFound)
		}, "error", "::1"},
		{"to a file", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}, "error", "file"},
		{"breaks off", func(w http.ResponseWriter, _ *http.Request) {
			page(w)
			w.Header().Set("Content-Length", "5000")
			_, _ = io.WriteString(w, "<html><title>") // then nothing
			panic(http.ErrAbortHandler)
		}, "error", ""},
		{"endless head", func(w http.ResponseWriter, _ *http.Request) {
			for i := range 2000 {
				w.Header().Add(fmt.Sprintf("X-%d", i), strings.Repeat("h", 1000))
			}
			page(w)
		}, "too_large", "head"},
		{"forbids", func(http.ResponseWriter, *http.Request) {}, "robots", "robots"},
		{"wants a login", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, "login_wall", ""},
		{"refuses", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }, "blocked", "429"},
		{"has nothing", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, "gone", ""},
		{"is broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, "error", "500"},
		{"is no forum", func(w http.ResponseWriter, _ *http.Request) {
			page(w)
			_, _ = io.WriteString(w, "<html><title>x</title><body>hello</body></html>")
		}, "unreadable", ""},
		{"is a picture", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write([]byte("\x89PNG\r\n\x1a\n\x00\x00"))
		}, "unreadable", ""},
	}
}

// gzipBomb is so many MiB of zeros, packed beforehand: a server that packs while
// it serves would be too slow to be one.
func gzipBomb(size int) []byte {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	block := make([]byte, 1<<20)
	for range size {
		_, _ = zip.Write(block) // a buffer doesn't fail
	}
	_ = zip.Close()
	return packed.Bytes()
}

// Whatever a host does: the visit ends in time, one line tells, the exit code is
// 1, and what was asked for beside it is done.
func TestHostileHosts(t *testing.T) {
	t.Parallel()
	for _, h := range hostiles() {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			impatient(t, dir)
			_, good, goodHost := board(t, discuztest.Style{Rewrite: true})
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					if h.outcome == "robots" {
						_, _ = io.WriteString(w, "User-agent: *\nDisallow: /\n")
						return
					}
					w.WriteHeader(http.StatusNotFound)
					return
				}
				h.serve(w, r)
			}))
			t.Cleanup(srv.Close)
			host := strings.TrimPrefix(srv.URL, "http://")
			began := time.Now()
			s, errs := crawl(t, dir, 1, []string{host, goodHost}, srv.URL+"/thread-1-1-1.html", good+"thread-4-1-1.html")
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
			if s.Visits[h.outcome] != 1 || len(s.Problems) != 1 || !strings.Contains(s.Problems[0].Reason, h.reason) || !strings.Contains(s.Problems[0].File, host) {
				t.Errorf("want one %s with %q: %+v", h.outcome, h.reason, s)
			}
			if s.Posts != 3 || s.Listings != 1 {
				t.Errorf("the good thread: %+v", s)
			}
			if strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "resumewatch: ") {
				t.Errorf("stderr: %q", errs)
			}
			rw(t, dir, 0, "evidence", "verify")
		})
	}
}

// Addresses that must not be dialled: without --allow-private, loopback too.
func TestPrivateAddressWithoutLeave(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	impatient(t, dir)
	site, address, host := board(t, discuztest.Style{})
	out, errs := rw(t, dir, 1, "crawl", "--json", address)
	if s := summaryOf(t, out); s.Visits["error"] != 1 || s.Posts != 0 || len(s.Problems) != 1 {
		t.Errorf("%+v", s)
	}
	if strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "127.0.0.1") {
		t.Errorf("stderr: %q", errs)
	}
	rw(t, dir, 1, "source", "test", address)
	// Leave for another port is none for this one.
	rw(t, dir, 1, "crawl", "--json", "--allow-private", "127.0.0.1:1", address)
	if n := len(site.Requests()); n != 0 {
		t.Errorf("%d requests reached the host", n)
	}
	out, _ = rw(t, dir, 0, "source", "test", "--json", "--allow-private", host, address)
	var doc map[string]json.RawMessage
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"engine", "confidence", "boards", "threads", "posts", "robots", "problems"} {
		if _, ok := doc[key]; !ok {
			t.Errorf("source test: no %q in %s", key, out)
		}
	}
	if len(doc) != 7 || string(doc["engine"]) != `"discuz"` || string(doc["robots"]) != `"allowed"` {
		t.Errorf("source test: %s", out)
	}
}

// A port where somebody listens who speaks no HTTP, and one where nobody does.
func TestNoHTTP(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	impatient(t, dir)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = bufio.NewReader(c).ReadString('\n') // whatever it asks
				_, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.2\r\n")
			}()
		}
	}()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	closed.Close()
	s, errs := crawl(t, dir, 1, []string{ln.Addr().String(), nobody}, "http://"+ln.Addr().String()+"/", "http://"+nobody+"/")
	// A host whose robots.txt can't be read forbids everything.
	if s.Visits["robots"] != 1 || s.Visits["error"] != 1 || len(s.Problems) != 2 || strings.Count(errs, "\n") != 2 {
		t.Errorf("%+v\n%s", s, errs)
	}
}

// Sources are kept, listed, paused and forgotten; up --once visits them.
func TestSources(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	impatient(t, dir)
	_, address, host := board(t, discuztest.Style{Rewrite: true})
	rw(t, dir, 0, "source", "add", "--name", "example-board", "--authority", "ticket SEC-104", "--rate", "100000/1m", "--allow-private", host, address+"forum-3-1.html")
	rw(t, dir, 0, "source", "add", "--name", "example-board", "--authority", "ticket SEC-105", "--rate", "100000/1m", "--allow-private", host, address+"forum-3-1.html")
	_, errs := rw(t, dir, 2, "source", "add", "--name", "example-board", "--authority", "t", address+"forum-2-1.html")
	if !strings.Contains(errs, "example-board") {
		t.Errorf("stderr: %q", errs)
	}
	rw(t, dir, 0, "source", "pause", "example-board")
	out, _ := rw(t, dir, 0, "up", "--once", "--json")
	if s := summaryOf(t, out); s.Posts != 0 {
		t.Errorf("paused: %+v", s)
	}
	rw(t, dir, 0, "source", "resume", "example-board")
	out, _ = rw(t, dir, 0, "up", "--once", "--json")
	if s := summaryOf(t, out); s.Posts != 6 || s.Listings != 2 {
		t.Errorf("resumed: %+v", s)
	}
	if strings.Count(out, "\n") != 1 {
		t.Errorf("more than the summary: %s", out)
	}
	out, _ = rw(t, dir, 0, "source", "list", "--json")
	var line map[string]json.RawMessage
	if err := json.Unmarshal([]byte(out), &line); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for k := range line {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	if !slices.Equal(keys, []string{"covered", "kind", "last_read", "name", "next_visit", "outcomes", "state", "url"}) {
		t.Errorf("keys: %v", keys)
	}
	rw(t, dir, 0, "source", "remove", "example-board")
	for _, verb := range []string{"pause", "resume", "remove"} {
		_, errs := rw(t, dir, 1, "source", verb, "nobody")
		if strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "nobody") {
			t.Errorf("%s: %q", verb, errs)
		}
	}
	if hits := search(t, dir, ""); len(hits) != 2 {
		t.Errorf("what was read stays: %d hits", len(hits))
	}
}
