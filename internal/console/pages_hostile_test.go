package console_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// hostile is what a seller may write where we show it: markup, scripts, styles,
// directions, floods. Each part begins with what makes a page of it.
var hostile = []string{
	`<script>alert("post")</script><script src="https://evil.example.com/x.js"></script>`,
	`<svg onload=alert(1)><image href="https://evil.example.com/svg.png"/></svg>`,
	`"><img src=https://evil.example.com/x.png onerror=alert(1)>`,
	`' onmouseover=alert(1) autofocus onfocus=alert(1) x='`,
	`</textarea></title></style></script></p></div></main><style>*{display:none!important}body{background:url(https://evil.example.com/bg)}</style>`,
	`<iframe src=javascript:alert(1)></iframe><object data=https://evil.example.com/o></object><base href=https://evil.example.com/>`,
	`<meta http-equiv=refresh content="0;url=https://evil.example.com/"><link rel=stylesheet href=https://evil.example.com/a.css>`,
	`<form action=https://evil.example.com/><input name=password><button formaction=javascript:alert(1)>登录</button></form>`,
	`<a href="javascript:alert(1)" hx-get="https://evil.example.com/" hx-trigger="load" data-hx-on:load="alert(1)">x</a>`,
	"{{.Data}} {{template \"layout\"}} ${alert(1)} `${alert(1)}`",
	"\u202e反过来写\u202c \u2066\u2067\u2068 \u200fلا شيء هنا\u200e",
	strings.Repeat("\u200b", 4000) + strings.Repeat("\ufeff\u200d", 500),
	"Z" + strings.Repeat("\u0321\u0351\u034c", 300) + "algo",
	"\x1b[31;1m\x1b]0;title\x07\x1b[2J\x08\x08\x7f 终端",
	strings.Repeat("无空格的长文字", 60) + strings.Repeat("W", 3000),
	strings.Repeat("\n", 300) + "很多空行",
	"\u2028\u2029\u0085 断行 \U000e0001\U000e0041\U0001f468\u200d\U0001f469",
	`#$%&'"()*,/:;<=>?@[\]^_{|}~ &lt;b&gt; &#60; &amp;amp; %3Cscript%3E`,
}

// besiege fills the room with hostile posts, names, places, addresses, contacts and problems.
func (r *room) besiege() {
	r.Helper()
	all := strings.Join(hostile, " ")
	r.source(casebook.Source{Name: `"><script>alert('source')</script>`, Kind: `<b onclick=alert(1)>`, URL: "javascript:alert('source')", Settings: casebook.SourceSettings{
		Authority: market.Authority{Why: all, Until: r.now.AddDate(0, 0, 3)}, RobotsIgnoredBy: all}})
	found := []casebook.Found{}
	for i, h := range hostile {
		p := said(fmt.Sprintf("10000%05d", i), i, "出智联简历 2元一条 "+h+" QQ1000012345")
		p.Author.Name, p.PlaceName = h, h
		p.Place = []string{"1000045678", `javascript:alert("place")`, "\u202e" + h, h}[i%4]
		p.Permalink = []string{"javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>alert(1)</script>", " javascript:alert(1)", "//evil.example.com/x", "https://user:pass@evil.example.com/",
			"https://evil.example.com/" + strings.Repeat("a", 3000), "https://bbs.example.com/\"><script>alert(1)</script>", "https://\u202eevil.example.com/"}[i%9]
		if i%3 == 0 {
			p.Site, p.NativeID, p.Title = "https://bbs.example.com/", fmt.Sprint("pid:", i), h
		}
		found = append(found, r.read(p, func(f *casebook.Found) {
			f.Reading.Contacts = append(f.Reading.Contacts, market.Contact{Kind: market.ContactURL, Value: "javascript:alert(1)"}, market.Contact{Kind: market.ContactWeChat, Value: h}, market.Contact{Kind: `<i>`, Value: h})
			f.Reading.Prices = append(f.Reading.Prices, market.Price{Amount: h, Currency: h, Per: h})
			f.Reading.Goods, f.Reading.Platforms = append(f.Reading.Goods, h), append(f.Reading.Platforms, h)
			f.Reading.Reasons = append(f.Reading.Reasons, market.Reason{Code: h, Text: h})
			f.Reading.Sample = &market.Sample{Records: 2, Fields: []string{h}}
			f.Reading.Spans = append(f.Reading.Spans, market.Span{Field: "/prices/9999", Start: 0, End: 3}, market.Span{Field: h, Start: -5, End: 1 << 30}, market.Span{Field: "/contacts/0", Start: 1, End: 2})
			f.Post.Flags = []string{h}
		}))
	}
	found = append(found, r.read(said("1000099999", 900, "出智联简历 2元一条 QQ1000012345 "+strings.Repeat("长", 21_000)), nil))
	r.learnAll(casebook.Learnt{
		Source: `"><script>alert('source')</script>`, Outcome: market.OutcomeNew, Found: found,
		Captures: []casebook.Capture{{Digest: strings.Repeat("ab", 32), SealedDigest: strings.Repeat("cd", 32), File: `2026/02/"><script>alert(1)</script>.age`, Length: 10, Kind: "page", URL: "javascript:alert(1)", At: r.now, Source: "x"}},
		Problems: []market.Problem{{Source: `"><script>alert('source')</script>`, File: all, Reason: all}},
	})
	// The first of them is edited: an earlier version shows as well.
	p := *found[0].Post
	p.Text += " 改价"
	r.learn(`"><script>alert('source')</script>`, r.read(&p, nil))
}

