package rules

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"resumewatch/alerts/severity"
	"resumewatch/internal/market"
)

// Title is one line that tells an offer to an analyst, such as
// "出售 智联 简历，2 元/条，100 份起". It is made of words and figures alone,
// never of the author's text.
func Title(o Offer) string {
	side := "出售"
	if o.Side == market.SideBuy {
		side = "求购"
	}
	parts := []string{side + spaced(subject(o))}
	if len(o.Prices) > 0 {
		if p := priceText(o.Prices[0]); p != "" {
			parts = append(parts, p)
		}
	}
	for _, unit := range []string{market.UnitItem, market.UnitAccount} {
		if n := mostStock(o.Stock, unit); n > 0 {
			parts = append(parts, "存量 "+counted(n, counter(unit)))
		}
	}
	return strings.Join(parts, "，")
}

// maxNamed is how many platforms a title names.
const maxNamed = 3

// subject is platforms and goods, "智联、猎聘 简历".
func subject(o Offer) string {
	var words []string
	if platforms := names(o.Platforms, platformWord); len(platforms) > maxNamed {
		words = append(words, fmt.Sprintf("%s等 %d 家", strings.Join(platforms[:maxNamed], "、"), len(platforms)))
	} else if len(platforms) > 0 {
		words = append(words, strings.Join(platforms, "、"))
	}
	if goods := names(o.Goods, goodsWord); len(goods) > 0 {
		words = append(words, strings.Join(goods, "、"))
	}
	return strings.Join(words, " ")
}

func names(words []string, name func(string) string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = name(w)
	}
	return out
}

// priceText is one price, "2–3 元/条，100 份起"; "" when its amount is none.
func priceText(p market.Price) string {
	if !severity.Amount(p.Amount) {
		return ""
	}
	amount := p.Amount
	if severity.Amount(p.AmountMax) {
		amount += "–" + p.AmountMax
	}
	text := amount + " " + currencyWord(p.Currency)
	switch p.Per {
	case market.PerLot:
		if p.MinQuantity > 0 {
			return counted(p.MinQuantity, "份") + "共 " + text
		}
		return "整批 " + text
	case market.PerUnknown, "":
	default:
		text += "/" + perWord(p.Per)
	}
	if p.MinQuantity > 0 {
		text += "，" + counted(p.MinQuantity, leastWord(p.Per)) + "起"
	}
	return text
}

func mostStock(stock []market.Stock, unit string) int64 {
	var most int64
	for _, s := range stock {
		if s.Unit == unit {
			most = max(most, s.Quantity)
		}
	}
	return most
}

// counted is a number of things, "100 份"; 300000 becomes "30 万份" where nothing
// is lost by it.
func counted(n int64, what string) string {
	if n < 10_000 || n%1_000 != 0 {
		return fmt.Sprintf("%d %s", n, what)
	}
	return strings.TrimSuffix(fmt.Sprintf("%d.%d", n/10_000, n%10_000/1_000), ".0") + " 万" + what
}

// visible makes a word that is not ours safe to print on one line.
func visible(s string) string {
	if len(s) > 80 {
		cut := 80
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || unicode.Is(unicode.Zs, r) && r != ' ' {
			return '\uFFFD'
		}
		return r
	}, s)
}
