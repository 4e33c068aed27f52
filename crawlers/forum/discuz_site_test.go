package forum_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"resumewatch/crawlers/forum"
	"resumewatch/crawlers/forum/discuztest"
	"resumewatch/internal/market"
)

var (
	shanghai = time.FixedZone("Asia/Shanghai", 8*3600)
	now      = time.Date(2026, 11, 22, 12, 5, 0, 0, shanghai)
)

func clock() time.Time { return now }

// sample is a forum with every kind of row and post.
func sample(style discuztest.Style) *discuztest.Site {
	s := discuztest.New(style, clock)
	s.AddBoard(discuztest.Board{ID: 2, Name: "资源互换", Category: "综合"})
	s.AddBoard(discuztest.Board{ID: 3, Name: "闲聊", Category: "综合"})
	s.AddBoard(discuztest.Board{ID: 4, Name: "同城", Category: "综合", Parent: 2})
	s.AddBoard(discuztest.Board{ID: 5, Name: "站务", Category: "管理", Private: true})
	s.AddBoard(discuztest.Board{ID: 6, Name: "会员", Category: "管理", Login: true})
	wang, li := discuztest.User{ID: 11, Name: "资源小王"}, discuztest.User{ID: 12, Name: "数据老李"}
	at := now.Add(-30 * 24 * time.Hour)
	var posts []*discuztest.Post
	posts = append(posts, &discuztest.Post{Author: wang, At: at, Text: "出智联简历，一手\n现货3万条 2元一条\n加QQ 1000012345", Attachments: []string{"样本.xlsx", "说明.txt"},
		Comments: []discuztest.Comment{{By: li, At: now.Add(-10 * time.Minute), Text: "已合作，靠谱"}}})
	for i := range 12 {
		posts = append(posts, &discuztest.Post{Author: li, At: at.Add(time.Duration(i+1) * time.Hour), Text: "顶 " + strings.Repeat("!", i)})
	}
	posts[1].Quote = &discuztest.Quote{By: wang, At: at, Text: "出智联简历，一手\n现货3万条 2元一条"}
	posts[1].Text = "别买，骗子"
	posts[2].Banned = true
	posts[3].Hidden = true
	posts[4].Author = discuztest.User{Name: "匿名"}
	s.AddThread(discuztest.Thread{Board: 2, Title: "出智联简历，量大从优", Views: 1234, Posts: posts})
	for i := range 12 {
		s.AddThread(discuztest.Thread{Board: 2, Title: "话题 " + string(rune('A'+i)), Sticky: i == 3, Locked: i == 4,
			Posts: []*discuztest.Post{{Author: li, At: now.Add(-time.Duration(i*i*7) * time.Hour), Text: "正文"}}})
	}
	s.AddThread(discuztest.Thread{Board: 2, MovedTo: 3, Title: "搬走的帖子", Posts: []*discuztest.Post{{Author: wang, At: now.Add(-40 * time.Minute), Text: "正文"}}})
	return s
}

// get reads one address of a site, following redirects as a visitor would.
func get(t *testing.T, h http.Handler, addr string) (forum.Reading, forum.Page) {
	t.Helper()
	for range 5 {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest("GET", addr, nil))
		res := rec.Result()
		u, _ := url.Parse(addr)
		if loc := res.Header.Get("Location"); loc != "" {
			next, err := u.Parse(loc)
			if err != nil {
				t.Fatal(err)
			}
			addr = next.String()
			continue
		}
		raw, _ := io.ReadAll(res.Body)
		if strings.Contains(res.Header.Get("Content-Type"), "gbk") {
			raw, _ = simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
		}
		p, err := forum.Parse(u, res.StatusCode, res.Header, raw, now, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := forum.Discuz{}.Read(p)
		if err != nil {
			t.Fatal(err)
		}
		return r, p
	}
	t.Fatal("too many redirects")
	return forum.Reading{}, forum.Page{}
}

