package price

import "resumewatch/internal/market"

// kind of a token.
type kind uint8

const (
	tOther  kind = iota // a letter or sign that means nothing here
	tSum                // a number, with or without a currency
	tPer                // one of a unit: 一份, /份, 每条, 一天, 包月
	tQty                // a number of pieces: 100份, 30万条
	tUnit               // a unit without a number
	tLabel              // names what is sold, a platform or a grade
	tMin                // 起, 以上, +: what stands before is a least number
	tMinPre             // 满, 至少, 最低: what follows is one
	tMinAny             // 起购, 起批: either
	tBelow              // 以内, 左右: a bound on a sum
	tCue                // 价, 只要, 出到: a sum follows
	tGo                 // 转, 拿走: the sum before is a price
	tLot                // 打包, 全要: the whole for one sum
	tHave               // 库存, 剩, 收: a number of pieces follows
	tSeat               // 坑, 位 of a shared account
	tRate               // 每天, 日出: a number of pieces a day is no stock
	tOld                // 原价, 官方: no price of the author's
	tNew                // 现价, 我这: ends what tOld began
	tNo                 // 押金, 月薪: the sum that follows is no price
	tExtra              // 加, 另收: a surcharge
	tTest               // 试单
	tFree               // 送, 免费, 样品: what follows is given away
	tMany               // 量大: a second price without a number
	tStop               // end of a clause , 、 space
	tLine               // end of a sentence or line
	tMaxPre             // 不满, 低于: a bound from above on the number of pieces that follows
	tPeriod             // 日租, 月卡, 年付: the sum beside it is for this time
)

// word is an entry of the table.
type word struct {
	text  string
	runes []rune
	kind  kind
	per   string // tPer, tPeriod: per; tLabel: the unit of what it names, "" for platforms
}

// perPair is the per of two for one sum.
const perPair = "pair"

