package price

import (
	"strings"

	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// pieces reads stock out of the numbers that no price claimed.
func (rd *reader) pieces() {
	last := -10 // token of the stock before
	for _, k := range rd.listed {
		unit := market.UnitItem
		if rd.accounts(k) {
			unit = market.UnitAccount
		}
		rd.stock = append(rd.stock, statement(rd.toks[k].lo.Int(), unit, k))
	}
	for k := range rd.toks {
		t := &rd.toks[k]
		if t.kind == tPer && seats[t.unit] && k > 0 && rd.shared() && rd.free(k) && !t.used {
			rd.stock = append(rd.stock, statement(1, market.UnitAccount, k)) // 还缺一位
			last = k
			continue
		}
		if rd.one(k) {
			rd.stock = append(rd.stock, statement(1, market.UnitAccount, k))
			last = k
			continue
		}
		if t.used || t.lo == 0 || t.lo%numeral.Unit != 0 || t.lo > numeral.Dec(1e9)*numeral.Unit {
			continue
		}
		if t.kind != tQty && (t.kind != tSum || t.currency != "" || t.hi != 0) {
			continue
		}
		if c := at(rd.r, t.start); (c == '百' || c == '千' || c == '万') && !(k > 0 && rd.toks[k-1].kind == tHave && rd.near(k, 0)) {
			continue // 按万条卖
		}
		if t.unit == "人" && rd.onlyAccounts() && (k == 0 || !rd.free(k)) || isTime(t.per) && t.unit != "" && t.unit != "点" || t.unit == "次" || t.unit == "单" || t.unit == "家" {
			continue
		}
		switch at(rd.r, skipSpace(rd.r, t.end)) {
		case '下', '拼', '合', '点', '次': // 200个下载, 4人拼
			continue
		case '后', '平', '网', '站': // 名下有三个后台
			if !rd.shared() {
				continue
			}
		case '也': // 一百份也卖
			if c := at(rd.r, t.end+1); c == '卖' || c == '行' || c == '可' || c == '出' || c == '做' || c == '接' {
				continue
			}
		}
		if strings.Contains(string(sub(rd.r, t.end, t.end+5)), "下载") && rd.has(market.GoodsRecruiterAccount) {
			continue // 余400个简历下载
		}
		if len(rd.ctx.Goods) == 1 && rd.ctx.Goods[0] == market.GoodsScrapingTool && (t.unit == "个号" || t.unit == "号" || t.unit == "账号") {
			continue // 能同时挂十个号
		}
		seat := seats[t.unit] && rd.shared()
		ok := false
		have := rd.have(k)
		switch {
		case rd.notThere(k):
		case t.kind == tQty && (t.unit == "点" || t.per == market.PerUnknown) && have && rd.points():
			rd.stock = append(rd.stock, statement(t.lo.Int(), market.UnitItem, k)) // 还有5000点
			continue
		case rd.downloads(k):
		case t.kind == tQty && have, seat && (have || strings.Contains(t.unit, "空")):
			ok = true
		case t.kind == tQty && k+1 < len(rd.toks) && rd.toks[k+1].kind == tLot && rd.near(k+1, 1) && t.lo <= 10*numeral.Unit: // 三个一起打包
		case t.kind == tQty && rd.wanted(k), t.kind == tQty && rd.there(k), t.kind == tSum && t.currency == "" && t.lo >= 50*numeral.Unit && rd.there(k):
			ok = true
		case t.kind == tQty && t.lo >= 500*numeral.Unit:
			ok = true
		case t.kind == tQty && (t.unit == "份" || t.unit == "条" || t.unit == "封") && t.lo >= 50*numeral.Unit && rd.store():
			ok = true // 470份Java的
		case t.kind == tQty && rd.accountsNamed(k):
			ok = true // 名下两个前程无忧企业账号
		case t.kind == tSum && t.currency == "" && rd.inventory(k):
			ok = true
		case t.kind == tQty && k-last <= 3 && k > 0 && rd.stopBetween(max(last, 0), k) < stopLine && last >= 0:
			ok = true // 智联3个、58同城12个
		case t.kind == tQty && k > 0 && rd.toks[k-1].kind == tLabel && rd.near(k, 1) && t.lo >= 2*numeral.Unit && (t.unit == "个" || t.unit == "号" || t.unit == "条" || t.unit == "份"):
			ok = true
		case t.kind == tSum && t.big && t.lo >= 1000*numeral.Unit:
			ok = have || k > 0 && rd.toks[k-1].kind == tLabel && rd.near(k, 2) || t.lo >= 10000*numeral.Unit
		case t.kind == tSum && have && t.lo >= 100*numeral.Unit && !rd.summed(k):
			ok = rd.near(k, 1) && k > 0 && rd.toks[k-1].kind == tHave || k-last <= 2 && last >= 0 || rd.counted(k)
		case t.kind == tSum && rd.missing(k):
			ok, seat = true, true
		case t.kind == tSum && last >= 0 && k-last <= 3 && k > 0 && rd.toks[k-1].kind == tLabel && rd.near(k, 0) && rd.stopBetween(last, k) < stopLine:
			ok = true // 5个(智联2 boss3)
		}
		if !ok {
			continue
		}
		unit := market.UnitItem
		if seat || rd.accounts(k) {
			unit = market.UnitAccount
		}
		if unit == market.UnitItem && t.lo < 2*numeral.Unit {
			continue
		}
		rd.stock = append(rd.stock, statement(t.lo.Int(), unit, k))
		last = k
	}
}

// onlyAccounts reports whether the message is about accounts and nothing else: its people
// share them.
func (rd *reader) onlyAccounts() bool {
	return len(rd.ctx.Goods) == 1 && rd.ctx.Goods[0] == market.GoodsRecruiterAccount
}

// store reports whether the message sells nothing but resumes, so that a number of them
// that is no condition is what there is.
func (rd *reader) store() bool {
	return rd.ctx.Side != market.SideBuy && len(rd.ctx.Goods) == 1 && rd.ctx.Goods[0] == market.GoodsResumeData && !rd.mail
}

// one reports whether 一个 at the token k counts the account that is sold: 转让猎聘企业号一个.
func (rd *reader) one(k int) bool {
	t := &rd.toks[k]
	if t.kind != tPer || t.used || k == 0 || rd.ctx.Side == market.SideBuy || t.per != "" && t.per != market.PerAccount || len(rd.ctx.Goods) != 1 || !rd.shared() {
		return false
	}
	l := &rd.toks[k-1]
	return l.kind == tLabel && l.per == market.PerAccount && rd.near(k, 0) && t.stop == stopNone && rd.clauseEnds(k) && !rd.claims(k)
}

// accountsNamed reports whether the number k counts the accounts that are named right behind
// it: 两个前程无忧VIP企业账号.
func (rd *reader) accountsNamed(k int) bool {
	t := &rd.toks[k]
	if t.lo < 2*numeral.Unit || t.unit != "个" && t.unit != "只" && t.unit != "枚" || len(rd.ctx.Goods) == 0 || !rd.shared() || rd.sells(market.PerItem) {
		return false
	}
	gap := 0
	for j := k + 1; j < len(rd.toks) && j < k+4 && rd.toks[j].stop < stopComma; j++ {
		l := &rd.toks[j]
		if gap += l.gap; l.kind != tLabel || gap > 6 || l.gap > 0 && at(rd.r, l.start-1) == '的' {
			return false
		}
		if l.per == market.PerAccount {
			return j+1 >= len(rd.toks) || rd.toks[j+1].kind != tSum || !rd.near(j+1, 0)
		}
	}
	return false
}

// points reports whether download points are sold by the piece.
func (rd *reader) points() bool {
	for i := range rd.prices {
		if f := &rd.prices[i]; f.Per == market.PerUnknown && !f.unsaid {
			return true
		}
	}
	return false
}

// downloads reports whether the number k counts what is left in an account: 下载量还剩860.
func (rd *reader) downloads(k int) bool {
	if len(rd.ctx.Goods) != 1 || rd.ctx.Goods[0] != market.GoodsRecruiterAccount {
		return false
	}
	for j := k - 1; j >= 0 && j > k-4 && rd.toks[j+1].stop < stopComma; j-- {
		switch rd.toks[j].word {
		case "下载", "下载点", "点数", "下载点数", "积分", "点券":
			return true
		}
	}
	return false
}

// summed reports whether the bare number k is a sum of money: 合计1200.
func (rd *reader) summed(k int) bool {
	if k == 0 || rd.sells(market.PerItem) {
		return false
	}
	switch rd.toks[k-1].word {
	case "合计", "共计", "一共", "总共", "共":
		return true
	}
	return false
}

// wanted reports whether the number k is how much a buyer wants: a clause of its own
// beside what he pays (…，300份，10块一份).
func (rd *reader) wanted(k int) bool {
	t := &rd.toks[k]
	if rd.ctx.Side != market.SideBuy || t.unit == "" || t.lo < 2*numeral.Unit {
		return false
	}
	switch t.unit {
	case "份", "条", "封", "号", "个号", "账号", "帐号": // 帮我下20份
		if n := k + 1; n >= len(rd.toks) || !rd.near(n, 1) || rd.toks[n].kind == tLabel || rd.toks[n].kind == tOther {
			return true
		}
	}
	if t.gap > 0 || !rd.clauseEnds(k) {
		return false
	}
	return t.stop >= stopComma || k > 0 && rd.toks[k-1].kind == tLabel && t.stop <= stopSpace
}

// there reports whether a word behind the number k says that it is there: 300份现货,
// 50k in stock.
func (rd *reader) there(k int) bool {
	n := k + 1
	if n >= len(rd.toks) || rd.toks[n].kind != tHave || !rd.near(n, 1) {
		return false
	}
	switch rd.toks[n].word {
	case "现货", "库存", "存货", "stock", "到货", "入库", "存量":
		return true
	}
	return false
}

func statement(n int64, unit string, tok int) have {
	return have{Stock: market.Stock{Quantity: n, Unit: unit}, tok: tok}
}

// have reports whether a word for having or wanting stands before the number.
func (rd *reader) have(k int) bool {
	gap := rd.toks[k].gap
	for j := k - 1; j >= 0 && j > k-6; j-- {
		if rd.toks[j+1].stop >= stopComma || gap > 8 {
			return false
		}
		switch rd.toks[j].kind {
		case tHave, tLot:
			return true
		case tCue:
			if rd.toks[j].word == "出" {
				return true
			}
		case tSum, tQty, tMin:
			if !rd.toks[j].used {
				return false
			}
		}
		gap += rd.toks[j].gap
	}
	return false
}

// notThere reports whether the number is a rate, a gift, a trial or a limit.
func (rd *reader) notThere(k int) bool {
	gap := rd.toks[k].gap
	for j := k - 1; j >= 0 && j > k-6; j-- {
		if rd.toks[j+1].stop >= stopComma || gap > 8 {
			break
		}
		switch t := &rd.toks[j]; t.kind {
		case tRate, tFree, tTest, tOld, tNo, tMinPre:
			return true
		case tPer:
			if t.per == market.PerDay || t.per == market.PerMonth || t.per == market.PerWeek || t.unit == "人" {
				return true
			}
		case tPeriod:
			if t.word == "一日" {
				return true
			}
			if j == k-1 && rd.near(k, 1) && (t.per == market.PerDay || t.count > 0) {
				return true
			}
		case tHave:
			if t.word == "剩" || t.word == "还剩" || t.word == "库存" {
				return false
			}
		}
		gap += rd.toks[j].gap
	}
	// 1000条的量一天, 300份/天
	if n := k + 1; n < len(rd.toks) && rd.toks[n].kind == tPer && isTime(rd.toks[n].per) && rd.near(n, 1) {
		return true
	}
	if n := k + 1; n < len(rd.toks) && (rd.toks[n].kind == tTest || rd.toks[n].kind == tFree && rd.toks[n].word != "前") && rd.near(n, 0) {
		return true
	}
	return false
}

// shared reports whether the message is about accounts that several people use.
func (rd *reader) shared() bool { return rd.has(market.GoodsRecruiterAccount) }

// missing reports whether the bare number counts free seats: 缺一, 还差两位.
func (rd *reader) missing(k int) bool {
	t := &rd.toks[k]
	if k == 0 || !rd.shared() || len(rd.ctx.Goods) == 0 || t.lo > 20*numeral.Unit || t.gap > 0 || t.stop > stopNone {
		return false
	}
	return rd.free(k)
}

// free reports whether a word for what is left stands right before the token k.
func (rd *reader) free(k int) bool {
	switch rd.toks[k-1].word {
	case "缺", "差", "还差", "还缺", "剩", "还剩", "只剩":
		return true
	}
	return false
}

// accounts reports whether the number k counts accounts.
func (rd *reader) accounts(k int) bool {
	t := &rd.toks[k]
	switch t.unit {
	case "号", "个号", "账号", "帐号", "acc", "accs", "account", "accounts":
		return true
	}
	if rd.mail {
		return t.unit != "份" && t.unit != "条"
	}
	if !rd.has(market.GoodsRecruiterAccount) {
		switch t.unit {
		case "份", "条", "封":
			return false
		}
		return len(rd.ctx.Goods) == 1 && rd.ctx.Goods[0] == market.GoodsAccountRegistration
	}
	switch t.unit {
	case "份", "条", "封", "人", "人头", "份简历", "条数据":
		return false
	}
	if at(rd.r, t.end) == '号' || at(rd.r, t.end) == '账' {
		return true
	}
	per, _ := rd.unitAt(k)
	if len(rd.ctx.Goods) == 0 && t.unit != "个" && t.unit != "" {
		return false
	}
	return per == market.PerAccount
}
