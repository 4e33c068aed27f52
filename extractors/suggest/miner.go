package suggest

import (
	"strings"
)

// Bounds of what is kept.
const (
	mostText   = 4 << 20 // bytes of trading messages
	mostEach   = 4 << 10 // bytes of one
	sketchBits = 20
	longest    = 6 // characters of a candidate
)

// Miner takes messages and says which words they are new in. It is for one goroutine.
type Miner struct {
	kept    []kept
	bytes   int
	dropped int
	seen    map[uint64]bool // trading messages by their words: adverts are repeated
	back    sketch
}

// kept is a trading message.
type kept struct {
	tokens []token
	shown  string
	at     []int // byte of shown by token
}

// New makes a Miner.
func New() *Miner {
	return &Miner{seen: map[uint64]bool{}, back: newSketch()}
}

// Add takes a message. One that trades counts once, however often it is repeated; beyond the
// bound it is counted as dropped.
func (m *Miner) Add(msg Message) {
	if !msg.Trades {
		m.back.add(tokens(cut(msg.Folded), nil))
		return
	}
	ts := tokens(cut(msg.Folded), msg.Marks)
	h := uint64(basis)
	for i := range ts {
		h = mix(h, ts[i].text, ts[i].kind)
	}
	if m.seen[h] {
		return
	}
	if m.bytes+len(msg.Folded) > mostText {
		m.dropped++
		return
	}
	m.seen[h] = true
	m.bytes += len(msg.Folded)
	k := kept{tokens: ts, shown: msg.Shown, at: make([]int, len(ts))}
	for i := range ts {
		k.at[i] = msg.At(ts[i].start)
		ts[i].text = strings.Clone(ts[i].text)
	}
	m.kept = append(m.kept, k)
}

// Counts are how many messages were taken that trade, and how many of these had no room.
func (m *Miner) Counts() (trading, dropped int) { return len(m.kept), m.dropped }

// cut keeps the head of a long message.
func cut(s string) string {
	if len(s) <= mostEach {
		return s
	}
	n := mostEach
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

const basis = 14695981039346656037

// mix goes on with an FNV-1a hash.
func mix(h uint64, s string, k Kind) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return (h ^ uint64(k)) * 1099511628211
}

// sketch counts strings of the background in fixed room: never too few, seldom too many.
type sketch struct {
	rows  [2][]uint32
	total float64 // strings counted, by length
}

func newSketch() sketch {
	var s sketch
	for i := range s.rows {
		s.rows[i] = make([]uint32, 1<<sketchBits)
	}
	return s
}

func (s *sketch) slots(h uint64) [2]uint64 {
	return [2]uint64{h >> (64 - sketchBits), (h * 0x9E3779B97F4A7C15) >> (64 - sketchBits)}
}

// add counts all candidates of a message.
func (s *sketch) add(ts []token) {
	for i := range ts {
		if !ts[i].name() {
			continue
		}
		h := uint64(basis)
		for j := i; j < len(ts) && j-i < longest && ts[j].name(); j++ {
			h = mix(h, ts[j].text, 0)
			for r, at := range s.slots(h) {
				s.rows[r][at]++
			}
		}
		s.total++
	}
}

// of is how often a string was counted.
func (s *sketch) of(h uint64) float64 {
	at := s.slots(h)
	return float64(min(s.rows[0][at[0]], s.rows[1][at[1]]))
}
