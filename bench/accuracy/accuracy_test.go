package main

import (
	"strings"
	"testing"

	"resumewatch/internal/market"
)

func TestStyles(t *testing.T) {
	for _, c := range []struct {
		d    document
		want string
	}{
		{document{Difficulty: "clear"}, styleClear},
		{document{Style: "obfuscated", Kind: "listing", Listing: market.Listing{Listing: true}}, styleObfuscated},
		{document{Style: "obfuscated", Kind: "hard_negative"}, styleHard},
		{document{Style: "clear", Kind: "ordinary"}, styleOrdinary},
		{document{}, ""},
	} {
		if got := c.d.style(); got != c.want {
			t.Errorf("%+v is %q, want %q", c.d, got, c.want)
		}
	}
}

// silent never finds anything.
type silent struct{}

func (silent) read(string) market.Listing { return market.Listing{} }

// A reader that finds nothing falls through the floors, one that knows the labels doesn't.
func TestFloors(t *testing.T) {
	sets, err := corpora("../../extractors/testdata")
	if err != nil {
		t.Fatal(err)
	}
	nothing, known := map[string]judged{}, map[string]judged{}
	for _, s := range sets {
		nothing[s.name] = judged{s.docs, compared(silent{}, s.docs)}
		known[s.name] = judged{s.docs, compared(oracle(s.docs), s.docs)}
	}
	if n := len(fallen(sets, nothing)); n < 2*len(targets)-4 {
		t.Errorf("a reader that finds nothing falls through %d floors only", n)
	}
	if f := fallen(sets, known); len(f) > 0 {
		t.Errorf("one that knows all falls: %s", strings.Join(f, "; "))
	}
}

// oracle knows the labels.
type oracle []document

func (o oracle) read(text string) market.Listing {
	for i := range o {
		if o[i].Text == text {
			return o[i].Listing
		}
	}
	return market.Listing{}
}

// The simple readers read simple texts: the table compares with something that works.
func TestSimpleReaders(t *testing.T) {
	text := "长期出售智联一手简历，2元一份，100份起，现有30万条，QQ：1000012345"
	l := patterns{}.read(text)
	want := market.Price{Amount: "2", Currency: "CNY", Per: "item", MinQuantity: 100}
	if !l.Listing || l.Side != "sell" || len(l.Prices) != 1 || l.Prices[0] != want || len(l.Contacts) != 1 || l.Contacts[0].Value != "1000012345" || len(l.Stock) != 1 || l.Stock[0].Quantity != 300000 {
		t.Errorf("%+v", l)
	}
	if l := (keywords{}).read("高价收智联简历"); !l.Listing || l.Side != "buy" {
		t.Errorf("%+v", l)
	}
	for _, text := range []string{"急聘客服，简历投递至邮箱", "记者暗访：出售简历", "今天吃什么"} {
		if l := (patterns{}).read(text); l.Listing {
			t.Errorf("%q: %+v", text, l)
		}
	}
}

func TestBenchmarkLines(t *testing.T) {
	got := benchmarks("goos: linux\nBenchmarkChat/extract-2  3  4567 ns/op  12.50 MB/s  0 B/op\nPASS\n")
	if len(got) != 1 || got[0][0] != "Chat/extract" || got[0][1] != "4567 ns/op, 12.50 MB/s, 0 B/op" {
		t.Errorf("%q", got)
	}
}
