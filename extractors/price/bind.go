package price

import (
	"slices"
	"strings"

	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// sums walks over the numbers and makes prices of those that are some.
func (rd *reader) sums() {
	line, sums := 0, 0
	for k := range rd.toks {
		if rd.toks[k].kind == tSum {
			sums++
		}
		if rd.toks[k].stop >= stopLine {
			line++
		}
		rd.toks[k].line = line
	}
	if sums > 0 {
		rd.prices = make([]found, 0, min(sums, 8))
	}
	rd.numbered()
	rd.tabled()
	rd.table()
	rd.markLeasts()
	var doubtful []int
	for k := range rd.toks {
		t := &rd.toks[k]
		if t.kind != tSum || t.used || len(rd.prices) >= maxFound {
			continue
		}
		if rd.excluded(k) {
			t.used = true
			continue
		}
		p, sure := rd.read(k)
		if sure {
			rd.take(k, p)
		} else if p.Per != "" && rd.plausible(k) {
			doubtful = append(doubtful, k)
		}
	}
	// A lone number in a clause of its own is the price when nothing but
	// surcharges is.
	if !slices.ContainsFunc(rd.prices, func(f found) bool { return !f.extra }) {
		for _, k := range doubtful {
			if rd.toks[k].used {
				continue
			}
			p, _ := rd.read(k)
			rd.take(k, p)
			break
		}
	}
}

func (rd *reader) take(k int, p market.Price) {
	t := &rd.toks[k]
	t.used = true
	f := found{Price: p, tok: k, line: t.line, label: -1, own: p.MinQuantity != 0, unsaid: rd.unsaid == k}
	rd.unsaid = -1
	f.Amount = t.lo.String()
	if t.hi > t.lo {
		f.AmountMax = t.hi.String()
	}
	f.Currency = t.currency
	if f.Currency == "" {
		f.Currency = market.CurrencyCNY
		// 15u 一个, 满20个 12: the currency stays when all others are dollars
		if n := len(rd.prices); n > 0 && rd.prices[n-1].Currency == market.CurrencyUSDT && rd.prices[n-1].line == f.line {
			f.Currency = market.CurrencyUSDT
		}
	}
	f.extra = rd.surcharge(k)
	f.more = !f.extra && rd.forMore(k)
	rd.prices = append(rd.prices, f)
}

func (rd *reader) prev(k int) int { return k - 1 }

// near reports whether the tokens k-1 and k stand together.
func (rd *reader) near(k, gap int) bool {
	return k > 0 && k < len(rd.toks) && rd.toks[k].gap <= gap && rd.toks[k].stop <= stopSpace
}

// read makes a price of the sum k. sure is false when nothing but its place
// speaks for it; Per is "" when it can be none at all.
func (rd *reader) read(k int) (p market.Price, sure bool) {
	t := &rd.toks[k]
	sure = t.currency != ""
	def, _ := rd.unitAt(k)
	p.Per = def
	n, q := k+1, k-1 // the neighbours
	for q >= 0 && rd.near(q+1, 2) && (rd.toks[q].kind == tCue || rd.toks[q].kind == tTest && q > 0 || rd.toks[q].word == "我" || rd.toks[q].word == "要" || rd.toks[q].word == "收") {
		q--
	}
	nearBefore := q >= 0 && rd.between(q, k) <= 2 && rd.stopBetween(q, k) <= stopSpace
	nearAfter := rd.near(n, 1)

	// 2-8元一份, 5元/份, 40 每条; not 半年1500一年2800
	if nearAfter && rd.toks[n].kind == tPer && !(q >= 0 && nearBefore && (timed(&rd.toks[q]) || rd.toks[q].kind == tPer && rd.between(q, k) == 0) && !rd.toks[q].used && rd.claims(n)) && !(rd.toks[n].stop > stopNone && (rd.claims(n) || nearBefore && timed(&rd.toks[q]) && !rd.toks[q].used && rd.between(q, k) == 0)) {
		// 一份 behind a space may belong to the next sum: 2块 一份3块
		rd.toks[n].used = true
		p.Per = rd.pieceOf(&rd.toks[n], def)
		p.MinQuantity = rd.tier(k)
		if m := n + 1; m < len(rd.toks) && timed(&rd.toks[m]) && rd.toks[m].kind == tPer && !isTime(p.Per) && at(rd.r, rd.toks[m].start) == '/' && rd.toks[m].start == rd.toks[n].end {
			rd.toks[m].used = true // 150/人/月
			p.Per = rd.toks[m].per
			return p, true
		}
		if nearBefore && rd.toks[q].kind == tPeriod && !rd.toks[q].used && !isTime(p.Per) && !rd.leftOver(q) {
			rd.toks[q].used = true // 月付 25一席
			p.Per = rd.toks[q].per
			return p, true
		}
		if rd.toks[n].per == perPair {
			p.MinQuantity = 2
			return p, true
		}
		if q := k - 1; p.MinQuantity == 0 && q >= 0 && rd.toks[q].kind == tQty && !rd.toks[q].used && rd.near(k, 1) && !rd.stocked(q) && rd.tiers() >= 2 {
			rd.toks[q].used = true // 5k条 0.9一条 2w条 0.6一条
			p.MinQuantity = rd.toks[q].lo.Int()
		}
		return p, true
	}
	if nearAfter && rd.toks[n].kind == tUnit && t.currency != "" && latin([]rune(rd.toks[n].unit + "?")[0]) {
		p.Per = rd.pieceOf(&rd.toks[n], def)
		p.MinQuantity = rd.tier(k)
		return p, true
	}
	// 800一万条, 10刀一万条, 150一万, 250一千条, 10元5条
	if n < len(rd.toks) && rd.near(n, 0) && !rd.leastAt(n) {
		m := &rd.toks[n]
		exact := m.lo == 1000*numeral.Unit || m.lo == 10000*numeral.Unit
		pieces := m.kind == tQty && m.per != market.PerUnknown || m.kind == tSum && m.currency == "" && (m.big || m.slash && exact)
		next := n+1 < len(rd.toks) && rd.near(n+1, 0) && (rd.toks[n+1].kind == tSum && !(m.stop == stopNone && rd.toks[n+1].stop > stopNone) || rd.toks[n+1].kind == tMin || rd.toks[n+1].word == "=")
		if pieces && !m.used && !next && m.hi == 0 && (exact || t.currency != "" && m.kind == tQty && m.lo > numeral.Unit && t.lo*100 >= m.lo && m.stop == stopNone) {
			m.used = true
			p.Per, p.MinQuantity = lot(m.lo.Int())
			return p, true
		}
	}
	if m := rd.tryout(k); m != nil && sure {
		m.used = true
		p.Per, p.MinQuantity = lot(m.lo.Int())
		return p, true
	}
	// 日租25, 包月300, 一天20, 三个月650, 半年900
	if nearBefore && !rd.toks[q].used {
		m := &rd.toks[q]
		switch m.kind {
		case tPeriod:
			if rd.leftOver(q) {
				break
			}
			m.used = true
			p.Per = m.per
			return p, true
		case tRate:
			if per := rateOf(m.word); per != "" && rd.between(q, k) == 0 && (sure || !small(t) && rd.perTime(per, q)) {
				m.used = true // 每月200
				p.Per = per
				return p, true
			}
		case tUnit:
			if isTime(m.per) && m.unit != "点" && m.unit != "晚" && m.unit != "夜" && at(rd.r, m.end) != ')' && rd.between(q, k) == 0 && (sure || !small(t)) { // 周130
				m.used = true
				p.Per = m.per
				return p, true
			}
		case tPer:
			if rd.between(q, k) <= 2 && (sure || !small(t)) {
				m.used = true
				p.Per = rd.pieceOf(m, def)
				if after := rd.timeAfter(k); after != "" {
					p.Per = after
				}
				p.MinQuantity = rd.tier(k)
				return p, true
			}
		}
	}
	// 打包一万条1200; 1w=300, 一万280
	if m := rd.paidFor(k, q); m != nil {
		m.used = true
		p.Per, p.MinQuantity = lot(m.lo.Int())
		return p, true
	}
	// the whole for one sum
	if rd.whole(k) || rd.near(k, 0) && rd.summed(k) && t.lo >= 10*numeral.Unit {
		p.Per = market.PerLot
		return p, true
	}
	// 100份200, 1w条800, 5k条0.9一条
	if nearBefore && rd.toks[q].kind == tQty && !rd.toks[q].used && rd.between(q, k) <= 1 && rd.toks[q].per != market.PerUnknown && rd.toks[q].unit != "家" {
		m := &rd.toks[q]
		each := rd.onlyAccounts() && (t.lo < 20*m.lo || rd.ctx.Side == market.SideBuy && q > 0 && rd.toks[q-1].kind == tLabel && rd.near(q, 0))
		if !each && (m.hi == 0 && t.lo*20 > m.lo && m.lo > numeral.Unit || t.lo >= 10*numeral.Unit && m.lo > numeral.Unit && t.lo*2000 > m.lo && m.hi == 0) {
			if !rd.stocked(q) || rd.tested(q) {
				m.used = true
				if p.Per, p.MinQuantity = lot(m.lo.Int()); q+1 < k && rd.toks[q+1].word == "一起" && m.lo <= 10*numeral.Unit {
					p.MinQuantity = 0 // 两个一起要5000: all there is
				}
				return p, true
			}
		}
		if n := len(rd.prices); each && n > 0 && !rd.stocked(q) && rd.ctx.Side != market.SideBuy && rd.prices[n-1].Per == market.PerAccount && m.lo > numeral.Unit {
			if last := rd.toks[rd.prices[n-1].tok].lo; t.lo < last && 2*t.lo >= last {
				m.used = true // 一个八十，五十个七十五
				p.MinQuantity = m.lo.Int()
				return p, true
			}
		}
		if each && rd.clauseEnds(k) && t.lo >= 10*numeral.Unit {
			return p, true // 前程10个150，猎聘5个450
		}
		if !rd.stocked(q) && !rd.offered(q, k) && m.lo > numeral.Unit && (t.lo < 10*numeral.Unit || m.hi > 0) {
			m.used = true
			p.MinQuantity = m.lo.Int()
			return p, true
		}
	}
	// 88包月, 30一周; 3200,一年
	if time := rd.timeAfter(k); time != "" {
		p.Per = time
		return p, true
	}
	q = k - 1
	for q > 0 && rd.toks[q].kind == tCue && rd.toks[q].stop == stopNone && rd.toks[q].gap == 0 {
		q-- // 按天算,20
	}
	if q > 0 && rd.toks[q].kind == tCue && rd.toks[q].stop == stopComma {
		q-- // 租两天，价格100
	}
	if q >= 0 && rd.toks[q].kind == tPeriod && !rd.toks[q].used && !rd.leftOver(q) && rd.between(q, k) == 0 && rd.stopBetween(q, k) == stopComma {
		rd.toks[q].used = true // 租三天,100
		p.Per = rd.toks[q].per
		return p, true
	}
	if !sure && t.big && t.chinese && n < len(rd.toks) && rd.toks[n].kind == tGo && rd.near(n, 0) && rd.store() {
		p.Per = market.PerLot // 五万全包
		return p, true
	}
	if !sure && t.big && t.lo >= 10000*numeral.Unit && !(rd.near(k, 0) && asks(&rd.toks[k-1])) {
		return market.Price{}, false
	}
	if t.currency != "" && t.lo < numeral.Unit && len(rd.ctx.Goods) > 0 && !rd.sells(market.PerItem) && !rd.has(market.GoodsRecruiterAccount) && !rd.mail {
		return market.Price{}, false // 30分: minutes
	}
	if time := rd.edition(k); time != "" {
		p.Per = time
		return p, sure || rd.bare(k) || t.lo >= 10*numeral.Unit
	}
	if rd.role(k) == cellPrice {
		sure = true
	}
	rd.unsaid = k
	if min := rd.tier(k); min > 0 {
		p.MinQuantity = min
		return p, true
	}
	if sure {
		return p, true
	}
	return p, rd.bare(k)
}

// between counts the meaningless characters between the tokens q and k.
func (rd *reader) between(q, k int) int {
	n := 0
	for j := q + 1; j <= k; j++ {
		n += rd.toks[j].gap
	}
	return n
}

func (rd *reader) stopBetween(q, k int) int {
	s := 0
	for j := q + 1; j <= k; j++ {
		s = max(s, rd.toks[j].stop)
	}
	return s
}

// claims reports whether the token n (一份) stands before a sum of its own.
func (rd *reader) claims(n int) bool {
	m := n + 1
	for m < len(rd.toks) && rd.toks[m].kind == tCue && rd.near(m, 1) {
		m++
	}
	return m < len(rd.toks) && rd.toks[m].kind == tSum && rd.near(m, 1)
}

// timeAfter is the time that the sum k is for, said behind it: 88包月, 60一个月,
// 每人60一个月; also after a comma when nothing else needs it.
func (rd *reader) timeAfter(k int) string {
	n := k + 1
	if n >= len(rd.toks) || rd.toks[n].used {
		return ""
	}
	m := &rd.toks[n]
	timed := m.kind == tPeriod || m.kind == tPer && isTime(m.per) && m.unit != "点"
	if !timed || m.gap > 1 && m.stop == stopNone || m.gap > 0 && m.stop > stopNone || m.stop > stopComma {
		return ""
	}
	if m.stop > stopNone && m.count > 1 && rd.followed(m.end) {
		return "" // 四百五 两天出号
	}
	if m.stop > stopNone && (rd.claims(n) || n+2 < len(rd.toks) && rd.toks[n+1].kind == tLabel && rd.near(n+1, 0) && rd.toks[n+2].kind == tSum && rd.near(n+2, 0)) {
		return "" // 年会员猎聘 1700 / 季会员猎聘 620
	}
	if m.stop == stopComma && strings.HasPrefix(m.word, "包") {
		return "" // 认证400,包半年: a warranty
	}
	if m.stop == stopComma && (n+1 < len(rd.toks) && rd.toks[n+1].stop < stopComma || m.kind == tPeriod && m.count > 1 || rd.followed(m.end)) {
		return ""
	}
	if m.stop == stopNone && rd.claims(n) && m.kind == tPeriod && !isEach(m) {
		return "" // 包周80包月260
	}
	m.used = true
	return m.per
}

// followed reports whether a clause goes on at rune i.
func (rd *reader) followed(i int) bool {
	c := at(rd.r, i)
	return c != 0 && (numeral.Word(c) || c == ' ' && numeral.Word(at(rd.r, i+1)))
}

func isEach(t *token) bool { return t.kind == tPer }

func isTime(per string) bool {
	switch per {
	case market.PerDay, market.PerWeek, market.PerMonth, market.PerYear, market.PerUnknown:
		return true
	}
	return false
}

// pieceOf turns a unit into a per, by what is sold.
func (rd *reader) pieceOf(t *token, def string) string {
	switch t.per {
	case "":
		return def
	case perPair:
		return market.PerLot
	case market.PerItem:
		if rd.sells(market.PerItem) || (t.unit == "份" || t.unit == "条") && rd.sells(market.PerAccount) {
			return market.PerItem
		}
		return def
	case market.PerAccount:
		if rd.sells(market.PerAccount) {
			return market.PerAccount
		}
		return def
	case market.PerSet:
		if rd.sells(market.PerSet) {
			return market.PerSet
		}
		return def
	}
	return t.per
}

// stocked reports whether the number of pieces q is said to be there (有3000份),
// not to be bought.
func (rd *reader) stocked(q int) bool {
	return q > 0 && rd.toks[q-1].kind == tHave && rd.toks[q-1].word != "拿" && rd.toks[q-1].word != "要" && rd.toks[q-1].word != "来" && rd.near(q, 1)
}

func (rd *reader) tested(q int) bool {
	for j := q - 1; j >= 0 && j > q-3; j-- {
		if rd.toks[j].kind == tTest {
			return true
		}
	}
	return q+1 < len(rd.toks) && rd.toks[q+1].kind == tTest && rd.near(q+1, 0) // 20份试货30块
}

// tiers counts the places where a number of pieces stands right before a sum.
func (rd *reader) tiers() int {
	if rd.pairs == 0 {
		rd.pairs = 1
		for k := 1; k < len(rd.toks); k++ {
			if rd.toks[k].kind == tSum && rd.toks[k-1].kind == tQty && rd.near(k, 1) {
				rd.pairs++
			}
		}
	}
	return rd.pairs - 1
}
