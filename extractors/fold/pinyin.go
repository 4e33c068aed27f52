package fold

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// Sound is a toneless Mandarin syllable; 0 is none.
type Sound uint16

type sounds struct {
	of    [plane]uint16
	names []string // by Sound
	byID  map[string]Sound
}

var heard = sync.OnceValue(func() *sounds {
	t := &sounds{names: []string{""}, byID: map[string]Sound{}}
	for line := range strings.Lines(pinyinText) {
		name, chars, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			continue
		}
		id := Sound(len(t.names))
		t.names = append(t.names, name)
		t.byID[name] = id
		for _, r := range chars {
			if r < plane {
				t.of[r] = uint16(id)
			}
		}
	}
	return t
})

// SoundOf is the first reading of a character without its tone.
func SoundOf(r rune) Sound {
	if r < 0 || r >= plane {
		return 0
	}
	return Sound(heard().of[r])
}

// SoundNamed is the syllable of that spelling ("jian"), 0 when there is none.
func SoundNamed(name string) Sound { return heard().byID[name] }

// Name is the spelling of the syllable.
func (s Sound) Name() string {
	if names := heard().names; int(s) < len(names) {
		return names[s]
	}
	return ""
}

// Pinyin is the toneless reading of a word, syllables joined by blanks; what
// has no reading stands as it is.
func Pinyin(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 {
			b.WriteByte(' ')
		}
		if name := SoundOf(r).Name(); name != "" {
			b.WriteString(name)
			continue
		}
		b.WriteString(s[i : i+max(1, utf8.RuneLen(r))])
	}
	return b.String()
}
