package lexicon

import (
	"cmp"
	"slices"
)

// automaton is an Aho–Corasick automaton over runes (or any other symbols), turned into a
// table that gives each next state with one look: a row holds only the steps in which its
// state differs from the root, and rows lie interleaved in one array. It finds every
// occurrence of every pattern, overlapping ones too, in time linear in the text and the
// number of occurrences.
//
// A state is the place of its row, doubled, and one more when patterns end in it. The root
// is 0.
type automaton struct {
	class []uint16 // of symbols below limit; 0 for those of no pattern
	root  []int32  // next state by class
	cells []cell
	ends  []int32   // number of a state in out, by its place
	out   [][]int32 // patterns that end in a state, those of its failure chain too
}

// cell is a step of the state that lies at check.
type cell struct{ check, next int32 }

// limit is the first symbol that no pattern may use.
const limit = 0x20000

// trie is the automaton while it is built: nodes with their children by class.
type trie struct {
	next []map[uint16]int32
	out  [][]int32
	fail []int32
	rows []map[uint16]int32 // steps that differ from the root's
}

// build makes the automaton of the given patterns; pattern numbers are indices.
func build(patterns [][]rune) *automaton {
	a := &automaton{class: make([]uint16, limit), out: [][]int32{nil}}
	classes := 1
	for _, p := range patterns {
		for _, r := range p {
			if a.class[r] == 0 {
				a.class[r] = uint16(classes)
				classes++
			}
		}
	}
	t := trie{next: []map[uint16]int32{{}}, out: [][]int32{nil}}
	for id, p := range patterns {
		t.add(a, int32(id), p)
	}
	order := t.link()
	places := a.place(t.rows, classes)
	state := func(node int32) int32 {
		s := places[node] << 1
		if len(t.out[node]) > 0 {
			s |= 1
		}
		return s
	}
	a.root = make([]int32, classes)
	for c, node := range t.next[0] {
		a.root[c] = state(node)
	}
	a.ends = make([]int32, len(a.cells))
	for _, node := range order[1:] {
		for c, to := range t.rows[node] {
			a.cells[places[node]+int32(c)] = cell{places[node], state(to)}
		}
		if len(t.out[node]) > 0 {
			a.ends[places[node]] = int32(len(a.out))
			a.out = append(a.out, t.out[node])
		}
	}
	return a
}

func (t *trie) add(a *automaton, id int32, p []rune) {
	at := int32(0)
	for _, r := range p {
		c := a.class[r]
		next, ok := t.next[at][c]
		if !ok {
			next = int32(len(t.next))
			t.next = append(t.next, map[uint16]int32{})
			t.out = append(t.out, nil)
			t.next[at][c] = next
		}
		at = next
	}
	if len(p) > 0 {
		t.out[at] = append(t.out[at], id)
	}
}

// link finds what each node falls back to, breadth first so that a failure leads to a
// finished node, and with it the rows. It returns the nodes in that order.
func (t *trie) link() []int32 {
	t.fail = make([]int32, len(t.next))
	t.rows = make([]map[uint16]int32, len(t.next))
	order := make([]int32, 1, len(t.next))
	for head := 0; head < len(order); head++ {
		at := order[head]
		t.rows[at] = map[uint16]int32{}
		if at != 0 {
			for c, to := range t.rows[t.fail[at]] {
				t.rows[at][c] = to
			}
		}
		for _, c := range sorted(t.next[at]) {
			child := t.next[at][c]
			order = append(order, child)
			if at != 0 {
				t.rows[at][c] = child
				t.fail[child] = t.step(t.fail[at], c)
			}
			t.out[child] = append(slices.Clone(t.out[child]), t.out[t.fail[child]]...)
		}
	}
	return order
}

// step is the node after class c in a node whose row is finished.
func (t *trie) step(node int32, c uint16) int32 {
	if to, ok := t.rows[node][c]; ok {
		return to
	}
	return t.next[0][c]
}

func sorted(m map[uint16]int32) []uint16 {
	out := make([]uint16, 0, len(m))
	for c := range m {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

// place finds room for the rows, the longest first, each behind the last where all its cells
// are free, those of one cell in the holes, and makes the cells. No two rows begin at the same place; the root, which has no row, is at 0.
func (a *automaton) place(rows []map[uint16]int32, classes int) []int32 {
	order := make([]int32, 0, len(rows))
	for n := 1; n < len(rows); n++ {
		order = append(order, int32(n))
	}
	slices.SortStableFunc(order, func(x, y int32) int { return cmp.Compare(len(rows[y]), len(rows[x])) })
	places := make([]int32, len(rows))
	var used, begun []bool // cells; places where a row begins
	grow := func(n int) {
		for len(used) < n {
			used, begun = append(used, false), append(begun, false)
		}
	}
	at, columns := 1, -1 // where the last row was put, and how many cells it has
	for _, n := range order {
		row := sorted(rows[n])
		if len(row) <= 1 && columns > 1 {
			at = 1 // the holes that longer rows left
		}
		for columns = len(row); ; at++ {
			grow(at + classes)
			if !begun[at] && !slices.ContainsFunc(row, func(c uint16) bool { return used[at+int(c)] }) {
				break
			}
		}
		begun[at] = true
		for _, c := range row {
			used[at+int(c)] = true
		}
		places[n] = int32(at)
	}
	a.cells = make([]cell, len(used))
	for i := range a.cells {
		a.cells[i].check = -1
	}
	return places
}

// step is the state after symbol r in state s.
func (a *automaton) step(s int32, r rune) int32 {
	if r < 0 || r >= limit {
		return 0
	}
	return a.move(s, a.class[r])
}

// move is the state after a symbol of that class in state s.
func (a *automaton) move(s int32, class uint16) int32 {
	if at := s >> 1; at != 0 {
		if c := a.cells[at+int32(class)]; c.check == at {
			return c.next
		}
	}
	return a.root[class]
}

// found are the patterns that end in state s.
func (a *automaton) found(s int32) []int32 {
	if s&1 == 0 {
		return nil
	}
	return a.out[a.ends[s>>1]]
}
