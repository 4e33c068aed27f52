package forum

import (
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"

	"resumewatch/internal/market"
)

// Discuz reads Discuz! X3.4 and X3.5: index, boards, threads, message pages.
// Shapes are those of the default template, which most themes keep.
type Discuz struct{}

var _ Engine = Discuz{}

// Name is "discuz".
func (Discuz) Name() string { return "discuz" }

// Detect implements Engine. Sites like to strip the generator; ids of the
// template, script variables and cookies stay.
func (Discuz) Detect(p Page) float64 {
	if p.Doc == nil || !fits(p.Doc.Nodes[0]) {
		return 0
	}
	generator, _ := p.Doc.Find(`meta[name="generator"]`).First().Attr("content")
	if strings.HasPrefix(generator, "Discuz!") {
		return 1
	}
	sure := 0.0
	add := func(weight float64, found bool) {
		if found {
			sure += weight
		}
	}
	body := p.Doc.Find("body").First()
	id, _ := body.Attr("id")
	class, _ := body.Attr("class")
	add(0.4, strings.HasPrefix(id, "nv_forum") || strings.HasPrefix(id, "nv_group") || strings.HasPrefix(class, "pg_viewthread") || strings.HasPrefix(class, "pg_forumdisplay"))
	add(0.5, p.Doc.Find("#threadlisttableid, #postlist [id^=postmessage_], #postlist [id^=authorposton]").Length() > 0)
	add(0.3, p.Doc.Find("table.fl_tb, #messagetext.alert_error, #messagetext.alert_info, .plc[id^=pid]").Length() > 0)
	raw := string(p.Raw[:min(len(p.Raw), 16<<10)])
	add(0.5, strings.Contains(raw, "discuz_uid") || strings.Contains(raw, "STYLEID") && strings.Contains(raw, "VERHASH"))
	add(0.3, strings.Contains(line(p.Doc.Find("title").First()), "Powered by Discuz!") || strings.Contains(line(p.Doc.Find("#frt, #ft").First()), "Discuz!"))
	for _, c := range p.Header.Values("Set-Cookie") {
		add(0.4, discuzCookie.MatchString(c))
	}
	if detail, ok := Challenge(p); ok {
		add(0.5, strings.Contains(raw, "_dsign") || detail == DetailChallengeReload)
	}
	return min(sure, 0.99)
}

var (
	discuzCookie = regexp.MustCompile(`^\w{4}_[0-9a-f]{4}_(saltkey|lastvisit|sid|lastact)=`)
	footerZone   = regexp.MustCompile(`GMT\s?([+-]\d{1,2}(?:\.\d{1,2})?)?\s?,`)
)

// discuzPage is a page being read.
type discuzPage struct {
	Page
	base *url.URL
	link discuzLink
	zone *time.Location
	sure bool // the zone is the site's word or the configuration's
	out  Reading
}

// Read implements Engine.
func (d Discuz) Read(p Page) (Reading, error) {
	if p.URL == nil || p.Doc == nil || len(p.Doc.Nodes) == 0 {
		return Reading{}, ErrNoPage
	}
	key := d.Canonical(p.URL)
	if !fits(p.Doc.Nodes[0]) {
		return Reading{Engine: d.Name(), Kind: KindUnknown, Outcome: market.OutcomeUnreadable, Detail: DetailTooDeep, Canonical: key}, nil
	}
	if detail, ok := Challenge(p); ok {
		return blocked(d.Name(), detail, key), nil
	}
	r := &discuzPage{Page: p, base: baseOf(p), link: parseDiscuz(p.URL)}
	if r.link.what == KindUnknown {
		r.link.root = r.root()
	}
	r.zone, r.sure = discuzZone(p)
	r.out = Reading{Engine: d.Name(), Kind: KindUnknown, Canonical: key, PageNo: 1, LastPage: 1}
	doc := p.Doc
	switch {
	case doc.Find("#messagetext, #messagelogin, .jump_c").Length() > 0 && doc.Find("#postlist, #threadlisttableid").Length() == 0:
		r.message()
	case doc.Find(`input[name="pw"]`).Length() > 0 && doc.Find("#threadlisttableid").Length() == 0:
		r.verdict(market.OutcomeLoginWall, DetailPassword)
	case doc.Find(`form[action*="action=paysubmit"]`).Length() > 0 && doc.Find("#threadlisttableid").Length() == 0:
		r.verdict(market.OutcomeLoginWall, DetailConditions)
	case strings.Contains(line(doc.Find("title").First()), "System Error"):
		r.verdict(market.OutcomeUnreadable, DetailSiteError)
	case touch(doc):
		r.out.Kind = r.link.what
		r.out.Outcome, r.out.Detail = market.OutcomeUnreadable, DetailTouch
		r.problem("the mobile template has no exact times; ask with a desktop user agent")
	case doc.Find("[id^=postmessage_], #postlist").Length() > 0:
		r.thread()
	case doc.Find("#threadlisttableid, #threadlist, #waterfall").Length() > 0 && r.link.what != KindIndex && !guide(p.URL):
		r.board()
	case doc.Find(".fl_tb, .fl .bm_c").Length() > 0 && !guide(p.URL):
		r.index()
	default:
		r.unknown()
	}
	return r.out, nil
}

