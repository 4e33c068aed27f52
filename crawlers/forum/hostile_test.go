package forum_test

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"resumewatch/crawlers/forum"
	"resumewatch/internal/market"
)

func TestNoPage(t *testing.T) {
	for _, e := range forum.Engines() {
		if _, err := e.Read(forum.Page{}); !errors.Is(err, forum.ErrNoPage) {
			t.Errorf("%s: %v", e.Name(), err)
		}
		if e.Detect(forum.Page{}) != 0 || e.Canonical(nil) != "" {
			t.Errorf("%s finds something in nothing", e.Name())
		}
	}
	if _, err := forum.Parse(nil, 200, nil, nil, now, nil); !errors.Is(err, forum.ErrNoPage) {
		t.Errorf("Parse: %v", err)
	}
}

// A tree that was built by hand can be deeper than the parser allows: it is
// refused, not walked into.
func TestDeepTree(t *testing.T) {
	root := &html.Node{Type: html.DocumentNode}
	for n, i := root, 0; i < 200_000; i++ {
		c := &html.Node{Type: html.ElementNode, Data: "div"}
		n.AppendChild(c)
		n = c
	}
	u, _ := url.Parse("https://bbs.example.com/thread-1-1-1.html")
	for _, e := range forum.Engines() {
		p := forum.Page{URL: u, Status: 200, Doc: goquery.NewDocumentFromNode(root), At: now}
		r, err := e.Read(p)
		if err != nil || r.Outcome != market.OutcomeUnreadable || r.Detail != forum.DetailTooDeep || e.Detect(p) != 0 {
			t.Errorf("%s: %+v %v", e.Name(), r, err)
		}
	}
}

func TestParseRefusesDeepNesting(t *testing.T) {
	u, _ := url.Parse("https://bbs.example.com/")
	_, err := forum.Parse(u, 200, nil, []byte(strings.Repeat("<div>", 100_000)), now, nil)
	if err == nil || !strings.Contains(err.Error(), "bbs.example.com") {
		t.Errorf("error %v doesn't name the page", err)
	}
}

// Ten megabytes in one post, ten thousand rows: bounded, named, in time.
func TestHugePages(t *testing.T) {
	start := time.Now()
	post := `<div id="postlist"><div id="post_1"><table id="pid1"><tr><td class="pls"><div class="authi"><a href="home.php?mod=space&uid=1">x</a></div></td><td><em id="authorposton1">发表于 2026-11-1 08:00:00</em><div class="pcb"><td class="t_f" id="postmessage_1">` +
		strings.Repeat("一二三四五六七八九<br>", 350_000/2) + `</td></div></td></tr></table></div></div>`
	r := reading(t, "https://bbs.example.com/thread-1-1-1.html", 200, post)
	if r.Detail != forum.DetailTooDeep && (len(r.Posts) != 1 || len(r.Posts[0].Text) > 1<<20) {
		t.Errorf("%s %s, %d posts", r.Outcome, r.Detail, len(r.Posts))
	}
	long := reading(t, "https://bbs.example.com/thread-1-1-1.html", 200, post[:strings.Index(post, "一")]+strings.Repeat("文", 2_000_000))
	if len(long.Posts) != 1 || len(long.Posts[0].Text) > 1<<20 || !utf8.ValidString(long.Posts[0].Text) || long.Posts[0].Flags[0] != market.FlagTruncated {
		t.Errorf("one long line: %d posts", len(long.Posts))
	}
	var rows strings.Builder
	rows.WriteString(`<table id="threadlisttableid" summary="forum_2">`)
	for i := range 10_000 {
		n := strconv.Itoa(1000 + i)
		rows.WriteString(`<tbody id="normalthread_` + n + `"><tr><th><a class="xst" href="thread-` + n + `-1-1.html">x</a></th></tr></tbody>`)
	}
	list := reading(t, "https://bbs.example.com/forum-2-1.html", 200, rows.String()+"</table>")
	if len(list.Threads) != 2000 || len(list.Problems) == 0 {
		t.Errorf("%d rows, problems %v", len(list.Threads), list.Problems)
	}
	if d := time.Since(start); d > 8*time.Second {
		t.Errorf("took %v", d)
	}
}

