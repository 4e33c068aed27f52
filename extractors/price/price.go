// Package price reads prices and stock out of the text of a listing.
//
// The meaning of the fields (per, min_quantity, currency, what is a price and
// what is none) is that of the labelling guide. The text is cut into tokens
// (lex.go, sum.go, piece.go, words.go); each sum then looks at its neighbours for a unit, a
// period, a number of pieces or a word that says it is no price (bind.go, bare.go); least
// numbers are given to the prices that they hold for (least.go); the
// numbers of pieces that are left may be stock (stock.go).
package price

import (
	"slices"
	"strconv"

	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// Context is what the caller knows about the message before its sums are read.
type Context struct {
	Goods []string        // market.Goods…, in order of first mention: decides the unit where none is said
	Side  string          // market.SideSell or SideBuy; "" when unknown
	Taken []numeral.Range // runes of the view that belong to contacts and samples: never read as sums
}

// Result is what a message asks or bids and how much it has or wants.
type Result struct {
	Prices []market.Price
	Stock  []market.Stock
	Spans  []market.Span // of the original text; Field is "/prices/0", "/stock/1"
}

// maxEntries bounds the prices and the stock of one message.
const maxEntries = 200

// maxFound bounds what is considered before repeats are dropped.
const maxFound = 1000

// Read reads the prices and stock of a message. It takes time linear in the text.
func Read(v *numeral.View, ctx Context) Result {
	var room [512]bool // enough for most texts
	busy := room[:min(len(v.R), len(room))]
	if len(v.R) > len(busy) {
		busy = make([]bool, len(v.R))
	}
	for _, t := range ctx.Taken {
		for i := max(t.Start, 0); i < min(t.End, len(busy)); i++ {
			busy[i] = true
		}
	}
	r := v.R
	if v.Spoken() {
		r = homophones(r)
	}
	rd := reader{r: r, toks: lex(r, struck(r, busy)), ctx: ctx}
	rd.unsaid = -1
	rd.cells = columns(r)
	rd.mail = rd.mailboxes()
	rd.sums()
	rd.leasts()
	rd.overall()
	rd.rents()
	rd.pieces()
	rd.wholes()
	return rd.result(v)
}

// found is a price with the tokens that it was read from.
type found struct {
	market.Price
	tok    int // index of the sum
	extra  bool
	more   bool // said for more without a number: 量大1.5
	timed  bool // its time was said for the one before
	unsaid bool // no unit or time was said: the per is that of the goods
	own    bool // its least number was said for it alone
	line   int
	label  int // index of the label that it stands under, -1
}

// have is one statement of stock.
type have struct {
	market.Stock
	tok int
}

type reader struct {
	r      []rune
	toks   []token
	ctx    Context
	prices []found
	stock  []have
	least  []least
	pairs  int // see tiers
	cells  []cell
	listed []int // tokens that a table says to be there
	mail   bool  // mailboxes that resumes arrive in are sold
	unsaid int   // the sum that read last gave the per of the goods; -1 none
	named  bool
	first  int // the first label with a per, once named is set
}

func (rd *reader) result(v *numeral.View) Result {
	var res Result
	if n := min(len(rd.prices), maxEntries); n > 0 {
		res.Prices = make([]market.Price, 0, n)
	}
	if n := len(rd.prices) + len(rd.stock); n > 0 {
		res.Spans = make([]market.Span, 0, min(n, 2*maxEntries))
	}
	for _, p := range rd.prices {
		if slices.Contains(res.Prices, p.Price) || len(res.Prices) >= maxEntries {
			continue
		}
		res.Prices = append(res.Prices, p.Price)
		t := rd.toks[p.tok]
		s, e := v.Span(numeral.Range{Start: t.start, End: t.end})
		res.Spans = append(res.Spans, market.Span{Field: "/prices/" + strconv.Itoa(len(res.Prices)-1), Start: s, End: e})
	}
	for _, h := range rd.stock {
		if slices.Contains(res.Stock, h.Stock) || len(res.Stock) >= maxEntries {
			continue
		}
		res.Stock = append(res.Stock, h.Stock)
		t := rd.toks[h.tok]
		s, e := v.Span(numeral.Range{Start: t.start, End: t.end})
		res.Spans = append(res.Spans, market.Span{Field: "/stock/" + strconv.Itoa(len(res.Stock)-1), Start: s, End: e})
	}
	return res
}

// has reports whether the message is about the goods; true when none are known.
func (rd *reader) has(goods ...string) bool {
	if len(rd.ctx.Goods) == 0 {
		return true
	}
	for _, g := range goods {
		if slices.Contains(rd.ctx.Goods, g) {
			return true
		}
	}
	return false
}

func perOf(goods string) string {
	switch goods {
	case market.GoodsRecruiterAccount:
		return market.PerAccount
	case market.GoodsAccountRegistration, market.GoodsScrapingTool:
		return market.PerSet
	}
	return market.PerItem
}

// sells reports whether something sold by this per is among the goods.
func (rd *reader) sells(per string) bool {
	if per == market.PerAccount && rd.mail {
		return true
	}
	if len(rd.ctx.Goods) == 0 {
		return true
	}
	for _, g := range rd.ctx.Goods {
		if perOf(g) == per || per == market.PerUnknown && g == market.GoodsRecruiterAccount {
			return true
		}
	}
	return false
}

// with reports whether the label j only says what comes along: 带点数的, 含邮箱.
func (rd *reader) with(j int) bool {
	if n := j + 1; rd.toks[j].per == market.PerUnknown && n < len(rd.toks) && rd.toks[n].kind == tHave && rd.near(n, 0) {
		return true // 点数剩2000，价800
	}
	switch c := at(rd.r, rd.toks[j].start-1); c {
	case '份':
		return rd.toks[j].word == "证" // 身份证
	case '带', '含', '送', '无', '没', '剩', '余', '满', '附', '已', '未':
		return true
	}
	return false
}

// likely reports whether a sum of lo may be asked for one of what is sold by this per.
func likely(per string, lo numeral.Dec) bool {
	switch per {
	case market.PerItem:
		return lo <= 200*numeral.Unit
	case market.PerAccount, market.PerSet:
		return lo >= 10*numeral.Unit
	case market.PerUnknown: // a point
		return lo <= 20*numeral.Unit
	}
	return true
}

// hinted is the per of a label in the clause of the token k that is none of the message's
// goods, where the sum is out of reach of these: 号300 in a message about resumes.
func (rd *reader) hinted(k int) (per string, label int) {
	if rd.toks[k].kind != tSum || len(rd.ctx.Goods) != 1 || likely(perOf(rd.ctx.Goods[0]), rd.toks[k].lo) && perOf(rd.ctx.Goods[0]) != market.PerItem || rd.toks[k].lo <= 30*numeral.Unit && perOf(rd.ctx.Goods[0]) == market.PerItem {
		return "", -1
	}
	for j := k - 1; j >= 0 && j > k-6 && rd.toks[j+1].stop < stopComma; j-- {
		if t := &rd.toks[j]; t.kind == tLabel && t.per != "" && t.per != market.PerUnknown && !rd.with(j) {
			if likely(t.per, rd.toks[k].lo) {
				return t.per, j
			}
			return "", -1
		}
	}
	return "", -1
}

// unitAt is the per of the goods that the token k speaks of: those named last
// before it, else the message's own.
func (rd *reader) unitAt(k int) (per string, label int) {
	limit := 0
	for j := k - 1; j >= 0 && limit < 40; j, limit = j-1, limit+1 {
		t := &rd.toks[j]
		if (t.kind == tLabel && !rd.with(j) && likely(t.per, rd.toks[k].lo) || t.kind == tQty && len(rd.ctx.Goods) != 1 && (t.per == market.PerAccount || t.unit == "份" || t.unit == "条")) && t.per != "" && rd.sells(t.per) {
			return t.per, j
		}
		if rd.toks[j+1].stop >= stopLine {
			break
		}
	}
	// 三百左右收企业号
	for j := k + 1; j < len(rd.toks) && j < k+6; j++ {
		t := &rd.toks[j]
		if t.stop >= stopComma || t.kind == tSum {
			break
		}
		if t.kind == tLabel && t.per != "" && rd.sells(t.per) && likely(t.per, rd.toks[k].lo) {
			return t.per, j
		}
	}
	if per, j := rd.hinted(k); per != "" {
		return per, j
	}
	if rd.mail {
		return market.PerAccount, -1
	}
	if len(rd.ctx.Goods) > 0 {
		return perOf(rd.ctx.Goods[0]), -1
	}
	// nothing known: whatever the text names first
	if !rd.named {
		rd.named, rd.first = true, -1
		for j := range rd.toks {
			if t := &rd.toks[j]; (t.kind == tLabel || t.kind == tQty && t.per == market.PerAccount) && t.per != "" {
				rd.first = j
				break
			}
		}
	}
	if rd.first >= 0 {
		return rd.toks[rd.first].per, rd.first
	}
	return market.PerItem, -1
}
