package contact

// runeSet is a set of runes, looked up for each rune of a text before anything is
// tried there.
type runeSet [beyond / 64]uint64

// beyond is larger than all runes of the sets.
const beyond = 0x20000

func (s *runeSet) add(c rune) { s[c>>6] |= 1 << (c & 63) }

func (s *runeSet) has(c rune) bool {
	return uint32(c) < beyond && s[c>>6]>>(c&63)&1 != 0
}

// initials is the set of the runes that the words begin with.
func initials(words []string, more string) *runeSet {
	var s runeSet
	for _, w := range words {
		for _, c := range w {
			s.add(c)
			break
		}
	}
	for _, c := range more {
		s.add(c)
	}
	return &s
}

// cueSigns, addressSigns, valueSigns and partSigns are what may begin a cue, an
// address or the @ in one, a number or an id, and the words before a further part.
var (
	cueSigns     = table.signs()
	addressSigns = initials(atSigns, "thw")
	valueSigns   = initials(nil, "0123456789abcdefghijklmnopqrstuvwxyz_幺么洞栋拐勾钩零〇一壹弌二两贰弍俩三叁仨四肆五伍六陆七柒八捌九玖")
	partSigns    = initials(nexts, "")
)

func (t cueTable) signs() *runeSet {
	var s runeSet
	for c := range t {
		s.add(c)
	}
	return &s
}
