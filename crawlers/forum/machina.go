package forum

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"resumewatch/internal/market"
)

// Machina reads django-machina 1.x: index, boards, topics.
type Machina struct{}

var _ Engine = Machina{}

// Name is "machina".
func (Machina) Name() string { return "machina" }

// Detect implements Engine. The default templates name no product; their
// classes and the style sheet are its own.
func (Machina) Detect(p Page) float64 {
	if p.Doc == nil || !fits(p.Doc.Nodes[0]) {
		return 0
	}
	sure := 0.0
	add := func(weight float64, selector string) {
		if p.Doc.Find(selector).Length() > 0 {
			sure += weight
		}
	}
	add(0.6, `link[href*="machina.board_theme"], script[src*="machina.min.js"], script[src*="machina.packages"]`)
	add(0.3, ".forumlist .forum-name-link, .forumlist .forum-name-col")
	add(0.3, ".topiclist .topic-name-col, .topiclist .topic-name-link")
	add(0.3, ".card.post .post-content-wrapper")
	add(0.1, ".breadcrumb .breadcrumb-item a .fa-home")
	return min(sure, 0.99)
}

type machinaPage struct {
	Page
	base *url.URL
	link machinaLink
	zone *time.Location
	out  Reading
}

// Read implements Engine.
func (m Machina) Read(p Page) (Reading, error) {
	if p.URL == nil || p.Doc == nil || len(p.Doc.Nodes) == 0 {
		return Reading{}, ErrNoPage
	}
	key := m.Canonical(p.URL)
	if !fits(p.Doc.Nodes[0]) {
		return Reading{Engine: m.Name(), Kind: KindUnknown, Outcome: market.OutcomeUnreadable, Detail: DetailTooDeep, Canonical: key}, nil
	}
	if detail, ok := Challenge(p); ok {
		return blocked(m.Name(), detail, key), nil
	}
	r := &machinaPage{Page: p, base: baseOf(p), link: parseMachina(p.URL), zone: p.Zone}
	if r.zone == nil {
		r.zone = Shanghai()
	}
	r.out = Reading{Engine: m.Name(), Kind: KindUnknown, Canonical: key, PageNo: 1, LastPage: 1}
	switch {
	case p.Doc.Find(".post-content-wrapper .post-content").Length() > 0:
		r.topic()
	case p.Doc.Find(".topiclist").Length() > 0, r.link.what == KindBoard && p.Doc.Find(".forumlist").Length() > 0:
		r.board()
	case p.Doc.Find(".forumlist").Length() > 0:
		r.out.Kind = KindIndex
		r.out.Boards = r.boards()
	default:
		r.refused()
	}
	return r.out, nil
}

// refused is a page without forum: Django's own error pages, a login.
func (r *machinaPage) refused() {
	verdict := func(o market.Outcome, detail string) {
		r.out.Kind, r.out.Outcome, r.out.Detail = KindMessage, o, detail
	}
	switch {
	case r.Status == http.StatusNotFound || r.Status == http.StatusGone:
		verdict(market.OutcomeGone, DetailNotFound)
	case r.Doc.Find(`input[type="password"]`).Length() > 0, r.Status == http.StatusUnauthorized:
		verdict(market.OutcomeLoginWall, DetailLoginFirst)
	case r.Status == http.StatusForbidden:
		verdict(market.OutcomeLoginWall, DetailNoPermission)
	case r.Status >= 500:
		r.out.Outcome, r.out.Detail = market.OutcomeUnreadable, DetailSiteError
	default:
		r.out.Outcome, r.out.Detail = market.OutcomeUnreadable, DetailUnknownPage
	}
}

func (r *machinaPage) problem(what string) {
	if len(r.out.Problems) < 20 {
		r.out.Problems = append(r.out.Problems, what)
	}
}

// linked is what a link names.
func (r *machinaPage) linked(a *goquery.Selection) (machinaLink, string, bool) {
	u := resolve(r.base, r.URL, a.AttrOr("href", ""))
	if u == nil {
		return machinaLink{}, "", false
	}
	l := parseMachina(u)
	return l, u.String(), l.what != KindUnknown
}

func (r *machinaPage) boards() []Board {
	var out []Board
	seen := map[string]bool{r.link.board: r.link.what == KindBoard}
	r.Doc.Find(".forumlist .forum-name-link, .forumlist .sub-forums a[href], .forumlist .card-title a[href]").EachWithBreak(func(_ int, a *goquery.Selection) bool {
		l, u, ok := r.linked(a)
		if ok && l.what == KindBoard && !seen[l.board] && a.Closest("tr").Find(".forum-icon.link").Length() == 0 {
			seen[l.board] = true
			out = append(out, Board{ID: l.board, Title: line(a), URL: u})
		}
		return len(out) < maxBoards
	})
	return out
}

