package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"resumewatch/internal/market"
)

// keywords is the first thing that anybody would write: a text is a listing when it has
// a word of trade and names goods or a platform, and has no word that speaks against it.
type keywords struct{}

// word is a string that stands for a value.
type word struct{ form, value string }

var (
	sellWords = []string{"出售", "出一手", "出简历", "出智联", "出boss", "批发", "有货", "代下", "代开", "代认证", "出租", "转让", "低价出", "长期出", "大量出", "现货", "卖", "售", "供应", "包月"}
	buyWords  = []string{"收购", "求购", "高价收", "长期收", "大量收", "收简历", "收一手", "收智联", "收号", "收企业", "想买", "求", "要买", "收"}
	goodWords = []word{
		{"简历", market.GoodsResumeData}, {"求职者信息", market.GoodsResumeData}, {"求职者数据", market.GoodsResumeData}, {"人才库", market.GoodsResumeData},
		{"代下载", market.GoodsDownloadService}, {"代下", market.GoodsDownloadService}, {"代查", market.GoodsDownloadService},
		{"企业号", market.GoodsRecruiterAccount}, {"企业账号", market.GoodsRecruiterAccount}, {"招聘账号", market.GoodsRecruiterAccount}, {"会员号", market.GoodsRecruiterAccount}, {"下载点", market.GoodsRecruiterAccount}, {"子账号", market.GoodsRecruiterAccount},
		{"代认证", market.GoodsAccountRegistration}, {"代开通", market.GoodsAccountRegistration}, {"直通车", market.GoodsAccountRegistration}, {"过审", market.GoodsAccountRegistration}, {"执照认证", market.GoodsAccountRegistration},
		{"采集器", market.GoodsScrapingTool}, {"提取软件", market.GoodsScrapingTool}, {"采集软件", market.GoodsScrapingTool}, {"爬虫", market.GoodsScrapingTool}, {"协议", market.GoodsScrapingTool},
	}
	platformWords = []word{
		{"智联", "zhaopin"}, {"前程无忧", "51job"}, {"51job", "51job"}, {"无忧", "51job"}, {"猎聘", "liepin"}, {"boss", "boss"}, {"直聘", "boss"},
		{"58", "58"}, {"赶集", "ganji"}, {"拉勾", "lagou"}, {"脉脉", "maimai"}, {"领英", "linkedin"}, {"linkedin", "linkedin"}, {"中华英才", "chinahr"},
		{"斗米", "doumi"}, {"鱼泡", "yupao"}, {"看准", "kanzhun"}, {"大街网", "dajie"}, {"应届生", "yjs"},
	}
	gradeWords = []word{{"一手", market.GradeFirstHand}, {"首发", market.GradeFirstHand}, {"没卖过", market.GradeFirstHand}, {"二手", market.GradeSecondHand}, {"历史库", market.GradeSecondHand}}
	stopWords  = []string{
		"模板", "代写", "优化", "润色", "打印", "翻译", "岗位", "职责", "五险", "月薪", "薪资", "投递", "急聘", "诚聘", "面试", "offer", "内推", "应聘",
		"警方", "民警", "记者", "法院", "判处", "反诈", "骗子", "被骗", "举报", "泄露", "违法", "新闻", "游戏", "房", "车",
	}
)

func (keywords) read(text string) market.Listing {
	text = strings.ToLower(text)
	l := market.Listing{Goods: values(text, goodWords), Platforms: values(text, platformWords), Grades: values(text, gradeWords)}
	sell, buy := first(text, sellWords), first(text, buyWords)
	if sell < 0 && buy < 0 || len(l.Goods)+len(l.Platforms) == 0 || first(text, stopWords) >= 0 {
		return market.Listing{}
	}
	l.Listing, l.Side = true, market.SideSell
	if buy >= 0 && (sell < 0 || buy < sell) {
		l.Side = market.SideBuy
	}
	if len(l.Goods) == 0 {
		l.Goods = []string{market.GoodsResumeData}
	}
	return l
}

// values are those of the words that a text has.
func values(text string, words []word) []string {
	var out []string
	for _, w := range words {
		if strings.Contains(text, w.form) && !slices.Contains(out, w.value) {
			out = append(out, w.value)
		}
	}
	return out
}

// first is where the first of the words stands; -1 nowhere.
func first(text string, words []string) int {
	at := -1
	for _, w := range words {
		if i := strings.Index(text, w); i >= 0 && (at < 0 || i < at) {
			at = i
		}
	}
	return at
}

// patterns is what anybody would write next: the keywords, regular expressions for prices,
// amounts, contacts and samples, and a text is a listing also when it names goods at a
// price with a contact.
type patterns struct{}

