package severity

import (
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/market"
)

func cny(amount, per string, least int64) market.Price {
	return market.Price{Amount: amount, Currency: market.CurrencyCNY, Per: per, MinQuantity: least}
}

func TestAssess(t *testing.T) {
	item := func(n int64) market.Stock { return market.Stock{Quantity: n, Unit: market.UnitItem} }
	f := func(name string, stock []market.Stock, prices []market.Price, want string, reasons ...string) {
		t.Helper()
		got, why := Assess(stock, prices, Default())
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		var lines []string
		for _, r := range why {
			lines = append(lines, r.Code+" "+r.Text)
		}
		if diff := cmp.Diff(reasons, lines); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	const medium, high = market.SeverityMedium, market.SeverityHigh
	prices := func(p ...market.Price) []market.Price { return p }
	stock := func(s ...market.Stock) []market.Stock { return s }

	f("nothing said", nil, nil, medium)
	f("stock below", stock(item(9_999)), nil, medium)
	f("stock at the threshold", stock(item(10_000)), nil, high, "severity.stock 声称存量 10000 条，达到 10000 条")
	f("the largest stock counts", stock(item(300), item(300_000)), nil, high, "severity.stock 声称存量 300000 条，达到 10000 条")
	f("stocks are not added up", stock(item(6_000), item(6_000)), nil, medium)
	f("accounts are no pieces", stock(market.Stock{Quantity: 20_000, Unit: market.UnitAccount}), nil, medium)

	f("price by number below", nil, prices(cny("2", "item", 4_999)), medium)
	f("price by number", nil, prices(cny("2", "item", 5_000)), high, "severity.sum 2 元 × 5000 = 10000 元，达到 10000 元")
	f("a hair below", nil, prices(cny("0.9999999999999999999", "item", 10_000)), medium)
	f("exact where floats are not", nil, prices(cny("0.1", "item", 100_000)), high, "severity.sum 0.1 元 × 100000 = 10000 元，达到 10000 元")
	f("no number is one", nil, prices(cny("9999.99", "account", 0)), medium)
	f("one dear account", nil, prices(cny("12000", "account", 0)), high, "severity.sum 单价 12000 元，达到 10000 元")
	f("a lot is its amount", nil, prices(cny("5000", "lot", 30_000)), medium)
	f("a dear lot", nil, prices(cny("10000", "lot", 30_000)), high, "severity.sum 整批价 10000 元，达到 10000 元")
	f("per thousand", nil, prices(cny("500", "thousand_items", 19_999)), medium)
	f("per thousand, many", nil, prices(cny("500", "thousand_items", 20_000)), high, "severity.sum 500 元 × 20000 ÷ 1000 = 10000 元，达到 10000 元")
	f("per thousand, no number", nil, prices(cny("9000", "thousand_items", 0)), medium)
	f("per ten thousand", nil, prices(cny("3000", "ten_thousand_items", 30_000)), medium)
	f("per ten thousand, many", nil, prices(cny("3333.4", "ten_thousand_items", 30_001)), high, "severity.sum 3333.4 元 × 30001 ÷ 10000 = 10000.53 元，达到 10000 元")
	f("a range by its lower end", nil, prices(market.Price{Amount: "1", AmountMax: "3", Currency: "CNY", Per: "item", MinQuantity: 5_000}), medium)
	f("the largest sum counts", nil, prices(cny("2", "item", 100), cny("1", "item", 20_000), cny("3", "item", 4_000)), high,
		"severity.sum 1 元 × 20000 = 20000 元，达到 10000 元")
	f("both", stock(item(10_000)), prices(cny("10000", "lot", 0)), high,
		"severity.stock 声称存量 10000 条，达到 10000 条", "severity.sum 整批价 10000 元，达到 10000 元")
	usdt := market.Price{Amount: "50000", Currency: market.CurrencyUSDT, Per: "lot"}
	f("dollars are not compared, and it is said", nil, prices(usdt, usdt), medium,
		"severity.not_compared 价格 50000 USDT 不是人民币，未折算，未与 10000 元比较")
	f("dollars beside yuan", nil, prices(usdt, cny("20000", "lot", 0)), high,
		"severity.sum 整批价 20000 元，达到 10000 元", "severity.not_compared 价格 50000 USDT 不是人民币，未折算，未与 10000 元比较")
	f("no amount", nil, prices(cny("面议", "item", 0)), medium, `severity.not_compared 价格 "面议" 不是金额，未与 10000 元比较`)
	f("numbers beyond int64", nil, prices(cny("9999999999", "item", 9_000_000_000_000_000_000)), high,
		"severity.sum 9999999999 元 × 9000000000000000000 = 89999999991000000000000000000 元，达到 10000 元")
}

func TestAmount(t *testing.T) {
	for s, want := range map[string]bool{
		"2": true, "0.3": true, "1500": true, "007": true,
		"": false, ".": false, "1.": false, ".5": false, "-1": false, "+1": false, "1e9": false, "1/3": false, "0x10": false,
		"1_000": false, " 1": false, "１": false, "1.2.3": false, "Inf": false, strings.Repeat("9", 41): false,
	} {
		if Amount(s) != want {
			t.Errorf("Amount(%q) = %v", s, !want)
		}
	}
}

func TestYuanIsRoundedDown(t *testing.T) {
	for want, sum := range map[string]*big.Rat{
		"9999.99": big.NewRat(9_999_999, 1000), "0.5": big.NewRat(1, 2), "3.33": big.NewRat(10, 3), "7": big.NewRat(7, 1), "0.01": big.NewRat(19, 1000),
		"1.05": big.NewRat(105, 100), "100": big.NewRat(100, 1),
	} {
		if got := yuan(sum); got != want {
			t.Errorf("%s is shown as %s, want %s", sum, got, want)
		}
	}
}

// FuzzAssess: no amount, however hostile, makes a panic or a severity without a reason.
func FuzzAssess(f *testing.F) {
	f.Add("2", "CNY", "item", int64(5000), int64(1))
	f.Add("1e999999999", "CNY", "lot", int64(-1), int64(-5))
	f.Add("0.00000000000000000000000000000000000001", "USDT", "thousand_items", int64(1)<<62, int64(1)<<62)
	f.Fuzz(func(t *testing.T, amount, currency, per string, least, stock int64) {
		got, why := Assess([]market.Stock{{Quantity: stock, Unit: market.UnitItem}},
			[]market.Price{{Amount: amount, Currency: currency, Per: per, MinQuantity: least}}, Default())
		reached := false
		for _, r := range why {
			reached = reached || r.Code == CodeStock || r.Code == CodeSum
		}
		if (got == market.SeverityHigh) != reached {
			t.Errorf("%s for %v", got, why)
		}
	})
}
