package classify

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"resumewatch/extractors/fold"
	"resumewatch/extractors/lexicon"
	"resumewatch/internal/market"
)

func judge(t *testing.T, words *lexicon.Lexicon, text string, f Facts) Verdict {
	t.Helper()
	x := fold.Fold(text)
	f.Folded, f.Hits = x.Folded, words.Find(&x)
	return Judge(f)
}

func TestSignsMoveConfidence(t *testing.T) {
	words, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	bare := judge(t, words, "智联简历", Facts{})
	priced := judge(t, words, "智联简历", Facts{Prices: []market.Price{{Amount: "2", Currency: "CNY", Per: "item"}}})
	reachable := judge(t, words, "智联简历", Facts{
		Prices: []market.Price{{Amount: "2", Currency: "CNY", Per: "item"}}, Contacts: []market.Contact{{Kind: "qq", Value: "1000012345"}},
	})
	if !(bare.Confidence < priced.Confidence && priced.Confidence < reachable.Confidence) {
		t.Errorf("confidence %v, with a price %v, with a contact %v", bare.Confidence, priced.Confidence, reachable.Confidence)
	}
	warned := judge(t, words, "警方提醒，出智联简历违法", Facts{})
	if sold := judge(t, words, "出智联简历", Facts{}); warned.Listing || warned.Confidence >= sold.Confidence {
		t.Errorf("a warning has %v, a sale %v", warned.Confidence, sold.Confidence)
	}
}

func TestDoubtIsTheBandBelow(t *testing.T) {
	words, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"出简历", "简历", "智联简历2块", "今天投简历了", "卖简历的滚", "收号", "料2块一份"} {
		v := judge(t, words, text, Facts{})
		if v.Listing != (v.Confidence >= listingFrom) || v.Doubt != (!v.Listing && v.Confidence >= doubtFrom) {
			t.Errorf("%q: %+v", text, v)
		}
	}
}

func TestGoodsAndSides(t *testing.T) {
	words, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text, side string
		goods      []string
	}{
		{"代下智联简历，6元一份", "sell", []string{"download_service"}},
		{"能下简历的智联号，300一个", "sell", []string{"recruiter_account"}},
		{"卖抓BOSS电话的脚本，500", "sell", []string{"scraping_tool"}},
		{"企业号/简历/认证，量大从优", "sell", []string{"account_registration", "recruiter_account", "resume_data"}},
		{"招简历工具人，用自己身份证注册boss，50一个", "buy", []string{"account_registration"}},
		{"谁有智联号，急", "buy", []string{"recruiter_account"}},
		{"没有执照的来，boss包认证，260一次", "sell", []string{"account_registration"}},
	} {
		v := judge(t, words, c.text, Facts{})
		got := map[string]bool{}
		for _, g := range v.Goods {
			got[g.Value] = true
		}
		ok := len(got) == len(c.goods)
		for _, g := range c.goods {
			ok = ok && got[g]
		}
		if !ok || v.Side != c.side {
			t.Errorf("%q: %s %v, want %s %v", c.text, v.Side, got, c.side, c.goods)
		}
	}
}

func TestPlatformsInARow(t *testing.T) {
	words, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	v := judge(t, words, "会员三折（智/猎/前）", Facts{})
	got := map[string]bool{}
	for _, p := range v.Platforms {
		got[p.Value] = true
	}
	if len(got) != 3 || !got["zhaopin"] || !got["liepin"] || !got["51job"] {
		t.Errorf("got %v", got)
	}
	if v := judge(t, words, "不是58同城的", Facts{}); len(v.Platforms) != 0 {
		t.Errorf("an excluded platform: %v", v.Platforms)
	}
}

func TestSinglesAreKnownToTheGist(t *testing.T) {
	words, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	for w := range singles {
		if g := words.Gist("(" + w + "/" + w + ")"); !g.Has(lexicon.MarkSingles) {
			t.Errorf("%s is no single for the gist", w)
		}
	}
}

// What the gist calls hopeless may be no listing however it is read.
func TestHopelessIsABound(t *testing.T) {
	words, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	pieces := []string{"出", "收", "智联", "猎聘", "简历", "间里", "企业号", "号", "料", "一手", "2元", "一份", "两块", "100份起", "加QQ", "骗子", "模板", "简历模板", "月薪", "我的", "，", "\n", " ", "*", "/", "智", "前", "58", "投了", "jianli", "j", "l", "销售", "软件", "招聘", "电话", "3", "私聊", "需要", "的私", "代下", "代认证", "出售", "抓", "没有", "3万条"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "pieces"), "")
		x := fold.Fold(text)
		hits := words.Find(&x)
		g := words.Gist(x.Folded)
		if m := words.Heard(x.Folded); m != 0 {
			g.Marks |= m | lexicon.MarkVerb | lexicon.MarkSeveral | lexicon.MarkOdd
		}
		f := Facts{Folded: x.Folded, Hits: hits}
		if g.Has(lexicon.MarkNumber) {
			f.Prices = []market.Price{{Amount: "2", Currency: "CNY", Per: "item"}}
			if g.Has(lexicon.MarkNumbers) {
				f.Stock = []market.Stock{{Quantity: 3, Unit: "item"}}
			}
		}
		if g.Has(lexicon.MarkContact) {
			f.Contacts = []market.Contact{{Kind: "qq", Value: "1000012345"}}
		}
		if g.Has(lexicon.MarkRowed) {
			f.Sample = &market.Sample{Records: 1}
		}
		if v := Judge(f); (v.Listing || v.Doubt) && (Hopeless(g) || Hopeless(g.Of(x.Folded, hits))) {
			t.Errorf("%q: %v, yet hopeless: %+v, %+v", text, v.Confidence, g, g.Of(x.Folded, hits))
		}
	})
}

// Two Latin initials alone are a brand of something else.
func TestBrandIsNoPlatform(t *testing.T) {
	words, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	price := []market.Price{{Amount: "3200", Currency: market.CurrencyCNY, Per: market.PerItem}}
	if v := judge(t, words, "LG的性价比高，3200块一个", Facts{Prices: price}); v.Listing || v.Doubt {
		t.Errorf("a brand with a price: %v", v.Confidence)
	}
	if v := judge(t, words, "出LG一手，2块一份，100份起", Facts{Prices: price}); !v.Listing {
		t.Errorf("initials with a grade and a least number: %v", v.Confidence)
	}
}
