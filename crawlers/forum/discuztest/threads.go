package discuztest

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"
)

// rows are the threads of a list, sticky ones first, then by last post, as the
// real list orders them; by creation when byCreation.
func (s *Site) rows(fid int, byCreation bool) []*Thread {
	var out []*Thread
	for _, t := range s.threads {
		if t.Board == fid && !t.Deleted && t.last() != nil {
			out = append(out, t)
		} else if t.MovedTo == fid && !t.Deleted && t.last() != nil {
			moved := *t
			moved.MovedTo = 0
			out = append(out, &moved)
		}
	}
	slices.SortStableFunc(out, func(a, b *Thread) int {
		if a.Sticky != b.Sticky {
			if a.Sticky {
				return -1
			}
			return 1
		}
		if byCreation {
			return b.Posts[0].At.Compare(a.Posts[0].At)
		}
		return cmp.Or(b.last().At.Compare(a.last().At), cmp.Compare(b.ID, a.ID))
	})
	return out
}

// listPage is one page of a board. A page beyond the last serves the first, as
// the real one does.
func (s *Site) listPage(b *Board, page int, byCreation bool) string {
	all := s.rows(b.ID, byCreation)
	last := max(1, (len(all)+s.style.PerList-1)/s.style.PerList)
	if page < 1 || page > last {
		page = 1
	}
	pg := pager(page, last, func(n int) string { return s.boardURL(b.ID, n) })
	var o strings.Builder
	o.WriteString(s.crumbs(b, nil))
	fmt.Fprintf(&o, `<div id="ct" class="wp cl"><div class="mn"><div class="bml pbn"><div class="bm_h cl"><h1 class="xs2"><a href="%s">%s</a></h1></div></div>`, s.boardURL(b.ID, 1), html.EscapeString(b.Name))
	if subs := s.subBoards(b.ID); subs != "" {
		fmt.Fprintf(&o, `<div class="bm bmw fl"><div class="bm_h cl"><h2>子版块</h2></div><div id="subforum_%d" class="bm_c"><table class="fl_tb">%s</table></div></div>`, b.ID, subs)
	}
	fmt.Fprintf(&o, `<div id="pgt" class="bm bw0 pgs cl"><span id="fd_page_top">%s</span></div><div id="threadlist" class="tl bm bmw"><div class="bm_c"><table summary="forum_%d" cellspacing="0" cellpadding="0" id="threadlisttableid">`, pg, b.ID)
	o.WriteString(`<tbody><tr><td class="icn"></td><th><strong class="xst">公告: <a href="forum.php?mod=announcement&amp;id=1#1" target="_blank">文明发帖</a></strong></th><td class="by"><cite><a href="home.php?mod=space&amp;uid=1" c="1">admin</a></cite><em>2026-1-1</em></td><td class="num">&nbsp;</td><td class="by">&nbsp;</td></tr></tbody>`)
	if len(all) == 0 {
		o.WriteString(`<tbody><tr><th colspan="5"><p class="emp">本版块或指定的范围内尚无主题</p></th></tr></tbody>`)
	}
	separated := false
	for _, t := range all[(page-1)*s.style.PerList : min(page*s.style.PerList, len(all))] {
		if !t.Sticky && !separated {
			separated = true
			o.WriteString(`<tbody id="separatorline"><tr class="ts"><td>&nbsp;</td><th><a href="javascript:;" class="forumrefresh">版块主题</a></th><td>&nbsp;</td><td>&nbsp;</td><td>&nbsp;</td></tr></tbody>`)
		}
		s.row(&o, t, page)
	}
	fmt.Fprintf(&o, `</table></div></div><div class="bm bw0 pgs cl"><span id="fd_page_bottom">%s</span></div></div></div>`, pg)
	return s.page("pg_forumdisplay", b.Name, o.String())
}

func (s *Site) subBoards(parent int) string {
	var o strings.Builder
	for _, b := range s.boards {
		if b.Parent == parent {
			s.boardRow(&o, b)
		}
	}
	return o.String()
}

