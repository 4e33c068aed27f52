package classify

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"resumewatch/extractors/lexicon"
	"resumewatch/internal/market"
)

// composed is the strength of goods that a platform and a general word make
// together: 智联号, BOSS会员.
const composed = 9

// mention is one place where goods are named, with what speaks for their being
// for sale there rather than being talked of.
type mention struct {
	hit    lexicon.Hit
	clause int
	denied bool // said not to be wanted
	priced bool // a number stands in the clause
	held   bool // said to be owned, given with it, or worked upon
	listed bool // one of several goods in a row: A / B / C
	verbed bool // a verb of selling or seeking stands right before
}

// goods are the things offered or sought, in order of first mention.
func (r *reader) goods() []Found {
	var strong, weak []lexicon.Hit
	for _, h := range r.kinds[kindGoods] {
		if h.Entry.Strength > 1 {
			strong = append(strong, h)
		} else {
			weak = append(weak, h)
		}
	}
	strong = append(strong, r.compose(weak)...)
	strong = append(strong, r.compounds()...)
	slices.SortStableFunc(strong, func(a, b lexicon.Hit) int { return cmp.Compare(a.Start, b.Start) })
	if len(strong) == 0 {
		return r.guess(weak)
	}
	all := r.mentions(strong)
	all = append(all, r.implied(all)...)
	chosen := choose(all)
	var out []Found
	for _, m := range all {
		if slices.Contains(chosen, m.hit.Entry.Value) {
			out = add(out, m.hit)
		}
	}
	return out
}

// compose finds general words of accounts right after a platform, or right
// before a sum or a verb of renting (号450, 号也租).
func (r *reader) compose(weak []lexicon.Hit) []lexicon.Hit {
	var out []lexicon.Hit
	for _, w := range weak {
		beside, reach := w.Entry.Value == market.GoodsScrapingTool, 6
		if w.Entry.Value == market.GoodsResumeData && slices.Contains(stuff, r.f.Folded[w.Start:w.End]) {
			beside, reach = true, 2
		}
		if w.Entry.Value != market.GoodsRecruiterAccount && !beside {
			continue
		}
		from, channel, gaps, cost := -1, lexicon.Plain, 0, 0.0
		for _, p := range r.kinds[kindPlatform] {
			gap, ok := between(r.f.Folded, p, w)
			if ok && utf8.RuneCountInString(gap) <= reach && !(strings.ContainsAny(gap, "，、") && len(gap) > 6) {
				from, channel, gaps, cost = p.Start, p.Channel, p.Gaps, p.Cost
				break
			}
		}
		if from < 0 && !beside && r.soldAlone(w) {
			from = w.Start
		}
		if from < 0 {
			continue
		}
		e := *w.Entry
		e.Strength = composed
		out = append(out, lexicon.Hit{Entry: &e, Start: from, End: w.End, Channel: channel, Gaps: gaps, Cost: cost})
	}
	return out
}

// stuff are words for resumes that right after a platform can mean nothing else.
var stuff = []string{"料", "老料", "货", "头水", "人头", "名单"}

// soldAlone: 号 at the head of a clause with a sum or a verb behind, or right
// after a verb, in a text that names a platform or other goods.
func (r *reader) soldAlone(w lexicon.Hit) bool {
	s := r.f.Folded
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s[:w.Start], " "))
	rest := strings.TrimLeft(s[w.End:], " 一个:")
	after, _ := utf8.DecodeRuneInString(rest)
	head := strings.ContainsRune("，。；、\n/|+出收卖租", before) || w.Start == 0
	return head && (after >= '0' && after <= '9' || strings.ContainsRune("一二三四五六七八九十百两也价租¥", after))
}

// held are words before goods that are had or used, not sold.
var held = []string{"手里有", "手上有", "手上", "手里", "多个", "登录", "自动登录", "打开", "批量打开", "带", "附", "含", "送", "用我", "可发职位、收", "收到的", "来的", "自己的", "有多个", "做", "自己前程", "搜", "里面", "需要", "到你自己", "到你", "你的", "自家"}

// mentions judges the place of each hit.
func (r *reader) mentions(hits []lexicon.Hit) []mention {
	out := make([]mention, 0, len(hits))
	for i, h := range hits {
		c := clauseOf(r.clauses, h.Start)
		m := mention{hit: h, clause: c, priced: r.number(r.clauses[c])}
		before := strings.TrimRight(r.f.Folded[max(r.clauses[c].start, h.Start-24):h.Start], " *.·")
		for _, w := range held {
			m.held = m.held || strings.HasSuffix(before, w)
		}
		rest := letters(r.f.Folded[h.End:max(h.End, min(r.clauses[c].end, h.End+30))])
		for _, w := range []string{"不要", "不收", "软件不要", "不做", "冇", "唔要", "勿"} {
			m.denied = m.denied || strings.HasPrefix(rest, w)
		}
		for _, k := range []int{i - 1, i + 1} {
			if k >= 0 && k < len(hits) && hits[k].Entry.Value != h.Entry.Value {
				a, b := h, hits[k]
				if k < i {
					a, b = b, a
				}
				if b.Start >= a.End && listGap(r.f.Folded[a.End:b.Start]) {
					m.listed = true
				}
			}
		}
		for _, v := range r.kinds[kindSide] {
			m.verbed = m.verbed || v.End <= h.Start && h.Start-v.End <= 9 && clauseOf(r.clauses, v.Start) == c && v.Cost < 0.5
		}
		out = append(out, m)
	}
	return out
}

