package numeral

import "strings"

// listItems are the bytes at which circled numbers count the items of a list (①… 399
// ②… 699) rather than stand for digits: those that count up from one, each before a
// word. It reads the folded text, where they still are what they were.
func listItems(folded string) []int {
	if !strings.Contains(folded, "①") || !strings.Contains(folded, "②") {
		return nil
	}
	r := []rune(folded)
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