// vocabulary lists the words by kind. A Latin word matches whole words only.
var vocabulary = []struct {
	kind  kind
	per   string
	words []string
}{
	{tLabel, "", []string{
		"智联招聘", "智联", "老智", "前程无忧", "前程", "无忧", "猎聘", "猎聘网", "boss直聘", "boss", "直聘", "店长直聘", "58同城", "51job", "赶集网", "赶集", "拉勾", "拉钩", "脉脉", "领英", "linkedin", "中华英才网", "英才", "斗米", "鱼泡", "看准", "大街", "应届生", "卓聘",
		"zhaopin", "liepin", "lagou", "ganji", "maimai", "chinahr", "zhilian", "z联", "志联", "知联", "波斯", "波士", "b直", "小猎", "某联", "zl", "lp", "114啦", "12306", "实习僧", "最佳东方", "一览", "卓博", "全国", "五八", "五八同城",
		"大专", "本科", "硕士", "博士", "高中", "中专", "老客户", "新客户", "散卖", "零售", "单拍", "单买", "单拿", "零拿", "零买", "散拿", "散买", "普工", "技术岗", "白领", "蓝领", "当天的", "隔天的", "北京", "上海", "广州", "深圳", "杭州", "成都", "重庆", "其他站", "其他", "定制", "指定",
	}},
	{tLabel, market.PerItem, []string{
		"一手", "二手", "三手", "多手", "头手", "头水", "二水", "三水", "尾水", "头道", "二道", "头茬", "首手", "1手", "2手", "3手", "一首", "ys", "es", "老料", "历史库", "回锅", "简历", "数据", "jl", "代下载", "代下", "下载", "代查", "单查", "解锁", "人头", "料", "条的话", "电话", "资料", "名单", "二.手",
	}},
	{tLabel, market.PerAccount, []string{
		"企业号", "企业账号", "企业帐号", "账号", "帐号", "会员号", "会员", "老板号", "畅聊号", "号", "企号", "普通号", "白号", "成品号", "acc", "account", "account", "login", "老号", "子账号", "招聘号", "hr号", "证",
	}},
	{tLabel, market.PerSet, []string{
		"认证", "注册", "代注册", "代认证", "直通车", "过审", "代开", "开通", "代办", "全套", "单项", "单机版", "永久版", "永久", "终身版", "旗舰版", "标准版", "源码", "软件", "插件", "脚本", "采集器", "工具", "爬虫", "教程", "代过", "开户", "过一次", "买断", "一次性买断", "终身", "永久授权", "终身授权", "买断版", "至尊版", "豪华版", "专业版", "普通版", "高级版", "一次性", "源代码", "面签", "协议", "企业认证", "绑定", "verify", "registration", "plugin", "script",
	}},
	{tLabel, market.PerUnknown, []string{"下载点", "点数", "下载点数", "积分", "点券", "猎豆", "职豆"}},
	{tMin, "", []string{
		"起拿", "起卖", "起售", "起批", "起出", "起订", "起送", "起印", "起装车", "起装", "起运", "起发", "起做", "起接", "起下", "起步", "起租", "起收", "起", "以上", "往上", "开外", "起步拿", "起跳", "起提", "打底", "及以上", "或以上", "+", "up", "qi", "qi mai", "qi pi",
	}},
	{tMinPre, "", []string{"满", "超过", "超", "高于", "多于", "大于等于", "最低", "最少", "至少", "不少于", "不低于", "单次不低于", "起码", "最少买", "最少要", "最少拿", "至少拿", "最低拿", "大于", "达到", "过了", "拿够", "拿满", "够", "min", "mo", "moq", "minimum", "min.", "min order", "minimum order", "不得低于", "不能低于", "不得少于", "不能少于", "不可低于", "不可少于", "≥", "≧", "⩾", "凑够", "凑满", "凑足", "买够", "买满"}},
	{tMinAny, "", []string{"起购", "起批量", "起步量", "起订量", "最低起", "起拿量", "起售量", "起量", "起购量", "起卖量", "起投", "起充量", "最低购买量", "最小购买量", "最低起购", "最低起订", "最小起订", "最低数量", "最低起拿", "起售数量", "起订数量", "起拿数量", "门槛", "起租量"}},
	{tBelow, "", []string{"以内", "以下", "之内", "内", "左右", "上下", "封顶", "不等", "多", "出头"}},
	{tCue, "", []string{
		"价格", "价钱", "拿货", "拿货价", "批发", "单价", "价", "报价", "均价", "批发价", "一口价格", "只要", "仅需", "仅售", "仅", "才", "卖", "售", "售价", "出到", "给到", "给", "出", "最高给到", "最高", "付", "付你", "我出", "算", "按", "收费", "费用", "需", "预算", "开价", "低至", "统一", "统统", "全部", "均为", "都", "各", "价位",
		"酬银", "酬劳", "酬金", "酬谢", "佣金", "工钱", "报酬", "赏银", "票价", "售卖价", "定价", "卖价", "收购价", "回收价", "price", "for", "only", "=", ":", "是", "正式", "一起", "就", "只收", "收你", "我给", "给你", "要价", "成交", "另购", "单卖", "单只", "单独", "¥",
	}},
	{tGo, "", []string{"搞定", "办好", "全包", "包办", "拿下", "到手", "秒出", "转让", "转", "拿走", "带走", "出手", "出了", "包邮", "甩", "甩卖", "处理", "一口", "不过不收", "不成不收", "不过退", "不成退", "不过全退", "包退", "行不行", "行不", "行吗", "行就", "可以吗", "卖不卖", "卖吗", "卖不", "出不出", "出吗", "能出吗", "成不成", "成吗", "自动发货", "秒发", "秒发货", "不还价", "不议价", "不讲价", "不二价", "可刀", "可小刀", "小刀", "可议", "可议价", "可谈", "不墨迹", "怎么样", "咋样", "中不中", "得不得", "干不干", "接不接", "收不收"}},
	{tLot, "", []string{
		"打包价", "打包", "整包", "整批", "全拿", "全要", "一口价", "一起拿", "通走", "打走", "全端走", "端走", "全端", "全搬走", "一把梭", "一次清", "不拆卖", "不拆", "全给", "整本", "包圆", "打总", "一枪打", "全部拿走", "全部拿", "全部要", "全部带走", "整库", "整个库", "全库", "一起打", "一并", "一锅端", "通通拿走", "一次拿完", "全收", "全套拿走", "清仓价", "整体", "一起端", "全拉走", "整车拉走", "整车", "一起带走", "一起拿走", "一起打包", "一起处理", "一块拿走", "一块端", "一块带走", "一起打走", "连锅端", "全部打包", "都拿走", "都带走", "都要的话", "全包了", "整打包", "全部一起",
		"整套库", "打捆", "捆绑", "总价", "all", "whole", "全量", "整体打包", "合起来", "合计打包", "一次拿走",
	}},
	{tHave, "", []string{
		"库存", "现货", "存货", "手上", "手里", "手头", "还有", "有", "还剩", "剩下", "剩余", "剩", "只剩", "余", "新增", "到货", "新到", "一共", "总共", "合计", "共有", "共计", "共", "攒的", "攒", "先来", "先要", "需要", "大概要", "要", "收", "求购", "求", "缺", "差", "还差", "还缺", "只有", "目前", "现存", "现有", "名额", "还能挂", "还能上", "还能进", "还能加", "还可上", "还可进", "还可加", "可再上", "数量", "总量", "存量", "新鲜",
		"stock", "total", "have", "need", "大约", "约", "将近", "近", "大概", "来", "出", "新出", "入库", "全部", "急需", "急用", "急要", "急收", "蹲", "想要", "收购", "今日", "今天", "昨天", "囤", "囤了", "导出了", "仓库", "仓里", "整理了", "一批", "拿",
	}},
	{tRate, "", []string{
		"每天", "每日", "日收", "日要", "日吃", "日销", "日下", "月收", "月吃", "日更", "日单", "日供", "日需", "月需求", "月需", "日需求", "月供应", "日均出", "每天供", "每天出", "日出", "天天", "一天能", "每月", "每周", "日均", "每小时", "一天最多", "一天大概", "一天出", "一天更新", "日产", "日进", "月均", "一天能吃", "限购", "每人限", "每单", "每次", "投了", "余下载", "余点", "余量", "余额", "可下载", "还能下", "剩余下载", "下载次数", "抽", "随机抽", "先验", "验货",
		"daily", "per day", "每个号", "老客户", "楼", "回复", "上限", "最多", "最大", "不超过",
	}},
	{tOld, "", []string{
		"原价", "原作者", "作者卖", "原来卖", "原来", "原先", "以前", "之前", "当时", "当初", "曾经", "官方要", "官方价", "官方", "官网价", "官网", "官价", "市场价", "市价", "别家", "别人家", "别人", "人家", "外面", "同行", "其他家", "朋友说", "听说", "听人说", "一般", "往年", "去年", "上次", "本来", "旧价", "正价", "划线价", "老价", "客服说", "标价", "平台价", "正规", "平台要", "平台卖", "门店价", "市面上", "市面", "市场上", "外头", "行价", "其他人", "其它家", "老板卖", "有人卖",
	}},
	{tNew, "", []string{"现价", "现在", "现", "我这里", "我这边", "我这", "我家", "我们", "本店", "我", "咱", "这里", "俺", "今", "如今", "特价", "活动价", "折后", "老价钱", "我最多", "我这儿"}},
	{tNo, "", []string{
		"押金", "预存", "预充", "充值", "首充", "最低充值", "定金", "订金", "保证金", "担保金", "押", "月薪", "年薪", "底薪", "薪资", "工资", "薪水", "期望", "注册资本", "注册资金", "罚款", "罚", "赔", "赔付", "保底", "优惠券", "满减", "提成", "返现", "红包", "奖励", "成功率", "通过率", "转化率", "年龄", "工龄", "身高", "返点", "预付", "首付", "减", "各减", "立减", "便宜", "贵了", "省", "违约金", "手续费比例", "流水", "赚了", "能赚", "净赚", "盈利", "收入", "成本",
		"编号", "单号", "工号", "id", "版本", "v", "楼层", "群里", "群", "客服", "邮编", "超时",
	}},
	{tExtra, "", []string{"另加", "加收", "另收", "再加", "加价", "多加", "另外加", "额外", "补差", "加", "贵", "多收", "多付", "另付", "加付", "加钱", "附加", "另补", "补差价", "上浮", "外加"}},
	{tMaxPre, "", []string{"低于", "少于", "不足", "不满", "不够", "不到", "小于", "未满", "没到", "未到"}},
	{tTest, "", []string{"试看", "试水", "尝鲜", "试吃", "试单", "试货", "测试单", "先试", "试拿", "体验单", "体验", "试", "测试"}},
	{tFree, "", []string{"送", "赠送", "赠", "免费", "白送", "补", "包补", "免费补", "附赠", "样品", "样本", "sample", "free", "试用", "扫码", "打折", "优惠"}},
	{tMany, "", []string{"量大", "量多", "多拿", "拿多", "要得多", "要的多", "多要", "批量", "大量", "长期", "老客", "走量", "拿得多", "拿的多", "买得多", "买的多", "多买", "大单", "上量", "大客户"}},
	{tPeriod, market.PerDay, []string{"日租", "天租", "日卡", "ri zu", "rizu", "包天", "日付", "按天", "单日", "日费", "包夜", "包晚", "包日", "天卡", "一日"}},
	{tPeriod, market.PerWeek, []string{"周会员", "周票", "周租", "周卡", "zhou zu", "zhouzu", "包周", "周付", "按周", "周费", "weekly", "7天", "七天"}},
	{tPeriod, market.PerMonth, []string{"月会员", "月票", "月卡号", "月租", "月卡", "yue zu", "yuezu", "包月", "月付", "按月", "月费", "monthly", "30天", "三十天", "月供"}},
	{tPeriod, market.PerYear, []string{"年会员", "年票", "年卡号", "年费会员", "年费号", "年租", "年卡", "包年", "年付", "按年", "年费", "yearly", "365天", "12个月", "十二个月", "全年"}},
	{tPeriod, market.PerUnknown, []string{"季会员", "季票", "季卡号", "季租", "季卡", "包季", "季付", "按季", "季费", "一季度", "一季", "半年", "半载", "半个月", "季度", "整季", "半月", "包半年", "两年", "两个月", "三个月", "双月"}},
}

