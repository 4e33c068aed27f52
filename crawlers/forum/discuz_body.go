package forum

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"resumewatch/internal/market"
)

// Parts of a post beside its message in which the author speaks. Counts, days
// left and votes stand between them and change without the author's doing.
var (
	beforeMessage = []string{".pcb > h2", ".pcb > .typeoption", ".pcb > .locked", ".pcb .pcbs .act .spi > dl:first-child"}
	afterMessage  = []string{
		".pcb .pcbs .pvt label", // options of a poll
		".pcb .pcbs .trdl .ta > h4, .pcb .pcbs .trdl .ta > .z.mtn", // goods and their prices
		".pcb .pcbs .ds .point p",                                  // what a debate is about
	}
)

// body reads what the post says: fields of sort threads, the subject of a
// reply, the message, what polls, sales, debates and meetings add to it, what
// the moderators put in its place, attachments.
func (r *discuzPage) body(p *market.Post, box, message *goquery.Selection) {
	var roots []*html.Node
	said := func(parts []string) {
		for _, part := range parts {
			for _, n := range box.Find(part).Nodes {
				if !within(n, message) {
					roots = append(roots, n)
				}
			}
		}
	}
	said(beforeMessage)
	roots = append(roots, message.Nodes...)
	said(afterMessage)
	text := render(roots, rules{drop: discuzParts, quote: discuzQuote, swap: discuzSwap, host: r.URL.Host})
	p.Text = text.text
	if text.truncated {
		p.AddFlag(market.FlagTruncated)
	}
	if text.bad {
		p.AddFlag(market.FlagBadBytes)
	}
	if box.Find(".locked, .showhide").FilterFunction(func(_ int, s *goquery.Selection) bool { return !moderated(line(s)) }).Length() > 0 ||
		box.Find(".attach_nopermission").FilterFunction(func(_ int, s *goquery.Selection) bool {
			return strings.Contains(line(s), "更多资源") || strings.Contains(line(s), "更多資源")
		}).Length() > 0 {
		p.AddFlag(market.FlagHidden)
	}
	names := attachments(box)
	if len(names) > 0 {
		p.Text = strings.TrimPrefix(p.Text+"\n"+strings.Join(names, "\n"), "\n")
	}
}

// within reports whether a node lies in the message: authors can't write these
// parts there, but boards that allow HTML let them try.
func within(n *html.Node, message *goquery.Selection) bool {
	for ; n != nil; n = n.Parent {
		for _, m := range message.Nodes {
			if n == m {
				return true
			}
		}
	}
	return false
}

// attachments are what hangs on the post, one "[附件] name remark" each. Their
// addresses change with each session, so the names stand for them.
func attachments(box *goquery.Selection) []string {
	var out []string
	seen := map[string]bool{}
	box.Find(`.attnm a, .pattl .attm p.mbn > a, a[href*="mod=attachment"][id^=aid], span[id^=attach_] a, .aimg_tip strong`).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		name := line(a)
		if name == "" || seen[name] || name == "下载附件" || name == "下載附件" {
			return true
		}
		seen[name] = true
		if r := remark(a.Closest("ignore_js_op, dl.tattl")); r != "" {
			name += " " + r
		}
		out = append(out, "[附件] "+name)
		return len(out) < 100
	})
	return out
}

// remark is what the author wrote about an attachment: beside it in the list
// below the post, in a tip where it stands within the text.
func remark(box *goquery.Selection) string {
	if r := line(box.Find("p.xg2").First()); r != "" {
		return r
	}
	var words string
	box.Find(".aimg_tip p").EachWithBreak(func(_ int, p *goquery.Selection) bool {
		if !p.HasClass("xg1") && p.Find("a, strong").Length() == 0 {
			words = nodeText(p.Nodes[0])
		}
		return words == ""
	})
	if words != "" {
		return words
	}
	// "点击文件名下载附件 <br> remark <br> price, credits"
	box.Find(".tip_c > br").EachWithBreak(func(_ int, br *goquery.Selection) bool {
		n := br.Nodes[0].NextSibling
		if n != nil && n.Type == html.TextNode {
			words = short(n.Data)
		}
		for _, label := range []string{"售价", "售價", "下载积分", "下載積分", "阅读权限", "閱讀權限"} {
			if strings.HasPrefix(words, label) {
				words = ""
			}
		}
		return words == ""
	})
	return words
}

// discuzParts are the parts of a post that the engine put there.
func discuzParts(n *html.Node) bool {
	switch n.Data {
	case "i":
		return hasClass(n, "pstatus")
	case "em":
		return strings.Contains(attr(n, "onclick"), "copycode")
	case "h4":
		return n.Parent != nil && hasClass(n.Parent, "showhide")
	case "dl", "p", "span", "div":
		for _, c := range []string{"attach_nopermission", "attach_tips", "aimg_tip", "tip", "a_pr", "tattl", "attnm", "sign", "ptg", "modact", "pattl", "guestviewthumb"} {
			if hasClass(n, c) {
				return true
			}
		}
		return strings.HasPrefix(attr(n, "id"), "attach_") && n.Data == "span"
	}
	return false
}

// discuzQuote knows quotes by the box around them. A <blockquote> without one
// is a paragraph that its author moved to the right ([indent]).
func discuzQuote(n *html.Node) bool {
	if n.Data == "blockquote" {
		return n.Parent != nil && hasClass(n.Parent, "quote")
	}
	return n.Data == "div" && hasClass(n, "quote") && !hasQuoteInside(n)
}

func hasQuoteInside(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && c.Data == "blockquote" {
			return true
		}
	}
	return false
}

// discuzSwap puts a fixed mark where the engine hides a part: its own words
// name the visitor and would differ between sessions. What moderators put in a
// post's place stays.
func discuzSwap(n *html.Node) (string, bool) {
	if n.Data != "div" || !hasClass(n, "locked") {
		return "", false
	}
	if text := nodeText(n); moderated(text) {
		return text, true
	}
	return "[隐藏内容]", true
}

func moderated(text string) bool {
	for _, w := range []string{"屏蔽", "禁止或删除", "禁止或刪除"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
