package rules

import "resumewatch/internal/market"

// What the closed words are called before an analyst.

var goodsName = map[string]string{
	market.GoodsResumeData:          "简历",
	market.GoodsDownloadService:     "简历代下载",
	market.GoodsRecruiterAccount:    "招聘账号",
	market.GoodsAccountRegistration: "招聘账号代注册",
	market.GoodsScrapingTool:        "简历采集工具",
}

var platformName = map[string]string{
	"zhaopin":  "智联",
	"51job":    "前程无忧",
	"liepin":   "猎聘",
	"boss":     "BOSS直聘",
	"58":       "58同城",
	"ganji":    "赶集",
	"lagou":    "拉勾",
	"maimai":   "脉脉",
	"linkedin": "领英",
	"chinahr":  "中华英才",
	"doumi":    "斗米",
	"yupao":    "鱼泡",
	"kanzhun":  "看准",
	"dajie":    "大街",
	"yjs":      "应届生",
	"other":    "其他招聘网站",
}

func goodsWord(w string) string    { return wordOr(goodsName, w) }
func platformWord(w string) string { return wordOr(platformName, w) }

// wordOr lets a word that a newer extractor brings show as it is.
func wordOr(names map[string]string, w string) string {
	if n, ok := names[w]; ok {
		return n
	}
	return visible(w)
}

func currencyWord(c string) string {
	if c == market.CurrencyCNY {
		return "元"
	}
	return visible(c)
}

func perWord(per string) string {
	switch per {
	case market.PerItem:
		return "条"
	case market.PerThousandItems:
		return "千条"
	case market.PerTenThousandItems:
		return "万条"
	case market.PerAccount:
		return "号"
	case market.PerDay:
		return "天"
	case market.PerWeek:
		return "周"
	case market.PerMonth:
		return "月"
	case market.PerYear:
		return "年"
	case market.PerSet:
		return "套"
	}
	return visible(per)
}

// leastWord counts the pieces of a least number.
func leastWord(per string) string {
	switch per {
	case market.PerAccount:
		return "个"
	case market.PerSet:
		return "套"
	case market.PerDay:
		return "天"
	case market.PerWeek:
		return "周"
	case market.PerMonth:
		return "个月"
	case market.PerYear:
		return "年"
	}
	return "份"
}

func counter(unit string) string {
	if unit == market.UnitAccount {
		return "个账号"
	}
	return "条"
}
