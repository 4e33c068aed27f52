package grouping

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/market"
)

func qq(n string) market.Contact { return market.Contact{Kind: market.ContactQQ, Value: n} }
func wx(n string) market.Contact { return market.Contact{Kind: market.ContactWeChat, Value: n} }
func price(amount, per string, least int64) market.Price {
	return market.Price{Amount: amount, Currency: market.CurrencyCNY, Per: per, MinQuantity: least}
}

var resumes = []string{market.GoodsResumeData}

func TestKeys(t *testing.T) {
	stop := map[string]bool{"qq:1000000001": true, "wechat:service": true}
	f := func(name string, m Member, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, Keys(m, stop)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	f("strong contacts, sorted, once", Member{
		Contacts:  []market.Contact{wx("b"), qq("1000012345"), wx("b")},
		AuthorKey: "uin:1000099999",
	}, "qq:1000012345", "wechat:b")
	f("groups and addresses are weak", Member{
		Contacts:  []market.Contact{{Kind: market.ContactQQGroup, Value: "1000055555"}, {Kind: market.ContactURL, Value: "https://example.com"}},
		AuthorKey: "uin:1000099999",
	}, "qq:1000099999")
	f("a stopped contact tells nothing", Member{
		Contacts:  []market.Contact{qq("1000000001"), wx("service")},
		AuthorKey: "uin:1000099999",
	}, "qq:1000099999")
	f("one stopped, one not", Member{
		Contacts:  []market.Contact{qq("1000000001"), wx("seller")},
		AuthorKey: "uin:1000099999",
	}, "wechat:seller")
	f("a stopped author", Member{AuthorKey: "uin:1000000001"})
	f("mail account", Member{AuthorKey: "email:Seller@example.com"}, "email:seller@example.com")
	f("forum account", Member{AuthorKey: "site:https://bbs.example.com/:42"}, "site:https://bbs.example.com/:42")
	f("display name", Member{AuthorKey: "name:小王"}, "name:小王")
	f("system", Member{AuthorKey: "system:10000"})
	f("nobody", Member{AuthorKey: "name:"})
	f("no author at all", Member{})
}

func TestMeet(t *testing.T) {
	base := Member{
		Contacts: []market.Contact{qq("1000012345")}, Side: market.SideSell, Goods: resumes,
		Prices: []market.Price{price("2", market.PerItem, 100)}, Sketch: 0x00ff00ff00ff00ff,
	}
	far := ^base.Sketch
	f := func(name string, want bool, change func(*Member)) {
		t.Helper()
		other := base
		change(&other)
		for _, pair := range [][2]Member{{base, other}, {other, base}} {
			if got := Meet(pair[0], pair[1], nil); got != want {
				t.Errorf("%s: Meet = %v, want %v", name, got, want)
			}
		}
	}
	f("the same", true, func(*Member) {})
	f("other text, same terms", true, func(m *Member) { m.Sketch = far })
	f("other text, same terms but for the least number", true, func(m *Member) {
		m.Sketch, m.Prices = far, []market.Price{price("2", market.PerItem, 0)}
	})
	f("near text, other terms", true, func(m *Member) { m.Sketch ^= 7; m.Goods = nil; m.Prices = nil })
	f("other text, other price", false, func(m *Member) {
		m.Sketch, m.Prices = far, []market.Price{price("3", market.PerItem, 100)}
	})
	f("other text, other unit", false, func(m *Member) {
		m.Sketch, m.Prices = far, []market.Price{price("2", market.PerLot, 100)}
	})
	f("other text, one price more", false, func(m *Member) {
		m.Sketch, m.Prices = far, append([]market.Price{price("1.5", market.PerItem, 1000)}, base.Prices...)
	})
	f("other text, other goods", false, func(m *Member) {
		m.Sketch, m.Goods = far, []string{market.GoodsRecruiterAccount}
	})
	f("other text, no prices on one side", false, func(m *Member) { m.Sketch, m.Prices = far, nil })
	f("buys", false, func(m *Member) { m.Side = market.SideBuy })
	f("no listing", false, func(m *Member) { m.Side = "" })
	f("other seller", false, func(m *Member) { m.Contacts = []market.Contact{qq("1000067890")} })
	f("one contact shared", true, func(m *Member) { m.Contacts = []market.Contact{wx("a"), qq("1000012345")} })
	f("no contact, the contact's owner posts", true, func(m *Member) {
		m.Contacts, m.AuthorKey = nil, "uin:1000012345"
	})
	f("no contact, somebody else posts", false, func(m *Member) {
		m.Contacts, m.AuthorKey = nil, "uin:1000067890"
	})
	f("no sketch, same terms", true, func(m *Member) { m.Sketch = 0 })
	f("no sketch, no terms", false, func(m *Member) { m.Sketch, m.Goods = 0, nil })

	silent := Member{Side: market.SideSell, Goods: resumes, AuthorKey: "uin:1000012345"}
	if Meet(silent, silent, nil) {
		t.Error("listings with the same goods, no prices and no text have nothing to agree on")
	}
	if Meet(base, base, map[string]bool{"qq:1000012345": true}) {
		t.Error("met by a contact on the stop list")
	}
}

func TestNamesNeedNearText(t *testing.T) {
	a := Member{AuthorKey: "name:HR", Side: market.SideSell, Goods: resumes, Sketch: 1 << 20,
		Prices: []market.Price{price("2", market.PerItem, 0)}}
	b := a
	b.Sketch = ^a.Sketch
	if Meet(a, b, nil) {
		t.Error("two people called HR met by price")
	}
	b.Sketch = a.Sketch | 1
	if !Meet(a, b, nil) {
		t.Error("the same name with the same text did not meet")
	}
}

func TestTermsCannotBeForged(t *testing.T) {
	a := Member{Goods: []string{"a,b"}, Prices: []market.Price{{Amount: "1"}}}
	b := Member{Goods: []string{"a", "b"}, Prices: []market.Price{{Amount: "1"}}}
	if agree(a, b) {
		t.Error("a comma in a word made two words of it")
	}
	c := Member{Goods: []string{`a\`}, Prices: []market.Price{{Amount: "1"}}}
	d := Member{Goods: []string{`a`}, Prices: []market.Price{{Amount: `1`, AmountMax: `\`}}}
	if agree(c, d) {
		t.Error("a backslash moved a border")
	}
}
