package price

import (
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
	return len(rd.ctx.Goods) > 0 && per != market.PerDay && (rd.has(market.GoodsRecruiterAccount) || rd.has(market.GoodsScrapingTool))
}

// many reports whether the message tells a number of pieces or sells by the piece,
// so that 一口价 is a price for all of them.
func (rd *reader) many() bool {
	if rd.sells(market.PerItem) {
		return true
	}
	for k := range rd.toks {
		if t := &rd.toks[k]; t.kind == tQty && t.lo > numeral.Unit && !isTime(t.per) {
			return true
		}
	}
	return false
}

// tryout is the number of pieces of a paid trial behind the sum k: 30元试10份.
func (rd *reader) tryout(k int) *token {
	n := k + 1
	if n+1 >= len(rd.toks) || rd.toks[n].kind != tTest || !rd.near(n, 1) || !rd.near(n+1, 1) {
		return nil
	}
	if m := &rd.toks[n+1]; m.kind == tQty && !m.used && m.hi == 0 && m.lo > numeral.Unit && !isTime(m.per) {
		return m
	}
	return nil
}

// paidFor is the number of pieces that the sum k pays for, where a word or sign
// ties the two: 打包一万条1200, 1w=300, 一万280. q is the token before k, cues aside.
func (rd *reader) paidFor(k, q int) *token {
	if q < 0 || rd.toks[q].used || rd.toks[q].hi != 0 || rd.leastAt(q) {
		return nil
	}
	m := &rd.toks[q]
	switch {
	case m.kind == tQty && q == k-1 && q > 0 && rd.toks[q-1].kind == tLot && !rd.toks[q-1].used && rd.near(q, 0) && rd.toks[q].stop == stopNone && rd.toks[k].gap <= 4 && rd.toks[k].stop <= stopSpace && !isTime(m.per):
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
