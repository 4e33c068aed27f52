package grouping

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/market"
)

func TestSellers(t *testing.T) {
	group := market.Contact{Kind: market.ContactQQGroup, Value: "1000055555"}
	bare := func(id string, at int, author string) Member {
		m := listing(id, at, adA)
		m.AuthorKey = author
		return m
	}
	got := Sellers([]Member{
		listing("a", 1, adA, qq("1000000001"), group),
		listing("b", 2, adB, wx("w"), group), // a shared group ties nobody
		listing("c", 3, adC, qq("1000000001"), wx("x")),
		listing("d", 4, adC, wx("x"), qq("1000000003")),
		bare("e", 5, "uin:1000000003"),
		bare("f", 6, "site:s:1"),
		listing("g", 7, adA), // nobody known
		listing("h", 8, adA, qq("1000000099"), wx("w")),
		listing("i", 9, adA, qq("1000000099"), wx("x")),
	}, map[string]bool{"qq:1000000099": true})
	want := []Seller{
		{ID: "a", Keys: []string{"qq:1000000001", "qq:1000000003", "wechat:x"}, Members: []string{"a", "c", "d", "e", "i"}},
		{ID: "b", Keys: []string{"wechat:w"}, Members: []string{"b", "h"}},
		{ID: "f", Keys: []string{"site:s:1"}, Members: []string{"f"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
