package classify

import (
	"strings"
	"sync"

	"resumewatch/internal/market"
)

// grades are the grades named, and those that a figure of speech says.
func (r *reader) grades() []Found {
	var out []Found
	denied := false
	for _, h := range r.kinds[kindGrade] {
		if h.Entry.ID == "grade.realtime" && r.has(kindGoods, "goods.tool") {
			continue
		}
		if lacked(letters(r.f.Folded[h.End:min(len(r.f.Folded), h.End+24)])) {
			denied = true
			continue
		}
		out = add(out, h)
	}
	if denied || !r.offered() {
		return out
	}
	whole := r.plain()
	if len(whole) > figureLength || !worn.in(whole) {
		return out
	}
	said := figures()
	whole = said.refused.without(whole)
	if said.first.in(whole) {
		whole = said.first.without(whole)
		if !hasValue(out, market.GradeFirstHand) {
			out = append(out, Found{Value: market.GradeFirstHand})
		}
	}
	if !hasValue(out, market.GradeSecondHand) && said.second.in(whole) {
		out = append(out, Found{Value: market.GradeSecondHand})
	}
	return out
}

// worn are words of which every figure of speech has one.
var worn = set("过", "没", "未", "冇", "只", "隔", "剩", "旧", "陈", "轮", "遍", "几手", "两手", "多手", "几次", "两次", "多次", "几水", "两水", "几道", "两道", "几回", "两回")

// figureLength is how many bytes of letters are searched for figures of speech.
const figureLength = 900

// offered reports whether a platform, goods or stuff is named at all: only then are
// figures of speech looked for.
func (r *reader) offered() bool {
	return len(r.kinds[kindPlatform]) > 0 && len(r.kinds[kindTrade])+len(r.kinds[kindSide]) > 0 || r.strongGoods()
}

func hasValue(list []Found, value string) bool {
	for _, f := range list {
		if f.Value == value {
			return true
		}
	}
	return false
}

// lacked reports whether a grade is said not to be on offer, or not wanted, by what follows it.
func lacked(rest string) bool {
	rest = strings.TrimPrefix(strings.TrimPrefix(rest, "的"), "嘅")
	for _, w := range []string{"冇", "没有", "没了", "卖完", "暂无", "无货", "别来", "不要", "唔要", "勿", "滚", "不收"} {
		if strings.HasPrefix(rest, w) {
			return true
		}
	}
	return false
}

// figures says in what words goods are fresh or worn: nobody has V-ed them yet, they were
// V-ed so many times.
var figures = sync.OnceValue(func() (said struct{ first, second, refused *filtered }) {
	said.refused = filter(`(卖|用|咬|打|转)过的?(不|别|勿|滚|唔)|(旧|陈).{0,2}(不要|不收|勿|别来)`)
	said.first = filter(`(没|冇|未|从没)(有|曾)?(人|给|被|让|示|泄)([^没未]{0,2}过|[^没未]{0,3}(他人|别人|旁人|第二个?人?))|(没|未)(拆封|开封|动筷|动过筷|泡过|碰过|挑过)|只卖一次|只出一次`)
	said.second = filter(`(卖|转|倒|打|用|咬|扒|扒拉|翻|热|泡|吃|喝|穿|炒|啃|洗)过?了?(好|一|二|两|三|四|几|多|数|\d)+(轮|手|遍|次|水|道|茬|回)|隔了?夜|剩饭|剩菜|(吃|喝|挑|用|捡|玩|咬)剩|别人(吃|喝|挑|用|咬)过|卖过的|转过手|旧(货|料|简历|的)|陈(货|粮|料|果)`)
	return said
})
