package classify

import (
	"slices"
	"strings"
	"sync"

	"resumewatch/extractors/lexicon"
	"resumewatch/internal/market"
)

// figured adds to the grades of a listing what its figures of speech say: that nobody has
// V-ed the goods yet, or that they were V-ed so many times. The verbs are open; what sellers
// say of themselves (没出过事) and of their prices is not meant.
func (r *reader) figured(out []Found) []Found {
	s := r.plain()
	if len(s) > figureLength {
		return out
	}
	say := openFigures()
	s = say.reputation.without(s)
	s = say.refused.without(s)
	fresh := say.fresh.in(s)
	if fresh && !hasValue(out, market.GradeFirstHand) {
		out = append(out, Found{Value: market.GradeFirstHand})
	}
	if fresh {
		s = say.fresh.without(s)
	}
	out = slices.DeleteFunc(out, func(f Found) bool { // 打过 in 没得人打过, 二手 in 不是二手
		return f.Value == market.GradeSecondHand && f.Hit.Entry != nil && f.Hit.Channel == lexicon.Plain && !strings.Contains(s, letters(r.f.Folded[f.Hit.Start:f.Hit.End]))
	})
	if say.worn.in(s) && !hasValue(out, market.GradeSecondHand) {
		out = append(out, Found{Value: market.GradeSecondHand})
	}
	return out
}

// openFigures are the patterns of figured.
var openFigures = sync.OnceValue(func() (say struct{ reputation, refused, fresh, worn *filtered }) {
	const not = `(从没有?|从未|未曾|不曾|还?没有?|未|冇|無|无|没得)`
	const times = `(好几|[二两三四五六七八九几多数\d])(道|回|次|遍|轮|手|水|茬|任|家|户|趟|番|遭|层|锅)`
	say.reputation = filter(`(从没|从未|没|未)(出|翻|骗|失|断|掉|封|崩|退|坑|黑|涨|降|做|听|合作|有|被封|被骗|收到|买|违约|拖欠|误){1,2}(事|车|人|手|货|号|过|价|说)?过?`)
	say.refused = filter(`(不要|不收|别拿|勿|拒绝|谢绝|不是|非|不做|不出)(二手|三手|多手|老料|旧料|老货|剩|陈|卖过|用过|打过|洗过|炒过|转过)[^，。]{0,8}|(二手|三手|老料|旧料|老货|卖过|用过|打过|洗过|咬过|转过)的?(不要|不收|别来|勿扰|勿|滚|不行|唔要|莫来|绕道|免)`)
	say.fresh = filter(not + `(有|曾|给|被|让|拨|经|叫|俾)?(人|谁|他人|别人|旁人|别个|别家|旁家|外人|生人|人家|第二个?人?|别的[^过]{1,3}|第二家)?[^没未过了不要的]{0,4}` +
		`((用|卖|动|碰|打|拆|开封?|咬|吃|尝|喝|摸|翻|看|倒|转|流|漏|泄|出手|示|洗|炒|嚼|啃|泡|煮|热|挑|捡|落|吻|骑|揭|剪|裁|扒|薅|割|采|摘|骚扰|联系|拨|约|呼|见|上|下|沾|踩|住|穿|戴|点|刷|亲|嗅|闻|舔|游|钓|捞|骑|启|掏|揉|下锅|过)(封|手|人|口|生|嘴|筷)?过)` +
		`|` + not + `经过?(第二|别|他|旁)[^，。]{0,4}|` + not + `(拆封?|开封|启封|揭封|剪彩|下锅|动筷|过手|经手|外流|流出|外泄|示人|见人|上市|入口|裁|开苞|开光|拆包|拆箱|打码)|无第二人|(从|由)?无人(用|动|碰|看|问津|采|摘)|` +
		`首(次|度|日|茬|批|摘|采|拆)(出|开|上|采|摘|流|发|售|卖|放|封)|(头|第一|首)(一)?(茬|道|拨|批|炉|锅|摘|遍|轮|泡|水|手|趟)|[出—－\-壹]\-?(手)(简|筒|货|料|资)|一爪|雏的|处子|未封|封条未|原封|开苞|热乎头`)
	say.worn = filter(`(过|经|历经|经历|皆历|转|倒|换|流|洗|熬|煎|煮|泡|热|炒|打|卖|用|翻|看|嚼|啃|咬|吃|喝|穿|揉|炖|涮|回|剪|割|薅|捋|撸|犁|耕|走)了?过?` + times +
		`|` + times + `(的)?(过|手|翻|用|卖|看|炒|转|熬|煎|货|料|茶|粮|货|倒手|易手|转手|易主)|(换|转|易|倒)手(过|多|几|两|数)|易主|` +
		`回(锅|炉|笼|流货|收料|潮)|(用|玩|吃|喝|挑|捡|剥|啃|咬|看|打|卖|嚼|薅|穿|剪)剩|隔(夜|年|季)|(陈|旧|老|宿)(的|货|料|库|册|粮|药|茶|菜|饭|谷|米|菌|鱼|股|数据|名单|简历|资料)|(开|拆|启|揭|动|用|打|卖|看|咬|嚼|穿|戴)过(封|手)?的|别人(用|打|看|卖|吃|挑|玩|剥|啃|穿|戴)(过|剩)|二道|二茬|二水|二遍|反复(卖|用|打)|干花|(卖|用|打|转|倒|拨|炒)过了?一(次|回|手|遍|道|轮|茬)|残羹|冷饭|剩(饭|菜|货|料|茶|汤)|尾(货|货库)|库底|压箱`)
	return say
})
