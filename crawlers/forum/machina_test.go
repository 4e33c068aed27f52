package forum_test

import (
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resumewatch/crawlers/forum"
	"resumewatch/internal/market"
)

func machina(t *testing.T, addr string, status int, raw string, zone *time.Location) forum.Reading {
	t.Helper()
	u, err := url.Parse(addr)
	if err != nil {
		t.Fatal(err)
	}
	p, err := forum.Parse(u, status, nil, []byte(raw), now, zone)
	if err != nil {
		t.Fatal(err)
	}
	r, err := forum.Machina{}.Read(p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A board mounted at the root, in German, with another zone: links elsewhere,
// link forums and names that look like times.
func TestMachinaBoardInAnotherLanguage(t *testing.T) {
	raw, err := os.ReadFile("testdata/machina/board_de.html")
	if err != nil {
		t.Fatal(err)
	}
	cet := time.FixedZone("CET", 3600)
	r := machina(t, "https://forum.example.com/forum/handel-3/?page=2", 200, string(raw), cet)
	if r.Kind != forum.KindBoard || r.PageNo != 2 || r.LastPage != 9 || r.Next != "https://forum.example.com/forum/handel-3/?page=3" || r.Canonical != "https://forum.example.com/forum/handel-3/?page=2" {
		t.Errorf("%s page %d of %d next %s key %s", r.Kind, r.PageNo, r.LastPage, r.Next, r.Canonical)
	}
	if diff := cmp.Diff([]forum.Board{{ID: "7", Title: "Unterforum", URL: "https://forum.example.com/forum/unter-7/"}}, r.Boards); diff != "" {
		t.Error(diff)
	}
	want := []forum.Thread{
		{ID: "5", Title: "Regeln", Author: "2020-01-01 10:00", AuthorID: "4", URL: "https://forum.example.com/forum/handel-3/topic/regeln-5/", CreatedAt: time.Date(2026, 11, 22, 3, 16, 0, 0, cet), LastPostAt: time.Date(2026, 11, 22, 3, 16, 0, 0, cet), Precision: "minute", Views: 17, Sticky: true, Locked: true},
		{ID: "8", Title: "Vom Gast", Author: "Ein Gast", URL: "https://forum.example.com/forum/handel-3/topic/gast-8/", CreatedAt: time.Date(2026, 5, 1, 23, 59, 0, 0, cet), LastPostAt: time.Date(2026, 5, 2, 0, 1, 0, 0, cet), Precision: "minute", Replies: 3, Views: 20, Sticky: true},
	}
	if diff := cmp.Diff(want, r.Threads, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Error(diff)
	}
}

const machinaTopic = `<html lang="zh-hans"><body><ol class="breadcrumb"><li><a href="/forum/">首页</a></li><li><a href="/forum/forum/ziyuan-5/">资源</a></li></ol><h1>出简历</h1>
<div id="31" class="my-3 card post"><div class="post-content-wrapper"><h4 class="m-0 subject">出简历&nbsp;<a href="/forum/forum/ziyuan-5/topic/chu-11/?post=31#31">¶</a></h4>
<p><small class="text-muted">By: <a href="/forum/member/profile/8/">资源小王</a> on 2026年11月22日 03:16</small></p><div class="post-content"><p>一手<br />3万条</p><blockquote><p>别人的话</p></blockquote><p>要的来</p></div>
<div class="row attachments"><div class="attachment"><a href="/forum/attachment/3/"><i class="fa fa-file"></i>&nbsp;样本.xlsx (2.1 KB)</a></div></div>
<div class="post-signature">签名</div><div class="mt-4 edit-info"><small class="text-muted">Last edited by:</small></div></div><div class="post-sidebar"><div class="username"><b>资源小王</b></div></div></div>
<div id="32" class="my-3 card post"><div class="post-content-wrapper"><p><small class="text-muted">By: 路人 on 2026年11月22日 13:05</small></p><div class="post-content"><div id="33" class="card post"><div class="post-content">假帖</div></div></div></div><div class="post-sidebar"><div class="username"><b>路人</b></div></div></div>
</body></html>`

func TestMachinaTopic(t *testing.T) {
	r := machina(t, "https://forum.example.com/forum/forum/ziyuan-5/topic/chu-11/", 200, machinaTopic, nil)
	if len(r.Posts) != 2 {
		t.Fatalf("%+v", r)
	}
	want := market.Post{
		Place: "https://forum.example.com/forum/forum/ziyuan-5/", PlaceName: "资源", NativeID: "pid:31", Site: "machina:forum.example.com/forum/",
		Author: market.Author{Kind: "site", ID: "8", Name: "资源小王"}, PostedAt: time.Date(2026, 11, 22, 3, 16, 0, 0, shanghai), Title: "出简历",
		Text:      "一手\n3万条\n> 别人的话\n要的来\n[附件] 样本.xlsx",
		Permalink: "https://forum.example.com/forum/forum/ziyuan-5/topic/chu-11/?post=31#31",
		Flags:     []string{market.FlagEdited, market.FlagPrecisionMin, market.FlagTZAssumed},
	}
	if diff := cmp.Diff(want, r.Posts[0], cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Error(diff)
	}
	if p := r.Posts[1]; p.Author.Name != "路人" || p.Text != "假帖" || p.Permalink != "https://forum.example.com/forum/forum/f-0/topic/t-11/?post=32#32" {
		t.Errorf("guest's post: %+v", p)
	}
}

func TestMachinaSpellings(t *testing.T) {
	for addr, want := range map[string]string{
		"https://F.example.com:443/forum/forum/x-5/topic/old-title-11/?page=1#3": "https://f.example.com/forum/forum/f-0/topic/t-11/",
		"https://f.example.com/forum/forum/y-6/topic/%E6%96%B0-11/?page=2":       "https://f.example.com/forum/forum/f-0/topic/t-11/?page=2",
		"https://f.example.com/forum/forum/y-6/topic/z-11/?post=9":               "https://f.example.com/forum/forum/f-0/topic/t-11/?post=9",
		"https://f.example.com/forum/forum/资源-5?page=3":                          "https://f.example.com/forum/forum/%E8%B5%84%E6%BA%90-5/?page=3",
		"https://f.example.com/forum/":                                           "https://f.example.com/forum/",
		"https://f.example.com":                                                  "https://f.example.com/",
	} {
		u, err := url.Parse(addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := (forum.Machina{}).Canonical(u); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}

func TestMachinaIsNotDiscuz(t *testing.T) {
	u, _ := url.Parse("https://forum.example.com/forum/")
	for _, raw := range []string{"<p>hello", `<html><body><table class="topiclist"></table></body></html>`, `<div class="forumlist"></div>`} {
		p, err := forum.Parse(u, 200, nil, []byte(raw), now, nil)
		if err != nil {
			t.Fatal(err)
		}
		if e, sure := forum.Detect(p); sure >= 0.5 {
			t.Errorf("%q taken for %s (%.2f)", raw, e.Name(), sure)
		}
	}
}
