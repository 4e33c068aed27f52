package forum

import (
	"encoding/hex"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// QuoteMark begins each line of a post that quotes somebody else, so that a
// quoted advertisement can be told from the words of the new author.
const QuoteMark = "> "

// clean replaces what must not be stored: U+0000 and bytes that are no UTF-8.
// Other control characters become spaces.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7F }) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == 0:
			return '\uFFFD'
		case r < ' ' && r != '\n' && r != '\t' || r == 0x7F:
			return ' '
		}
		return r
	}, s)
}

// rules say how an engine's posts differ from plain HTML.
type rules struct {
	drop  func(*html.Node) bool // parts that belong to the engine, not to the author
	quote func(*html.Node) bool // parts that quote; nil: blockquote
	swap  func(*html.Node) (string, bool)
	host  string // of the forum: links elsewhere show where they lead
}

// rendering is the text of a post as people see it.
type rendering struct {
	text      string
	truncated bool // cut at maxText
	bad       bool // held U+0000 or invalid UTF-8
}

// render turns part of a page into text: one line a line that people see, white
// space folded, hidden parts left out, quotes marked with QuoteMark. A post
// that is nothing but one unattributed quote is its author's own words: putting
// an advertisement into a quote box must not hide it.
func render(roots []*html.Node, r rules) rendering {
	w := renderer{rules: r}
	for _, n := range roots {
		w.node(n)
		w.newline()
	}
	w.newline()
	text := strings.Trim(w.out.String(), "\n")
	if w.quoted > 0 && w.own == 0 && !w.attributed {
		lines := strings.Split(text, "\n")
		for i, l := range lines {
			for strings.HasPrefix(l, ">") {
				l = strings.TrimPrefix(strings.TrimPrefix(l, ">"), " ")
			}
			lines[i] = l
		}
		text = strings.Trim(strings.Join(lines, "\n"), "\n")
	}
	return rendering{text: text, truncated: w.full, bad: w.bad}
}

type renderer struct {
	rules
	out        strings.Builder
	cur        strings.Builder // the line being made
	space      bool            // a space is due before the next word
	depth      int             // of quotes
	pre        int             // within preformatted text
	own        int             // lines outside quotes
	quoted     int             // lines inside quotes
	attributed bool            // a quote says whom it quotes
	full, bad  bool
}

// blocks end the line before and after them.
var blocks = map[string]bool{
	"address": true, "article": true, "aside": true, "blockquote": true, "caption": true, "center": true, "dd": true, "details": true,
	"div": true, "dl": true, "dt": true, "fieldset": true, "figcaption": true, "figure": true, "footer": true, "form": true, "h1": true,
	"h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "header": true, "hr": true, "li": true, "main": true, "nav": true,
	"ol": true, "p": true, "pre": true, "section": true, "table": true, "tbody": true, "thead": true, "tfoot": true, "tr": true, "ul": true,
	"ignore_js_op": true,
}

// node walks below root without recursion; each element is left in the order
// in which it was entered.
func (w *renderer) node(root *html.Node) {
	n, down := root, true
	for {
		if w.full {
			return
		}
		entered := false
		if down {
			entered = w.enter(n)
		}
		if entered && n.FirstChild != nil {
			n, down = n.FirstChild, true
			continue
		}
		if entered || !down {
			w.leave(n)
		}
		if n == root {
			return
		}
		if n.NextSibling != nil {
			n, down = n.NextSibling, true
		} else {
			n, down = n.Parent, false
		}
	}
}

// enter reports whether the children are to be walked and leave to be called.
func (w *renderer) enter(n *html.Node) bool {
	switch n.Type {
	case html.TextNode:
		w.write(n.Data)
		return false
	case html.ElementNode:
	default:
		return n.Type == html.DocumentNode
	}
	if hidden(n) || w.drop != nil && w.drop(n) {
		return false
	}
	if w.swap != nil {
		if s, ok := w.swap(n); ok {
			w.block(n)
			w.write(s)
			w.block(n)
			return false
		}
	}
	if code := attr(n, "data-cfemail"); code != "" {
		if mail, ok := unhideMail(code); ok {
			w.write(mail)
			return false
		}
	}
	if w.isQuote(n) {
		w.newline()
		w.depth++
		return true
	}
	w.block(n)
	switch n.Data {
	case "br":
		w.newline()
	case "img":
		if attr(n, "smilieid") != "" {
			w.write("[表情]")
		} else if !decoration(n) {
			w.write("[图片]")
		}
	case "pre":
		w.pre++
	case "a":
		if s, ok := w.link(n); ok {
			w.write(s)
			return false
		}
	}
	return true
}

func (w *renderer) leave(n *html.Node) {
	if n.Type != html.ElementNode {
		return
	}
	if w.isQuote(n) {
		w.newline()
		w.depth--
		return
	}
	switch n.Data {
	case "td", "th":
		w.space = true
	case "pre":
		w.pre--
	case "a":
		if s := w.target(n); s != "" {
			w.write(" " + s)
		}
	}
	w.block(n)
}

func (w *renderer) block(n *html.Node) {
	if blocks[n.Data] {
		w.newline()
	}
}

func (w *renderer) isQuote(n *html.Node) bool {
	if w.quote != nil {
		return w.quote(n)
	}
	return n.Data == "blockquote"
}

