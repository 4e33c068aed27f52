package measure

import (
	"math"
	"testing"

	"resumewatch/internal/market"
)

func price(amount, per string, least int64) market.Price {
	return market.Price{Amount: amount, Currency: "CNY", Per: per, MinQuantity: least}
}

// pairs are small documents with their readings; every count of them was made by hand and
// by the labelling guide's own scorer.
func pairs() [][2]market.Listing {
	contacts := []market.Contact{{Kind: "qq", Value: "1000012345"}, {Kind: "wechat", Value: "abc_1"}}
	return [][2]market.Listing{
		{
			{
				Listing: true, Side: "sell", Goods: []string{"resume_data"}, Platforms: []string{"51job", "zhaopin"}, Grades: []string{"first_hand"},
				Prices: []market.Price{price("2", "item", 100), price("1.5", "item", 1000)}, Stock: []market.Stock{{Quantity: 300000, Unit: "item"}},
				Contacts: contacts, Sample: &market.Sample{Records: 2, Fields: []string{"age", "name", "phone"}},
			},
			{
				Listing: true, Side: "sell", Goods: []string{"resume_data"}, Platforms: []string{"zhaopin"}, Grades: []string{"second_hand"},
				Prices: []market.Price{price("2", "item", 100), price("1.5", "item", 0), price("1.5", "item", 0)}, Stock: []market.Stock{{Quantity: 300000, Unit: "item"}},
				Contacts: []market.Contact{contacts[0], {Kind: "phone", Value: "1000012345"}}, Sample: &market.Sample{Records: 2, Fields: []string{"name", "phone", "email"}},
			},
		},
		{
			{Listing: true, Side: "buy", Goods: []string{"recruiter_account"}, Platforms: []string{"boss"}, Prices: []market.Price{price("80", "day", 0)}},
			{
				Listing: true, Side: "sell", Goods: []string{"recruiter_account", "scraping_tool"}, Platforms: []string{"boss"},
				Prices: []market.Price{price("80", "month", 0)}, Sample: &market.Sample{Records: 1},
			},
		},
		{
			{Listing: true, Side: "sell", Goods: []string{"resume_data"}, Sample: &market.Sample{Records: 1, Fields: []string{"name"}}},
			{Goods: []string{"resume_data"}}, // not read as a listing: its fields don't count
		},
		{{}, {Listing: true, Side: "sell", Goods: []string{"resume_data"}, Platforms: []string{"58"}}},
		{{}, {}},
	}
}

func counts() (all Counts, docs []Counts) {
	for _, p := range pairs() {
		c := Compare(p[0], p[1])
		docs = append(docs, c)
		all.Add(&c)
	}
	return all, docs
}

func TestCounts(t *testing.T) {
	c, _ := counts()
	want := [fields]Tally{
		Listing: {2, 1, 1}, Goods: {2, 1, 1}, Platforms: {2, 0, 1}, Grades: {0, 1, 1}, Contacts: {1, 1, 1},
		PricesStrict: {1, 2, 2}, PricesLenient: {3, 0, 0}, Stock: {1, 0, 0}, Sample: {1, 1, 1}, SampleFields: {2, 1, 2},
	}
	for f, w := range want {
		if c.Of[f] != w {
			t.Errorf("field %d: %+v, want %+v", f, c.Of[f], w)
		}
	}
	for what, rate := range map[string][2]float64{
		"precision of listings": {Precision(Listing)(&c), 2.0 / 3},
		"recall of platforms":   {Recall(Platforms)(&c), 2.0 / 3},
		"F1 of platforms":       {F1(Platforms)(&c), 4.0 / 5},
		"F1 of grades":          {F1(Grades)(&c), 0},
		"false alarms":          {FalseAlarms(&c), 0.5},
		"sides":                 {Sides(&c), 1.0 / 3},
		"sides of found":        {FoundSides(&c), 1.0 / 2},
		"records":               {Records(&c), 0.5},
		"macro F1":              {MacroF1(&c), (2.0/3 + 2.0/3 + 4.0/5 + 0 + 1.0/2 + 1.0/3 + 1 + 1 + 1.0/2 + 4.0/7) / 10},
	} {
		if math.Abs(rate[0]-rate[1]) > 1e-12 {
			t.Errorf("%s is %v, want %v", what, rate[0], rate[1])
		}
	}
}

func TestRatesOfNothing(t *testing.T) {
	var c Counts
	for i, rate := range []Rate{F1(Goods), Precision(Listing), Recall(Listing), FalseAlarms, Sides, FoundSides, Records, MacroF1} {
		if v := rate(&c); !math.IsNaN(v) {
			t.Errorf("rate %d of no documents is %v", i, v)
		}
	}
	if f := Figures("none", nil, []Rate{MacroF1})[0]; !math.IsNaN(f.Value) || !math.IsNaN(f.Low) {
		t.Errorf("%+v", f)
	}
}

// A listing that is its own reading has every rate 1.
func TestItself(t *testing.T) {
	var c Counts
	for _, p := range pairs() {
		d := Compare(p[0], p[0])
		c.Add(&d)
	}
	if MacroF1(&c) != 1 || Sides(&c) != 1 || Records(&c) != 1 || FalseAlarms(&c) != 0 {
		t.Errorf("%+v", c)
	}
}

// 100 documents, 80 of them found: the interval is near that of the normal approximation,
// 0.8 ± 0.078, and the same name gives the same one.
func TestFigures(t *testing.T) {
	var docs []Counts
	for i := range 100 {
		docs = append(docs, Compare(market.Listing{Listing: true}, market.Listing{Listing: i%5 != 0}))
	}
	rates := []Rate{Recall(Listing)}
	f := Figures("a", docs, rates)[0]
	if f.Value != 0.8 || math.Abs(f.Low-0.722) > 0.02 || math.Abs(f.High-0.878) > 0.02 {
		t.Errorf("%+v", f)
	}
	if Figures("a", docs, rates)[0] != f {
		t.Error("the same documents gave another interval")
	}
	if Figures("b", docs, rates)[0] == f {
		t.Error("the name doesn't seed the draws")
	}
}