// units maps words for a piece to the per of one of it; "" is a word for
// whatever is sold.
var units = map[string]string{
	"份": market.PerItem, "条": market.PerItem, "封": market.PerItem, "人": market.PerItem, "名": market.PerItem, "份简历": market.PerItem, "人头": market.PerItem, "fen": market.PerItem, "f": market.PerItem, "t": market.PerItem, "📄": market.PerItem, "📃": market.PerItem, "📑": market.PerItem, "📋": market.PerItem, "席": market.PerAccount, "tiao": market.PerItem, "records": market.PerItem, "record": market.PerItem,
	"pcs": market.PerItem, "pc": market.PerItem, "条数据": market.PerItem, "本": market.PerItem, "册": market.PerItem, "棵": market.PerItem, "根": market.PerItem, "颗": market.PerItem, "粒": market.PerItem, "匹": market.PerItem, "斤": market.PerItem, "勺": market.PerItem,
	"头": market.PerItem, "卷": market.PerItem, "件": market.PerItem, "枚": market.PerItem, "片": market.PerItem, "串": market.PerItem, "朵": market.PerItem, "盒": market.PerItem, "双": perPair, "对": perPair, "桶": market.PerItem, "袋": market.PerItem, "筐": market.PerItem, "箱": "", "瓶": market.PerItem, "碗": market.PerItem,
	"个": "", "只": "", "张": "", "位": "", "次": "", "单": "", "家": "", "户": market.PerSet, "套": market.PerSet, "台": market.PerSet, "架": market.PerSet, "tao": market.PerSet, "each": "", "ea": "", "个号": market.PerAccount, "号": market.PerAccount, "账号": market.PerAccount,
	"帐号": market.PerAccount, "acc": market.PerAccount, "accs": market.PerAccount, "accounts": market.PerAccount, "account": market.PerAccount, "ge": "", "点": market.PerUnknown, "job": market.PerSet, "格": "", "辆": market.PerAccount, "把": market.PerAccount, "座": market.PerAccount, "坑": market.PerAccount, "竿": market.PerAccount, "个位": market.PerAccount, "个坑": market.PerAccount,
	"acct": market.PerAccount, "accts": market.PerAccount, "行": market.PerItem, "盘": "", "支": "", "管": "", "克": "", "壶": "", "扇": "", "杯": "", "碟": "", "幅": "", "尊": "", "盏": "", "枝": "", "束": "", "捆": "", "笼": "", "尾": "", "坛": "", "罐": "", "篮": "", "株": "", "帖": "", "副": "", "艘": "", "趟": "", "桌": "", "篇": "", "锅": "", "丸": "", "挺": "", "缸": "", "宗": "", "担": "", "扎": "", "瓣": "", "栋": "", "间": "", "盆": "", "筒": "", "卡车": "", "卦": "",
	"库": market.PerLot, "row": market.PerItem, "rows": market.PerItem, "resume": market.PerItem, "resumes": market.PerItem, "cv": market.PerItem, "cvs": market.PerItem, "lead": market.PerItem, "leads": market.PerItem, "profile": market.PerItem, "profiles": market.PerItem, "contact": market.PerItem, "contacts": market.PerItem, "line": market.PerItem, "lines": market.PerItem, "entry": market.PerItem, "entries": market.PerItem, "person": market.PerItem, "head": market.PerItem, "unit": "", "piece": "", "pieces": "",
	"空位": market.PerAccount, "个空席": market.PerAccount, "个空坑": market.PerAccount, "个空座": market.PerAccount, "个位置": market.PerAccount, "个空位": market.PerAccount, "个席位": market.PerAccount, "个名额": market.PerAccount, "个车位": market.PerAccount, "个座": market.PerAccount, "席位": market.PerAccount, "license": market.PerSet, "licence": market.PerSet, "copy": market.PerSet,
	"天": market.PerDay, "日": market.PerDay, "day": market.PerDay, "天天": market.PerDay, "周": market.PerWeek, "星期": market.PerWeek, "个星期": market.PerWeek, "礼拜": market.PerWeek, "week": market.PerWeek, "wk": market.PerWeek, "个月": market.PerMonth, "月": market.PerMonth, "month": market.PerMonth, "越": market.PerMonth, "个越": market.PerMonth,
	"年": market.PerYear, "载": market.PerYear, "year": market.PerYear, "mo": market.PerMonth, "mth": market.PerMonth, "yr": market.PerYear, "季": market.PerUnknown, "季度": market.PerUnknown, "小时": market.PerUnknown, "d": market.PerDay, "晚": market.PerDay, "夜": market.PerDay, "晚上": market.PerDay, "旬": market.PerUnknown,
}