func TestDiscuzIndex(t *testing.T) {
	r, _ := get(t, sample(discuztest.Style{}), "http://bbs.example.com/")
	want := []forum.Board{
		{ID: "2", Title: "资源互换", URL: "http://bbs.example.com/forum.php?mod=forumdisplay&fid=2"},
		{ID: "4", Title: "同城", URL: "http://bbs.example.com/forum.php?mod=forumdisplay&fid=4"},
		{ID: "3", Title: "闲聊", URL: "http://bbs.example.com/forum.php?mod=forumdisplay&fid=3"},
		{ID: "6", Title: "会员", URL: "http://bbs.example.com/forum.php?mod=forumdisplay&fid=6"},
	}
	if diff := cmp.Diff(want, r.Boards); diff != "" || r.Kind != forum.KindIndex {
		t.Errorf("%s: %s", r.Kind, diff)
	}
}

func TestDiscuzList(t *testing.T) {
	s := sample(discuztest.Style{})
	seen := map[string]int{}
	next := "http://bbs.example.com/forum.php?mod=forumdisplay&fid=2"
	pages := 0
	for next != "" && pages < 5 {
		r, _ := get(t, s, next)
		pages++
		if r.Kind != forum.KindBoard || r.Outcome != "" || r.PageNo != pages || r.LastPage != 2 || r.Board.ID != "2" || r.Board.Title != "资源互换" {
			t.Fatalf("page %d: %+v", pages, r)
		}
		for _, th := range r.Threads {
			seen[th.ID]++
			switch th.Title {
			case "出智联简历，量大从优":
				if th.Author != "资源小王" || th.AuthorID != "11" || th.Replies != 12 || th.Views != 1234 || th.Sticky || th.Moved {
					t.Errorf("row: %+v", th)
				}
				if got := th.CreatedAt.Format(time.DateOnly); got != "2026-10-23" {
					t.Errorf("created %s", got)
				}
				if got := th.LastPostAt.Format(time.RFC3339); got != "2026-10-24T00:05:00+08:00" || th.Precision != "minute" {
					t.Errorf("last post %s (%s)", got, th.Precision)
				}
			case "话题 D":
				if !th.Sticky || pages != 1 || th.LastPostAt.Format(time.RFC3339) != "2026-11-19T21:05:00+08:00" {
					t.Errorf("sticky row: %+v", th)
				}
			case "话题 E":
				if !th.Locked {
					t.Errorf("locked row: %+v", th)
				}
			case "搬走的帖子":
				if !th.Moved {
					t.Errorf("moved row: %+v", th)
				}
			default:
				if th.Sticky || th.Moved || th.Locked {
					t.Errorf("plain row: %+v", th)
				}
			}
		}
		next = r.Next
	}
	if pages != 2 || len(seen) != 14 {
		t.Errorf("%d pages, %d threads", pages, len(seen))
	}
	beyond, _ := get(t, s, "http://bbs.example.com/forum.php?mod=forumdisplay&fid=2&page=10")
	if beyond.PageNo != 1 || beyond.Next != "" || !strings.HasSuffix(beyond.Canonical, "fid=2") || len(beyond.Problems) == 0 {
		t.Errorf("beyond the last page: %+v", beyond)
	}
}

