package grouping

import (
	"slices"
)

// Seller is contacts tied to each other, with the listings that give them.
type Seller struct {
	ID      string   // id of its oldest listing; a listing has one seller at most
	Keys    []string // its seller keys, sorted
	Members []string // ids of its listings, oldest first
}

// Sellers ties seller keys (Keys) that stand in one listing, at once or through
// others. A listing without contacts ties nothing: it belongs to the seller
// that has its author's account, or to one of that account alone. Listings
// without any key have no seller. Sides don't matter: who buys today sells
// tomorrow. Sellers come oldest listing first; the order of members is of no
// account.
func Sellers(members []Member, stop map[string]bool) []Seller {
	g := newGraph(members, stop)
	number := make(map[string]int)
	var keys []string
	for _, ks := range g.keys {
		for _, k := range ks {
			if _, ok := number[k]; !ok {
				number[k] = len(keys)
				keys = append(keys, k)
			}
		}
	}
	ties := newSets(len(keys))
	for _, ks := range g.keys {
		for _, k := range ks {
			ties.union(number[ks[0]], number[k])
		}
	}
	at := make(map[int]int)
	var sellers []Seller
	for i, m := range g.members {
		if len(g.keys[i]) == 0 {
			continue
		}
		root := ties.find(number[g.keys[i][0]])
		k, seen := at[root]
		if !seen {
			k = len(sellers)
			at[root] = k
			sellers = append(sellers, Seller{ID: m.ListingID})
		}
		sellers[k].Members = append(sellers[k].Members, m.ListingID)
	}
	for n, k := range keys { // every key stands in a listing, so its seller is there
		s := &sellers[at[ties.find(n)]]
		s.Keys = append(s.Keys, k)
	}
	for i := range sellers {
		slices.Sort(sellers[i].Keys)
	}
	return sellers
}
