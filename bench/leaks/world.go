package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"resumewatch/crawlers/forum/discuztest"
	"resumewatch/extractors"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
)

// world is an archive and a board with people of its own in them.
type world struct {
	people    []person
	posts     []*post    // of the archives
	threads   [][]*post  // of the board
	elsewhere []*planted // names of files and groups, addresses
	site      *discuztest.Site
	inURL     *planted

	r    *rand.Rand
	used int
}

// next is somebody who has not been shown yet.
func (w *world) next(n int) []person {
	w.used += n
	return w.people[w.used-n : w.used]
}

const perLayout = 4 // posts of each layout, in the archive and on the board

// newWorld makes a world. The same seed gives the same one.
func newWorld(seed uint64) (*world, error) {
	w := &world{r: rand.New(rand.NewPCG(seed, 0x6c65616b))}
	w.people = invent(w.r, 700)
	markers := newPairs(w.r, "chat")
	marker := func() string { return markers.take() + markers.take() }
	seller := 1000010000
	for i := range perLayout {
		for _, l := range layouts {
			seller++
			w.posts = append(w.posts, offer(w.r, l, w.next(1+w.r.IntN(3)), seller))
			for range 2 {
				w.posts = append(w.posts, talk(w.r, marker(), nil, 1000050000+w.r.IntN(400)))
			}
			if w.r.IntN(3) == 0 {
				w.posts = append(w.posts, talk(w.r, marker(), &w.next(1)[0], 1000050000+w.r.IntN(400)))
			}
			// The same on the board, and one who answers with a quote.
			seller++
			opening := offer(w.r, l, w.next(1+w.r.IntN(2)), seller)
			opening.title = "出简历样品第" + fmt.Sprint(len(w.threads)+1) + "批"
			if i == 0 {
				p := w.next(1)[0]
				t := &writing{r: w.r, post: opening, at: "title"}
				opening.title += " " + t.v(p, name) + " 女 28岁 " + t.flat(p, phone)
			}
			w.threads = append(w.threads, []*post{opening, talk(w.r, marker(), nil, 300+w.r.IntN(90)), talk(w.r, marker(), &w.next(1)[0], 300+w.r.IntN(90))})
		}
	}
	if err := w.doubts(marker); err != nil {
		return nil, err
	}
	w.names(&seller)
	if err := w.judge(); err != nil {
		return nil, err
	}
	w.board()
	return w, nil
}

// names plants values in what posts, files, groups and addresses are called.
func (w *world) names(seller *int) {
	for range 6 {
		*seller++
		p := w.next(1)[0]
		q := &post{uin: *seller, text: heads[w.r.IntN(len(heads))] + fmt.Sprintf("\n加QQ%d", *seller)}
		t := &writing{r: w.r, post: q, at: "name of an author"}
		q.nick = "简历" + t.flat(p, phone)
		w.posts = append(w.posts, q)
		*seller++
		o := &post{uin: 300 + w.r.IntN(90), text: fmt.Sprintf("出智联简历 1元一份，加QQ%d", *seller), title: "出简历" + fmt.Sprint(*seller)}
		t = &writing{r: w.r, post: o, at: "name of an author"}
		o.nick = "u" + t.note(p.mail, mailbox, p.mail, "plain")
		w.threads = append(w.threads, []*post{o})
	}
	// A post that sells and quotes somebody who doesn't.
	for range 6 {
		*seller++
		p := w.next(1)[0]
		q := &post{uin: *seller, nick: "老王"}
		t := &writing{r: w.r, post: q, at: "quote"}
		q.text = "> 我叫" + t.v(p, name) + "，电话" + t.flat(p, phone) + "，邮箱" + t.flat(p, mailbox) + "，有智联简历吗\n有，智联简历2块一份，加QQ" + fmt.Sprint(*seller)
		w.posts = append(w.posts, q)
	}
	// A word of the trade with somebody's number inside of it.
	for range 6 {
		*seller++
		p := w.next(1)[0]
		q := &post{uin: *seller, nick: "老李"}
		t := &writing{r: w.r, post: q, at: "within a word"}
		q.text = "出智联简 " + t.flat(p, identity) + " 历，2元一份，100份起，加QQ" + fmt.Sprint(*seller) + "，价格" + t.flat(p, card)
		w.posts = append(w.posts, q)
	}
	at := func(where, kind, norm string) *planted {
		v := &planted{kind: kind, norm: norm, written: norm, how: "plain", where: where}
		w.elsewhere = append(w.elsewhere, v)
		return v
	}
	for _, where := range []string{"name of a file", "name of a group", "name of a board", "name of a damaged file", "text of a damaged file", "message of the forum", "address of a source", "question", "word of a question"} {
		p := w.next(1)[0]
		at(where, phone, p.phone)
		at(where, mailbox, p.mail)
	}
	w.inURL = at("address of a page", phone, w.next(1)[0].phone)
}

