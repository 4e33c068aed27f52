package gen

import (
	"math/rand/v2"
	"strings"
)

const (
	qqLow  = 1000010000 // invented QQ numbers: 1000010000–1000099999
	qqSpan = 90000
)

// seller is one who advertises again and again, mostly in the same words.
type seller struct {
	member
	ad       []byte // the advertisement of the day
	template template
	hide     disguise
	contact  string
	platform []string
}

// disguise is how a seller hides words from filters.
type disguise uint8

const (
	plain disguise = iota
	starred
	zeroWidth
	homophones
	fullWidth
	disguises // how many there are
)

var platforms = [][]string{
	{"智联", "智联招聘", "Z联", "老智"}, {"前程无忧", "51job", "51", "无忧"}, {"猎聘", "小猎"}, {"BOSS直聘", "boss", "波士"},
	{"58同城", "五八"}, {"拉勾"}, {"脉脉"}, {"赶集"},
}

// adverts are the listings before disguise. {p} is a platform, {c} a contact, {s} sample records.
var adverts = []string{
	"出{p}简历，{grade}，{cents}一份，{min}份起，{c}",
	"出售{p}一手简历{stock}条，姓名电话邮箱全，{cents}一条，量大从优，{c}",
	"{p}简历数据 {stock}份 打包{lot} {c}",
	"长期出招聘网简历，{p} {p}都有，当天更新\n价格：{cents}/份，1000以上{cents}\n样本：\n{s}\n{c}",
	"代下{p}简历，{cents}一份，秒出，{c}",
	"{p}企业号出租，{rent}一天，{month}一个月，可下载简历，{c}",
	"出{p}企业会员号，剩余下载点多，{acct}一个，{c}",
	"包过{p}企业认证，直通车，{acct}一家，不成不收，{c}",
	"{p}简历采集软件，自动登录批量导出电话，月卡{month}，永久{lot}，{c}",
	"收{p}简历，{grade}，{cents}以内，要{stock}份，长期，{c}",
	"求购{p}企业账号，{acct}一个，有多少收多少，{c}",
	"{p}{grade}简历 一毛五到{cents} 看量\n{s}\n需要的滴滴",
	"高价回收{p}老号，{acct}起，{c}",
	"有{p}内部渠道，实时简历，日更{n}00，{cents}一条，包月{month}，{c}",
}

// advertWords are the pools of adverts.
func advertWords() words {
	return words{
		"grade": {"一手", "二手", "首发", "历史库", "没卖过", "当天"},
		"cents": {"2毛", "0.3元", "5毛", "1元", "1.5元", "2块", "0.15", "8分", "3元"},
		"min":   {"50", "100", "200", "500", "1000"},
		"stock": {"3000", "5000", "1万", "3w", "12000", "20万", "30w", "8千"},
		"lot":   {"800", "1500", "2000", "3500", "5000", "9800"},
		"rent":  {"20", "30", "50", "80"},
		"month": {"300", "500", "680", "880"},
		"acct":  {"80", "150", "260", "400", "600", "1200"},
	}
}

// newSeller invents a seller who keeps to one contact, one or two platforms and one disguise.
func newSeller(m member, r *rand.Rand) *seller {
	s := &seller{member: m, hide: disguise(r.IntN(int(disguises)))}
	if r.IntN(2) == 0 {
		s.hide = plain
	}
	s.platform = platforms[r.IntN(len(platforms))]
	s.contact = contact(r)
	return s
}

func contact(r *rand.Rand) string {
	var b []byte
	switch r.IntN(7) {
	case 0, 1:
		b = decimal(append(b, "QQ"...), qqLow+r.IntN(qqSpan), 0)
	case 2:
		b = decimal(append(b, "加扣 "...), qqLow+r.IntN(qqSpan), 0)
	case 3:
		b = decimal(append(b, "微信 demo_jl"...), r.IntN(10000), 4)
	case 4:
		b = number(append(b, "电话"...), "phone", r)
		b = append(b, "微信同号"...)
	case 5:
		b = decimal(append(b, "飞机 @demo_cv_"...), r.IntN(1000), 3)
	case 6:
		b = decimal(append(b, "邮箱 demo"...), r.IntN(10000), 4)
		b = append(b, "@example.cn"...)
	}
	return string(b)
}

// advertise appends what the seller writes now: the same words as before, or new ones.
func (s *seller) advertise(dst []byte, pool []template, r *rand.Rand) []byte {
	if s.ad == nil || r.IntN(5) == 0 {
		if s.template == nil || r.IntN(3) == 0 {
			s.template = pool[r.IntN(len(pool))]
		}
		s.ad = hide(s.write(nil, r), s.hide)
	}
	dst = append(dst, s.ad...)
	switch r.IntN(8) { // what people add to get past "you have just said that"
	case 0:
		dst = append(dst, "！！"...)
	case 1:
		dst = append(dst, '\n', '+', '+')
	case 2:
		dst = append(dst, " 🔥🔥"...)
	}
	return dst
}

func (s *seller) write(dst []byte, r *rand.Rand) []byte {
	for _, p := range s.template {
		switch p.slot {
		case "":
			dst = append(dst, p.text...)
		case "p":
			dst = append(dst, s.platform[r.IntN(len(s.platform))]...)
		case "c":
			dst = append(dst, s.contact...)
		case "s":
			dst = records(dst, 1+r.IntN(3), r)
		default:
			dst = template{p}.fill(dst, r)
		}
	}
	return dst
}

// records appends sample records of nobody.
func records(dst []byte, n int, r *rand.Rand) []byte {
	w := recordWords
	for i := range n {
		if i > 0 {
			dst = append(dst, '\n')
		}
		dst = append(dst, w.fam[r.IntN(len(w.fam))]...)
		dst = append(dst, "某 "...)
		dst = append(dst, w.sex[r.IntN(2)]...)
		dst = decimal(append(dst, ' '), 21+r.IntN(24), 0)
		dst = append(append(dst, ' '), w.edu[r.IntN(len(w.edu))]...)
		dst = append(append(dst, ' '), w.job[r.IntN(len(w.job))]...)
		dst = number(append(dst, ' '), "phone", r)
	}
	return dst
}

var recordWords = struct{ fam, sex, edu, job []string }{pools()["fam"], pools()["sex"], pools()["edu"], pools()["job"]}

var (
	starring = strings.NewReplacer("简历", "简*历", "企业", "企.业", "微信", "微-信", "智联", "智*联", "出售", "出/售")
	homophon = strings.NewReplacer("简历", "见里", "微信", "薇❤", "QQ", "🐧", "出售", "出", "电话", "dh", "企业号", "七业号", "智联", "Z联", "猎聘", "列品")
	widening = strings.NewReplacer("0", "０", "1", "１", "2", "２", "3", "３", "4", "４", "5", "５", "6", "６", "7", "７", "8", "８", "9", "９", "简历", "簡歷")
	splicing = strings.NewReplacer("简历", "简\u200b历", "企业", "企\u200b业", "账号", "账\u200d号", "软件", "软\u200b件")
)

func hide(ad []byte, how disguise) []byte {
	switch how {
	case starred:
		return []byte(starring.Replace(string(ad)))
	case zeroWidth:
		return []byte(splicing.Replace(string(ad)))
	case homophones:
		return []byte(homophon.Replace(string(ad)))
	case fullWidth:
		return []byte(widening.Replace(string(ad)))
	}
	return ad
}
