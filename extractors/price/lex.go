package price

import (
	"slices"

	"resumewatch/extractors/numeral"
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
	kind    kind
	slash   bool
	colon   bool // a colon stands between, after other text
	big     bool // 3万, 5k
	chinese bool
	used    bool // claimed by a price

	start, end int
	gap        int // letters and digits that mean nothing, between this token and the one before
	stop       int // the strongest mark between them
	line       int // number of its line, from 0

	lo, hi   numeral.Dec // tSum, tQty
	currency string      // tSum: "" when none is written
	unit     string      // tQty, tUnit, tPer: the word
	per      string      // what the unit or label says; "" for a unit of whatever is sold
	count    int64       // tPeriod of several days: how many; 0 else
	word     string      // vocabulary words
}

type lexer struct {
	r      []rune
	busy   []bool
	custom [18]coin // words that the author gives a value: 一张=100
	coins  int      // how many there are
	toks   []token
	gap    int
	stop   int
	slash  bool
	colon  bool
	own    rune // what the author counts, a word that is no unit elsewhere: 三元一谜
}

// noMark is the rune from which on none is punctuation.
const noMark = 0x3400

// lex cuts the text into tokens.
func lex(r []rune, busy []bool) []token {
	var room [48]token // enough for most texts, so that what is kept is made once
	l := lexer{r: r, busy: busy, toks: room[:0], stop: stopLine}
	l.coins = copy(l.custom[:], bankNotes)
	l.define()
	for i := 0; i < len(r); {
		if busy[i] {
			l.stop = max(l.stop, stopComma)
			i++
			continue
		}
		if r[i] < noMark {
			if n := l.mark(i); n > 0 {
				i += n
				continue
			}
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
	return slices.Clone(l.toks)
}

// mark takes punctuation as stops; 0 when r[i] may begin a token.
func (l *lexer) mark(i int) int {
	switch c := l.r[i]; c {
	case '\n', '\r', '。', '!', '?', ';':
		l.stop = stopLine
	case '.':
		if c := at(l.r, i+1); c != ' ' && c != '\n' {
			return 0
		}
		l.stop = max(l.stop, stopComma) // a sentence of Latin letters ends
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
		if j := skipSpace(l.r, i+1); dict.counts(l.r, j) || at(l.r, j) == '1' && !ascii(at(l.r, j+1)) || l.anyUnit(i) {
			return 0
		} else if _, ok := l.thousands(i, j, true); ok {
			return 0
		}
		l.slash = true
		if at(l.r, i-1) == ' ' && at(l.r, i+1) == ' ' && !ascii(at(l.r, i+2)) {
			l.stop = max(l.stop, stopComma) // 芒果10 / 葡萄12
		}
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
	case 'p': // per 1000
		if j := skipSpace(l.r, i+3); match(l.r, i, perWord) && ascii(at(l.r, j)) {
			l.slash = true
			return j - i
		}
		return 0
	default:
		if 0x2500 <= c && c < 0x25A0 { // lines and blocks between the parts of a banner
			l.stop = max(l.stop, stopComma)
			return 1
		}
		return 0
	}
	return 1
}

var perWord, eachWord = []rune("per"), []rune("each")

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
	if at(l.r, i-1) == '一' {
		switch at(l.r, i) {
		case '口', '起', '共', '律', '手', '并', '样', '直', '些', '旦', '批', '拿', '锅', '枪', '刀':
			return true // 2.8万|一口价
		}
	}
	return dict.counts(l.r, i)
}

func (l *lexer) token(i int) (token, bool) {
	begins := dict.at(l.r[i])
	if begins == nil {
		return token{}, false
	}
	if i > 0 && ascii(l.r[i]) && (ascii(l.r[i-1]) || l.r[i-1] == '.' && i > 1 && ascii(l.r[i-2])) {
		return token{}, false
	}
	if begins.grammar {
		if t, ok := l.round(i); ok {
			return t, true
		}
		if n := fiftyEight(l.r, i); n > 0 {
			return token{kind: tLabel, word: "site", start: i, end: i + n}, true
		}
	}
	// an amount of money cannot be a word: 一口价 is, 一元 is none
	w := dict.word(l.r, i)
	if w != nil && w.kind == tLabel && ascii(l.r[i]) && l.moneyAt(i) {
		w = nil
	}
	if w != nil && begins.grammar && len(w.runes) == 1 && w.kind != tMin {
		if s, ok := l.sum(i); ok && s.currency != "" { // ¥
			return s, true
		}
	}
	if w != nil && !(w.kind == tNo && len(w.runes) == 1 && l.r[i] == 'v' && !ascii(at(l.r, i+1))) {
		return token{kind: w.kind, per: w.per, word: w.text, start: i, end: i + len(w.runes)}, true
	}
	if begins.grammar {
		if t, ok := l.each(i); ok {
			return t, true
		}
		if t, ok := l.sum(i); ok {
			return t, true
		}
	}
	if u, n := dict.unit(l.r, i); n > 0 {
		return token{kind: tUnit, unit: u, per: units[u], start: i, end: i + n}, true
	}
	return token{}, false
}

// fiftyEight is the length of 5·8 or 5/8 at i that is the name of the site; 0 for none.
func fiftyEight(r []rune, i int) int {
	if r[i] != '5' || at(r, i+2) != '8' || ascii(at(r, i-1)) || ascii(at(r, i+3)) {
		return 0
	}
	switch at(r, i+1) {
	case '·', '/', '-':
	default:
		return 0
	}
	if next := at(r, skipSpace(r, i+3)); next == '元' || next == '块' || next == '毛' || next == '一' || next == '/' || next == '.' {
		return 0
	}
	return 3
}

// round reads the place word of 过百2.2, 满千1.9 as a number of pieces.
func (l *lexer) round(i int) (token, bool) {
	n := numeral.Dec(0)
	switch l.r[i] {
	case '百':
		n = 100
	case '千':
		n = 1000
	case '万':
		n = 10000
	case 'k', 'w': // k条起
		if before := at(l.r, i-1); latin(before) || ascii(before) {
			return token{}, false
		}
		_, u := dict.unit(l.r, i+1)
		if u == 0 || at(l.r, i+1+u) != '起' && at(l.r, i+1+u) != '以' {
			return token{}, false
		}
		n = 1000
		if l.r[i] == 'w' {
			n = 10000
		}
		return token{kind: tQty, lo: n * numeral.Unit, big: true, start: i, end: i + 1 + u}, true
	default:
		return token{}, false
	}
	switch at(l.r, i-1) {
	case '过', '破', '满', '超', '上', '够':
		if next := at(l.r, skipSpace(l.r, i+1)); !ascii(next) && numeral.Digit(next) < 0 {
			return token{}, false
		}
		return token{kind: tQty, lo: n * numeral.Unit, chinese: true, start: i, end: i + 1}, true
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
		if l.nextTime(j) {
			return token{}, false
		}
		if c := at(r, j); (c == '1' || c == '一') && l.counts(j+1) {
			j++
		} else if c == '1' && i > 0 && ascii(r[i-1]) && !numeral.Word(at(r, j+1)) && at(r, j+1) != '.' && at(r, j+1) != '/' && at(r, j+1) != '-' {
			return token{kind: tPer, unit: "1", start: i, end: j + 1}, true // 5/1
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
		if !match(r, i, perWord) {
			return token{}, false
		}
		j = skipSpace(r, i+3)
	case c == 'e' && match(r, i, eachWord):
		return token{kind: tPer, unit: "each", start: i, end: i + 4}, true
	default:
		return token{}, false
	}
	u, n := dict.unit(r, j)
	if n == 0 && r[i] == '每' && numeral.Han(at(r, j)) && numeral.Digit(at(r, j)) < 0 && (numeral.Digit(at(r, j+1)) > 0 || at(r, j+1) == '¥') {
		l.own = r[j]
		return token{kind: tPer, unit: string(r[j]), start: i, end: j + 1}, true // 每丁二文二
	}
	if n == 0 {
		if t, ok := l.thousands(i, j, slash); ok {
			return t, true
		}
		if k := len(l.toks); k > 0 && l.toks[k-1].end == i && l.toks[k-1].kind == tSum && (slash || l.toks[k-1].currency != "" || l.toks[k-1].lo%numeral.Unit != 0) && l.anyUnit(j-1) {
			l.own = r[j]
			return token{kind: tPer, unit: string(r[j]), start: i, end: j + 1}, true
		}
		return token{}, false
	}
	if next := at(r, j+n); next == '龙' || next == '性' || next == '般' || next == '直' || next == '起' && u == "" || u == "库" && next == '存' || u == "个" && (next == '半' || next == '小') || u == "次" && next == '性' || u == "点" && numeral.Digit(next) >= 0 ||
		l.rented(j+n, units[u]) ||
		!slash && u == "头" || u == "张" && next == '红' || u == "家" && next == '公' || (u == "年" || u == "月") && at(r, j-1) == '1' && ascii(next) || u == "天" && next == '内' {
		return token{}, false
	}
	if u != "个" && l.valued(r[j:j+n]) {
		return token{}, false
	}
	for k := 1; k <= 3 && r[i] != '/'; k++ { // 一个橘子, where 橘 has a value
		if l.valued(sub(r, j+n, j+n+k)) {
			return token{}, false
		}
	}
	return token{kind: tPer, unit: u, per: units[u], start: i, end: j + n}, true
}

// nextTime reports whether the time at j belongs to the sum behind it, as the sum before
// has its own: 日15/周88.
func (l *lexer) nextTime(j int) bool {
	k := len(l.toks) - 1
	if k < 0 || l.toks[k].kind != tSum || !numeral.Han(at(l.r, j)) || !ascii(at(l.r, j+1)) {
		return false
	}
	for _, i := range [2]int{j, l.toks[k].start - 1} {
		switch at(l.r, i) {
		case '天', '日', '周', '月', '季', '年':
		default:
			return false
		}
	}
	return true
}

// anyUnit reports whether the 一, 每 or / at i and the lone character behind it are
// one of whatever the author counts: 六元一卦, 2元/发.
func (l *lexer) anyUnit(i int) bool {
	switch at(l.r, i) {
	case '一', '壹', '每', '/':
	default:
		return false
	}
	c, next := at(l.r, i+1), at(l.r, i+2)
	if !numeral.Han(c) || numeral.Digit(c) >= 0 || numeral.Word(next) || next == '/' || dict.counts(l.r, i+1) {
		return false
	}
	switch c {
	case '十', '百', '千', '万', '毛', '角', '分', '块', '元', '起', '定', '样', '些', '般', '手', '直', '共', '律', '口', '吧', '啊', '哦', '呢', '了', '哈', '呀', '嘛', '的', '都', '出', '收', '走', '要', '行', '卖', '左', '内':
		return false
	}
	return true
}

// thousands reads /k, /w, /千 and /万 at i, their letter at j: a thousand or ten thousand of what is sold.
func (l *lexer) thousands(i, j int, slash bool) (token, bool) {
	n := numeral.Dec(1000)
	switch at(l.r, j) {
	case 'k', '千':
	case 'w', '万':
		n = 10000
	default:
		return token{}, false
	}
	if next := at(l.r, j+1); !slash || latin(next) || ascii(next) || numeral.Digit(next) >= 0 {
		return token{}, false
	}
	e := j + 1
	if _, u := dict.unit(l.r, e); u > 0 {
		e += u
	}
	return token{kind: tQty, lo: n * numeral.Unit, start: i, end: e}, true
}

func sub(r []rune, i, j int) []rune {
	return r[min(i, len(r)):min(j, len(r))]
}
