package classify

import (
	"cmp"
	"slices"
	"strconv"

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
	case "hint":
		return '1' // the text itself has no figures there
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
	case "sign.field":
		return 'F'
	case "sign.job":
		return 'J'
	case "sign.seeking":
		return 'I'
	case "sign.fresh":
		return 'X'
	case "sign.covert":
		return 'O'
	case "sign.assure":
		return 'V'
	case "sign.piece":
		return 'Y'
	case "sign.money":
		return 'Z'
	}
	return 0
}

func pick(first bool, a, b byte) byte {
	if first {
		return a
	}
	return b
}

// sizes are the sums below which prices are of one size, in the main unit of a currency: what
// a record costs, one fetched to order, an account, a tool.
var sizes = [...]float64{0.2, 0.7, 1.6, 4, 9, 18, 40, 90, 180, 400, 900, 2500, 10000}

// size is how large a price is, as a letter.
func size(p market.Price) string {
	sum, err := strconv.ParseFloat(p.Amount, 64)
	if err != nil {
		return ""
	}
	i := 0
	for i < len(sizes) && sum >= sizes[i] {
		i++
	}
	return letterNames[i : i+1]
}

const letterNames = "abcdefghijklmn"

// usualFlags is room for the flags of nearly every text.
const usualFlags = 32

// input is what the model looks at of this text.
func (r *reader) input(v *Verdict, odds float64) model.Input {
	in := model.Input{Text: r.f.Folded, Odds: odds, Marks: make([]model.Mark, 0, len(r.f.Hits)), Flags: make([]string, 0, usualFlags)}
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
		flag(true, "sum."+size(p))
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
	flag(r.has(kindTrade, "trade.minimum"), "minimum")
	flag(len(r.kinds[kindSide]) > 0, "trade")
	flag(len(r.kinds[kindFrame]) > 0, "frame")
	for i, h := range v.Frames {
		flag(!slices.ContainsFunc(v.Frames[:i], func(o lexicon.Hit) bool { return o.Entry == h.Entry }), h.Entry.ID)
	}
	signs := r.kinds[kindSign]
	for i, h := range signs {
		flag(!slices.ContainsFunc(signs[:i], func(o lexicon.Hit) bool { return o.Entry == h.Entry }), h.Entry.ID)
	}
	flag(len(r.kinds[kindHint]) > 0, "hint")
	sell, buy := r.sell, r.buy
	in.Buy = buy - sell
	flag(sell > 0, "sells")
	flag(buy > 0, "buys")
	flag(sell > 0 && buy == 0, "only.sells")
	flag(buy > 0 && sell == 0, "only.buys")
	if sides := r.kinds[kindSide]; len(sides) > 0 {
		flag(true, "first."+sides[0].Entry.Value)
		flag(clauseOf(r.clauses, sides[0].Start) == 0, "head."+sides[0].Entry.Value)
	}
	for _, g := range v.Goods {
		flag(true, "goods."+g.Value)
		in.Goods = append(in.Goods, g.Value)
	}
	return in
}

// learned adds the model's part to the lexicon's log-odds.
func (r *reader) learned(v *Verdict, odds float64) float64 {
	if r.f.Model == nil || odds < model.Floor {
		return odds
	}
	v.asked = r.f.Model.Ask(r.input(v, odds))
	return v.asked.Listing()
}

// Learnt is what the learnt part added to the log-odds of the words; 0 where it wasn't heard.
func (v Verdict) Learnt() float64 {
	if v.asked == nil {
		return 0
	}
	return v.asked.Added()
}

// Settled is the verdict on what is a listing: with the platforms and grades that it only
// hints at, and with the side and goods that the learnt part makes of what the words say,
// where it was heard. Goods that no word shows have no entry.
func (v Verdict) Settled() Verdict {
	weighed := v
	v.weighed = &weighed
	v.Platforms = v.r.hinted(slices.Clone(v.Platforms))
	v.Grades = v.r.figured(slices.Clone(v.Grades))
	if v.asked == nil {
		return v
	}
	v.Side = market.SideSell
	if v.asked.Buys() > 0 {
		v.Side = market.SideBuy
	}
	var goods []Found
	for _, g := range v.asked.Goods() {
		goods = append(goods, v.r.shown(g, v.Goods))
	}
	v.Goods = goods
	return v
}

// shown is goods with the place that shows them best.
func (r *reader) shown(goods string, known []Found) Found {
	for _, f := range known {
		if f.Value == goods {
			return f
		}
	}
	out := Found{Value: goods}
	for _, h := range r.kinds[kindGoods] {
		if h.Entry.Value == goods && (out.Hit.Entry == nil || h.Entry.Strength > out.Hit.Entry.Strength) {
			out.Hit = h
		}
	}
	return out
}

// Input is what the model is asked about a text of which v is the verdict.
func (v Verdict) Input() model.Input {
	odds := v.r.score(&v)
	return v.r.input(&v, odds)
}
