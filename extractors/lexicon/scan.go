package lexicon

import (
	"math/bits"
	"unicode/utf8"

	"resumewatch/extractors/fold"
)

// Glance is what one pass over a text says of it: its Gist, what the sieve weighs, and
// whether other readers must have a look before the text is put aside.
type Glance struct {
	Gist
	Weight int32 // of its pairs of characters and words
	Peak   int32 // of its heaviest stretch
	Count  int32 // how much was weighed
	Signs  Signs
}

// Signs that a text may have to be read in another way than as its author's plain words.
type Signs uint8

// Signs of a Glance. Each may stand where nothing is behind it.
const (
	SignRiddle Signs = 1 << iota // see fold.Text.Riddles and Turned
	SignQuote                    // see quote.Find
	SignRows                     // rows of long numbers
	SignOwn                      // a word that has no weight
)

// maxScan is how long a text may be: counters have 16 bits.
const maxScan = 64 << 10

// Scanner reads texts at a glance. It is immutable and safe for concurrent use.
type Scanner struct {
	l     *Lexicon
	runes *runes
	said  []said // that of the characters' channel, with weights
	w     *Weights
}

// NewScanner makes a Scanner for texts as they were written, which it folds on its way;
// without a folder for folded texts.
func (l *Lexicon) NewScanner(f *fold.Folder, w *Weights) *Scanner {
	return &Scanner{l: l, runes: newRunes(l.chars.auto.class, f), said: l.weigh(w), w: w}
}

// Scan reads a text of up to 64 KiB once, words by their spelling alone. It is false when
// the text has to be folded before. It allocates nothing.
func (x *Scanner) Scan(s string) (Glance, bool) {
	p := pass{Scanner: x}
	ok := len(s) < maxScan && p.read(s)
	return p.g, ok
}

// pass is one reading of one text.
type pass struct {
	*Scanner
	found func(at int, state int32) // hears of words and the number of the character that they end at; nil: nobody asks

	g                Glance
	a, b             counts
	frames, excepted uint32
	singles, numbers int
	platforms        int
	prev, last       look
	since            int32      // symbols since the last separator
	heads            int        // clauses that begin with a telling character
	woven            int        // letters of other scripts that stand alone
	lines, short     int        // lines with words, and with one character
	sums             [64]uint16 // Han characters by the last bits of their runes
}

// read goes through a text.
func (p *pass) read(s string) bool {
	c := &p.l.chars
	looks, kinds, grams := p.runes.looks[:limit], &p.runes.kinds, p.w.start()
	cells, root := c.auto.cells, c.auto.root
	var a, b counts
	var marks Marks
	var prev, last, behind look // the two symbols before, the rune before
	state, since, wide, run, numbers, figures := int32(0), int32(0), 0, 0, 0, 0
	counting, first, letter := false, true, 0
	words, before := 0, 0 // characters of words, and those of the lines before
	for i := 0; i < len(s); {
		r := rune(s[i])
		switch {
		case r < utf8.RuneSelf:
			i++
		case r >= 0xE0 && r < 0xF0 && i+2 < len(s) && s[i+1]&0xC0 == 0x80 && s[i+2]&0xC0 == 0x80:
			r = r&0xF<<12 | rune(s[i+1]&0x3F)<<6 | rune(s[i+2]&0x3F)
			if r < 0x800 || r >= 0xD800 && r < 0xE000 {
				return false
			}
			i += 3
		default:
			n := 0
			r, n = utf8.DecodeRuneInString(s[i:])
			i += n
		}
		var k look
		if r < limit {
			k = looks[r]
		} else if k = p.runes.far(r); k == 0 {
			return false
		}
		if k&(lookDropped|lookWrought) != 0 {
			if k&lookWrought != 0 {
				return false
			}
			continue
		}
		what := &kinds[k&(1<<kindBits-1)]
		a += what.a
		b += what.b
		marks |= what.marks
		if k&lookEnding != 0 {
			first = true
		}
		beside := behind
		behind = k
		if k&lookWord == 0 {
			if since == 1 || since == 2 {
				if single(prev.rune(), last.rune(), since) {
					p.singles++
				}
			}
			if wide == 0 && k&lookComma != 0 {
				grams.add(',', 0)
			}
			if k&(lookUnsure|lookQuote) != 0 {
				p.odd(k, beside)
			}
			if letter == 1 {
				p.woven++
			}
			run, since, counting = 0, 0, false
			if wide++; k&lookBroken != 0 || wide > widest {
				state = 0
			}
			if k&lookLine != 0 {
				p.line(words - before)
				before, letter = words, 0
			}
			continue
		}
		if k&lookTail != 0 && last&lookHead != 0 {
			return false
		}
		wide = 0
		words++
		since++
		p.sums[k>>runeFrom&63] += uint16(k / lookHan & 1)
		if first {
			if first = false; k&lookTelling != 0 {
				p.heads++
			}
		}
		if k&(lookLetter|lookUnsure) == 0 {
			letter = 0
		} else {
			p.odd(k, 0)
			switch letter++; letter {
			case 1:
				p.woven++
			case 2:
				p.woven--
			}
		}
		if k&lookASCII == 0 {
			run = 0
		} else if run++; run >= 4 {
			marks |= MarkFigures
		}
		if number := k&lookNumber != 0; number != counting {
			if counting = number; number {
				numbers++
			} else if last&lookDigit == 0 && k.rune() == '手' {
				numbers-- // 二手
			}
		}
		if k&lookDigit == 0 {
			grams.add(k.rune(), k.sound())
			figures = 0
		} else if figures++; figures == 1 {
			grams.add('0', k.sound())
		} else if figures == longNumber {
			grams.add('Q', k.sound())
		}
		prev, last = last, k

		class := k.class()
		if cell := cells[state>>1+class]; cell.check == state>>1 {
			state = cell.next
		} else {
			state = root[class]
		}
		if state&1 == 0 {
			continue
		}
		said := &p.said[c.auto.ends[state>>1]]
		marks |= said.marks
		if said.marks&(MarkPlatform|MarkVague) != 0 {
			p.platforms++
		}
		p.excepted |= said.except
		if since >= said.length {
			p.frames |= said.frames
		} else if said.marks&(MarkGoods|MarkPlatform|MarkVague) != 0 {
			marks |= MarkOdd
		}
		grams.put(said.weight)
		p.g.Signs |= said.signs
		p.g.Count += said.weighed
		if p.found != nil {
			p.found(words, state)
		}
	}
	grams.add('$', 0)
	p.line(words - before)
	p.a, p.b, p.prev, p.last, p.since, p.numbers = a, b, prev, last, since, numbers
	p.g.Marks, p.g.Weight, p.g.Peak = marks, grams.sum, grams.peak
	p.g.Count += grams.count
	p.sum(s)
	p.sign()
	return true
}