func (s *Site) row(o *strings.Builder, t *Thread, listPage int) {
	id, title, mark, class := fmt.Sprintf("normalthread_%d", t.ID), "新窗口打开", "", "common"
	if t.Sticky {
		id, title = fmt.Sprintf("stickthread_%d", t.ID), "本版置顶主题 - 新窗口打开"
	}
	if t.Locked {
		class, title = "lock", "关闭的主题 - 新窗口打开"
	}
	if t.MovedTo != 0 { // the stub has a number of its own
		id, mark = fmt.Sprintf("normalthread_%d", t.ID+900000), "移动:"
	}
	first, last := t.Posts[0], t.last()
	// The column shows a date without time of day.
	created := first.At.In(zone).Format("2006-1-2")
	if span := s.stamp(first.At, false); strings.HasPrefix(span, "<span") {
		word := span[strings.Index(span, ">"):]
		created = `<span title="` + created + `"` + word
		if s.now().Sub(first.At).Hours() < 24 {
			created = `<span class="xi1">` + created + `</span>`
		}
	}
	lastBy := html.EscapeString(last.Author.Name)
	if last.Author.ID != 0 {
		lastBy = fmt.Sprintf(`<a href="home.php?mod=space&amp;username=%s" c="1">%s</a>`, html.EscapeString(last.Author.Name), lastBy)
	}
	fmt.Fprintf(o, `<tbody id="%s"><tr><td class="icn"><a href="%s" title="%s" target="_blank"><i class="fico-thread"></i></a></td><th class="%s"><a href="javascript:;" id="content_%d" class="showcontent y"></a>%s <a href="%s" onclick="atarget(this)" class="s xst">%s</a></th>`,
		id, s.threadURL(t.ID, 1, listPage), title, class, t.ID, mark, s.threadURL(t.ID, 1, listPage), html.EscapeString(t.Title))
	fmt.Fprintf(o, `<td class="by"><cite>%s</cite><em><span>%s</span></em></td><td class="num"><a href="%s" class="xi2">%d</a><em>%d</em></td><td class="by"><cite>%s</cite><em><a href="forum.php?mod=redirect&amp;tid=%d&amp;goto=lastpost#lastpost">%s</a></em></td></tr></tbody>`+"\n",
		s.userLink(first.Author, ""), created, s.threadURL(t.ID, 1, listPage), len(t.shown())-1, t.Views, lastBy, t.ID, s.stamp(last.At, false))
}

// threadPage is one page of a thread. A page beyond the last serves the last.
func (s *Site) threadPage(b *Board, t *Thread, page int) string {
	all := t.shown()
	last := max(1, (len(all)+s.style.PerThread-1)/s.style.PerThread)
	page = min(max(page, 1), last)
	pg := pager(page, last, func(n int) string { return s.threadURL(t.ID, n, 1) })
	var o strings.Builder
	fmt.Fprintf(&o, `<script type="text/javascript">var fid = parseInt('%d'), tid = parseInt('%d');</script>`, b.ID, t.ID)
	o.WriteString(s.crumbs(b, t))
	fmt.Fprintf(&o, `<div id="ct" class="wp cl"><div id="pgt" class="pgs mbm cl"><div class="pgt">%s</div></div><div id="postlist" class="pl bm"><table cellspacing="0" cellpadding="0"><tr><td class="pls ptn pbn"><div class="hm ptn"><span class="xg1">查看:</span> <span class="xi1">%d</span><span class="pipe">|</span><span class="xg1">回复:</span> <span class="xi1">%d</span></div></td><td class="plc ptm pbn vwthd"><h1 class="ts"><span id="thread_subject">%s</span></h1></td></tr></table>`,
		pg, t.Views, len(all)-1, html.EscapeString(t.Title))
	for i, p := range all[(page-1)*s.style.PerThread : min(page*s.style.PerThread, len(all))] {
		s.post(&o, t, p, (page-1)*s.style.PerThread+i)
	}
	fmt.Fprintf(&o, `<div id="postlistreply" class="pl"><div id="post_new" class="viewthread_table" style="display: none"></div></div></div><div class="pgs mtm mbm cl">%s</div></div>`, pg)
	return s.page("pg_viewthread", t.Title+" - "+b.Name, o.String())
}

