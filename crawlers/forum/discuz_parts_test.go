package forum_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resumewatch/crawlers/forum"
	"resumewatch/internal/market"
)

// x35Post is a post as the X3.5 default template lays it out: the author in the
// left column, the time and the buttons above the words.
func x35Post(pid, author, buttons, link, inner string) string {
	left := `<td class="pls" rowspan="2"><div class="pls cl favatar">` + author + `</div></td>`
	return `<div id="post_` + pid + `"><table id="pid` + pid + `" class="plhin"><tr>` + left +
		`<td class="plc"><div class="pi"><strong><a href="` + link + `" id="postnum` + pid + `">楼</a></strong><div class="pti"><div class="pdbt"></div><div class="authi">` +
		buttons + `<em id="authorposton` + pid + `">发表于 2026-10-8 02:58:36</em> <span class="pipe show">|</span><a href="forum.php?mod=viewthread&amp;tid=7&amp;extra=&amp;ordertype=1" class="show">倒序浏览</a>` +
		`<span class="pipe show">|</span><a href="javascript:;" onclick="readmode('x', ` + pid + `);" class="show">阅读模式</a></div></div></div>` +
		`<div class="pct"><div class="pcb">` + inner + `<div id="comment_` + pid + `" class="cm"></div></div></div></td></tr></table></div>`
}

func x35Page(lock, posts string) string {
	return `<html><head><meta name="generator" content="Discuz! X3.5"><title>帖</title></head><body id="nv_forum" class="pg_viewthread">
<div id="pt"><a href="forum.php">论坛</a> <a href="forum.php?mod=forumdisplay&amp;fid=2">资源</a></div>
<div id="postlist" class="pl bm"><table><tr><td class="pls ptn pbn"><div class="hm ptn"><span class="xg1">查看:</span> <span class="xi1">9</span><span class="pipe">|</span><span class="xg1">回复:</span> <span class="xi1">3</span></div></td>
<td class="plc ptm pbn vwthd"><h1 class="ts"><span id="thread_subject">帖</span></h1><span class="xg1">` + lock + `<a href="forum.php?mod=viewthread&amp;tid=7">[复制链接]</a></span></td></tr></table>` + posts + `</div></body></html>`
}

const (
	replyLink = "forum.php?mod=redirect&amp;goto=findpost&amp;ptid=7&amp;pid=1"
	firstLink = "forum.php?mod=viewthread&amp;tid=7"
	seller    = `<div class="pi"><div class="authi"><a href="home.php?mod=space&amp;uid=4" target="_blank" class="xw1">阿杰</a></div></div>`
)

func message(pid, text string) string {
	return `<div class="t_fsz"><table><tr><td class="t_f" id="postmessage_` + pid + `">` + text + `</td></tr></table></div>`
}

// An anonymous opener has buttons beside the time, and no link to its author.
func TestAnonymousOpenerIsNoButton(t *testing.T) {
	r := reading(t, "https://bbs.example.com/forum.php?mod=viewthread&tid=7", 200,
		x35Page("", x35Post("1", `<div class="pi">匿名</div>`, "匿名&nbsp;", firstLink, message("1", "出简历"))+
			x35Post("2", `<div class="pi"><div class="authi"><a href="javascript:;" class="xw1">过客</a></div></div>`, "", replyLink, message("2", "要"))))
	if len(r.Posts) != 2 || r.Posts[0].Author != (market.Author{Kind: market.AuthorSite, Name: "匿名"}) || r.Posts[1].Author.Name != "过客" {
		t.Errorf("%+v", r.Posts)
	}
	if r.Thread.Author != "匿名" || r.Thread.Replies != 3 || r.Thread.Locked {
		t.Errorf("%+v", r.Thread)
	}
}

