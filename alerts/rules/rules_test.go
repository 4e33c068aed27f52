package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"resumewatch/internal/market"
)

func cny(amount, per string, least int64) market.Price {
	return market.Price{Amount: amount, Currency: market.CurrencyCNY, Per: per, MinQuantity: least}
}

func offer(change func(*Offer)) Offer {
	o := Offer{
		ID: "7f", Side: market.SideSell, Goods: []string{market.GoodsResumeData}, Platforms: []string{"zhaopin"},
		Prices: []market.Price{cny("2", market.PerItem, 100)}, Contacts: []market.Contact{{Kind: "qq", Value: "1000012345"}},
		Sightings: 3, Sources: []string{"example-board"},
	}
	if change != nil {
		change(&o)
	}
	return o
}

func TestTitle(t *testing.T) {
	f := func(want string, change func(*Offer)) {
		t.Helper()
		if got := Title(offer(change)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	prices := func(p ...market.Price) func(*Offer) { return func(o *Offer) { o.Prices = p } }
	f("出售 智联 简历，2 元/条，100 份起", nil)
	f("求购 智联 简历，2 元/条，100 份起", func(o *Offer) { o.Side = market.SideBuy })
	f("出售 智联 简历", prices())
	f("出售 简历", func(o *Offer) { o.Platforms, o.Prices = nil, nil })
	f("出售", func(o *Offer) { o.Platforms, o.Prices, o.Goods = nil, nil, nil })
	f("出售 智联、猎聘 简历、招聘账号", func(o *Offer) {
		o.Platforms, o.Prices = []string{"zhaopin", "liepin"}, nil
		o.Goods = []string{market.GoodsResumeData, market.GoodsRecruiterAccount}
	})
	f("出售 前程无忧、BOSS直聘、脉脉等 5 家 简历", func(o *Offer) {
		o.Platforms, o.Prices = []string{"51job", "boss", "maimai", "yjs", "other"}, nil
	})
	f("出售 智联 简历，0.3–0.5 元/条", prices(market.Price{Amount: "0.3", AmountMax: "0.5", Currency: "CNY", Per: "item"}))
	f("出售 智联 简历，500 元/千条，2 万份起", prices(cny("500", market.PerThousandItems, 20_000)))
	f("出售 智联 简历，3000 元/万条", prices(cny("3000", market.PerTenThousandItems, 0)))
	f("出售 智联 简历，整批 5000 元", prices(cny("5000", market.PerLot, 0)))
	f("出售 智联 简历，50 份共 80 元", prices(cny("80", market.PerLot, 50)))
	f("出售 智联 简历，300 元/号，5 个起", prices(cny("300", market.PerAccount, 5)))
	f("出售 智联 简历，900 元/月", prices(cny("900", market.PerMonth, 0)))
	f("出售 智联 简历，20 元", prices(cny("20", market.PerUnknown, 0)))
	f("出售 智联 简历，100 USDT/套", prices(market.Price{Amount: "100", Currency: "USDT", Per: "set"}))
	f("出售 智联 简历，2 元/条，100 份起", prices(cny("2", market.PerItem, 100), cny("1.5", market.PerItem, 1000)))
	f("出售 智联 简历", prices(cny("<b>2</b>", market.PerItem, 0)))
	f("出售 智联 简历，2 元/条，100 份起，存量 30 万条，存量 12 个账号", func(o *Offer) {
		o.Stock = []market.Stock{{Quantity: 5, Unit: "item"}, {Quantity: 300_000, Unit: "item"}, {Quantity: 12, Unit: "account"}}
	})
	f("出售 new\uFFFDsite 简历，2 元/条，100 份起", func(o *Offer) { o.Platforms = []string{"new\u202esite"} })
}

func TestCounted(t *testing.T) {
	for n, want := range map[int64]string{
		1: "1 份", 100: "100 份", 9_000: "9000 份", 10_000: "1 万份", 11_000: "1.1 万份", 10_500: "10500 份", 300_000: "30 万份", 123_456: "123456 份",
	} {
		if got := counted(n, "份"); got != want {
			t.Errorf("%d is written %s, want %s", n, got, want)
		}
	}
}

func TestBuiltin(t *testing.T) {
	builtin := Builtin()
	if len(builtin) != 1 || builtin[0].Name != "listing.sells" {
		t.Fatalf("built in: %+v", builtin)
	}
	rule := builtin[0]

	hit, severity, reasons, title := Evaluate(rule, offer(nil))
	if !hit || severity != market.SeverityMedium || title != "出售 智联 简历，2 元/条，100 份起" {
		t.Errorf("%v, %s, %s", hit, severity, title)
	}
	if diff := cmp.Diff([]market.Reason{{Code: "rule.sells", Text: "出售 智联 简历"}}, reasons); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}

	hit, severity, reasons, _ = Evaluate(rule, offer(func(o *Offer) {
		o.Stock = []market.Stock{{Quantity: 300_000, Unit: market.UnitItem}}
		o.Prices = []market.Price{cny("0.2", market.PerItem, 100_000)}
	}))
	if !hit || severity != market.SeverityHigh {
		t.Errorf("%v, %s", hit, severity)
	}
	want := []market.Reason{
		{Code: "rule.sells", Text: "出售 智联 简历"},
		{Code: "severity.stock", Text: "声称存量 300000 条，达到 10000 条"},
		{Code: "severity.sum", Text: "0.2 元 × 100000 = 20000 元，达到 10000 元"},
	}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}

	hit, severity, reasons, title = Evaluate(rule, offer(func(o *Offer) { o.Side = market.SideBuy }))
	if hit || severity != "" || reasons != nil || title != "" {
		t.Errorf("a buyer: %v, %q, %v, %q", hit, severity, reasons, title)
	}
	builtin[0].Name = "changed"
	if Builtin()[0].Name != "listing.sells" {
		t.Error("a caller changed the built-in rules")
	}
}

