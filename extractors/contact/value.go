package contact

import (
	"strings"

	"resumewatch/extractors/numeral"
)

// phonetic gives the digit that a character stands for when a number is read
// out: 幺洞拐勾 of the telephone, the numerals of numeral.Digit; -1 for none.
func phonetic(c rune) int {
	switch c {
	case '幺', '么':
		return 1
	case '洞', '栋':
		return 0
	case '拐':
		return 7
	case '勾', '钩':
		return 9
	}
	return numeral.Digit(c)
}

// names are digits spelled out in English; those in pinyin come from numeral.View.
var names = map[string]byte{
	"zero": '0', "one": '1', "two": '2', "three": '3', "four": '4', "five": '5', "six": '6', "seven": '7', "eight": '8', "nine": '9',
}

// glyph is phonetic and the letters that look like 0 and 1.
func glyph(c rune) int {
	switch c {
	case 'o':
		return 0
	case 'l', 'i':
		return 1
	}
	return phonetic(c)
}

// maxDigits ends the reading of a number: nothing of interest is longer.
const maxDigits = 20

// digitRun is a number as it is read, before anybody wants it as a string.
type digitRun struct {
	b      [maxDigits + 4]byte // the last piece may be four letters
	n, end int
}

func (d *digitRun) add(value int) {
	d.b[d.n] = byte('0' + value)
	d.n++
}

func (d *digitRun) text() string { return string(d.b[:d.n]) }

// digits reads the digits from rune i on, over single separators between groups.
func digits(r []rune, i int) (value string, end int) {
	d := digitsAt(r, i)
	return d.text(), d.end
}

func digitsAt(r []rune, i int) (out digitRun) {
	out.end = i
	group, groups := 0, 1 // digits of the present group; groups
	for j := i; j < len(r) && out.n < maxDigits; {
		c := r[j]
		if latin(c) && (j == 0 || !latin(r[j-1]) || glyph(r[j-1]) >= 0 && j > i) {
			k := j
			for k < len(r) && latin(r[k]) && k-j < 8 {
				k++
			}
			if d, ok := names[string(r[j:k])]; ok {
				out.add(int(d - '0'))
				j, out.end = k, k
				group++
				continue
			}
			// o and l only among digits: 1o83, l38, 8o
			if alone := k - j; alone > 4 || !lookalikes(r[j:k]) || !ascii(r, k) && (j == i || !ascii(r, j-1)) {
				break
			}
			for ; j < k; j++ {
				out.add(glyph(r[j]))
				group++
			}
			out.end = k
			continue
		}
		if d := phonetic(c); d >= 0 && !(c > 0x80 && measured(r, j)) {
			out.add(d)
			j++
			out.end = j
			group++
			continue
		}
		if j == i || !between(c) {
			break
		}
		// a separator: one, or two alike, then a digit again
		k := j + 1
		if k < len(r) && r[k] == c {
			k++
		}
		if c == ' ' && at(r, k) == '+' && at(r, k+1) == ' ' && groups == 1 { // 10009 + 87654
			c, k = '+', k+2
		}
		next := groupLen(r, k)
		if next == 0 || out.n+next > 13 || !joins(string(out.b[:out.n]), group, groups, next, c, r, k) {
			break
		}
		j, group = k, 0
		groups++
	}
	return out
}

// joins decides whether the next group of digits belongs to the number so far.
func joins(sofar string, group, groups, next int, sep rune, r []rune, k int) bool {
	if n := len(sofar) + rest(r, k, sep); (n == 9 || n == 10) && !mobile(sofar) && sofar[0] != '0' && sep != '.' {
		return true // 10000 23 456, 10-00-45-67-89
	}
	if mobile(sofar) || len(sofar) >= 9 && next > 1 && groups < 2 {
		return false
	}
	if sep == '/' || sep == '.' || sep == ',' {
		if !(group == 1 && next == 1) && sep != '.' {
			return false
		}
	}
	if measured(r, k+next) || measuredAfter(r, k+next) && !(sep == '.' && at(r, k+next) == '.') {
		return false
	}
	if len(sofar) >= 8 {
		return sofar[0] == '1' && len(sofar)+next == 11 || group == 1 && next == 1 || groups >= 2 && group >= 3 && next <= group && len(sofar)+next <= 11
	}
	if ends := at(r, k+next); groups >= 2 && len(sofar)+next <= 10 && len(sofar) <= 8 && next >= 2 && (ends == 0 || ends == '\n' || ends == ')') {
		return true // 1000 076 54
	}
	if len(sofar) >= 5 && next <= 2 && group != next && !(sofar[0] == '1' && len(sofar)+next == 11) {
		return false
	}
	return true
}