// rooms are the addresses of all pages about what the room holds.
func (r *room) rooms() []string {
	r.Helper()
	paths := []string{"/", "/?q=" + url.QueryEscape("简历"), "/?q=" + url.QueryEscape(`"><script>alert(1)</script>`), "/?q=" + url.QueryEscape("price:<script>alert(1)</script>"),
		"/?since=" + url.QueryEscape(`"><script>alert(1)</script>`), "/?after=" + url.QueryEscape("<script>"), "/alerts", "/sources", "/queue", "/nowhere/<script>alert(1)</script>"}
	sources, err := r.book.Sources(r.Context())
	r.must(err)
	for _, s := range sources {
		paths = append(paths, "/sources/"+url.PathEscape(s.Name))
	}
	alerts, err := r.book.Alerts(r.Context(), casebook.AlertFilter{})
	r.must(err)
	sellers := map[string]bool{}
	for _, a := range alerts {
		paths = append(paths, "/alerts/"+a.ID, "/offers/"+a.OfferID)
		if a.SellerID != "" && !sellers[a.SellerID] {
			sellers[a.SellerID] = true
			paths = append(paths, "/sellers/"+a.SellerID)
		}
	}
	if len(sellers) == 0 || len(alerts) == 0 {
		r.Fatal("the hostile posts became no offer, so that nothing was shown")
	}
	return paths
}

// maxPage is what a page of hostile posts may weigh, in bytes.
const maxPage = 2 << 20

func TestHostilePostsStayText(t *testing.T) {
	r := newRoom(t)
	r.besiege()
	shown := 0
	for _, path := range r.rooms() {
		_, body, _ := r.get(path)
		if len(body) > maxPage {
			t.Errorf("%s has %d bytes", path, len(body))
		}
		root, err := html.Parse(strings.NewReader(body))
		r.must(err)
		for n := range root.Descendants() {
			if why := forbidden(n); why != "" {
				t.Errorf("%s: %s", path, why)
			}
			if n.Type == html.TextNode && strings.Contains(n.Data, `<script>alert("post")</script>`) {
				shown++
			}
		}
	}
	if shown < 4 {
		t.Errorf("the script stands on %d pages as text", shown)
	}
}

// forbidden says what of a page's tree can't be ours.
func forbidden(n *html.Node) string {
	if n.Type == html.TextNode {
		for _, c := range n.Data {
			if unicode.Is(unicode.Bidi_Control, c) || c == 0x1b || c == 0x200b || c == 0x2028 || c == 0 {
				return fmt.Sprintf("raw %U in the text %.60q", c, n.Data)
			}
		}
		return ""
	}
	if n.Type != html.ElementNode {
		return ""
	}
	attr := func(name string) string {
		for _, a := range n.Attr {
			if a.Key == name {
				return a.Val
			}
		}
		return ""
	}
	switch n.Data {
	case "style", "iframe", "object", "embed", "base", "image", "b2":
		return "an element <" + n.Data + ">"
	case "script":
		if !strings.HasPrefix(attr("src"), "/static/") || n.FirstChild != nil {
			return "a script that isn't ours: " + attr("src")
		}
	case "link", "img":
		if to := attr("href") + attr("src"); !strings.HasPrefix(to, "/static/") {
			return "<" + n.Data + "> from " + to
		}
	case "form":
		if to := attr("action"); !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") {
			return "a form to " + to
		}
	case "meta":
		if attr("http-equiv") != "" {
			return "a meta refresh"
		}
	case "a":
		to, err := url.Parse(attr("href"))
		if err != nil {
			return err.Error()
		}
		outside := to.Scheme != "" || to.Host != ""
		if outside && to.Scheme != "http" && to.Scheme != "https" {
			return "a link to " + attr("href")
		}
		if outside && attr("rel") != "noreferrer noopener nofollow" {
			return "a link outside that tells who comes: " + attr("href")
		}
		if to.User != nil {
			return "a link with a password: " + attr("href")
		}
	}
	live := n.Data == "div" && attr("id") == "live" && attr("hx-get") == "/queue" // the one that refreshes itself
	for _, a := range n.Attr {
		if live && (a.Key == "hx-get" || a.Key == "hx-trigger" || a.Key == "hx-select" || a.Key == "hx-swap") {
			continue
		}
		if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-") || strings.HasPrefix(a.Key, "data-hx") || a.Key == "style" || a.Key == "formaction" || a.Key == "srcdoc" {
			return fmt.Sprintf("<%s %s=%.60q>", n.Data, a.Key, a.Val)
		}
	}
	return ""
}
