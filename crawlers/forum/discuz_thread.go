package forum

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"resumewatch/internal/market"
)

var scriptIDs = regexp.MustCompile(`\b(fid|tid)\s*=\s*parseInt\('(\d{1,19})'\)`)

// thread reads one page of a thread.
func (r *discuzPage) thread() {
	r.out.Kind = KindThread
	r.identifyThread()
	r.pages()
	for name, value := range r.URL.Query() {
		switch name {
		case "authorid", "stand", "viewpid", "checkrush":
			if value[0] != "" && value[0] != "0" {
				r.problem("the address asks for a part of the thread alone: " + name)
			}
		}
	}
	t := &r.out.Thread
	t.ID, t.URL = r.link.id, r.link.first()
	t.Title = line(r.Doc.Find("#thread_subject").First())
	t.Replies, t.Views = -1, -1
	r.Doc.Find(".hm .xi1").Each(func(_ int, s *goquery.Selection) {
		label := line(s.Prev())
		switch {
		case strings.HasPrefix(label, "查看"):
			t.Views = count(line(s))
		case strings.HasPrefix(label, "回复"), strings.HasPrefix(label, "回復"):
			t.Replies = count(line(s))
		}
	})
	// The lock stands beside the title: a glyph in X3.5, a picture before.
	t.Locked = r.Doc.Find("#thread_subject").First().Closest("td, .vwthd").Find(`.fico-lock, .icn_lock, img[src*="locked.gif"]`).Length() > 0

	seen := map[string]bool{}
	r.Doc.Find(`[id^=pid], [id^=postmessage_]`).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		pid := strings.TrimPrefix(strings.TrimPrefix(s.AttrOr("id", ""), "postmessage_"), "pid")
		if !isID(pid) || seen[trimID(pid)] {
			return true // a reply that is stuck to the top stands on the page twice
		}
		if s.Parent().Closest("[id^=postmessage_]").Length() > 0 {
			return true // markup that an author wrote to look like a post
		}
		pid = trimID(pid)
		seen[pid] = true
		box := s.Closest("table[id^=pid], div[id^=pid], div[id^=post_]")
		if box.Length() == 0 {
			box = s.Parent()
		}
		r.post(pid, box, len(seen) == 1)
		return len(r.out.Posts) < maxPosts
	})
	if len(r.out.Posts) >= maxPosts {
		r.problem("the page has more posts than are read")
	}
	if len(r.out.Posts) == 0 {
		r.out.Outcome, r.out.Detail = market.OutcomeUnreadable, DetailUnknownPage
		r.problem("a thread page without a post that could be read")
		return
	}
	for _, p := range r.out.Posts {
		if p.Title != "" { // the post that opens the thread
			t.Author, t.AuthorID, t.CreatedAt = p.Author.Name, p.Author.ID, p.PostedAt
			break
		}
	}
}

// identifyThread names the thread and its board: by the address, else by the
// canonical link, else by what the page's script says.
func (r *discuzPage) identifyThread() {
	ids := map[string]string{}
	r.Doc.Find("script").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		for _, m := range scriptIDs.FindAllStringSubmatch(s.Text(), 4) {
			if isID(m[2]) {
				ids[m[1]] = trimID(m[2])
			}
		}
		return len(ids) < 2
	})
	if r.link.what != KindThread || r.link.id == "" {
		root, page := r.link.root, r.link.page
		if l, _, ok := r.linked(r.Doc.Find(`link[rel=canonical]`).First()); ok && l.what == KindThread {
			r.link = l
		} else if ids["tid"] != "" {
			r.link = discuzLink{root: root, what: KindThread, id: ids["tid"], page: page}
		} else {
			r.Doc.Find("#pt a[href]").Each(func(_ int, a *goquery.Selection) {
				if l, _, ok := r.linked(a); ok && l.what == KindThread {
					r.link = l
				}
			})
		}
	}
	r.link.pid = ""
	r.out.Board = r.boardOf()
	if r.out.Board.ID == "" && ids["fid"] != "" {
		b := discuzLink{root: r.link.root, what: KindBoard, id: ids["fid"], page: 1}
		r.out.Board = Board{ID: b.id, URL: b.key()}
	}
}

// post reads one post and the comments below it.
func (r *discuzPage) post(pid string, box *goquery.Selection, firstOnPage bool) {
	message := box.Find("#postmessage_" + pid).First()
	locked := box.Find(".pcb > .locked, .pcb .t_fsz > .locked").First()
	if message.Length() == 0 && locked.Length() == 0 && box.Find(".pcb .pcbs, .pcb .typeoption").Length() == 0 {
		return // a gap: "无效楼层，该帖已经被删除"
	}
	p := market.Post{
		Place: r.place(), PlaceName: r.out.Board.Title,
		NativeID: "pid:" + pid, Site: "discuz:" + hostPath(r.link.root),
		Permalink: r.link.permalink(pid),
	}
	p.Author = r.author(box)
	stamp := box.Find("#authorposton" + pid).First()
	r.stamp(&p, stamp)
	if r.first(box, pid, firstOnPage) {
		p.Title = r.out.Thread.Title
	}
	r.body(&p, box, message)
	if box.Find("i.pstatus").FilterFunction(func(_ int, s *goquery.Selection) bool {
		t := line(s)
		return strings.Contains(t, "编辑") || strings.Contains(t, "編輯") || strings.Contains(t, "edited")
	}).Length() > 0 {
		p.AddFlag(market.FlagEdited)
	}
	if p.PostedAt.IsZero() {
		r.problem("post " + pid + ": no readable time")
	}
	r.out.Posts = append(r.out.Posts, p)
	r.comments(pid, box)
}