// seats are units that count the places of a shared account.
var seats = map[string]bool{"位": true, "坑": true, "个位": true, "个坑": true, "座": true, "竿": true, "席": true, "个座": true, "个名额": true, "个空位": true, "空位": true, "个空席": true, "个空坑": true, "个空座": true, "个席位": true, "席位": true, "个车位": true, "名额": true, "个位置": true, "车位": true}

// currencies maps the words for money to currency and the value of one of it in ten-thousandths.
var currencies = map[string]struct {
	currency string
	value    int64
}{
	"元": {market.CurrencyCNY, 10000}, "块": {market.CurrencyCNY, 10000}, "块钱": {market.CurrencyCNY, 10000}, "元钱": {market.CurrencyCNY, 10000}, "块洋钿": {market.CurrencyCNY, 10000}, "洋钿": {market.CurrencyCNY, 10000}, "圆": {market.CurrencyCNY, 10000}, "rmb": {market.CurrencyCNY, 10000}, "cny": {market.CurrencyCNY, 10000}, "人民币": {market.CurrencyCNY, 10000},
	"yuan": {market.CurrencyCNY, 10000}, "r": {market.CurrencyCNY, 10000}, "米": {market.CurrencyCNY, 10000}, "蚊": {market.CurrencyCNY, 10000}, "文": {market.CurrencyCNY, 10000}, "软妹币": {market.CurrencyCNY, 10000}, "大洋": {market.CurrencyCNY, 10000}, "💰": {market.CurrencyCNY, 10000}, "🪙": {market.CurrencyCNY, 10000}, "kuai": {market.CurrencyCNY, 10000}, "¥": {market.CurrencyCNY, 10000}, "元整": {market.CurrencyCNY, 10000}, "块整": {market.CurrencyCNY, 10000}, "快": {market.CurrencyCNY, 10000}, "快钱": {market.CurrencyCNY, 10000},
	"毛": {market.CurrencyCNY, 1000}, "角": {market.CurrencyCNY, 1000}, "毛钱": {market.CurrencyCNY, 1000}, "mao": {market.CurrencyCNY, 1000}, "角钱": {market.CurrencyCNY, 1000}, "分": {market.CurrencyCNY, 100}, "分钱": {market.CurrencyCNY, 100}, "厘": {market.CurrencyCNY, 10},
	"刀": {market.CurrencyUSDT, 10000}, "u": {market.CurrencyUSDT, 10000}, "usdt": {market.CurrencyUSDT, 10000}, "油": {market.CurrencyUSDT, 10000}, "$": {market.CurrencyUSDT, 10000}, "美金": {market.CurrencyUSDT, 10000}, "美元": {market.CurrencyUSDT, 10000}, "美刀": {market.CurrencyUSDT, 10000}, "usd": {market.CurrencyUSDT, 10000}, "泰达": {market.CurrencyUSDT, 10000}, "泰达币": {market.CurrencyUSDT, 10000}, "t币": {market.CurrencyUSDT, 10000}, "💵": {market.CurrencyUSDT, 10000}, "dollars": {market.CurrencyUSDT, 10000}, "bucks": {market.CurrencyUSDT, 10000},
	"分u": {market.CurrencyUSDT, 100},
}

func latin(r rune) bool { return 'a' <= r && r <= 'z' }

// match reports whether the word stands at i, as a whole word if it is Latin.
func match(r []rune, i int, w []rune) bool {
	if i+len(w) > len(r) {
		return false
	}
	for k, c := range w {
		if r[i+k] != c {
			return false
		}
	}
	if latin(w[0]) && i > 0 && latin(r[i-1]) {
		return false
	}
	return !latin(w[len(w)-1]) || i+len(w) == len(r) || !latin(r[i+len(w)])
}
