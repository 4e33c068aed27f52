package price

import (
	"slices"

	"resumewatch/extractors/numeral"
)

// homophones reads 分 as 份 where it can be no money: 一百分起, 二块五一分. The runes
// are copied when one changes.
func homophones(r []rune) []rune {
	copied := false
	for i, c := range r {
		if c != '分' || i == 0 {
			continue
		}
		next := at(r, i+1)
		least := next == '起' && (at(r, i-1) == '百' || at(r, i-1) == '千' || at(r, i-1) == '万' || ascii(at(r, i-1)) && ascii(at(r, i-2)))
		each := (at(r, i-1) == '一' || at(r, i-1) == '每') && i > 1 && money(r[:i-1]) && numeral.Digit(next) < 0 && next != '钱'
		if !least && !each {
			continue
		}
		if !copied {
			r, copied = slices.Clone(r), true
		}
		r[i] = '份'
	}
	return r
}

// money reports whether the runes end with a sum: 二块五, 2元, 3毛.
func money(r []rune) bool {
	i := len(r) - 1
	if i > 0 && numeral.Digit(r[i]) >= 0 {
		i--
	}
	return i > 0 && (r[i] == '块' || r[i] == '元' || r[i] == '毛') && (numeral.Digit(r[i-1]) >= 0 || r[i-1] == '十' || r[i-1] == '百')
}
