package extractors

import (
	"cmp"
	"fmt"

	"resumewatch/extractors/lexicon"
)

// termNames are the lines of a score in words.
var termNames = map[string]string{
	"base": "起点：多数消息不是买卖", "goods": "说到货物", "no_goods": "既没有明说的货物，也没有平台", "nothing": "连成色也没有", "bare_sum": "只有数目，没有货物、平台、成色、联系方式：至多存疑", "bare_name": "只有平台名，没有货物、价格和成色",
	"vague": "平台只是谐音或平常也说的词", "platform": "说到招聘平台", "grade": "说到成色（一手、二手）", "grade_price": "成色和单份价格在一起：只有这一行这样说",
	"trade.minimum": "有起订量", "trade.measure": "有计价单位或周期", "trade.fields": "说资料里有什么", "side": "有买卖用语", "call": "招呼人来联系", "verb_goods": "买卖的词紧挨货物或平台",
	"price": "有价格", "unit_price": "价格按份、按号或按期", "contact": "有联系方式", "stock": "有存量", "sample": "贴了样品", "disguise": "文字做了伪装", "brand": "平台只有两个拉丁字母，多半是别的牌子", "no_trade": "没人卖、没人出价，也没有联系方式",
}

// termText says a line of a score in words.
func termText(code string, hits []lexicon.Hit) string {
	if name := termNames[code]; name != "" {
		return name
	}
	for _, h := range hits {
		if h.Entry.ID == code {
			return "像是" + called(h.Entry)
		}
	}
	return cmp.Or(names[code], code)
}

// fateText says in words why a word doesn't count.
func fateText(f lexicon.Finding, folded string) string {
	by := ""
	if f.By != nil {
		by = folded[f.By.Start:f.By.End]
	}
	switch f.Fate {
	case lexicon.Torn:
		return "中间有断句的符号"
	case lexicon.Grown:
		return "是更长的词或数字的一部分"
	case lexicon.Denied:
		return fmt.Sprintf("被例外“%s”否定", by)
	case lexicon.Covered:
		return fmt.Sprintf("在“%s”（%s）之内，那个词盖住它", by, f.By.Entry.ID)
	case lexicon.Objectless:
		return "后面没有紧跟货物、平台或成色"
	case lexicon.Amid:
		return "不在句首，也不紧挨货物或平台"
	case lexicon.Unsure:
		return "只是近音或遮字，旁边没有说得清楚的词"
	}
	return ""
}
