package discuztest

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
)

// zone is the site's: GMT+8, as the footer says.
var zone = time.FixedZone("Asia/Shanghai", 8*3600)

// stamp words a time as dgmdate does with "dateconvert" on: a span with the
// absolute time in its title up to six days back, bare text beyond.
func (s *Site) stamp(t time.Time, seconds bool) string {
	layout := "2006-1-2 15:04"
	if seconds {
		layout = "2006-1-2 15:04:05"
	}
	t, now := t.In(zone), s.now().In(zone)
	abs := t.Format(layout)
	if s.style.PlainTimes {
		return abs
	}
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	age := now.Sub(t)
	word := ""
	switch {
	case age < 0:
		return abs
	case !t.Before(today):
		switch n := int(age.Seconds()); {
		case n > 3600:
			word = fmt.Sprintf("%d&nbsp;小时前", n/3600)
		case n > 1800:
			word = "半小时前"
		case n > 60:
			word = fmt.Sprintf("%d&nbsp;分钟前", n/60)
		case n > 0:
			word = fmt.Sprintf("%d&nbsp;秒前", n)
		default:
			word = "刚刚"
		}
	default:
		switch days := int(today.Sub(t).Hours() / 24); {
		case days == 0:
			word = "昨天&nbsp;" + t.Format("15:04")
		case days == 1:
			word = "前天&nbsp;" + t.Format("15:04")
		case days < 7:
			word = fmt.Sprintf("%d&nbsp;天前", days+1)
		default:
			return abs
		}
	}
	return `<span title="` + abs + `">` + word + `</span>`
}

func (s *Site) boardURL(fid, page int) string {
	if s.style.Rewrite {
		return fmt.Sprintf("forum-%d-%d.html", fid, page)
	}
	if page > 1 {
		return fmt.Sprintf("forum.php?mod=forumdisplay&amp;fid=%d&amp;page=%d", fid, page)
	}
	return fmt.Sprintf("forum.php?mod=forumdisplay&amp;fid=%d", fid)
}

func (s *Site) threadURL(tid, page, listPage int) string {
	if s.style.Rewrite {
		return fmt.Sprintf("thread-%d-%d-%d.html", tid, page, listPage)
	}
	u := fmt.Sprintf("forum.php?mod=viewthread&amp;tid=%d&amp;extra=page%%3D%d", tid, listPage)
	if page > 1 {
		u += fmt.Sprintf("&amp;page=%d", page)
	}
	return u
}

func (s *Site) userLink(u User, class string) string {
	if u.ID == 0 {
		return html.EscapeString(u.Name)
	}
	href := fmt.Sprintf("home.php?mod=space&amp;uid=%d", u.ID)
	if s.style.Rewrite {
		href = fmt.Sprintf("space-uid-%d.html", u.ID)
	}
	return fmt.Sprintf(`<a href="%s" target="_blank" class="%s">%s</a>`, href, class, html.EscapeString(u.Name))
}

// page wraps a body in the site's frame.
func (s *Site) page(class, title, body string) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html>\n<head>\n")
	if s.style.MetaSays != "none" {
		if s.style.Version == "X3.4" {
			fmt.Fprintf(&b, `<meta http-equiv="Content-Type" content="text/html; charset=%s" />`+"\n", s.style.MetaSays)
		} else {
			fmt.Fprintf(&b, `<meta charset="%s" />`+"\n", s.style.MetaSays)
		}
	}
	powered := ""
	if !s.style.NoMeta {
		fmt.Fprintf(&b, `<meta name="generator" content="Discuz! %s" />`+"\n", s.style.Version)
		powered = " - Powered by Discuz!"
	}
	fmt.Fprintf(&b, "<title>%s - %s%s</title>\n", html.EscapeString(title), html.EscapeString(s.style.Name), powered)
	if s.style.BaseHref {
		fmt.Fprintf(&b, `<base href="%s" />`+"\n", s.style.Folder)
	}
	fmt.Fprintf(&b, `<script type="text/javascript">var STYLEID = '1', STATICURL = 'static/', VERHASH = 'a1B', charset = '%s', discuz_uid = '0', cookiepre = 'dZtT_2132_';</script>`+"\n", s.style.Charset)
	fmt.Fprintf(&b, "</head>\n<body id=\"nv_forum\" class=\"%s\">\n<div id=\"wp\" class=\"wp\">\n%s\n</div>\n", class, body)
	fmt.Fprintf(&b, `<div id="ft" class="wp cl"><div id="flk" class="y"><p class="xs0">GMT+8, %s<span id="debuginfo">, Processed in 0.02 second(s), 7 queries.</span></p></div>`, s.now().In(zone).Format("2006-1-2 15:04"))
	if powered != "" {
		fmt.Fprintf(&b, `<div id="frt"><p>Powered by <strong><a href="http://www.discuz.net" target="_blank">Discuz!</a></strong> <em>%s</em></p></div>`, s.style.Version)
	}
	b.WriteString("</div>\n</body>\n</html>\n")
	return b.String()
}

