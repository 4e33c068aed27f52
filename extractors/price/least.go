package price

import (
	"strings"

	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// least is a statement of the least number: 100份起, 满50匹, 1000以上.
type least struct {
	n         int64
	per       string // of its unit; "" when none is said, or one of whatever is sold
	from, to  int    // tokens, both included
	used      bool
	exclusive bool // 以上, 超过, 满: a tier rather than an order's minimum
}

// markLeasts finds the least numbers and claims their tokens, so that 100起 is
// not read as a sum.
func (rd *reader) markLeasts() {
	for k := range rd.toks {
		t := &rd.toks[k]
		if t.used || t.kind != tQty && t.kind != tSum || t.currency != "" || t.lo%numeral.Unit != 0 || t.lo < 2*numeral.Unit && !(t.hi > 0 && t.kind == tQty) {
			continue
		}
		if isTime(t.per) && t.unit != "" && t.unit != "点" {
			continue
		}
		before, after := rd.floor(k), k+1
		tier := false
		if rd.said(k, tNo) {
			continue // 年薪30w以上
		}
		if refused, is := rd.upper(k); is {
			t.used = true
			if refused {
				rd.addLeast(k, k, false)
			}
			continue
		}
		switch {
		case after < len(rd.toks) && rd.toks[after].kind == tMinPre && latin(rune(rd.toks[after].word[0])) && rd.near(after, 0) && t.lo >= 20*numeral.Unit && !(after+1 < len(rd.toks) && rd.toks[after+1].kind == tSum && rd.near(after+1, 0)):
			rd.toks[k].used, rd.toks[after].used = true, true // 200 min
			rd.addLeast(k, after, false)
		case after < len(rd.toks) && rd.toks[after].kind == tMin && (rd.toks[after].gap == 0 && rd.toks[after].stop <= stopSpace || rd.counting(k)):
			word := rd.toks[after].word
			if t.kind == tSum && !rd.orderLike(k, word) {
				continue
			}
			if n := after + 1; word == "+" && t.big && at(rd.r, t.start-1) != '(' && (n >= len(rd.toks) || rd.toks[n].kind != tSum && rd.toks[n].stop < stopComma) {
				continue // 30万+历史库
			}
			if word == "+" && (rd.counted(k) || rd.said(k, tHave) || rd.said(k, tRate)) {
				continue
			}
			tier = word == "以上" || word == "+" || word == "往上"
			rd.toks[k].used, rd.toks[after].used = true, true
			rd.addLeast(k, after, tier)
		case before >= 0 && (rd.toks[before].kind == tMinPre || rd.toks[before].kind == tMinAny) && (rd.near(k, 2) || before < k-1 || t.kind == tQty && rd.near(k, 4)):
			if t.kind == tSum && t.lo < 5*numeral.Unit || at(rd.r, rd.toks[before].start-1) == '年' {
				continue // 年满20
			}
			rd.toks[k].used, rd.toks[before].used = true, true
			to := k
			if after < len(rd.toks) && rd.toks[after].kind == tMin && rd.toks[after].gap <= 1 && rd.toks[after].stop == stopNone {
				to = after
			}
			rd.addLeast(before, to, rd.toks[before].kind == tMinPre)
		case before >= 0 && rd.toks[before].kind == tMin && len(rd.toks[before].word) > 3 && strings.HasPrefix(rd.toks[before].word, "起") && !rd.toks[before].used && (t.kind == tQty || t.lo >= 10*numeral.Unit && t.lo%(5*numeral.Unit) == 0 && rd.clauseEnds(k)) && rd.near(k, 0):
			rd.toks[k].used, rd.toks[before].used = true, true
			rd.addLeast(before, k, false)
		case before >= 0 && rd.toks[before].kind == tMin && (rd.toks[before].word == "起" || rd.toks[before].word == "起批") && !rd.toks[before].used && rd.toks[k].gap == 0 && (rd.toks[k].stop == stopNone || t.kind == tQty && t.stop == stopSpace && !numeral.Word(at(rd.r, rd.toks[before].start-1))) && t.lo >= 10*numeral.Unit:
			rd.toks[k].used, rd.toks[before].used = true, true // 起三千
			rd.addLeast(before, k, false)
		case rd.passes(k), rd.awaited(k):
			t.used = true
			rd.addLeast(k, k, rd.passes(k))
		case t.kind == tQty && t.per == market.PerItem && t.chinese && (at(rd.r, t.start) == '百' || at(rd.r, t.start) == '千') && k > 0 && t.stop == stopComma && t.gap == 0 && rd.clauseEnds(k):
			t.used = true // 两块一份,百份
			rd.addLeast(k, k, false)
		case after < len(rd.toks) && rd.toks[after].word == "以下" && t.kind == tQty && rd.toks[after].gap == 0 && at(rd.r, rd.toks[after].end) == '不':
			rd.toks[k].used = true
			rd.addLeast(k, after, false)
		case t.kind == tQty && t.hi > 0 && after < len(rd.toks) && rd.toks[after].kind == tSum && rd.near(after, 1), t.kind == tSum && t.hi > 0 && t.lo >= 10*numeral.Unit && after < len(rd.toks) && rd.toks[after].kind == tSum && (rd.toks[after].currency != "" || rd.toks[after].lo*20 <= t.lo && rd.toks[after].hi == 0) && rd.near(after, 1):
			t.used = true
			rd.addLeast(k, k, true)
		}
	}
}

// floor is the token before the number k that may say that it is a least one: words of
// giving and taking between are stepped over (每次最少给我300份).
func (rd *reader) floor(k int) int {
	gap := rd.toks[k].gap
	for j := k - 1; j >= 0 && j > k-4 && rd.toks[j+1].stop <= stopSpace && gap <= 4; j-- {
		switch t := &rd.toks[j]; {
		case t.kind == tMinAny || t.kind == tMinPre && (j == k-1 || demands(t.word)):
			return j
		case t.kind == tCue || t.kind == tGo || t.kind == tHave || t.kind == tNew || t.kind == tUnit || t.kind == tRate:
			gap += t.gap
		default:
			return k - 1
		}
	}
	return k - 1
}

// demands reports whether a word for a least number can only be one: 最低, 不少于; not 满 or 过了.
func demands(word string) bool {
	for _, w := range [...]string{"最", "至", "不", "起", "门"} {
		if strings.HasPrefix(word, w) {
			return true
		}
	}
	return false
}

// counting reports whether a word that nobody else uses for a piece stands between the
// number k and what makes it a least one: 三千好汉往上.
func (rd *reader) counting(k int) bool {
	n := &rd.toks[k+1]
	return rd.toks[k].kind == tSum && rd.toks[k].lo >= 10*numeral.Unit && n.gap <= 2 && n.stop == stopNone && (n.word == "以上" || n.word == "往上" || n.word == "起拿" || n.word == "起卖" || n.word == "起售")
}

// passes reports whether the number k is a round one that must be passed: 过百2.2, 破千1.9.
func (rd *reader) passes(k int) bool {
	t := &rd.toks[k]
	if c := at(rd.r, t.start); c != '百' && c != '千' && c != '万' {
		return false
	}
	switch at(rd.r, t.start-1) {
	case '过', '破', '上':
		return k+1 < len(rd.toks) && rd.toks[k+1].kind == tSum && rd.near(k+1, 1)
	}
	return false
}

// awaited reports whether something is done only from the number of pieces k on:
// 一百份才卖, 500份先开单.
func (rd *reader) awaited(k int) bool {
	t := &rd.toks[k]
	if t.kind != tQty || t.lo < 2*numeral.Unit {
		return false
	}
	if c := at(rd.r, t.end); c != '才' && c != '先' {
		return false
	}
	switch at(rd.r, t.end+1) {
	case '卖', '出', '开', '发', '接', '做', '起', '谈', '给', '能', '肯', '下', '走', '可':
		n := k + 1
		for n < len(rd.toks) && rd.toks[n].kind != tSum && rd.near(n, 1) {
			n++
		}
		return n >= len(rd.toks) || !rd.near(n, 1)
	}
	return false
}

// upper reports whether the number of pieces k is bounded from above: 不满50份3元,
// 1000份以下2元; refused, whether less than it is refused: 少于100份不卖.
func (rd *reader) upper(k int) (refused, is bool) {
	t := &rd.toks[k]
	if t.kind == tSum && t.lo < 5*numeral.Unit {
		return false, false
	}
	n := k + 1
	lacking := t.kind == tQty && rd.lacking(k)
	if k > 0 && rd.toks[k-1].kind == tMaxPre && rd.near(k, 2) || lacking {
		for j := t.end; j < t.end+6; j++ {
			switch at(rd.r, j) {
			case '不', '免', '勿', '别', '拒':
				return true, true
			case ',', '。', '\n', ';', 0:
				if j > t.end {
					return false, !lacking
				}
			}
			if n < len(rd.toks) && j >= rd.toks[n].start && rd.toks[n].kind == tSum {
				break
			}
		}
		return false, !lacking
	}
	if n < len(rd.toks) && rd.toks[n].kind == tBelow && rd.toks[n].gap == 0 && rd.toks[n].stop == stopNone {
		switch rd.toks[n].word {
		case "以内", "以下", "之内", "内":
		default:
			return false, false
		}
		m := n + 1
		for m < len(rd.toks) && rd.toks[m].kind == tCue && rd.near(m, 0) {
			m++
		}
		if m < len(rd.toks) && rd.toks[m].kind == tSum && rd.near(m, 1) && rd.toks[m].lo < t.lo {
			rd.toks[n].used = true
			return false, true
		}
	}
	return false, false
}

// lacking reports whether 没, 没有 or 没得 stands right before the number of pieces k.
func (rd *reader) lacking(k int) bool {
	i := rd.toks[k].start
	switch at(rd.r, i-1) {
	case '没', '无':
		return true
	case '有', '得', '够':
		return at(rd.r, i-2) == '没'
	}
	return false
}

// orderLike reports whether the bare number k before 起 is a number of pieces
// (一手,100起) rather than a sum (号200起).
func (rd *reader) orderLike(k int, word string) bool {
	t := &rd.toks[k]
	if t.hi > 0 {
		return false
	}
	switch word {
	case "起", "起步", "+", "打底", "up", "起跳":
	default:
		return true // 起拿, 起售, 以上
	}
	if t.lo < 5*numeral.Unit || !rd.sells(market.PerItem) && !rd.sells(market.PerAccount) {
		return false // a program for 1k起
	}
	if k == 0 || !rd.near(k, 0) {
		return true
	}
	switch p := &rd.toks[k-1]; p.kind {
	case tLabel:
		return p.per == market.PerItem && t.lo >= 20*numeral.Unit
	case tCue, tPeriod, tNew:
		return p.word == "均为" || p.word == "都" || p.word == "各" || p.word == "统一" || p.word == "全部" || p.word == "是" && t.lo >= 50*numeral.Unit
	case tPer:
		return p.used || k > 1 && rd.toks[k-2].kind == tSum
	}
	return true
}

// said reports whether a word of the kind stands before the token k in its clause.
func (rd *reader) said(k int, want kind) bool {
	for j := k - 1; j >= 0 && j > k-5 && rd.toks[j+1].stop < stopComma; j-- {
		if rd.toks[j].kind == want {
			return true
		}
	}
	return false
}

func (rd *reader) addLeast(from, to int, tier bool) {
	if len(rd.least) >= maxFound {
		return
	}
	at := from
	for j := from; j <= to; j++ {
		if rd.toks[j].lo != 0 {
			at = j
			break
		}
	}
	t := &rd.toks[at]
	rd.least = append(rd.least, least{n: t.lo.Int(), per: t.per, from: from, to: to, exclusive: tier})
}

// leastAt reports whether the token n belongs to a statement of the least number.
func (rd *reader) leastAt(n int) bool {
	for i := len(rd.least) - 1; i >= 0; i-- {
		if l := rd.least[i]; l.from <= n && n <= l.to {
			return true
		} else if l.to < n {
			break
		}
	}
	return false
}

// tier is the least number right before the sum k: 1000份以上1.5, 10个起 40u.
func (rd *reader) tier(k int) int64 {
	i := rd.leastBefore(k)
	if i < 0 || rd.surcharge(k) {
		return 0
	}
	l := &rd.least[i]
	if l.used {
		return 0
	}
	gap, stop := rd.betweenWords(l.to, k)
	if at(rd.r, rd.toks[l.to].end) == ')' && l.from > 0 && at(rd.r, rd.toks[l.from].start-1) == '(' && rd.toks[l.from-1].kind == tSum {
		return 0 // 1块(100+) 9毛
	}
	if gap > 3 || stop >= stopLine {
		return 0
	}
	if stop >= stopComma {
		// 百份起,两块: only when no price before could own it
		if gap > 0 || rd.toks[k].gap > 0 {
			return 0
		}
		if n := len(rd.prices); n > 0 && rd.prices[n-1].line == rd.toks[k].line && !l.exclusive {
			return 0
		}
		for j := l.to + 1; j < k; j++ {
			if rd.toks[j].kind == tLabel {
				return 0
			}
		}
	}
	l.used = true
	return l.n
}

// leastBefore is the index of the last least number that ends before the token k.
func (rd *reader) leastBefore(k int) int {
	for i := len(rd.least) - 1; i >= 0; i-- {
		if rd.least[i].to < k {
			for j := rd.least[i].to + 1; j < k; j++ {
				if t := rd.toks[j].kind; t == tSum || t == tQty {
					return -1
				}
			}
			return i
		}
	}
	return -1
}

func (rd *reader) betweenWords(q, k int) (gap, stop int) {
	return rd.between(q, k), rd.stopBetween(q, k)
}
