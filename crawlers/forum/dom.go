package forum

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// Caps on what is walked. A real page has some thousand nodes in some tens of
// levels; beyond these it is made to hurt, and selectors would recurse with it.
const (
	maxNodes   = 300_000
	maxDepth   = 600
	maxThreads = 2_000   // rows of one list
	maxPosts   = 1_000   // posts of one page, comments included
	maxBoards  = 5_000   // boards of one index
	maxText    = 1 << 20 // bytes of text kept of one post
	maxName    = 512     // bytes kept of a title or a name
)

// fits walks the document without recursion and reports whether it stays
// within the caps.
func fits(root *html.Node) bool {
	nodes, depth := 0, 0
	for n := root; n != nil; {
		if nodes++; nodes > maxNodes || depth > maxDepth {
			return false
		}
		if n.FirstChild != nil {
			n, depth = n.FirstChild, depth+1
			continue
		}
		for n != root && n.NextSibling == nil {
			n, depth = n.Parent, depth-1
			if n == nil {
				return true
			}
		}
		if n == root {
			return true
		}
		n = n.NextSibling
	}
	return true
}

// attr is the value of an attribute, "" when it is absent.
func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return true
		}
	}
	return false
}

// hasClass reports whether one of the words of class is the given one.
func hasClass(n *html.Node, class string) bool {
	for c := range strings.FieldsSeq(attr(n, "class")) {
		if c == class {
			return true
		}
	}
	return false
}

// hidden reports whether a browser shows nothing of the node: jammers that
// forums strew into posts are hidden so, and carry a new text on each request.
func hidden(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return false
	}
	switch n.Data {
	case "script", "style", "noscript", "template", "head", "iframe", "object", "embed", "svg", "select", "option", "textarea", "button", "input", "audio", "video":
		return true
	}
	if hasAttr(n, "hidden") || hasClass(n, "jammer") {
		return true
	}
	style := attr(n, "style")
	if style == "" {
		return false
	}
	for decl := range strings.SplitSeq(strings.ToLower(style), ";") {
		name, value, _ := strings.Cut(decl, ":")
		value = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
		switch strings.TrimSpace(name) {
		case "display":
			if value == "none" {
				return true
			}
		case "visibility":
			if value == "hidden" || value == "collapse" {
				return true
			}
		case "font-size":
			if value == "0" || value == "0px" || value == "0pt" || value == "0em" || value == "0%" {
				return true
			}
		}
	}
	return false
}

// line is the text of a selection on one line, without hidden parts and
// shortened to what a title or a name may hold.
func line(s *goquery.Selection) string {
	var b strings.Builder
	for _, n := range s.Nodes {
		walkText(n, func(t string) bool {
			b.WriteString(t)
			return b.Len() < 4*maxName
		})
	}
	return short(b.String())
}

// short folds white space and cuts at maxName bytes on a rune boundary.
func short(s string) string {
	s = strings.Join(strings.Fields(clean(s)), " ")
	if len(s) <= maxName {
		return s
	}
	s = s[:maxName]
	for len(s) > 0 && s[len(s)-1]&0xC0 == 0x80 {
		s = s[:len(s)-1]
	}
	if len(s) > 0 && s[len(s)-1] >= 0xC0 {
		s = s[:len(s)-1]
	}
	return s
}

// walkText calls f with each piece of shown text below n until f returns false.
func walkText(root *html.Node, f func(string) bool) {
	for n := root; n != nil; {
		if n.Type == html.TextNode && !f(n.Data) {
			return
		}
		if n.Type == html.ElementNode && n.Data == "br" && !f(" ") {
			return
		}
		if n.FirstChild != nil && !hidden(n) {
			n = n.FirstChild
			continue
		}
		for n != root && n.NextSibling == nil {
			n = n.Parent
		}
		if n == root {
			return
		}
		n = n.NextSibling
	}
}

// baseOf is what relative links of the page are relative to. A <base> on
// another host is followed as a browser would; links are checked afterwards.
func baseOf(p Page) *url.URL {
	if href, ok := p.Doc.Find("base[href]").First().Attr("href"); ok {
		if u, err := p.URL.Parse(strings.TrimSpace(href)); err == nil && web(u) {
			return u
		}
	}
	return p.URL
}

func web(u *url.URL) bool { return (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" }

// resolve makes a link of the page absolute; nil when it leads nowhere that
// can be fetched or to another host.
func resolve(base, page *url.URL, href string) *url.URL {
	href = strings.TrimSpace(href)
	if href == "" || len(href) > 4096 {
		return nil
	}
	u, err := base.Parse(href)
	if err != nil || !web(u) || !strings.EqualFold(u.Host, page.Host) {
		return nil
	}
	u.Fragment, u.RawFragment = "", ""
	u.User = nil
	return u
}

// digits is the leading decimal number of s, -1 without one or when it has more than 12 digits.
func digits(s string) int {
	s = strings.TrimSpace(s)
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	if end == 0 || end > 12 {
		return -1
	}
	n, err := strconv.Atoi(s[:end])
	if err != nil {
		return -1
	}
	return n
}

// isID reports whether s is a decimal id of at most 19 digits that is not zero.
func isID(s string) bool {
	if s == "" || len(s) > 19 || strings.Trim(s, "0") == "" {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
