package lexicon

import (
	"unicode/utf8"

	"resumewatch/extractors/fold"
)

// look is all that the scan of a text asks of a rune, in one word: a number of a kind, flags,
// its sound, the class of the automaton and the rune that it is after folding.
type look uint64

const (
	kindBits  = 6
	soundFrom = 25
	classFrom = 34
	runeFrom  = 47
)

// Flags of a look.
const (
	lookWord    look = 1 << (kindBits + iota)
	lookDropped      // invisible
	lookWrought      // folded together with others
	lookNumber       // a digit or numeral that goes on as a number
	lookDigit
	lookASCII  // a letter or digit of ASCII
	lookLetter // of another script than Han
	lookTelling
	lookEnding // a clause ends: what follows may begin a riddle's line
	lookLine   // a line ends
	lookBroken // no word goes on behind it
	lookComma  // the sieve sees the end of a clause
	lookQuote  // somebody may be quoted
	lookUnsure // a word to one reader and none to another
	lookHead   // the first of two components
	lookTail   // the second of two
	lookHan    // of the Han script
	lookHides  // stands for a character that is left out
)

func (k look) rune() rune    { return rune(k >> runeFrom) }
func (k look) class() int32  { return int32(k >> classFrom & (maxClasses - 1)) }
func (k look) sound() uint32 { return uint32(k >> soundFrom & (1<<(classFrom-soundFrom) - 1)) }

// maxClasses is how many different characters the words of a lexicon may have.
const maxClasses = 1 << (runeFrom - classFrom)

// kind is what one rune adds to marks and counts.
type kind struct {
	marks Marks
	a, b  counts
}

// counts are four counters in one word, for texts of less than 64 KiB.
type counts uint64

// Counters of kind.a and kind.b.
const (
	countDigits, countDividers counts = 1, 1
	countLetters, countClosing counts = 1 << 16, 1 << 16
	countIDs, countLines       counts = 1 << 32, 1 << 32
	countPeople                counts = 1 << 48
)

func (c counts) of(one counts) int { return int(c / one & 0xFFFF) }

// runes are the looks of all runes below limit.
type runes struct {
	looks []look
	kinds [1 << kindBits]kind
	// folds: the runes are those of texts as they were written, and what lies beyond the
	// looks has to be folded.
	folds bool
}

// far is the look of a rune beyond the others, 0 where it has to be folded.
func (t *runes) far(r rune) look {
	if t.folds {
		return 0
	}
	k, flags := kindOf(r)
	for n := range t.kinds {
		if t.kinds[n] == k {
			return look(n) | flags | look(utf8.RuneError)<<runeFrom
		}
	}
	return 0
}

// newRunes makes the looks of runes that are folded first; without a folder those of folded
// text.
func newRunes(class []uint16, f *fold.Folder) *runes {
	t := &runes{looks: make([]look, limit)}
	numbers := map[kind]look{}
	plain, heard := make([]look, limit), voices{}
	for r := range rune(limit) {
		k, flags := kindOf(r)
		n, known := numbers[k]
		if !known {
			n = look(len(numbers))
			numbers[k] = n
			t.kinds[n] = k
		}
		plain[r] = n | flags | heard.of(r)<<soundFrom | look(class[r])<<classFrom | look(r)<<runeFrom
	}
	if f == nil {
		t.looks = plain
		return t
	}
	t.folds = true
	for r := range rune(limit) {
		to, way := f.Rune(r)
		switch {
		case way == fold.Dropped:
			t.looks[r] = lookDropped
		case way == fold.Wrought || to >= limit:
			t.looks[r] = lookWrought
		default:
			t.looks[r] = plain[to]
		}
	}
	heads, tails := map[rune]bool{}, map[rune]bool{}
	for first, second := range f.Components() {
		heads[first], tails[second] = true, true
	}
	for i, k := range t.looks {
		if heads[k.rune()] {
			t.looks[i] |= lookHead
		}
		if tails[k.rune()] {
			t.looks[i] |= lookTail
		}
	}
	return t
}

// voices gives numbers to what is heard: syllables that sound nearly alike are one, letters
// stand for themselves, digits for each other; all else is 0.
type voices map[rune]look

func (v voices) of(r rune) look {
	s := rune(fold.SoundOf(r))
	switch {
	case s != 0:
		s = loose(s)
	case latin(r):
		s = -r
	case digit(r):
		s = -'0'
	default:
		return 0
	}
	n, known := v[s]
	if !known {
		n = min(look(len(v)+1), 1<<(classFrom-soundFrom)-1)
		v[s] = n
	}
	return n
}

// kindOf is what a folded rune adds, and its flags.
func kindOf(r rune) (k kind, flags look) {
	set := func(is bool, f look) {
		if is {
			flags |= f
		}
	}
	traits := fold.TraitsOf(r)
	isWord := word(r)
	set(isWord, lookWord)
	set(isWord != (traits&fold.InWord != 0), lookUnsure)
	set(traits&fold.Letter != 0, lookLetter)
	set(traits&fold.Han != 0, lookHan)
	set(traits&fold.Telling != 0, lookTelling)
	set(traits&fold.Ending != 0, lookEnding)
	set(r == '\n', lookLine)
	set(r == '\n' || r == '\r', lookBroken)
	set(!isWord && (ends(r) || r == '\n'), lookComma)
	set(r == '>' || r == '@' || r == '“' || r == '「' || r == '『', lookQuote)
	set(hides(r), lookHides)
	if traits&fold.Closing != 0 {
		k.b += countClosing
	}
	if !isWord {
		switch r {
		case '\n':
			k.marks, k.b = MarkRowed, k.b+countLines
		case '@':
			k.marks = MarkRowed
		case ' ', '/', '|', ',', '，', '、', '\t', ';', '；', ':':
			k.b += countDividers
		case '*', '×', '○', '●', '✖', '□', '■', '◯', '⭕', '✕', '❌', '█':
			k.a += countPeople
		case '¥', '$', '💰', '💵':
			k.marks = MarkNumber
		}
		return k, flags
	}
	switch {
	case r < utf8.RuneSelf:
		flags |= lookASCII
		if k.a += countIDs; digit(r) {
			flags |= lookDigit | lookNumber
			k.a += countDigits
			k.marks = MarkFigures
		} else {
			k.a += countLetters
		}
	default:
		set(hanNumeral(r) && r != '一', lookNumber)
		switch m := trait(r); {
		case m == MarkPersonal:
			k.a += countPeople
		default:
			k.marks = m
			if m&MarkFigures != 0 {
				k.a += countIDs
			}
		}
	}
	return k, flags
}
