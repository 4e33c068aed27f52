package price

import (
	"slices"

	"resumewatch/internal/market"
)

// leasts gives the least numbers that no price claimed to the prices before
// them in the line, or to all when the line has none.
func (rd *reader) leasts() {
	for i := range rd.least {
		l := &rd.least[i]
		if l.used || rd.bargain(rd.toks[l.to].end) {
			continue
		}
		line := rd.toks[l.from].line
		var before []int
		any := false
		for p := range rd.prices {
			f := &rd.prices[p]
			if f.line != line {
				continue
			}
			any = true
			if f.tok < l.from {
				before = append(before, p)
			}
		}
		switch {
		case l.exclusive && len(before) > 0:
			// 1块(100+) 9毛(1000+): each its own
			f := &rd.prices[before[len(before)-1]]
			if rd.holds(l, f) {
				f.MinQuantity, f.own = l.n, true
			}
			if len(rd.least) == 1 && !(at(rd.r, rd.toks[l.from].start-1) == '(') {
				rd.spread(before, l)
			}
		case len(before) > 1 && rd.bracketed(l, rd.prices[before[len(before)-1]].tok):
			rd.spread(before[len(before)-1:], l) // 新的七毛 旧的两毛(一万起)
			l.used = true
		case len(before) > 0:
			rd.spread(before, l)
		case any:
			// before the first price of its line: 100起,一手2块,二手1块
			var all []int
			for p := range rd.prices {
				if rd.prices[p].line == line {
					all = append(all, p)
				}
			}
			rd.spread(all, l)
		default:
			var all []int
			for p := range rd.prices {
				all = append(all, p)
			}
			rd.spread(all, l)
		}
	}
	// one least number said for the whole message
	if len(rd.least) == 1 && !rd.least[0].used && rd.simple() && !(rd.least[0].exclusive && at(rd.r, rd.toks[rd.least[0].from].start-1) == '(') && !rd.bargain(rd.toks[rd.least[0].to].end) {
		var all []int
		for p := range rd.prices {
			all = append(all, p)
		}
		rd.spread(all, &rd.least[0])
	}
}

// bargain reports whether the clause goes on to say that more is cheaper
// (5000份可谈, 500份以上打九折): then the number is no condition of the price.
func (rd *reader) bargain(i int) bool {
	for j := i; j < i+6; j++ {
		switch at(rd.r, j) {
		case '免', '不', '勿', '别', '莫', '拒':
			return false // 少于100份免谈
		case '谈', '折', '优', '便', '议', '减', '惠', '送', '赠':
			return true
		case ',', '。', '\n', ';', 0, '(', ')':
			return false
		}
	}
	return false
}

// simple reports whether the message sells one kind of thing.
func (rd *reader) simple() bool { return len(rd.ctx.Goods) <= 1 }

func (rd *reader) spread(list []int, l *least) {
	open := func(p int) bool {
		f := &rd.prices[p]
		return f.MinQuantity == 0 && !f.own && rd.holds(l, f) && !f.extra && !f.more
	}
	several := slices.ContainsFunc(list, func(p int) bool {
		return !rd.prices[p].extra && !rd.prices[p].more && rd.holds(l, &rd.prices[p]) && !rd.single(rd.prices[p].tok)
	})
	for _, p := range list {
		if open(p) && !(several && rd.single(rd.prices[p].tok)) { // 零售2元，代理1.5（5000条起）
			rd.prices[p].MinQuantity = l.n
		}
	}
}

// bracketed reports whether the least number stands in brackets right behind the sum k.
func (rd *reader) bracketed(l *least, k int) bool {
	from := rd.toks[l.from].start
	if at(rd.r, from-1) != '(' || from-rd.toks[k].end > 4 {
		return false
	}
	return !slices.ContainsFunc(rd.r[rd.toks[k].end:from-1], func(c rune) bool { return c == ',' || c == ' ' })
}

// holds reports whether a least number can be that of the price: pieces, not times or
// lots, and pieces of what the price is for (500条起 says nothing of a program).
func (rd *reader) holds(l *least, f *found) bool {
	switch f.Per {
	case market.PerItem:
		return l.per != market.PerAccount && l.per != market.PerUnknown || !rd.sells(l.per)
	case market.PerAccount, market.PerSet:
		return l.per != market.PerItem || !rd.sells(market.PerItem) || len(rd.ctx.Goods) == 0
	case market.PerThousandItems, market.PerTenThousandItems:
		return !l.exclusive && l.n > 10000 && l.per != market.PerAccount // 10万条起卖，一万条120元
	case market.PerUnknown:
		return l.per != market.PerItem
	}
	return false
}

// overall gives a least order that opens the terms (起售200份，一手2.2，二手0.8) to all
// prices behind it: it is the only one, and no tier.
func (rd *reader) overall() {
	if len(rd.least) != 1 || rd.least[0].exclusive || !rd.least[0].used || len(rd.prices) < 2 {
		return
	}
	l := &rd.least[0]
	if rd.prices[0].tok < l.to || rd.prices[0].MinQuantity != l.n {
		return
	}
	var rest []int
	for p := 1; p < len(rd.prices); p++ {
		if f := &rd.prices[p]; f.Per == rd.prices[0].Per && !rd.single(f.tok) {
			rest = append(rest, p)
		}
	}
	rd.spread(rest, l)
}

// single reports whether the clause of the sum k speaks of one piece: 零售3元, 单份4块.
func (rd *reader) single(k int) bool {
	for i := rd.toks[k].start - 1; i >= 0 && i > rd.toks[k].start-8; i-- {
		switch rd.r[i] {
		case '零', '散', '首':
			return true
		case '单':
			return at(rd.r, i+1) != '价'
		case ',', '。', ';', '\n':
			return false
		}
	}
	return false
}