// Links of a hostile page lead nowhere but to its own host.
func TestLinksStayOnTheHost(t *testing.T) {
	r := reading(t, "https://bbs.example.com/forum-2-1.html", 200, `<base href="https://evil.example.net/"><div id="fd_page_top"><div class="pg"><strong>1</strong><a href="forum-2-2.html" class="nxt">下一页</a></div></div>
<table id="threadlisttableid" summary="forum_2"><tbody id="normalthread_1"><tr><th><a class="xst" href="thread-1-1-1.html">外</a></th></tr></tbody>
<tbody id="normalthread_2"><tr><th><a class="xst" href="https://bbs.example.com/thread-2-1-1.html">内</a></th></tr></tbody>
<tbody id="normalthread_3"><tr><th><a class="xst" href="javascript:alert(1)">x</a></th></tr></tbody>
<tbody id="normalthread_4"><tr><th><a class="xst" href="file:///etc/passwd">x</a></th></tr></tbody></table>`)
	if r.Next != "" || len(r.Threads) != 1 || r.Threads[0].ID != "2" {
		t.Errorf("next %q, threads %+v", r.Next, r.Threads)
	}
}

func TestBadBytes(t *testing.T) {
	r := reading(t, "https://bbs.example.com/thread-1-1-1.html", 200, "<div id=postlist><table id=pid1><tr><td class=pls><div class=authi><a href='?1'>a\xff\x01b</a></div><td><em id=authorposton1>2026-11-1 08:00:00</em><div class=pcb><td class=t_f id=postmessage_1>出\x00简\xfe历&#0;\x07完</table></div>")
	if len(r.Posts) != 1 || !utf8.ValidString(r.Posts[0].Text) || strings.ContainsAny(r.Posts[0].Text+r.Posts[0].Author.Name, "\x00\x01\x07") || !strings.Contains(r.Posts[0].Text, "简\uFFFD历") || r.Posts[0].Flags[0] != market.FlagBadBytes {
		t.Errorf("%+v", r.Posts)
	}
}

func FuzzRead(f *testing.F) {
	for _, glob := range []string{"testdata/discuz/*.html", "testdata/machina/*.html"} {
		names, err := filepath.Glob(glob)
		if err != nil || len(names) == 0 {
			f.Fatalf("%s: %v", glob, err)
		}
		for _, n := range names {
			raw, err := os.ReadFile(n)
			if err != nil {
				f.Fatal(err)
			}
			f.Add("https://bbs.example.com/forum.php?mod=viewthread&tid=5&page=2", string(raw))
		}
	}
	f.Add("https://f.example.com/forum/forum/x-5/topic/y-11/", machinaTopic)
	f.Add("http://[::1]:80/%2e/thread-1-1-1.html?a=%zz", "<base href=':'><a href='http://[::1'>")
	f.Fuzz(func(t *testing.T, addr, raw string) {
		u, err := url.Parse(addr)
		if err != nil {
			return
		}
		p, err := forum.Parse(u, 200, nil, []byte(raw), now, nil)
		if err != nil {
			return
		}
		for _, e := range forum.Engines() {
			if sure := e.Detect(p); sure < 0 || sure > 1 {
				t.Errorf("%s: %f", e.Name(), sure)
			}
			r, err := e.Read(p)
			if err != nil {
				t.Fatalf("%s: %v", e.Name(), err)
			}
			if r.Outcome == market.OutcomeBlocked && len(r.Posts) > 0 || r.PageNo < 0 || r.LastPage < 0 || r.Kind == "" {
				t.Errorf("%s: %+v", e.Name(), r)
			}
			for i := range r.Posts {
				x := &r.Posts[i]
				if !utf8.ValidString(x.Text) || strings.ContainsRune(x.Text, 0) || len(x.Text) > 2<<20 || x.NativeID == "" || x.Site == "" {
					t.Errorf("%s: post %+v", e.Name(), x)
				}
			}
			for _, link := range append([]string{r.Next}, links(r)...) {
				if v, err := url.Parse(link); err != nil || link != "" && !strings.EqualFold(v.Host, u.Host) {
					t.Errorf("%s: link %q leaves %q", e.Name(), link, u.Host)
				}
			}
			if c, err := url.Parse(r.Canonical); err == nil && e.Canonical(c) != r.Canonical && c.Host != "" {
				t.Errorf("%s: %q isn't its own key: %q", e.Name(), r.Canonical, e.Canonical(c))
			}
		}
	})
}

func links(r forum.Reading) []string {
	var out []string
	for _, th := range r.Threads {
		out = append(out, th.URL)
	}
	for _, b := range r.Boards {
		out = append(out, b.URL)
	}
	return out
}
