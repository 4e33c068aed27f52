package price

import "resumewatch/extractors/numeral"

// numbered claims the numbers of a list's items (1、智联 480；2、前程 260), so that none
// is read as a sum: single ones at the head of a clause that count up from one.
func (rd *reader) numbered() {
	var list []int
	for k := range rd.toks {
		t := &rd.toks[k]
		if t.kind != tSum || t.currency != "" || t.hi != 0 || t.big || !ascii(at(rd.r, t.start)) {
			continue
		}
		if n := t.lo / numeral.Unit; t.lo%numeral.Unit != 0 || int(n) != len(list)+1 || !itemMark(rd.r, t.end) {
			continue
		}
		if c := at(rd.r, t.start-1); c != 0 && c != ';' && c != '\n' && c != '。' && c != ':' && c != ' ' && c != '(' && c != '[' && c != '!' && c != ',' {
			continue
		}
		list = append(list, k)
	}
	if len(list) < 2 {
		return
	}
	for _, k := range list {
		rd.toks[k].used = true
	}
}

// itemMark reports whether the mark behind the number of a list's item stands at i.
func itemMark(r []rune, i int) bool {
	switch at(r, i) {
	case '、', ')', ']':
		return true
	case '.', ':':
		return !ascii(at(r, i+1))
	}
	return false
}

// table reads pairs of a number of pieces and a sum, the first rising and the second
// falling, as tiers: 数量 单价 / 100 2.5 / 500 2.2.
func (rd *reader) table() {
	start, pairs := -1, 0
	flush := func(end int) {
		if pairs >= 2 {
			for k := start; k < end; k += 2 {
				rd.toks[k].used = true
				rd.addLeast(k, k, true)
			}
		}
		start, pairs = -1, 0
	}
	k := 0
	for k+1 < len(rd.toks) {
		if !rd.pair(k) || pairs > 0 && !(rd.toks[k].lo > rd.toks[k-2].lo && rd.toks[k+1].lo < rd.toks[k-1].lo) {
			if pairs > 0 {
				flush(k)
				continue
			}
			k++
			continue
		}
		if pairs == 0 {
			start = k
		}
		pairs++
		k += 2
	}
	flush(min(k, len(rd.toks)))
}

// pair reports whether the bare number k and the sum behind it may be a line of such a table.
func (rd *reader) pair(k int) bool {
	q, s := &rd.toks[k], &rd.toks[k+1]
	return q.kind == tSum && q.currency == "" && q.hi == 0 && !q.used && q.lo%numeral.Unit == 0 && q.lo >= 10*numeral.Unit && q.stop >= stopComma && q.gap == 0 &&
		s.kind == tSum && !s.used && s.gap == 0 && s.stop == stopSpace && s.lo*5 <= q.lo && rd.clauseEnds(k+1)
}

// struck marks what its author has struck out: ~~3元~~, <s>3元</s>.
func struck(r []rune, busy []bool) []bool {
	for i := 0; i < len(r); i++ {
		var end []rune
		switch {
		case r[i] == '~' && at(r, i+1) == '~' && at(r, i+2) != '~' && at(r, i+2) != ' ':
			end = r[i : i+2]
		case r[i] == '<' || r[i] == '[':
			for _, tag := range [...]string{"s>", "del>", "strike>", "s]", "del]"} {
				if match(r, i+1, []rune(tag)) {
					end = []rune("/" + tag)
				}
			}
		}
		if end == nil {
			continue
		}
		for j := i + 2; j < len(r) && j < i+60; j++ {
			if match(r, j, end) {
				for n := i; n < j+len(end); n++ {
					busy[n] = true
				}
				i = j + len(end) - 1
				break
			}
		}
	}
	return busy
}
