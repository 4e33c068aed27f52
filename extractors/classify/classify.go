package classify

import (
	"math"
	"slices"
	"strings"

	"resumewatch/extractors/lexicon"
	"resumewatch/extractors/model"
	"resumewatch/internal/market"
)

// Facts are what the other readers found in a text.
type Facts struct {
	Folded   string
	Hits     []lexicon.Hit
	Prices   []market.Price
	Stock    []market.Stock
	Contacts []market.Contact
	Sample   *market.Sample
	Riddle   bool         // the text had to be read another way than it stands
	Model    *model.Model // the learnt part; nil for the lexicon's own score
}

// Verdict is the decision on a text. Side to Grades are set whatever Listing is.
type Verdict struct {
	Listing    bool
	Doubt      bool
	Confidence float64 // probability that the text is a listing
	Side       string
	Goods      []Found
	Platforms  []Found
	Grades     []Found
	Frames     []lexicon.Hit // first hit of each frame
	Price      bool          // prices spoke for a sale
	Contact    bool

	capped  float64         // what was taken off the log-odds, see doubted; 0 or less
	r       *reader         // what Priced goes on from
	weighed *Verdict        // what Settled began with; nil: it is this one
	asked   *model.Question // what the learnt part was asked; nil where it wasn't heard
}

// Found is a value with the hit that showed it; the hit of a value that was
// concluded from others has no entry.
type Found struct {
	Value string
	Hit   lexicon.Hit
}

// The band of doubt: texts that are no listing but nearly one.
const (
	doubtFrom   = 0.2
	listingFrom = 0.6
)

// What each sign adds to the log-odds. Set by hand: with a few hundred labelled
// texts a trained model would learn their wording.
const (
	wBase       = -4.2
	wGoods      = 2.7
	wGoodsWeak  = 0.9
	wPlatform   = 1.2
	wSecond     = 0.3 // more than one platform
	wGrade      = 1.5
	wCall       = 0.7 // 私聊 and no number
	wGradePrice = 1.2 // 一手2元一份: only this trade speaks so
	wSide       = 1.3
	wVerbGoods  = 0.6 // 出简历, 收智联号
	wPrice      = 1.4
	wUnitPrice  = 0.5
	wContact    = 1.0
	wMinimum    = 1.0
	wMeasure    = 0.5
	wSample     = 1.0
	wFields     = 0.4
	wStock      = 0.5
	wDisguise   = 1.3
	wFrameAgain = -0.5
	wVague      = -0.8 // platforms only by sound or by an everyday word, nothing else in plain words
	wNoTrade    = -1.5 // goods and platforms, but nobody sells, bids or can be reached
	wNoGoods    = -1.6 // neither goods in plain words nor a platform
	wNothing    = -1.0 // nor a grade
	wBrand      = -9   // two initials are a brand of something else
	wBareName   = -1.2 // a platform alone, without goods, price or grade
)

// Judge decides on a text. It is a pure function of the facts.
func Judge(f Facts) Verdict {
	r := reader{f: f, clauses: clauses(f.Folded)}
	r.sort()
	v := Verdict{Platforms: r.platforms(), Grades: r.grades()}
	v.Goods = r.goods()
	v.Side = r.side(v.Goods)
	v.r = &r
	v.weigh()
	return v
}

// Priced is the verdict on the same text once its prices and stock are known, and the
// learnt part is heard. They change how sure it is, not what is offered.
func (v Verdict) Priced(prices []market.Price, stock []market.Stock, m *model.Model) Verdict {
	r := *v.r
	r.f.Prices, r.f.Stock, r.f.Model = prices, stock, m
	v.r, v.asked, v.Frames, v.Price, v.Contact = &r, nil, nil, false, false
	v.weigh()
	return v
}

// weigh sets what follows from the score.
func (v *Verdict) weigh() {
	z := v.r.learned(v, v.r.score(v))
	v.capped = 0
	if z > doubted && v.r.bareSum(v) {
		v.capped, z = doubted-z, doubted
	}
	v.Confidence = 1 / (1 + math.Exp(-z))
	v.Confidence = math.Round(v.Confidence*1000) / 1000
	v.Listing = v.Confidence >= listingFrom
	v.Doubt = !v.Listing && v.Confidence >= doubtFrom
}

// doubted are the log-odds that a text can have at most that says sums and nothing else of
// the trade: whatever its words remind of, a person is to judge it.
const doubted = 0

