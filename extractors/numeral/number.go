package numeral

import (
	"strconv"
	"strings"
)

// Dec is a decimal number in ten-thousandths: 2.5 is 25000. Sums of the trade
// go from a tenth of a fen to some hundred millions and fit exactly.
type Dec int64

// Unit is one.
const Unit Dec = 10000

// maxDec bounds what is read as a number at all (a hundred thousand million).
const maxDec = Dec(1e11) * Unit

// String writes the number without trailing zeros: "2.5".
func (d Dec) String() string {
	s := strconv.FormatInt(int64(d/Unit), 10)
	if f := d % Unit; f != 0 {
		t := strconv.FormatInt(int64(Unit+f), 10)[1:]
		s += "." + strings.TrimRight(t, "0")
	}
	return s
}

// Int is the whole part.
func (d Dec) Int() int64 { return int64(d / Unit) }

// Number is a number or a range of numbers in a text.
type Number struct {
	Lo, Hi     Dec // Hi is 0 where there is no range
	Start, End int // runes
	Chinese    bool
	Big        bool // written with 万, w, k, 千…: a quantity rather than a sum
	Vague      bool // 几十, 好几百: no number after all
}

func arabic(r rune) bool { return '0' <= r && r <= '9' }

// Digit is the value of a digit of any numeral system, or -1.
func Digit(r rune) int {
	switch {
	case r < 0x80:
		if arabic(r) {
			return int(r - '0')
		}
		return -1
	case common(r) && !figures.has(r):
		return -1
	}
	return figure(r)
}

// figure is the value of a digit that isn't ASCII, or -1.
func figure(r rune) int {
	switch r {
	case '零', '〇':
		return 0
	case '一', '壹', '弌':
		return 1
	case '二', '两', '贰', '弍', '俩':
		return 2
	case '三', '叁', '仨':
		return 3
	case '四', '肆':
		return 4
	case '五', '伍':
		return 5
	case '六', '陆':
		return 6
	case '七', '柒':
		return 7
	case '八', '捌':
		return 8
	case '九', '玖':
		return 9
	}
	return -1
}

// place is the value of a place word, or 0.
func place(r rune) Dec {
	switch r {
	case '十', '拾':
		return 10
	case '百', '佰':
		return 100
	case '千', '仟':
		return 1000
	case '万':
		return 10000
	case '亿':
		return 100000000
	}
	return 0
}

func at(r []rune, i int) rune {
	if 0 <= i && i < len(r) {
		return r[i]
	}
	return 0
}

// latin reports whether r is a letter of the Latin alphabet.
func latin(r rune) bool { return 'a' <= r && r <= 'z' }

// Read reads the number that starts at rune i. counts reports whether a word
// for a unit starts at a rune: 一 before one belongs to it (五块一份 is five each,
// 一百五一个 a hundred and fifty each).
func Read(r []rune, i int, counts func(int) bool) (Number, bool) {
	n, ok := readOne(r, i, counts)
	if !ok || n.Hi != 0 {
		return n, ok
	}
	return n, true
}

func readOne(r []rune, i int, counts func(int) bool) (Number, bool) {
	c := at(r, i)
	switch {
	case arabic(c):
		return readArabic(r, i, counts)
	case c == '半' && (at(r, i+1) == '百' || at(r, i+1) == '千' || at(r, i+1) == '万'):
		return Number{Lo: place(r[i+1]) * Unit / 2, Start: i, End: i + 2, Chinese: true}, true
	case c == '几' || c == '数' || c == '好':
		return readVague(r, i)
	case Digit(c) >= 0 || place(c) != 0 || c == '廿' || c == '卅':
		return readChinese(r, i, counts)
	case c == 'o' || c == 'l' || c == 'i':
		if c == 'o' && at(r, i+1) == '.' && arabic(at(r, i+2)) && !latin(at(r, i-1)) && !arabic(at(r, i-1)) {
			return readArabic(r, i, counts) // o.2
		}
		if arabic(at(r, i+1)) && !latin(at(r, i-1)) && !arabic(at(r, i-1)) {
			return readArabic(r, i, counts)
		}
	}
	return Number{}, false
}

// readVague eats 几十, 好几百, 数千: sums that say nothing.
func readVague(r []rune, i int) (Number, bool) {
	j := i
	for j < len(r) && j < i+2 && (r[j] == '好' || r[j] == '几' || r[j] == '数') {
		j++
	}
	if at(r, j-1) == '好' {
		return Number{}, false
	}
	k := j
	for k < len(r) && k < j+3 && place(r[k]) != 0 {
		k++
	}
	if k == j && r[j-1] != '几' {
		return Number{}, false
	}
	return Number{Start: i, End: k, Chinese: true, Vague: true}, true
}

