package price

import (
	"slices"

	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// plausible reports whether the lone number k may be a price when nothing else is.
func (rd *reader) plausible(k int) bool {
	t := &rd.toks[k]
	if rd.inventory(k) || t.chinese && t.lo < 10*numeral.Unit || rd.said(k, tRate) || t.big && t.lo >= 10000*numeral.Unit || rd.said(k, tFree) {
		return false
	}
	if n := k + 1; n < len(rd.toks) && (rd.toks[n].kind == tMin || rd.toks[n].kind == tQty) && rd.near(n, 0) {
		return false
	}
	switch at(rd.r, t.end) {
	case 0, ' ', ',', '。', '\n', ';', '!', ')', '?', '|':
		return true
	}
	return false
}

// leftOver reports whether the time q is what is left of a membership (剩11个月).
func (rd *reader) leftOver(q int) bool {
	if q == 0 || !rd.near(q, 2) || rd.toks[q].count == 0 && rd.toks[q].per != market.PerUnknown {
		return false
	}
	switch rd.toks[q-1].word {
	case "剩", "还剩", "剩下", "剩余", "还有", "余", "只剩", "有", "差":
		return true
	}
	return false
}

// priced reports whether the row of sums that goes on at n (60/50/40一个) ends in a price.
func (rd *reader) priced(n int) bool {
	for k := 0; k < 8 && n < len(rd.toks) && rd.toks[n].kind == tSum; k, n = k+1, n+1 {
		if rd.toks[n].currency != "" || rd.near(n+1, 1) && rd.toks[n+1].kind == tPer {
			return true
		}
	}
	return false
}

// threeInARow reports whether three sums of one size or more begin at k: 480/420/650.
func (rd *reader) threeInARow(k int) bool {
	n, least, most := 0, rd.toks[k].lo, rd.toks[k].lo
	for ; k < len(rd.toks) && rd.toks[k].kind == tSum && rd.toks[k].currency == "" && (n == 0 || rd.toks[k].slash && rd.toks[k].gap == 0); k++ {
		least, most = min(least, rd.toks[k].lo), max(most, rd.toks[k].lo)
		n++
	}
	return n >= 3 && least >= 2*numeral.Unit && most <= 10*least && most < 20000*numeral.Unit
}

// bare decides on a number without money or unit.
func (rd *reader) bare(k int) bool {
	t := &rd.toks[k]
	n, q := k+1, k-1
	if rd.inventory(k) {
		return false
	}
	if at(rd.r, t.end) == '+' && dict.counts(rd.r, t.end+1) {
		return false // 1000+单经验
	}
	if t.chinese && t.lo < 10*numeral.Unit && t.lo%numeral.Unit == 0 && t.hi == 0 || rd.said(k, tRate) {
		return false // 拿六, 出两种; 每天进300
	}
	if t.lo < 10*numeral.Unit && t.lo%numeral.Unit == 0 && ascii(at(rd.r, t.start)) && latin(at(rd.r, t.start-1-spaces(rd.r, t.start))) && !(q >= 0 && rd.toks[q].end >= t.start-2) {
		return false // QPS 2
	}
	if t.lo < 10*numeral.Unit && t.lo%numeral.Unit == 0 && rd.followed(t.end) && n < len(rd.toks) && rd.toks[n].gap > 0 && rd.toks[n].stop == stopNone {
		return false // 智1连1前
	}
	if c := at(rd.r, t.start-1-spaces(rd.r, t.start)); (c == '版' || c == '款') && t.lo >= 10*numeral.Unit && rd.clauseEnds(k) {
		return true // 双平台版 2980
	}
	if q >= 0 && rd.near(k, 1) {
		m := &rd.toks[q]
		switch m.kind {
		case tCue:
			return t.lo < 100000*numeral.Unit
		case tNew, tMany, tExtra:
			return true
		case tHave:
			if m.word == "收" && t.gap == 0 && rd.clauseEnds(k) && (rd.ctx.Side != market.SideBuy || !rd.sells(market.PerItem)) {
				return true // 代开，收280
			}
		case tLabel:
			return !(t.gap > 0 && t.stop > stopNone) && t.lo < 100000*numeral.Unit && !rd.counted(k)
		case tSum:
			if t.slash && m.used && t.stop <= stopSpace {
				return true
			}
		case tLot:
			if m.word == "一口价" {
				return true
			}
		case tBelow:
			if m.used {
				return true // 1000份以下 2.0
			}
		case tUnit:
			if m.unit == "张" || m.unit == "号" {
				return true
			}
		}
	}
	// 企业号转让 300
	if q >= 0 && rd.toks[q].kind == tGo && rd.near(k, 2) && !(rd.toks[q].word == "转" && t.lo < 10*numeral.Unit) {
		return true
	}
	if n < len(rd.toks) && rd.near(n, 1) {
		switch rd.toks[n].kind {
		case tGo:
			return true
		case tMin: // 1k起, which is no number of pieces
			return !rd.toks[n].used && rd.toks[n].word != "+" && rd.toks[n].gap == 0
		case tLot:
			if rd.toks[n].word == "一口价" {
				return true
			}
		case tLabel:
			switch rd.toks[n].word { // 800买断
			case "买断", "终身", "永久", "一次性", "一次性买断", "永久授权", "终身授权", "买断版", "永久版", "终身版":
				return t.lo >= 10*numeral.Unit && rd.toks[n].gap == 0 && rd.toks[n].stop <= stopSpace && !rd.claims(n)
			}
		case tHave:
			if w := rd.toks[n].word; w == "出" && rd.clauseEnds(n) && rd.toks[n].gap == 0 && t.lo >= 10*numeral.Unit || w == "收" || w == "求购" || w == "收购" {
				return true
			}
		case tCue:
			if rd.toks[n].word == "成交" && rd.toks[n].gap == 0 && t.lo >= 10*numeral.Unit {
				return true
			}
		case tBelow:
			return t.lo < 100000*numeral.Unit
		case tSum: // 60/50/40一个
			if rd.toks[n].slash && rd.toks[n].stop <= stopSpace && (rd.priced(n) || rd.threeInARow(k)) {
				return true
			}
		}
	}
	if n < len(rd.toks) && at(rd.r, skipSpace(rd.r, t.end)) == '(' && rd.leastAt(n) && rd.toks[n].gap == 0 {
		return true // 2.4（100+）、2.1（500+）
	}
	// 200-300看成色
	if t.hi > t.lo && t.hi <= 5*t.lo && !t.big && (rd.clauseEnds(k) || settled(at(rd.r, t.end))) && !rd.said(k, tRate) {
		return true
	}
	// a list of names, known or not, and sums: 前橙3块,烈聘12
	if rd.shaped(k) {
		for j := k - 1; j >= 0 && j >= k-3; j-- {
			if rd.toks[j].kind == tSum {
				if rd.toks[j].used && (rd.toks[j].currency != "" && rd.clauseEnds(j) || rd.taken(j) && rd.stopBetween(j, k) >= stopComma) || rd.shaped(j) {
					return true
				}
				break
			}
		}
		for j := k + 1; j < len(rd.toks) && j <= k+3; j++ {
			if rd.toks[j].kind == tSum {
				if rd.shaped(j) {
					return true
				}
				break
			}
		}
		if c := at(rd.r, t.start-1); c == '的' || c == ' ' && q >= 0 && rd.toks[q].kind == tLabel && t.gap <= 3 {
			return true // 验证的90; 一手XX 2.3
		}
	}
	// 智l 2.1 前c 1.9: nothing but prices has decimals here
	if t.lo%numeral.Unit != 0 && !t.big && !t.chinese && t.lo < 1000*numeral.Unit && len(rd.ctx.Goods) > 0 && t.gap <= 5 && !rd.said(k, tNo) {
		switch at(rd.r, t.end) {
		case 0, ' ', ',', '。', '\n', ';', '!', ')', '|', '、':
			return true
		}
	}
	// a clause of its own: ,1.8, ·386·
	alone := t.stop >= stopComma && t.gap == 0 && (n >= len(rd.toks) && !rd.followed(t.end) || n < len(rd.toks) && rd.toks[n].stop >= stopComma && rd.toks[n].gap == 0)
	if alone && len(rd.ctx.Goods) > 0 && q >= 0 && rd.toks[q].kind == tLabel && rd.toks[q].per != "" && rd.sells(rd.toks[q].per) && !t.big && t.lo >= 30*numeral.Unit && likely(rd.toks[q].per, t.lo) {
		return true // 收采集脚本，1000
	}
	if alone && len(rd.ctx.Goods) > 0 && (t.lo%numeral.Unit != 0 || t.hi > 0 || t.chinese && t.lo >= 100*numeral.Unit) {
		return true
	}
	return false
}

// spaces counts the blanks right before rune i.
func spaces(r []rune, i int) (n int) {
	for n < 2 && at(r, i-1-n) == ' ' {
		n++
	}
	return n
}

// headed reports whether a colon stands between the tokens j-1 and j.
func (rd *reader) headed(j int) bool {
	return slices.Contains(rd.r[rd.toks[j-1].end:rd.toks[j].start], ':')
}

// settled reports whether the character behind a range says what decides on the price.
func settled(c rune) bool {
	switch c {
	case '看', '视', '按', '随', '之', '都', '可', '区', '浮':
		return true
	}
	return false
}

// taken reports whether the sum k was read as a price.
func (rd *reader) taken(k int) bool {
	n := len(rd.prices)
	return n > 0 && rd.prices[n-1].tok == k
}

// counted reports whether the number k is said to be there rather than asked:
// 新增智联24万, 库存:智联3000.
func (rd *reader) counted(k int) bool {
	for j := k - 1; j >= 0 && j > k-8; j-- { // 5个(智联2 boss3)
		t := &rd.toks[j]
		if t.kind == tQty && at(rd.r, skipSpace(rd.r, t.end)) == '(' && rd.toks[k].lo <= t.lo {
			return true
		}
		if rd.toks[j+1].stop >= stopComma || t.kind != tLabel && t.kind != tSum {
			break
		}
	}
	if rd.inventory(k) {
		return true
	}
	for j := k - 1; j >= 0 && j > k-4; j-- {
		t := &rd.toks[j]
		if t.kind == tHave && (t.word != "出" && t.word != "收" && t.word != "求" && t.word != "有" && t.word != "要" && t.word != "来" && t.word != "求购" && t.word != "收购" && t.word != "今天" && t.word != "今日" && t.word != "全部" && t.word != "新鲜" && t.word != "现货") {
			return rd.toks[k].lo >= 100*numeral.Unit
		}
		if rd.toks[j+1].stop >= stopComma || t.kind == tSum {
			break
		}
	}
	return false
}

// inventory reports whether the number k is one of a list of what is there: 库存：智联12，
// 前程9; 智联4.2万、拉勾6千.
func (rd *reader) inventory(k int) bool {
	large := rd.toks[k].lo >= 500*numeral.Unit && rd.toks[k].big
	for j := k - 1; j >= 0 && j > k-12 && rd.toks[j+1].stop < stopLine; j-- {
		switch t := &rd.toks[j]; {
		case t.kind == tLabel:
		case t.kind == tSum && t.currency == "" && t.hi == 0 && !rd.taken(j):
			if large && t.big && t.lo >= 1000*numeral.Unit && !t.used {
				return true
			}
		case t.kind == tHave && (t.word == "库存" || t.word == "存量" || t.word == "存货" || t.word == "数量"):
			return !rd.sells(market.PerItem) || rd.toks[k].lo >= 100*numeral.Unit
		default:
			return false
		}
	}
	return false
}

// clauseEnds reports whether nothing follows the token k in its clause.
func (rd *reader) clauseEnds(k int) bool {
	if k+1 >= len(rd.toks) {
		return !rd.followed(rd.toks[k].end)
	}
	if at(rd.r, skipSpace(rd.r, rd.toks[k].end)) == '(' {
		return true
	}
	return rd.toks[k+1].stop >= stopComma && !numeral.Word(at(rd.r, rd.toks[k].end))
}

// shaped reports whether the clause is a short name and the bare number k: 火 330.
func (rd *reader) shaped(k int) bool {
	t := &rd.toks[k]
	if t.currency != "" || t.big || !rd.clauseEnds(k) || t.chinese && t.lo < 10*numeral.Unit || t.lo >= 20000*numeral.Unit {
		return false
	}
	gap, labels := t.gap, 0
	for j := k; j > 0 && rd.toks[j].stop < stopComma && !rd.headed(j); j-- {
		if rd.toks[j-1].kind != tLabel && rd.toks[j-1].kind != tNew && !(rd.toks[j-1].kind == tUnit && (!isTime(rd.toks[j-1].per) || rd.toks[j-1].unit == "点")) {
			return false
		}
		labels++
		gap += rd.toks[j-1].gap
	}
	return gap <= 5 && gap+labels > 0 && labels <= 3
}
