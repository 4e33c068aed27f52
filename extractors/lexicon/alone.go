package lexicon

import (
	"cmp"
	"slices"
	"strings"
)

// standsAlone reports whether a form that begins or ends with a Latin letter or
// a numeral is a word of its own there.
func (f *finder) standsAlone(p *pattern, from, to, gaps int) bool {
	first, last := f.syms[from].r, f.syms[to-1].r
	start, end := int(f.syms[from].start), int(f.syms[to-1].end)
	var prev, next symbol
	if from > 0 {
		prev = f.syms[from-1]
	}
	if to < len(f.syms) {
		next = f.syms[to]
	} else {
		next.gap = broken
	}
	prevGap := f.syms[from].gap
	if latin(first) {
		if prevGap == joined && latin(prev.r) {
			return false
		}
		if gaps == 0 && (strings.HasSuffix(f.s[:start], "_") || strings.HasSuffix(f.s[:start], "-")) && prevGap == soft && (latin(prev.r) || digit(prev.r)) {
			return false
		}
		if gaps > 0 && prevGap == soft && latin(prev.r) && int(prev.end)+1 == start && p.length < 4 {
			return false
		}
	}
	if latin(last) {
		if next.gap == joined && latin(next.r) {
			return false
		}
		if p.channel == Initial && next.gap == joined && digit(next.r) && !f.amount(to) {
			return false
		}
		if gaps == 0 && end < len(f.s) && (f.s[end] == '_' || f.s[end] == '-' || f.s[end] == '@') && next.gap == soft && (latin(next.r) || digit(next.r)) {
			return false
		}
		if gaps > 0 && next.gap == soft && latin(next.r) && end+1 == int(next.start) && p.length < 4 {
			return false
		}
	}
	if p.weak && gaps > 0 && strings.Contains(f.s[start:end], "/") {
		return false // 5/1
	}
	if numeral(first) && !f.freeBefore(from, start, prev, prevGap) {
		return false
	}
	if p.weak && numeral(last) && !f.freeAfter(to, end, next) {
		return false
	}
	return true
}

// amount reports whether the digits from symbol i on are a short number with a
// unit behind: jl2块 is jl, jl2020 is a name.
func (f *finder) amount(i int) bool {
	n := 0
	for i < len(f.syms) && digit(f.syms[i].r) {
		i++
		n++
	}
	return n <= 3 && i < len(f.syms) && !latin(f.syms[i].r)
}

// freeBefore: no number goes on into a form that begins with a numeral.
func (f *finder) freeBefore(from, start int, prev symbol, g gap) bool {
	if from == 0 {
		return true
	}
	if g == joined && digit(prev.r) && hanNumeral(f.syms[from].r) && from+1 < len(f.syms) && f.syms[from+1].r == '手' {
		return true // 一手2二手8毛
	}
	if g == joined && (digit(prev.r) || prev.r == '第' || digit(f.syms[from].r) && latin(prev.r) && prev.r != 's' || hanNumeral(prev.r) && hanNumeral(f.syms[from].r)) {
		return false
	}
	if g == soft && digit(prev.r) && int(prev.end)+1 == start && !strings.ContainsAny(f.s[prev.end:start], "/+,|&") {
		return false
	}
	return !strings.HasSuffix(f.s[:start], "¥") && !strings.HasSuffix(f.s[:start], "$")
}

// freeAfter: a bare 51 or 58 is no number of something.
func (f *finder) freeAfter(to, end int, next symbol) bool {
	if to >= len(f.syms) {
		return true
	}
	if next.gap == joined && digit(f.syms[to-1].r) && hanNumeral(next.r) && !strings.ContainsRune("十百千万", next.r) {
		return true // 58五毛
	}
	if next.gap == joined && (numeral(next.r) || strings.ContainsRune("元块毛分角份条个张人岁天年月日路楼米斤度平栋次级区届期折点名位钱kwru封只寸寓快", next.r)) {
		return false
	}
	if next.gap == soft && digit(next.r) && end+1 == int(next.start) && strings.ContainsAny(f.s[end:next.start], ".-*_~:") {
		return false
	}
	return !strings.HasPrefix(f.s[end:], "%")
}

func (f *finder) platformAt(start int32, later []Hit) bool {
	for _, n := range later {
		if n.Start > int(start) {
			break
		}
		if n.Start == int(start) && n.Entry.Kind() == "platform" {
			return true
		}
	}
	return false
}

// objectGap is how many bytes may stand between a verb and what it sells: 销售最新
// 一手简历.
const objectGap = 15

// trades reports whether goods, a platform or a grade stand right behind a verb.
func trades(verb Hit, later []Hit) bool {
	for _, n := range later {
		if n.Start > verb.End+objectGap {
			break
		}
		if k := n.Entry.Kind(); n.Start >= verb.End && (k == "goods" && n.Entry.Strength > 1 || k == "platform" || k == "grade") {
			return true
		}
	}
	return false
}

// leads are characters before a short verb that make it one: 长期收, 急出.
const leads = "期量急价高长批新想要有诚可现也便开打家本我需先就都来只专再号俺"

// follows are characters after a short verb that make it one: 收个, 出一批.
const follows = "一两几个点些批大全各长智前猎赶拉脉领鹰斗鱼看应简老白新历号料"

// begins reports whether a hit stands where a clause begins.
func (f *finder) begins(h Hit) bool {
	at, _ := slices.BinarySearchFunc(f.syms, h.Start, func(y symbol, start int) int { return cmp.Compare(int(y.start), start) })
	return at == 0 || f.syms[at].gap >= hard
}

// head reports whether a short verb stands where verbs of this trade stand:
// at the head of a clause, or right before goods or a platform.
func (f *finder) head(h Hit, later []Hit) bool {
	at, _ := slices.BinarySearchFunc(f.syms, h.Start, func(y symbol, start int) int { return cmp.Compare(int(y.start), start) })
	if at+1 < len(f.syms) && h.Entry.Value == "buy" && digit(f.syms[at+1].r) && !f.platformAt(f.syms[at+1].start, later) {
		return false // 收 180: what it costs
	}
	if at == 0 || f.syms[at].gap != joined {
		return true
	}
	if f.syms[at].r == '收' && strings.ContainsRune("块毛元角分内右下上价0123456789", f.syms[at-1].r) && (at+1 == len(f.syms) || f.syms[at+1].gap >= hard) {
		return true // 一块左右收
	}
	if strings.ContainsRune(leads, f.syms[at-1].r) {
		return true
	}
	if h.Entry.Value == "buy" && digit(f.syms[at-1].r) && (at+1 == len(f.syms) || f.syms[at+1].gap != joined) {
		return true // 280收
	}
	for _, n := range later {
		if n.Start > h.End+6 {
			break
		}
		if k := n.Entry.Kind(); n.Start >= h.End && (k == "goods" && n.Entry.Strength > 1 || k == "platform" || k == "grade") {
			return true
		}
	}
	return at+1 < len(f.syms) && strings.ContainsRune(follows, f.syms[at+1].r)
}
