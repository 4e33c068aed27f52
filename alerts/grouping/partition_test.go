package grouping

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"resumewatch/extractors/neardup"
	"resumewatch/internal/market"
)

var day = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func listing(id string, at int, sketch uint64, contacts ...market.Contact) Member {
	return Member{ListingID: id, PostedAt: day.Add(time.Duration(at) * time.Hour), Side: market.SideSell, Sketch: sketch, Contacts: contacts}
}

// Sketches that are far from each other.
const (
	adA uint64 = 0x0123456789abcdef
	adB uint64 = ^adA
	adC uint64 = 0x0123456776543210
)

func TestPartition(t *testing.T) {
	f := func(name string, members []Member, want ...[]string) {
		t.Helper()
		var got [][]string
		for _, o := range Partition(members, map[string]bool{"qq:1000000001": true}) {
			if o.ID != o.Members[0] {
				t.Errorf("%s: offer %s begins with %s", name, o.ID, o.Members[0])
			}
			got = append(got, o.Members)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	bare := func(id string, at int, sketch uint64, author string) Member {
		m := listing(id, at, sketch)
		m.AuthorKey = author
		return m
	}
	priced := func(m Member) Member {
		m.Goods, m.Prices = resumes, []market.Price{price("2", market.PerItem, 100)}
		return m
	}
	one, two := qq("1000012345"), qq("1000067890")

	f("nothing", nil)
	f("the same advert twice, oldest first", []Member{listing("b", 2, adA, one), listing("a", 3, adA^1, one)}, []string{"b", "a"})
	f("equal times by id", []Member{listing("b", 2, adA, one), listing("a", 2, adA, one)}, []string{"a", "b"})
	f("unknown time is not the oldest", []Member{{ListingID: "a", Side: market.SideSell, Sketch: adA, Contacts: []market.Contact{one}}, listing("b", 2, adA, one)}, []string{"b", "a"})
	f("two adverts of one seller", []Member{listing("a", 1, adA, one), listing("b", 2, adB, one)}, []string{"a"}, []string{"b"})
	f("one advert of two sellers", []Member{listing("a", 1, adA, one), listing("b", 2, adA, two)}, []string{"a"}, []string{"b"})
	f("a third ties them", []Member{listing("a", 1, adA, one), listing("b", 2, adA, two), listing("c", 3, adA, one, two)}, []string{"a", "b", "c"})
	f("a stopped contact ties nothing", []Member{listing("a", 1, adA, qq("1000000001")), listing("b", 2, adA, qq("1000000001"))}, []string{"a"}, []string{"b"})
	f("no key, no meeting", []Member{listing("a", 1, adA), listing("b", 2, adA)}, []string{"a"}, []string{"b"})
	f("given twice", []Member{listing("a", 1, adA, one), listing("a", 1, adA, one)}, []string{"a"})
	f("without a contact by its author", []Member{listing("a", 1, adA, one), bare("b", 2, adA, "uin:1000012345")}, []string{"a", "b"})
	f("without a contact, through another such", []Member{
		listing("a", 1, adA, one), bare("b", 2, adA^0x3fff, "uin:1000012345"), bare("c", 3, adA^0xfffffff, "uin:1000012345"),
	}, []string{"a", "b", "c"})

	f("two people of one name at one price", []Member{priced(bare("a", 1, adA, "name:HR")), priced(bare("b", 2, adB, "name:HR"))}, []string{"a"}, []string{"b"})
	f("buying and selling", []Member{listing("a", 1, adA, one), func() Member { m := listing("b", 2, adA, one); m.Side = market.SideBuy; return m }()}, []string{"a"}, []string{"b"})

	// What the account 1000012345 says without a contact fits both its adverts.
	bridge := bare("x", 9, adA, "uin:1000012345")
	bridge.Goods, bridge.Prices = resumes, []market.Price{price("2", market.PerItem, 0)}
	f("never joins two contact sets", []Member{
		listing("a", 1, adA, one, wx("alice")), priced(listing("b", 2, adB, one, wx("bob"))), bridge,
	}, []string{"a"}, []string{"b"}, []string{"x"})
	f("nor by way of another without contacts", []Member{
		listing("a", 1, adA, one, wx("alice")), priced(listing("b", 2, adB, one, wx("bob"))),
		bare("x", 3, adA, "uin:1000012345"), priced(bare("y", 4, adA, "uin:1000012345")),
	}, []string{"a"}, []string{"b"}, []string{"x", "y"})
	f("joins adverts of one contact set", []Member{
		listing("a", 1, adA, one), priced(listing("b", 2, adB, one)), bridge,
	}, []string{"a", "b", "x"})
	f("a group's contact set is all of its listings'", []Member{
		listing("a", 1, adA, one, wx("alice")), listing("a2", 1, adA, one), priced(listing("b", 2, adB, wx("alice"), one)), bridge,
	}, []string{"a", "a2", "b", "x"})
}

func TestPartitionAliases(t *testing.T) {
	one := qq("1000012345")
	members := []Member{listing("new", 3, adA, one), listing("old", 1, adA, one), listing("mid", 2, adA, one), listing("other", 2, adB, one)}
	got := Partition(members, nil, "mid", "other", "gone", "old")
	want := []Offer{
		{ID: "old", Members: []string{"old", "mid", "new"}, Aliases: []string{"mid"}},
		{ID: "other", Members: []string{"other"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// members draws a small crowded market, where sellers, texts and terms collide.
func members(t *rapid.T) []Member {
	pool := []market.Contact{qq("1000000001"), qq("1000000002"), wx("a"), wx("b"),
		{Kind: market.ContactQQGroup, Value: "1000000009"}}
	authors := []string{"", "uin:1000000001", "uin:1000000002", "name:甲", "site:s:1"}
	n := rapid.IntRange(0, 14).Draw(t, "n")
	out := make([]Member, n)
	for i := range out {
		m := Member{
			ListingID: fmt.Sprintf("l%02d", i),
			AuthorKey: rapid.SampledFrom(authors).Draw(t, "author"),
			Side:      rapid.SampledFrom([]string{market.SideSell, market.SideSell, market.SideSell, market.SideBuy, ""}).Draw(t, "side"),
			Contacts:  rapid.SliceOfN(rapid.SampledFrom(pool), 0, 2).Draw(t, "contacts"),
			Goods:     rapid.SliceOfN(rapid.SampledFrom([]string{"resume_data", "scraping_tool"}), 0, 2).Draw(t, "goods"),
			// Steps of ten bits: neighbours are near, the next but one is not.
			Sketch: []uint64{0, 1<<10 - 1, 1<<20 - 1, 1<<30 - 1, 1<<40 - 1, ^uint64(0)}[rapid.IntRange(0, 5).Draw(t, "sketch")],
		}
		if rapid.Bool().Draw(t, "priced") {
			m.Prices = []market.Price{price(rapid.SampledFrom([]string{"1", "2"}).Draw(t, "amount"), market.PerItem, int64(i))}
		}
		if h := rapid.IntRange(0, 4).Draw(t, "hour"); h > 0 {
			m.PostedAt = day.Add(time.Duration(h) * time.Hour)
		}
		out[i] = m
	}
	return out
}

func TestPartitionHasNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := members(t)
		if len(ms) > 2 && rapid.Bool().Draw(t, "twice") {
			twin := ms[0] // one listing told twice, in two versions
			twin.Sketch, twin.Contacts = ms[1].Sketch, ms[1].Contacts
			ms = append(ms, twin)
		}
		stop := map[string]bool{"wechat:b": true}
		want := Partition(ms, stop, "l03", "l05")
		shuffled := rapid.Permutation(ms).Draw(t, "order")
		if diff := cmp.Diff(want, Partition(shuffled, stop, "l05", "l03")); diff != "" {
			t.Fatalf("order changed the offers (-want +got)\n%s", diff)
		}
	})
}

// TestPartitionByTheRule holds Partition against the package comment, taken
// literally and slowly by Meet.
func TestPartitionByTheRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := members(t)
		stop := map[string]bool{"wechat:b": true}
		var got [][]string
		for _, o := range Partition(ms, stop) {
			ids := slices.Clone(o.Members)
			slices.Sort(ids)
			got = append(got, ids)
		}
		slices.SortFunc(got, func(a, b []string) int { return slices.Compare(a, b) })
		if diff := cmp.Diff(literal(ms, stop), got); diff != "" {
			t.Fatalf("(-rule +got)\n%s", diff)
		}
	})
}

