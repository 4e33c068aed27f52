package lexicon

import "slices"

// automaton is an Aho–Corasick automaton over runes (or any other symbols):
// flat arrays, the root by index, other states with sorted edges and a failure
// link. It finds every occurrence of every pattern, overlapping ones too, in
// time linear in the text and the number of occurrences.
type automaton struct {
	root  []int32 // next state by class, for symbols below len(class)
	class []uint16
	first []int32 // edges of state s: first[s] to first[s+1]
	sym   []rune
	to    []int32
	fail  []int32
	out   [][]int32 // patterns that end in a state, those of its failure chain too
}

// limit is the first symbol that no pattern may use.
const limit = 0x20000

// build makes the automaton of the given patterns; pattern numbers are indices.
func build(patterns [][]rune) *automaton {
	type node struct {
		next map[rune]int32
		out  []int32
	}
	nodes := []node{{next: map[rune]int32{}}}
	for id, p := range patterns {
		at := int32(0)
		for _, r := range p {
			next, ok := nodes[at].next[r]
			if !ok {
				next = int32(len(nodes))
				nodes = append(nodes, node{next: map[rune]int32{}})
				nodes[at].next[r] = next
			}
			at = next
		}
		if len(p) > 0 {
			nodes[at].out = append(nodes[at].out, int32(id))
		}
	}
	a := &automaton{class: make([]uint16, limit), fail: make([]int32, len(nodes)), out: make([][]int32, len(nodes))}
	a.root = append(a.root, 0) // class 0: no edge
	// Breadth first, so that a failure link leads to a finished state.
	order := make([]int32, 0, len(nodes))
	order = append(order, 0)
	for head := 0; head < len(order); head++ {
		at := order[head]
		syms := make([]rune, 0, len(nodes[at].next))
		for r := range nodes[at].next {
			syms = append(syms, r)
		}
		slices.Sort(syms)
		for _, r := range syms {
			child := nodes[at].next[r]
			order = append(order, child)
			if at != 0 {
				f := a.fail[at]
				for {
					if n, ok := nodes[f].next[r]; ok {
						a.fail[child] = n
						break
					}
					if f == 0 {
						break
					}
					f = a.fail[f]
				}
			} else {
				a.class[r] = uint16(len(a.root))
				a.root = append(a.root, child)
			}
			a.out[child] = append(slices.Clone(nodes[child].out), a.out[a.fail[child]]...)
		}
	}
	a.first = make([]int32, len(nodes)+1)
	for s := range nodes {
		syms := make([]rune, 0, len(nodes[s].next))
		for r := range nodes[s].next {
			syms = append(syms, r)
		}
		slices.Sort(syms)
		a.first[s] = int32(len(a.sym))
		for _, r := range syms {
			a.sym = append(a.sym, r)
			a.to = append(a.to, nodes[s].next[r])
		}
	}
	a.first[len(nodes)] = int32(len(a.sym))
	return a
}

// step is the state after symbol r in state s.
func (a *automaton) step(s int32, r rune) int32 {
	for s != 0 {
		for e := a.first[s]; e < a.first[s+1]; e++ {
			if a.sym[e] == r {
				return a.to[e]
			}
			if a.sym[e] > r {
				break
			}
		}
		s = a.fail[s]
	}
	if r < 0 || r >= limit {
		return 0
	}
	return a.root[a.class[r]]
}
