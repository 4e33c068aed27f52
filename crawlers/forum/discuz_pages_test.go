package forum_test

import (
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resumewatch/crawlers/forum"
	"resumewatch/internal/market"
)

// saved reads a page of testdata as if fetched five minutes past midnight.
func saved(t *testing.T, name, addr string) forum.Reading {
	t.Helper()
	raw, err := os.ReadFile("testdata/discuz/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return reading(t, addr, 200, string(raw))
}

func reading(t *testing.T, addr string, status int, raw string) forum.Reading {
	t.Helper()
	u, err := url.Parse(addr)
	if err != nil {
		t.Fatal(err)
	}
	p, err := forum.Parse(u, status, nil, []byte(raw), time.Date(2026, 11, 22, 0, 5, 0, 0, shanghai), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := forum.Discuz{}.Read(p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestX34List(t *testing.T) {
	r := saved(t, "x34_list.html", "http://bbs.example.com/forum-36-2.html")
	if r.Next != "http://bbs.example.com/forum-36-3.html" || r.PageNo != 2 || r.LastPage != 1000 || r.Canonical != "http://bbs.example.com/forum.php?mod=forumdisplay&fid=36&page=2" {
		t.Errorf("next %s, page %d of %d, key %s", r.Next, r.PageNo, r.LastPage, r.Canonical)
	}
	if diff := cmp.Diff(forum.Board{ID: "36", Title: "人才市场", URL: "http://bbs.example.com/forum-36-1.html"}, r.Board); diff != "" {
		t.Error(diff)
	}
	jst := time.FixedZone("GMT+9", 9*3600) // as the footer says
	at := func(y int, m time.Month, d, h, min int) time.Time { return time.Date(y, m, d, h, min, 0, 0, jst) }
	want := []forum.Thread{
		{ID: "801", Title: "发帖规则", Author: "admin", AuthorID: "1", URL: "http://bbs.example.com/thread-801-1-2.html", CreatedAt: at(2019, 3, 4, 0, 0), LastPostAt: at(2019, 3, 4, 9, 1), Precision: "minute", Views: 120000, Sticky: true},
		{ID: "950", Title: "出 51 简历 & 会员", Author: "阿杰", AuthorID: "4567", URL: "http://bbs.example.com/thread-950-1-2.html", CreatedAt: at(2026, 11, 21, 0, 0), LastPostAt: at(2026, 11, 22, 0, 3), Precision: "minute", Replies: 27, Views: 340},
		{ID: "777", Title: "搬到别处的帖子", Author: "匿名", URL: "http://bbs.example.com/thread-777-1-2.html", CreatedAt: at(2025, 12, 31, 0, 0), LastPostAt: at(2025, 12, 31, 23, 59), Precision: "minute", Replies: -1, Views: -1, Moved: true},
		{ID: "952", Title: "已结束", Author: "清风", AuthorID: "88", URL: "http://bbs.example.com/thread-952-1-2.html", CreatedAt: at(2026, 11, 1, 0, 0), LastPostAt: at(2026, 11, 2, 8, 0), Precision: "minute", Replies: 1, Views: 9, Locked: true},
	}
	if diff := cmp.Diff(want, r.Threads, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Error(diff)
	}
}

func TestX34Thread(t *testing.T) {
	r := saved(t, "x34_thread.html", "http://bbs.example.com/thread-950-1-1.html")
	var ids []string
	for _, p := range r.Posts {
		ids = append(ids, p.NativeID)
	}
	if diff := cmp.Diff([]string{"pid:5001", "pid:5002", "pid:5003", "pid:5005"}, ids); diff != "" {
		t.Fatalf("a post that stands twice, a gap or a forged one: %s", diff)
	}
	first := r.Posts[0]
	wantText := strings.Join([]string{
		"出售", "价格: 2 元/条", "电话: 13800138007", "出 51 简历， 一手", "3万条📱打包80005000", "＞ 要的来", "QQ:1000012345 或 发邮件 seller@example.com",
		"http://files.example.net/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/sample-2026.html 电报 https://t.me/example_seller01",
		"一", "二", "张*,138****8000", "李*,139****8001", "[图片]", "[表情]", "[附件] x.jpg",
	}, "\n")
	if diff := cmp.Diff(wantText, first.Text); diff != "" {
		t.Errorf("text: %s", diff)
	}
	if diff := cmp.Diff([]string{market.FlagEdited, market.FlagHidden}, first.Flags); diff != "" {
		t.Errorf("flags: %s", diff)
	}
	if first.Author.ID != "4567" || first.Author.Name != "阿杰" || first.Title != "出 51 简历" || first.PostedAt.Format(time.RFC3339) != "2026-10-08T02:58:36+08:00" {
		t.Errorf("%+v", first)
	}
	if got := r.Posts[1]; got.Text != "> 阿杰 发表于 2026-10-8 02:58\n> 3万条打包5000\n>> 更早的话\n还在吗" || got.Author.Name != "小林" || got.Author.ID != "" || got.PostedAt.Format(time.RFC3339) != "2026-11-21T23:59:58+08:00" {
		t.Errorf("reply: %q by %+v at %s", got.Text, got.Author, got.PostedAt)
	}
	if got := r.Posts[2].Text; got != "全部一手，2元一条\n加 1000012345" {
		t.Errorf("an advertisement in a quote box of its own: %q", got)
	}
	if got := r.Posts[3]; got.Text != "看\n假帖\n完" || !cmp.Equal(got.Flags, []string{market.FlagTimeUnknown}) || len(r.Problems) != 1 {
		t.Errorf("forged markup: %q %v %v", got.Text, got.Flags, r.Problems)
	}
	if r.Next != "http://bbs.example.com/thread-950-2-1.html" || r.Thread.Replies != 6 || r.Thread.ID != "950" {
		t.Errorf("next %s, thread %+v", r.Next, r.Thread)
	}
}

// Sites write rewrite rules of their own: rows then say the number, and the
// thread page names itself in its script.
func TestOwnRewriteRules(t *testing.T) {
	list := reading(t, "https://bbs.example.com/b/rencai", 200, `<div id="pt"><a href="forum.php">论坛</a></div><div id="fd_page_top"><div class="pg"><strong>1</strong><a href="/b/rencai/p2">2</a><label><span title="共 2 页"></span></label><a href="/b/rencai/p2" class="nxt">下一页</a></div></div>
<table summary="forum_36" id="threadlisttableid"><tbody id="normalthread_950"><tr><th><a class="s xst" href="/t/950">出简历</a></th><td class="by"><cite>x</cite><em>2026-11-1</em></td><td class="num"><a>1</a><em>2</em></td><td class="by"><cite>x</cite><em><a>2026-11-2 08:00</a></em></td></tr></tbody></table>`)
	if list.Board.ID != "36" || len(list.Threads) != 1 || list.Threads[0].ID != "950" || list.Threads[0].URL != "https://bbs.example.com/t/950" || list.Next != "https://bbs.example.com/b/rencai/p2" {
		t.Errorf("%+v", list)
	}
	thread := reading(t, "https://bbs.example.com/t/950", 200, `<base href="https://bbs.example.com/"><div id="pt"><a href="forum.php">论坛</a></div><script>var fid = parseInt('36'), tid = parseInt('950');</script><div id="postlist"><span id="thread_subject">出简历</span><table id="pid5"><tr><td class="plc"><div class="authi">匿名 <em id="authorposton5">发表于 2026-11-1 08:00:00</em></div><div class="pcb"><div class="t_f" id="postmessage_5">一手</div></div></td></tr></table></div>`)
	if thread.Thread.ID != "950" || thread.Board.ID != "36" || thread.Posts[0].Author.Name != "匿名" || thread.Posts[0].Permalink != "https://bbs.example.com/forum.php?mod=redirect&goto=findpost&ptid=950&pid=5" || thread.Posts[0].Site != "discuz:bbs.example.com/" {
		t.Errorf("%+v", thread)
	}
}

func TestX35IndexInColumns(t *testing.T) {
	r := saved(t, "x35_index.html", "https://bbs.example.com/bbs/forum.php")
	var got []string
	for _, b := range r.Boards {
		got = append(got, b.ID+" "+b.Title)
	}
	if diff := cmp.Diff([]string{"2 资源互换", "11 闲谈", "12 宠物", "13 影视"}, got); diff != "" || r.Canonical != "https://bbs.example.com/bbs/forum.php" {
		t.Errorf("%s: %s", r.Canonical, diff)
	}
}

func TestX35Poll(t *testing.T) {
	r := saved(t, "x35_poll.html", "https://bbs.example.com/forum.php?mod=viewthread&tid=16")
	if len(r.Posts) != 1 || r.Posts[0].Text != "收简历，大家说价\n1. 一块\n2. 两块" || r.Posts[0].PostedAt.Second() != 10 {
		t.Fatalf("%+v", r.Posts)
	}
	if diff := cmp.Diff([]string{market.FlagTZAssumed}, r.Posts[0].Flags); diff != "" {
		t.Errorf("no zone in the footer: %s", diff)
	}
}

func TestTouchPageIsNamed(t *testing.T) {
	r := saved(t, "touch_thread.html", "https://bbs.example.com/forum.php?mod=viewthread&tid=16&mobile=2")
	if r.Outcome != market.OutcomeUnreadable || r.Detail != forum.DetailTouch || r.Kind != forum.KindThread || len(r.Problems) == 0 {
		t.Errorf("%+v", r)
	}
}

func TestMessageTexts(t *testing.T) {
	for text, want := range map[string]string{
		"抱歉，指定的主题不存在或已被删除或正在被审核":                        "gone deleted_or_reviewed",
		"抱歉，指定的主題不存在或已被刪除或正在被審核":                        "gone deleted_or_reviewed",
		"抱歉，指定的版块不存在":                                   "gone no_board",
		"抱歉，本帖要求阅读权限高于 20 才能浏览":                         "login_wall read_access",
		"抱歉，您所在的用户组(游客)无法进行此操作":                         "login_wall no_permission",
		"您需要先登录才能继续本操作":                                 "login_wall login_first",
		"抱歉，您尚未登录，没有权限访问该版块":                            "login_wall login_first",
		"抱歉，您没有权限访问该版块":                                 "login_wall no_permission",
		"抱歉，只有特定用户可以访问，您需要满足以下条件才能访问此版块：积分 &gt; 100":    "login_wall conditions",
		"抱歉，本站点暂时关闭":                                    "unreadable site_closed",
		"抱歉，您的 IP 地址不在被允许，或您的账号被禁用，无法访问本站点":             "blocked firewall",
		"抱歉，论坛功能尚未开启":                                   "unreadable site_closed",
		"抱歉，管理员设置了每日 01:00-06:00 不能进行此操作或访问此页面，请其他时间再试": "unreadable site_closed",
		"本版块只有特定用户可以访问":                                 "login_wall conditions",
		"抱歉，此版块需要支付 5 金钱才能进入此版块，您的金钱不足":                 "login_wall conditions",
		"没有找到帖子": "gone deleted_or_reviewed",
		"该群组已关闭": "gone no_board",
		"抱歉，您的账号被禁用，暂无法访问本站点。预计解禁时间：2026-12-1": "blocked firewall",
		"这里说的是别的事": "unreadable unknown_message",
	} {
		r := reading(t, "https://bbs.example.com/forum.php?mod=viewthread&tid=1", 200, `<html><head><title>提示信息 - 示例网</title></head><body><div id="messagetext" class="alert_error"><p>`+text+`</p></div></body></html>`)
		if got := string(r.Outcome) + " " + r.Detail; got != want || r.Kind != forum.KindMessage {
			t.Errorf("%s: %s %s, want %s", text, r.Kind, got, want)
		}
	}
}

// A thread about captchas and firewalls is no challenge.
func TestChallengeWordsInContent(t *testing.T) {
	r := reading(t, "https://bbs.example.com/forum.php?mod=viewthread&tid=1", 200, `<html><head><title>百度安全验证怎么过 - 论坛</title></head><body><div id="postlist"><span id="thread_subject">百度安全验证怎么过</span>
<table id="pid7"><tr><td class="pls"><div class="authi"><a href="home.php?mod=space&uid=3">小林</a></div></td><td><em id="authorposton7">发表于 2026-11-1 08:00:00</em><div class="pcb"><div id="captcha">频繁刷新限制</div><td class="t_f" id="postmessage_7">访问被拦截，网站防火墙</td></div></td></tr></table></div><script>location.href='x'</script></body></html>`)
	if r.Outcome != "" || len(r.Posts) != 1 {
		t.Errorf("%+v", r)
	}
}

func TestChallenges(t *testing.T) {
	for body, want := range map[string]string{
		`<html><head><title>Just a moment...</title></head><body>x</body></html>`:                                        forum.DetailChallengeJS,
		`<script>var arg1='A1';function reload(x){document.cookie="acw_sc__v2="+x;document.location.reload();}</script>`: forum.DetailChallengeJS,
		`<html><head><title>百度安全验证</title></head><body></body></html>`:                                                   forum.DetailChallengeCaptcha,
		`<html><head><title>网站防火墙</title></head><body>您的请求带有不合法参数，已被网站管理员设置拦截！</body></html>`:                            forum.DetailFirewall,
		`<html><head><title>代理服务器访问限制</title></head><body>代理服务器访问限制</body></html>`:                                       forum.DetailProxyRefused,
	} {
		r := reading(t, "https://bbs.example.com/forum.php?mod=viewthread&tid=1", 200, body)
		if r.Kind != forum.KindChallenge || r.Outcome != market.OutcomeBlocked || r.Detail != want {
			t.Errorf("%s: %s %s %s", body, r.Kind, r.Outcome, r.Detail)
		}
	}
}

func TestDiscuzCanonical(t *testing.T) {
	for addr, want := range map[string]string{
		"http://BBS.example.com:80/thread-5-2-7.html#pid9":                                                      "http://bbs.example.com/forum.php?mod=viewthread&tid=5&page=2",
		"http://bbs.example.com/forum.php?page=2&tid=5&extra=page%3D7&mod=viewthread&highlight=x&ordertype=1":   "http://bbs.example.com/forum.php?mod=viewthread&tid=5&page=2",
		"http://bbs.example.com/forum.php?mod=viewthread&tid=5&page=1&mobile=2&_dsign=abc&authorid=7&fromuid=3": "http://bbs.example.com/forum.php?mod=viewthread&tid=5",
		"http://bbs.example.com/viewthread.php?tid=0005":                                                        "http://bbs.example.com/forum.php?mod=viewthread&tid=5",
		"http://bbs.example.com/bbs/forum-2-1.html":                                                             "http://bbs.example.com/bbs/forum.php?mod=forumdisplay&fid=2",
		"http://bbs.example.com/forum-rencai-3.html":                                                            "http://bbs.example.com/forum.php?mod=forumdisplay&fid=rencai&page=3",
		"http://bbs.example.com/forum.php?mod=forumdisplay&fid=2&orderby=dateline&filter=author&mobile=no":      "http://bbs.example.com/forum.php?mod=forumdisplay&fid=2&filter=author&orderby=dateline",
		"http://bbs.example.com/archiver/?tid-5.html&page=2":                                                    "http://bbs.example.com/forum.php?mod=viewthread&tid=5&page=2",
		"http://bbs.example.com/forum.php?pid=9&goto=findpost&mod=redirect&ptid=5":                              "http://bbs.example.com/forum.php?mod=redirect&goto=findpost&ptid=5&pid=9",
		"http://bbs.example.com":                                     "http://bbs.example.com/forum.php",
		"http://bbs.example.com/home.php?uid=3&mod=space&mobile=2#x": "http://bbs.example.com/home.php?mod=space&uid=3",
		"http://bbs.example.com/forum.php?mod=guide&view=new":        "http://bbs.example.com/forum.php?mod=guide&view=new",
	} {
		u, err := url.Parse(addr)
		if err != nil {
			t.Fatal(err)
		}
		got := forum.Discuz{}.Canonical(u)
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", addr, got, want)
		}
		again, _ := url.Parse(got)
		if forum.Discuz.Canonical(forum.Discuz{}, again) != got {
			t.Errorf("%s isn't its own key", got)
		}
	}
}
