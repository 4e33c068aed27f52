package numeral

import "strings"

// Unlist makes a stop of each circled number of the original text that counts an item
// of a list (①… 399 ②… 699) and so is no digit of a sum.
func (v *View) Unlist(original string) {
	items := listItems(original)
	for i := 0; i < len(v.R) && len(items) > 0; i++ {
		if !digit(v.R[i]) {
			continue
		}
		from, _ := v.Span(Range{Start: i, End: i + 1})
		for len(items) > 0 && items[0] < from {
			items = items[1:]
		}
		if len(items) > 0 && items[0] == from {
			v.R[i] = ';'
		}
	}
}

// listItems are the bytes at which circled numbers count items: those that count up from
// one, each before a word.
func listItems(original string) []int {
	if !strings.Contains(original, "①") || !strings.Contains(original, "②") {
		return nil
	}
	r := []rune(original)
	next, from, at := '①', make([]int, 0, 9), 0
	for i, c := range r {
		if c == next && c <= '⑨' {
			if !itemWord(r, i) {
				return nil
			}
			from = append(from, at)
			next++
		}
		at += len(string(c))
	}
	if len(from) < 2 {
		return nil
	}
	return from
}

// itemWord reports whether what stands around the circled number at i lets it count an item.
func itemWord(r []rune, i int) bool {
	if before := at(r, i-1); before >= '①' && before <= '⑳' || digit(before) || Digit(before) >= 0 {
		return false
	}
	j := i + 1
	for at(r, j) == ' ' {
		j++
	}
	c := at(r, j)
	if c >= '①' && c <= '⑳' || !Word(c) || Digit(c) >= 0 || place(c) != 0 {
		return false
	}
	switch c {
	case '元', '块', '毛', '角', '分', '手', '份', '条', '个', '天', '周', '月', '年', '点', '米', '刀', 'k', 'w', 'u', 'r', '塊', '圓', '個', '條', '快', '張', '张', '只', '起', '位', '人', '千', '万', '套', '次', '芊':
		return false
	}
	return true
}