func (s *Site) post(o *strings.Builder, t *Thread, p *Post, floor int) {
	label, href := fmt.Sprintf(`<em>%d</em><sup>#</sup>`, floor+1), fmt.Sprintf("forum.php?mod=redirect&amp;goto=findpost&amp;ptid=%d&amp;pid=%d", t.ID, p.ID)
	if names := []string{"楼主", "沙发", "板凳", "地板"}; floor < len(names) {
		label = names[floor]
	}
	if floor == 0 {
		href = fmt.Sprintf("forum.php?mod=viewthread&amp;tid=%d", t.ID)
	}
	side := `<div class="pi">匿名 <em>该用户匿名发帖</em></div>`
	if p.Author.ID != 0 {
		side = `<div class="pi"><div class="authi">` + s.userLink(p.Author, "xw1") + `</div></div>`
	}
	fmt.Fprintf(o, `<div id="post_%d"><table id="pid%d" class="plhin" summary="pid%d" cellspacing="0" cellpadding="0"><tr><td class="pls" rowspan="2"><div id="favatar%d" class="pls cl favatar">%s</div></td><td class="plc"><div class="pi"><strong><a href="%s" id="postnum%d">%s</a></strong><div class="pti"><div class="pdbt"></div><div class="authi"><img class="authicn vm" id="authicon%d" src="static/image/common/online_member.gif" /><em id="authorposton%d">发表于 %s</em><span class="pipe">|</span><a href="forum.php?mod=viewthread&amp;tid=%d&amp;page=1&amp;authorid=%d" rel="nofollow">只看该作者</a></div></div></div><div class="pct"><div class="pcb">`,
		p.ID, p.ID, p.ID, p.ID, side, href, p.ID, label, p.ID, p.ID, s.stamp(p.At, true), t.ID, p.Author.ID)
	if p.Banned {
		o.WriteString(`<div class="locked">提示: <em>该帖被管理员或版主屏蔽</em></div>`)
	} else {
		fmt.Fprintf(o, `<div class="t_fsz"><table cellspacing="0" cellpadding="0"><tr><td class="t_f" id="postmessage_%d">%s</td></tr></table>`, p.ID, s.message(t, p))
		if len(p.Attachments) > 0 {
			o.WriteString(`<div class="pattl">`)
			for i, name := range p.Attachments {
				fmt.Fprintf(o, `<ignore_js_op><dl class="tattl"><dt></dt><dd><p class="attnm"><a href="forum.php?mod=attachment&amp;aid=%s" id="aid%d" target="_blank">%s</a></p><p>2.19 KB, 下载次数: %d</p></dd></dl></ignore_js_op>`, s.jam(12), p.ID*10+i, html.EscapeString(name), p.ID%7)
			}
			o.WriteString(`</div>`)
		}
		o.WriteString(`</div>`)
	}
	fmt.Fprintf(o, `<div id="comment_%d" class="cm">`, p.ID)
	for _, c := range p.Comments {
		fmt.Fprintf(o, `<div class="pstl xs1 cl"><div class="psta vm"><a href="home.php?mod=space&amp;uid=%d" c="1"></a> %s</div><div class="psti">%s&nbsp; <span class="xg1">发表于 %s</span></div></div>`, c.By.ID, s.userLink(c.By, "xi2 xw1"), html.EscapeString(c.Text), s.stamp(c.At, false))
	}
	fmt.Fprintf(o, `</div><div id="post_rate_div_%d"></div></div></div></td></tr></table></div>`+"\n", p.ID)
}

// message is the body of a post, with noise at its line breaks.
func (s *Site) message(t *Thread, p *Post) string {
	var o strings.Builder
	if !p.Edited.IsZero() {
		fmt.Fprintf(&o, `<i class="pstatus"> 本帖最后由 %s 于 %s 编辑 </i><br /><br />`, html.EscapeString(p.Author.Name), s.stamp(p.Edited, false))
	}
	if q := p.Quote; q != nil {
		fmt.Fprintf(&o, `<div class="quote"><blockquote><font size="2"><a href="forum.php?mod=redirect&amp;goto=findpost&amp;pid=1&amp;ptid=%d" target="_blank"><font color="#999999">%s 发表于 %s</font></a></font><br />%s</blockquote></div><br />`,
			t.ID, html.EscapeString(q.By.Name), q.At.In(zone).Format("2006-1-2 15:04"), s.lines(q.Text))
	}
	if p.Hidden {
		o.WriteString(`<div class="locked">游客，如果您要查看本帖隐藏内容请<a href="forum.php?mod=post&amp;action=reply">回复</a></div>`)
	} else {
		o.WriteString(s.lines(p.Text))
	}
	return o.String()
}

func (s *Site) lines(text string) string {
	var o strings.Builder
	for i, l := range strings.Split(text, "\n") {
		if i > 0 {
			if s.style.Jammer {
				if s.random()%2 == 0 {
					fmt.Fprintf(&o, `<font class="jammer">%s</font>`, html.EscapeString(s.jam(9)))
				} else {
					fmt.Fprintf(&o, `<span style="display:none">%s</span>`, html.EscapeString(s.jam(9)))
				}
			}
			o.WriteString("<br />\n")
		}
		o.WriteString(html.EscapeString(l))
	}
	return o.String()
}

// jam is noise that differs on each request. Callers hold the lock.
func (s *Site) jam(n int) string {
	const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789 &+;~"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[s.random()%uint64(len(letters))]
	}
	return string(b)
}

func (s *Site) random() uint64 {
	s.noise ^= s.noise << 13
	s.noise ^= s.noise >> 7
	s.noise ^= s.noise << 17
	return s.noise
}