// root is where the forum lives when the address doesn't tell: where its own
// links lead, else the base address.
func (r *discuzPage) root() string {
	root := ""
	r.Doc.Find("#pt a[href], #nv a[href]").EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if l, _, ok := r.linked(a); ok {
			root = l.root
		}
		return root == ""
	})
	if root == "" {
		dir, _ := path.Split(r.base.Path)
		root = siteRoot(r.URL, dir)
	}
	return root
}

// guide reports whether the address is the list of newest threads of all
// boards, whose rows have other columns and repeat what the boards show.
func guide(u *url.URL) bool {
	return u.Query().Get("mod") == "guide" || strings.Contains(u.Path, "guide-") || strings.HasSuffix(u.Path, "/guide.php")
}

// touch reports whether the page is of the mobile template.
func touch(doc *goquery.Document) bool {
	if doc.Find("#postlist, #threadlisttableid").Length() > 0 {
		return false
	}
	return doc.Find("div.threadlist li.list, .plc[id^=pid] .display .message, .viewthread .plc .message, ul.threadlist").Length() > 0 ||
		doc.Find("body.bg, body.pg_viewthread, body.pg_forumdisplay, body.pg_index").Length() > 0 && doc.Find(`link[href*="/touch/"], script[src*="/mobile/"]`).Length() > 0
}

// verdict is a page that shows nothing but why.
func (r *discuzPage) verdict(o market.Outcome, detail string) {
	r.out.Kind, r.out.Outcome, r.out.Detail = KindMessage, o, detail
}

func (r *discuzPage) problem(what string) {
	if len(r.out.Problems) < 20 {
		r.out.Problems = append(r.out.Problems, what)
	}
}

func (r *discuzPage) unknown() {
	switch r.Status {
	case http.StatusNotFound, http.StatusGone:
		r.verdict(market.OutcomeGone, DetailNotFound)
	case http.StatusUnauthorized:
		r.verdict(market.OutcomeLoginWall, DetailLoginFirst)
	case http.StatusForbidden:
		r.verdict(market.OutcomeBlocked, DetailFirewall)
	default:
		r.out.Outcome, r.out.Detail = market.OutcomeUnreadable, DetailUnknownPage
		if r.Status >= 500 {
			r.out.Detail = DetailSiteError
		}
	}
}

// discuzZone is the zone of the page's times: the configured one, else the one
// in the footer ("GMT+8, 2026-11-22 02:57"), else Asia/Shanghai, not sure.
func discuzZone(p Page) (*time.Location, bool) {
	if p.Zone != nil {
		return p.Zone, true
	}
	if m := footerZone.FindStringSubmatch(line(p.Doc.Find("#ft .xs0, #ft p, .footer"))); m != nil {
		if z, ok := offsetZone(m[1]); ok {
			return z, true
		}
	}
	return Shanghai(), false
}

// offsetZone reads "+8", "-3.5", "" (zero).
func offsetZone(s string) (*time.Location, bool) {
	if s == "" {
		return time.UTC, true
	}
	whole, part, _ := strings.Cut(s[1:], ".")
	seconds := digits(whole) * 3600
	switch part {
	case "5", "50":
		seconds += 1800
	case "75":
		seconds += 2700
	case "25":
		seconds += 900
	}
	if seconds < 0 || seconds > 14*3600 {
		return nil, false
	}
	if s[0] == '-' {
		seconds = -seconds
	}
	if seconds == 8*3600 {
		return Shanghai(), true
	}
	return time.FixedZone("GMT"+s, seconds), true
}

// when reads the time of a cell: the title of a span, which is absolute, else
// the text.
func (r *discuzPage) when(s *goquery.Selection) (When, bool) {
	var title string
	s.Find("span[title]").AddSelection(s.Filter("[title]")).EachWithBreak(func(_ int, t *goquery.Selection) bool {
		title, _ = t.Attr("title")
		return title == ""
	})
	if title != "" {
		if w, ok := ParseWhen(title, r.At, r.zone); ok {
			return w, true
		}
	}
	return ParseWhen(line(s), r.At, r.zone)
}

