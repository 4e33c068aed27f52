package grouping

import (
	"slices"
)

// Offer is what one seller says, however often and wherever.
type Offer struct {
	ID      string   // id of its oldest listing: by time (unknown last), then id
	Members []string // ids of its listings, oldest first
	// Aliases are the ids by which offers of these listings went before: those of
	// the earlier ids given to Partition that are now in this offer, but for ID,
	// oldest first.
	Aliases []string
}

// Partition puts every listing into exactly one offer, by the rule of the
// package comment; offers come oldest first. A listing given twice (one
// ListingID) counts once, as its first by time. earlier are the ids under which
// offers are known so far, which stay as aliases. stop is as in Meet.
//
// The result depends on the set of members alone, not on their order. The cost
// is near-linear when listings repeat each other; n listings of one seller whose
// texts are all different cost n²/2 comparisons of two words.
func Partition(members []Member, stop map[string]bool, earlier ...string) []Offer {
	g := newGraph(members, stop)
	g.tie()
	g.tieBare()

	known := make(map[string]bool, len(earlier))
	for _, id := range earlier {
		known[id] = true
	}
	at := make(map[int]int) // root → place in offers
	var offers []Offer
	for i, m := range g.members { // oldest first, so the first of a root names its offer
		root := g.sets.find(i)
		k, seen := at[root]
		if !seen {
			k = len(offers)
			at[root] = k
			offers = append(offers, Offer{ID: m.ListingID})
		} else if known[m.ListingID] {
			offers[k].Aliases = append(offers[k].Aliases, m.ListingID)
		}
		offers[k].Members = append(offers[k].Members, m.ListingID)
	}
	return offers
}

// graph is the listings with what the ties between them need.
type graph struct {
	members []Member // oldest first, without repeats
	keys    [][]string
	terms   []string
	bare    []bool
	sets    sets
}

func newGraph(members []Member, stop map[string]bool) *graph {
	members = slices.Clone(members)
	slices.SortFunc(members, older)
	seen := make(map[string]bool, len(members))
	members = slices.DeleteFunc(members, func(m Member) bool {
		twice := seen[m.ListingID]
		seen[m.ListingID] = true
		return twice
	})
	g := &graph{
		members: members,
		keys:    make([][]string, len(members)),
		terms:   make([]string, len(members)),
		bare:    make([]bool, len(members)),
		sets:    newSets(len(members)),
	}
	for i, m := range members {
		g.keys[i] = Keys(m, stop)
		g.terms[i] = terms(m)
		g.bare[i] = m.bare(stop)
	}
	return g
}

// class is what listings must share to be looked at together at all.
type class struct {
	key, side string
	bare      bool
}

// classes lists the members of each class, oldest first.
func (g *graph) classes() map[class][]int {
	out := make(map[class][]int)
	for i, m := range g.members {
		if m.Side == "" {
			continue // no listing: meets nothing
		}
		for _, k := range g.keys[i] {
			c := class{key: k, side: m.Side, bare: g.bare[i]}
			out[c] = append(out[c], i)
		}
	}
	return out
}

// tie joins listings with contacts that meet, and listings without that meet.
func (g *graph) tie() {
	done := make(map[string]bool) // contacts that always stand together have one list
	for c, list := range g.classes() {
		if len(list) < 2 {
			continue
		}
		if !c.bare {
			id := listID(list)
			if done[id] {
				continue
			}
			done[id] = true
		}
		byTerms := make(map[string]int)
		bySketch := make(map[uint64]int)
		var sketches []uint64
		for _, i := range list {
			if t := g.terms[i]; t != "" && !nameOnly(c.key) {
				if first, ok := byTerms[t]; ok {
					g.sets.union(first, i)
				} else {
					byTerms[t] = i
				}
			}
			if s := g.members[i].Sketch; s != 0 {
				if first, ok := bySketch[s]; ok {
					g.sets.union(first, i)
				} else {
					bySketch[s] = i
					sketches = append(sketches, s)
				}
			}
		}
		eachNear(sketches, func(a, b uint64) { g.sets.union(bySketch[a], bySketch[b]) })
	}
}