// Replies that moderators pin, and lists that run backwards, put other posts
// before the one that opens the thread.
func TestOpenerNeedNotStandFirst(t *testing.T) {
	r := reading(t, "https://bbs.example.com/forum.php?mod=viewthread&tid=7&ordertype=1", 200,
		x35Page("", x35Post("9", `<div class="pi"><div class="authi"><a href="home.php?mod=space&amp;uid=5" class="xw1">小林</a></div></div>`, "", replyLink, message("9", "别买"))+
			x35Post("1", seller, "", firstLink, message("1", "出简历"))))
	var got []string
	for _, p := range r.Posts {
		got = append(got, p.NativeID+" "+p.Title)
	}
	if diff := cmp.Diff([]string{"pid:9 ", "pid:1 帖"}, got); diff != "" || r.Thread.Author != "阿杰" || r.Thread.AuthorID != "4" {
		t.Errorf("%s %+v", diff, r.Thread)
	}
}

func TestClosedThread(t *testing.T) {
	for lock, want := range map[string]bool{
		`&nbsp;<i class="fico-lock fc-s" title="关闭"></i>`:                                   true, // X3.5
		`&nbsp;<img src="static/image/common/locked.gif" alt="关闭" title="关闭" class="vm" />`: true, // X3.4
		"": false,
	} {
		r := reading(t, "https://bbs.example.com/forum.php?mod=viewthread&tid=7", 200, x35Page(lock, x35Post("1", seller, "", firstLink, message("1", `出<i class="fico-lock"></i><img src="locked.gif">`))))
		if r.Thread.Locked != want {
			t.Errorf("%q: locked %t", lock, r.Thread.Locked)
		}
	}
	list := reading(t, "https://bbs.example.com/forum.php?mod=forumdisplay&fid=2", 200, `<table summary="forum_2" id="threadlisttableid">
<tbody id="normalthread_31"><tr><td class="icn"><a title="关闭的主题 - 新窗口打开"><i class="fico-lock fic6 fc-s"></i></a></td><th class="lock"> 移动: <a href="forum.php?mod=viewthread&amp;tid=28" class="s xst">搬走</a></th></tr></tbody>
<tbody id="normalthread_29"><tr><td class="icn"><a title="关闭的主题 - 新窗口打开"><i class="fico-lock fic6 fc-s"></i></a></td><th class="lock"><a href="forum.php?mod=viewthread&amp;tid=29" class="s xst">关了</a></th></tr></tbody></table>`)
	if len(list.Threads) != 2 || list.Threads[0].Locked || !list.Threads[0].Moved || !list.Threads[1].Locked || list.Threads[1].Moved {
		t.Errorf("%+v", list.Threads)
	}
}

