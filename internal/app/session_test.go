package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"resumewatch/bench/archivegen/gen"
	"resumewatch/crawlers/forum/discuztest"
	"resumewatch/internal/casebook"
	"resumewatch/internal/config"
	"resumewatch/internal/market"
)

func TestParseAddress(t *testing.T) {
	for in, want := range map[string]string{
		"https://bbs.example.com":                "https://bbs.example.com/",
		" HTTP://BBS.Example.com/A?b=C#frag ":    "http://bbs.example.com/A?b=C",
		"http://127.0.0.1:8000/x":                "http://127.0.0.1:8000/x",
		"http://[::1]:80/":                       "http://[::1]:80/",
		"https://bbs.example.com/论坛?名=值":         "https://bbs.example.com/%E8%AE%BA%E5%9D%9B?名=值",
		"https://bbs.example.com/%2e%2e/a%20b?q": "https://bbs.example.com/%2e%2e/a%20b?q",
	} {
		u, err := ParseAddress(in)
		if err != nil || u.String() != want {
			t.Errorf("%q: %v, %v; want %s", in, u, err, want)
		}
	}
	for _, in := range []string{
		"", "bbs.example.com", "bbs.example.com/forum", "localhost:8000/x", "//bbs.example.com/", "/forum", "ftp://bbs.example.com/", "file:///etc/passwd",
		"javascript:alert(1)", "http://", "http:///x", "http://user:secret@bbs.example.com/", "http://bbs.example.com:port/", "http://[::1/", "http://a b/", "http://bbs.example.com/\x00", "data:text/html,x", "gopher://bbs.example.com",
	} {
		u, err := ParseAddress(in)
		var usage *UsageError
		if !errors.As(err, &usage) {
			t.Errorf("%q: %v, %v; want an error of usage", in, u, err)
		}
		if err != nil && strings.Contains(err.Error(), "%!") {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// archiveOf writes a group archive of some hundred messages.
func archiveOf(t *testing.T, messages int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "group.txt")
	f, err := os.Create(path)
	must(t, err)
	_, err = gen.Chat(f, gen.Options{Seed: 1, Messages: messages, Listings: 0.02})
	must(t, errors.Join(err, f.Close()))
	return path
}

// A second process orders work of the first; when the first one is gone, it goes
// on by itself, and the book is as if nothing had happened.
func TestTakeOver(t *testing.T) {
	path := archiveOf(t, 400)
	quiet := testOptions(t)
	in := ImportOptions{Paths: []string{path}, GroupID: "1000045678"}
	_, err := Import(t.Context(), quiet, in)
	must(t, err)
	want := dump(t, quiet)

	o := testOptions(t)
	first, err := Open(t.Context(), o)
	must(t, err)
	same(t, "the first works", true, first.Alone())
	second, err := Open(t.Context(), o)
	must(t, err)
	same(t, "the second works", false, second.Alone())
	if _, err := os.Stat(filepath.Join(o.Data, "run.json")); err != nil {
		t.Error(err)
	}
	if _, err := Up(t.Context(), o, true); err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("a second up: %v", err)
	}
	run, err := second.Book.StartRun(t.Context(), "import", second.Now())
	must(t, err)
	p, err := planFile(t.Context(), found{path: path}, in)
	must(t, err)
	// The first one dies as soon as it has seen the work, whatever it has done of it.
	var closing sync.WaitGroup
	closed := make(chan error, 1)
	closing.Go(func() { closed <- first.Close() })
	must(t, second.order(t.Context(), run, p))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	done, err := second.Wait(ctx, run, nil)
	must(t, err)
	closing.Wait()
	must(t, <-closed)
	same(t, "visits", int64(len(p.survey.Chunks)), done.Counts["visit.new"])
	same(t, "posts", int64(400), done.Counts[casebook.CountPosts])

	// Certainly on its own now: a run that needs a worker again.
	run, err = second.Book.StartRun(t.Context(), "import", second.Now())
	must(t, err)
	other, err := planFile(t.Context(), found{path: export(t, filepath.Join(t.TempDir(), "x.txt"), "一群")}, ImportOptions{GroupID: "1000099999"})
	must(t, err)
	must(t, second.order(t.Context(), run, other))
	_, err = second.Wait(ctx, run, nil)
	must(t, err)
	same(t, "the second works", true, second.Alone())
	must(t, second.Close())
	if _, err := os.Stat(filepath.Join(o.Data, "run.json")); err == nil {
		t.Error("the run file was left behind")
	}
	for _, line := range strings.Split(dump(t, o), "\n") {
		if strings.Contains(line, `"place":"1000045678"`) && strings.Contains(line, `"kind":"post"`) && !strings.Contains(want, line) {
			t.Errorf("not as if nothing had happened: %s", line)
		}
	}
}

// Many stops in the middle, then the end: as if nothing had happened.
func TestStopsInTheMiddle(t *testing.T) {
	path := archiveOf(t, 600)
	in := ImportOptions{Paths: []string{path}, GroupID: "1000045678"}
	quiet := testOptions(t)
	_, err := Import(t.Context(), quiet, in)
	must(t, err)
	o := testOptions(t)
	for i := range 6 {
		ctx, stop := context.WithTimeout(t.Context(), time.Duration(20+40*i)*time.Millisecond)
		if _, err := Import(ctx, o, in); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		stop()
	}
	report, err := Import(t.Context(), o, in)
	must(t, err)
	same(t, "failed", false, report.Failed)
	same(t, "dump", dump(t, quiet), dump(t, o))
}

// site is a model forum with one advert.
func site(t *testing.T) (address string, s *discuztest.Site) {
	t.Helper()
	s = discuztest.New(discuztest.Style{}, time.Now)
	s.AddBoard(discuztest.Board{ID: 2, Name: "资源"})
	for i := range 3 {
		text := "今天吃什么"
		if i == 1 {
			text = advert
		}
		s.AddThread(discuztest.Thread{Board: 2, Title: "看看", Posts: []*discuztest.Post{{Author: discuztest.User{ID: 5, Name: "卖家"}, At: time.Now().Add(-time.Hour), Text: text}}})
	}
	address, stop, err := s.Start(t.Context())
	must(t, err)
	t.Cleanup(stop)
	return address, s
}

func TestCrawl(t *testing.T) {
	o := testOptions(t)
	address, s := site(t)
	host := strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/")
	board := address + "forum.php?mod=forumdisplay&fid=2"

	// Refused: the address leads inside.
	report, err := Crawl(t.Context(), o, CrawlOptions{URLs: []string{board}})
	must(t, err)
	same(t, "failed", true, report.Failed)
	same(t, "requests to what is refused", 0, len(s.Requests()))
	same(t, "problems", 1, len(report.Summary.Problems))

	c := CrawlOptions{URLs: []string{board}, AllowPrivate: []string{host}, Rate: "0"}
	report, err = Crawl(t.Context(), o, c)
	must(t, err)
	sum := report.Summary
	same(t, "failed", false, report.Failed)
	same(t, "posts, listings, offers, alerts", []int64{3, 1, 1, 1}, []int64{sum.Posts, sum.Listings, sum.Offers, sum.Alerts})
	found := hits(t, o, "智联")
	same(t, "hits", 1, len(found))
	if h := found[0]; h.State != market.PostThere || h.Permalink == "" || h.Author.Name != "卖家" || h.PostedAt == "" {
		t.Errorf("hit %+v", h)
	}
	asked := len(s.Requests())
	report, err = Crawl(t.Context(), o, c)
	must(t, err)
	same(t, "again", []int64{0, 0, 1}, []int64{report.Summary.Posts, report.Summary.Listings, report.Summary.Visits[market.OutcomeSame]})
	same(t, "requests", 2, len(s.Requests())-asked) // robots.txt and the list
	// What a person forbids is refused before anything is asked.
	for name, bad := range map[string]CrawlOptions{
		"scheme": {URLs: []string{"ftp://example.com/"}}, "engine": {URLs: []string{board}, Engine: "nothing"}, "rate": {URLs: []string{board}, Rate: "often"},
		"no budget": {URLs: []string{board}, Rate: "0"}, "pages": {URLs: []string{board}, Pages: -1}, "private": {URLs: []string{board}, AllowPrivate: []string{"127.0.0.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Crawl(t.Context(), testOptions(t), bad)
			wantUsage(t, err)
		})
	}
}

// Sources: added, paused over a start, changed by the configuration.
func TestSources(t *testing.T) {
	o := testOptions(t)
	address, s := site(t)
	host := strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/")
	board := address + "forum.php?mod=forumdisplay&fid=2"
	for name, bad := range map[string]SourceOptions{
		"no authority": {URL: board, Name: "b"}, "no name": {URL: board, Authority: "x"}, "spaces": {URL: board, Name: "a b", Authority: "x"},
		"address": {URL: "x", Name: "b", Authority: "x"}, "kind": {URL: board, Name: "b", Authority: "x", Kind: "nothing"}, "rate": {URL: board, Name: "b", Authority: "x", Rate: "1/x"},
	} {
		if err := AddSource(t.Context(), o, bad); err == nil {
			t.Errorf("%s: added", name)
		} else {
			wantUsage(t, err)
		}
	}
	must(t, AddSource(t.Context(), o, SourceOptions{URL: board, Name: "b", Authority: "ticket", Rate: "0", AllowPrivate: []string{host}}))
	wantUsage(t, AddSource(t.Context(), o, SourceOptions{URL: board + "&x=1", Name: "b", Authority: "ticket"}), "b")
	wantUsage(t, AddSource(t.Context(), o, SourceOptions{URL: board, Name: "c", Authority: "ticket"}), "b")
	must(t, SetSource(t.Context(), o, "b", casebook.SourcePaused))
	if err := SetSource(t.Context(), o, "nobody", casebook.SourcePaused); !errors.Is(err, casebook.ErrNotFound) {
		t.Errorf("pausing nobody: %v", err)
	}
	o.Config = config.Default()
	o.Config.Sources = []config.Source{{Name: "b", Kind: "discuz", URL: board, Authority: config.Authority{Why: "another ticket"}, AllowPrivate: []string{host}, Budget: config.Budget{Requests: 600, Per: time.Minute}}}
	_, err := Up(t.Context(), o, true)
	must(t, err)
	same(t, "requests to a paused source", 0, len(s.Requests()))
	lines := func() []SourceLine {
		r, err := OpenReader(t.Context(), o)
		must(t, err)
		defer r.Close()
		out, err := r.Sources(t.Context(), 0)
		must(t, err)
		return out
	}
	if l := lines(); len(l) != 1 || l[0].State != casebook.SourcePaused || l[0].Kind != "discuz" {
		t.Fatalf("sources %+v", l)
	}
	must(t, SetSource(t.Context(), o, "b", casebook.SourceActive))
	report, err := Up(t.Context(), o, true)
	must(t, err)
	same(t, "posts, listings", []int64{3, 1}, []int64{report.Summary.Posts, report.Summary.Listings})
	if l := lines(); l[0].Outcomes[market.OutcomeNew] != 4 || l[0].Covered != "4/4" || l[0].NextVisit == "" || l[0].LastRead == "" {
		t.Errorf("sources %+v", l)
	}
	// Once more: nothing is due.
	asked := len(s.Requests())
	report, err = Up(t.Context(), o, true)
	must(t, err)
	same(t, "requests when nothing is due", asked, len(s.Requests()))
	same(t, "alerts", int64(0), report.Summary.Alerts)
}

func TestClock(t *testing.T) {
	o := testOptions(t)
	env := map[string]string{"RESUMEWATCH_TEST": "1", "RESUMEWATCH_CLOCK_OFFSET": "72h"}
	o.Env = func(k string) string { return env[k] }
	s, err := Open(t.Context(), o)
	must(t, err)
	if d := time.Until(s.Now()); d < 71*time.Hour || d > 73*time.Hour {
		t.Errorf("clock is %s ahead", d)
	}
	must(t, s.Close())
	env["RESUMEWATCH_CLOCK_OFFSET"] = "soon"
	_, err = Open(t.Context(), o)
	wantUsage(t, err, "RESUMEWATCH_CLOCK_OFFSET")
	// A book that is no test book keeps to the time.
	real := testOptions(t)
	real.Env = func(string) string { return "" }
	s, err = Open(t.Context(), real)
	must(t, err)
	must(t, s.Close())
	env["RESUMEWATCH_CLOCK_OFFSET"] = "72h"
	real.Env = o.Env
	_, err = Open(t.Context(), real)
	wantUsage(t, err, "RESUMEWATCH_TEST")
	// And the folder is free again after each refusal.
	real.Env = func(string) string { return "" }
	s, err = Open(t.Context(), real)
	must(t, err)
	same(t, "alone", true, s.Alone())
	must(t, s.Close())
}
