package classify

import (
	"strings"

	"resumewatch/internal/market"
)

// ownPapers are words with which people are asked to register themselves.
var ownPapers = set("工具人", "用自己身份", "用你身份", "本人身份证", "只要身份证", "只需身份证", "兼职hr", "面签人", "有执照的来", "有营业执照的", "配合人脸", "可带朋友", "用你的身份", "用您的身份", "用你自己的身份", "交给我们使用", "补贴", "带身份证", "带证", "现结", "当场结", "现场结", "做完就给", "刷个脸", "收脸", "一脸一结", "人到就行", "介绍人", "带同学", "配合认证", "法人扫", "有工牌", "您出脸", "你出脸", "您出证", "出人出脸", "本人到场", "自己的证", "自己的身份证", "家里亲戚的", "本人证", "本人刷", "本人亲自", "露个脸", "露脸的", "眨眼", "点个头", "有脸的人", "真人真证", "汝出", "您的照", "你的照", "借你的", "借贵", "ownid", "own id")

// rates are words for what a rent costs.
var rates = set("日租", "周租", "月租", "季租", "年租", "天租")

// bounds are words of who bids.
var bounds = set("以内", "最高", "我最多", "价高")

// callers are ends of clauses that call somebody: 需要的来, 有货的老板.
var callers = set("的来", "的找我", "的联系", "的加", "的私", "的滴", "的老板", "的兄弟", "的大佬", "看过来")

// withoutPapers takes out offers to those who have none.
var withoutPapers = strings.NewReplacer("没有执照", "", "没有营业执照", "")

// side is who says more; without any sign a listing sells.
func (r *reader) side(goods []Found) string {
	if r.sell, r.buy = r.sides(goods); r.buy > r.sell {
		return market.SideBuy
	}
	return market.SideSell
}

// sides weighs what sellers and buyers say; the head of the text weighs more.
func (r *reader) sides(goods []Found) (sell, buy float64) {
	for i, h := range r.kinds[kindSide] {
		w := float64(h.Entry.Strength) / 2 * (1 - h.Cost)
		if i == 0 || clauseOf(r.clauses, h.Start) == 0 {
			w *= 2
		}
		// 租企业号,日租35: who names his rates lets
		if h.Entry.ID == "side.buy_take" && r.f.Folded[h.Start:h.End] == "租" && rates.in(r.plain()) {
			sell += w
			continue
		}
		// 要整份的一份10块: a later 要 speaks to buyers.
		if h.Entry.ID == "side.buy_take" && r.f.Folded[h.Start:h.End] == "要" && clauseOf(r.clauses, h.Start) > 0 && !r.wanting(h.Start) {
			sell += w / 2
			continue
		}
		if h.Entry.Value == market.SideBuy {
			buy += w
		} else {
			sell += w
		}
	}
	if bounds.in(r.f.Folded) {
		for _, w := range bounds.list {
			if strings.Contains(r.f.Folded, w) {
				buy++
			}
		}
	}
	for i := range r.clauses {
		text := r.plainClause(i)
		if !callers.in(text) || len(text) > 90 {
			continue
		}
		switch {
		case strings.Contains(text, "需要") || containsAny(text, []string{"有要", "想要", "有兴趣"}) || strings.HasPrefix(text, "要") || strings.Contains(text, "有意") || strings.Contains(text, "没有"):
			sell += 2
		case strings.HasPrefix(text, "有"):
			buy += 2
		}
	}
	for _, g := range goods {
		// Who pays people to register with their own papers seeks registrations.
		if g.Value == market.GoodsAccountRegistration && ownPapers.in(withoutPapers.Replace(r.plain())) {
			buy += 3
			break
		}
	}
	return sell, buy
}

// wanting reports whether the 要 at the folded byte is the author's own wish.
func (r *reader) wanting(at int) bool {
	return containsAny(r.f.Folded[max(0, at-6):at], []string{"期", "我", "只", "想", "先", "急"})
}
