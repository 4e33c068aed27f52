package price

import (
	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// forMore reports whether the sum k is that for more without a number: 量大1.5, 批发价120.
func (rd *reader) forMore(k int) bool {
	for j := k - 1; j >= 0 && j > k-4 && rd.toks[j+1].stop < stopComma && !rd.headed(j+1); j-- {
		switch rd.toks[j].kind {
		case tMany:
			return true
		case tCue, tNew, tTest, tGo, tHave, tPer:
		default:
			return false
		}
	}
	return false
}

// surcharge reports whether the sum k comes on top of another: 加急另收2块, 每条多3毛, 加急+5毛.
func (rd *reader) surcharge(k int) bool {
	i := rd.toks[k].start
	if c := at(rd.r, i-1); (c == '多' || c == '+') && numeral.Han(at(rd.r, i-2)) && numeral.Digit(at(rd.r, i-2)) < 0 && at(rd.r, i-2) != '十' && at(rd.r, i-2) != '百' && at(rd.r, i-2) != '千' && at(rd.r, i-2) != '万' {
		return true
	}
	if q := rd.prev(k); q >= 0 && (rd.toks[q].kind == tExtra || rd.toks[q].kind == tCue && q > 0 && rd.toks[q-1].kind == tExtra) && rd.toks[k].stop < stopComma && rd.toks[k].gap <= 3 {
		return true
	}
	return false
}

// excluded reports whether a word before the sum k says that it is no price of
// the author's: the official one, an old one, a deposit, a wage.
func (rd *reader) excluded(k int) bool {
	if rd.toks[k].lo == 0 || at(rd.r, rd.toks[k].start-1) == '充' && k+1 < len(rd.toks) && rd.toks[k+1].kind == tFree && rd.near(k+1, 0) {
		return true // 充500送50份
	}
	if rd.toks[k].lo == numeral.Unit/100 {
		for _, c := range rd.r[max(0, rd.toks[k].start-4):rd.toks[k].start] {
			if c == '不' || c == '没' {
				return true // 弄不出来不收你一分钱
			}
		}
	}
	if i := rd.toks[k].start - spaces(rd.r, rd.toks[k].start); at(rd.r, i-1) == '是' && at(rd.r, i-2) == '不' && at(rd.r, i-3) != '是' {
		return true // 是1.9不是1.6
	}
	gap, plain := rd.toks[k].gap, false
	for j := k - 1; j >= 0 && j > k-6; j-- {
		if rd.toks[j+1].stop >= stopComma || rd.toks[j+1].colon {
			break
		}
		t := &rd.toks[j]
		switch t.kind {
		case tNew:
			return false
		case tOld:
			if rd.aside(t.end, rd.toks[k].start) {
				break // （没进过别人锅）三块
			}
			if j > 0 && (t.word == "以前" || t.word == "之前") && rd.near(j, 0) && timed(&rd.toks[j-1]) {
				break // 半年以前的3角一条
			}
			return gap <= 6
		case tPer:
			plain = true
		case tNo:
			if t.word == "成本" && at(rd.r, t.end) == ':' {
				break // 成本：单条12
			}
			if plain && (t.word == "id" || t.word == "v" || t.word == "编号") {
				return false // 🆔 每只180
			}
			if (t.word == "id" || t.word == "v" || t.word == "客服" || t.word == "群") && (gap > 0 || j < k-1 || rd.toks[k].currency != "") {
				return false
			}
			if rd.ctx.Side == market.SideBuy && (t.word == "红包" || t.word == "奖励") {
				return false
			}
			switch t.word {
			case "便宜", "减", "省", "贵了", "各减", "立减":
				if j == k-1 && gap <= 0 { // not 便宜处理900
					return true
				}
			default:
				return gap <= 3
			}
		case tFree:
			if gap == 0 && (t.word == "送" || t.word == "赠" || t.word == "赠送" || t.word == "白送") {
				return true // 充100送10块
			}
			if rd.toks[k].currency == "" && gap <= 1 && t.word != "优惠" && t.word != "扫码" {
				return true
			}
		case tSum:
			if t.used {
				return false
			}
		}
		gap += rd.toks[j+1].gap
	}
	// 5000 押金; 2元官方价
	if n := k + 1; n < len(rd.toks) && rd.toks[n].kind == tNo && rd.near(n, 0) && (rd.toks[n].word == "押金" || rd.toks[n].word == "定金" || rd.toks[n].word == "订金" || rd.toks[n].word == "保证金" || rd.toks[n].word == "押") {
		// the sum belongs to the deposit unless the deposit has its own
		if n+1 >= len(rd.toks) || rd.toks[n+1].kind != tSum || !rd.near(n+1, 1) {
			return true
		}
	}
	return false
}

// aside reports whether what ends at i stands in brackets that close before rune j.
func (rd *reader) aside(i, j int) bool {
	for ; i < j; i++ {
		switch rd.r[i] {
		case '(':
			return false
		case ')':
			return true
		}
	}
	return false
}
