package price

import (
	"strings"

	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// timed reports whether a token is a time that a sum may be for.
func timed(t *token) bool {
	return t.kind == tPeriod || t.kind == tPer && isTime(t.per) && t.unit != "点"
}

// small reports whether a bare number is rather a part of a word: 一天一结, 周一.
func small(t *token) bool {
	return t.chinese && t.currency == "" && t.lo < 10*numeral.Unit && t.lo%numeral.Unit == 0
}

// rateOf is the time of a rate that may be the time of a sum as well: 每月200.
func rateOf(word string) string {
	switch word {
	case "每天", "每日":
		return market.PerDay
	case "每周":
		return market.PerWeek
	case "每月":
		return market.PerMonth
	}
	return ""
}

// perTime reports whether the message sells what is paid by the time, so that a
// bare number behind the rate q is money.
func (rd *reader) perTime(per string, q int) bool {
	if q > 0 && rd.toks[q-1].kind == tPer && rd.toks[q-1].unit == "人" && rd.near(q, 1) {
		return true
	}
	daily := per == market.PerDay && (rd.has(market.GoodsResumeData, market.GoodsDownloadService) || !rd.clauseEnds(q+1) || q+1 < len(rd.toks) && rd.toks[q+1].lo > 1000*numeral.Unit)
	return len(rd.ctx.Goods) > 0 && !daily && (rd.has(market.GoodsRecruiterAccount) || rd.has(market.GoodsScrapingTool))
}

// many reports whether the message tells a number of pieces or sells by the piece,
// so that 一口价 is a price for all of them.
func (rd *reader) many() bool {
	if rd.sells(market.PerItem) {
		return true
	}
	for k := range rd.toks {
		if t := &rd.toks[k]; t.kind == tQty && t.lo > numeral.Unit && !isTime(t.per) && t.per != market.PerUnknown && !strings.HasPrefix(string(sub(rd.r, t.end, t.end+2)), "下载") && at(rd.r, t.end) != '点' {
			return true
		}
	}
	return false
}

// offered reports whether the number of pieces q is there or wanted rather than the
// least that the sum k holds for: a word for the price stands between.
func (rd *reader) offered(q, k int) bool {
	if q == k-1 || rd.toks[q].lo < 500*numeral.Unit {
		return false
	}
	for j := q + 1; j < k; j++ {
		switch rd.toks[j].word {
		case "单价", "价格", "价", "均价", "统一", "统统", "报价", "售价", "都", "全部":
			return rd.toks[q+1].stop > stopNone || rd.ctx.Side == market.SideBuy
		}
	}
	return false
}

// tryout is the number of pieces of a paid trial behind the sum k: 30元试10份.
func (rd *reader) tryout(k int) *token {
	n := k + 1
	if m := rd.bought(k); m != nil {
		return m
	}
	if n+1 >= len(rd.toks) || rd.toks[n].kind != tTest || !rd.near(n, 1) || !rd.near(n+1, 1) {
		return nil
	}
	if m := &rd.toks[n+1]; m.kind == tQty && !m.used && m.hi == 0 && m.lo > numeral.Unit && !isTime(m.per) {
		return m
	}
	return nil
}

// bought is the number of pieces that the sum k buys: 300块能拿200份.
func (rd *reader) bought(k int) *token {
	t, n := &rd.toks[k], k+1
	for n < len(rd.toks) && n < k+4 && rd.toks[n].kind != tQty && rd.toks[n].kind != tSum && rd.near(n, 2) {
		n++
	}
	if n >= len(rd.toks) || n == k || t.lo < 10*numeral.Unit {
		return nil
	}
	m := &rd.toks[n]
	if m.kind != tQty || m.used || m.hi != 0 || m.lo <= numeral.Unit || isTime(m.per) || !rd.near(n, 2) || m.stop > stopNone || m.start-t.end > 4 || rd.leastAt(n) {
		return nil
	}
	for _, c := range rd.r[t.end:m.start] {
		switch c {
		case '拿', '买', '换', '给', '得', '=':
			return m
		}
	}
	return nil
}

// paidFor is the number of pieces that the sum k pays for, where a word or sign
// ties the two: 打包一万条1200, 1w=300, 一万280. q is the token before k, cues aside.
func (rd *reader) paidFor(k, q int) *token {
	if j := k - 1; j > 0 && rd.toks[j].kind == tUnit && rd.near(k, 4) && rd.near(j, 4) && rd.toks[j-1].kind == tQty {
		q = j - 1 // 打包一万条含邮箱1200: 箱 counts nothing
	}
	if m := rd.chosen(k); m != nil {
		return m
	}
	if q >= 0 && rd.toks[q].kind == tQty && at(rd.r, rd.toks[q].start-1) == '每' && rd.toks[q].lo > numeral.Unit && rd.between(q, k) <= 1 && rd.stopBetween(q, k) <= stopSpace && !rd.toks[q].used && !isTime(rd.toks[q].per) {
		return &rd.toks[q] // 每1000份收700
	}
	if q < 0 || rd.toks[q].used || rd.toks[q].hi != 0 || rd.leastAt(q) {
		return nil
	}
	m := &rd.toks[q]
	switch {
	case m.kind == tQty && q > 0 && rd.toks[q-1].kind == tLot && !rd.toks[q-1].used && rd.near(q, 0) && rd.toks[q].stop == stopNone && rd.between(q, k) <= 4 && rd.stopBetween(q, k) <= stopSpace && !isTime(m.per):
		return m
	case rd.stopBetween(q, k) > stopSpace || rd.between(q, k) > 0:
		return nil
	case q < k-1 && rd.toks[k-1].word == "=" && (m.kind == tQty && m.lo > numeral.Unit && !isTime(m.per) || m.kind == tSum && m.currency == "" && m.lo >= 100*numeral.Unit):
		return m
	case q == k-1 && m.kind == tSum && m.currency == "" && m.big && (m.lo == 1000*numeral.Unit || m.lo == 10000*numeral.Unit) && rd.toks[k].lo >= 10*numeral.Unit && rd.sells(market.PerItem) && !rd.toks[k].big:
		return m
	}
	return nil
}

// chosen is the number of pieces that are had together for the sum k: 买三个智联号1100,
// 任意3个250.
func (rd *reader) chosen(k int) *token {
	if rd.toks[k].lo < 10*numeral.Unit || k == 0 || !rd.near(k, 2) {
		return nil
	}
	j := k - 1
	for j >= 0 && j > k-4 && rd.toks[j].kind == tLabel && rd.near(j, 2) {
		j--
	}
	if j < 0 {
		return nil
	}
	m := &rd.toks[j]
	if m.kind != tQty || m.used || m.hi != 0 || m.lo <= numeral.Unit || m.lo > 200*numeral.Unit || isTime(m.per) || rd.leastAt(j) || m.per == market.PerUnknown {
		return nil
	}
	switch at(rd.r, m.start-1) {
	case '买', '选', '意', '整', '凑':
		return m
	}
	return nil
}

// lot is the per of n pieces for one sum.
func lot(n int64) (per string, min int64) {
	switch n {
	case 1000:
		return market.PerThousandItems, 0
	case 10000:
		return market.PerTenThousandItems, 0
	}
	return market.PerLot, n
}

// whole reports whether the sum k is for all there is: 打包5000, 5000全给, 打总39w,3500.
func (rd *reader) whole(k int) bool {
	if rd.toks[k].lo < 5*numeral.Unit && rd.toks[k].currency != market.CurrencyUSDT {
		return false // 超过200份打包算1块8
	}
	if t := &rd.toks[k]; t.currency == "" && t.big && k+1 < len(rd.toks) && rd.toks[k+1].kind == tSum && rd.toks[k+1].gap == 0 && rd.toks[k+1].stop <= stopComma {
		return false // 打总39w,三千五
	}
	for j := k - 1; j >= 0 && j > k-5; j-- {
		t := &rd.toks[j]
		if rd.toks[j+1].stop >= stopLine {
			break
		}
		if t.kind == tLot {
			if t.used || rd.between(j, k) > 4 || t.word == "一口价" && !rd.many() {
				return false
			}
			t.used = true
			return true
		}
		if t.kind == tCue && strings.HasPrefix(t.word, "单") {
			return false // 打包带走 单卖3分
		}
		if t.kind == tSum && !t.big || t.kind == tPer || t.kind == tMin || rd.toks[j+1].stop >= stopComma && (t.kind != tQty && t.kind != tSum) {
			break
		}
	}
	n := k + 1
	if n+1 < len(rd.toks) && rd.toks[n].kind == tQty && rd.toks[n].lo <= 100*numeral.Unit && rd.near(n, 0) && rd.toks[n+1].kind == tLot && rd.near(n+1, 0) && rd.toks[n+1].word != "一口价" && rd.clauseEnds(n+1) {
		rd.toks[n].used, rd.toks[n+1].used = true, true
		return true // 1500三个全拿
	}
	if n < len(rd.toks) && rd.toks[k].currency == "" && k > 0 && rd.toks[k-1].kind == tLabel && strings.HasPrefix(rd.toks[n].word, "一起") && n+2 < len(rd.toks) && (rd.toks[n+1].kind == tSum || rd.toks[n+2].kind == tSum) {
		return false // 智联3000 前程2000 一起出1.5
	}
	if n < len(rd.toks)-1 && rd.toks[n].word == "for" {
		n++ // $300 for all
	}
	if n < len(rd.toks) && rd.toks[n].kind == tLot && !rd.toks[n].used && rd.near(n, 2) && !(rd.toks[n].word == "一口价" && !rd.many()) {
		rd.toks[n].used = rd.toks[n].stop == stopNone && rd.toks[n].gap == 0
		if m := n + 1; rd.toks[n].used && m < len(rd.toks) && (rd.toks[m].stop > stopNone || rd.toks[m].gap > 0) {
			return true // 3000元打包 或者500元/万条
		}
		// not when the word opens its own sum: 散卖六毛 整包九百
		m := n + 1
		return m >= len(rd.toks) || rd.toks[m].kind != tSum || rd.toks[m].big && rd.toks[m].currency == "" || !rd.near(m, 2)
	}
	return false
}