// rest counts the digits of all groups from k on that the same separator holds apart; 0
// where what stands behind them makes them amounts.
func rest(r []rune, k int, sep rune) (n int) {
	for groups := 0; groups < 10 && n < 12; groups++ {
		m := groupLen(r, k)
		if m == 0 {
			return 0
		}
		n += m
		k += m
		if measured(r, k-1) && r[k-1] > 0x80 || measuredAfter(r, k) && at(r, k) != '.' {
			return 0
		}
		if at(r, k) != sep || sep > 0x80 && !between(sep) || groupLen(r, k+1) == 0 {
			break
		}
		k++
	}
	return n
}

// groupLen counts the digits at k up to the next character that is none.
func groupLen(r []rune, k int) int {
	n := 0
	if latin(at(r, k)) {
		for k+n < len(r) && n < 6 && latin(r[k+n]) {
			n++
		}
		if _, ok := names[string(r[k:k+n])]; ok {
			return 1
		}
		n = 0
	}
	for k+n < len(r) && n < 14 {
		c := r[k+n]
		if phonetic(c) >= 0 && !(c > 0x80 && measured(r, k+n)) || n > 0 && glyph(c) >= 0 || glyph(c) >= 0 && latin(c) && (ascii(r, k+1) || glyph(at(r, k+1)) >= 0 && ascii(r, k+2)) {
			n++
			continue
		}
		break
	}
	if n > 0 && latin(at(r, k+n)) {
		return 0
	}
	return n
}

// measured reports whether the Chinese digit at j counts something (一份, 两块)
// or is a part of a larger number (三百).
func measured(r []rune, j int) bool {
	switch at(r, j+1) {
	case '份', '条', '个', '块', '毛', '元', '角', '手', '套', '张', '天', '周', '月', '年', '十', '百', '千', '万', '拾', '佰', '仟', '封', '位', '起':
		return true
	}
	return false
}

// measuredAfter reports whether what stands behind a group makes it a sum or an amount.
func measuredAfter(r []rune, j int) bool {
	switch at(r, j) {
	case '元', '块', '毛', '份', '条', '个', '角', '月', '年', '万', '千', '百', '起', '刀', '分', '套', '天', '人', '岁', '手', '%', '米', '折':
		return true
	case 'r', 'u', 'w', 'k':
		return !latin(at(r, j+1))
	case '.':
		return ascii(r, j+1)
	}
	return false
}

func between(c rune) bool {
	switch c {
	case ' ', '-', '.', '·', '*', '_', '~', '/', '|', '+', '=', '、', '\u3000', '^', '#', '&', '°', '¤', '•', '‖', '†', '※', '…':
		return true
	case '→', '⇒', '➡', '⬆', '⬇', '≥', '≤', '≈', '×', '÷', '￥', '💰':
		return false // they say what the numbers have to do with each other
	}
	return c >= 0x2190 && c < 0x2BFF || c >= 0x1F300 // symbols and pictures: 1000★887★766

}

func lookalikes(r []rune) bool {
	for _, c := range r {
		if glyph(c) < 0 {
			return false
		}
	}
	return true
}

func at(r []rune, i int) rune {
	if 0 <= i && i < len(r) {
		return r[i]
	}
	return 0
}

func ascii(r []rune, i int) bool { c := at(r, i); return '0' <= c && c <= '9' }

// mobile reports whether a number has the shape of a PRC mobile number.
func mobile(s string) bool { return len(s) == 11 && s[0] == '1' && s[1] >= '3' }