func TestDiscuzThread(t *testing.T) {
	s := sample(discuztest.Style{Jammer: true})
	posts := map[string]market.Post{}
	next, pages := "http://bbs.example.com/forum.php?mod=viewthread&tid=1&extra=page%3D1", 0
	for next != "" && pages < 9 {
		r, _ := get(t, s, next)
		pages++
		for _, p := range r.Posts {
			posts[p.NativeID] = p
		}
		if pages == 1 {
			if r.Thread.Title != "出智联简历，量大从优" || r.Thread.Views != 1234 || r.Thread.Replies != 12 || r.Thread.AuthorID != "11" || r.LastPage != 3 {
				t.Errorf("thread %+v of %d pages", r.Thread, r.LastPage)
			}
			if r.Canonical != "http://bbs.example.com/forum.php?mod=viewthread&tid=1" {
				t.Errorf("canonical %s", r.Canonical)
			}
		}
		next = r.Next
	}
	if pages != 3 || len(posts) != 14 { // 13 posts and a comment
		t.Fatalf("%d pages, %d posts", pages, len(posts))
	}
	want := market.Post{
		Place: "http://bbs.example.com/forum.php?mod=forumdisplay&fid=2", PlaceName: "资源互换", NativeID: "pid:1", Site: "discuz:bbs.example.com/",
		Author: market.Author{Kind: "site", ID: "11", Name: "资源小王"}, PostedAt: time.Date(2026, 10, 23, 12, 5, 0, 0, shanghai), Title: "出智联简历，量大从优",
		Text:      "出智联简历，一手\n现货3万条 2元一条\n加QQ 1000012345\n[附件] 样本.xlsx\n[附件] 说明.txt",
		Permalink: "http://bbs.example.com/forum.php?mod=redirect&goto=findpost&ptid=1&pid=1",
	}
	if diff := cmp.Diff(want, posts["pid:1"], cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Errorf("first post: %s", diff)
	}
	if got := posts["pid:2"].Text; got != "> 资源小王 发表于 2026-10-23 12:05\n> 出智联简历，一手\n> 现货3万条 2元一条\n别买，骗子" {
		t.Errorf("quoting post: %q", got)
	}
	if got := posts["pid:3"].Text; !strings.Contains(got, "屏蔽") {
		t.Errorf("banned post: %q", got)
	}
	if got := posts["pid:4"]; got.Text != "[隐藏内容]" || !cmp.Equal(got.Flags, []string{market.FlagHidden}) {
		t.Errorf("hidden post: %q %v", got.Text, got.Flags)
	}
	if got := posts["pid:5"]; got.Author.ID != "" || got.Author.Name != "匿名" || !cmp.Equal(got.Flags, []string{market.FlagNameOnly}) {
		t.Errorf("anonymous post: %+v %v", got.Author, got.Flags)
	}
	beyond, _ := get(t, s, "http://bbs.example.com/forum.php?mod=viewthread&tid=1&page=99")
	if beyond.PageNo != 3 || beyond.Next != "" || !strings.HasSuffix(beyond.Canonical, "&page=3") {
		t.Errorf("beyond the last page: page %d next %q key %s", beyond.PageNo, beyond.Next, beyond.Canonical)
	}
}

// Noise is new on each request; the text that we keep must not be. An edit
// changes it, and a comment keeps its id while its time is told anew.
func TestDiscuzTextIsStable(t *testing.T) {
	s := sample(discuztest.Style{Jammer: true})
	addr := "http://bbs.example.com/thread-1-1-1.html"
	a, pa := get(t, s, addr)
	b, pb := get(t, s, addr)
	if string(pa.Raw) == string(pb.Raw) {
		t.Fatal("the site makes no noise")
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("two looks at one page differ: %s", diff)
	}
	if err := s.Change(1, func(p *discuztest.Post) { p.Text += "\n降价 1.5元"; p.Edited = now }); err != nil {
		t.Fatal(err)
	}
	c, _ := get(t, s, addr)
	if c.Posts[0].Text == a.Posts[0].Text || !cmp.Equal(c.Posts[0].Flags, []string{market.FlagEdited}) || c.Posts[0].ID(0) != a.Posts[0].ID(0) {
		t.Errorf("edited post: %q %v", c.Posts[0].Text, c.Posts[0].Flags)
	}
	if !strings.HasPrefix(a.Posts[1].NativeID, "comment:1:") || a.Posts[1].Author.ID != "12" || a.Posts[1].Text != "已合作，靠谱" {
		t.Errorf("comment: %+v", a.Posts[1])
	}
}