// bareSum reports whether a text names neither goods, platform, grade nor least number, and
// shows nobody to reach and no records.
func (r *reader) bareSum(v *Verdict) bool {
	if len(v.Platforms)+len(v.Grades)+len(r.f.Contacts) > 0 || r.f.Sample != nil || r.strongGoods() || r.has(kindTrade, "trade.minimum") {
		return false
	}
	return !slices.ContainsFunc(v.Goods, func(g Found) bool { return g.Hit.Entry != nil }) && len(r.kinds[kindHint]) == 0
}

// reader holds the facts in the shape that the questions need.
type reader struct {
	f       Facts
	clauses []clause
	kinds   [kinds][]lexicon.Hit // by kind of the entry, in order
	bare    string               // see plain
	bares   []string             // see plainClause
	sell    float64              // see sides
	buy     float64
	terms   *[]Term // what score adds up; nil: nobody asks
}

// most is how many hits of one kind are looked at: no advert has more, and the
// questions compare hits with each other.
const most = 200

func (r *reader) sort() {
	var n [kinds]int
	for _, h := range r.f.Hits {
		n[kindOf(h.Entry)]++
	}
	room := make([]lexicon.Hit, len(r.f.Hits))
	for k := range n {
		r.kinds[k], room = room[:0:n[k]], room[n[k]:]
	}
	for _, h := range r.f.Hits {
		if k := kindOf(h.Entry); len(r.kinds[k]) < most {
			r.kinds[k] = append(r.kinds[k], h)
		}
	}
}

// score is the log-odds that the text is a listing.
func (r *reader) score(v *Verdict) float64 {
	t := tally{terms: r.terms}
	t.add("base", wBase)
	best, disguised := 0.0, false
	for _, h := range r.kinds[kindGoods] {
		if h.Entry.Strength > 1 {
			w := wGoods * (1 - h.Cost*0.5)
			if !r.inTrade(h) || (h.Channel.Heard() || h.Channel == lexicon.Masked) && !r.chorus() && !r.secondCue() || r.lacking(h) {
				w *= 0.4
			}
			best = max(best, w)
		} else if h.Cost == 0 {
			best = max(best, wGoodsWeak)
		}
		disguised = disguised || h.Entry.Strength > 1 && (h.Channel != lexicon.Plain && !h.Channel.Heard() || h.Gaps > 0)
	}
	for _, g := range v.Goods {
		if g.Hit.Entry != nil && g.Hit.Entry.Strength == composed {
			w := wGoods * 0.9
			if !r.inTrade(g.Hit) && len(v.Platforms) == 0 {
				w *= 0.4
			}
			best = max(best, w)
		}
	}
	chorus := r.chorus()
	disguised = disguised || chorus || r.f.Riddle
	t.add("goods", best)
	if named := best > wGoodsWeak; !named && r.f.Sample == nil {
		switch {
		case len(v.Platforms) == 0:
			t.add("no_goods", wNoGoods)
			if len(v.Grades) == 0 {
				t.add("nothing", wNothing)
			}
		case len(r.f.Prices) == 0 && len(v.Grades) == 0 && best == 0:
			t.add("bare_name", wBareName)
		}
	}
	plat := 0.0
	for _, p := range v.Platforms {
		w := wPlatform * (1 - p.Hit.Cost*0.4)
		if p.Hit.Weak {
			w *= 0.7
		}
		plat = max(plat, w)
		disguised = disguised || p.Hit.Gaps > 0 || p.Hit.Channel != lexicon.Plain && !p.Hit.Channel.Heard()
	}
	if len(v.Platforms) > 1 {
		plat += wSecond
	}
	if vague(v.Platforms) && r.f.Sample == nil && len(r.f.Contacts) == 0 && len(v.Grades) == 0 && !r.strongGoods() && !disguised {
		t.add("vague", wVague)
	}
	t.add("platform", plat)
	if len(v.Grades) > 0 {
		t.add("grade", wGrade)
		if r.perPiece() {
			t.add("grade_price", wGradePrice)
		}
	}
	for _, k := range []struct {
		id string
		w  float64
	}{{"trade.minimum", wMinimum}, {"trade.measure", wMeasure}, {"trade.fields", wFields}} {
		if r.has(kindTrade, k.id) {
			t.add(k.id, k.w)
		}
	}
	trades := len(r.kinds[kindSide]) > 0 || r.serves() || r.calls()
	if trades {
		t.add("side", wSide)
	}
	call := len(v.Platforms) > 0 && r.strongGoods() && len(r.f.Contacts) == 0 && (r.has(kindTrade, "trade.contact") || r.has(kindTrade, "trade.call"))
	if call {
		t.add("call", wCall)
	}
	if r.verbRightBefore() {
		t.add("verb_goods", wVerbGoods)
	}
	if len(r.f.Prices) > 0 {
		v.Price = true
		t.add("price", wPrice)
		for _, p := range r.f.Prices {
			if p.Per != market.PerUnknown && p.Per != market.PerLot {
				t.add("unit_price", wUnitPrice)
				break
			}
		}
	}
	if len(r.f.Contacts) > 0 {
		v.Contact = true
		t.add("contact", wContact)
	}
	if len(r.f.Stock) > 0 {
		t.add("stock", wStock)
	}
	if r.f.Sample != nil {
		t.add("sample", wSample)
	}
	if disguised {
		t.add("disguise", wDisguise)
	}
	if !trades && !call && len(r.f.Prices)+len(r.f.Contacts)+len(v.Grades) == 0 && r.f.Sample == nil && !disguised {
		t.add("no_trade", wNoTrade)
	}
	if r.brand(v) {
		t.add("brand", wBrand)
	}
	r.frames(v, &t)
	return t.sum
}