// in is the planted value of a place.
func (w *world) in(where, kind string) string {
	for _, v := range w.elsewhere {
		if v.where == where && v.kind == kind {
			return v.norm
		}
	}
	panic("nothing is planted in: " + where) // the list above
}

// judge asks the extractor which posts hold listings and whose samples it finds.
// A marker in what it takes for a listing may be kept.
func (w *world) judge() error {
	x, err := extractors.New()
	if err != nil {
		return err
	}
	whose := map[string]int{}
	for i, p := range w.people {
		for _, kind := range []string{phone, identity, mailbox, card, name, school, employer, address, birthday} {
			whose[p.value(kind)] = i
		}
	}
	all := slices.Clone(w.posts)
	for _, t := range w.threads {
		all = append(all, t...)
	}
	for _, p := range all {
		text, _ := jobs.ListingText(&market.Post{Title: p.title, Text: p.text})
		r := x.Extract(text, extractors.Options{})
		p.listing = r.Listing.Listing
		p.sees(text, r, whose)
	}
	return nil
}

// sees notes whom the extractor's records touch: all of these people's values have
// to be gone.
func (p *post) sees(text string, r market.Reading, whose map[string]int) {
	if !p.listing {
		return
	}
	touched := map[int]bool{}
	at := func(v *planted) int {
		if i, ok := whose[v.norm]; ok {
			return i
		}
		return -1 - strings.Count(text[:max(strings.Index(text, v.written), 0)], "\n") // a masked value: its line
	}
	for _, v := range p.values {
		start := strings.Index(text, v.written)
		for _, m := range r.Masks {
			if start >= 0 && start < m.End && m.Start < start+len(v.written) {
				touched[at(v)] = true
			}
		}
	}
	for _, v := range p.values {
		v.found = touched[at(v)]
	}
	p.found = p.shows > 0 && len(touched) >= p.shows
}

// values are all that is planted.
func (w *world) values() []*planted {
	var out []*planted
	for _, p := range w.posts {
		out = append(out, p.values...)
	}
	for _, t := range w.threads {
		for _, p := range t {
			out = append(out, p.values...)
		}
	}
	return append(out, w.elsewhere...)
}

// archive is the posts as the PC QQ message manager writes them.
func (w *world) archive(posts []*post, group string, from time.Time) []byte {
	const line = "================================================================\r\n"
	var b bytes.Buffer
	b.WriteString("\xEF\xBB\xBF消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n" + line + "消息分组:我的QQ群\r\n" + line + "消息对象:" + group + "\r\n" + line + "\r\n")
	for i, p := range posts {
		fmt.Fprintf(&b, "%s %s(%d)\r\n%s\r\n\r\n", from.Add(time.Duration(i)*97*time.Second).Format("2006-01-02 15:04:05"), p.nick, p.uin, strings.ReplaceAll(p.text, "\n", "\r\n"))
	}
	return b.Bytes()
}