// All spellings of an address are one page, and every style of site gives the
// same posts.
func TestDiscuzStyles(t *testing.T) {
	plain, _ := get(t, sample(discuztest.Style{}), "http://bbs.example.com/forum.php?mod=viewthread&tid=1&page=2")
	for name, style := range map[string]discuztest.Style{
		"rewrite": {Rewrite: true}, "x3.4 gbk": {Version: "X3.4", Charset: "gbk"}, "base": {BaseHref: true}, "no meta": {NoMeta: true}, "plain times": {PlainTimes: true, Jammer: true},
	} {
		t.Run(name, func(t *testing.T) {
			addr := "http://bbs.example.com/thread-1-2-7.html"
			if !style.Rewrite {
				addr = "http://bbs.example.com/forum.php?page=2&extra=page%3D7&tid=1&mod=viewthread&mobile=no"
			}
			r, p := get(t, sample(style), addr)
			if diff := cmp.Diff(plain.Posts, r.Posts); diff != "" || r.Canonical != plain.Canonical {
				t.Errorf("%s\n%s", r.Canonical, diff)
			}
			if sure := (forum.Discuz{}).Detect(p); sure < 0.8 {
				t.Errorf("recognised with %.2f only", sure)
			}
			if e, sure := forum.Detect(p); e == nil || e.Name() != "discuz" {
				t.Errorf("taken for %v (%.2f)", e, sure)
			}
		})
	}
	sub, _ := get(t, sample(discuztest.Style{Folder: "/bbs/", BaseHref: true, Rewrite: true}), "http://bbs.example.com/bbs/forum-2-1.html")
	if len(sub.Threads) == 0 || sub.Threads[0].URL != "http://bbs.example.com/bbs/thread-5-1-1.html" || sub.Next != "http://bbs.example.com/bbs/forum-2-2.html" {
		t.Errorf("in a folder: next %s, threads %+v", sub.Next, sub.Threads)
	}
	if len(sub.Boards) != 1 || sub.Boards[0].Title != "同城" {
		t.Errorf("sub-boards: %+v", sub.Boards)
	}
}

func TestDiscuzRefusals(t *testing.T) {
	type look struct {
		Kind    forum.Kind
		Outcome market.Outcome
		Detail  string
	}
	at := func(s *discuztest.Site, path string) look {
		r, _ := get(t, s, "http://bbs.example.com/"+path)
		if len(r.Posts)+len(r.Threads) > 0 {
			t.Errorf("%s: posts from a page that shows none", path)
		}
		return look{r.Kind, r.Outcome, r.Detail}
	}
	s := sample(discuztest.Style{})
	if err := s.ChangeThread(3, func(th *discuztest.Thread) { th.Deleted = true }); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]look{
		"forum.php?mod=viewthread&tid=3":   {forum.KindMessage, market.OutcomeGone, forum.DetailDeletedOrReviewed},
		"forum.php?mod=forumdisplay&fid=9": {forum.KindMessage, market.OutcomeGone, forum.DetailNoBoard},
		"forum-6-1.html":                   {forum.KindMessage, market.OutcomeLoginWall, forum.DetailLoginFirst},
		"forum-5-1.html":                   {forum.KindMessage, market.OutcomeLoginWall, forum.DetailNoPermission},
		"nothing-here.html":                {forum.KindMessage, market.OutcomeGone, forum.DetailNotFound},
	} {
		if got := at(s, path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	for how, want := range map[discuztest.Failure]look{
		discuztest.FailReload:    {forum.KindChallenge, market.OutcomeBlocked, forum.DetailChallengeReload},
		discuztest.FailQuestion:  {forum.KindChallenge, market.OutcomeBlocked, forum.DetailChallengeQuestion},
		discuztest.FailTooFast:   {forum.KindChallenge, market.OutcomeBlocked, forum.DetailTooFast},
		discuztest.FailAntitheft: {forum.KindChallenge, market.OutcomeBlocked, forum.DetailChallengeJS},
		discuztest.FailRetry:     {forum.KindChallenge, market.OutcomeBlocked, forum.DetailTooFast},
		discuztest.FailDatabase:  {forum.KindUnknown, market.OutcomeUnreadable, forum.DetailSiteError},
		discuztest.FailClosed:    {forum.KindMessage, market.OutcomeUnreadable, forum.DetailSiteClosed},
		discuztest.FailWrongType: {forum.KindUnknown, market.OutcomeUnreadable, forum.DetailUnknownPage},
	} {
		s.Fail(how, 1)
		if got := at(s, "forum.php?mod=viewthread&tid=1"); got != want {
			t.Errorf("%s: %v, want %v", how, got, want)
		}
	}
	if r, _ := get(t, s, "http://bbs.example.com/forum.php?mod=viewthread&tid=1"); r.Outcome != "" || len(r.Posts) == 0 {
		t.Errorf("after the failures: %+v", r)
	}
	moved, _ := get(t, s, "http://bbs.example.com/forum.php?mod=viewthread&tid=900014")
	if moved.Thread.ID != "14" || moved.Board.ID != "3" {
		t.Errorf("stub of a moved thread: %+v in %+v", moved.Thread, moved.Board)
	}
}