// pages reads the pager: the current page in <strong>, the last in the label's
// title, the next as a.nxt. A list that is asked for a page beyond its last
// serves another one, and says so only here.
func (r *discuzPage) pages() {
	pg := r.Doc.Find("div.pg").First()
	r.Doc.Find("#fd_page_top div.pg, #fd_page_bottom div.pg, #pgt div.pg, .pgt div.pg").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		pg = s
		return false
	})
	asked := r.link.page
	if n := digits(line(pg.ChildrenFiltered("strong").First())); n > 0 {
		r.out.PageNo, r.out.LastPage = n, n
	} else if pg.Length() == 0 && asked > 1 {
		r.out.PageNo = 1 // one page: no pager
	}
	links := pg.Find("a[href]")
	links.Each(func(_ int, a *goquery.Selection) {
		if l, ok := r.own(a); ok {
			r.out.LastPage = max(r.out.LastPage, l.page)
		}
	})
	if title, ok := pg.Find("label span[title]").First().Attr("title"); ok {
		if i := strings.IndexAny(title, "0123456789"); i >= 0 {
			r.out.LastPage = max(digits(title[i:]), r.out.PageNo)
		}
	}
	links.EachWithBreak(func(_ int, a *goquery.Selection) bool {
		l, ok := r.own(a)
		if ok && l.page == r.out.PageNo+1 && l.page <= r.out.LastPage {
			_, r.out.Next, _ = r.linked(a)
			return false
		}
		return true
	})
	if r.out.Next == "" && r.out.PageNo < r.out.LastPage { // a rewrite rule of the site's own
		if u := resolve(r.base, r.URL, pg.Find("a.nxt").First().AttrOr("href", "")); u != nil && parseDiscuz(u).what == KindUnknown {
			r.out.Next = u.String()
		}
	}
	if asked > 1 && r.out.PageNo < asked {
		r.out.Next = ""
		r.problem("asked for a page beyond the last one; the site served another")
	}
	r.link.page = r.out.PageNo
	if r.link.what != KindUnknown {
		r.out.Canonical = r.link.key()
	}
}

// own reports whether a pager's link stays on this list or thread.
func (r *discuzPage) own(a *goquery.Selection) (discuzLink, bool) {
	href, _ := a.Attr("href")
	u := resolve(r.base, r.URL, href)
	if u == nil {
		return discuzLink{}, false
	}
	l := parseDiscuz(u)
	same := l.what == r.link.what && l.what != KindUnknown && l.pid == "" && (l.id == r.link.id || r.link.id == "")
	return l, same
}

// boardOf finds the board that the page belongs to in its breadcrumbs.
func (r *discuzPage) boardOf() Board {
	var b Board
	r.Doc.Find("#pt a[href], .pt a[href]").Each(func(_ int, a *goquery.Selection) {
		if l, u, ok := r.linked(a); ok && l.what == KindBoard {
			b = Board{ID: l.id, Title: line(a), URL: u}
		}
	})
	return b
}

// linked is what a link of the page names, and its absolute address.
func (r *discuzPage) linked(a *goquery.Selection) (discuzLink, string, bool) {
	href, ok := a.Attr("href")
	if !ok {
		return discuzLink{}, "", false
	}
	u := resolve(r.base, r.URL, href)
	if u == nil {
		return discuzLink{}, "", false
	}
	l := parseDiscuz(u)
	if u.RawQuery != "" { // drop the page of the list that one came from
		q := u.Query()
		if q.Has("extra") && q.Get("ordertype") != "1" { // pages that run backwards go on so
			if l.what == KindThread && l.pid == "" || l.what == KindBoard {
				return l, l.key(), l.id != ""
			}
		}
	}
	return l, u.String(), l.what != KindUnknown
}

// userOf reads the author of a cell: id from a link to the profile, name from its text.
func (r *discuzPage) userOf(s *goquery.Selection) (id, name string) {
	a := s.Find("a[href]").First()
	if a.Length() == 0 {
		return "", line(s)
	}
	href, _ := a.Attr("href")
	return profileID(href), line(a)
}

var rewrittenSpace = regexp.MustCompile(`space-uid-(\d{1,19})\.html?`)

// profileID is the user number in a link to a profile: home.php?mod=space&uid=7,
// space-uid-7.html, ?7.
func profileID(href string) string {
	u, err := url.Parse(strings.TrimSpace(href))
	if err != nil {
		return ""
	}
	if m := rewrittenSpace.FindStringSubmatch(u.Path); m != nil {
		return trimID(m[1])
	}
	if uid := u.Query().Get("uid"); isID(uid) {
		return trimID(uid)
	}
	if isID(u.RawQuery) {
		return trimID(u.RawQuery)
	}
	return ""
}
