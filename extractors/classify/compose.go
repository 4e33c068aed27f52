package classify

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"resumewatch/extractors/lexicon"
	"resumewatch/internal/market"
)

// compound is goods that a clause describes instead of naming: a word of each
// of two lists, and for some a third anywhere in the text.
type compound struct {
	goods         string
	first, second *wordSet
	reach         int // most characters between the two
	ordered       bool
	trigger       *wordSet // one of them in the text; nil: none needed
}

var compounds = []compound{
	{
		goods: market.GoodsScrapingTool, reach: 24,
		first:  set("抓", "爬", "采集", "提取", "导出", "捞", "自动", "批量", "索要", "挂机", "扒"),
		second: set("软件", "脚本", "插件", "程序", "工具", "协议", "源码", "爬虫", "外挂", "机器人", "上号器", "器"),
	},
	{
		goods: market.GoodsDownloadService, reach: 12, ordered: true,
		first:   set("查", "出", "拿到", "返回", "解锁", "换", "给你", "给", "回", "要到", "查到", "看到"),
		second:  set("电话", "手机", "联系方式", "号码"),
		trigger: set("链接", "id", "编号", "报岗位", "单查", "秒", "内部可", "可内部", "后台", "主页", "名片发", "报姓名", "查不到", "不出不收", "出不来退", "怎么拿到", "查人", "代查", "查的渠道", "渠道"),
	},
	{
		goods: market.GoodsDownloadService, reach: 8,
		first:  set("解锁", "查到", "弄出来", "敲开", "搞到", "弄到", "问到", "打码", "挡住"),
		second: set("电话", "手机", "联系方式", "号码", "人选"),
	},
	{
		goods: market.GoodsDownloadService, reach: 8, ordered: true,
		first:  set("谁能下", "能帮下", "帮下", "帮忙下", "帮我下", "帮着下", "代我下", "可以下"),
		second: set("简历"),
	},
	{
		goods: market.GoodsAccountRegistration, reach: 16,
		first:   set("刷脸", "刷个脸", "收脸", "人脸", "身份证", "执照", "面签", "包过", "开通", "代开", "线下做"),
		second:  set("企业号", "招聘号", "hr号", "企业认证", "招聘软件", "boss", "智联", "前程", "猎聘", "直聘", "58", "拉勾"),
		trigger: set("注册", "认证", "实名", "过审", "开号", "代开", "开通", "面签", "收脸", "刷个脸", "现结", "人到就行"),
	},
}

// compounds finds goods that are described. Its hits cover the whole clause.
func (r *reader) compounds() []lexicon.Hit {
	var out []lexicon.Hit
	whole := r.plain()
	for _, c := range compounds {
		if c.trigger != nil && !c.trigger.in(whole) {
			continue
		}
		if c.goods != market.GoodsScrapingTool && len(r.kinds[kindPlatform]) == 0 && !r.has(kindGoods, "goods.resume") {
			continue
		}
		if !c.first.in(whole) || !c.second.in(whole) {
			continue
		}
		for i, cl := range r.clauses {
			if cl.end-cl.start > 600 || !c.in(r.plainClause(i)) {
				continue
			}
			e := &lexicon.Entry{ID: "goods.described", Value: c.goods, Strength: composed}
			out = append(out, lexicon.Hit{Entry: e, Start: cl.start, End: cl.end, Cost: 0.2})
			break
		}
	}
	return out
}

func (c compound) in(text string) bool {
	for _, a := range c.first.list {
		i := strings.Index(text, a)
		if i < 0 {
			continue
		}
		for _, b := range c.second.list {
			j := strings.Index(text[i+len(a):], b)
			if j >= 0 && utf8.RuneCountInString(text[i+len(a):i+len(a)+j]) <= c.reach {
				return true
			}
			if c.ordered {
				continue
			}
			if j = strings.LastIndex(text[:i], b); j >= 0 && utf8.RuneCountInString(text[j+len(b):i]) <= c.reach {
				return true
			}
		}
	}
	return false
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// plain is the text without anything but letters and digits.
func (r *reader) plain() string {
	if r.bare == "" {
		r.bare = letters(r.f.Folded)
	}
	return r.bare
}

// plainClause is a clause without anything but letters and digits.
func (r *reader) plainClause(i int) string {
	if r.bares == nil {
		r.bares = make([]string, len(r.clauses))
	}
	if r.bares[i] == "" {
		r.bares[i] = letters(r.f.Folded[r.clauses[i].start:r.clauses[i].end])
	}
	return r.bares[i]
}

// letters drops everything but letters and digits.
func letters(s string) string {
	whole := true
	for _, r := range s {
		if !letter(r) {
			whole = false
			break
		}
	}
	if whole {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if letter(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func letter(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z'
	case r >= 0x4E00 && r <= 0x9FFF:
		return true
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
