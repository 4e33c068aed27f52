package contact

import (
	"sort"

	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// What a cue announces beside the kinds of market.
const (
	anyWay = "any"   // 加, 联系: whatever follows
	other  = "other" // a messenger without a kind, or a number that is no contact
	tie    = "tie"   // 同号: the kinds around it share one value
)

// cues are the words that announce a contact, as they stand after folding.
// Latin ones match whole words only.
var cues = map[string][]string{
	market.ContactQQ: {
		"qq", "q", "qq号", "q号", "扣扣", "扣", "抠", "抠抠", "蔻蔻", "寇寇", "口口", "叩叩", "扣叩", "叩扣", "扣叩", "叩", "球", "球球", "秋秋", "丘丘", "求求号",
		"企鹅", "企鹅号", "鹅号", "🐧", "扣🐧", "扌口", "kk", "kou", "koukou", "q扣", "扣q", "囗囗", "qiuqiu", "qie", "小企鹅", "企e", "鹅", "鵝", "企鵝", "鹅厂", "鹅台", "鹅君", "鹅群主", "企鸟", "企饿", "企恶", "企鹅账号", "企鹅号码", "蔻", "釦", "扣我",
	},
	market.ContactQQGroup: {
		"群", "裙", "君羊", "qq群", "q群", "qq裙", "q裙", "群号", "裙号", "进群", "加群", "扣群", "扣扣群", "企鹅群", "羣", "🐧群", "qun", "qqqun", "君羊号",
	},
	market.ContactWeChat: {
		"葳", "卫", "围", "魏", "绿", "💚", "🛰", "胃", "胃星", "微信", "薇信", "威信", "维信", "徽信", "魏信", "围信", "微心", "薇心", "维心", "围心", "喂信", "尾信", "味信", "伪信", "卫信", "微星", "薇星", "卫星", "胃信", "唯信",
		"微x", "薇x", "徽x", "微xin", "徽xin", "薇xin", "v信", "v心", "v星", "v兴", "v芯", "vx", "wx", "v", "w信", "微", "薇", "徽", "威", "维", "微❤", "薇❤", "徽❤", "威❤", "维❤", "v❤",
		"绿泡泡", "绿泡", "绿色软件", "绿色app", "绿软", "绿标", "绿聊", "微博信", "wechat", "weixin", "we chat", "wei信", "wei❤xin", "wei心", "weichat", "微亻言", "徽亻言", "微号",
		"薇号", "vx号", "微信号", "卫星号", "伽v", "嶶", "嶶信", "薇亻言", "vⅹ", "w❤", "威芯", "小绿", "扫微", "绿书",
	},
	market.ContactPhone: {
		"电话", "手机", "手机号", "手机号码", "电话号码", "电话号", "热线", "☎", "📞", "📱", "致电", "电联", "爪机", "拨打", "来电", "打我", "tel", "phone", "call", "mobile", "cell", "座机", "手扌几", "shouji", "dianhua",
		"订购热线", "手機",
	},
	market.ContactTelegram: {
		"tg", "telegram", "电报", "电报号", "飞机", "飞机号", "纸飞机", "小飞机", "✈", "纸✈", "小✈", "🛩", "🛫", "飞🐔", "飞艇", "飞鸽", "飞鸡", "小飞鸡", "纸飞鸡", "非机", "灰机", "tele", "dm", "ping", "电抱", "典报", "feiji", "t:", "t-g", "t.g", "纸鸢", "纸鹞", "放风筝", "风筝",
	},
	market.ContactEmail: {"邮箱", "邮件", "电邮", "mail", "email", "e-mail", "箱", "邮", "邮箱地址", "油箱", "伊妹儿", "信箱"},
	anyWay: {
		"加我", "+我", "伽我", "加", "联系", "联系我", "联络", "戳我", "戳", "找我", "滴我", "联系方式", "寻我", "私聊", "号码", "客服", "咨询", "售后", "contact", "add me", "add", "咨询号", "加好友", "联系人", "详聊", "详询", "寻人处", "备用", "备用号", "小号", "大号", "主号", "换号", "新号",
	},
	other: {
		"蝙蝠", "蝙蝠号", "line", "whatsapp", "whats app", "potato", "土豆", "闲聊", "钉钉", "抖音", "抖音号", "快手", "陌陌", "旺旺", "支付宝", "闲鱼", "单号", "订单号", "订单", "快递", "邮编", "身份证",
		"身份证号", "卡号", "银行卡", "编号", "书号", "简历id", "id", "工号", "学号", "飞机票", "航班", "qq音乐", "qq飞车", "qq空间", "qq会员", "qq游戏", "q币", "群里", "群主", "群友", "群文件", "群发", "微博", "微商", "微店", "加盟", "加急", "加班",
		"加密", "加上", "加照", "加价", "加钱", "加入", "参加", "增加", "加起来", "扣费", "扣款", "扣除", "扣点", "折扣", "信用代码", "注册资本", "威胁", "威海", "微软", "维护", "维修", "思维", "卫星电视", "signal", "skype", "discord", "固话", "传真",
	},
	tie: {"同号", "同步", "同", "也是", "就是", "一样", "通用", "可加", "也可加", "可搜", "都是", "是同一个"},
}

type pattern struct {
	runes []rune
	kind  string
	latin bool
}

type cueTable map[rune][]pattern

var table = newCueTable()

// heardAs are the characters that sound like the two of 微信.
const heardAs, heardNext = "微薇威维徽葳魏围卫胃喂唯尾味伪巍伟委萎", "信芯心新辛星欣鑫馨❤号"

func newCueTable() cueTable {
	t := cueTable{}
	known := map[string]bool{}
	for _, w := range cues[market.ContactWeChat] {
		known[w] = true
	}
	for _, a := range heardAs {
		for _, b := range heardNext {
			if w := string([]rune{a, b}); !known[w] {
				t[a] = append(t[a], pattern{runes: []rune(w), kind: market.ContactWeChat})
			}
		}
	}
	for kind, list := range cues {
		for _, w := range list {
			r := []rune(w)
			t[r[0]] = append(t[r[0]], pattern{runes: r, kind: kind, latin: latin(r[0])})
		}
	}
	for _, list := range t {
		sort.Slice(list, func(i, j int) bool {
			if len(list[i].runes) != len(list[j].runes) {
				return len(list[i].runes) > len(list[j].runes)
			}
			return string(list[i].runes)+list[i].kind < string(list[j].runes)+list[j].kind
		})
	}
	return t
}

// at gives the longest cue that starts at rune i, and where it ends. A single
// space or heart may stand between the characters of a cue (T G, 卫 星).
func (t cueTable) at(r []rune, i int) (kind string, end int) {
	if !cueSigns.has(r[i]) {
		return "", i
	}
	list := t[r[i]]
	for n := range list {
		p := &list[n]
		if p.latin && i > 0 && (latin(r[i-1]) || numeral.Digit(r[i-1]) >= 0 && r[i-1] < 0x80) {
			continue
		}
		j, k := i, 0
		for k < len(p.runes) && j < len(r) {
			if r[j] == p.runes[k] || p.runes[k] == '❤' && heart(r[j]) {
				j, k = j+1, k+1
				continue
			}
			if k > 0 && (r[j] == ' ' || r[j] == '❤' || !p.latin && inner(r[j])) && j+1 < len(r) && r[j+1] == p.runes[k] {
				j++
				continue
			}
			break
		}
		if k < len(p.runes) {
			continue
		}
		if last := p.runes[len(p.runes)-1]; latin(last) && j < len(r) && (latin(r[j]) || r[j] == '_' || r[j] == '-' || r[j] == '@' && (p.kind != market.ContactTelegram || mailbox(r, j+1))) {
			continue
		}
		return p.kind, j
	}
	return "", i
}

// mailbox reports whether what begins at i, behind an @, is the host of a mailbox: tg@example.com.
func mailbox(r []rune, i int) bool {
	for i < len(r) && idRune(r[i]) {
		i++
	}
	return at(r, i) == '.' && latin(at(r, i+1))
}

func heart(c rune) bool {
	switch c {
	case '♥', '♡', '❥', '❣', '💗', '💕', '💓', '💖', '💙', '💛', '💜', '🧡', '🖤':
		return true
	}
	return false
}

// inner reports whether c may stand between the characters of a cue to hide it: 纸.鸢, 企|鹅.
func inner(c rune) bool {
	switch c {
	case '.', '·', '-', '|', '*', '_', '~', '^', '♥', '♡', '☆', '★':
		return true
	}
	return false
}

func latin(r rune) bool { return 'a' <= r && r <= 'z' }
