package contact

import "strings"

// retracted reports whether the number items[k] is a feint that its author takes back for
// the next one: 一千万零六万…算了直接 1000060708.
func retracted(r []rune, items []item, k int) bool {
	if k+1 >= len(items) || items[k+1].cue || !items[k+1].number {
		return false
	}
	it, next := items[k], items[k+1]
	if n := len(next.value); n < 8 || n > 11 || next.start-it.end > 20 {
		return false
	}
	said := string(r[it.end:next.start])
	if strings.Contains(said, "\n") {
		return false
	}
	for _, w := range [...]string{"直接", "直抄", "逐字", "其实", "算了", "非也", "开玩笑", "不对", "错", "应该是", "应为", "更正", "才是", "不是"} {
		if strings.Contains(said, w) {
			return true
		}
	}
	return false
}
