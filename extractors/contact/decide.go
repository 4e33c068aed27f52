package contact

import (
	"cmp"
	"slices"

	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// decide gives the kinds of contact that the value items[k] is.
func decide(r []rune, items []item, k int) []string {
	it := items[k]
	if it.kind != "" {
		return []string{it.kind}
	}
	var kinds []string
	put := func(kind string) {
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	var room [5]item
	before, tied, dist := cluster(r, items, k, room[:0])
	after, afterTied := following(r, items, k)
	specific := ""
	generic := false
	for _, c := range before {
		switch c.kind {
		case anyWay:
			generic = true
		case other:
			if specific == "" {
				return nil
			}
		case tie:
		default:
			if dist > 1 && !possible(c.kind, it) {
				continue // 皮上印着电话。敲 1000012345 球球
			}
			if specific == "" {
				specific = c.kind
				put(c.kind)
			} else if tied {
				put(c.kind)
			}
		}
	}
	if after == anyWay {
		generic, after = true, ""
	}
	if specific == "" && after != "" && !afterTied {
		specific = after
		put(after)
	} else if specific != "" && after != "" && !afterTied && dist > 3 && after != specific {
		kinds = []string{after}
		specific = after
	}
	if it.number {
		if specific == "" {
			switch {
			case mobile(it.value) && !personal(r, it):
				put(market.ContactPhone)
			case generic:
				if len(it.value) >= 6 {
					put(market.ContactQQ)
				}
			case after == "" && signed(r, it):
				put(market.ContactQQ)
			}
		}
		if specific == market.ContactPhone && !mobile(it.value) {
			kinds = kinds[:0]
		}
	} else {
		kinds = slices.DeleteFunc(kinds, func(s string) bool {
			return s == market.ContactQQ || s == market.ContactQQGroup || s == market.ContactPhone || s == market.ContactEmail
		})
		if len(kinds) > 0 && dist > 0 && plainWord(it.value) {
			return nil
		}
		if len(kinds) == 0 && specific == "" && len(it.value) > 8 && it.value[:5] == "wxid_" {
			put(market.ContactWeChat)
		}
	}
	if tied && it.number && mobile(it.value) && len(kinds) == 1 && specific == market.ContactWeChat {
		put(market.ContactPhone) // 微信同号138…
	}
	if afterTied && len(kinds) > 0 {
		put(after)
	}
	if len(kinds) > 1 { // phone and email before the others would say nothing: keep the order of the words
		slices.SortStableFunc(kinds, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	}
	return kinds
}

// possible reports whether a value may be of the kind at all.
func possible(kind string, it item) bool {
	switch kind {
	case market.ContactPhone:
		return it.number && mobile(it.value)
	case market.ContactQQ, market.ContactQQGroup:
		return it.number
	}
	return true
}

func rank(kind string) int {
	switch kind {
	case market.ContactPhone:
		return 0
	case market.ContactQQ:
		return 1
	}
	return 2
}

// cluster gives in room the cues that stand before a value, the nearest first; whether
// they are said to share it; and how many other characters stand between.
func cluster(r []rune, items []item, k int, room []item) (list []item, tied bool, dist int) {
	list = room
	end := items[k].start
	for j := k - 1; j >= 0 && items[j].cue && len(list) < 5; j-- {
		c := items[j]
		gap, hard := filler(r, c.end, end)
		if onlyTies(list) {
			limit := 4
			if items[k].number {
				limit = 11
			}
			if c.kind == anyWay {
				limit = 3
			}
			if c.kind == market.ContactTelegram || c.kind == market.ContactWeChat {
				limit = max(limit, 5)
			}
			if hard || gap > limit {
				return nil, false, 0
			}
			dist += gap
		} else {
			if hard || gap > 2 {
				break
			}
			if c.end == end && c.kind != tie && list[len(list)-1].kind != tie && c.kind != anyWay && list[len(list)-1].kind != anyWay && c.kind != market.ContactQQGroup && list[len(list)-1].kind != market.ContactQQGroup && items[k].number {
				tied = true // 电话微信138…
			}
			if c.end < end && slashed(r[c.end:end]) {
				tied = true
			}
		}
		if c.kind == tie {
			tied = true
		}
		list = append(list, c)
		end = c.start
	}
	return list, tied, dist
}

func onlyTies(list []item) bool {
	for _, c := range list {
		if c.kind != tie {
			return false
		}
	}
	return true
}

func slashed(r []rune) bool {
	for _, c := range r {
		if c == '/' || c == '&' || c == '+' || c == '、' || c == '和' || c == '同' {
			return true
		}
	}
	return false
}

// filler counts the letters and digits between two places; hard is true when
// they belong to different lines or sentences.
func filler(r []rune, from, to int) (n int, hard bool) {
	if to-from > 30 {
		return to - from, true
	}
	breaks := 0
	for i := from; i < to; i++ {
		switch c := r[i]; c {
		case '\n':
			if i > from && at(r, i-1) != ':' && i != from {
				return n, true
			}
			breaks++
		case '。', ';', '!', '?', ',':
			n += 2
		case ':', '=', '号', '码', '是', '搜', '为', '(', ')', '[', ']', ' ', '@', '的', '就', '我', '加', '"', '-', '>', '👉', '→', '❤', '*', '.', '“', '”', '_', '~', '·', '+', '/', '|', '⇒', '{', '}', '《', '》', '<', '\'', '、':
		default:
			if numeral.Word(c) || c > 0x2FFF {
				n++
			}
		}
	}
	return n, breaks > 1
}

// following gives the cue right after a value: 123456789扣我, demo_wx2024 微; tied
// is true when it says that the value is this as well (微信同号).
func following(r []rune, items []item, k int) (kind string, tied bool) {
	end := items[k].end
	kinds := 0
	for j := k + 1; j < len(items) && j <= k+4 && items[j].cue; j++ {
		c := items[j]
		if c.start-end > 6 {
			break
		}
		gap, hard := filler(r, end, c.start)
		if hard || gap > 2 {
			break
		}
		if c.kind == tie {
			tied = true
		} else if c.kind == anyWay && kinds == 0 || c.kind != anyWay && c.kind != other {
			if kinds++; kinds == 1 {
				kind = c.kind
			}
		}
		end = c.end
	}
	if tied && kinds > 0 {
		return kind, true
	}
	if kinds == 0 {
		return "", false
	}
	// not the cue of the next value
	first := items[k+1]
	if gap, _ := filler(r, items[k].end, first.start); gap > 2 || gap > 0 && (numeral.Word(at(r, first.end)) || slices.Contains(r[items[k].end:first.start], '\n')) {
		return "", false
	}
	if k+2 < len(items) && !items[k+2].cue {
		if n, hard := filler(r, first.end, items[k+2].start); !hard && n <= 2 {
			return "", false
		}
	}
	return kind, false
}

// signed reports whether a number that nothing announces ends the message like a
// signature: 2元一份，老客户直接打钱。1000060606.
func signed(r []rune, it item) bool {
	if len(it.value) != 9 && len(it.value) != 10 || it.value[0] == '0' || len(r) > 1500 || it.end-it.start > 2*len(it.value) || numeral.Han(r[it.start]) {
		return false
	}
	for _, c := range r[it.end:] {
		if numeral.Word(c) || c == '%' || c > 0x1F300 {
			return false
		}
	}
	return it.start >= 5 && len(r) <= 400
}

// personal reports whether the number is written beside somebody's name or sex,
// as in a record.
func personal(r []rune, it item) bool {
	for i := it.start - 1; i >= 0 && it.start-i <= 14; i-- {
		switch r[i] {
		case '\n':
			return false
		case '某', '男', '女', '*', '岁':
			return true
		}
	}
	for i := it.end; i < len(r) && i < it.end+6; i++ {
		switch r[i] {
		case '\n':
			return false
		case '某', '男', '女':
			return true
		}
	}
	return false
}

// plainWord reports whether s is a word of the trade rather than an id.
func plainWord(s string) bool {
	switch s {
	case "excel", "python", "telegram", "wechat", "weixin", "email", "phone", "resume", "zhaopin", "linkedin", "liepin", "recruiter", "51job", "jianli", "lagou", "ganji", "maimai", "chinahr", "boss":
		return true
	}
	return false
}
