package contact

import (
	"strconv"
	"strings"

	"resumewatch/extractors/numeral"
)

// denied reports whether the author says that the cue at i is of no use: 不会扣扣.
func denied(r []rune, i int) bool {
	switch at(r, i-1) { // what the words end with
	case '会', '用', '有', '玩', '上', '装', '看', '加', '没':
	default:
		return false
	}
	for _, w := range [...]string{"不会", "不用", "没有", "不玩", "不上", "没装", "不看", "不加", "别加", "没"} {
		n := len([]rune(w))
		if i >= n && hasPrefix(r, i-n, w) {
			return true
		}
	}
	return false
}

// riddle reads numbers that have to be worked out: letters between the digits
// that are to be dropped, groups apart by commas, parts given one after another, a
// number said in words, 三个8.
func riddle(r []rune, i int, h hints) (value string, end int, ok bool) {
	c := r[i]
	if phonetic(c) < 0 || i > 0 && phonetic(r[i-1]) >= 0 {
		return "", 0, false
	}
	if h.letters && ascii(r, i) {
		if v, e := unlettered(r, i); len(v) >= 5 && len(v) <= 11 {
			return v, e, true
		}
	}
	if v, e := repeated(r, i); len(v) >= 5 && len(v) <= 11 {
		return v, e, true
	}
	d := digitsAt(r, i)
	v, n, e := "", d.n, d.end // v is made when it isn't what digits gives
	if g, end := grouped(r, i); len(g) > n {
		v, n, e = g, len(g), end
	}
	if n < 5 {
		if w, end := inWords(r, i); len(w) >= 5 {
			v, n, e = w, len(w), end
		}
	}
	whole, last := v, e
	for k := 0; k < 3 && n >= 2; k++ {
		part, next := continued(r, last)
		if part == "" {
			break
		}
		if whole == "" {
			whole = d.text()
		}
		if len(whole)+len(part) > 11 {
			break
		}
		whole, last = whole+part, next
	}
	if len(whole) >= 5 && len(whole) > n {
		return whole, last, true
	}
	return v, e, v != ""
}

// unlettered reads the digits from i on and drops the letters between them.
func unlettered(r []rune, i int) (string, int) {
	var b strings.Builder
	j, end, dropped := i, i, 0
	for ; j < len(r) && (ascii(r, j) || latin(r[j])) && j-i < 40; j++ {
		if ascii(r, j) {
			b.WriteRune(r[j])
			end = j + 1
		} else {
			dropped++
		}
	}
	if dropped < 2 {
		return "", i
	}
	return b.String(), end
}

// repeated reads digits some of which are counted: 1000三个8, 五个1零零.
func repeated(r []rune, i int) (string, int) {
	var b [20]byte // the last piece may be six digits
	j, n, counted := i, 0, 0
	for j < len(r) && n < 14 {
		d := phonetic(r[j])
		if d < 0 {
			break
		}
		if d >= 2 && d <= 6 && at(r, j+1) == '个' && phonetic(at(r, j+2)) >= 0 && !measured(r, j+2) && !measuredAfter(r, j+3) {
			for range d {
				b[n] = byte('0' + phonetic(r[j+2]))
				n++
			}
			j += 3
			counted++
			continue
		}
		if measured(r, j) {
			break
		}
		b[n] = byte('0' + d)
		n++
		j++
	}
	if counted == 0 || measuredAfter(r, j) {
		return "", i
	}
	return string(b[:n]), j
}

// grouped reads groups of Chinese digits, or those of a mobile number, with any
// marks between them: 一三八,零零一三,八一一一.
func grouped(r []rune, i int) (string, int) {
	var b [16]byte // the last group may be four digits
	size := 0
	j, end, groups, han := i, i, 0, true
	for j < len(r) && size < 12 {
		n := 0
		for j+n < len(r) && n < 5 && phonetic(r[j+n]) >= 0 && !(r[j+n] > 0x80 && measured(r, j+n)) {
			n++
		}
		if n < 3 || n > 4 || measuredAfter(r, j+n) {
			break
		}
		for k := j; k < j+n; k++ {
			han = han && r[k] > 0x80
			b[size] = byte('0' + phonetic(r[k]))
			size++
		}
		groups++
		j += n
		end = j
		for k := 0; k < 3 && j < len(r) && r[j] != '\n' && !numeral.Word(r[j]); k++ {
			j++
		}
		if j == end {
			break
		}
	}
	if groups < 3 || size < 9 || size > 11 || !han && !mobile(string(b[:size])) {
		return "", i
	}
	return string(b[:size]), end
}

// inWords reads a number that is said rather than spelled: 三百一十八万四千.
func inWords(r []rune, i int) (string, int) {
	if ascii(r, i) {
		return "", i
	}
	n, ok := numeral.Read(r, i, func(int) bool { return false })
	if !ok || n.Vague || n.Hi != 0 || !n.Chinese || n.Lo%numeral.Unit != 0 || n.Lo < 10000*numeral.Unit || n.End-i < 6 || measuredAfter(r, n.End) {
		return "", i
	}
	return strconv.FormatInt(n.Lo.Int(), 10), n.End
}

// nexts are the words before a further part of a number.
var nexts = []string{
	"后半段", "后半截", "后半部分", "后半", "后段", "后面接上", "后面接着", "后面接个", "后面接", "后面再加", "后面加", "后面是", "后面", "后边", "后两位", "后三位", "后四位", "后五位", "后六位", "后几位",
	"下半段", "下半截", "下半部分", "下半", "尾巴", "尾号", "结尾", "末尾", "再接上", "再接", "接着", "接上", "接", "再加上", "再加", "续", "第二段", "第三段", "最后", "剩下的", "剩下", "然后", "中间", "连上", "再拼",
}

// continued reads the next part of a number behind e: ,后半段0648.
func continued(r []rune, e int) (string, int) {
	j := e
	for k := 0; k < 3 && j < len(r) && r[j] != '\n' && !numeral.Word(r[j]); k++ {
		j++
	}
	if !partSigns.has(at(r, j)) {
		return "", e
	}
	for _, w := range nexts {
		if !hasPrefix(r, j, w) {
			continue
		}
		j += len([]rune(w))
		for k := 0; k < 3; k++ {
			switch at(r, j) {
			case '是', '个', '为', ':', ' ', '上':
				j++
			}
		}
		if phonetic(at(r, j)) < 0 {
			return "", e
		}
		v, end := digits(r, j)
		if v == "" || len(v) > 8 || measuredAfter(r, end) {
			return "", e
		}
		return v, end
	}
	return "", e
}
