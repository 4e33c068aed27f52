package extractors

import (
	"cmp"
	"strconv"
	"strings"

	"resumewatch/extractors/classify"
	"resumewatch/extractors/fold"
	"resumewatch/extractors/lexicon"
	"resumewatch/internal/market"
)

// names are the Chinese words for values, for analysts.
var names = map[string]string{
	market.GoodsResumeData: "简历", market.GoodsDownloadService: "代下载", market.GoodsRecruiterAccount: "招聘账号",
	market.GoodsAccountRegistration: "代开通账号", market.GoodsScrapingTool: "采集工具",
	market.GradeFirstHand: "一手", market.GradeSecondHand: "二手",
	"zhaopin": "智联招聘", "51job": "前程无忧", "liepin": "猎聘", "boss": "BOSS直聘", "58": "58同城", "ganji": "赶集", "lagou": "拉勾", "maimai": "脉脉",
	"linkedin": "领英", "chinahr": "中华英才", "doumi": "斗米", "yupao": "鱼泡", "kanzhun": "看准", "dajie": "大街", "yjs": "应届生", "other": "其他招聘网站",
	"frame.service": "简历代写一类服务", "frame.coaching": "求职辅导", "frame.news": "新闻报道", "frame.law": "法律文本", "frame.warning": "提醒或揭露",
	"frame.victim": "受害者的话", "frame.refusal": "明说不买卖", "frame.recruiter": "招聘启事", "frame.wages": "招聘或求职的待遇", "frame.seeker": "求职者的话", "frame.seeker_side": "求职者一侧的会员", "frame.official": "平台官方或授权销售",
	"frame.workplace": "日常工作讨论", "frame.colleague": "同行互荐", "frame.legit_tool": "正当的工具", "frame.quote": "转述他人的话",
	"frame.other_goods": "别的货物", "frame.gig": "兼职招工",
}

// longestQuote is how many characters of a post a reason quotes.
const longestQuote = 24

// reasons says in words what spoke for and against. Codes are "goods.", "platform."
// and "grade." with a value, "side.sell", "side.buy", "price", "stock", "contact",
// "sample", "minimum", and "frame." with the name of a frame.
func reasons(text string, t *fold.Text, v classify.Verdict, f classify.Facts) []market.Reason {
	var out []market.Reason
	add := func(code, words string) { out = append(out, market.Reason{Code: code, Text: words}) }
	verb := "卖"
	if v.Side == market.SideBuy {
		verb = "买"
	}
	for _, g := range v.Goods {
		if g.Hit.Entry != nil {
			add("goods."+g.Value, "说要"+verb+names[g.Value]+cite(text, t, g.Hit))
		} else if v.Listing {
			add("goods."+g.Value, "没有明说货物，由上下文推断为"+names[g.Value])
		}
	}
	for _, p := range v.Platforms {
		add("platform."+p.Value, "提到"+names[p.Value]+cite(text, t, p.Hit))
	}
	for _, g := range v.Grades {
		if g.Hit.Entry == nil {
			add("grade."+g.Value, "比喻说是"+names[g.Value])
			continue
		}
		add("grade."+g.Value, "说是"+names[g.Value]+cite(text, t, g.Hit))
	}
	if n := len(f.Prices); n > 0 {
		p := f.Prices[0]
		amount := p.Amount
		if p.AmountMax != "" {
			amount += "–" + p.AmountMax
		}
		add("price", "给出 "+strconv.Itoa(n)+" 个价格，如 "+amount+" "+p.Currency)
	}
	if n := len(f.Stock); n > 0 {
		add("stock", "自称数量 "+strconv.FormatInt(f.Stock[0].Quantity, 10))
	}
	if n := len(f.Contacts); n > 0 {
		add("contact", "留下 "+strconv.Itoa(n)+" 个联系方式")
	}
	if f.Sample != nil {
		add("sample", "贴出 "+strconv.Itoa(f.Sample.Records)+" 条个人记录作样品")
	}
	side, minimum := false, false
	for _, h := range f.Hits {
		switch {
		case h.Entry.ID == "trade.minimum" && !minimum:
			minimum = true
			add("minimum", "有起订量"+cite(text, t, h))
		case h.Entry.Kind() == "side" && h.Entry.Value == v.Side && !side:
			side = true
			add("side."+v.Side, "有买卖用语"+cite(text, t, h))
		}
	}
	for _, h := range v.Frames {
		add(h.Entry.ID, "像是"+called(h.Entry)+cite(text, t, h))
	}
	return out
}

// called is what an entry is called in words: one of a user by its note, or its id.
func called(e *lexicon.Entry) string {
	return cmp.Or(names[e.ID], e.Note, e.ID)
}

// cite shows a hit as it was written, and as it is read where that differs:
// （简*历 → 简历）.
func cite(text string, t *fold.Text, h lexicon.Hit) string {
	start, end := t.Span(h.Start, h.End)
	written := short(text[start:end])
	read := ""
	if h.Channel != lexicon.Plain {
		read = names[h.Entry.Value]
	} else if read = plain(t.Folded[h.Start:h.End]); strings.EqualFold(read, written) {
		read = ""
	}
	if read == "" || read == written {
		return "（" + written + "）"
	}
	return "（" + written + " → " + short(read) + "）"
}

// plain drops what isn't a letter or digit.
func plain(s string) string {
	s = fold.Search(s)
	if !strings.ContainsAny(s, " \n") { // all that Search leaves
		return s
	}
	return strings.Join(strings.Fields(s), "")
}

func short(s string) string {
	n := 0
	for i := range s {
		if n == longestQuote {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