// listGap reports whether two goods with only this between them are a list.
func listGap(gap string) bool {
	g := strings.TrimSpace(gap)
	switch g {
	case "/", "+", "、", "&", "和", "及", "|", "｜", "＋", "跟", "还有", "与":
		return true
	}
	return len(g) <= 30 && strings.ContainsAny(g, "+＋") // 各100份 + 两个
}

// number reports whether a clause has a number that may be a sum: none of a
// platform's name, none of five digits and more.
func (r *reader) number(c clause) bool {
	c.end = min(c.end, c.start+600) // a longer clause is no sentence
	digits := 0
	inPlatform := func(at int) bool {
		return slices.ContainsFunc(r.kinds[kindPlatform], func(h lexicon.Hit) bool { return at >= h.Start && at < h.End })
	}
	for i, x := range r.f.Folded[c.start:c.end] {
		switch {
		case x >= '0' && x <= '9' && !inPlatform(c.start+i):
			digits++
			continue
		case strings.ContainsRune("两三四五六七八九十百千佰仟壹贰叁肆伍陆柒捌玖拾毛块元", x) && !inPlatform(c.start+i):
			return true
		}
		if digits > 0 && digits < 5 {
			return true
		}
		digits = 0
	}
	return digits > 0 && digits < 5
}

// implied adds resumes where a grade stands with a sum in a text that sells
// other things too: 一手2二手8毛，号200起.
func (r *reader) implied(all []mention) []mention {
	for _, m := range all {
		if m.hit.Entry.Value == market.GoodsResumeData && !m.held {
			return nil
		}
	}
	for _, g := range r.kinds[kindGrade] {
		c := clauseOf(r.clauses, g.Start)
		if g.Entry.ID == "grade.realtime" || g.Cost > 0.4 || !r.number(r.clauses[c]) {
			continue
		}
		alone := true
		for _, m := range all {
			alone = alone && m.clause != c
		}
		if alone {
			e := *g.Entry
			e.Value = market.GoodsResumeData
			g.Entry = &e
			return []mention{{hit: g, clause: c, priced: true}}
		}
	}
	return nil
}

// rank orders goods of one clause: the narrower word says what is sold
// (简历提取软件 is a tool, 能下简历的号 an account).
func rank(goods string) int {
	switch goods {
	case market.GoodsScrapingTool:
		return 4
	case market.GoodsAccountRegistration:
		return 3
	case market.GoodsDownloadService:
		return 2
	case market.GoodsRecruiterAccount:
		return 1
	}
	return 0
}

// choose names the goods for sale: in each clause the narrowest, then all that
// are listed, priced on their own or asked for, and at least the best one.
func choose(all []mention) []string {
	score := map[string]float64{}
	first := ""
	for _, m := range all {
		value := m.hit.Entry.Value
		narrower := false
		for _, o := range all {
			if o.clause == m.clause && rank(o.hit.Entry.Value) > rank(value) && !o.held {
				narrower = true
			}
		}
		s := 1.0
		if m.priced {
			s++
		}
		if m.verbed {
			s++
		}
		if m.listed && !m.held {
			s += 2
		} else if narrower {
			s -= 2.5
		}
		if m.held {
			s -= 2.5
		}
		if m.denied {
			s -= 4
		}
		if m.hit.Entry.ID == "goods.described" {
			s += 0.5
		}
		if m.hit.Cost > 0.5 {
			s -= 0.5
		}
		if first == "" && !m.held && !narrower {
			first = value
			s++
		}
		if old, ok := score[value]; !ok || s > old {
			score[value] = s
		}
	}
	// Said in several ways: a little more each.
	for i, m := range all {
		if i > 0 && !m.held && !m.denied && all[i-1].hit.End <= m.hit.Start {
			score[m.hit.Entry.Value] += 0.25
		}
	}
	best := ""
	for _, m := range all {
		if v := m.hit.Entry.Value; best == "" || score[v] > score[best] {
			best = v
		}
	}
	chosen := []string{best}
	for _, m := range all {
		v := m.hit.Entry.Value
		if !slices.Contains(chosen, v) && score[v] >= 2 {
			chosen = append(chosen, v)
		}
	}
	return chosen
}

// guess names the goods of a text that has none in plain words.
func (r *reader) guess(weak []lexicon.Hit) []Found {
	votes := map[string]float64{}
	for _, h := range weak {
		if named := r.f.Folded[h.End:]; h.Entry.Value == market.GoodsRecruiterAccount && len(named) > 4 && named[0] >= '0' && named[0] <= '9' && named[4] >= '0' && named[4] <= '9' {
			continue // 茶友号1000010712
		}
		votes[h.Entry.Value] += 1 - h.Cost
	}
	if len(r.kinds[kindGrade]) > 0 || r.f.Sample != nil || r.has(kindTrade, "trade.minimum") {
		votes[market.GoodsResumeData] += 2
	}
	s := r.f.Folded
	for _, w := range []string{"日租", "周租", "月租", "包月", "一个月", "一天", "一周", "拼", "合租", "共享", "半年"} {
		if strings.Contains(s, w) {
			votes[market.GoodsRecruiterAccount] += 0.7
		}
	}
	for _, w := range []string{"一份", "每份", "/份", "一条", "条", "每条", "包月简"} {
		if strings.Contains(s, w) {
			votes[market.GoodsResumeData] += 0.7
		}
	}
	best := market.GoodsResumeData
	for _, g := range []string{market.GoodsRecruiterAccount, market.GoodsDownloadService, market.GoodsAccountRegistration, market.GoodsScrapingTool} {
		if votes[g] > votes[best] {
			best = g
		}
	}
	for _, h := range weak {
		if h.Entry.Value == best {
			return []Found{{best, h}}
		}
	}
	return []Found{{Value: best}}
}