// longNumber is how many digits a number has that is no price.
const longNumber = 6

// line counts a line with that many characters of words.
func (p *pass) line(words int) {
	if words > 0 {
		if p.lines++; words == 1 {
			p.short++
		}
	}
}

// odd notes the signs of a single character.
func (p *pass) odd(k, before look) {
	if k&lookUnsure != 0 {
		p.g.Signs |= SignRiddle
	}
	if k&lookQuote != 0 && (k.rune() != '@' || before.rune() == '/') {
		p.g.Signs |= SignQuote
	}
}

// sum adds up what the pass counted.
func (p *pass) sum(s string) {
	g := &p.g
	if single(p.prev.rune(), p.last.rune(), p.since) {
		p.singles++
	}
	digits, letters, people := p.a.of(countDigits), p.a.of(countLetters), p.a.of(countPeople)
	for _, m := range [...]struct {
		is bool
		m  Marks
	}{
		{p.singles >= 2, MarkSingles | MarkSeveral},
		{p.platforms >= 2, MarkSeveral},
		{p.numbers >= 1 || letters >= 1, MarkNumber},
		{p.numbers >= 2 || letters >= 2, MarkNumbers},
		{digits >= 7 || people > 0 || p.b.of(countDividers) >= 4, MarkRowed},
		{digits >= 2, MarkDigits},
		{letters >= 2, MarkLatin},
		{p.a.of(countIDs) >= 5, MarkContact},
		{people > 0, MarkPersonal},
	} {
		if m.is {
			g.Marks |= m.m
		}
	}
	if g.Has(MarkSide) && g.Has(MarkGoods|MarkPlatform|MarkVague|MarkSingles) {
		g.Marks |= MarkVerb
	}
	if people > 0 {
		g.Marks |= p.hidden(s)
	}
	frames := p.frames &^ p.excepted
	if g.Has(MarkCover) {
		frames &= p.l.covering // what a cover covers isn't found
	}
	for ; frames != 0; frames &= frames - 1 {
		g.Frames += p.l.weights[bits.TrailingZeros32(frames)]
	}
}

// sign sets the signs.
func (p *pass) sign() {
	g := &p.g
	top, all := 0, 0
	for _, n := range p.sums {
		top = max(top, int(n))
		all += int(n)
	}
	if p.lines >= 4 && p.short*3 >= p.lines*2 || p.woven >= 4 && p.woven*2 >= p.a.of(countLetters) || p.b.of(countClosing) >= 4 || p.heads >= 4 ||
		top >= 4 && top*5 >= all*2 || g.Has(MarkBack|MarkTold) {
		g.Signs |= SignRiddle
	}
	if g.Has(MarkQuoted) {
		g.Signs |= SignQuote
	}
	if p.a.of(countDigits)+p.a.of(countPeople) >= 14 && p.b.of(countLines) > 0 {
		g.Signs |= SignRows
	}
}

// hidden are the marks of core words of which a character is hidden.
func (p *pass) hidden(s string) Marks {
	var m Marks
	var before look
	for _, r := range s {
		var k look
		if r < limit {
			k = p.runes.looks[r]
		}
		if k&lookDropped != 0 {
			continue
		}
		if k&lookHides != 0 {
			m |= marksHidden(p.l.first[before.rune()])
		}
		if before&lookHides != 0 {
			m |= marksHidden(p.l.last[k.rune()])
		}
		before = k
	}
	return m
}

// marksHidden are the marks of an entry of whose word a character is hidden.
func marksHidden(e *Entry) Marks {
	if e == nil {
		return 0
	}
	return MarkOdd | markOf(e, e.Kind() == "platform", "")
}
