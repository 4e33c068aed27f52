package forum

import (
	"net/http"
	"strings"

	"resumewatch/internal/market"
)

// verdicts are the texts of message pages (language packs lang_message.php of
// X3.4 and X3.5, simplified and traditional), the first that is found counts.
// One removed thread has three meanings, deleted, under review, never there,
// and the page doesn't say which.
var verdicts = []struct {
	words   []string
	outcome market.Outcome
	detail  string
}{
	{[]string{"主题不存在", "主題不存在", "帖子不存在", "已被删除或正在被审核", "已被刪除或正在被審核", "正在被审核", "正在被審核", "未被审核", "已被删除", "已被刪除", "没有找到帖子", "沒有找到帖子"}, market.OutcomeGone, DetailDeletedOrReviewed},
	{[]string{"版块不存在", "版塊不存在", "版面不存在", "群组不存在", "群組不存在", "该群组已关闭", "该圈子已关闭", "該群組已關閉"}, market.OutcomeGone, DetailNoBoard},
	{[]string{"站点暂时关闭", "站點暫時關閉", "站点关闭", "论坛关闭", "論壇關閉", "功能尚未开启", "功能尚未開啟", "请其他时间再试", "請其他時間再試"}, market.OutcomeUnreadable, DetailSiteClosed},
	{[]string{"先登录才能", "先登錄才能", "您尚未登录", "您尚未登錄", "您还没有登录", "您需要登录", "请登录后", "請登錄後", "请先登录", "游客，您所在", "登录后才能"}, market.OutcomeLoginWall, DetailLoginFirst},
	{[]string{"阅读权限高于", "閱讀權限高於"}, market.OutcomeLoginWall, DetailReadAccess},
	{[]string{"用户组", "用戶組"}, market.OutcomeLoginWall, DetailNoPermission},
	{[]string{"以下条件才能访问", "以下條件才能訪問", "积分要求", "勋章", "勳章", "付费", "购买主题", "只有特定用户可以", "只有特定用戶可以", "版块需要支付", "版塊需要支付"}, market.OutcomeLoginWall, DetailConditions},
	{[]string{"没有权限", "沒有權限", "无权", "無權", "无法进行此操作", "無法進行此操作"}, market.OutcomeLoginWall, DetailNoPermission},
	{[]string{"密码", "密碼"}, market.OutcomeLoginWall, DetailPassword},
	{[]string{"IP 地址", "IP地址", "您的 IP", "被禁止访问", "禁止訪問", "账号被禁用", "帳號被禁用"}, market.OutcomeBlocked, DetailFirewall},
	{[]string{"过于频繁", "過於頻繁", "秒内", "稍后再试", "稍候再試"}, market.OutcomeBlocked, DetailTooFast},
	{[]string{"不存在"}, market.OutcomeGone, DetailDeletedOrReviewed},
}

// message reads a page that says why there is nothing to read.
func (r *discuzPage) message() {
	text := line(r.Doc.Find("#messagetext, .jump_c"))
	for _, v := range verdicts {
		for _, w := range v.words {
			if strings.Contains(text, w) {
				r.verdict(v.outcome, v.detail)
				return
			}
		}
	}
	switch {
	case r.Doc.Find(`#messagelogin, form[name="login"], form[id^="loginform"]`).Length() > 0:
		// The box stands below many messages, also below the words of an owner
		// who closed the site: people should see them.
		r.verdict(market.OutcomeLoginWall, DetailLoginFirst)
		r.problem("a message that is not known, with a form to log in: " + text)
	case r.Status == http.StatusNotFound || r.Status == http.StatusGone:
		r.verdict(market.OutcomeGone, DetailNotFound)
	default:
		r.verdict(market.OutcomeUnreadable, DetailUnknownMessage)
		r.problem("a message that is not known: " + short(text))
	}
}