func (s *Site) crumbs(b *Board, t *Thread) string {
	out := `<div id="pt" class="bm cl"><div class="z"><a href="./" class="nvhm" title="首页">` + html.EscapeString(s.style.Name) + `</a><em>&raquo;</em><a href="forum.php">论坛</a>`
	if b != nil {
		out += fmt.Sprintf(` <em>&rsaquo;</em> <a href="%s">%s</a>`, s.boardURL(b.ID, 1), html.EscapeString(b.Name))
	}
	if t != nil {
		out += fmt.Sprintf(` <em>&rsaquo;</em> <a href="%s">%s</a>`, s.threadURL(t.ID, 1, 1), html.EscapeString(t.Title))
	}
	return out + `</div></div>`
}

// pager is Discuz!'s helper_page::multi: nothing when there is one page.
func pager(page, last int, link func(int) string) string {
	if last <= 1 {
		return ""
	}
	var b strings.Builder
	b.WriteString(`<div class="pg">`)
	if page > 1 {
		fmt.Fprintf(&b, `<a href="%s" class="prev">&nbsp;&nbsp;</a>`, link(page-1))
	}
	for i := max(1, page-4); i <= min(last, page+5); i++ {
		if i == page {
			fmt.Fprintf(&b, `<strong>%d</strong>`, i)
		} else {
			fmt.Fprintf(&b, `<a href="%s">%d</a>`, link(i), i)
		}
	}
	if last > page+5 {
		fmt.Fprintf(&b, `<a href="%s" class="last">... %d</a>`, link(last), last)
	}
	fmt.Fprintf(&b, `<label><input type="text" name="custompage" class="px" size="2" value="%d" /><span title="共 %d 页"> / %d 页</span></label>`, page, last, last)
	if page < last {
		fmt.Fprintf(&b, `<a href="%s" class="nxt">下一页</a>`, link(page+1))
	}
	b.WriteString(`</div>`)
	return b.String()
}

func (s *Site) indexPage() string {
	var b strings.Builder
	b.WriteString(s.crumbs(nil, nil) + `<div id="ct" class="wp cl"><div class="mn"><div class="fl bm">`)
	var categories []string
	for _, bd := range s.boards {
		if bd.Parent == 0 && !slices.Contains(categories, bd.Category) {
			categories = append(categories, bd.Category)
		}
	}
	for i, c := range categories {
		fmt.Fprintf(&b, `<div class="bm bmw cl"><div class="bm_h cl"><h2><a href="forum.php?gid=%d">%s</a></h2></div><div id="category_%d" class="bm_c"><table cellspacing="0" cellpadding="0" class="fl_tb">`, 1000+i, html.EscapeString(c), 1000+i)
		for _, bd := range s.boards {
			if bd.Category == c && bd.Parent == 0 {
				s.boardRow(&b, bd)
			}
		}
		b.WriteString(`</table></div></div>`)
	}
	b.WriteString(`</div></div></div>`)
	return s.page("pg_index", "论坛", b.String())
}

func (s *Site) boardRow(b *strings.Builder, bd *Board) {
	fmt.Fprintf(b, `<tr class="fl_row"><td class="fl_icn"><a href="%s"><svg width="31" height="29"></svg></a></td><td><h2><a href="%s">%s</a></h2>`, s.boardURL(bd.ID, 1), s.boardURL(bd.ID, 1), html.EscapeString(bd.Name))
	for _, sub := range s.boards {
		if sub.Parent == bd.ID {
			fmt.Fprintf(b, `<p>子版块: <a href="%s">%s</a></p>`, s.boardURL(sub.ID, 1), html.EscapeString(sub.Name))
		}
	}
	threads, posts := 0, 0
	var last *Thread
	for _, t := range s.threads {
		if t.Board == bd.ID && !t.Deleted && t.MovedTo == 0 && t.last() != nil {
			threads, posts = threads+1, posts+len(t.shown())
			if last == nil || t.last().At.After(last.last().At) {
				last = t
			}
		}
	}
	fmt.Fprintf(b, `</td><td class="fl_i"><span class="xi2">%d</span><span class="xg1"> / %d</span></td><td class="fl_by"><div>`, threads, posts)
	switch {
	case bd.Private:
		b.WriteString(`私密版块`)
	case last != nil:
		fmt.Fprintf(b, `<a href="forum.php?mod=redirect&amp;tid=%d&amp;goto=lastpost#lastpost" class="xi2">%s</a> <cite>%s %s</cite>`, last.ID, html.EscapeString(last.Title), s.stamp(last.last().At, false), html.EscapeString(last.last().Author.Name))
	default:
		b.WriteString(`从未`)
	}
	b.WriteString(`</div></td></tr>`)
}