// verbRightBefore reports whether a verb of selling or seeking stands right
// before goods or a platform.
func (r *reader) verbRightBefore() bool {
	for _, v := range r.kinds[kindSide] {
		word := v.End-v.Start >= 6 // 出售, 转让: more than one character
		for _, k := range [...]kind{kindGoods, kindPlatform} {
			for _, h := range r.kinds[k] {
				if k == kindGoods && h.Entry.Strength <= 1 {
					continue
				}
				if h.Start >= v.End && h.Start-v.End <= 3 || word && h.Start >= v.End && h.Start-v.End <= objectGap && r.unbroken(v.End, h.Start) {
					return true
				}
				if word && k == kindGoods && v.Start >= h.End && v.Start-h.End <= 6 && v.Entry.ID == "side.sell" { // 账号出租, 简历数据出售
					return true
				}
			}
		}
	}
	return false
}

// objectGap is how many bytes may stand between a verb and what it sells: 出一批
// 应届生简历.
const objectGap = 15

// unbroken reports whether no mark ends a clause between two bytes.
func (r *reader) unbroken(from, to int) bool {
	return clauseOf(r.clauses, from) == clauseOf(r.clauses, to) && !strings.ContainsAny(r.f.Folded[from:to], "?？!！。\n")
}

// serves reports goods that are an offer by their name: 代下, 代认证, 包过.
func (r *reader) serves() bool {
	return slices.ContainsFunc(r.kinds[kindGoods], func(h lexicon.Hit) bool {
		s := r.f.Folded[h.Start:h.End]
		return h.Entry.Strength > 1 && (h.Entry.Value == market.GoodsDownloadService || h.Entry.Value == market.GoodsAccountRegistration) &&
			(strings.HasPrefix(s, "代") || strings.HasPrefix(s, "包"))
	})
}

// calls reports a clause that calls those who need something: 需要简历的私我.
func (r *reader) calls() bool {
	return slices.ContainsFunc(r.kinds[kindTrade], func(h lexicon.Hit) bool {
		if h.Entry.ID != "trade.call" {
			return false
		}
		c := r.clauses[clauseOf(r.clauses, h.Start)]
		s := strings.TrimLeft(r.f.Folded[c.start:c.end], " ,，")
		return strings.HasPrefix(s, "需要") || strings.HasPrefix(s, "要") || strings.HasPrefix(s, "有需要") || strings.HasPrefix(s, "想要")
	})
}

// perPiece reports a price for one resume, beside 份 or 条, in a text that calls
// its goods first or second hand in plain words.
func (r *reader) perPiece() bool {
	plain := slices.ContainsFunc(r.kinds[kindGrade], func(h lexicon.Hit) bool { return h.Channel == lexicon.Plain && h.Entry.ID != "grade.realtime" })
	return plain && slices.ContainsFunc(r.f.Prices, func(p market.Price) bool { return p.Per == market.PerItem }) &&
		slices.ContainsFunc(r.kinds[kindTrade], func(h lexicon.Hit) bool {
			return strings.ContainsAny(r.f.Folded[h.Start:h.End], "份条")
		})
}