func TestMatch(t *testing.T) {
	f := func(name string, m Match, want bool, codes ...string) {
		t.Helper()
		o := offer(func(o *Offer) {
			o.Stock = []market.Stock{{Quantity: 500, Unit: "item"}, {Quantity: 9_000, Unit: "account"}}
		})
		hit, _, reasons, _ := Evaluate(Rule{Name: "test", Title: "test", Match: m}, o)
		var got []string
		for _, r := range reasons {
			got = append(got, r.Code)
		}
		if hit != want || !cmp.Equal(codes, got) {
			t.Errorf("%s: %v for %v, want %v for %v", name, hit, got, want, codes)
		}
	}
	f("everything", Match{}, true)
	f("goods, any of", Match{Goods: []string{"scraping_tool", "resume_data"}}, true, CodeGoods)
	f("other goods", Match{Goods: []string{"scraping_tool"}}, false)
	f("platform", Match{Platforms: []string{"zhaopin"}}, true, CodePlatforms)
	f("other platform", Match{Platforms: []string{"boss"}}, false)
	f("contact", Match{Contacts: []string{"qq:1000012345"}}, true, CodeContacts)
	f("other kind of contact", Match{Contacts: []string{"wechat:1000012345"}}, false)
	f("source", Match{Sources: []string{"example-board"}}, true, CodeSources)
	f("other source", Match{Sources: []string{"example"}}, false)
	f("stock", Match{MinStock: 500}, true, CodeStock)
	f("more stock", Match{MinStock: 501}, false)
	f("sightings", Match{MinSightings: 3}, true, CodeSightings)
	f("more sightings", Match{MinSightings: 4}, false)
	f("all", Match{Side: "sell", Goods: []string{"resume_data"}, MinStock: 1, MinSightings: 1}, true, CodeSells, CodeGoods, CodeStock, CodeSightings)
	f("all but one", Match{Side: "sell", Goods: []string{"resume_data"}, MinStock: 1, MinSightings: 9}, false)
	f("buyers", Match{Side: "buy"}, false)
}

func TestFixedSeverity(t *testing.T) {
	_, severity, _, _ := Evaluate(Rule{Severity: market.SeverityCritical}, offer(nil))
	if severity != market.SeverityCritical {
		t.Errorf("severity %s", severity)
	}
}

func TestRulesAreYAML(t *testing.T) {
	for _, r := range append(Builtin(), Rule{Name: "watch.list", Title: "名单", Severity: "critical", Match: Match{
		Side: "buy", Goods: []string{"resume_data"}, Platforms: []string{"58"}, Contacts: []string{"qq:1000012345"}, Sources: []string{"b"}, MinStock: 3, MinSightings: 2,
	}}) {
		if err := r.Validate(); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
		text, err := yaml.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back Rule
		dec := yaml.NewDecoder(strings.NewReader(string(text)))
		dec.KnownFields(true)
		if err := dec.Decode(&back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, back); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	}
}

func TestValidate(t *testing.T) {
	good := Rule{Name: "a.b_2", Title: "t"}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for key, change := range map[string]func(*Rule){
		"name":                func(r *Rule) { r.Name = "A b" },
		"title":               func(r *Rule) { r.Title = " " },
		"severity":            func(r *Rule) { r.Severity = "grave" },
		"match.side":          func(r *Rule) { r.Match.Side = "swap" },
		"match.goods":         func(r *Rule) { r.Match.Goods = []string{"phones"} },
		"match.platforms":     func(r *Rule) { r.Match.Platforms = []string{"monster"} },
		"match.contacts":      func(r *Rule) { r.Match.Contacts = []string{"1000012345"} },
		"match.min_stock":     func(r *Rule) { r.Match.MinStock = -1 },
		"match.min_sightings": func(r *Rule) { r.Match.MinSightings = -1 },
	} {
		r := good
		change(&r)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), " "+key+": ") {
			t.Errorf("%s: error %v", key, err)
		}
	}
}

// Every word of the listing guide has a name.
func TestNames(t *testing.T) {
	for _, p := range strings.Fields("zhaopin 51job liepin boss 58 ganji lagou maimai linkedin chinahr doumi yupao kanzhun dajie yjs other") {
		if platformWord(p) == p {
			t.Errorf("platform %s has no name", p)
		}
	}
	for _, g := range strings.Fields("resume_data download_service recruiter_account account_registration scraping_tool") {
		if goodsWord(g) == g {
			t.Errorf("goods %s have no name", g)
		}
	}
	for _, p := range strings.Fields("item thousand_items ten_thousand_items account day week month year set") {
		if perWord(p) == p {
			t.Errorf("unit %s has no name", p)
		}
	}
}
