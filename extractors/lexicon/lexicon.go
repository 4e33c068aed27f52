package lexicon

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"resumewatch/extractors/fold"
)

// Channel is how a hit was written.
type Channel uint8

// Channels, from the plain to the far-fetched.
const (
	Plain   Channel = iota // as the entry spells it, separators aside
	Initial                // jl, zl, qyzh
	Mixed                  // 智l, 企y号
	Leet                   // zh1lian, b0ss
	Sound                  // 间里, 志连, jian li
)

// costs of the channels: how far a hit has to be believed, 0 plain to 1 not at all.
var costs = [...]float64{Plain: 0, Initial: 0.5, Mixed: 0.35, Leet: 0.3, Sound: 0.55}

// Hit is an entry found in a text.
type Hit struct {
	Entry      *Entry
	Start, End int // bytes of the folded text
	Channel    Channel
	Weak       bool    // a weak form: counts only in a listing
	Gaps       int     // separators inside
	Cost       float64 // 0 plain to 1
}

// Lexicon finds entries in texts. It is immutable and safe for concurrent use.
type Lexicon struct {
	entries []*Entry
	chars   channel
	sounds  channel
	leet    channel
}

// channel is an automaton with what its patterns mean.
type channel struct {
	auto     *automaton
	patterns []pattern
}

type role uint8

const (
	match  role = iota
	except      // takes back the hits of its entry inside
)

type pattern struct {
	entry         int
	role          role
	channel       Channel
	weak          bool
	length        int    // symbols
	before, after string // what must stand right before and after: ends of the form that are no letters
	text          string // letters only, for the sound channel's comparison
}

// Load reads the embedded data.
func Load() (*Lexicon, error) {
	entries, err := parse(files)
	if err != nil {
		return nil, err
	}
	return newLexicon(entries)
}

func newLexicon(entries []*Entry) (*Lexicon, error) {
	l := &Lexicon{entries: entries}
	var chars, sounds, leet builder
	for i, e := range entries {
		for _, f := range e.Forms {
			chars.spelled(f, pattern{entry: i})
			leet.leet(f, pattern{entry: i, channel: Leet})
		}
		for _, f := range e.Weak {
			chars.spelled(f, pattern{entry: i, weak: true})
		}
		for _, f := range e.Except {
			chars.spelled(f, pattern{entry: i, role: except})
		}
		for _, f := range e.NotSound {
			chars.spelled(f, pattern{entry: i, role: except})
		}
		for _, f := range e.Initials {
			chars.spelled(f, pattern{entry: i, channel: Initial})
		}
		for _, f := range e.Mixed {
			for _, m := range mixed(f) {
				chars.spelled(m, pattern{entry: i, channel: Mixed})
			}
			leet.leet(strings.ReplaceAll(fold.Pinyin(f), " ", ""), pattern{entry: i, channel: Leet})
			sounds.add(heard(fold.Pinyin(f)), pattern{entry: i, channel: Sound})
		}
		for _, f := range e.Sounds {
			s := heard(f)
			if s == nil {
				return nil, fmt.Errorf("lexicon: %s: %q is no pinyin", e.ID, f)
			}
			sounds.add(s, pattern{entry: i, channel: Sound})
			leet.leet(strings.ReplaceAll(f, " ", ""), pattern{entry: i, channel: Leet})
		}
	}
	l.chars, l.sounds, l.leet = chars.channel(), sounds.channel(), leet.channel()
	return l, nil
}

// builder collects the patterns of a channel.
type builder struct {
	texts    [][]rune
	patterns []pattern
}

func (b *builder) add(text []rune, p pattern) {
	if len(text) == 0 {
		return
	}
	p.length = len(text)
	b.texts = append(b.texts, text)
	b.patterns = append(b.patterns, p)
}

// spelled adds a form as it is written: folded, without separators inside; what
// is no letter at its ends must stand there in the text.
func (b *builder) spelled(form string, p pattern) {
	folded := fold.Fold(form)
	s := folded.Folded
	first := strings.IndexFunc(s, word)
	last := strings.LastIndexFunc(s, word)
	if first < 0 {
		return
	}
	_, n := utf8.DecodeRuneInString(s[last:])
	p.before, p.after = s[:first], s[last+n:]
	var text []rune
	for _, r := range s[first : last+n] {
		if word(r) {
			text = append(text, r)
		}
	}
	p.text = string(text)
	b.add(text, p)
}