// lacking reports goods that are said not to be there: 一份简历都没有, 没收到简历.
func (r *reader) lacking(h lexicon.Hit) bool {
	s := r.f.Folded
	for _, w := range []string{"都没", "也没", "都收不到", "都不"} {
		if strings.HasPrefix(s[h.End:], w) {
			return true
		}
	}
	before := s[max(0, h.Start-18):h.Start]
	for _, w := range []string{"没收到", "没有收到", "收不到", "没人投", "没几份", "没几个", "一共收到", "才收到", "才来", "只收到"} {
		if strings.Contains(before, w) {
			return true
		}
	}
	return false
}

// inTrade reports whether goods are of this trade by what they are or by what
// stands around them: accounts, registrations and tools exist for everything.
func (r *reader) inTrade(h lexicon.Hit) bool {
	return h.Entry.Value == market.GoodsResumeData || len(r.kinds[kindPlatform]) > 0 || len(r.kinds[kindContext]) > 0
}

// frames adds what speaks against a sale: each frame once, a little for more.
func (r *reader) frames(v *Verdict, t *tally) {
	seen := map[*lexicon.Entry]int{}
	for _, h := range r.kinds[kindFrame] {
		n := seen[h.Entry]
		seen[h.Entry]++
		switch {
		case n == 0:
			w := h.Entry.Weight
			if h.Channel.Heard() {
				w *= 0.7
			}
			t.add(h.Entry.ID, w)
			v.Frames = append(v.Frames, h)
		case n < 4:
			t.add(h.Entry.ID, wFrameAgain)
		}
	}
}

func (r *reader) has(k kind, id string) bool {
	return slices.ContainsFunc(r.kinds[k], func(h lexicon.Hit) bool { return h.Entry.ID == id })
}

// platforms are the values named, weak forms and far-fetched ones included:
// whether the text is a listing at all is judged apart. What is only excluded
// (不要58的, 不是58同镇) is left out.
func (r *reader) platforms() []Found {
	var out []Found
	for _, h := range r.kinds[kindPlatform] {
		if r.denied(h) || r.coveredByOther(h) {
			continue
		}
		out = add(out, h)
	}
	return r.initials(out)
}

func add(out []Found, h lexicon.Hit) []Found {
	for i := range out {
		if out[i].Value == h.Entry.Value {
			if h.Cost < out[i].Hit.Cost || out[i].Hit.Weak && !h.Weak {
				out[i].Hit = h
			}
			return out
		}
	}
	return append(out, Found{h.Entry.Value, h})
}

// coveredByOther: 鱼泡直聘 is yupao, though 直聘 stands in it.
func (r *reader) coveredByOther(h lexicon.Hit) bool {
	for _, o := range r.kinds[kindPlatform] {
		if o.Entry != h.Entry && o.Channel == lexicon.Plain && o.Start <= h.Start && o.End >= h.End && o.End-o.Start > h.End-h.Start {
			return true
		}
	}
	return false
}

// leavers stand behind a platform that the author worked for, soldOut behind one that isn't on
// offer now.
var (
	leavers = []string{"上班", "离职", "辞职", "任职", "出来的人", "前员工", "的前员工", "被裁", "工作过", "干过", "做过"}
	soldOut = []string{"没货", "暂时没", "卖完", "没有了", "缺货", "断货", "已清", "售罄", "下架"}
)

// another reports whether another platform stands between a hit and the byte.
func (r *reader) another(h lexicon.Hit, at int) bool {
	return slices.ContainsFunc(r.kinds[kindPlatform], func(o lexicon.Hit) bool { return o.Start >= h.End && o.Start < at && o.Entry != h.Entry })
}

// refusals before a platform.
var refusals = []string{"不要", "不是", "不收", "除了", "没有", "不做", "不含", "不出", "非"}

func (r *reader) denied(h lexicon.Hit) bool {
	for _, w := range refusals {
		if n := h.Start - len(w); n >= 0 && r.f.Folded[n:h.Start] == w {
			return true
		}
	}
	rest := r.f.Folded[h.End:]
	for _, w := range leavers {
		if strings.HasPrefix(rest, w) {
			return true
		}
	}
	c := r.clauses[clauseOf(r.clauses, h.Start)]
	if h.End < c.end && c.end-h.End < 40 {
		rest = r.f.Folded[h.End:c.end]
		for _, w := range soldOut {
			if i := strings.Index(rest, w); i >= 0 && !r.another(h, h.End+i) {
				return true
			}
		}
	}
	return false
}
