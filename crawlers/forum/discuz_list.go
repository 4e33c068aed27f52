package forum

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"resumewatch/internal/market"
)

// board reads one page of a board's list.
func (r *discuzPage) board() {
	r.out.Kind = KindBoard
	r.identifyBoard()
	r.pages()
	seen := map[string]bool{}
	add := func(t Thread, ok bool) {
		if ok && !seen[t.ID] && len(r.out.Threads) < maxThreads {
			seen[t.ID] = true
			r.out.Threads = append(r.out.Threads, t)
		}
	}
	rows := r.Doc.Find(`#threadlisttableid tbody[id^=normalthread_], #threadlisttableid tbody[id^=stickthread_]`)
	if rows.Length() == 0 { // lists of older packs and themes have no id on the table
		rows = r.Doc.Find(`tbody[id^=normalthread_], tbody[id^=stickthread_]`)
	}
	if rows.Length() > maxThreads {
		r.problem("the list has more rows than are read")
	}
	rows.EachWithBreak(func(i int, row *goquery.Selection) bool {
		add(r.row(row))
		return i < maxThreads
	})
	r.Doc.Find("#waterfall li").EachWithBreak(func(i int, cell *goquery.Selection) bool {
		add(r.card(cell))
		return i < maxThreads
	})
	r.out.Boards = r.boards(r.Doc.Find(`[id^=subforum_], .fl.bmw .fl_tb`))
	if len(r.out.Threads) == 0 && r.Doc.Find("#threadlisttableid p.emp, #threadlist .emp, p.emp").Length() == 0 && rows.Length() > 0 {
		r.out.Outcome, r.out.Detail = market.OutcomeUnreadable, DetailUnknownPage
		r.problem("a list with rows, none of which could be read")
	}
}

// identifyBoard names the board: by the address, else by the list's summary
// ("forum_2"), else by the breadcrumbs.
func (r *discuzPage) identifyBoard() {
	crumb := r.boardOf()
	if r.link.what != KindBoard {
		if fid, ok := strings.CutPrefix(r.Doc.Find("#threadlisttableid").AttrOr("summary", ""), "forum_"); ok && isID(fid) {
			r.link.what, r.link.id = KindBoard, trimID(fid)
		} else if crumb.ID != "" {
			r.link.what, r.link.id = KindBoard, crumb.ID
		}
	}
	r.out.Board = Board{ID: r.link.id, Title: crumb.Title, URL: r.link.first()}
	if h := line(r.Doc.Find("#ct h1 a, #ct h1.xs2 a").First()); h != "" {
		r.out.Board.Title = h
	}
	if crumb.ID == r.link.id && crumb.URL != "" {
		r.out.Board.URL = crumb.URL
	}
}

// row reads one row of a list.
func (r *discuzPage) row(row *goquery.Selection) (Thread, bool) {
	a := row.Find("th a.s.xst, th a.xst").First()
	if a.Length() == 0 {
		row.Find("th a[href]").EachWithBreak(func(_ int, s *goquery.Selection) bool {
			if l, _, ok := r.linked(s); ok && l.what == KindThread && line(s) != "" {
				a = s
				return false
			}
			return true
		})
	}
	id, _ := row.Attr("id")
	kind, own, _ := strings.Cut(id, "_")
	l, u, ok := r.linked(a)
	if l.what == KindUnknown && isID(own) { // a rewrite rule of the site's own: the row has the number
		if v := resolve(r.base, r.URL, a.AttrOr("href", "")); v != nil {
			l, u, ok = discuzLink{what: KindThread, id: trimID(own)}, v.String(), true
		}
	}
	if !ok || l.what != KindThread || l.id == "" {
		return Thread{}, false
	}
	t := Thread{ID: l.id, Title: line(a), URL: u, Replies: -1, Views: -1}
	t.Sticky = kind == "stickthread"
	t.Moved = kind == "normalthread" && isID(own) && trimID(own) != t.ID || movedMark(a)
	// A moved row wears the lock whatever the thread is. Visitors without
	// cookies never see a lock: to them the engine says "new replies".
	t.Locked = !t.Moved && (row.Find("th.lock, td.icn .fico-lock").Length() > 0 || strings.Contains(row.Find("td.icn a").AttrOr("title", ""), "关闭的主题"))

	by := row.Find("td.by")
	first, last := by.First(), by.Last()
	t.AuthorID, t.Author = r.userOf(first.Find("cite").First())
	if w, ok := r.when(first.Find("em").First()); ok {
		t.CreatedAt = w.Time
	}
	if by.Length() > 1 {
		if w, ok := r.when(last.Find("em").First()); ok {
			t.LastPostAt, t.Precision = w.Time, w.Precision
		}
	}
	num := row.Find("td.num").First()
	t.Replies = count(line(num.Find("a").First()))
	t.Views = count(line(num.Find("em").First()))
	return t, true
}