// files writes the archives into dir: one by number, one whose group and file have
// telling names, and two that are broken.
func (w *world) files(dir string) (plain, named, cut, bad string, err error) {
	from := time.Date(2024, 5, 2, 9, 0, 0, 0, time.UTC)
	half := len(w.posts) * 3 / 4
	plain = filepath.Join(dir, "group.txt")
	named = filepath.Join(dir, "聊天记录_"+w.in("name of a file", phone)+"_"+w.in("name of a file", mailbox)+".txt")
	cut = filepath.Join(dir, "tail_"+w.in("name of a damaged file", phone)+".txt")
	bad = filepath.Join(dir, "junk_"+w.in("name of a damaged file", mailbox)+".bin")
	gbk, err := simplifiedchinese.GB18030.NewEncoder().Bytes(w.archive(w.posts[half:], "求职"+w.in("name of a group", phone)+"群"+w.in("name of a group", mailbox), from)[3:])
	if err != nil {
		return "", "", "", "", err
	}
	broken := w.archive(nil, "坏群", from)
	broken = fmt.Appendf(broken, "2024-05-02 9:00:00 甲(10000%d)\r\n%s\x00\xff\xfe%s\r\n\r\n2024-99-99 9:00:00 乙%s(1000051234)\r\n%s\r\n\r\n2024-05-02 9:00:01 丙(", 51235,
		w.in("text of a damaged file", phone), w.in("text of a damaged file", mailbox), w.in("text of a damaged file", phone), w.in("text of a damaged file", mailbox))
	junk := append([]byte{0, 1, 2, 3, 0xff}, w.in("text of a damaged file", phone)...)
	for path, data := range map[string][]byte{plain: w.archive(w.posts[:half], "HR招聘交流群", from), named: gbk, cut: broken, bad: junk} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return "", "", "", "", err
		}
	}
	return plain, named, cut, bad, nil
}

// board fills the forum.
func (w *world) board() {
	clock := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	s := discuztest.New(discuztest.Style{PlainTimes: true, PerList: 20, PerThread: 5, Robots: "404"}, func() time.Time { return clock })
	for i, n := range []string{"职场闲聊", "资源" + w.in("name of a board", phone), "求职" + w.in("name of a board", mailbox)} {
		s.AddBoard(discuztest.Board{ID: i + 1, Name: n, Category: "示例"})
	}
	for i, posts := range w.threads {
		at := clock.Add(-time.Duration(len(w.threads)-i) * 17 * time.Minute)
		t := discuztest.Thread{Board: 1 + i%3, Title: posts[0].title, Views: i}
		for j, p := range posts {
			t.Posts = append(t.Posts, &discuztest.Post{Author: discuztest.User{ID: 1000 + p.uin%5000, Name: p.nick}, At: at.Add(time.Duration(j) * time.Minute), Text: p.text})
		}
		s.AddThread(t)
	}
	w.site = s
}

var threadLink = regexp.MustCompile(`(viewthread&amp;tid=\d+)&amp;extra`)

// ServeHTTP is the forum, with somebody's number in the links of its lists, and a
// few pages that say what they please.
func (w *world) ServeHTTP(out http.ResponseWriter, req *http.Request) {
	number, mail := w.in("message of the forum", phone), w.in("message of the forum", mailbox)
	switch q := req.URL.Query(); {
	case q.Get("tid") == "7": // a message that nobody knows
		rec := httptest.NewRecorder()
		w.site.ServeHTTP(rec, httptest.NewRequestWithContext(req.Context(), http.MethodGet, "/forum.php?mod=forumdisplay&fid=99", nil))
		body := strings.Replace(rec.Body.String(), "抱歉，指定的版块不存在", "请联系"+number+"或"+mail+"了解详情", 1)
		out.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = out.Write([]byte(body)) // the client may have gone
		return
	case q.Get("tid") == "8":
		http.Redirect(out, req, "/forum.php?mod=viewthread&tid=9&tel="+number, http.StatusFound)
		return
	case q.Get("tid") == "10":
		out.Header().Set("Content-Type", "text/html; "+number)
		out.Header().Set("X-"+number, mail)
		out.Header().Set("Content-Encoding", mail)
		out.WriteHeader(http.StatusInternalServerError)
		return
	case q.Get("tid") == "11":
		http.Redirect(out, req, "gopher://"+number+"/"+mail, http.StatusFound)
		return
	}
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, req)
	for k, v := range rec.Header() {
		out.Header()[k] = v
	}
	out.WriteHeader(rec.Code)
	_, _ = out.Write(threadLink.ReplaceAll(rec.Body.Bytes(), []byte("$1&amp;tel="+w.inURL.norm+"&amp;extra"))) // as above
}