func literal(ms []Member, stop map[string]bool) [][]string {
	group := make([]int, len(ms))
	for i := range group {
		group[i] = i
	}
	merge := func(a, b int) {
		for i, g := range group {
			if g == b {
				group[i] = a
			}
		}
	}
	for i := range ms {
		for j := range ms {
			if ms[i].bare(stop) == ms[j].bare(stop) && Meet(ms[i], ms[j], stop) && group[i] != group[j] {
				merge(group[i], group[j])
			}
		}
	}
	contacts := func(g int) string {
		set := map[string]bool{}
		for i, m := range ms {
			if group[i] == g {
				for _, k := range Keys(m, stop) {
					set[k] = true
				}
			}
		}
		var keys []string
		for k := range set {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		return fmt.Sprint(keys)
	}
	var joins [][2]int
	for i := range ms {
		if !ms[i].bare(stop) {
			continue
		}
		targets := map[int]bool{}
		kinds := map[string]bool{}
		for k := range ms {
			if group[k] != group[i] {
				continue
			}
			for j := range ms {
				if !ms[j].bare(stop) && Meet(ms[k], ms[j], stop) {
					targets[group[j]] = true
					kinds[contacts(group[j])] = true
				}
			}
		}
		if len(kinds) == 1 {
			for g := range targets {
				joins = append(joins, [2]int{i, g})
			}
		}
	}
	representative := slices.Clone(group)
	for _, j := range joins {
		for i := range ms {
			if representative[i] == j[1] {
				merge(group[j[0]], group[i])
				break
			}
		}
	}
	byGroup := map[int][]string{}
	for i, g := range group {
		byGroup[g] = append(byGroup[g], ms[i].ListingID)
	}
	var out [][]string
	for _, ids := range byGroup {
		slices.Sort(ids)
		out = append(out, ids)
	}
	slices.SortFunc(out, func(a, b []string) int { return slices.Compare(a, b) })
	return out
}

// big makes n listings of one seller, whose texts are "repeated" (50 of them),
// "fresh" (each far from all others) or "close" (each other, all of them near).
func big(n int, texts string) []Member {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]Member, n)
	for i := range out {
		sketch := neardup.Sketch(fmt.Sprintf("出智联简历一手当天%d条起售", i%50))
		switch texts {
		case "fresh":
			sketch = r.Uint64()
		case "close":
			sketch = adA
			for range 7 {
				sketch ^= 1 << r.IntN(64)
			}
		}
		out[i] = Member{
			ListingID: fmt.Sprintf("%032x", i), PostedAt: day.Add(time.Duration(r.IntN(1e6)) * time.Second),
			Side: market.SideSell, Sketch: sketch, Contacts: []market.Contact{qq("1000012345"), wx("seller")},
			AuthorKey: "uin:1000012345",
		}
		if i%7 == 0 {
			out[i].Contacts = nil
		}
		if i%3 == 0 {
			out[i].Goods, out[i].Prices = resumes, []market.Price{price(fmt.Sprint(i%900), market.PerItem, 1)}
		}
	}
	return out
}

func TestPartitionOfAnEagerSeller(t *testing.T) {
	// Where texts repeat or resemble each other the cost is near-linear; where all
	// differ it is quadratic, and the race detector makes that slow.
	for texts, n := range map[string]int{"repeated": 20_000, "close": 20_000, "fresh": 3_000} {
		ms := big(n, texts)
		start := time.Now()
		offers := Partition(ms, nil)
		if took := time.Since(start); took > 5*time.Second { // 1 s is the aim; the machine may be busy, and watched for races
			t.Errorf("%s: %d listings took %s", texts, len(ms), took)
		}
		for _, o := range offers {
			n -= len(o.Members)
		}
		if n != 0 {
			t.Errorf("%s: %d listings are in no offer", texts, n)
		}
	}
}

func BenchmarkPartition(b *testing.B) {
	for _, texts := range []string{"repeated", "close", "fresh"} {
		ms := big(20_000, texts)
		b.Run("20000 of one seller, "+texts+" texts", func(b *testing.B) {
			for b.Loop() {
				Partition(ms, nil)
			}
		})
	}
}