// What authors say beside the message of sales, debates and meetings.
func TestPartsBesideTheMessage(t *testing.T) {
	for name, c := range map[string]struct{ inner, want string }{
		"sale": {`<div class="pcbs"><table><tr><td class="t_f" id="postmessage_1"></td></tr></table><div class="trdc xs1"><em>商品数: 1</em></div><div class="xs1 cl"><div class="trdb"><div id="trade5" class="trdl cl"><div class="tt"></div><div class="ta spi">
<span class="y"><a href="javascript:;">展开</a></span><h4><a href="forum.php?mod=viewthread&amp;do=tradeinfo&amp;tid=7&amp;pid=5">51简历包</a></h4><dl class="z"><dt>剩余时间:</dt><dd>3天7小时</dd></dl>
<div class="z mtn"><strong>100.00</strong>&nbsp;元&nbsp;&nbsp;<p class="xg1"></p></div></div></div></div></div><div id="postmessage_1"></div></div>`, "51简历包\n100.00 元"},
		"debate": {`<div class="pcbs"><table><tr><td class="t_f" id="postmessage_1">该不该买</td></tr></table><p class="dtm">结束时间: 2026-12-1</p><div class="ds"><table><tr><td class="si_1"><div class="point"><strong>正方观点 (8)</strong><p>该买，2元一条</p></div></td>
<td class="si_2"><div class="point"><strong>反方观点 (0)</strong><p>不该</p></div></td></tr></table></div></div>`, "该不该买\n该买，2元一条\n不该"},
		"meeting": {`<div class="pcbs"><div class="act pbm cl"><div class="spi"><dl><dt>活动类型:</dt><dd><strong>线下交易</strong></dd><dt>活动地点:</dt><dd>北京</dd></dl><dl class="nums mtw"><dt>已报名</dt><dd><em>4</em> 人</dd></dl></div></div><table><tr><td class="t_f" id="postmessage_1">来谈</td></tr></table></div>`,
			"活动类型:\n线下交易\n活动地点:\n北京\n来谈"},
		"indent": {message("1", `先看<br /><blockquote>出简历 2元一条</blockquote><div class="quote"><blockquote>小林 发表于 2026-10-7 01:00<br />还有吗</blockquote></div>有`), "先看\n出简历 2元一条\n> 小林 发表于 2026-10-7 01:00\n> 还有吗\n有"},
	} {
		r := reading(t, "https://bbs.example.com/forum.php?mod=viewthread&tid=7", 200, x35Page("", x35Post("1", seller, "", firstLink, c.inner)))
		if len(r.Posts) != 1 {
			t.Fatalf("%s: %+v", name, r)
		}
		if diff := cmp.Diff(c.want, r.Posts[0].Text); diff != "" || r.Posts[0].Title != "帖" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// A remark on an attachment is a place for a contact as good as any.
func TestRemarksOnAttachments(t *testing.T) {
	const when = `<span title="2026-11-22 06:00">9&nbsp;分钟前</span> 上传`
	inner := strings.NewReplacer("WHEN", when).Replace(message("1", `看
<ignore_js_op><img src="static/image/filetype/text.gif" /><span id="attach_1"><a href="forum.php?mod=attachment&amp;aid=MXw5">样本.txt</a><em class="xg1">(2.34 KB, 下载次数: 0)</em></span>
<div class="tip tip_4" id="attach_1_menu" style="display: none"><div class="tip_c xs0"><div class="y">WHEN</div>点击文件名下载附件<br />加 1000012345<br />售价: 2 金钱</div></div></ignore_js_op>
<ignore_js_op><img id="aimg_4" aid="4" src="static/image/common/none.gif" file="data/4.png" /><div class="tip tip_4 aimg_tip" style="display: none"><div class="xs0"><p><strong>图.png</strong> <em class="xg1">(405 Bytes, 下载次数: 0)</em></p><p><a href="forum.php?mod=attachment&amp;aid=NH">下载附件</a></p><p>微信 wx_example_1</p><p class="xg1 y">WHEN</p></div></div></ignore_js_op>
<ignore_js_op><span id="attach_8"><a href="forum.php?mod=attachment&amp;aid=OHw5">贵.txt</a></span><div class="tip tip_4"><div class="tip_c xs0"><div class="y">WHEN</div>点击文件名下载附件<br />下载积分: 金钱 -1</div></div></ignore_js_op>`) +
		`<div class="pattl"><ignore_js_op><dl class="tattl"><dt></dt><dd><p class="attnm"><a href="forum.php?mod=attachment&amp;aid=Mn" id="aid2">名单.zip</a></p><p>2.93 KB, 下载次数: 7</p><p></p><p class="xg2">三万条</p></dd></dl></ignore_js_op></div>`)
	r := reading(t, "https://bbs.example.com/forum.php?mod=viewthread&tid=7", 200, x35Page("", x35Post("1", seller, "", firstLink, inner)))
	want := "看\n[图片]\n[附件] 样本.txt 加 1000012345\n[附件] 图.png 微信 wx_example_1\n[附件] 贵.txt\n[附件] 名单.zip 三万条"
	got := strings.Split(r.Posts[0].Text, "\n")
	for _, l := range strings.Split(want, "\n") { // in which order they come is the page's
		if !strings.Contains("\n"+r.Posts[0].Text+"\n", "\n"+l+"\n") {
			t.Errorf("%q isn't in %q", l, got)
		}
	}
	if len(got) != 6 || r.Outcome != "" || r.Kind != forum.KindThread {
		t.Errorf("%q", got)
	}
}

// A script may have no word to know it by: each is joined from pieces.
func TestScriptWithoutMarks(t *testing.T) {
	script := `<script type="text/javascript">function a1(){return 'lo'}function b2(){return (function(x){return x})('ca')}function c3(){'zzz';return 'ti'}` +
		`var _w=window,k9=a1()+b2()+c3()+(function(){'q';return 'on'})(),h7=(function(){return 'hr'})()+'e'+'f';_w[k9][h7]=(function(y){return y})('/f')+'or'+(function(){return 'um.'})()+'ph'+'p?_d'+'sign='+'ab12';</script>`
	for body, want := range map[string]string{
		script: forum.DetailChallengeJS,
		"<html><head><title>示例论坛</title></head><body><div id=\"app\"></div>" + script + "</body></html>": forum.DetailUnknownPage,
		`<script src="/app.js"></script>`: forum.DetailUnknownPage,
		script + "<p>出简历</p>":             forum.DetailUnknownPage,
		"<script>1</script>":              forum.DetailUnknownPage,
		"":                                forum.DetailUnknownPage,
	} {
		r := reading(t, "https://bbs.example.com/forum.php?mod=viewthread&tid=1", 200, body)
		if r.Detail != want || (r.Kind == forum.KindChallenge) != (want == forum.DetailChallengeJS) {
			t.Errorf("%.60s: %s %s, want %s", body, r.Kind, r.Detail, want)
		}
	}
}

// The owner's own words about a closed site stand above a form to log in.
func TestUnknownWordsAboveALogin(t *testing.T) {
	r := reading(t, "https://bbs.example.com/forum.php?mod=viewthread&tid=1", 200, `<html><head><title>提示信息 - 示例网</title></head><body><div id="messagetext" class="alert_info"><p>维护中，明天再来</p></div><div id="messagelogin"></div></body></html>`)
	if r.Outcome != market.OutcomeLoginWall || len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "维护中，明天再来") {
		t.Errorf("%s %s %q", r.Outcome, r.Detail, r.Problems)
	}
}

// A board may ask for a password or for money before it shows anything.
func TestFormsBeforeABoard(t *testing.T) {
	for form, want := range map[string]string{
		`<form method="post" action="forum.php?mod=forumdisplay&amp;fid=2&amp;action=pwverify"><input type="password" name="pw"></form>`: forum.DetailPassword,
		`<form method="post" action="forum.php?mod=forumdisplay&amp;fid=2&amp;action=paysubmit"><button>付</button></form>`:               forum.DetailConditions,
	} {
		r := reading(t, "https://bbs.example.com/forum.php?mod=forumdisplay&fid=2", 200, `<html><head><meta name="generator" content="Discuz! X3.5"><title>版</title></head><body id="nv_forum"><div id="ct"><div class="f_c">`+form+`</div></div></body></html>`)
		if r.Outcome != market.OutcomeLoginWall || r.Detail != want {
			t.Errorf("%s %s, want %s", r.Outcome, r.Detail, want)
		}
	}
}

// Long rows of remarks have a pager of their own, which isn't the thread's.
func TestRemarksWithPages(t *testing.T) {
	post := strings.Replace(x35Post("1", seller, "", firstLink, message("1", "出简历")), `class="cm"></div>`, `class="cm"><h3 class="psth">点评</h3><div class="pstl xs1 cl"><div class="psta vm"><a href="home.php?mod=space&amp;uid=5" c="1"></a> <a href="home.php?mod=space&amp;uid=5" class="xi2 xw1">小林</a></div>
<div class="psti">别买&nbsp;<span class="xg1">发表于 <span title="2026-11-22 05:32">半小时前</span></span></div></div><div class="pgs mbm mtn cl"><div class="pg"><a href="javascript:;" class="nxt" onclick="ajaxget('forum.php?mod=misc&amp;action=commentmore&amp;tid=7&amp;pid=1&amp;page=2')">下一页</a></div></div></div>`, 1)
	r := reading(t, "https://bbs.example.com/forum.php?mod=viewthread&tid=7&page=9", 200, x35Page("", post))
	if r.PageNo != 1 || r.LastPage != 1 || r.Next != "" || len(r.Posts) != 2 || r.Posts[1].Text != "别买" || r.Posts[1].Author.ID != "5" {
		t.Errorf("page %d of %d, next %q: %+v", r.PageNo, r.LastPage, r.Next, r.Posts)
	}
	if !strings.Contains(strings.Join(r.Problems, "\n"), "more remarks") {
		t.Errorf("%q", r.Problems)
	}
}

// Without a left column, and with names that would stand there, the picture
// beside the time leads to the author.
func TestAuthorBehindAPicture(t *testing.T) {
	post := strings.Replace(x35Post("1", "", `<a href="home.php?mod=space&amp;uid=4" class="xi2 z avt"><img src="a.png"></a>`, firstLink, message("1", "出简历")), `<td class="pls" rowspan="2"><div class="pls cl favatar"></div></td>`, "", 1)
	r := reading(t, "https://bbs.example.com/forum.php?mod=viewthread&tid=7", 200, x35Page("", post))
	if len(r.Posts) != 1 || r.Posts[0].Author != (market.Author{Kind: market.AuthorSite, ID: "4"}) {
		t.Errorf("%+v", r.Posts)
	}
}

func TestTouchIndexIsNamed(t *testing.T) {
	r := reading(t, "https://bbs.example.com/forum.php", 200, `<html><head><title>论坛</title><script src="static/js/mobile/common.js"></script></head><body id="forum" class="pg_index"><div class="forumlist cl"><a href="forum.php?mod=forumdisplay&amp;fid=2&amp;mobile=2">资源</a></div></body></html>`)
	if r.Outcome != market.OutcomeUnreadable || r.Detail != forum.DetailTouch || r.Kind != forum.KindIndex {
		t.Errorf("%s %s %s", r.Kind, r.Outcome, r.Detail)
	}
}

// A page that shows one author's posts alone proves nothing about the others;
// one that runs backwards goes on backwards.
func TestViewsOfAThread(t *testing.T) {
	page := strings.Replace(x35Page("", x35Post("1", seller, "", firstLink, message("1", "出简历"))), `<div id="postlist"`,
		`<div class="pgt"><div class="pg"><strong>1</strong><a href="forum.php?mod=viewthread&amp;tid=7&amp;extra=&amp;ordertype=1&amp;page=2">2</a><a href="forum.php?mod=viewthread&amp;tid=7&amp;extra=&amp;ordertype=1&amp;page=2" class="nxt">下一页</a></div></div><div id="postlist"`, 1)
	for query, partial := range map[string]bool{"&authorid=4": true, "&stand=1": true, "&viewpid=1": true, "&authorid=0": false, "": false, "&ordertype=1": false, "&authorid": false} {
		r := reading(t, "https://bbs.example.com/forum.php?mod=viewthread&tid=7"+query, 200, page)
		if (len(r.Problems) > 0) != partial || len(r.Posts) != 1 {
			t.Errorf("%q: %q", query, r.Problems)
		}
		if u, err := url.Parse(r.Next); err != nil || u.Query().Get("ordertype") != "1" || u.Query().Get("page") != "2" || r.LastPage != 2 {
			t.Errorf("%q: next %q, last %d", query, r.Next, r.LastPage)
		}
	}
}
