package fold

import (
	"unicode"
	"unicode/utf8"
)

// Off are ways of folding and reading that are left out: to measure what each brings,
// and where one does harm.
type Off uint16

// The ways that can be left out.
const (
	OffInvisible   Off = 1 << iota // zero-width and combining characters stay
	OffForms                       // full-width, circled, keycap, emoji and mathematical forms stay
	OffTraditional                 // traditional characters stay
	OffLookalikes                  // letters of other scripts stay
	OffComponents                  // characters written as two components stay apart
	OffVertical                    // one character a line
	OffWoven                       // letters or one and the same character between all others
	OffBrackets                    // characters one by one in brackets
	OffAcrostic                    // the first characters of the lines
)

// Folder folds with some ways left out. The zero value leaves out none. It is immutable.
type Folder struct {
	off    Off
	tables *tables // nil: the shared ones
}

// NewFolder makes a Folder.
func NewFolder(off Off) *Folder {
	f := &Folder{off: off}
	if off&(OffInvisible|OffForms|OffTraditional|OffLookalikes|OffComponents) != 0 {
		f.tables = load(off)
	}
	return f
}

// Fold is the function of that name without what the Folder leaves out.
func (f *Folder) Fold(s string) Text {
	if f.tables == nil {
		return Fold(s)
	}
	return foldBy(f.tables, s)
}

// Riddles is the method of that name without what the Folder leaves out.
func (f *Folder) Riddles(t *Text) []Text { return t.riddles(f.off) }

// way is the way of folding that a line of the tables belongs to; own are the tables of
// look-alikes.
func way(from rune, to string, own bool) Off {
	first, _ := utf8.DecodeRuneInString(to)
	switch {
	case unicode.Is(unicode.Han, from) && from < 0xF900 && unicode.Is(unicode.Han, first):
		return OffTraditional
	case own && unicode.IsLetter(from):
		return OffLookalikes
	}
	return OffForms
}