// crumb is the last board of the breadcrumbs.
func (r *machinaPage) crumb() Board {
	var b Board
	r.Doc.Find(".breadcrumb a[href]").Each(func(_ int, a *goquery.Selection) {
		if l, u, ok := r.linked(a); ok && l.what == KindBoard {
			b = Board{ID: l.board, Title: line(a), URL: u}
		}
	})
	return b
}

func (r *machinaPage) board() {
	r.out.Kind = KindBoard
	r.out.Board = r.crumb()
	if r.out.Board.ID == "" {
		r.out.Board = Board{ID: r.link.board, Title: line(r.Doc.Find("h1").First()), URL: r.link.first()}
	}
	r.pages()
	r.out.Boards = r.boards()
	seen := map[string]bool{}
	r.Doc.Find(".topiclist .topic-name-link").EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if t, ok := r.row(a); ok && !seen[t.ID] {
			seen[t.ID] = true
			r.out.Threads = append(r.out.Threads, t)
		}
		return len(r.out.Threads) < maxThreads
	})
	if len(r.out.Threads) == 0 && r.Doc.Find(".topiclist .topic-name-link").Length() > 0 {
		r.out.Outcome, r.out.Detail = market.OutcomeUnreadable, DetailUnknownPage
		r.problem("a list with rows, none of which could be read")
	}
}

// row reads one topic of a list. Announcements count as sticky: they stand
// first whatever their last post.
func (r *machinaPage) row(a *goquery.Selection) (Thread, bool) {
	l, u, ok := r.linked(a)
	if !ok || l.what != KindThread {
		return Thread{}, false
	}
	row := a.Closest(".border-bottom")
	if row.Length() == 0 {
		row = a.Closest(".row")
	}
	t := Thread{ID: l.topic, Title: line(a), URL: u, Replies: -1, Views: -1}
	t.Sticky = row.Find(".topic-icon .fa-lightbulb, .topic-icon .fa-info").Length() > 0
	t.Locked = row.Find(".locked-indicator").Length() > 0
	created := row.Find(".topic-created").First()
	var w When
	if t.Author, t.AuthorID, w, ok = r.byline(created); ok {
		t.CreatedAt = w.Time
	}
	if w, ok := ParseWhen(line(row.Find(".topic-last-post small").First()), r.At, r.zone); ok {
		t.LastPostAt, t.Precision = w.Time, w.Precision
	}
	counts := row.Find(".topic-count")
	t.Replies, t.Views = count(line(counts.Eq(0))), count(line(counts.Eq(1)))
	return t, true
}

// byline reads "By: NAME on TIME" in any language: the name is a link to a
// profile, or stands between the first colon and the time.
func (r *machinaPage) byline(s *goquery.Selection) (name, id string, w When, ok bool) {
	a := s.Find(`a[href*="/profile/"]`).First()
	whole := line(s)
	if a.Length() > 0 {
		name = line(a)
		if m := machinaProfile.FindStringSubmatch(a.AttrOr("href", "")); m != nil {
			id = trimID(m[1])
		}
		// A name may look like a time: only what follows it counts.
		rest := ""
		for n := a.Nodes[0].NextSibling; n != nil; n = n.NextSibling {
			if n.Type == html.TextNode {
				rest += n.Data
			}
		}
		w, ok = ParseWhen(rest, r.At, r.zone)
		return name, id, w, ok
	}
	_, rest, found := strings.Cut(whole, ":")
	if !found {
		if _, rest, found = strings.Cut(whole, "："); !found {
			rest = whole
		}
	}
	for _, on := range []string{" on ", " am ", " le ", " em ", " il ", " el ", " в ", " 于 ", " 在 "} {
		if i := strings.LastIndex(rest, on); i >= 0 {
			name, rest = strings.TrimSpace(rest[:i]), rest[i+len(on):]
			break
		}
	}
	w, ok = ParseWhen(rest, r.At, r.zone)
	return name, "", w, ok
}

// pages reads the pager: li.active is the current page, » the next one.
func (r *machinaPage) pages() {
	r.out.PageNo = 1
	bar := r.Doc.Find("ul.pagination").First()
	if n := digits(line(bar.Find("li.active").First())); n > 0 {
		r.out.PageNo, r.out.LastPage = n, n
	}
	bar.Find("a.page-link[href]").Each(func(_ int, a *goquery.Selection) {
		u := resolve(r.URL, r.URL, a.AttrOr("href", ""))
		if u == nil || u.Path != r.URL.Path || !u.Query().Has("page") {
			return
		}
		n := pageNumber(u.Query().Get("page"))
		r.out.LastPage = max(r.out.LastPage, n)
		if n == r.out.PageNo+1 {
			q := u.Query()
			q.Del("post")
			u.RawQuery = q.Encode()
			r.out.Next = u.String()
		}
	})
	r.link.page, r.link.post = r.out.PageNo, ""
	r.out.Canonical = r.link.key()
}