// eachNear calls join so often that near sketches, at once or through others, are
// joined: each sketch reached leaves the rest, so a seller who repeats one advert
// in many versions costs little.
func eachNear(sketches []uint64, join func(a, b uint64)) {
	rest := slices.Clone(sketches)
	var reached []uint64
	for len(rest) > 0 {
		reached = append(reached[:0], rest[len(rest)-1])
		rest = rest[:len(rest)-1]
		for len(reached) > 0 {
			s := reached[len(reached)-1]
			reached = reached[:len(reached)-1]
			kept := rest[:0]
			for _, r := range rest {
				if near(s, r) {
					join(s, r)
					reached = append(reached, r)
				} else {
					kept = append(kept, r)
				}
			}
			rest = kept
		}
	}
}

// listID is a list of members as a key of a map.
func listID(list []int) string {
	b := make([]byte, 0, 4*len(list))
	for _, i := range list {
		b = append(b, byte(i), byte(i>>8), byte(i>>16), byte(i>>24))
	}
	return string(b)
}

// tieBare lets groups without contacts join the groups with contacts that they
// meet, where these are of one contact set. tie has run.
func (g *graph) tieBare() {
	meets := g.bareMeets()
	if len(meets) == 0 {
		return
	}
	keys := make(map[int][]string) // root of a group with contacts → its contacts
	for i := range g.members {
		if !g.bare[i] {
			root := g.sets.find(i)
			keys[root] = append(keys[root], g.keys[i]...)
		}
	}
	// Decide by the groups as they are now, all before the first union.
	var joins [][2]int
	for bare, groups := range meets {
		one, same := "", true
		for root := range groups {
			set := contactSet(keys[root])
			if one == "" {
				one = set
			}
			same = same && set == one
		}
		if !same {
			continue
		}
		for root := range groups {
			joins = append(joins, [2]int{bare, root})
		}
	}
	for _, j := range joins {
		g.sets.union(j[0], j[1])
	}
}

// bareMeets finds for each group without contacts the groups with contacts that
// one of its listings meets, all by their roots.
func (g *graph) bareMeets() map[int]map[int]bool {
	meets := make(map[int]map[int]bool)
	met := func(bare, with int) {
		b, w := g.sets.find(bare), g.sets.find(with)
		if meets[b] == nil {
			meets[b] = make(map[int]bool)
		}
		meets[b][w] = true
	}
	classes := g.classes()
	for c, bares := range classes {
		if !c.bare {
			continue
		}
		withs := classes[class{key: c.key, side: c.side}]
		if len(withs) == 0 {
			continue
		}
		// Within a class equal terms are one group, and equal sketches are one group:
		// tie saw to that. So one listing of each stands for all.
		byTerms, texts := g.pick(withs)
		bareTerms, bareTexts := g.pick(bares)
		for t, i := range bareTerms {
			if w, ok := byTerms[t]; ok {
				met(i, w)
			}
		}
		for _, b := range bareTexts {
			for k := 0; k < len(texts); k++ {
				if near(b.sketch, texts[k].sketch) {
					met(b.root, texts[k].root)
					k = texts[k].last // the root's other texts tell nothing new
				}
			}
		}
	}
	return meets
}

// text is a sketch and the root of the listings that have it.
type text struct {
	sketch uint64
	root   int
	last   int // place of the root's last text in the list
}

// pick chooses a listing for each terms of a list, and lists its sketches by root.
func (g *graph) pick(list []int) (byTerms map[string]int, texts []text) {
	byTerms = make(map[string]int)
	seen := make(map[uint64]bool)
	for _, i := range list {
		if t := g.terms[i]; t != "" {
			byTerms[t] = i
		}
		if s := g.members[i].Sketch; s != 0 && !seen[s] {
			seen[s] = true
			texts = append(texts, text{sketch: s, root: g.sets.find(i)})
		}
	}
	slices.SortStableFunc(texts, func(a, b text) int { return a.root - b.root })
	for k := len(texts) - 1; k >= 0; k-- {
		texts[k].last = k
		if k+1 < len(texts) && texts[k+1].root == texts[k].root {
			texts[k].last = texts[k+1].last
		}
	}
	return byTerms, texts
}
