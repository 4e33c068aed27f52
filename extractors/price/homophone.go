package price

import (
	"slices"
	"sync"

	"resumewatch/extractors/fold"
	"resumewatch/extractors/numeral"
)

// homophones reads characters that sound like one of a sum as that one, where the
// sum is plain from what stands around: 一百分起, 二块五一分, 凉块一粉, 石元一份. The
// runes are copied when one changes.
func homophones(r []rune) []rune {
	copied := false
	put := func(i int, c rune) {
		if !copied {
			r, copied = slices.Clone(r), true
		}
		r[i] = c
	}
	sounds := spoken()
	for i := range r {
		if i > 0 && r[i] == '分' {
			if pieceByNow(r, i) {
				put(i, '份')
			}
			continue
		}
		if c := r[i]; c < firstHan || c > lastHan || sounds[c-firstHan] == 0 {
			continue
		}
		if c := rune(sounds[r[i]-firstHan]); sounded(r, i, c) {
			put(i, c)
		}
	}
	return r
}

// pieceByNow reports whether the 分 at i counts pieces: 一百分起, 二块五一分, 四百分,.
func pieceByNow(r []rune, i int) bool {
	next, before := at(r, i+1), at(r, i-1)
	hundreds := before == '百' || before == '千' || before == '万' || before == '佰' || before == '仟'
	if next == '起' && (hundreds || ascii(before) && ascii(at(r, i-2))) {
		return true
	}
	if hundreds && (next == ',' || next == ' ' || next == '。' || next == '\n' || next == 0) && !hundredMark(r, i) {
		return true
	}
	return (before == '一' || before == '壹' || before == '每') && i > 1 && money(r[:i-1]) && numeral.Digit(next) < 0 && next != '钱'
}

// hundredMark reports whether 分 is a mark at school: 考了一百分.
func hundredMark(r []rune, i int) bool {
	for j := max(0, i-8); j < i; j++ {
		switch r[j] {
		case '考', '打', '满', '评', '得', '扣':
			return true
		}
	}
	return false
}

// money reports whether the runes end with a sum: 二块五, 2元, 3毛.
func money(r []rune) bool {
	i := len(r) - 1
	if i > 0 && numeral.Digit(r[i]) >= 0 {
		i--
	}
	return i > 0 && (r[i] == '块' || r[i] == '元' || r[i] == '毛' || r[i] == '角' || r[i] == '快') && (numeral.Digit(r[i-1]) >= 0 || r[i-1] == '十' || r[i-1] == '百')
}

// Where Chinese characters begin and end.
const firstHan, lastHan = 0x4E00, 0x9FFF

// spoken gives by character that of a sum which it sounds like; 0 for none.
var spoken = sync.OnceValue(func() *[lastHan - firstHan + 1]uint16 {
	m := map[fold.Sound]rune{}
	for name, c := range map[string]rune{
		"yi": '一', "er": '二', "liang": '两', "san": '三', "si": '四', "wu": '五', "liu": '六', "qi": '七', "ba": '八', "jiu": '九', "shi": '十',
		"kuai": '块', "fen": '份', "bai": '百',
	} {
		if s := fold.SoundNamed(name); s != 0 {
			m[s] = c
		}
	}
	var heard [lastHan - firstHan + 1]uint16
	for i := range heard {
		c := rune(firstHan + i)
		if numeral.Digit(c) < 0 && c != '十' && c != '拾' && c != '块' && c != '份' && c != '百' {
			heard[i] = uint16(m[fold.SoundOf(c)])
		}
	}
	return &heard
})

// soundOf is the character of a sum that c sounds like; 0 when it sounds like none or is one.
func soundOf(c rune) rune {
	if c < firstHan || c > lastHan {
		return 0
	}
	return rune(spoken()[c-firstHan])
}

// sounded reports whether what stands around the rune i leaves no other reading
// than that of the character c: a numeral before 块 or 元 that ends a phrase or is
// followed by 一份, 块 between a numeral and one, 份 behind 块一.
func sounded(r []rune, i int, c rune) bool {
	before, next := at(r, i-1), at(r, i+1)
	switch c {
	case '块':
		return r[i] != '快' && figure(before) && (each(r, i+1) || next == '钱')
	case '份':
		return (before == '一' || before == '每' || before == '1' || before == '/' || before == '壹') && i > 1 && (money(r[:i-1]) || ascii(at(r, i-2))) && closes(next)
	}
	if c == '百' {
		return r[i] == '白' && figure(before) && (next == '块' || next == '元')
	}
	if figure(before) && c != '十' || numeral.Han(before) && !figure(before) && inWord(r, i) {
		return false
	}
	coin := next == '块' || next == '元' || next == '毛' || next == '角' || soundOf(next) == '块'
	if c == '十' && figure(before) {
		return coin || each(r, i+1)
	}
	return coin && (each(r, i+2) || figure(at(r, i+2)) && each(r, i+3))
}

// inWord reports whether the character at i belongs to the word before it, as far as
// the vocabulary knows.
func inWord(r []rune, i int) bool {
	for n := 1; n <= 4 && n <= i; n++ {
		if w := dict.word(r, i-n); w != nil && len(w.runes) > n {
			return true
		}
	}
	return false
}

func figure(c rune) bool { return numeral.Digit(c) >= 0 || c == '十' || c == '拾' }

// each reports whether 一份, /条 or 每个 stands at i.
func each(r []rune, i int) bool {
	i = skipSpace(r, i)
	switch at(r, i) {
	case '一', '壹', '1', '/', '每':
		return dict.counts(r, i+1) || soundOf(at(r, i+1)) == '份'
	}
	return false
}

// closes reports whether a phrase may end before the rune c.
func closes(c rune) bool {
	return c == 0 || !numeral.Word(c) || c == '起' || c == '的' || c == '吧' || c == '啊' || c == '哈' || c == '要' || c == '侬'
}
