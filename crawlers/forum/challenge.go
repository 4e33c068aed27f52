package forum

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"resumewatch/internal/market"
)

// maxChallenge is the length in bytes beyond which a page is taken for content:
// challenges are small, except those of content networks, known by their title.
const maxChallenge = 64 << 10

// content is what only a forum's own pages have.
const content = "#messagetext, #threadlist, #threadlisttableid, #waterfall, #postlist, .fl_tb, .topiclist, .forumlist, .post-content"

// Challenge reports whether a defence answered in place of the forum, and
// which. Nothing here solves one: the source is blocked, and the visitor backs
// off. It needs no known engine.
func Challenge(p Page) (detail string, ok bool) {
	if p.Doc == nil {
		return "", false
	}
	if p.Status == http.StatusTooManyRequests {
		return DetailTooFast, true
	}
	if p.Doc.Find(content).Length() > 0 { // threads are about anything, also about captchas
		return "", false
	}
	title := line(p.Doc.Find("title").First())
	switch {
	case strings.Contains(title, "页面重载开启"), strings.Contains(title, "頁面重載開啟"): // attackevasive bit 4
		return DetailChallengeReload, true
	case p.Header.Get("Cf-Mitigated") == "challenge", title == "Just a moment...", strings.HasPrefix(title, "Attention Required! | Cloudflare"):
		return DetailChallengeJS, true
	case strings.Contains(title, "安全验证"), strings.Contains(title, "安全驗證"), strings.Contains(title, "人机验证"):
		return DetailChallengeCaptcha, true
	}
	if len(p.Raw) > maxChallenge {
		return "", false
	}
	if p.Doc.Find(`input[name="secqsubmit"], [name="secqaa"]`).Length() > 0 { // attackevasive bit 8
		return DetailChallengeQuestion, true
	}
	if p.Doc.Find(`.geetest_holder, #TCaptcha, .nc-container, #captcha, .g-recaptcha, .h-captcha, .cf-turnstile`).Length() > 0 {
		return DetailChallengeCaptcha, true
	}
	body := line(p.Doc.Find("body"))
	shown := title + " " + body
	switch {
	case strings.Contains(shown, "频繁刷新限制"), strings.Contains(shown, "頻繁刷新限制"), strings.Contains(shown, "访问过于频繁"), strings.Contains(shown, "请求过于频繁"):
		return DetailTooFast, true
	case strings.Contains(shown, "代理服务器访问限制"), strings.Contains(shown, "代理服務器訪問限制"):
		return DetailProxyRefused, true
	}
	if len(body) < 200 && scripted(p.Raw) || shown == " " && bare(p.Doc) {
		return DetailChallengeJS, true
	}
	for _, w := range []string{"网站防火墙", "访问被拦截", "您的访问被阻断", "您的请求带有不合法参数", "拦截提示", "创宇盾", "云锁", "安全狗", "Web Application Firewall"} {
		if strings.Contains(shown, w) {
			return DetailFirewall, true
		}
	}
	switch p.Status {
	case http.StatusMethodNotAllowed, http.StatusTeapot, 468, 521: // refusals of Chinese firewalls and content networks
		return DetailFirewall, true
	}
	return "", false
}

// bare reports whether a page is one script and nothing else. Discuz!'s
// antitheft cuts every word of its script to pieces, each time others, so that
// there needn't be one to know it by. Shells of applications have an element to
// fill, and a title.
func bare(doc *goquery.Document) bool {
	inline := 0
	for _, s := range doc.Find("script").Nodes {
		if hasAttr(s, "src") || s.FirstChild == nil {
			return false
		}
		inline += len(s.FirstChild.Data)
	}
	return inline >= 200 && doc.Find("body *, head *").Not("script").Length() == 0
}

// scripted reports whether a page without words moves on by script: it sets a
// cookie or an address that only a browser works out.
func scripted(raw []byte) bool {
	if !bytes.Contains(raw, []byte("<script")) {
		return false
	}
	for _, mark := range []string{"_dsign", "location.replace", "location.href", "location.assign", "location=", "location =", "location.reload", "document.cookie", "eval(", "acw_sc__v2", "__jsl_clearance", "window['location']", "window[\"location\"]"} {
		if bytes.Contains(raw, []byte(mark)) {
			return true
		}
	}
	return false
}

// blocked is the reading of a challenge.
func blocked(engine, detail, key string) Reading {
	return Reading{Engine: engine, Kind: KindChallenge, Outcome: market.OutcomeBlocked, Detail: detail, Canonical: key}
}