// leet adds the skeleton of a Latin form of four letters or more.
func (b *builder) leet(form string, p pattern) {
	var text []rune
	for _, r := range form {
		if r == ' ' {
			continue
		}
		k := skeleton(r)
		if k == 0 {
			return
		}
		text = append(text, k)
	}
	if len(text) >= 4 {
		b.add(text, p)
	}
}

func (b *builder) channel() channel {
	return channel{auto: build(b.texts), patterns: b.patterns}
}

// heard are the syllables of a pinyin spelling, nil when one is unknown.
func heard(pinyin string) []rune {
	var out []rune
	for f := range strings.FieldsSeq(pinyin) {
		s := fold.SoundNamed(f)
		if s == 0 {
			return nil
		}
		out = append(out, rune(s))
	}
	return out
}

// mixed spells a word with some, not all, characters as their initial.
func mixed(w string) []string {
	chars := []rune(w)
	var out []string
	for bits := 1; bits < 1<<len(chars)-1; bits++ {
		var b strings.Builder
		for i, r := range chars {
			if name := fold.SoundOf(r).Name(); bits>>i&1 == 1 && name != "" {
				b.WriteByte(name[0])
			} else {
				b.WriteRune(r)
			}
		}
		out = append(out, b.String())
	}
	return out
}

// Entries are all entries, in the order of the data.
func (l *Lexicon) Entries() []*Entry { return slices.Clone(l.entries) }

// Find gives every hit in a folded text, by start, then end. It takes time
// linear in the text and the number of hits.
func (l *Lexicon) Find(t *fold.Text) []Hit {
	s := t.Folded
	syms := symbols(s)
	f := finder{l: l, s: s, syms: syms}
	f.run(&l.chars)
	f.speak()
	f.leetWords()
	return f.settle()
}

// Any reports whether a folded text has anything that could make it a listing:
// a plain form of goods, platform or grade, or Latin letters and digits beside
// words of a sale. It is the cheap question asked of every message; it allocates
// nothing.
func (l *Lexicon) Any(folded string) bool {
	state, wide, sale, figures, run := int32(0), 0, false, false, 0
	c := &l.chars
	for _, r := range folded {
		if !word(r) {
			run = 0
			if wide++; r == '\n' || wide > widest {
				state = 0
			}
			continue
		}
		wide = 0
		if r < utf8.RuneSelf {
			run++
			figures = figures || run >= 4 || digit(r)
		} else {
			figures = figures || hanNumeral(r)
		}
		state = c.auto.step(state, r)
		for _, id := range c.auto.out[state] {
			p := &c.patterns[id]
			switch l.entries[p.entry].Kind() {
			case "goods", "platform", "grade":
				if p.role == match {
					return true
				}
			case "side", "trade":
				sale = true
			}
		}
	}
	return sale && figures
}

// finder is one run over one text.
type finder struct {
	l      *Lexicon
	s      string
	syms   []symbol
	hits   []Hit
	denied []Hit // ranges of exceptions
}

func (f *finder) run(c *channel) {
	state := int32(0)
	for i, y := range f.syms {
		if y.gap == broken {
			state = 0
		}
		state = c.auto.step(state, y.r)
		for _, id := range c.auto.out[state] {
			p := &c.patterns[id]
			f.take(p, i+1-p.length, i+1)
		}
	}
}

// take judges the symbols [from, to) that spell p.
func (f *finder) take(p *pattern, from, to int) {
	gaps := 0
	for _, y := range f.syms[from+1 : to] {
		switch y.gap {
		case soft:
			gaps++
		case hard, broken:
			return
		}
	}
	start, end := int(f.syms[from].start), int(f.syms[to-1].end)
	if p.before != "" && !strings.HasSuffix(f.s[:start], p.before) || p.after != "" && !strings.HasPrefix(f.s[end:], p.after) {
		return
	}
	if !f.standsAlone(p, from, to, gaps) {
		return
	}
	e := f.l.entries[p.entry]
	h := Hit{Entry: e, Start: start, End: end, Channel: p.channel, Weak: p.weak, Gaps: gaps, Cost: costs[p.channel]}
	if p.role == except {
		f.denied = append(f.denied, h)
		return
	}
	f.hits = append(f.hits, h)
}

