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

// Near gives a function that tells a word of goods, platforms or grades that a string sounds
// like, but for one syllable of three or more, or that it has the initials of; "" for none.
// The first word of the data wins.
func (l *Lexicon) Near() func(string) string {
	sounds, letters := map[string]string{}, map[string]string{}
	put := func(to map[string]string, key, word string) {
		if _, ok := to[key]; !ok {
			to[key] = word
		}
	}
	for _, e := range l.entries {
		if k := e.Kind(); k != "platform" && k != "grade" && (k != "goods" || e.Strength == 1) {
			continue
		}
		for _, f := range e.Forms {
			if word := broadly(fold.Pinyin(f)); len(word) == utf8.RuneCountInString(f) {
				for _, key := range near(word) {
					put(sounds, key, f)
				}
			}
			if i := initials(f); len(i) >= 3 {
				put(letters, i, f)
			}
		}
	}
	return func(s string) string {
		if f := letters[s]; f != "" {
			return f
		}
		for _, key := range near(broadly(fold.Pinyin(s))) {
			if f := sounds[key]; f != "" && f != s {
				return f
			}
		}
		return ""
	}
}

// near are syllables as keys: whole, and where there are three or more with each left open.
func near(syllables []rune) []string {
	if len(syllables) < 2 {
		return nil
	}
	out := []string{string(syllables)}
	for i := range syllables {
		if len(syllables) < 3 {
			break
		}
		open := append([]rune(nil), syllables...)
		open[i] = 0
		out = append(out, string(open))
	}
	return out
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