// spelled are the names of characters inside an address.
var spelled = []struct {
	name string
	char rune
}{
	{"(下划线)", '_'}, {"下划线", '_'}, {"(底线)", '_'}, {"(横杠)", '-'}, {"(横线)", '-'}, {"(减号)", '-'}, {"(中划线)", '-'}, {"(杠)", '-'}, {"横杠", '-'}, {"(-)", '-'}, {"(_)", '_'},
	{"[下划线]", '_'}, {"[横杠]", '-'}, {"下杠", '_'}, {"底杠", '_'}, {"底线", '_'}, {"中杠", '-'}, {"横线", '-'}, {"短杠", '-'}, {"减号", '-'}, {"杠", '-'},
}

func spelledAt(r []rune, i int) (rune, int) {
	if c := at(r, i); c != '(' && c != '[' && c != '下' && c != '横' && c != '底' && c != '中' && c != '短' && c != '减' && c != '杠' {
		return 0, 0
	}
	for _, s := range spelled {
		if hasPrefix(r, i, s.name) {
			return s.char, len([]rune(s.name))
		}
	}
	return 0, 0
}

// addedAt reads " 加下划线加 " between the parts of an id: the character and its length.
func addedAt(r []rune, i int) (rune, int) {
	j := i
	for at(r, j) == ' ' {
		j++
	}
	if at(r, j) != '加' {
		return 0, 0
	}
	to, n := spelledAt(r, j+1)
	if n == 0 {
		return 0, 0
	}
	j += 1 + n
	for at(r, j) == ' ' {
		j++
	}
	if at(r, j) == '加' {
		j++
	}
	for at(r, j) == ' ' {
		j++
	}
	if !idRune(at(r, j)) {
		return 0, 0
	}
	return to, j - i
}

func hasPrefix(r []rune, i int, s string) bool {
	for _, c := range s {
		if at(r, i) != c {
			return false
		}
		i++
	}
	return true
}

// handle reads an id of letters, digits, _ and - from rune i on, with names of
// characters written out and the author's hints (what to drop, what to change) applied;
// "" for one of fewer than five characters.
func handle(r []rune, i int, h hints) (value string, end int) {
	var b [40]byte // all that is written is ASCII
	n := 0
	put := func(c rune) {
		b[n] = byte(c)
		n++
	}
	j := i
	end = i
	for j < len(r) && n < len(b) {
		c := r[j]
		if to, ok := h.change[c]; ok && j > i {
			if to == '@' {
				break
			}
			if to != 0 {
				put(to)
			}
			j++
			continue
		}
		switch {
		case latin(c) || c == '_' || c == '-' || '0' <= c && c <= '9':
			put(c)
			j++
			end = j
			continue
		}
		if h.spaces && c == ' ' && j > i && idRune(at(r, j+1)) {
			j++
			continue
		}
		if h.han && j > i && numeral.Han(c) {
			j++
			continue
		}
		if to, k := addedAt(r, j); k > 0 && j > i {
			put(to)
			j += k
			end = j
			continue
		}
		if to, k := spelledAt(r, j); k > 0 && j > i && idRune(at(r, j+k)) {
			put(to)
			j += k
			end = j
			continue
		}
		break
	}
	for n > 0 && (b[n-1] == '-' || b[n-1] == '_') {
		n--
	}
	if n < 5 {
		return "", end
	}
	return string(b[:n]), end
}

func idRune(c rune) bool { return latin(c) || '0' <= c && c <= '9' || c == '_' || c == '-' }

// wechatID reports whether s can be a WeChat id: 6 to 20 characters, a letter
// (or _) first.
func wechatID(s string) bool {
	return len(s) >= 6 && len(s) <= 20 && (latin(rune(s[0])) || s[0] == '_')
}

// telegramName reports whether s can be a Telegram name: 5 to 32 letters,
// digits and _, a letter first.
func telegramName(s string) bool {
	if len(s) < 5 || len(s) > 32 || !latin(rune(s[0])) {
		return false
	}
	return !strings.Contains(s, "-")
}