// place is the address of the board, or of the thread when the page doesn't name one.
func (r *discuzPage) place() string {
	if r.out.Board.ID != "" {
		return discuzLink{root: r.link.root, what: KindBoard, id: r.out.Board.ID, page: 1}.key()
	}
	return r.link.first()
}

// hostPath is an address without its scheme: http and https are one site.
func hostPath(root string) string {
	_, rest, _ := strings.Cut(root, "://")
	return rest
}

// first reports whether the post opens the thread: its own link leads to the
// thread, those of replies search the post. It needn't stand first: lists run
// backwards on request, and replies are pinned above it. Robots get no links;
// then it is the first post of the first page.
func (r *discuzPage) first(box *goquery.Selection, pid string, firstOnPage bool) bool {
	if href, ok := box.Find("#postnum" + pid).First().Attr("href"); ok {
		return !strings.Contains(href, "findpost")
	}
	return firstOnPage && r.out.PageNo == 1 && r.URL.Query().Get("ordertype") != "1"
}

// author reads who wrote the post. Guests, anonymous and removed users have no id.
func (r *discuzPage) author(box *goquery.Selection) market.Author {
	for _, where := range []string{".pls .authi a[href]", ".plc .authi a[href]", ".authi a[href]"} {
		var found market.Author
		box.Find(where).EachWithBreak(func(_ int, a *goquery.Selection) bool {
			if name := line(a); name != "" && !a.HasClass("avt") && a.AttrOr("rel", "") != "nofollow" {
				// Names without a profile are links to nothing. So are the buttons
				// beside the time ("阅读模式"), which wear another class.
				named := strings.HasPrefix(a.AttrOr("href", ""), "javascript:") && (a.HasClass("xw1") || a.HasClass("xi2"))
				if id := profileID(a.AttrOr("href", "")); id != "" || named {
					found = market.Author{Kind: market.AuthorSite, ID: id, Name: name}
				}
			}
			return found.Name == ""
		})
		if found.Name != "" {
			return found
		}
	}
	if a := box.Find(".plc .authi a.avt[href]").First(); a.Length() > 0 { // no left column, and the name was to stand there
		if id := profileID(a.AttrOr("href", "")); id != "" {
			return market.Author{Kind: market.AuthorSite, ID: id}
		}
	}
	pi := box.Find("td.pls .pi").First()
	name := line(pi)
	pi.Find("em").Each(func(_ int, em *goquery.Selection) { // "该用户已被删除", the guest's address
		name = strings.TrimSpace(strings.TrimSuffix(name, line(em)))
	})
	if name == "" { // layouts without a left column have the bare name beside the time
		box.Find(".plc .authi").First().Contents().EachWithBreak(func(_ int, c *goquery.Selection) bool {
			if t := short(c.Text()); c.Nodes[0].Type == html.TextNode && t != "" && t != "|" && t != "楼主" && t != "樓主" {
				name = t
			}
			return name == ""
		})
	}
	return market.Author{Kind: market.AuthorSite, Name: name}
}

// stamp sets time and its flags.
func (r *discuzPage) stamp(p *market.Post, s *goquery.Selection) {
	setTime(p, r.sure, func() (When, bool) { return r.when(s) })
}

// setTime puts a time and what is known of it into a post.
func setTime(p *market.Post, sure bool, read func() (When, bool)) {
	w, ok := read()
	if !ok {
		p.AddFlag(market.FlagTimeUnknown)
		return
	}
	p.PostedAt = w.Time
	for _, f := range w.Flags() {
		p.AddFlag(f)
	}
	if !sure {
		p.AddFlag(market.FlagTZAssumed)
	}
	if p.Author.ID == "" && p.Author.Name != "" {
		p.AddFlag(market.FlagNameOnly)
	}
}

// comments reads the short remarks (点评) below a post: posts of their own by
// other people. They show no number, so the pid, the author and the words are
// their id: their time is relative and would change with each visit.
func (r *discuzPage) comments(pid string, box *goquery.Selection) {
	if box.Find("#comment_"+pid+" .pg a.nxt").Length() > 0 {
		r.problem("post " + pid + ": it has more remarks than the page shows")
	}
	box.Find("#comment_" + pid + " .pstl").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		said := s.Find(".psti").First()
		if said.Length() == 0 {
			return true
		}
		id, name := "", line(s.Find(".psta"))
		if a := s.Find(".psta a.xw1, .psta a.xi2").First(); a.Length() > 0 {
			id, name = profileID(a.AttrOr("href", "")), line(a)
		}
		text := render(said.Nodes, rules{host: r.URL.Host, drop: func(n *html.Node) bool {
			return n.Data == "span" && hasClass(n, "xg1") || n.Data == "a" && hasClass(n, "xi2") && n.Parent == said.Nodes[0]
		}})
		if text.text == "" {
			return true
		}
		c := market.Post{
			Place: r.place(), PlaceName: r.out.Board.Title, Site: "discuz:" + hostPath(r.link.root),
			Author: market.Author{Kind: market.AuthorSite, ID: id, Name: name}, Text: text.text, Permalink: r.link.permalink(pid),
		}
		sum := sha256.Sum256([]byte(c.Author.Key() + "\x00" + c.Normal()))
		c.NativeID = "comment:" + pid + ":" + hex.EncodeToString(sum[:8])
		r.stamp(&c, said.Find("span.xg1").First())
		r.out.Posts = append(r.out.Posts, c)
		return len(r.out.Posts) < maxPosts
	})
}