// card reads one thread of a board shown as pictures: no times there.
func (r *discuzPage) card(cell *goquery.Selection) (Thread, bool) {
	a := cell.Find("h3 a[href]").Last()
	l, u, ok := r.linked(a)
	if !ok || l.what != KindThread || l.id == "" {
		return Thread{}, false
	}
	t := Thread{ID: l.id, Title: line(a), URL: u, Replies: -1, Views: -1}
	cell.Find(".auth a[href]").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if id := profileID(s.AttrOr("href", "")); id != "" {
			t.AuthorID, t.Author = id, line(s)
			return false
		}
		return true
	})
	return t, true
}

// movedMark reports whether "移动:" stands right before the link: the row is
// the stub that moderators leave where a thread was.
func movedMark(a *goquery.Selection) bool {
	if len(a.Nodes) == 0 {
		return false
	}
	for n := a.Nodes[0].PrevSibling; n != nil; n = n.PrevSibling {
		if n.Type != html.TextNode {
			continue
		}
		if t := strings.TrimSpace(n.Data); t != "" {
			for _, mark := range []string{"移动:", "移动：", "移動:", "移動：", "Moved:"} {
				if strings.HasSuffix(t, mark) {
					return true
				}
			}
			return false
		}
	}
	return false
}

// count reads a number as lists show it: "12", "1.2万", "-".
func count(s string) int {
	s = strings.ReplaceAll(strings.TrimSpace(s), ",", "")
	n := digits(s)
	if n < 0 {
		return -1
	}
	whole, rest, _ := strings.Cut(s, ".")
	if !strings.HasSuffix(s, "万") && !strings.HasSuffix(s, "萬") {
		return n
	}
	n = digits(whole) * 10_000
	if rest != "" && rest[0] >= '0' && rest[0] <= '9' {
		n += int(rest[0]-'0') * 1_000
	}
	return n
}

// index reads the page of all boards.
func (r *discuzPage) index() {
	r.out.Kind = KindIndex
	r.out.Boards = r.boards(r.Doc.Find(".fl"))
	if len(r.out.Boards) == 0 {
		r.out.Outcome, r.out.Detail = market.OutcomeUnreadable, DetailUnknownPage
		r.problem("an index without a board")
	}
}

// boards are the public boards within a part of the page, in its order,
// sub-boards that a row names included.
func (r *discuzPage) boards(part *goquery.Selection) []Board {
	var out []Board
	at := map[string]int{}
	part.Find("a[href]").EachWithBreak(func(_ int, a *goquery.Selection) bool {
		l, u, ok := r.linked(a)
		if !ok || l.what != KindBoard || l.view != "" || l.page > 1 || l.id == r.out.Board.ID {
			return true
		}
		title := line(a)
		if i, known := at[l.id]; known {
			if out[i].Title == "" {
				out[i].Title = title
			}
			return true
		}
		cell := a.Closest("tr, .fl_g")
		if g := a.Closest("td.fl_g"); g.Length() > 0 {
			cell = g
		}
		if private(cell) {
			return true
		}
		if title == "" {
			title = short(a.AttrOr("title", ""))
		}
		at[l.id] = len(out)
		out = append(out, Board{ID: l.id, Title: title, URL: u})
		return len(out) < maxBoards
	})
	return out
}

// private reports whether the row says that the board isn't for guests.
func private(row *goquery.Selection) bool {
	found := false
	row.Find(".fl_by, dd").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		switch line(s) {
		case "私密版块", "私密版塊", "Private Forum", "Private forum":
			found = true
		}
		return !found
	})
	return found
}
