package price

import (
	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// Stops between two tokens, from the weakest to the strongest.
const (
	stopNone  = iota
	stopSpace // space, bracket, colon-like marks
	stopComma // a clause ends
	stopLine  // a sentence or line ends
)

// token is a meaningful stretch of the text.
type token struct {
	kind       kind
	start, end int
	gap        int // letters and digits that mean nothing, between this token and the one before
	stop       int // the strongest mark between them
	slash      bool
	colon      bool // a colon stands between, after other text

	lo, hi   numeral.Dec // tSum, tQty
	currency string      // tSum: "" when none is written
	big      bool        // 3万, 5k
	chinese  bool
	unit     string // tQty, tUnit, tPer: the word
	per      string // what the unit or label says; "" for a unit of whatever is sold
	count    int64  // tPeriod of several days: how many; 0 else
	word     string // vocabulary words

	used bool // claimed by a price
}

type lexer struct {
	r      []rune
	busy   []bool
	custom map[string]numeral.Dec // words that the author gives a value: 一张=100
	toks   []token
	gap    int
	stop   int
	slash  bool
	colon  bool
}

// lex cuts the text into tokens.
func lex(r []rune, busy []bool) []token {
	l := &lexer{r: r, busy: busy, custom: map[string]numeral.Dec{"张红的": 100 * numeral.Unit, "张红票": 100 * numeral.Unit, "张大红": 100 * numeral.Unit}, stop: stopLine}
	l.define()
	for i := 0; i < len(r); {
		if busy[i] {
			l.stop = max(l.stop, stopComma)
			i++
			continue
		}
		if n := l.mark(i); n > 0 {
			i += n
			continue
		}
		if t, ok := l.token(i); ok {
			t.gap, t.stop, t.slash, t.colon = l.gap, l.stop, l.slash, l.colon
			l.toks = append(l.toks, t)
			l.gap, l.stop, l.slash, l.colon = 0, stopNone, false, false
			i = t.end
			continue
		}
		i = l.skip(i)
	}
	return l.toks
}

// mark takes punctuation as stops; 0 when r[i] may begin a token.
func (l *lexer) mark(i int) int {
	switch c := l.r[i]; c {
	case '\n', '\r', '。', '!', '?', ';':
		l.stop = stopLine
	case '·':
		if n := len(l.toks); n > 0 && l.toks[n-1].end == i && l.toks[n-1].kind == tPeriod {
			l.stop = max(l.stop, stopSpace) // 月卡·99
			return 1
		}
		l.stop = max(l.stop, stopComma)
	case ',', '、', '|', '~':
		l.stop = max(l.stop, stopComma)
		if c == '、' {
			l.slash = true
		}
	case '/':
		if i+1 < len(l.r) && l.r[i+1] == '/' {
			l.stop = max(l.stop, stopComma)
			return 2
		}
		if _, n := dict.unit(l.r, skipSpace(l.r, i+1)); n > 0 {
			return 0
		}
		l.slash = true
	case '-', '—':
		if at(l.r, i+1) == c {
			l.stop = stopLine
		} else {
			l.stop = max(l.stop, stopSpace)
		}
	case ' ', '\t', '(', ')', '[', ']', ':', '"', '“', '”', '\'', '<', '>', '《', '》', '{', '}', '*', '_', '#', '&':
		l.stop = max(l.stop, stopSpace)
		if c == ':' && l.gap > 0 {
			l.colon = true
		}
		if c == '\t' {
			l.stop = max(l.stop, stopComma)
		}
		if c == ' ' && at(l.r, i+1) == ' ' {
			l.stop = max(l.stop, stopComma)
		}
	default:
		return 0
	}
	return 1
}

// skip steps over what means nothing: a whole Latin word or number, else one character.
func (l *lexer) skip(i int) int {
	r := l.r
	if latin(r[i]) || ascii(r[i]) {
		j := i
		for j < len(r) && (latin(r[j]) || ascii(r[j]) || j > i && r[j] == '.' && j+1 < len(r) && ascii(r[j+1])) && !(j > i && latin(r[j-1]) && ascii(r[j])) {
			j++
		}
		l.gap++
		return j
	}
	if numeral.Word(r[i]) || r[i] > 0x2FFF {
		l.gap++
	}
	return i + 1
}

func ascii(c rune) bool { return '0' <= c && c <= '9' }

func at(r []rune, i int) rune {
	if 0 <= i && i < len(r) {
		return r[i]
	}
	return 0
}

func skipSpace(r []rune, i int) int {
	for k := 0; k < 2 && at(r, i) == ' '; k++ {
		i++
	}
	return i
}

// counts reports whether a word for a unit starts at i (for numeral.Read).
func (l *lexer) counts(i int) bool {
	_, n := dict.unit(l.r, i)
	return n > 0
}

func (l *lexer) token(i int) (token, bool) {
	if i > 0 && ascii(l.r[i]) && (ascii(l.r[i-1]) || l.r[i-1] == '.' && i > 1 && ascii(l.r[i-2])) {
		return token{}, false
	}
	// an amount of money cannot be a word: 一口价 is, 一元 is none
	w, isWord := dict.word(l.r, i)
	if isWord && w.kind == tLabel && ascii(l.r[i]) && l.moneyAt(i) {
		isWord = false
	}
	if isWord && len(w.runes) == 1 && w.kind != tMin {
		if s, ok := l.sum(i); ok && s.currency != "" { // ¥
			return s, true
		}
	}
	if isWord && !(w.kind == tNo && len(w.runes) == 1 && l.r[i] == 'v' && !ascii(at(l.r, i+1))) {
		return token{kind: w.kind, per: w.per, word: string(w.runes), start: i, end: i + len(w.runes)}, true
	}
	if t, ok := l.each(i); ok {
		return t, true
	}
	if t, ok := l.sum(i); ok {
		return t, true
	}
	if u, n := dict.unit(l.r, i); n > 0 {
		return token{kind: tUnit, unit: u, per: units[u], start: i, end: i + n}, true
	}
	return token{}, false
}

// moneyAt reports whether the number at i is followed by a word for money or 一份.
func (l *lexer) moneyAt(i int) bool {
	t, ok := l.sum(i)
	return ok && t.currency != ""
}

// each reads 一份, 每条, /个, 1条, per record, 一天.
func (l *lexer) each(i int) (token, bool) {
	r := l.r
	if i >= len(r) {
		return token{}, false
	}
	j := i
	slash := false
	switch c := r[j]; {
	case c == '/':
		slash = true
		j = skipSpace(r, j+1)
		if c := at(r, j); (c == '1' || c == '一') && l.counts(j+1) {
			j++
		}
	case c == '每' || c == '单':
		j++
		if c := at(r, j); c == '1' || c == '一' {
			j++
		}
		j = skipSpace(r, j)
	case c == '一' || c == '1' || c == '壹':
		if c == '1' && i > 0 && (ascii(r[i-1]) || r[i-1] == '.') {
			return token{}, false
		}
		j++
		if c == '1' && (at(r, j) == '点' || at(r, j) == '日' || at(r, j) == '月' || at(r, j) == '号' || at(r, j) == '年') {
			return token{}, false
		}
		if at(r, j) == ' ' && c != '1' {
			j++
		}
	case c == 'p':
		if !match(r, i, []rune("per")) {
			return token{}, false
		}
		j = skipSpace(r, i+3)
	case c == 'e' && match(r, i, []rune("each")):
		return token{kind: tPer, unit: "each", start: i, end: i + 4}, true
	default:
		return token{}, false
	}
	u, n := dict.unit(r, j)
	if n == 0 {
		return token{}, false
	}
	if next := at(r, j+n); next == '龙' || next == '性' || next == '般' || next == '直' || next == '起' && u == "" || u == "个" && (next == '半' || next == '小') || u == "次" && next == '性' || u == "点" && numeral.Digit(next) >= 0 ||
		l.rented(j+n, units[u]) ||
		!slash && u == "头" || u == "张" && next == '红' || u == "家" && next == '公' || (u == "年" || u == "月") && at(r, j-1) == '1' && ascii(next) || u == "天" && next == '内' {
		return token{}, false
	}
	if v, ok := l.custom[trimGe(u)]; ok && v > 0 {
		return token{}, false
	}
	for k := 1; k <= 3; k++ { // 一个橘子, where 橘 has a value
		if v, ok := l.custom[string(sub(r, j+n, j+n+k))]; ok && v > 0 && r[i] != '/' {
			return token{}, false
		}
	}
	return token{kind: tPer, unit: u, per: units[u], start: i, end: j + n}, true
}

// rented reports whether the word for a time that ends at i opens another
// phrase: 25|周租120, 99|年付.
func (l *lexer) rented(i int, per string) bool {
	if !isTime(per) {
		return false
	}
	switch at(l.r, i) {
	case '租', '付', '卡', '费', '供', '结':
		return true
	}
	return false
}

func trimGe(u string) string {
	if u == "个" {
		return ""
	}
	return u
}

func sub(r []rune, i, j int) []rune {
	return r[min(i, len(r)):min(j, len(r))]
}

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
		if w, ok := dict.word(r, min(skipSpace(r, i+1), len(r)-1)); ok && w.kind == tLabel {
			return token{}, false
		}
		t.currency = currencies[string(r[i])].currency
		j = skipSpace(r, i+1)
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
	t.lo, t.hi, t.end, t.big, t.chinese = n.Lo, n.Hi, n.End, n.Big, n.Chinese
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
			if m, ok := numeral.Read(r, k, l.counts); ok && !m.Vague && m.Hi == 0 && !l.dated(i, m.End) {
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
		if _, word := dict.word(r, t.end); !word {
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
	return l.piece(t, i)
}

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
		if t.lo >= 100*numeral.Unit || next == '开' {
			return numeral.Unit, false
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
	if t.hi == 0 && (scale == numeral.Unit && (u == "元" || u == "块" || u == "圆" || u == "蚊" || u == "快" || u == "米") || scale == 1000) {
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
	if w, ok := dict.word(r, j); ok && w.kind != tHave && len(w.runes) > 1 {
		return 0, 0, false // 两块|二手
	}
	next := at(r, j+1)
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
		if k == t.end {
			return token{}, false
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
	if u, n := dict.unit(r, k); n > 0 && !l.rented(k+n, units[u]) && !(k > t.end && isTime(units[u]) && ascii(at(r, k+n))) && !(k > t.end && latin(next) && len([]rune(u)) == 1 && u != "d") {
		after := at(r, k+n)
		switch per := units[u]; per {
		case market.PerDay, market.PerWeek, market.PerMonth, market.PerYear, market.PerUnknown:
			if u == "点" {
				if k > t.end || numeral.Digit(after) >= 0 { // 8点半, 2点5
					return token{}, false
				}
				return token{kind: tQty, lo: t.lo, hi: t.hi, unit: u, per: per, start: i, end: k + n}, true
			}
			if after == '前' || after == '内' || after == '后' || after == '活' || after == '经' || after == '以' || after == '级' || u == "日" || u == "月" && ascii(r[i]) ||
				u == "年" && (t.lo >= 1000*numeral.Unit || after == '及') {
				return token{kind: tOther + tUnit, unit: u, start: i, end: k + n}, true
			}
			return token{kind: tPeriod, per: span(t.lo.Int(), per), count: t.lo.Int(), word: "n" + u, start: i, end: k + n}, true
		}
		if u == "家" && after == '公' || u == "人" && after == '民' || u == "号" && k == t.end && t.lo <= 31*numeral.Unit || u == "头" && after == '一' {
			return token{}, false
		}
		if u == "座" && after == '机' || u == "本" && after == '科' || u == "单" && after == '价' || u == "条" && after == '件' || u == "位" && after == '置' || u == "张" && after == '某' {
			u, n = "", 0
		}
		if n > 0 {
			return token{kind: tQty, lo: t.lo, hi: t.hi, big: t.big, chinese: t.chinese, unit: u, per: units[u], start: i, end: k + n}, true
		}
	}
	// 51, 58 are sites unless money follows
	if ascii(r[i]) && !t.big && t.hi == 0 && (t.lo == 51*numeral.Unit || t.lo == 58*numeral.Unit) && t.end-i == 2 {
		if e, ok := l.each(k); !ok || e.end == 0 {
			return token{kind: tLabel, word: "site", start: i, end: t.end}, true
		}
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

// define reads the author's own words for money: (一张=100), 一个🍊就是一百.
func (l *lexer) define() {
	r := l.r
	for i := 1; i < len(r); i++ {
		n := 0
		switch {
		case r[i] == '=' || r[i] == '≈':
			n = 1
		case r[i] == '就' && at(r, i+1) == '是', r[i] == '等' && at(r, i+1) == '于', r[i] == '代' && at(r, i+1) == '表':
			n = 2
		default:
			continue
		}
		s := i
		for s > 0 && i-s < 5 && r[s-1] != ' ' && r[s-1] != '(' && r[s-1] != ',' && r[s-1] != '\n' && r[s-1] != '。' && !l.busy[s-1] {
			s--
		}
		for s > 0 && i-s < 5 && r[s-1] == ' ' {
			s--
		}
		name := r[s:i]
		if len(name) < 2 || name[0] != '一' && name[0] != '1' {
			continue
		}
		name = name[1:]
		if len(name) > 1 && name[0] == '个' {
			name = name[1:]
		}
		if len(name) == 0 || len(name) > 3 || l.custom[string(name)] != 0 || string(name) == "份" || string(name) == "条" {
			continue
		}
		j := skipSpace(r, i+n)
		t, ok := l.sum(j)
		if !ok || t.kind != tSum || t.hi != 0 || t.lo == 0 || len(l.custom) > 16 {
			continue
		}
		l.custom[string(name)] = t.lo
		for k := s; k < t.end; k++ {
			l.busy[k] = true
		}
	}
}

// customAt reads one of the author's own words for money at i.
func (l *lexer) customAt(i int) (numeral.Dec, int) {
	if len(l.custom) == 0 {
		return 0, 0
	}
	j := skipSpace(l.r, i)
	if at(l.r, j) == '个' || at(l.r, j) == '颗' {
		j++
	}
	for k := 3; k >= 1; k-- {
		if j+k > len(l.r) {
			continue
		}
		if v := l.custom[string(l.r[j:j+k])]; v != 0 {
			e := j + k
			if at(l.r, e) == '子' {
				e++
			}
			return v, e - i
		}
	}
	return 0, 0
}
