package price

import (
	"slices"
	"strings"

	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// asks reports whether a word before a sum names it a price: 报价2万8.
func asks(t *token) bool {
	if t.kind != tCue {
		return false
	}
	return strings.Contains(t.word, "价") || t.word == "卖" || t.word == "售" || t.word == "只要" || t.word == "仅需" || t.word == "仅售" || t.word == "预算" || t.word == "收费"
}

// mailboxes reports whether what is counted are mailboxes that resumes arrive in
// (一个邮箱500, 12个收件箱) rather than resumes.
func (rd *reader) mailboxes() bool {
	if len(rd.ctx.Goods) != 1 || rd.ctx.Goods[0] != market.GoodsResumeData {
		return false
	}
	box := false
	for i := 1; i < len(rd.r); i++ {
		switch rd.r[i] {
		case '箱':
			j := i - 1
			for j > 0 && i-j < 5 && (numeral.Han(rd.r[j]) || latin(rd.r[j])) && rd.r[j] != '个' && rd.r[j] != '只' {
				j--
			}
			switch at(rd.r, i+1) {
			case '出', '转', '卖', '账', '号', '打', '批':
				box = box || (rd.r[i-1] == '邮' || rd.r[i-1] == '件') && (i < 2 || rd.r[i-2] != '含' && rd.r[i-2] != '带')
			}
			box = box || (rd.r[j] == '个' || rd.r[j] == '只') && (rd.r[i-1] == '邮' || rd.r[i-1] == '件' || rd.r[i-1] == '信' || at(rd.r, i+1) == '子')
		}
	}
	if !box {
		return false
	}
	for k := range rd.toks {
		if t := &rd.toks[k]; (t.kind == tPer || t.kind == tQty) && (t.unit == "份" || t.unit == "条") {
			return false
		}
	}
	return true
}

// rents gives the time that is said once for the whole message (都是月租, 只用三天) to the
// prices of accounts for which no unit was said.
func (rd *reader) rents() {
	if len(rd.ctx.Goods) == 0 || rd.ctx.Goods[0] != market.GoodsRecruiterAccount {
		return
	}
	per := ""
	for k := range rd.toks {
		t := &rd.toks[k]
		if t.used || t.kind != tPeriod && !(timed(t) && (rd.heads(t.end) || t.kind == tPer && (at(rd.r, t.start-1) == '租' || at(rd.r, t.start-1) == '借' || at(rd.r, t.start-1) == '用'))) || rd.leftOver(k) {
			continue
		}
		if rd.heads(t.end) { // 以下均为一个月的价
		} else if c := at(rd.r, t.start); t.count > 0 || t.kind == tPer || numeral.Digit(c) > 0 || c == '半' {
			switch at(rd.r, t.start-1) {
			case '用', '租', '借', '期':
			default:
				continue
			}
		} else if c := []rune(t.word); len(c) < 2 || c[1] != '租' && c[1] != '付' && c[0] != '按' {
			continue
		}
		if per != "" && per != t.per {
			return
		}
		per = t.per
	}
	if per == "" {
		rd.alike()
		return
	}
	for i := range rd.prices {
		if f := &rd.prices[i]; (f.unsaid || rd.vague(f.tok+1)) && !f.extra && f.Per == market.PerAccount && f.MinQuantity == 0 {
			f.Per = per
		}
	}
}

// vague reports whether the token n is one of whatever is sold: 150刀一个.
func (rd *reader) vague(n int) bool {
	return n < len(rd.toks) && rd.toks[n].kind == tPer && rd.toks[n].per == "" && rd.near(n, 1)
}

// edition is the time of the membership that the sum k is asked for, said in its clause
// before what it is a membership of: 年会员猎聘 1700, 年费会员号（1800）.
func (rd *reader) edition(k int) string {
	if !rd.has(market.GoodsRecruiterAccount) || len(rd.ctx.Goods) == 0 {
		return ""
	}
	gap := rd.toks[k].gap
	for j := k - 1; j >= 0 && j > k-4 && rd.toks[j+1].stop < stopComma && gap <= 2; j-- {
		switch t := &rd.toks[j]; {
		case t.kind == tPeriod && t.count == 0 && !t.used && j < k-1 && !rd.leftOver(j) && !rd.comesWith(t.start):
			t.used = true
			return t.per
		case t.kind == tLabel:
			gap += t.gap
		default:
			return ""
		}
	}
	return ""
}

// comesWith reports whether what begins at i only comes along: 认证+半年会员.
func (rd *reader) comesWith(i int) bool {
	switch at(rd.r, i-1) {
	case '+', '带', '含', '送', '附', '有', '剩', '余':
		return true
	}
	return false
}

// heads reports whether what stands at i says that a time is that of the prices to come: 一个月的价：.
func (rd *reader) heads(i int) bool {
	if at(rd.r, i) == '的' {
		i++
	}
	return at(rd.r, i) == '价'
}

// alike gives the time that was said for the first of a row of sums to the others, each
// behind the name of a platform: 月租智联200，猎聘450.
func (rd *reader) alike() {
	for i := 1; i < len(rd.prices); i++ {
		f, p := &rd.prices[i], &rd.prices[i-1]
		a, b := rd.toks[f.tok].lo, rd.toks[p.tok].lo
		if !f.unsaid || f.extra || f.Per != market.PerAccount || f.MinQuantity != 0 || f.line != p.line || !isTime(p.Per) || p.Per == market.PerUnknown || a > 6*b || b > 6*a {
			continue
		}
		k := f.tok - 1
		if k < 1 || rd.toks[k].kind != tLabel || rd.toks[k].per != "" || !rd.near(f.tok, 0) || rd.toks[k].stop < stopSpace {
			continue
		}
		if q := p.tok - 1; q >= 0 && rd.toks[q].kind == tPeriod && rd.near(p.tok, 1) || p.timed {
			f.Per, f.timed = p.Per, true
		}
	}
}

// dearest is what one resume is sold for at most where thousands are on offer.
const dearest = 100 * numeral.Unit

// wholes makes the whole lot of sums that are too large for one resume: 190万条，报价2万8.
func (rd *reader) wholes() {
	if !rd.has(market.GoodsResumeData) || len(rd.ctx.Goods) == 0 || rd.ctx.Goods[0] != market.GoodsResumeData || rd.mail {
		return
	}
	pieces := int64(0)
	for _, h := range rd.stock {
		if h.Unit == market.UnitItem {
			pieces = max(pieces, h.Quantity)
		}
	}
	if pieces < 500 && !rd.stored() {
		return
	}
	for i := range rd.prices {
		f := &rd.prices[i]
		if t := &rd.toks[f.tok]; f.unsaid && !f.extra && f.Per == market.PerItem && f.MinQuantity == 0 && t.lo >= dearest {
			f.Per = market.PerLot
		}
	}
}

// stores are words for a store of resumes.
var stores = [...][]rune{
	[]rune("全库"), []rune("整库"), []rune("数据库"), []rune("历史库"), []rune("人才库"), []rune("u盘"), []rune("硬盘"), []rune("压缩包"), []rune("网盘"), []rune("合集"), []rune("一个库"), []rune("的库"), []rune("dump"), []rune("database"),
}

// stored reports whether the message sells a store of resumes whose size it does not tell.
func (rd *reader) stored() bool {
	r := rd.r[:min(len(rd.r), 2000)]
	for i, c := range r {
		switch c { // what the stores begin with
		case '全', '整', '数', '历', '人', 'u', '硬', '压', '网', '合', '一', '的', 'd':
		default:
			continue
		}
		for _, w := range stores {
			if i+len(w) <= len(r) && slices.Equal(r[i:i+len(w)], w) {
				return true
			}
		}
	}
	return false
}