func (r *machinaPage) topic() {
	r.out.Kind = KindThread
	if r.link.what != KindThread {
		r.Doc.Find(".breadcrumb a[href]").Each(func(_ int, a *goquery.Selection) {
			if l, _, ok := r.linked(a); ok && l.what == KindThread {
				l.page = r.link.page
				r.link = l
			}
		})
	}
	r.out.Board = r.crumb()
	r.pages()
	t := &r.out.Thread
	t.ID, t.URL, t.Replies, t.Views = r.link.topic, r.link.first(), -1, -1
	t.Title = line(r.Doc.Find("h1").First())
	seen := map[string]bool{}
	r.Doc.Find(".card.post[id]").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		pid := s.AttrOr("id", "")
		if !isID(pid) || seen[pid] || s.ParentsFiltered(".post-content").Length() > 0 {
			return true
		}
		seen[pid] = true
		r.post(trimID(pid), s)
		return len(r.out.Posts) < maxPosts
	})
	if len(r.out.Posts) == 0 {
		r.out.Outcome, r.out.Detail = market.OutcomeUnreadable, DetailUnknownPage
		r.problem("a topic page without a post that could be read")
		return
	}
	if r.out.PageNo == 1 {
		first := &r.out.Posts[0]
		first.Title = t.Title
		t.Author, t.AuthorID, t.CreatedAt = first.Author.Name, first.Author.ID, first.PostedAt
	}
	if r.out.PageNo == r.out.LastPage {
		last := r.out.Posts[len(r.out.Posts)-1]
		t.LastPostAt, t.Precision = last.PostedAt, PrecisionMinute
	}
}

func (r *machinaPage) post(pid string, s *goquery.Selection) {
	place := r.link.first()
	if l, _, ok := r.boardLink(); ok {
		place = l.first()
	}
	p := market.Post{Place: place, PlaceName: r.out.Board.Title, NativeID: "pid:" + pid, Site: "machina:" + hostPath(r.link.root)}
	p.Permalink = r.link.first() + "?post=" + pid + "#" + pid
	if u, err := r.base.Parse(s.Find("h4.subject a[href]").Last().AttrOr("href", "")); err == nil && strings.EqualFold(u.Host, r.URL.Host) && u.Query().Get("post") == pid {
		p.Permalink = u.String()
	}
	byline := s.Find(".post-content-wrapper small.text-muted").First()
	name, id, w, ok := r.byline(byline)
	if side := line(s.Find(".post-sidebar .username b").First()); side != "" {
		name = side
	}
	p.Author = market.Author{Kind: market.AuthorSite, ID: id, Name: name}
	setTime(&p, r.Zone != nil, func() (When, bool) { return w, ok })
	if !ok {
		r.problem("post " + pid + ": no readable time in " + strconv.Quote(short(line(byline))))
	}
	text := render(s.Find(".post-content").First().Nodes, rules{host: r.URL.Host})
	p.Text = text.text
	var names []string
	s.Find(".attachment a, .attachments a, .post-attachments a, a[href*='/attachment/']").EachWithBreak(func(_ int, a *goquery.Selection) bool {
		n := line(a)
		if i := strings.LastIndex(n, " ("); i > 0 { // its size
			n = n[:i]
		}
		if n != "" && a.ParentsFiltered(".post-content").Length() == 0 {
			names = append(names, "[附件] "+n)
		}
		return len(names) < 100
	})
	if len(names) > 0 {
		p.Text = strings.TrimPrefix(p.Text+"\n"+strings.Join(names, "\n"), "\n")
	}
	if text.truncated {
		p.AddFlag(market.FlagTruncated)
	}
	if text.bad {
		p.AddFlag(market.FlagBadBytes)
	}
	if s.Find(".edit-info").Length() > 0 {
		p.AddFlag(market.FlagEdited)
	}
	r.out.Posts = append(r.out.Posts, p)
}

// boardLink is the board of the breadcrumbs, parsed.
func (r *machinaPage) boardLink() (machinaLink, string, bool) {
	u, err := url.Parse(r.out.Board.URL)
	if err != nil || r.out.Board.URL == "" {
		return machinaLink{}, "", false
	}
	l := parseMachina(u)
	return l, r.out.Board.URL, l.what == KindBoard
}
