package fold

import (
	"iter"
	"strings"
	"unicode/utf8"
)

// Way is what becomes of a rune in Fold.
type Way uint8

// Ways of a rune.
const (
	One     Way = iota // it stays or becomes another one
	Dropped            // it goes
	Wrought            // it becomes several, or what stands beside it decides
)

// Rune is what becomes of a rune by itself, where that is one rune.
func (f *Folder) Rune(r rune) (rune, Way) {
	t := f.tables
	if t == nil {
		t = loaded()
	}
	switch {
	case r >= 'A' && r <= 'Z':
		return r - 'A' + 'a', One
	case r == prolonged:
		return r, Wrought
	}
	to, changed := t.rune(r)
	if !changed {
		return r, One
	}
	first, n := utf8.DecodeRuneInString(to)
	switch {
	case to == "":
		return 0, Dropped
	case n < len(to):
		return 0, Wrought
	}
	return first, One
}

// Components gives the pairs of folded runes that may be joined: the first and the second.
func (f *Folder) Components() iter.Seq2[rune, rune] {
	t := f.tables
	if t == nil {
		t = loaded()
	}
	return func(yield func(first, second rune) bool) {
		for p := range t.pairs {
			if !yield(p[0], p[1]) {
				return
			}
		}
	}
}

// Trait says what a rune is to the readers of riddles.
type Trait uint8

// Traits of runes.
const (
	InWord  Trait = 1 << iota // a character of words
	Han                       // of the Han script
	Letter                    // of another script than Han
	Telling                   // hidden names and goods begin lines with it
	Ending                    // a clause ends with it
	Closing                   // a bracket
)

// TraitsOf are the traits of a folded rune.
func TraitsOf(r rune) Trait {
	var t Trait
	k := kindOf(r)
	if k != none {
		t |= InWord
	}
	if k == han {
		t |= Han
	}
	if k == letter {
		t |= Letter
	}
	if strings.ContainsRune(telling, r) {
		t |= Telling
	}
	if r == '\n' || sentence(r) && r != ':' {
		t |= Ending
	}
	if closes(r) {
		t |= Closing
	}
	return t
}
