// Package severity judges how grave an offer is from what its author claims to
// have and to ask. It is pure, and exact: sums are decimal, never floating point.
package severity

import (
	"fmt"
	"math/big"
	"strings"

	"resumewatch/internal/market"
)

// Codes of the reasons that Assess gives. The set is closed.
const (
	// CodeStock: a stock reaches the threshold.
	CodeStock = "severity.stock"
	// CodeSum: a price times its number reaches the threshold.
	CodeSum = "severity.sum"
	// CodeNotCompared: a price could not be held against the threshold, and why.
	CodeNotCompared = "severity.not_compared"
)

// Thresholds from which an offer is high.
type Thresholds struct {
	Stock int64 // pieces (market.UnitItem) in one stock
	Sum   int64 // yuan
}

// Default is the thresholds of the built-in rule: 10,000 pieces, 10,000 yuan.
func Default() Thresholds { return Thresholds{Stock: 10_000, Sum: 10_000} }

// Assess is the severity of an offer with these stocks and prices, medium or
// high, and what made it high (or could not be compared), each with figure and
// threshold. Prices and stocks are taken one by one and never added up: an
// offer's listings repeat each other, and a total often stands beside its parts.
//
// The sum of a price is its amount (of a range the lower one) times the least
// number that it is sold in: min_quantity, else one; for a price per thousand
// or ten thousand pieces the least number counts in these; for a lot it is the
// amount itself. Only CNY is compared: a rate for USDT would be a guess, and a
// guess must not decide; the reason says so instead.
func Assess(stock []market.Stock, prices []market.Price, t Thresholds) (string, []market.Reason) {
	severity := market.SeverityMedium
	var reasons []market.Reason

	var most int64
	for _, s := range stock {
		if s.Unit == market.UnitItem {
			most = max(most, s.Quantity)
		}
	}
	if most >= t.Stock {
		severity = market.SeverityHigh
		reasons = append(reasons, market.Reason{Code: CodeStock, Text: fmt.Sprintf(
			"声称存量 %d 条，达到 %d 条", most, t.Stock)})
	}

	var highest *big.Rat
	var of market.Price
	var notCompared []market.Reason
	for _, p := range prices {
		if _, ok := decimal(p.Amount); !ok {
			notCompared = appendNew(notCompared, fmt.Sprintf("价格 %.40q 不是金额，未与 %d 元比较", p.Amount, t.Sum))
			continue
		}
		if p.Currency != market.CurrencyCNY {
			notCompared = appendNew(notCompared, fmt.Sprintf("价格 %s %s 不是人民币，未折算，未与 %d 元比较", p.Amount, p.Currency, t.Sum))
			continue
		}
		if sum, ok := Sum(p); ok && (highest == nil || sum.Cmp(highest) > 0) {
			highest, of = sum, p
		}
	}
	if highest != nil && highest.Cmp(new(big.Rat).SetInt64(t.Sum)) >= 0 {
		severity = market.SeverityHigh
		reasons = append(reasons, market.Reason{Code: CodeSum, Text: fmt.Sprintf(
			"%s，达到 %d 元", reckoning(of, highest), t.Sum)})
	}
	return severity, append(reasons, notCompared...)
}

func appendNew(reasons []market.Reason, text string) []market.Reason {
	for _, r := range reasons {
		if r.Text == text {
			return reasons
		}
	}
	return append(reasons, market.Reason{Code: CodeNotCompared, Text: text})
}

// Sum is what the least purchase at a price costs, in the price's currency; ok
// is false when its amount is no decimal. See Assess for the number taken.
func Sum(p market.Price) (sum *big.Rat, ok bool) {
	sum, ok = decimal(p.Amount)
	if !ok {
		return nil, false
	}
	if p.Per == market.PerLot || p.MinQuantity < 1 {
		return sum, true
	}
	return sum.Mul(sum, big.NewRat(p.MinQuantity, pack(p.Per))), true
}

// pack is how many pieces one amount is for.
func pack(per string) int64 {
	switch per {
	case market.PerThousandItems:
		return 1_000
	case market.PerTenThousandItems:
		return 10_000
	}
	return 1
}

// reckoning shows how a sum came about, for an analyst to check.
func reckoning(p market.Price, sum *big.Rat) string {
	switch {
	case p.Per == market.PerLot:
		return "整批价 " + p.Amount + " 元"
	case p.MinQuantity < 1:
		return "单价 " + p.Amount + " 元"
	case pack(p.Per) > 1:
		return fmt.Sprintf("%s 元 × %d ÷ %d = %s 元", p.Amount, p.MinQuantity, pack(p.Per), yuan(sum))
	}
	return fmt.Sprintf("%s 元 × %d = %s 元", p.Amount, p.MinQuantity, yuan(sum))
}

// yuan shows a sum to the fen, rounded down, without trailing zeros: it must
// never look as if it reached what it did not.
func yuan(sum *big.Rat) string {
	fen := new(big.Int).Mul(sum.Num(), big.NewInt(100))
	fen.Quo(fen, sum.Denom())
	whole, rest := new(big.Int).QuoRem(fen, big.NewInt(100), new(big.Int))
	if rest.Sign() == 0 {
		return whole.String()
	}
	return strings.TrimRight(whole.String()+"."+fmt.Sprintf("%02d", rest.Int64()), "0")
}

// maxDigits caps an amount; longer ones are no price that anybody meant.
const maxDigits = 40

// decimal reads digits with at most one point between them: no sign, exponent or
// fraction, which big.Rat would take.
func decimal(s string) (*big.Rat, bool) {
	if s == "" || len(s) > maxDigits {
		return nil, false
	}
	whole, part, point := strings.Cut(s, ".")
	if !digits(whole) || point && !digits(part) {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Amount reports whether a text is an amount as the extractor writes it.
func Amount(s string) bool {
	_, ok := decimal(s)
	return ok
}