var (
	priceForm  = regexp.MustCompile(`(\d+(?:\.\d+)?)(?:[-~到](\d+(?:\.\d+)?))? *(元|块|r|rmb|u|usdt|毛)? *(?:[/一每] *(?:1)?)(份|条|个|套|天|周|月|年|号)|(\d+(?:\.\d+)?) *(元|块|rmb|usdt|毛)`)
	leastForm  = regexp.MustCompile(`(\d+) *(?:份|条|个)? *(?:起|以上)`)
	stockForm  = regexp.MustCompile(`(?:现有|共|大概|约|有|收|要)? *(\d+(?:\.\d+)?) *(万|w|k|千)?(?:多)? *(条|份|个号|个)`)
	qqForm     = regexp.MustCompile(`(?:qq|扣扣|企鹅|加|扣|q) *[:：号是]* *(\d{5,11})`)
	groupForm  = regexp.MustCompile(`(?:群|群号) *[:：号是]* *(\d{5,11})`)
	wechatForm = regexp.MustCompile(`(?:微信|wx|vx|weixin|威信|薇信|v) *[:：号是]* *([a-z][a-z0-9_-]{5,19})`)
	phoneForm  = regexp.MustCompile(`(?:^|\D)(1[3-9]\d{9})(?:\D|$)`)
	mailForm   = regexp.MustCompile(`[a-z0-9._-]+@[a-z0-9-]+\.[a-z.]{2,}`)
	tgForm     = regexp.MustCompile(`(?:t\.me/|tg *[:：]? *@?|电报 *[:：]? *@?|@)([a-z][a-z0-9_]{4,31})`)
	urlForm    = regexp.MustCompile(`https?://[^\s，。]+`)
	rowForm    = regexp.MustCompile(`(?m)^.*[一-鿿*]{2,4}[\t|/, -]+.*1[3-9][\d*]{9}.*$`)
)

func (patterns) read(text string) market.Listing {
	text = strings.ToLower(text)
	l := keywords{}.read(text)
	prices, contacts := priced(text), reached(text)
	if !l.Listing {
		goods := values(text, goodWords)
		if len(goods) == 0 || len(prices) == 0 || len(contacts) == 0 || first(text, stopWords) >= 0 {
			return market.Listing{}
		}
		l = market.Listing{Listing: true, Side: market.SideSell, Goods: goods, Platforms: values(text, platformWords), Grades: values(text, gradeWords)}
	}
	l.Prices = prices
	if rows := len(rowForm.FindAllString(text, -1)); rows > 0 {
		l.Sample = &market.Sample{Records: rows, Fields: []string{"name", "phone"}}
	} else {
		l.Contacts = contacts
	}
	for _, m := range stockForm.FindAllStringSubmatch(text, -1) {
		n, err := strconv.ParseFloat(m[1], 64)
		n *= map[string]float64{"": 1, "万": 1e4, "w": 1e4, "k": 1e3, "千": 1e3}[m[2]]
		if err != nil || n < 300 { // fewer are a least quantity or a price's own unit
			continue
		}
		l.Stock = append(l.Stock, market.Stock{Quantity: int64(n), Unit: map[bool]string{true: market.UnitAccount, false: market.UnitItem}[strings.HasPrefix(m[3], "个")]})
	}
	return l
}

func priced(text string) []market.Price {
	least := int64(0)
	if m := leastForm.FindStringSubmatch(text); m != nil {
		if n, err := strconv.ParseInt(m[1], 10, 64); err == nil {
			least = n
		}
	}
	var out []market.Price
	for _, m := range priceForm.FindAllStringSubmatch(text, -1) {
		amount, top, unit, per := m[1], m[2], m[3], m[4]
		if amount == "" {
			amount, unit = m[5], m[6]
		}
		if unit == "毛" {
			amount, top = tenth(amount), tenth(top)
		}
		p := market.Price{Amount: plain(amount), AmountMax: plain(top), Currency: market.CurrencyCNY, Per: market.PerItem, MinQuantity: least}
		if unit == "u" || unit == "usdt" {
			p.Currency = market.CurrencyUSDT
		}
		switch per {
		case "个", "号":
			p.Per = market.PerAccount
		case "套":
			p.Per = market.PerSet
		case "天":
			p.Per = market.PerDay
		case "周":
			p.Per = market.PerWeek
		case "月":
			p.Per = market.PerMonth
		case "年":
			p.Per = market.PerYear
		}
		out = append(out, p)
	}
	return out
}

// plain is a decimal without trailing zeros.
func plain(s string) string {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return ""
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func tenth(s string) string {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return ""
	}
	return strconv.FormatFloat(f/10, 'f', -1, 64)
}

func reached(text string) []market.Contact {
	var out []market.Contact
	add := func(kind string, form *regexp.Regexp) {
		for _, m := range form.FindAllStringSubmatch(text, -1) {
			if c := (market.Contact{Kind: kind, Value: m[len(m)-1]}); !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	add(market.ContactQQ, qqForm)
	add(market.ContactQQGroup, groupForm)
	add(market.ContactWeChat, wechatForm)
	add(market.ContactPhone, phoneForm)
	add(market.ContactEmail, mailForm)
	add(market.ContactTelegram, tgForm)
	add(market.ContactURL, urlForm)
	return out
}
