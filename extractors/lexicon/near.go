package lexicon

import (
	"strings"
	"unicode/utf8"

	"resumewatch/extractors/fold"
)

// Holds reports whether a string is part of a form or an exception: somebody has looked
// at it already.
func (l *Lexicon) Holds(s string) bool {
	for _, e := range l.entries {
		for _, list := range [][]string{e.Forms, e.Weak, e.Except, e.NotSound} {
			for _, f := range list {
				if strings.Contains(f, s) {
					return true
				}
			}
		}
	}
	return false
}

// Near gives a word of goods, platforms or grades that a string sounds like, but for one
// syllable of three or more, or that it has the initials of; "" for none.
func (l *Lexicon) Near(s string) string {
	said := broadly(fold.Pinyin(s))
	for _, e := range l.entries {
		if k := e.Kind(); k != "platform" && k != "grade" && (k != "goods" || e.Strength == 1) {
			continue
		}
		for _, f := range e.Forms {
			n := utf8.RuneCountInString(f)
			if n < 2 || f == s {
				continue
			}
			word := broadly(fold.Pinyin(f))
			if len(word) == n && word != nil && alike(said, word) || len(s) >= 3 && s == initials(f) {
				return f
			}
		}
	}
	return ""
}

// broadly are the syllables of a spelling as they are heard in every dialect, nil when one
// is unknown.
func broadly(pinyin string) []rune {
	out := heard(pinyin)
	for i, s := range out {
		out[i] = loose(s)
	}
	return out
}

// alike reports sounds that are the same, but for one of three or more.
func alike(a, b []rune) bool {
	if len(a) != len(b) || len(a) < 2 {
		return false
	}
	differ := 0
	for i := range a {
		if a[i] != b[i] {
			differ++
		}
	}
	return differ == 0 || differ == 1 && len(a) >= 3
}

// initials are the first letters of the syllables of a word, "" when one has no sound.
func initials(w string) string {
	var b strings.Builder
	for _, r := range w {
		name := fold.SoundOf(r).Name()
		if name == "" {
			return ""
		}
		b.WriteByte(name[0])
	}
	return b.String()
}
