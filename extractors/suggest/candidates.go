package suggest

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Candidate is a string that may be a word of the trade.
type Candidate struct {
	Text      string
	Count     int     // trading messages that it stands in
	Elsewhere int     // in messages that don't trade, at most
	Score     float64 // 0 to 1
	Odds      float64 // log-odds against messages that don't trade, in standard deviations
	Cohesion  float64 // least pointwise mutual information of its parts, bits
	Freedom   float64 // lesser of the entropies of what stands before and behind, bits
	Slots     int     // times that it fills the place of a name
	Kind      string  // what it seems to be: goods, platform or grade
	Near      string  // a known word that it sounds like
	Contexts  []string
}

// place is where a string stands.
type place struct{ msg, from, to int }

// stat is what is known of a string.
type stat struct {
	tokens []string
	hash   uint64
	places []place
	count  int // messages
	left   map[string]int
	right  map[string]int
	slots  map[Kind]int // by what they make it
	filled int
}

// maxContexts is how many contexts a candidate shows.
const maxContexts = 5

// Candidates are the strings that stand in least messages or more, the likeliest first.
// known tells strings that need not be suggested; near gives a known word of the same sound.
func (m *Miner) Candidates(least int, known func(string) bool, near func(string) string) []Candidate {
	least = max(least, 2)
	all, counts, total := m.grow(least)
	var out []Candidate
	kept := map[string]*stat{}
	for _, s := range all {
		text := strings.Join(s.tokens, "")
		if len(s.tokens) == 1 && s.tokens[0][0] >= 0x80 || function(s.tokens[0]) || function(s.tokens[len(s.tokens)-1]) {
			continue
		}
		m.look(s)
		c := Candidate{Text: text, Count: s.count, Elsewhere: int(m.back.of(s.hash)), Slots: s.filled, Kind: s.kind()}
		c.Cohesion = cohesion(s, counts, total)
		c.Freedom = min(entropy(s.left), entropy(s.right))
		c.Odds = logOdds(float64(len(s.places)), total, m.back.of(s.hash), m.back.total)
		if c.Freedom < 0.5 || c.Odds < 1 || known(text) {
			continue
		}
		c.Near = near(text)
		kept[text] = s
		out = append(out, c)
	}
	rank(out)
	out = alone(out)
	for i := range out {
		out[i].Contexts = m.contexts(kept[out[i].Text])
	}
	return out
}

// function reports characters that no name begins or ends with.
func function(s string) bool {
	switch s {
	case "的", "了", "是", "我", "你", "他", "都", "就", "不", "也", "在", "有", "和", "与", "吗", "呢", "吧", "啊", "这", "那", "很", "还", "来", "去", "到", "给", "被", "把", "可", "能", "要", "没":
		return true
	}
	return false
}

// grow counts strings level by level: one that is rare has no longer one that is not.
func (m *Miner) grow(least int) (all []*stat, counts map[string]int, total float64) {
	counts = map[string]int{}
	for i := range m.kept {
		for j := range m.kept[i].tokens {
			if t := &m.kept[i].tokens[j]; t.name() {
				total++
			}
		}
	}
	var level []*stat
	byHash := map[uint64]*stat{}
	for n := 1; n <= longest; n++ {
		var next []*stat
		add := func(p place) {
			ts := m.kept[p.msg].tokens[p.from:p.to]
			h := uint64(basis)
			for i := range ts {
				h = mix(h, ts[i].text, 0)
			}
			s := byHash[h]
			if s == nil {
				s = &stat{hash: h}
				for i := range ts {
					s.tokens = append(s.tokens, ts[i].text)
				}
				byHash[h] = s
				next = append(next, s)
			}
			if k := len(s.places); k == 0 || s.places[k-1].msg != p.msg {
				s.count++
			}
			s.places = append(s.places, p)
		}
		if n == 1 {
			for i := range m.kept {
				for j := range m.kept[i].tokens {
					if m.kept[i].tokens[j].name() {
						add(place{i, j, j + 1})
					}
				}
			}
		}
		// in the order of the text, so that places of one message stand together
		var grown []place
		for _, s := range level {
			for _, p := range s.places {
				if ts := m.kept[p.msg].tokens; p.to < len(ts) && ts[p.to].name() {
					grown = append(grown, place{p.msg, p.from, p.to + 1})
				}
			}
		}
		slices.SortFunc(grown, func(a, b place) int { return cmp.Or(a.msg-b.msg, a.from-b.from) })
		for _, p := range grown {
			add(p)
		}
		level = slices.DeleteFunc(next, func(s *stat) bool { return s.count < least })
		all = append(all, level...)
		for _, s := range level {
			counts[strings.Join(s.tokens, "")] = len(s.places)
		}
	}
	return all, counts, total
}

// look notes what stands around a string.
func (m *Miner) look(s *stat) {
	s.left, s.right, s.slots = map[string]int{}, map[string]int{}, map[Kind]int{}
	for _, p := range s.places {
		ts := m.kept[p.msg].tokens
		before, after := token{kind: ending}, token{kind: ending}
		if p.from > 0 {
			before = ts[p.from-1]
		}
		if p.to < len(ts) {
			after = ts[p.to]
		}
		s.left[around(before)]++
		s.right[around(after)]++
		if as := slot(before, after); as != 0 {
			s.filled++
			s.slots[as]++
		}
	}
}

// around names a neighbour.
func around(t token) string {
	if t.name() {
		return t.text
	}
	return beyond
}

// beyond stands for all neighbours that are no part of a name.
const beyond = ""

