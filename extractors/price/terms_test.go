package price_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resumewatch/extractors/contact"
	"resumewatch/extractors/fold"
	"resumewatch/extractors/numeral"
	"resumewatch/extractors/price"
	"resumewatch/extractors/sample"
	"resumewatch/internal/market"
)

// letters are the goods as terms.txt writes them.
var letters = map[string]string{
	"r": market.GoodsResumeData, "d": market.GoodsDownloadService, "a": market.GoodsRecruiterAccount,
	"g": market.GoodsAccountRegistration, "s": market.GoodsScrapingTool,
}

// terms reads the lines of terms.txt as documents of the guide's meaning.
func terms(t *testing.T) (list []term) {
	file, err := os.ReadFile("testdata/terms.txt")
	if err != nil {
		t.Fatal(err)
	}
	rule := ""
	for i, line := range strings.Split(string(file), "\n") {
		if name, ok := strings.CutPrefix(line, "# "); ok {
			rule = name
		}
		if line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			t.Fatalf("terms.txt:%d: %s", i+1, line)
		}
		x := term{rule: rule, side: market.SideSell, text: strings.ReplaceAll(cells[1], "⏎", "\n")}
		goods, sought := strings.CutPrefix(cells[0], "<")
		if sought {
			x.side = market.SideBuy
		}
		for _, g := range strings.Split(goods, "+") {
			x.goods = append(x.goods, letters[g])
		}
		for _, p := range split(cells[2]) {
			x.prices = append(x.prices, priceOf(strings.Fields(p)))
		}
		if len(cells) > 3 {
			for _, s := range split(cells[3]) {
				x.stock = append(x.stock, strings.ReplaceAll(s, " ", "|"))
			}
		}
		list = append(list, x)
	}
	return list
}

// term is a line of terms.txt, its prices and stock as short writes them.
type term struct {
	rule, side, text     string
	goods, prices, stock []string
}

func split(cell string) (out []string) {
	for _, p := range strings.Split(cell, ";") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// priceOf is "2-3u item 100" as short writes it.
func priceOf(words []string) string {
	amount, dollars := strings.CutSuffix(words[0], "u")
	low, high, _ := strings.Cut(amount, "-")
	currency, least := market.CurrencyCNY, "0"
	if dollars {
		currency = market.CurrencyUSDT
	}
	if len(words) > 2 {
		least = words[2]
	}
	return fmt.Sprintf("%s|%s|%s|%s|%s", low, high, currency, words[1], least)
}

func TestTerms(t *testing.T) {
	for _, x := range terms(t) {
		f := fold.Fold(x.text)
		v := numeral.NewView(f.Folded+"\n", f.Span)
		v.Unlist(x.text)
		s := sample.Read(v)
		c := contact.Read(v, x.text, s.Taken)
		prices, stock := short(price.Read(v, price.Context{Goods: x.goods, Side: x.side, Taken: append(s.Taken, c.Taken...)}))
		for _, list := range [][]string{x.prices, x.stock, prices, stock} {
			slices.Sort(list)
		}
		if d := cmp.Diff(x.prices, prices, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: %s: prices (-want +got):\n%s", x.rule, x.text, d)
		}
		if d := cmp.Diff(x.stock, stock, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: %s: stock (-want +got):\n%s", x.rule, x.text, d)
		}
	}
}
