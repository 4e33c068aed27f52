package model

import (
	"bytes"
	"math"
	"testing"
)

func TestDefaultParses(t *testing.T) {
	m, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range m.heads {
		if h.odds <= 0 {
			t.Errorf("head %d: the words count for %v", i, h.odds)
		}
	}
	if len(embedded) > 1<<20 {
		t.Errorf("%d bytes of weights", len(embedded))
	}
}

func TestParseRefuses(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("rwm2"), append([]byte("rwm1"), embedded[4:]...), embedded[:len(embedded)-1], append(bytes.Clone(embedded), 0)} {
		if _, err := Parse(b); err == nil {
			t.Errorf("%d bytes are taken for weights", len(b))
		}
	}
}

// Disguise by separators and another number changes nothing that the model sees.
func TestFeaturesPassOverOrnaments(t *testing.T) {
	a := Features(Input{Text: "出简历 2.5一份", Flags: []string{"price", "stock"}})
	b := Features(Input{Text: "出★简*历 3 一份", Flags: []string{"price", "stock"}})
	if len(a) != len(b) {
		t.Fatalf("%d and %d features", len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("feature %d: %v and %v", i, a[i], b[i])
		}
	}
	if c := Features(Input{Text: "出简历 3 一份？", Flags: []string{"price", "stock"}}); len(c) == len(a) {
		t.Error("a question is no sign")
	}
}

func TestMarksAreClasses(t *testing.T) {
	one := Features(Input{Text: "出智联", Marks: []Mark{{Start: 3, End: 9, Class: 'P'}}})
	two := Features(Input{Text: "出猎聘", Marks: []Mark{{Start: 3, End: 9, Class: 'P'}}})
	same := 0
	for _, a := range one {
		for _, b := range two {
			if a.Slot == b.Slot {
				same++
				break
			}
		}
	}
	if same < len(one)/3 {
		t.Errorf("two platforms share %d of %d signs", same, len(one))
	}
}

func TestFitLearnsAndRepeats(t *testing.T) {
	var examples []Example
	for i := range 200 {
		yes := i%2 == 0
		text, odds := "警惕骗局不要买", 1.0
		if yes {
			text, odds = "要的滴滴我", -0.5
		}
		examples = append(examples, Example{Features: Features(Input{Text: text}), Odds: odds, Yes: yes, Weight: 1})
	}
	fit := func() (heads [Heads]Line) {
		for i := range heads {
			heads[i] = Fit(i, examples, 1, 0.0002)
		}
		return heads
	}
	lines := fit()
	again := fit()
	if !bytes.Equal(Encode(lines), Encode(again)) {
		t.Error("the same examples gave other weights")
	}
	m, err := Parse(Encode(lines))
	if err != nil {
		t.Fatal(err)
	}
	offer, warning := m.Ask(Input{Text: "要的滴滴我", Odds: -0.5}), m.Ask(Input{Text: "警惕骗局不要买", Odds: 1})
	if z := offer.Listing(); z < 0 {
		t.Errorf("an offer has %v", z)
	}
	if z := warning.Listing(); z > 0 {
		t.Errorf("a warning has %v", z)
	}
	e := examples[0]
	if d := math.Abs(offer.Listing() - min(lines[HeadListing].Score(&e), e.Odds+lift)); d > 0.2 {
		t.Errorf("quantised weights are %v off", d)
	}
	if offer.Buys() < 0 || warning.Buys() > 0 {
		t.Errorf("who buys: %v and %v", offer.Buys(), warning.Buys())
	}
	if g := offer.Goods(); len(g) != len(Goods) {
		t.Errorf("goods of all heads are %v", g)
	}
	if g := warning.Goods(); len(g) != 1 {
		t.Errorf("goods of no head are %v, not the likeliest", g)
	}
}

func TestEvidence(t *testing.T) {
	in := Input{Odds: 1.5, Buy: 9, Goods: []string{Goods[1]}}
	for head, want := range map[int]float64{HeadListing: 1.5, HeadBuy: mostSide, HeadGoods: -named, HeadGoods + 1: named} {
		if got := in.Evidence(head); got != want {
			t.Errorf("head %d: %v, not %v", head, got, want)
		}
	}
}

func FuzzFeatures(f *testing.F) {
	f.Add("出 簡*歷 2.5/份", 0, 3)
	f.Fuzz(func(t *testing.T, s string, start, end int) {
		start = min(max(start, 0), len(s))
		end = min(max(end, start), len(s))
		for _, x := range Features(Input{Text: s, Marks: []Mark{{start, end, 'P'}}, Flags: []string{s}}) {
			if x.Slot >= slots {
				t.Fatalf("slot %d", x.Slot)
			}
		}
	})
}
