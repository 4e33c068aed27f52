package price

import (
	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// largest is what no sum or number of pieces reaches.
const largest = numeral.Dec(1e8) * numeral.Unit

// sum reads a number at i with all that belongs to it: currency, fraction,
// upper end of a range, or the unit that it counts.
func (l *lexer) sum(i int) (token, bool) {
	r := l.r
	t := token{kind: tSum, start: i}
	j := i
	switch r[i] {
	case '¥', '$':
		if latin(at(r, i-1)) || at(r, i-1) == '$' || at(r, i+1) == '$' {
			return token{}, false
		}
		if w := dict.word(r, min(skipSpace(r, i+1), len(r)-1)); w != nil && w.kind == tLabel {
			return token{}, false
		}
		t.currency = currencies[string(r[i])].currency
		j = skipSpace(r, i+1)
	case 'r':
		if latin(at(r, i-1)) || !ascii(at(r, i+1)) {
			return token{}, false
		}
		t.currency, j = market.CurrencyCNY, i+1
	case '一', '两', '二', '三', '四', '五', '六', '七', '八', '九', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if v, e, ok := l.notes(i); ok {
			return token{kind: tSum, start: i, end: e, currency: market.CurrencyCNY, lo: v}, true
		}
	case '块', '毛':
		// 块八, 块半
		if i > 0 && (numeral.Digit(r[i-1]) >= 0 || r[i-1] == '一' || r[i-1] == '板' || r[i-1] == '区' || r[i-1] == '模' || r[i-1] == '羊' || r[i-1] == '地' || r[i-1] == '大' || r[i-1] == '小' || r[i-1] == '几') {
			return token{}, false
		}
		v, e, ok := l.fraction(i+1, 1000)
		if !ok || r[i] == '毛' {
			return token{}, false
		}
		t.currency, t.lo, t.end = market.CurrencyCNY, numeral.Unit+v, e
		return t, true
	case '半':
		// 半块, 半毛
		if u, n := dict.currency(r, i+1); n > 0 && at(r, i+1) != '分' {
			c := currencies[u]
			return token{kind: tSum, start: i, end: i + 1 + n, currency: c.currency, lo: numeral.Dec(c.value) / 2}, true
		}
	}
	n, ok := numeral.Read(r, j, l.counts)
	if !ok || n.Vague {
		if ok && n.Vague { // 几块钱: eaten, says nothing
			e := n.End
			if _, m := dict.currency(r, e); m > 0 {
				e += m
			}
			return token{kind: tUnit, unit: "几", start: i, end: e}, true
		}
		return token{}, false
	}
	if t.currency != "" && j+1 < len(r) && !ascii(r[j]) && numeral.Digit(r[j]) < 0 && r[j] != '十' && r[j] != '拾' {
		return token{}, false
	}
	if n.Lo >= largest { // somebody's telephone
		return token{kind: tOther, start: i, end: n.End}, true
	}
	t.lo, t.hi, t.end, t.big, t.chinese = n.Lo, n.Hi, n.End, n.Big, n.Chinese
	// 6×10000
	if at(r, t.end) == '×' && t.hi == 0 {
		if m, ok := numeral.Read(r, t.end+1, l.counts); ok && m.Lo >= 100*numeral.Unit && m.Lo <= 1e7*numeral.Unit && t.lo < 1000*numeral.Unit && m.Hi == 0 {
			t.lo, t.end, t.big = t.lo*(m.Lo/numeral.Unit), m.End, true
		}
	}
	// 6.2 万
	if at(r, t.end) == ' ' && (at(r, t.end+1) == '万' || at(r, t.end+1) == 'w' && !latin(at(r, t.end+2))) && !t.big {
		t.lo *= 10000
		t.big = true
		t.end += 2
	}
	scale, hasMoney := l.money(&t)
	// a range: 2-8元, 2元~8元, 四毛五到六毛
	if t.hi == 0 {
		k := skipSpace(r, t.end)
		c := at(r, k)
		if c == '-' || c == '~' || c == '到' || c == '至' {
			for at(r, k+1) == c {
				k++
			}
			k = skipSpace(r, k+1)
			if at(r, k) == '¥' || at(r, k) == '$' {
				k++
			}
			if m, ok := numeral.Read(r, k, l.counts); ok && !m.Vague && m.Hi == 0 && !l.dated(i, m.End) && !(hasMoney && at(r, m.End) == '起') {
				u := token{kind: tSum, start: k, lo: m.Lo, end: m.End, big: m.Big, chinese: m.Chinese, currency: t.currency}
				_, money2 := l.money(&u)
				lo := t.lo
				if money2 && !hasMoney {
					lo = t.lo * scaleOf(u, m) / numeral.Unit
				} else if hasMoney && !money2 && scale != numeral.Unit {
					u.lo = u.lo * scale / numeral.Unit
				}
				if u.lo > lo {
					t.lo, t.hi, t.end, t.big = lo, u.lo, u.end, t.big || u.big
					if u.currency != "" {
						t.currency = u.currency
					}
					hasMoney = hasMoney || money2
				}
			}
		} else if !hasMoney && t.chinese && l.stacked(t.end) { // 四十|五十
			if m, ok := numeral.Read(r, t.end, l.counts); ok && m.Lo > t.lo && m.Hi == 0 {
				t.hi, t.end = m.Lo, m.End
				_, hasMoney = l.money(&t)
			}
		}
	}
	if hasMoney && t.hi == 0 && t.chinese && numeral.Digit(at(r, t.end)) > 0 && !ascii(at(r, t.end)) {
		// 一分两分的都行, 三块四块
		if dict.word(r, t.end) == nil {
			if m, ok := numeral.Read(r, t.end, l.counts); ok && m.Hi == 0 && !m.Vague {
				u := token{kind: tSum, start: t.end, lo: m.Lo, end: m.End}
				if s, money := l.money(&u); money && s == scale && u.currency == t.currency && u.lo > t.lo && u.lo <= 3*t.lo {
					t.hi, t.end = u.lo, u.end
				}
			}
		}
	}
	if hasMoney || t.currency != "" {
		return t, true
	}
	if year(t.lo) && year(t.hi) {
		return token{}, false // 2012至2019
	}
	return l.piece(t, i)
}

// notes reads banknotes that are counted: 五张十块的, 两张红的, 三张五十.
func (l *lexer) notes(i int) (numeral.Dec, int, bool) {
	r := l.r
	n := numeral.Digit(r[i])
	if n <= 0 || at(r, i+1) != '张' || ascii(at(r, i-1)) {
		return 0, 0, false
	}
	j := i + 2
	for _, w := range []string{"红票子", "红票", "红钞", "红太阳", "毛爷爷", "老人头", "大钞", "大红", "红的", "红", "百元大钞", "大团结"} {
		if k := len([]rune(w)); string(sub(r, j, j+k)) == w {
			return numeral.Dec(n) * 100 * numeral.Unit, j + k, w != "红" || !numeral.Han(at(r, j+k))
		}
	}
	m, ok := numeral.Read(r, j, l.counts)
	if !ok || m.Vague || m.Hi != 0 {
		return 0, 0, false
	}
	switch m.Lo / numeral.Unit {
	case 1, 5, 10, 20, 50, 100:
	default:
		return 0, 0, false
	}
	e := m.End
	_, c := dict.currency(r, e)
	e += c
	for _, w := range []string{"面值的", "面额的", "的", "大钞", "钞", "票子"} {
		if k := len([]rune(w)); string(sub(r, e, e+k)) == w {
			return numeral.Dec(n) * m.Lo, e + k, true
		}
	}
	return 0, 0, false
}

// year reports whether a bare number is rather a year of our time.
func year(d numeral.Dec) bool { return d >= 1980*numeral.Unit && d <= 2040*numeral.Unit }

func scaleOf(u token, m numeral.Number) numeral.Dec {
	if m.Lo == 0 || u.lo < m.Lo {
		if m.Lo != 0 && u.lo*10 >= m.Lo && u.lo < m.Lo {
			return 1000
		}
		if m.Lo != 0 {
			return 100
		}
	}
	return numeral.Unit
}

func (l *lexer) stacked(i int) bool {
	return numeral.Digit(at(l.r, i)) > 0 && (at(l.r, i+1) == '十' || at(l.r, i+1) == '百')
}

// dated reports whether the digits from i to e are a date or a row of numbers (2021-03-15).
func (l *lexer) dated(i, e int) bool {
	return at(l.r, e) == '-' && ascii(at(l.r, e+1)) || at(l.r, i-1) == '-' && ascii(at(l.r, i-2)) || at(l.r, i-1) == '.' && ascii(at(l.r, i-2))
}

// money reads the currency behind t's number and the fraction behind that,
// scaling t; scale is the value of one of the currency.
func (l *lexer) money(t *token) (scale numeral.Dec, ok bool) {
	r := l.r
	k := skipSpace(r, t.end)
	if w, n := l.customAt(t.end); n > 0 {
		t.currency = market.CurrencyCNY
		half := numeral.Dec(0)
		if at(r, t.end+n) == '半' {
			half = w / 2
			n++
		}
		t.lo, t.hi, t.end = t.lo*w/numeral.Unit+half, t.hi*w/numeral.Unit, t.end+n
		return w, true
	}
	u, n := dict.currency(r, k)
	if n == 0 && at(r, k) == '个' && k == t.end { // 三个米, 3个大洋
		if w, m := dict.currency(r, k+1); w == "米" || w == "大洋" || w == "刀" || w == "油" {
			u, n, k, t.end = w, m, k+1, k+1
		}
	}
	if n == 0 {
		// 一个半
		if at(r, t.end) == '个' && at(r, t.end+1) == '半' && t.lo < 100*numeral.Unit && at(r, t.end+2) != '月' && at(r, t.end+2) != '小' {
			t.lo, t.end, t.currency = t.lo+numeral.Unit/2, t.end+2, market.CurrencyCNY
			return numeral.Unit, true
		}
		return numeral.Unit, t.currency != ""
	}
	c := currencies[u]
	next := at(r, k+n)
	switch u {
	case "分":
		switch next {
		case '钟', '之', '成', '布', '享', '店', '校', '期', '类', '润', '析', '销', '组', '公', '批', '级':
			return numeral.Unit, false
		}
		if t.lo >= 100*numeral.Unit || next == '开' || t.chinese && numeral.Digit(at(r, t.start-1)) > 0 && !ascii(at(r, t.start-1)) {
			return numeral.Unit, false // 五五分
		}
	case "u":
		if next == '盘' || next == '位' {
			return numeral.Unit, false
		}
	case "米", "文", "油", "刀", "快", "大洋":
		if k > t.end && u != "刀" && u != "油" || next == '件' || next == '档' || next == '章' || next == '员' || next == '递' || next == '速' || next == '照' || next == '高' {
			return numeral.Unit, false
		}
	case "r":
		if k > t.end && next != ' ' && next != 0 && next != ',' {
			return numeral.Unit, false
		}
	case "块":
		if next == '链' {
			return numeral.Unit, false
		}
	}
	if u == "$" && k > t.end {
		return numeral.Unit, t.currency != ""
	}
	scale = numeral.Dec(c.value)
	if t.currency == "" || c.currency == market.CurrencyUSDT {
		t.currency = c.currency
	}
	t.lo, t.hi = t.lo*scale/numeral.Unit, t.hi*scale/numeral.Unit
	t.end = k + n
	if t.hi == 0 && (scale == numeral.Unit && (u == "元" || u == "块" || u == "圆" || u == "蚊" || u == "文" || u == "快" || u == "米") || scale == 1000) {
		if f, e, ok := l.fraction(t.end, scale/10); ok {
			t.lo += f
			t.end = e
		}
	}
	if at(r, t.end) == '整' || at(r, t.end) == '钱' {
		t.end++
	}
	return scale, true
}

// fraction reads the digit behind 块 or 毛, each worth unit: 五 of 两块五, 半, 五角.
func (l *lexer) fraction(i int, unit numeral.Dec) (numeral.Dec, int, bool) {
	r := l.r
	j := i
	if at(r, j) == '零' || at(r, j) == '又' {
		j++
	}
	c := at(r, j)
	if c == '半' {
		return unit * 5, j + 1, true
	}
	d := numeral.Digit(c)
	if d < 0 || d == 0 && j == i {
		return 0, 0, false
	}
	if w := dict.word(r, j); w != nil && w.kind != tHave && len(w.runes) > 1 {
		return 0, 0, false // 两块|二手
	}
	next := at(r, j+1)
	if d == 1 && l.anyUnit(j) {
		return 0, 0, false // 六元|一卦
	}
	if (next == '毛' || next == '角') && unit < 1000 {
		return 0, 0, false // 三毛|四毛
	}
	if next == '毛' || next == '角' || next == '分' {
		v := numeral.Dec(d) * unit
		if next == '分' && unit == 1000 {
			v = numeral.Dec(d) * 100
		}
		if f, e, ok := l.fraction(j+2, unit/10); ok && next != '分' && unit == 1000 {
			return v + f, e, true
		}
		return v, j + 2, true
	}
	if ascii(c) && (ascii(next) || next == '.' && ascii(at(r, j+2)) || next == 'k' || next == 'w') {
		return 0, 0, false
	}
	if numeral.Digit(next) >= 0 && !(ascii(c) != ascii(next)) && next != '一' && next != '壹' {
		return 0, 0, false
	}
	switch next {
	case '十', '百', '千', '万', '拾', '佰', '仟', '起', '手', '折', '块', '元', '个':
		return 0, 0, false
	}
	if l.counts(j + 1) { // 两块|一条, 十块|五份
		return 0, 0, false
	}
	return numeral.Dec(d) * unit, j + 1, true
}
