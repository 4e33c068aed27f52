package grouping

// sets is a union-find forest over 0..n-1; a set's root is its least number, so
// that it doesn't depend on the order of the unions.
type sets []int

func newSets(n int) sets {
	s := make(sets, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func (s sets) find(i int) int {
	for s[i] != i {
		s[i] = s[s[i]] // halve the way for those who come later
		i = s[i]
	}
	return i
}

func (s sets) union(i, j int) {
	i, j = s.find(i), s.find(j)
	if i < j {
		s[j] = i
	} else {
		s[i] = j
	}
}
