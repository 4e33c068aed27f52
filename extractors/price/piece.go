package price

import (
	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// rented reports whether the word for a time that ends at i opens another
// phrase: 25|周租120, 99|年付.
func (l *lexer) rented(i int, per string) bool {
	if !isTime(per) {
		return false
	}
	switch at(l.r, i) {
	case '租':
		return !(i > 1 && at(l.r, i-2) == '一' && (at(l.r, i+1) == ',' || at(l.r, i+1) == '。' || at(l.r, i+1) == '\n')) // 50一天租
	case '付', '卡', '费', '供', '结', '票':
		return true
	case '会':
		return at(l.r, i+1) == '员'
	}
	return false
}

// piece decides what a number without money counts, if anything.
func (l *lexer) piece(t token, i int) (token, bool) {
	r := l.r
	k := skipSpace(r, t.end)
	next := at(r, k)
	// grown together with letters: 51job, v3
	if latin(at(r, i-1)) && ascii(r[i]) && !l.afterWord(i) {
		return token{}, false
	}
	switch next {
	case '岁', '届', '%', '后', '楼', '级', '℃', '倍', '成', '折', '期', '版', '线', '强', '寸', '薪', '代':
		if k == t.end || next == '版' && !numeral.Han(at(r, k+1)) {
			return token{}, false
		}
	case '手', '回', '遍', '轮', '茬', '道', '任':
		if k == t.end && t.chinese && t.lo < 10*numeral.Unit {
			return token{}, false // 卖过两三手的
		}
	case '分':
		if c := at(r, k+1); c == '钟' || c == '之' || c == '成' {
			return token{}, false
		}
	case '小':
		if at(r, k+1) == '时' {
			return token{}, false
		}
	case '.', '-', '/':
		if k == t.end && ascii(at(r, k+1)) && (next == '.' || next == '-' && t.lo >= 1000*numeral.Unit && !t.big || next == '/' && (t.lo >= 1900*numeral.Unit && t.lo < 2100*numeral.Unit)) {
			return token{}, false
		}
	case 'x', '*':
		if ascii(at(r, k+1)) || at(r, k+1) == '*' {
			return token{}, false
		}
	}
	if at(r, i-1) == '-' && ascii(at(r, i-2)) || at(r, i-1) == '第' {
		return token{}, false
	}
	if l.clock(i, t) {
		return token{}, false
	}
	if n := t.lo / numeral.Unit; ascii(r[i]) && t.end-i == 3 && (n == 985 || n == 211) && t.hi == 0 && !l.counts(k) {
		return token{}, false // groups of universities
	}
	if t.lo == 0 || next == '比' || next == '合' || at(r, i-1) == '比' {
		return token{}, false
	}
	if u, n := dict.unit(r, k); n > 0 && !l.rented(k+n, units[u]) && !(isTime(units[u]) && u != "点" && t.lo > 31*numeral.Unit && ascii(at(r, k+n))) && !(k > t.end && isTime(units[u]) && ascii(at(r, k+n))) && !(k > t.end && latin(next) && len([]rune(u)) == 1 && u != "d") {
		after := at(r, k+n)
		switch per := units[u]; per {
		case market.PerDay, market.PerWeek, market.PerMonth, market.PerYear, market.PerUnknown:
			if u == "点" {
				if k > t.end || numeral.Digit(after) >= 0 { // 8点半, 2点5
					return token{}, false
				}
				return token{kind: tQty, lo: t.lo, hi: t.hi, unit: u, per: per, start: i, end: k + n}, true
			}
			if after == '前' || after == '内' || after == '后' || after == '活' || after == '经' || after == '以' || after == '级' || u == "日" && (ascii(r[i]) || at(r, i-1) == '月') || u == "月" && ascii(r[i]) ||
				u == "年" && (t.lo >= 1000*numeral.Unit || after == '及') {
				return token{kind: tUnit, unit: u, start: i, end: k + n}, true
			}
			return token{kind: tPeriod, per: span(t.lo.Int(), per), count: t.lo.Int(), word: "n" + u, start: i, end: k + n}, true
		}
		if u == "家" && after == '公' || u == "人" && after == '民' || u == "号" && k == t.end && t.lo <= 31*numeral.Unit || u == "头" && after == '一' {
			return token{}, false
		}
		if u == "号" && t.end-i == 2 && (ascii(r[i]) || numeral.Digit(r[i]) == 5 && ascii(r[i+1])) && (t.lo == 51*numeral.Unit || t.lo == 58*numeral.Unit) {
			return token{kind: tLabel, word: "site", start: i, end: t.end}, true // 58号200
		}
		if u == "each" || u == "ea" || u == "行" && (t.lo < 100*numeral.Unit || after == '不' || after == '吗' || after == '就') || u == "支" && (after == '付' || after == '持') || u == "座" && after == '机' || u == "库" && after == '存' || u == "本" && after == '科' || u == "单" && after == '价' || u == "条" && after == '件' || u == "位" && (after == '置' || t.lo == 11*numeral.Unit) || u == "张" && after == '某' {
			u, n = "", 0
		}
		if n > 0 {
			q := token{kind: tQty, lo: t.lo, hi: t.hi, big: t.big, chinese: t.chinese, unit: u, per: units[u], start: i, end: k + n}
			l.upTo(&q)
			return q, true
		}
	}
	if k == t.end && t.lo >= 2*numeral.Unit && (l.anyPiece(k) || next != 0 && next == l.own) {
		return token{kind: tQty, lo: t.lo, hi: t.hi, big: t.big, chinese: t.chinese, unit: string(next), start: i, end: k + 1}, true
	}
	// 51, 58 are sites unless money follows
	if ascii(r[i]) && !t.big && t.hi == 0 && (t.lo == 51*numeral.Unit || t.lo == 58*numeral.Unit) && t.end-i == 2 {
		if e, ok := l.each(k); !ok || e.end == 0 {
			return token{kind: tLabel, word: "site", start: i, end: t.end}, true
		}
	}
	if numeral.Han(at(r, t.end)) && ascii(r[i]) && !t.big && t.hi == 0 && t.end-i == 4 && t.lo >= 2015*numeral.Unit && t.lo <= 2035*numeral.Unit && !settles(at(r, t.end)) {
		return token{}, false // 2026招聘平台
	}
	// years
	if ascii(r[i]) && !t.big && t.hi == 0 && t.end-i == 4 && t.lo >= 1990*numeral.Unit && t.lo <= 2035*numeral.Unit && (next == '年' || next == '届' || at(r, t.end) == '-') {
		return token{}, false
	}
	if latin(at(r, t.end)) || at(r, t.end) == '_' && latin(at(r, t.end+1)) {
		return token{}, false
	}
	return t, true
}

// anyPiece reports whether the character at i is one of whatever the author counts, as
// what follows makes its number a least one: 300团起.
func (l *lexer) anyPiece(i int) bool {
	c, next := at(l.r, i), at(l.r, i+2)
	if !numeral.Han(c) || at(l.r, i+1) != '起' || numeral.Digit(c) >= 0 || next == '来' || next == '码' || next == '初' || next == '因' || next == '点' || next == '床' {
		return false
	}
	switch c {
	case '十', '百', '千', '万', '毛', '角', '分', '块', '元', '米', '文', '蚊', '刀', '油', '左', '右', '价', '多', '来', '余', '把', '一':
		return false
	}
	word := dict.word(l.r, i) != nil
	return !word
}

// settles reports whether the character behind a bare number may be that of a price: 2020转.
func settles(c rune) bool {
	switch c {
	case '转', '出', '拿', '起', '全', '打', '一', '每', '包', '左', '以', '的', '带', '卖', '收', '清', '不', '可', '要':
		return true
	}
	return false
}

// upTo reads the upper end of a range whose ends both have a unit: 100条-500条,
// 一百份到五百份.
func (l *lexer) upTo(q *token) {
	if q.hi != 0 {
		return
	}
	k := skipSpace(l.r, q.end)
	switch at(l.r, k) {
	case '-', '~', '到', '至':
	default:
		return
	}
	m, ok := numeral.Read(l.r, skipSpace(l.r, k+1), l.counts)
	if !ok || m.Vague || m.Hi != 0 || m.Lo <= q.lo {
		return
	}
	e := skipSpace(l.r, m.End)
	if u, n := dict.unit(l.r, e); n > 0 && units[u] == q.per {
		q.hi, q.end = m.Lo, e+n
	}
}

// clock reports whether the number t is half of a time of day (12:30).
func (l *lexer) clock(i int, t token) bool {
	r := l.r
	pair := func(a, b int) bool { // one or two digits up to a, two from b on
		if !ascii(at(r, b)) || !ascii(at(r, b+1)) || ascii(at(r, b+2)) || at(r, b) > '5' {
			return false
		}
		h := int(at(r, a-1) - '0')
		if ascii(at(r, a-2)) {
			h += 10 * int(at(r, a-2)-'0')
		}
		return h < 25 && !ascii(at(r, a-3))
	}
	if at(r, t.end) == ':' && ascii(at(r, t.end-1)) && pair(t.end, t.end+1) {
		return true
	}
	return at(r, i-1) == ':' && ascii(at(r, i-2)) && pair(i-1, i)
}

// afterWord reports whether a word of the vocabulary ends right before i (boss4).
func (l *lexer) afterWord(i int) bool {
	return len(l.toks) > 0 && l.toks[len(l.toks)-1].end == i
}

// span is the per of n times a unit of time.
func span(n int64, per string) string {
	switch {
	case n == 1:
		return per
	case per == market.PerDay && n == 7:
		return market.PerWeek
	case per == market.PerDay && (n == 30 || n == 31):
		return market.PerMonth
	case per == market.PerDay && n == 365, per == market.PerMonth && n == 12:
		return market.PerYear
	}
	return market.PerUnknown
}
