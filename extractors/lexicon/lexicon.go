package lexicon

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"resumewatch/extractors/fold"
	"resumewatch/extractors/quote"
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
	Split                  // 竹间厂力
	Masked                 // 简*, 某联
	Dialect                // 猎苹, 自联: nearly the sound
	Turned                 // ssob, nipeil
)

// Heard reports channels that go by the sound alone.
func (c Channel) Heard() bool { return c == Sound || c == Dialect }

// costs of the channels: how far a hit has to be believed, 0 plain to 1 not at all.
var costs = [...]float64{Plain: 0, Initial: 0.5, Mixed: 0.35, Leet: 0.3, Sound: 0.55, Split: 0.2, Masked: 0.7, Dialect: 0.7, Turned: 0.3}

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

	first map[rune]*Entry   // core words of two characters, by the first
	last  map[rune]*Entry   // and by the second
	whole map[string]*Entry // and whole

	off    Off // what is left out
	folded *Scanner

	frame    []int     // number of each entry among the frames, -1 for others
	weights  []float64 // of the frames
	covering uint32    // frames that cover others
}

// channel is an automaton with what its patterns mean.
type channel struct {
	auto     *automaton
	patterns []pattern
	said     []said // by the number of a state in auto.out; 0 says nothing
	all      Marks  // of any pattern
}

type role uint8

const (
	match  role = iota
	except      // takes back the hits of its entry inside
	hint        // only the gist wants to know: a word from its end, words that announce something
)

type pattern struct {
	entry         int
	role          role
	channel       Channel
	weak          bool
	length        int    // symbols
	before, after string // what must stand right before and after: ends of the form that are no letters
	text          string // letters only
	gives         Marks  // of a hint
	sounds        []rune // of the sound channel: the syllables of the standard
}

// Load reads the embedded data.
func Load() (*Lexicon, error) { return LoadWith(Settings{}) }

func newLexicon(entries []*Entry, off Off) (*Lexicon, error) {
	l := &Lexicon{entries: entries, off: off, first: map[rune]*Entry{}, last: map[rune]*Entry{}, whole: map[string]*Entry{}}
	chars, sounds, leet := builder{off: off}, builder{off: off}, builder{off: off}
	for i, e := range entries {
		for _, f := range e.Forms {
			chars.spelled(f, pattern{entry: i})
			leet.leet(f, pattern{entry: i, channel: Leet})
		}
		for _, f := range e.Weak {
			chars.spelled(f, pattern{entry: i, weak: true})
			for _, v := range counted(f) {
				chars.figured(v, pattern{entry: i, weak: true})
			}
		}
		if e.Kind() == "platform" || e.Kind() == "grade" {
			for _, f := range e.Forms {
				for _, v := range counted(f) {
					chars.figured(v, pattern{entry: i})
				}
			}
		}
		for _, f := range e.Nick {
			for _, n := range nicknames(f) {
				if off&OffNicknames == 0 {
					chars.spelled(n, pattern{entry: i, weak: true})
				}
			}
		}
		for _, f := range e.Backward {
			if w := backward(f); strings.IndexFunc(w, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
				chars.spelled(w, pattern{entry: i, channel: Turned})
			}
			chars.spelled(backward(f), pattern{entry: i, channel: Turned, role: hint, gives: MarkBack})
		}
		for _, f := range e.Masked {
			r := []rune(f)
			if len(r) != 2 {
				return nil, fmt.Errorf("lexicon: %s: masked %q has not two characters", e.ID, f)
			}
			if off&OffMasked == 0 {
				l.first[r[0]], l.last[r[1]], l.whole[f] = e, e, e
			}
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
			for _, m := range split(f) {
				chars.spelled(m, pattern{entry: i, channel: Split})
			}
			leet.leet(strings.ReplaceAll(fold.Pinyin(f), " ", ""), pattern{entry: i, channel: Leet})
			sounds.sound(fold.Pinyin(f), pattern{entry: i, channel: Sound})
		}
		for _, f := range e.Sounds {
			if !sounds.sound(f, pattern{entry: i, channel: Sound}) {
				return nil, fmt.Errorf("lexicon: %s: %q is no pinyin", e.ID, f)
			}
			leet.leet(strings.ReplaceAll(f, " ", ""), pattern{entry: i, channel: Leet})
		}
	}
	for _, w := range fold.Announcing() {
		chars.spelled(w, pattern{role: hint, gives: MarkTold})
	}
	for _, w := range quote.Introducing() {
		chars.spelled(w, pattern{role: hint, gives: MarkQuoted})
	}
	l.chars, l.sounds, l.leet = chars.channel(), sounds.channel(), leet.channel()
	if n := len(l.chars.auto.root); n > maxClasses {
		return nil, fmt.Errorf("lexicon: the words have %d different characters, more than %d", n, maxClasses)
	}
	if err := l.number(); err != nil {
		return nil, err
	}
	for _, c := range []*channel{&l.chars, &l.sounds} {
		l.digest(c)
		for _, s := range c.said {
			c.all |= s.marks
		}
	}
	l.folded = l.NewScanner(nil, new(Weights))
	return l, nil
}

// builder collects the patterns of a channel.
type builder struct {
	texts    [][]rune
	patterns []pattern
	off      Off
}

func (b *builder) add(text []rune, p pattern) {
	if b.off.has(p.channel) || len(text) == 0 || slices.Max(text) >= limit {
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

// figured adds a form of which a number is written with other figures.
func (b *builder) figured(form string, p pattern) {
	if b.off&OffFigures == 0 {
		b.spelled(form, p)
	}
}

// sound adds a pinyin spelling as it is heard in every dialect; what it is in the standard
// stays with the pattern. It is false for what is no pinyin.
func (b *builder) sound(pinyin string, p pattern) bool {
	exact := heard(pinyin)
	if exact == nil {
		return false
	}
	p.sounds = exact
	broad := make([]rune, len(exact))
	for i, s := range exact {
		broad[i] = loose(s)
	}
	b.add(broad, p)
	return true
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