// standsAlone reports whether a form that begins or ends with a Latin letter or
// a numeral is a word of its own there.
func (f *finder) standsAlone(p *pattern, from, to, gaps int) bool {
	first, last := f.syms[from].r, f.syms[to-1].r
	start, end := int(f.syms[from].start), int(f.syms[to-1].end)
	var prev, next symbol
	if from > 0 {
		prev = f.syms[from-1]
	}
	if to < len(f.syms) {
		next = f.syms[to]
	} else {
		next.gap = broken
	}
	prevGap := f.syms[from].gap
	if latin(first) {
		if prevGap == joined && latin(prev.r) {
			return false
		}
		if gaps == 0 && (strings.HasSuffix(f.s[:start], "_") || strings.HasSuffix(f.s[:start], "-")) && prevGap == soft && (latin(prev.r) || digit(prev.r)) {
			return false
		}
		if gaps > 0 && prevGap == soft && latin(prev.r) && int(prev.end)+1 == start && p.length < 4 {
			return false
		}
	}
	if latin(last) {
		if next.gap == joined && latin(next.r) {
			return false
		}
		if p.channel == Initial && next.gap == joined && digit(next.r) && !f.amount(to) {
			return false
		}
		if gaps == 0 && end < len(f.s) && (f.s[end] == '_' || f.s[end] == '-' || f.s[end] == '@') && next.gap == soft && (latin(next.r) || digit(next.r)) {
			return false
		}
		if gaps > 0 && next.gap == soft && latin(next.r) && end+1 == int(next.start) && p.length < 4 {
			return false
		}
	}
	if numeral(first) && !f.freeBefore(from, start, prev, prevGap) {
		return false
	}
	if p.weak && numeral(last) && !f.freeAfter(to, end, next) {
		return false
	}
	return true
}

// amount reports whether the digits from symbol i on are a short number with a
// unit behind: jl2块 is jl, jl2020 is a name.
func (f *finder) amount(i int) bool {
	n := 0
	for i < len(f.syms) && digit(f.syms[i].r) {
		i++
		n++
	}
	return n <= 3 && i < len(f.syms) && !latin(f.syms[i].r)
}

// freeBefore: no number goes on into a form that begins with a numeral.
func (f *finder) freeBefore(from, start int, prev symbol, g gap) bool {
	if from == 0 {
		return true
	}
	if g == joined && digit(prev.r) && hanNumeral(f.syms[from].r) && from+1 < len(f.syms) && f.syms[from+1].r == '手' {
		return true // 一手2二手8毛
	}
	if g == joined && (digit(prev.r) || prev.r == '第' || digit(f.syms[from].r) && latin(prev.r) && prev.r != 's' || hanNumeral(prev.r) && hanNumeral(f.syms[from].r)) {
		return false
	}
	if g == soft && digit(prev.r) && int(prev.end)+1 == start && !strings.ContainsAny(f.s[prev.end:start], "/+,|&") {
		return false
	}
	return !strings.HasSuffix(f.s[:start], "¥") && !strings.HasSuffix(f.s[:start], "$")
}

// freeAfter: a bare 51 or 58 is no number of something.
func (f *finder) freeAfter(to, end int, next symbol) bool {
	if to >= len(f.syms) {
		return true
	}
	if next.gap == joined && (numeral(next.r) || strings.ContainsRune("元块毛分角份条个张人岁天年月日路楼米斤度平栋次级区届期折点名位钱kwru封只寸寓快", next.r)) {
		return false
	}
	if next.gap == soft && digit(next.r) && end+1 == int(next.start) && strings.ContainsAny(f.s[end:next.start], ".-*_~:") {
		return false
	}
	return !strings.HasPrefix(f.s[end:], "%")
}

// speak runs the sound channel.
func (f *finder) speak() {
	said := spoken(f.syms)
	state := int32(0)
	c := &f.l.sounds
	for i, y := range said {
		if f.syms[y.from].gap == broken || y.sound == 0 {
			state = 0
			if y.sound == 0 {
				continue
			}
		}
		state = c.auto.step(state, y.sound)
		for _, id := range c.auto.out[state] {
			p := &c.patterns[id]
			f.take(&pattern{entry: p.entry, channel: Sound, length: said[i].to - said[i+1-p.length].from}, said[i+1-p.length].from, said[i].to)
		}
	}
}

