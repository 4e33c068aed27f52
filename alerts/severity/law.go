package severity

import (
	"fmt"
	"slices"

	"resumewatch/internal/market"
)

// Kinds of a figure that is held against the law.
const (
	Claimed   = "claimed"   // the author says so
	Evidenced = "evidenced" // it is in the evidence
)

// From how many records on an offence against article 253-1 of the Criminal Law is
// serious, or especially serious: a resume with name, contact, education and jobs is
// information of the third class of the interpretation.
const (
	lawArticle   = "刑法第二百五十三条之一；法释〔2017〕10号第五条第一款第（五）项、第二款第（三）项"
	lawThreshold = "5000 条为情节严重，50000 条为情节特别严重"
)

// Figure is a quantity beside the threshold that it is to be held against. Whether
// it is reached is for people to say.
type Figure struct {
	Article    string  `json:"article"`
	Threshold  string  `json:"threshold"`
	Figure     string  `json:"figure"`
	Kind       string  `json:"kind"`
	Confidence float64 `json:"confidence"` // that the listings are read rightly, 0 to 1
}

// Evidence is what samples of an offer show.
type Evidence struct {
	People  int64 // each counted once
	AtLeast bool  // not all were counted
}

// Law holds what an offer claims and what its samples show against the law's
// thresholds of quantity. Only goods that are records of people count. Samples prove
// that the seller has these people's records, not the stock that is claimed.
func Law(goods []string, stock []market.Stock, shown Evidence, confidence float64) []Figure {
	out := []Figure{}
	if !slices.Contains(goods, market.GoodsResumeData) && !slices.Contains(goods, market.GoodsDownloadService) {
		return out
	}
	add := func(kind, figure string) {
		out = append(out, Figure{lawArticle, lawThreshold, figure, kind, confidence})
	}
	var most int64
	for _, s := range stock {
		if s.Unit == market.UnitItem {
			most = max(most, s.Quantity)
		}
	}
	if most > 0 {
		add(Claimed, fmt.Sprintf("%d 条", most))
	}
	if shown.People > 0 {
		least := ""
		if shown.AtLeast {
			least = "至少 "
		}
		add(Evidenced, fmt.Sprintf("%s%d 人（样品中去重后）", least, shown.People))
	}
	return out
}