// slot tells the place of a name between two tokens: what the name would be, 0 for none.
func slot(before, after token) Kind {
	of := after.text == "的"
	switch {
	case (before.kind == Side || before.kind == ending) && (after.kind == Goods || after.kind == Grade && before.kind == Side):
		return Platform // 出X简历
	case before.kind == Side && of:
		return Platform // 出X的
	case before.kind == Platform && (after.kind == ending || after.kind == Grade || after.kind == number || after.kind == Terms || after.kind == Side):
		return Goods // 智联X，两块
	case before.kind == Grade && (after.kind == ending || after.kind == number || after.kind == Terms):
		return Goods // 一手X
	case before.kind == Side && (after.kind == ending || after.kind == number || after.kind == Terms):
		return Goods // 收X，
	case (before.kind == Platform || before.kind == Goods) && after.kind == number:
		return Grade
	case before.text == "的" && (after.kind == number || after.kind == ending):
		return Goods
	}
	return 0
}

// kind is what the string seems to be, by the places that it fills most.
func (s *stat) kind() string {
	best, name := 0, "goods"
	for _, k := range []struct {
		kind Kind
		name string
	}{{Goods, "goods"}, {Platform, "platform"}, {Grade, "grade"}} {
		if n := s.slots[k.kind]; n > best {
			best, name = n, k.name
		}
	}
	return name
}

// cohesion is the least mutual information of the two parts of any cut.
func cohesion(s *stat, counts map[string]int, total float64) float64 {
	if len(s.tokens) == 1 {
		return oneWord
	}
	least := math.Inf(1)
	for cut := 1; cut < len(s.tokens); cut++ {
		a, b := counts[strings.Join(s.tokens[:cut], "")], counts[strings.Join(s.tokens[cut:], "")]
		if a > 0 && b > 0 {
			least = min(least, math.Log2(float64(len(s.places))*total/(float64(a)*float64(b))))
		}
	}
	return least
}

// oneWord is the cohesion of a Latin word: nothing has to hold it together.
const oneWord = 6

// entropy is that of neighbours, in bits. Ends of clauses, numbers and known words count as
// neighbours that all differ: a name stands freely beside them.
func entropy(of map[string]int) float64 {
	sum, free := 0, of[beyond]
	for _, n := range of {
		sum += n
	}
	if sum == 0 {
		return 0
	}
	h := 0.0
	for _, text := range slices.Sorted(maps.Keys(of)) {
		n := of[text]
		if text == beyond {
			continue
		}
		p := float64(n) / float64(sum)
		h -= p * math.Log2(p)
	}
	return h + float64(free)/float64(sum)*math.Log2(float64(sum))
}

// logOdds is how much more often a string stands in the one than in the other, in standard
// deviations (with a prior of a half).
func logOdds(here, allHere, there, allThere float64) float64 {
	const prior = 0.5
	a, b := here+prior, there+prior
	delta := math.Log(a/(allHere+1-here)) - math.Log(b/(allThere+1-there))
	return delta / math.Sqrt(1/a+1/b)
}

// Weights of what speaks for a candidate.
const (
	wOdds     = 0.30
	wSlots    = 0.30
	wFreedom  = 0.15
	wCohesion = 0.15
	wNear     = 0.10
)

// rank gives the scores and sorts by them.
func rank(cs []Candidate) {
	for i := range cs {
		c := &cs[i]
		near := 0.0
		if c.Near != "" {
			near = 1
		}
		share := float64(c.Slots) / float64(c.Count)
		c.Score = wOdds*bounded(c.Odds/8) + wSlots*bounded(share)*bounded(math.Log1p(float64(c.Slots))/3) + wFreedom*bounded(c.Freedom/3) + wCohesion*bounded(c.Cohesion/8) + wNear*near
		c.Score = math.Round(c.Score*1000) / 1000
	}
	slices.SortFunc(cs, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Text, b.Text))
	})
}

func bounded(f float64) float64 { return min(max(f, 0), 1) }

// alone drops strings that say the same as a likelier one that holds them, or that they hold.
func alone(cs []Candidate) []Candidate {
	var out []Candidate
	for _, c := range cs {
		same := slices.ContainsFunc(out, func(o Candidate) bool {
			return (strings.Contains(o.Text, c.Text) || strings.Contains(c.Text, o.Text)) && min(c.Count, o.Count)*2 > max(c.Count, o.Count)
		})
		if !same {
			out = append(out, c)
		}
		if len(out) == mostCandidates {
			break
		}
	}
	return out
}

// mostCandidates bounds the answer.
const mostCandidates = 1000

// contexts show where a string stands, from messages spread over all of them.
func (m *Miner) contexts(s *stat) []string {
	var out []string
	last := -1
	for i := range s.places {
		p := s.places[i]
		if p.msg == last || i%max(1, len(s.places)/maxContexts) != 0 {
			continue
		}
		last = p.msg
		k := &m.kept[p.msg]
		end := len(k.shown)
		if p.to < len(k.at) {
			end = k.at[p.to]
		}
		if c := snippet(k.shown, k.at[p.from], end); c != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
		if len(out) == maxContexts {
			break
		}
	}
	return out
}

// beside is how many characters a context shows before and behind.
const beside = 10

// snippet is a stretch of a text with what stands around it, on one line.
func snippet(s string, from, to int) string {
	if from < 0 || to < from || to > len(s) {
		return ""
	}
	a, b := from, to
	for n := 0; n < beside && a > 0; n++ {
		_, k := utf8.DecodeLastRuneInString(s[:a])
		a -= k
	}
	for n := 0; n < beside && b < len(s); n++ {
		_, k := utf8.DecodeRuneInString(s[b:])
		b += k
	}
	out := strings.Join(strings.Fields(s[a:b]), " ")
	if a > 0 {
		out = "…" + out
	}
	if b < len(s) {
		out += "…"
	}
	return out
}
