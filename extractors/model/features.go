package model

import (
	"math"
	"unicode/utf8"

	"resumewatch/extractors/fold"
)

// Mark is a stretch of the text that the lexicon knows, by its class: an upper-case
// letter, which folded text never has.
type Mark struct {
	Start, End int
	Class      byte
}

// Input is what the model looks at.
type Input struct {
	Text  string   // folded
	Marks []Mark   // by start
	Flags []string // what the other readers found: "price", "frame.news", …
	Odds  float64  // log-odds of the lexicon's own score
	Buy   float64  // what speaks for a buyer by the words, less what for a seller
	Goods []string // what the words say is sold
}

// Feature is one sign, by the hash of its name, with its value.
type Feature struct {
	Slot  uint32
	Value float32
	Kind  Kind
}

// Kind says what a sign is made of.
type Kind uint8

// Kinds of signs: n-grams, flags, pairs of flags.
const (
	Gram Kind = iota
	Flag
	Pair
	kinds
)

// slots is how many weights the largest head has; names share them by their hash.
const (
	slotBits = 17
	slots    = 1 << slotBits
)

// longest is how many runes of a text are looked at: an advert's terms stand in
// its first lines.
const longest = 1200

// What the signs of a stream count together, and what a pair of flags counts.
const (
	heard = 8
	said  = 5
	pair  = 0.5
)

// Features are the signs of an input: n-grams of one to three characters of the text as it
// is written and of its sounds, n-grams of one to four of the text with its known words put
// as their classes, the flags, and pairs of flags. The streams put numbers as one sign and
// have no separators but ends of clauses, so that disguise changes little.
func Features(in Input) []Feature {
	plain, classed := in.letters(nil, nil)
	slots := grams(grams(nil, plain, 3, 'p'), classed, 4, 'c')
	flags := len(in.Flags)
	out := make([]Feature, 0, 2*len(slots)+flags*(flags+1)/2)
	out = features(out, slots, Gram, level(len(slots), heard))
	slots = grams(slots[:0], spoken(plain), 3, 's')
	out = features(out, slots, Gram, level(len(slots), said))
	slots = flagged(slots[:0], in.Flags)
	out = features(out, slots, Flag, 1)
	return features(out, pairs(nil, slots), Pair, pair)
}

// letters are the letters of a text, and these with known words put as their classes,
// written into the room given.
func (in *Input) letters(plain, classed []rune) ([]rune, []rune) {
	plain = trim(squeeze(plain, in.Text))
	at := 0
	for _, m := range in.Marks {
		if m.Start < at {
			continue
		}
		classed = squeeze(classed, in.Text[at:m.Start])
		classed = append(classed, rune(m.Class))
		at = m.End
	}
	return plain, trim(squeeze(classed, in.Text[at:]))
}

// features appends signs of one kind that count alike.
func features(out []Feature, slots []uint32, kind Kind, value float32) []Feature {
	for _, s := range slots {
		out = append(out, Feature{s, value, kind})
	}
	return out
}

// level is the value of n features that count together, so that they count alike whatever
// the length of the text.
func level(n int, together float64) float32 {
	return float32(together / math.Sqrt(float64(max(1, n))))
}

// flagged appends the slots of flags.
func flagged(out []uint32, flags []string) []uint32 {
	for _, f := range flags {
		out = append(out, hash(offset, f))
	}
	return out
}

// pairs appends the slots of the pairs of flags.
func pairs(out, flags []uint32) []uint32 {
	for i, f := range flags {
		for _, g := range flags[i+1:] {
			out = append(out, mix(f*prime^g))
		}
	}
	return out
}

// sounds are runes that no text has, one for each syllable.
const sounds = 0x200000

// spoken turns characters into their sounds, in place.
func spoken(text []rune) []rune {
	out := text[:0]
	for _, r := range text {
		if s := fold.SoundOf(r); s != 0 {
			out = append(out, sounds+rune(s))
		} else if r < utf8.RuneSelf && r != '?' && r != '>' && r != '%' && r != '@' && r != '"' {
			out = append(out, r)
		}
	}
	return out
}

// squeeze appends the letters of a text: numbers as 0, those of six digits and more as
// Q, ends of clauses as a comma, no other separators.
func squeeze(out []rune, s string) []rune {
	digits := 0
	flush := func() {
		switch {
		case digits >= 6:
			out = append(out, 'Q')
		case digits > 0:
			out = append(out, '0')
		}
		digits = 0
	}
	for _, r := range s {
		switch {
		case r >= 0x4E00 && r <= 0x9FFF && digits == 0: // most
			out = append(out, r)
			continue
		case r >= '0' && r <= '9':
			digits++
			continue
		}
		switch {
		case r == '.' || r == '-' || r == ' ':
			continue // inside a number too
		case r >= 'a' && r <= 'z', r >= 0x4E00 && r <= 0x9FFF:
			flush()
			out = append(out, r)
		case r == ',' || r == '，' || r == '。' || r == '\n' || r == '；' || r == ';' || r == '、' || r == '/' || r == '!' || r == '！' || r == ':':
			flush()
			if len(out) > 0 && out[len(out)-1] != ',' {
				out = append(out, ',')
			}
		case r == '?' || r == '？':
			flush()
			out = append(out, '?')
		case r == '>' || r == '"' || r == '“' || r == '”' || r == '「' || r == '《' || r == '【' || r == '@' || r == '%':
			flush()
			out = append(out, r)
		case r > 0x2FFF && r != utf8.RuneError && r < 0xFF00:
			flush()
		}
	}
	flush()
	return out
}

func trim(r []rune) []rune {
	if len(r) > longest {
		return r[:longest]
	}
	return r
}

// FNV-1a, 32 bits.
const (
	offset = 2166136261
	prime  = 16777619
)

func hash(h uint32, s string) uint32 {
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * prime
	}
	return mix(h)
}

// mix spreads a hash over the slots.
func mix(h uint32) uint32 {
	h ^= h >> 15
	h *= 2246822519
	h ^= h >> 13
	return h & (slots - 1)
}

// grams appends the slots of the n-grams of up to n characters, the ends of the text
// included.
func grams(out []uint32, text []rune, n int, stream uint32) []uint32 {
	start := (uint32(offset) ^ stream) * prime
	h := (start ^ '^') * prime
	for k := 0; k < n-1 && k <= len(text); k++ {
		c := uint32('$')
		if k < len(text) {
			c = uint32(text[k])
		}
		h = (h ^ c) * prime
		out = append(out, mix(h^uint32(k+1)))
	}
	for i := range text {
		h := start
		for k, c := range text[i:min(i+n, len(text))] {
			h = (h ^ uint32(c)) * prime
			out = append(out, mix(h^uint32(k)))
		}
		if k := len(text) - i; k < n {
			out = append(out, mix((h^'$')*prime^uint32(k)))
		}
	}
	return out
}
