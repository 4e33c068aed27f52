package grouping

import (
	"slices"
	"strings"

	"resumewatch/extractors/neardup"
)

// Meet reports whether two listings say the same thing by the same seller: they
// are of one side, share a seller key, and their texts are near or their goods
// and prices agree. A shared key that is only a display name needs near texts.
// stop holds contacts that tell nothing ("qq:1000012345": a platform's own
// service number, a middleman), nil for none.
func Meet(a, b Member, stop map[string]bool) bool {
	if a.Side == "" || a.Side != b.Side {
		return false
	}
	ka, kb := Keys(a, stop), Keys(b, stop)
	shared, sure := false, false
	for _, k := range ka {
		if _, ok := slices.BinarySearch(kb, k); ok {
			shared = true
			sure = sure || !nameOnly(k)
		}
	}
	return shared && (near(a.Sketch, b.Sketch) || sure && agree(a, b))
}

// near is neardup.Near for texts that have a sketch.
func near(a, b uint64) bool { return a != 0 && b != 0 && neardup.Near(a, b) }

// agree reports whether goods and prices agree: both say goods and the same ones,
// both say prices and the same ones. Least numbers don't count, they are left
// out as often as not.
func agree(a, b Member) bool {
	t := terms(a)
	return t != "" && t == terms(b)
}

// terms are goods and prices as one string, equal if and only if they agree; ""
// when there is nothing to agree on.
func terms(m Member) string {
	if len(m.Goods) == 0 || len(m.Prices) == 0 {
		return ""
	}
	prices := make([]string, len(m.Prices))
	for i, p := range m.Prices {
		prices[i] = joined(p.Amount, p.AmountMax, p.Currency, p.Per)
	}
	return joined(sorted(m.Goods), sorted(prices))
}

// joined and sorted quote their parts, so that no value can pass for two.
func joined(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		quote(&b, p)
	}
	return b.String()
}

func sorted(words []string) string {
	words = slices.Clone(words)
	slices.Sort(words)
	return joined(slices.Compact(words)...)
}

var escapes = strings.NewReplacer(`\`, `\\`, `,`, `\,`)

func quote(b *strings.Builder, p string) {
	b.WriteString(escapes.Replace(p))
	b.WriteByte(',')
}

// contactSet is a sorted list of keys as one string.
func contactSet(keys []string) string { return sorted(keys) }