// leetWords runs the leet channel over the words of the text that have a letter.
func (f *finder) leetWords() {
	c := &f.l.leet
	for i := 0; i < len(f.s); {
		if skeleton(rune(f.s[i])) == 0 {
			i++
			continue
		}
		j, letters, others := i, 0, 0
		for j < len(f.s) && skeleton(rune(f.s[j])) != 0 {
			if latin(rune(f.s[j])) {
				letters++
			} else {
				others++
			}
			j++
		}
		if letters > 0 && others > 0 && j-i <= longestWord {
			state := int32(0)
			for k := i; k < j; k++ {
				state = c.auto.step(state, skeleton(rune(f.s[k])))
				for _, id := range c.auto.out[state] {
					p := &c.patterns[id]
					if k+1-p.length == i && k+1 == j {
						f.hits = append(f.hits, Hit{Entry: f.l.entries[p.entry], Start: i, End: j, Channel: Leet, Cost: costs[Leet]})
					}
				}
			}
		}
		i = j
	}
}

// settle orders the hits and takes out what an exception or a covering entry
// denies, repeats of the same entry at the same place, and heads that aren't.
func (f *finder) settle() []Hit {
	hits := f.hits
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End), cmp.Compare(a.Cost, b.Cost), cmp.Compare(a.Entry.ID, b.Entry.ID))
	})
	denied := map[*Entry][]Hit{}
	for _, d := range f.denied {
		denied[d.Entry] = append(denied[d.Entry], d)
	}
	var covers []Hit
	for _, h := range hits {
		if h.Entry.Covers {
			covers = append(covers, h)
		}
	}
	var out []Hit
	last := map[*Entry]int{} // end of the last hit kept
	for i, h := range hits {
		switch {
		case inside(h, denied[h.Entry]):
		case !h.Entry.Covers && insideOther(h, covers):
		case h.End <= last[h.Entry]:
		case h.Entry.Head && !f.head(h, hits[i+1:]):
		default:
			last[h.Entry] = h.End
			out = append(out, h)
		}
	}
	return out
}

// inside reports whether one of the ranges, which ascend by end, holds h.
func inside(h Hit, ranges []Hit) bool {
	at, _ := slices.BinarySearchFunc(ranges, h.End, func(r Hit, end int) int { return cmp.Compare(r.End, end) })
	for _, r := range ranges[at:] {
		if r.Start <= h.Start {
			return true
		}
		if r.End > h.End+64 {
			break
		}
	}
	return false
}

// insideOther reports whether one of the ranges, which ascend by start, holds h.
func insideOther(h Hit, ranges []Hit) bool {
	at, _ := slices.BinarySearchFunc(ranges, h.Start+1, func(r Hit, start int) int { return cmp.Compare(r.Start, start) })
	for at--; at >= 0 && ranges[at].Start > h.Start-64; at-- {
		if ranges[at].End >= h.End && ranges[at].Entry != h.Entry {
			return true
		}
	}
	return false
}

func (f *finder) platformAt(start int32, later []Hit) bool {
	for _, n := range later {
		if n.Start > int(start) {
			break
		}
		if n.Start == int(start) && n.Entry.Kind() == "platform" {
			return true
		}
	}
	return false
}

// leads are characters before a short verb that make it one: 长期收, 急出.
const leads = "期量急价高长批新想要有诚可现也便开打家本我需先就都来只专再号俺"

// follows are characters after a short verb that make it one: 收个, 出一批.
const follows = "一两几个点些批大全各长智前猎赶拉脉领鹰斗鱼看应简老白新历号料"

// head reports whether a short verb stands where verbs of this trade stand:
// at the head of a clause, or right before goods or a platform.
func (f *finder) head(h Hit, later []Hit) bool {
	at, _ := slices.BinarySearchFunc(f.syms, h.Start, func(y symbol, start int) int { return cmp.Compare(int(y.start), start) })
	if at+1 < len(f.syms) && h.Entry.Value == "buy" && digit(f.syms[at+1].r) && !f.platformAt(f.syms[at+1].start, later) {
		return false // 收 180: what it costs
	}
	if at == 0 || f.syms[at].gap != joined {
		return true
	}
	if strings.ContainsRune(leads, f.syms[at-1].r) {
		return true
	}
	for _, n := range later {
		if n.Start > h.End+6 {
			break
		}
		if k := n.Entry.Kind(); n.Start >= h.End && (k == "goods" && n.Entry.Strength > 1 || k == "platform" || k == "grade") {
			return true
		}
	}
	return at+1 < len(f.syms) && strings.ContainsRune(follows, f.syms[at+1].r)
}
