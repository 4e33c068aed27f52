package contact

import "sort"

// hints are what the author says about reading his ids: 去掉星, #换成@, 倒着看.
type hints struct {
	change  map[rune]rune // 0: to be dropped
	spaces  bool          // spaces are to be dropped
	han     bool          // Chinese characters are to be dropped
	letters bool          // Latin letters are to be dropped
	reverse []int         // runes at which the author says that a number is backwards
}

// named are the characters that a word in a hint may mean.
var named = []struct {
	word  string
	chars string
}{
	{"下划线", "_"}, {"菱形", "◇◆♦🔷🔶"}, {"五角星", "⭐★☆🌟✩"}, {"星星", "⭐★☆🌟✩星*"}, {"星号", "*⭐★☆"}, {"星", "⭐★☆🌟✩星*✨"}, {"空格", " "}, {"横杠", "-"}, {"横线", "-"}, {"短横", "-"},
	{"杠", "-"}, {"减号", "-"}, {"点", ".·"}, {"小数点", "."}, {"井号", "#"}, {"爱心", "❤"}, {"心", "❤心"}, {"加号", "+"}, {"圆圈", "○●"}, {"圈", "○●"}, {"逗号", ","}, {"竖线", "|丨"}, {"竖杠", "|丨"}, {"斜杠", "/"}, {"百分号", "%"}, {"波浪号", "~"}, {"波浪线", "~"}, {"等号", "="}, {"问号", "?"}, {"感叹号", "!"}, {"顿号", "、"}, {"花", "🌸🌹🌺花"},
	{"汉字", ""}, {"中文", ""}, {"英文字母", letters}, {"字母", letters}, {"英文", letters}, {"拼音", letters}, {"艾特", "@"}, {"at", "@"}, {"@", "@"},
}

// letters stands for all Latin letters in named.
const letters = "az"

func namedAt(r []rune, i int) (chars string, n int) {
	for _, w := range named {
		if hasPrefix(r, i, w.word) {
			return w.chars, len([]rune(w.word))
		}
	}
	if c := at(r, i); c > ' ' && c != ')' && c != '(' && c != ',' && c != '。' && c != '!' && c != '?' && c != ':' {
		return string(c), 1
	}
	return "", 0
}

func readHints(r []rune) hints {
	var h hints
	change := func(c, to rune) {
		if h.change == nil {
			h.change = map[rune]rune{}
		}
		h.change[c] = to
	}
	drop := func(chars string) {
		h.han = h.han || chars == ""
		if chars == letters {
			h.letters = true
			return
		}
		for _, c := range chars {
			if c == ' ' {
				h.spaces = true
			} else {
				change(c, 0)
			}
		}
	}
	for i := range r {
		switch r[i] {
		case '去', '删', '除', '减':
			// 去掉x, 去x, 删掉星, 去空格
			j := i + 1
			if at(r, j) == '掉' || at(r, j) == '除' || at(r, j) == '了' {
				j++
				// *号去掉, 星都去掉
				s := i
				for s > 0 && (r[s-1] == '号' || r[s-1] == '都' || r[s-1] == '字' || r[s-1] == '全' || r[s-1] == '要') {
					s--
				}
				for k := 3; k >= 1 && end(r, j); k-- {
					if s-k < 0 {
						continue
					}
					if chars, n := namedAt(r, s-k); n == k && opens(r, s-k) {
						drop(chars)
						break
					}
				}
			} else if hasPrefix(r, j, "字母") || hasPrefix(r, j, "英文") {
				// 电话去字母
			} else if at(r, i-1) != '(' && at(r, i-1) != ',' && at(r, i-1) != '自' && at(r, i-1) != '请' && at(r, i-1) != ' ' {
				continue
			}
			for at(r, j) == '中' || at(r, j) == '间' || at(r, j) == '里' || at(r, j) == '面' || at(r, j) == '的' || at(r, j) == '所' || at(r, j) == '有' {
				j++
			}
			if chars, n := namedAt(r, j); n > 0 && (len(chars) != 1 || end(r, j+n)) {
				drop(chars)
			}
		case '不':
			// 星不要, 横杠都不要, 横杠不用管; 不要x
			if at(r, i+1) != '要' && at(r, i+1) != '用' && at(r, i+1) != '算' {
				continue
			}
			for k := 3; k >= 1; k-- {
				s := i - k
				if at(r, i-1) == '都' {
					s--
				}
				if s < 0 {
					continue
				}
				if chars, n := namedAt(r, s); n == k && (s == 0 || !idRune(r[s]) || !idRune(at(r, s-1))) && opens(r, s) {
					drop(chars)
					break
				}
			}
		case '连', '拼':
			if at(r, i+1) == '起' && at(r, i+2) == '来' || at(r, i+1) == '着' && (at(r, i+2) == '读' || at(r, i+2) == '看' || at(r, i+2) == '写') || at(r, i+1) == '在' && at(r, i+2) == '一' {
				h.spaces = true // l g _ m m（连起来）
			}
		case '换', '改', '代', '当', '=', '等', '是':
			if r[i] == '代' && at(r, i+1) != '表' || r[i] == '等' && at(r, i+1) != '于' {
				continue
			}
			j := i + 1
			for at(r, j) == '成' || at(r, j) == '为' || at(r, j) == '表' || at(r, j) == '于' || at(r, j) == '作' || at(r, j) == '做' {
				j++
			}
			to, n := namedAt(r, j)
			if n == 0 || r[i] == '是' && n < 2 {
				continue
			}
			t := []rune(to)
			if len(t) == 0 || t[0] != '@' && t[0] != '_' && t[0] != '-' && t[0] != '.' {
				continue
			}
			for k := 3; k >= 1; k-- {
				s := i - k
				if s < 0 {
					continue
				}
				if chars, m := namedAt(r, s); m == k && opens(r, s) {
					for _, c := range chars {
						change(c, t[0])
					}
					break
				}
			}
		case '倒', '反', '逆':
			switch c := at(r, i+1); c {
			case '过':
				if next := at(r, i+2); next != '手' && next != '几' && next != '一' && next != '两' { // not 没倒过手
					h.reverse = append(h.reverse, i)
				}
			case ')', ']', '着', '序', '写', '念', '看', '读', '向', '排', '输', '置', '转', '来', '叙':
				h.reverse = append(h.reverse, i)
			}
		case '右', '后', '尾':
			if c := at(r, i+1); (c == '往' || c == '到' || c == '向' || c == '至') && (at(r, i+2) == '左' || at(r, i+2) == '前' || at(r, i+2) == '头') {
				h.reverse = append(h.reverse, i)
			}
		}
	}
	return h
}

// opens reports whether a hint may start at s: after a bracket, a comma, a space or at the start.
func opens(r []rune, s int) bool {
	switch at(r, s-1) {
	case 0, '(', '[', ',', ' ', '。', '\n', ';', ':', '把', '中', '的', '"', '“':
		return true
	}
	return false
}

func end(r []rune, i int) bool {
	switch at(r, i) {
	case 0, ')', ']', ',', ' ', '。', '\n', ';', '!', '加', '再', '就', '"', '”':
		return true
	}
	return false
}

// backwards reports whether a hint of reading backwards stands near the value.
func (h hints) backwards(start, end int) bool {
	k := sort.SearchInts(h.reverse, start-12)
	return k < len(h.reverse) && (h.reverse[k] < start || h.reverse[k] >= end && h.reverse[k]-end <= 8)
}
