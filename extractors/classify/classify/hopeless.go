package classify

import (
	"math"

	"resumewatch/extractors/lexicon"
	"resumewatch/extractors/model"
)

// limit is the log-odds of the words below which nothing is in doubt: the learnt part isn't
// heard there.
var limit = min(math.Log(doubtFrom/(1-doubtFrom)), model.Floor) - leeway

// leeway keeps the bound of Hopeless on the safe side of rounding.
const leeway = 0.005

// Hopeless reports whether no text of which g is the gist can be a listing, nor
// stand in the band of doubt. It adds up the best that Judge could still make of it.
func Hopeless(g lexicon.Gist) bool {
	return Best(g) < limit
}

// Deaf reports whether words that a text says by sound alone could make it
// anything else than what its spelling says.
func Deaf(g lexicon.Gist) bool {
	g.Marks |= lexicon.MarkGoods | lexicon.MarkPlatform | lexicon.MarkContext | lexicon.MarkGrade | lexicon.MarkSide | lexicon.MarkSeveral | lexicon.MarkVerb | lexicon.MarkOdd | lexicon.MarkService
	return Hopeless(g)
}

// Best is the highest log-odds that the words of a text could give in Judge.
func Best(g lexicon.Gist) float64 {
	z := wBase + g.Frames
	platform := g.Has(lexicon.MarkPlatform | lexicon.MarkVague | lexicon.MarkSingles)
	sample := g.Has(lexicon.MarkRowed)
	price := g.Has(lexicon.MarkNumber)
	contact := g.Has(lexicon.MarkContact)
	call := g.Has(lexicon.MarkCall|lexicon.MarkReach) && platform && g.Has(lexicon.MarkGoods)
	side := g.Has(lexicon.MarkSide | lexicon.MarkService | lexicon.MarkCall)
	odd := g.Has(lexicon.MarkOdd|lexicon.MarkSingles) || g.Has(lexicon.MarkLatin) && g.Has(lexicon.MarkDigits)
	switch {
	case g.Has(lexicon.MarkGoods), g.Has(lexicon.MarkWeak) && (platform || g.Has(lexicon.MarkContext) && g.Has(lexicon.MarkLogin)):
		z += wGoods
	case g.Has(lexicon.MarkWeak):
		if g.Has(lexicon.MarkLogin) {
			z += wGoods * 0.9 * 0.4 // 号 alone with a sum, 抓…脚本
			break
		}
		if z += wGoodsWeak; !platform && !sample {
			if z += wNoGoods; !g.Has(lexicon.MarkGrade) {
				z += wNothing
			}
		}
	case !platform && !sample:
		if z += wNoGoods; !g.Has(lexicon.MarkGrade) {
			z += wNothing
		}
	case platform && !sample && !price && !g.Has(lexicon.MarkGrade):
		z += wBareName
	}
	for _, w := range []struct {
		is     bool
		weight float64
	}{
		{platform, wPlatform},
		{g.Has(lexicon.MarkSeveral), wSecond},
		{g.Has(lexicon.MarkGrade), wGrade},
		{g.Has(lexicon.MarkGrade) && price && g.Has(lexicon.MarkMeasure), wGradePrice},
		{side, wSide},
		{g.Has(lexicon.MarkVerb), wVerbGoods},
		{call, wCall},
		{g.Has(lexicon.MarkMinimum), wMinimum},
		{g.Has(lexicon.MarkMeasure), wMeasure},
		{g.Has(lexicon.MarkFields), wFields},
		{price, wPrice + wUnitPrice},
		{price && g.Has(lexicon.MarkNumbers), wStock}, // one number is one of the two
		{contact, wContact},
		{sample, wSample},
		{odd, wDisguise},
		{!side && !call && !price && !contact && !sample && !odd && !g.Has(lexicon.MarkGrade), wNoTrade},
	} {
		if w.is {
			z += w.weight
		}
	}
	if g.Has(lexicon.MarkVague) && !g.Has(lexicon.MarkPlatform|lexicon.MarkGoods|lexicon.MarkGrade) && !sample && !contact && !odd {
		z += wVague
	}
	return z
}
