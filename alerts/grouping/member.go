package grouping

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"resumewatch/internal/market"
)

// Member is what grouping knows of a listing.
type Member struct {
	ListingID string
	PostedAt  time.Time // zero: unknown
	Contacts  []market.Contact
	// AuthorKey is market.Author.Key of who posted it. A site's user id
	// ("site:42") is unique there only, so the caller adds the site to it
	// ("site:https://bbs.example.com/:42").
	AuthorKey string
	Sketch    uint64 // neardup.Sketch of the folded text; 0: none, near to nothing
	Side      string // market.SideSell, market.SideBuy
	Goods     []string
	Prices    []market.Price
}

// bare reports whether a member has no strong contact off the stop list: its
// author's account stands for the seller.
func (m Member) bare(stop map[string]bool) bool {
	return !slices.ContainsFunc(m.Contacts, func(c market.Contact) bool { return tells(c, stop) })
}

func tells(c market.Contact, stop map[string]bool) bool {
	return c.Strong() && c.Value != "" && !stop[c.Key()]
}

// Keys are the keys by which a member's seller is known, sorted and without
// repeats: its strong contacts ("qq:1000012345") that are not on the stop list;
// with none of these the account of its author, unless that is on the list. A QQ
// account (of author kind uin or email) has the key of the contact of the same
// value, so a post without contacts meets one that names its author's number.
// Authors that are the system's or have no name have no key. A key "name:…" is
// a display name, which anybody can take: it ties by near text alone (see Meet).
func Keys(m Member, stop map[string]bool) []string {
	var keys []string
	for _, c := range m.Contacts {
		if tells(c, stop) {
			keys = append(keys, c.Key())
		}
	}
	if len(keys) == 0 {
		if k := accountKey(m.AuthorKey); k != "" && !stop[k] {
			keys = append(keys, k)
		}
		return keys
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// accountKey is the seller key of an author's account, "" when it has none.
func accountKey(author string) string {
	kind, id, ok := strings.Cut(author, ":")
	if !ok || id == "" {
		return ""
	}
	switch kind {
	case market.AuthorUIN:
		return market.Contact{Kind: market.ContactQQ, Value: id}.Key()
	case market.AuthorEmail:
		return market.Contact{Kind: market.ContactEmail, Value: strings.ToLower(id)}.Key()
	case market.AuthorSystem:
		return ""
	}
	return author
}

// nameOnly reports whether a key is a display name.
func nameOnly(key string) bool { return strings.HasPrefix(key, market.AuthorName+":") }

// older orders members by time, those of unknown time last, then by id, then by
// all else that counts, so that the order is the same whatever came first.
func older(a, b Member) int {
	if a.PostedAt.IsZero() != b.PostedAt.IsZero() {
		if a.PostedAt.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Or(a.PostedAt.Compare(b.PostedAt), cmp.Compare(a.ListingID, b.ListingID),
		cmp.Compare(a.Side, b.Side), cmp.Compare(a.Sketch, b.Sketch), cmp.Compare(a.AuthorKey, b.AuthorKey),
		slices.Compare(a.Goods, b.Goods),
		slices.CompareFunc(a.Prices, b.Prices, comparePrices),
		slices.CompareFunc(a.Contacts, b.Contacts, func(x, y market.Contact) int { return cmp.Compare(x.Key(), y.Key()) }))
}

func comparePrices(a, b market.Price) int {
	return cmp.Or(cmp.Compare(a.Amount, b.Amount), cmp.Compare(a.AmountMax, b.AmountMax),
		cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Per, b.Per), cmp.Compare(a.MinQuantity, b.MinQuantity))
}