// glyph is the value of a character within an Arabic number where o and l
// stand for 0 and 1, or -1.
func glyph(c rune) int {
	switch {
	case arabic(c):
		return int(c - '0')
	case c == 'o':
		return 0
	case c == 'l' || c == 'i':
		return 1
	}
	return -1
}

func readArabic(r []rune, i int, counts func(int) bool) (Number, bool) {
	j := i
	for j < len(r) && j-i < 14 && glyph(r[j]) >= 0 {
		j++
	}
	if j < len(r) && latin(r[j]) { // 10level: the letters are a word's
		for j > i && latin(r[j-1]) {
			j--
		}
	}
	if j == i {
		return Number{}, false
	}
	var v Dec
	for k := i; k < j; k++ {
		v = v*10 + Dec(glyph(r[k]))*Unit
		if v > maxDec {
			return Number{}, false
		}
	}
	if arabic(at(r, j)) { // longer than any sum
		return Number{}, false
	}
	digits := j - i
	// 1,200
	grouped := false
	for digits <= 3 && at(r, j) == ',' && arabic(at(r, j+1)) && arabic(at(r, j+2)) && arabic(at(r, j+3)) && !arabic(at(r, j+4)) && at(r, j+4) != '.' && at(r, i) != '0' && (grouped || !counts(j+4) && at(r, j+4) != '起') {
		grouped = true
		v = v*1000 + Dec(int(r[j+1]-'0')*100+int(r[j+2]-'0')*10+int(r[j+3]-'0'))*Unit
		j += 4
	}
	n := Number{Start: i}
	if at(r, j) == '点' && at(r, j+1) == '儿' && arabic(at(r, j+2)) {
		j++ // 2点儿5
	}
	if c := at(r, j); (c == '.' || c == '。' || c == '点' || c == '·' || c == '儿') && arabic(at(r, j+1)) && digits <= 6 {
		k, f := j+1, Unit/10
		var frac Dec
		for k < len(r) && k-j <= 4 && arabic(r[k]) {
			frac += Dec(r[k]-'0') * f
			f /= 10
			k++
		}
		if !arabic(at(r, k)) && !(at(r, k) == '.' && arabic(at(r, k+1))) {
			v, j = v+frac, k
		}
	}
	for {
		c, d := at(r, j), at(r, j+1)
		var m Dec
		switch {
		case c == 'k' && !latin(d), c == '千' || c == '仟':
			m = 1000
		case c == 'w' && !latin(d), c == '万':
			m = 10000
		case c == '百' || c == '佰':
			m = 100
		case c == '十' || c == '拾':
			m = 10
		case c == '亿':
			m = 100000000
		}
		if m == 0 || v > maxDec/m {
			break
		}
		v *= m
		if m >= 1000 {
			n.Big = true
		}
		j++
		// elided place: 1百2, 3万5
		if t := Digit(at(r, j)); t > 0 && m >= 100 && !(t == 1 && counts(j+1)) && place(at(r, j+1)) == 0 && Digit(at(r, j+1)) < 0 && at(r, j+1) != '.' &&
			(c > 0x80 || !arabic(at(r, j)) || !counts(j+1)) && !counts(j+1) {
			v += Dec(t) * m / 10 * Unit
			j++
			break
		} else if t > 0 && place(at(r, j+1)) != 0 && place(at(r, j+1)) < m && c > 0x80 {
			if rest, ok := readChinese(r, j, counts); ok && rest.Hi == 0 && rest.Lo < m*Unit {
				v += rest.Lo
				j = rest.End
			}
			break
		} else if t == 0 && c > 0x80 {
			if u := Digit(at(r, j+1)); u > 0 {
				v += Dec(u) * Unit
				j += 2
			}
			break
		}
	}
	// 多, 来, 余 before a place word: 7十多万
	j = more(r, j, &v, &n)
	n.Lo, n.End = v, j
	return n, true
}

// more eats the "odd" of 七十多万, 三千余 and a place word behind it.
func more(r []rune, j int, v *Dec, n *Number) int {
	switch at(r, j) {
	case '多', '来', '余', '把':
		if p := place(at(r, j+1)); p >= 10000 && *v < maxDec/p {
			*v *= p
			n.Big = true
			return j + 2
		}
		if *v >= 10*Unit && (at(r, j) != '把' || place(at(r, j-1)) != 0) {
			return j + 1 // not 5000把500
		}
	}
	return j
}
