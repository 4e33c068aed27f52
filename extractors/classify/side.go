package classify

import (
	"strings"

	"resumewatch/internal/market"
)

// side weighs what sellers and buyers say; the head of the text weighs more.
// Without any sign a listing sells.
func (r *reader) side(goods []Found) string {
	sell, buy := 0.0, 0.0
	for i, h := range r.kinds["side"] {
		w := float64(h.Entry.Strength) / 2 * (1 - h.Cost)
		if i == 0 || clauseOf(r.clauses, h.Start) == 0 {
			w *= 2
		}
		if h.Entry.Value == market.SideBuy {
			buy += w
		} else {
			sell += w
		}
	}
	for _, w := range []string{"以内", "最高", "我最多", "价高"} {
		if strings.Contains(r.f.Folded, w) {
			buy++
		}
	}
	for _, g := range goods {
		if g.Value == market.GoodsAccountRegistration && g.Hit.Entry != nil && strings.Contains(r.f.Folded[g.Hit.Start:g.Hit.End], "工具人") {
			buy += 2
		}
	}
	if buy > sell {
		return market.SideBuy
	}
	return market.SideSell
}
