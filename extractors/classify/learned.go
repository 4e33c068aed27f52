package classify

import (
	"cmp"
	"slices"

	"resumewatch/extractors/lexicon"
	"resumewatch/extractors/model"
	"resumewatch/internal/market"
)

// class is the letter of a hit for the model, 0 for what it reads as it is written.
func class(h lexicon.Hit) byte {
	e := h.Entry
	switch e.Kind() {
	case "platform":
		if h.Weak {
			return 'W'
		}
		return 'P'
	case "grade":
		return 'H'
	case "side":
		if e.Value == market.SideBuy {
			return 'B'
		}
		return 'S'
	case "goods":
		strong := e.Strength > 1
		switch e.Value {
		case market.GoodsResumeData:
			return pick(strong, 'R', 'N')
		case market.GoodsDownloadService:
			return pick(strong, 'D', 'L')
		case market.GoodsRecruiterAccount:
			return pick(strong, 'A', 'E')
		case market.GoodsAccountRegistration:
			return pick(strong, 'G', 'K')
		case market.GoodsScrapingTool:
			return pick(strong, 'T', 'U')
		}
	}
	switch e.ID {
	case "trade.minimum":
		return 'M'
	case "trade.contact":
		return 'C'
	}
	return 0
}

func pick(first bool, a, b byte) byte {
	if first {
		return a
	}
	return b
}

// input is what the model looks at of this text.
func (r *reader) input(v *Verdict, odds float64) model.Input {
	in := model.Input{Text: r.f.Folded, Odds: odds}
	for _, h := range r.f.Hits {
		if c := class(h); c != 0 && h.Start < h.End {
			in.Marks = append(in.Marks, model.Mark{Start: h.Start, End: h.End, Class: c})
		}
	}
	slices.SortStableFunc(in.Marks, func(a, b model.Mark) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	flag := func(is bool, name string) {
		if is {
			in.Flags = append(in.Flags, name)
		}
	}
	flag(len(r.f.Prices) > 0, "price")
	flag(len(r.f.Prices) > 1, "prices")
	for _, p := range r.f.Prices {
		flag(true, "per."+p.Per)
		flag(p.MinQuantity > 0, "least")
		break
	}
	flag(len(r.f.Contacts) > 0, "contact")
	for _, c := range r.f.Contacts {
		flag(true, "by."+c.Kind)
		break
	}
	flag(len(r.f.Stock) > 0, "stock")
	flag(r.f.Sample != nil, "sample")
	flag(len(v.Platforms) > 0, "platform")
	flag(len(v.Platforms) > 1, "platforms")
	flag(len(v.Platforms) > 0 && vague(v.Platforms), "vague")
	flag(len(v.Grades) > 0, "grade")
	flag(r.strongGoods(), "named")
	flag(r.verbRightBefore(), "verb")
	flag(r.chorus(), "chorus")
	flag(r.f.Riddle, "riddle")
	flag(r.has("trade", "trade.minimum"), "minimum")
	flag(len(r.kinds["side"]) > 0, "trade")
	flag(len(r.kinds["frame"]) > 0, "frame")
	for i, h := range v.Frames {
		flag(!slices.ContainsFunc(v.Frames[:i], func(o lexicon.Hit) bool { return o.Entry == h.Entry }), h.Entry.ID)
	}
	sell, buy := r.sides(v.Goods)
	flag(sell > 0, "sells")
	flag(buy > 0, "buys")
	for _, g := range v.Goods {
		flag(true, "goods."+g.Value)
	}
	return in
}

// learned adds the model's part to the lexicon's log-odds.
func (r *reader) learned(v *Verdict, odds float64) float64 {
	if r.f.Model == nil || odds < model.Floor {
		return odds
	}
	return r.f.Model.Odds(r.input(v, odds))
}

// Input is what the model is asked about a text of which v is the verdict.
func (v Verdict) Input() model.Input {
	odds := v.r.score(&v)
	return v.r.input(&v, odds)
}
