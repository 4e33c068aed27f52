package price

import (
	"slices"
	"strings"
)

// term is a word for a unit or for money.
type term struct {
	text  string
	runes []rune
}

// initial is what may begin with a rune: words, the longest first.
type initial struct {
	words   []word
	units   []term
	money   []term
	grammar bool // a number, or one of the signs that a sum or 每份 begins with
}

// dictionary gives the words by their first rune. Each rune of a text is looked up
// here, so the way is two arrays rather than a map.
type dictionary struct {
	block    [beyond >> 8]uint16
	blocks   [][256]uint16
	initials []initial
}

// beyond is larger than all runes that a word begins with.
const beyond = 0x20000

// signs are the runes that no word need begin with and a token may: those of
// lexer.round, lexer.each, fiftyEight and lexer.sum, and the numbers of numeral.Read.
const signs = "百佰千仟万亿十拾廿卅kw0123456789/每单一壹pe¥$r块毛半几数好oli" +
	"零〇弌二两贰弍俩三叁仨四肆五伍六陆七柒八捌九玖"

var dict = newDictionary()

func newDictionary() *dictionary {
	d := &dictionary{blocks: make([][256]uint16, 1), initials: make([]initial, 1)}
	for _, v := range vocabulary {
		for _, w := range v.words {
			r := []rune(w)
			n := d.add(r[0])
			n.words = append(n.words, word{text: w, runes: r, kind: v.kind, per: v.per})
		}
	}
	for w := range units {
		t := term{w, []rune(w)}
		n := d.add(t.runes[0])
		n.units = append(n.units, t)
	}
	for w := range currencies {
		t := term{w, []rune(w)}
		n := d.add(t.runes[0])
		n.money = append(n.money, t)
	}
	for _, c := range signs {
		d.add(c).grammar = true
	}
	longest := func(a, b term) int {
		if len(a.text) != len(b.text) {
			return len(b.text) - len(a.text)
		}
		return strings.Compare(a.text, b.text)
	}
	for i := range d.initials {
		n := &d.initials[i]
		slices.SortStableFunc(n.words, func(a, b word) int { return len(b.runes) - len(a.runes) })
		slices.SortFunc(n.units, longest)
		slices.SortFunc(n.money, longest)
	}
	return d
}

// add is the entry of a rune, made where there is none.
func (d *dictionary) add(c rune) *initial {
	b := &d.block[c>>8]
	if *b == 0 {
		*b = uint16(len(d.blocks))
		d.blocks = append(d.blocks, [256]uint16{})
	}
	n := &d.blocks[*b][c&0xFF]
	if *n == 0 {
		*n = uint16(len(d.initials))
		d.initials = append(d.initials, initial{})
	}
	return &d.initials[*n]
}

// at is what may begin with the rune c; nil for nothing.
func (d *dictionary) at(c rune) *initial {
	if uint32(c) >= beyond {
		return nil
	}
	if n := d.blocks[d.block[c>>8]][c&0xFF]; n != 0 {
		return &d.initials[n]
	}
	return nil
}

// word is the longest word at i; nil for none.
func (d *dictionary) word(r []rune, i int) *word {
	n := d.at(r[i])
	if n == nil {
		return nil
	}
	for k := range n.words {
		if w := &n.words[k]; match(r, i, w.runes) {
			return w
		}
	}
	return nil
}

// counts reports whether a word for a unit starts at i.
func (d *dictionary) counts(r []rune, i int) bool {
	_, n := d.unit(r, i)
	return n > 0
}

func (d *dictionary) unit(r []rune, i int) (string, int) {
	if i >= len(r) {
		return "", 0
	}
	if n := d.at(r[i]); n != nil {
		return first(n.units, r, i)
	}
	return "", 0
}

func (d *dictionary) currency(r []rune, i int) (string, int) {
	if i >= len(r) {
		return "", 0
	}
	if n := d.at(r[i]); n != nil {
		return first(n.money, r, i)
	}
	return "", 0
}

// first is the first of the terms that stands at i, and its length.
func first(list []term, r []rune, i int) (string, int) {
	for k := range list {
		if t := &list[k]; match(r, i, t.runes) {
			return t.text, len(t.runes)
		}
	}
	return "", 0
}
