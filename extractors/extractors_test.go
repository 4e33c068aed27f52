package extractors_test

import (
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resumewatch/extractors"
	"resumewatch/internal/market"
)

func extractor(t testing.TB) *extractors.Extractor {
	t.Helper()
	x, err := extractors.New()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestExtract(t *testing.T) {
	x := extractor(t)
	for _, c := range []struct {
		name, text string
		want       market.Listing
	}{
		{"plain sale", "出智联一手简历，2元一份，100份起，加QQ 1000012345", market.Listing{
			Listing: true, Side: "sell", Goods: []string{"resume_data"}, Platforms: []string{"zhaopin"}, Grades: []string{"first_hand"},
			Prices:   []market.Price{{Amount: "2", Currency: "CNY", Per: "item", MinQuantity: 100}},
			Contacts: []market.Contact{{Kind: "qq", Value: "1000012345"}},
		}},
		{"disguised sale", "出 智*聯 間.歷 ，②块⑤一份", market.Listing{
			Listing: true, Side: "sell", Goods: []string{"resume_data"}, Platforms: []string{"zhaopin"},
			Prices: []market.Price{{Amount: "2.5", Currency: "CNY", Per: "item"}},
		}},
		{"purchase of accounts", "收BOSS企业号，200一个，长期", market.Listing{
			Listing: true, Side: "buy", Goods: []string{"recruiter_account"}, Platforms: []string{"boss"},
			Prices: []market.Price{{Amount: "200", Currency: "CNY", Per: "account"}},
		}},
		{"tool", "卖智联简历提取软件，388一套，终身授权", market.Listing{
			Listing: true, Side: "sell", Goods: []string{"scraping_tool"}, Platforms: []string{"zhaopin"},
			Prices: []market.Price{{Amount: "388", Currency: "CNY", Per: "set"}},
		}},
		{"job advert", "急聘客服，月薪5k，简历请投 hr@example.com", market.Listing{}},
		{"warning", "警方提醒：出售简历涉嫌侵犯公民个人信息罪", market.Listing{}},
		{"chat", "早上好，今天吃什么", market.Listing{}},
		{"ends with a site", "收boss企业号，也收58", market.Listing{Listing: true, Side: "buy", Goods: []string{"recruiter_account"}, Platforms: []string{"58", "boss"}}},
		{"nothing", "", market.Listing{}},
	} {
		got := x.Extract(c.text, extractors.Options{}).Listing
		c.want.Normalize()
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestReasonsShowBothSpellings(t *testing.T) {
	r := extractor(t).Extract("出智联简*历，2元一份，QQ1000012345", extractors.Options{})
	want := market.Reason{Code: "goods.resume_data", Text: "说要卖简历（简*历 → 简历）"}
	for _, got := range r.Reasons {
		if got == want {
			return
		}
	}
	t.Errorf("no %+v among %+v", want, r.Reasons)
}

func TestSpansPointAtTheWords(t *testing.T) {
	text := "🔥 出 智\u200b联 簡歷，兩塊一份，扣扣１０００００１２３４５"
	r := extractor(t).Extract(text, extractors.Options{})
	got := map[string]string{}
	for _, s := range r.Spans {
		got[s.Field] = text[s.Start:s.End]
	}
	for field, want := range map[string]string{"/goods/0": "簡歷", "/platforms/0": "智\u200b联"} {
		if got[field] != want {
			t.Errorf("%s is %q, want %q", field, got[field], want)
		}
	}
	for _, field := range []string{"/prices/0", "/contacts/0"} {
		if got[field] == "" {
			t.Errorf("no span for %s in %v", field, got)
		}
	}
}

func TestAssumeListing(t *testing.T) {
	x := extractor(t)
	if r := x.Extract("2块一份", extractors.Options{}); r.Listing.Listing {
		t.Error("a bare price is no listing")
	}
	r := x.Extract("2块一份", extractors.Options{AssumeListing: true})
	if !r.Listing.Listing || len(r.Prices) != 1 || len(r.Goods) == 0 || r.Side == "" {
		t.Errorf("an assumed listing has all it can have: %+v", r.Listing)
	}
}

func TestSameReadingFromManyGoroutines(t *testing.T) {
	x := extractor(t)
	text := "出智联/前程/猎聘简历，2元一份，BOSS号120一个，QQ 1000012345"
	want := x.Extract(text, extractors.Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if got := x.Extract(text, extractors.Options{}); !reflect.DeepEqual(got, want) {
					t.Error("readings differ")
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestHostileTexts(t *testing.T) {
	x := extractor(t)
	var pairs strings.Builder // every byte behind every byte: all that isn't UTF-8
	for i := range 1 << 16 {
		pairs.WriteByte(byte(i >> 8))
		pairs.WriteByte(byte(i))
	}
	for name, s := range map[string]string{
		"brackets":   strings.Repeat("(【「", 300_000) + strings.Repeat("」】)", 300_000),
		"quotes":     strings.Repeat("> 智联\n", 100_000),
		"10 MB":      strings.Repeat("出智联简历2元一份 ", 400_000),
		"bytes":      pairs.String(),
		"invisible":  strings.Repeat("\u200b", 1_000_000),
		"one word":   strings.Repeat("简历", 500_000),
		"digits":     strings.Repeat("1", 1_000_000),
		"invalid":    strings.Repeat("\xff", 1_000_000),
		"spaced":     strings.Repeat("出 简 历 ", 100_000),
		"commas":     strings.Repeat("智联，", 100_000),
		"components": strings.Repeat("亻言", 200_000),
		"no newline": strings.Repeat("加QQ1000012345 2元一份 ", 100_000),
		"lines":      strings.Repeat("张*|男|13800138000\n", 50_000),
	} {
		began := time.Now()
		r := x.Extract(s, extractors.Options{})
		if d := time.Since(began); d > 3*time.Second {
			t.Errorf("%s took %v", name, d)
		}
		for _, p := range append(r.Spans, r.Masks...) {
			if p.Start < 0 || p.End > len(s) || p.Start > p.End {
				t.Errorf("%s: span %+v", name, p)
			}
		}
	}
}

func TestQuotesAreNotTheAuthors(t *testing.T) {
	x := extractor(t)
	for _, c := range []struct {
		name, text string
		listing    bool
		want       market.Listing // where it is one
	}{
		{"a warning over a quote", "> 出智联简历，一手2元\n别买，骗子", false, market.Listing{}},
		{"nothing over a quote", "> 出智联简历，一手2元，加QQ 1000012345", false, market.Listing{}},
		{"a chat's quote", "「小灰：出智联一手简历2元一份，加QQ 1000012345」\n- - - - - - - - - -\n太猖狂了", false, market.Listing{}},
		{"a question over a quote", "> 出智联简历，一手2元一份\n还有吗", false, market.Listing{}},
		{"terms over a question", "> 还有吗\n有，一手2元一份，加QQ 1000012345", true, market.Listing{
			Side: "sell", Goods: []string{"resume_data"}, Grades: []string{"first_hand"},
			Prices: []market.Price{{Amount: "2", Currency: "CNY", Per: "item"}}, Contacts: []market.Contact{{Kind: "qq", Value: "1000012345"}},
		}},
		{"goods from what is answered", "> 谁有智联简历\n我有，2块一份，加QQ 1000012345", true, market.Listing{
			Side: "sell", Goods: []string{"resume_data"}, Platforms: []string{"zhaopin"},
			Prices: []market.Price{{Amount: "2", Currency: "CNY", Per: "item"}}, Contacts: []market.Contact{{Kind: "qq", Value: "1000012345"}},
		}},
		{"the price of the other is left out", "> 出猎聘简历5元一份，QQ 1000055555\n出智联简历，2元一份，QQ 1000012345", true, market.Listing{
			Side: "sell", Goods: []string{"resume_data"}, Platforms: []string{"zhaopin"},
			Prices: []market.Price{{Amount: "2", Currency: "CNY", Per: "item"}}, Contacts: []market.Contact{{Kind: "qq", Value: "1000012345"}},
		}},
		{"an answer by name", "回复 @小灰：出智联简历，2元一份", true, market.Listing{
			Side: "sell", Goods: []string{"resume_data"}, Platforms: []string{"zhaopin"}, Prices: []market.Price{{Amount: "2", Currency: "CNY", Per: "item"}},
		}},
		{"a frame within the quote", "> 小心骗子，警方提醒\n出智联简历，2元一份", true, market.Listing{
			Side: "sell", Goods: []string{"resume_data"}, Platforms: []string{"zhaopin"}, Prices: []market.Price{{Amount: "2", Currency: "CNY", Per: "item"}},
		}},
	} {
		r := x.Extract(c.text, extractors.Options{})
		c.want.Listing = c.listing
		c.want.Normalize()
		if d := cmp.Diff(c.want, r.Listing); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		for _, p := range r.Spans {
			if p.Start < 0 || p.End > len(c.text) {
				t.Errorf("%s: span %+v", c.name, p)
			}
		}
	}
}

func TestQuotedRecordsAreMasked(t *testing.T) {
	text := "> 样品：张某 男 28 本科 会计 13800138000\n> 李某 女 31 大专 客服 13800138001\n智联简历2元一份，加QQ 1000012345"
	r := extractor(t).Extract(text, extractors.Options{})
	if r.Sample != nil {
		t.Errorf("the sample is another's: %+v", r.Sample)
	}
	for _, number := range []string{"13800138000", "13800138001"} {
		at, covered := strings.Index(text, number), false
		for _, m := range r.Masks {
			covered = covered || m.Start <= at && at+len(number) <= m.End
		}
		if !covered {
			t.Errorf("%s isn't masked: %+v", number, r.Masks)
		}
	}
	for _, s := range r.Spans {
		if strings.HasPrefix(s.Field, "/contacts/") && text[s.Start:s.End] != "1000012345" {
			t.Errorf("%s is %q", s.Field, text[s.Start:s.End])
		}
	}
}