// decoration reports whether an image is part of the page's dress: spacers,
// icons of file types, buttons.
func decoration(n *html.Node) bool {
	if attr(n, "aid") != "" || attr(n, "file") != "" || attr(n, "zoomfile") != "" {
		return false
	}
	src := strings.ToLower(attr(n, "src"))
	if src == "" {
		return true
	}
	for _, part := range []string{"static/image/", "images/common/", "image/filetype", "image/smiley", "/smiley/", "none.gif", "spacer.gif", "blank.gif"} {
		if strings.Contains(src, part) {
			return true
		}
	}
	return false
}

// write adds text to the current line, folding white space.
func (w *renderer) write(s string) {
	if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\uFFFD") {
		w.bad = true
	}
	s = clean(s)
	for _, r := range s {
		switch {
		case r == '\n' && w.pre > 0:
			w.newline()
		case unicode.IsSpace(r) || r == '\u00A0':
			w.space = true
		default:
			if w.out.Len()+w.cur.Len()+32 > maxText { // room for a mark, a space, a rune
				w.newline()
				w.full = true
				return
			}
			if w.space && w.cur.Len() > 0 {
				w.cur.WriteByte(' ')
			}
			w.space = false
			w.cur.WriteRune(r)
		}
	}
}

// newline ends the current line. Empty lines are not kept: themes differ in
// them while the words stay the same.
func (w *renderer) newline() {
	w.space = false
	if w.cur.Len() == 0 {
		return
	}
	l := w.cur.String()
	w.cur.Reset()
	if w.depth > 0 {
		w.quoted++
		if attribution(l) {
			w.attributed = true
		}
		w.out.WriteString(strings.Repeat(">", min(w.depth, 16)))
		w.out.WriteByte(' ')
	} else {
		w.own++
		if strings.HasPrefix(l, ">") {
			l = "＞" + l[1:] // an author must not pass own words off as a quote
		}
	}
	w.out.WriteString(l)
	w.out.WriteByte('\n')
}

// attribution reports whether a line of a quote names whom it quotes.
func attribution(l string) bool {
	for _, mark := range []string{"发表于", "發表於", "写道", "寫道", "wrote:", " said:", "a écrit"} {
		if strings.Contains(l, mark) {
			return true
		}
	}
	return false
}

// link is what to write in place of a link, if not its text.
func (w *renderer) link(a *html.Node) (string, bool) {
	href := attr(a, "href")
	u, err := url.Parse(strings.TrimSpace(href))
	if err != nil || !web(u) {
		return "", false
	}
	// Engines shorten the text of long addresses ("http://www.exa ... mple.html").
	text := nodeText(a)
	if head, tail, ok := strings.Cut(text, "..."); ok && strings.Contains(head, u.Hostname()[:min(4, len(u.Hostname()))]) &&
		strings.HasPrefix(href, strings.TrimSpace(head)) && strings.HasSuffix(href, strings.TrimSpace(tail)) {
		return href, true
	}
	return "", false
}

// target is where a link leads when its text doesn't say so and a reader who
// clicks would learn a way to reach the author: a QQ number, a mailbox, a
// Telegram name, another site.
func (w *renderer) target(a *html.Node) string {
	href := strings.TrimSpace(attr(a, "href"))
	if href == "" || len(href) > 2048 {
		return ""
	}
	text := nodeText(a)
	say := func(label, value string) string {
		if value == "" || strings.Contains(strings.ToLower(text), strings.ToLower(value)) {
			return ""
		}
		return label + value
	}
	lower := strings.ToLower(href)
	switch {
	case strings.HasPrefix(lower, "mailto:"):
		mail, _, _ := strings.Cut(href[len("mailto:"):], "?")
		if m, err := url.PathUnescape(mail); err == nil {
			mail = m
		}
		return say("", mail)
	case strings.HasPrefix(lower, "tencent:"), strings.Contains(lower, "wpa.qq.com/"), strings.Contains(lower, "wpa.b.qq.com/"):
		if u, err := url.Parse(href); err == nil {
			if uin := u.Query().Get("uin"); isID(uin) {
				return say("QQ:", uin)
			}
		}
		return ""
	case strings.HasPrefix(lower, "tg:"):
		if u, err := url.Parse(href); err == nil {
			return say("https://t.me/", u.Query().Get("domain"))
		}
		return ""
	}
	u, err := url.Parse(href)
	if err != nil || u.Scheme == "" && !strings.HasPrefix(href, "//") || u.Host == "" || strings.EqualFold(u.Host, w.host) {
		return ""
	}
	if u.Scheme != "" && !web(u) {
		return ""
	}
	name := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	if name == "" || strings.Contains(strings.ToLower(text), name) {
		return ""
	}
	return href
}

// nodeText is the shown text below a node on one line, at most maxName bytes.
func nodeText(n *html.Node) string {
	var b strings.Builder
	walkText(n, func(t string) bool {
		b.WriteString(t)
		return b.Len() < 4*maxName
	})
	return short(b.String())
}

// unhideMail undoes the address protection of a content network: the first
// byte is the key, the others are the address XOR the key. Browsers show it so.
func unhideMail(code string) (string, bool) {
	b, err := hex.DecodeString(code)
	if err != nil || len(b) < 4 || len(b) > 256 {
		return "", false
	}
	for i := 1; i < len(b); i++ {
		b[i] ^= b[0]
	}
	mail := string(b[1:])
	return mail, utf8.ValidString(mail) && strings.Contains(mail, "@")
}
