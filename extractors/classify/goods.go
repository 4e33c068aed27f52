package classify

import (
	"slices"
	"strings"

	"resumewatch/extractors/lexicon"
	"resumewatch/internal/market"
)

// composed is the strength of goods that a platform and a general word make
// together: 智联号, BOSS会员.
const composed = 9

// goods are the things offered or sought, in order of first mention.
func (r *reader) goods() []Found {
	var strong, weak []lexicon.Hit
	for _, h := range r.kinds["goods"] {
		if h.Entry.Strength > 1 {
			strong = append(strong, h)
		} else {
			weak = append(weak, h)
		}
	}
	strong = append(strong, r.compose(weak)...)
	slices.SortStableFunc(strong, func(a, b lexicon.Hit) int { return a.Start - b.Start })
	strong = r.absorb(strong)
	var out []Found
	for _, h := range strong {
		out = add(out, h)
	}
	if len(out) == 0 {
		out = r.guess(weak)
	}
	return out
}

// compose finds general words of accounts right after a platform, in the head
// of a purchase, or beside rent.
func (r *reader) compose(weak []lexicon.Hit) []lexicon.Hit {
	var out []lexicon.Hit
	for _, w := range weak {
		if w.Entry.Value != market.GoodsRecruiterAccount {
			continue
		}
		for _, p := range r.kinds["platform"] {
			gap, ok := between(r.f.Folded, p, w)
			if !ok || len([]rune(gap)) > 6 || strings.ContainsAny(gap, "，、") && len(gap) > 6 {
				continue
			}
			e := *w.Entry
			e.Strength = composed
			out = append(out, lexicon.Hit{Entry: &e, Start: p.Start, End: w.End, Channel: p.Channel, Gaps: p.Gaps, Cost: p.Cost})
			break
		}
	}
	return out
}

// absorb takes out resumes that are only what other goods are for (提取简历的软件,
// 能下简历的号, 代下简历): they stay when they have a clause with a sale of their own.
func (r *reader) absorb(hits []lexicon.Hit) []lexicon.Hit {
	other := false
	for _, h := range hits {
		if h.Entry.Value != market.GoodsResumeData {
			other = true
		}
	}
	if !other {
		return hits
	}
	has := map[string]bool{}
	for _, h := range hits {
		has[h.Entry.Value] = true
	}
	var out []lexicon.Hit
	for _, h := range hits {
		switch h.Entry.Value {
		case market.GoodsResumeData:
			if !r.ownSale(h, hits) {
				continue
			}
		case market.GoodsRecruiterAccount:
			if has[market.GoodsAccountRegistration] && !r.ownClause(h, hits) {
				continue
			}
			if (has[market.GoodsScrapingTool] || has[market.GoodsDownloadService]) && h.Entry.Strength != composed && !r.ownClause(h, hits) {
				continue
			}
		}
		out = append(out, h)
	}
	if len(out) == 0 {
		return hits
	}
	return out
}

// ownClause reports whether no other goods but those of the hit stand in its clause.
func (r *reader) ownClause(h lexicon.Hit, hits []lexicon.Hit) bool {
	c := r.clauses[clauseOf(r.clauses, h.Start)]
	for _, o := range hits {
		if o.Start >= c.start && o.Start < c.end && o.Entry.Value != h.Entry.Value {
			return false
		}
	}
	return true
}

// ownSale reports whether resumes are sold in the clause of the hit: no other
// goods there, and a price, a grade or a verb.
func (r *reader) ownSale(h lexicon.Hit, hits []lexicon.Hit) bool {
	c := r.clauses[clauseOf(r.clauses, h.Start)]
	if !r.ownClause(h, hits) {
		return false
	}
	text := r.f.Folded[c.start:c.end]
	if strings.ContainsAny(text, "0123456789") && strings.ContainsAny(text, "元块毛角r分$u") {
		return true
	}
	for _, k := range []string{"grade", "side"} {
		for _, o := range r.kinds[k] {
			if o.Start >= c.start && o.Start < c.end && o.Cost < 0.5 {
				return true
			}
		}
	}
	return false
}

// guess names the goods of a text that has none in plain words.
func (r *reader) guess(weak []lexicon.Hit) []Found {
	votes := map[string]int{}
	for _, h := range weak {
		votes[h.Entry.Value]++
	}
	if len(r.kinds["grade"]) > 0 || r.f.Sample != nil {
		votes[market.GoodsResumeData] += 2
	}
	best, n := "", 0
	for _, g := range []string{market.GoodsResumeData, market.GoodsRecruiterAccount, market.GoodsDownloadService, market.GoodsAccountRegistration, market.GoodsScrapingTool} {
		if votes[g] > n {
			best, n = g, votes[g]
		}
	}
	if best == "" {
		best = market.GoodsResumeData
		for _, p := range r.f.Prices {
			if p.Per == market.PerMonth || p.Per == market.PerDay || p.Per == market.PerAccount {
				best = market.GoodsRecruiterAccount
			}
		}
	}
	for _, h := range weak {
		if h.Entry.Value == best {
			return []Found{{best, h}}
		}
	}
	return []Found{{Value: best}}
}
