package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// finder looks for planted values in bytes, however they are encoded.
type finder struct {
	words  map[string][]*planted // by what stands there, byte for byte
	heads  map[string][]string   // keys of words by their first four bytes
	digits map[string][]*planted // by their digits
	sizes  []int                 // lengths of the keys of digits
	pairs  map[string][]*planted // tokens of an index that only these texts can have
	first  [1 << 16]bool         // the first two bytes of words
}

// leak is a value in a place where it must not be.
type leak struct {
	*planted
	place string // file, table, answer
	how   string // encoding, by the ways of undoing them; "" as it is
	near  string // what stands around it
}

func (l leak) String() string {
	how := l.how
	if how == "" {
		how = "as it is"
	}
	kind := l.kind
	if kind == "" {
		kind = "text"
	}
	return fmt.Sprintf("%s: %s %q (%s, %s), %s: …%q…", l.place, kind, l.norm, l.where, l.planted.how, how, l.near)
}

func newFinder(values []*planted) *finder {
	f := &finder{words: map[string][]*planted{}, heads: map[string][]string{}, digits: map[string][]*planted{}, pairs: map[string][]*planted{}}
	for _, v := range values {
		switch v.kind {
		case phone, card:
			f.digit(v.norm, v)
		case identity:
			f.digit(v.norm[:17], v) // the check character may be an X
		case mailbox:
			local, _, _ := strings.Cut(v.norm, "@")
			f.word(local, v)
			f.word(encoded(local, utf16le), v)
		default:
			f.han(v.written, v)
		}
	}
	return f
}

func (f *finder) digit(s string, v *planted) {
	f.digits[s] = append(f.digits[s], v)
	if !slices.Contains(f.sizes, len(s)) {
		f.sizes = append(f.sizes, len(s))
	}
}

func (f *finder) word(s string, v *planted) {
	if len(s) < 4 {
		return
	}
	if len(f.words[s]) == 0 {
		f.heads[s[:4]] = append(f.heads[s[:4]], s)
		f.first[int(s[0])<<8|int(s[1])] = true
	}
	f.words[s] = append(f.words[s], v)
}

// han is a value in words: as UTF-8, as other encodings of whole values, and as a pair
// of characters that no other text has.
func (f *finder) han(s string, v *planted) {
	f.word(s, v)
	if v.kind == "masked" || v.kind == birthday {
		return
	}
	r := []rune(s)
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil {
		panic(err) // GB18030 has all characters
	}
	if len(r) >= 3 {
		f.word(gbk, v)
		f.word(encoded(s, utf16le), v)
		f.word(encoded(s, utf16be), v)
	}
	for i := range len(r) - 1 {
		if pair := string(r[i : i+2]); rare(r[i]) && rare(r[i+1]) {
			f.pairs[pair] = append(f.pairs[pair], v)
		}
	}
}

// rare reports whether a character is of a pool: no other text has it.
func rare(c rune) bool {
	for _, pool := range pools {
		if slices.Contains(pool, c) {
			return true
		}
	}
	return false
}

func utf16le(u uint16) (byte, byte) { return byte(u), byte(u >> 8) }
func utf16be(u uint16) (byte, byte) { return byte(u >> 8), byte(u) }

func encoded(s string, order func(uint16) (byte, byte)) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		x, y := order(u)
		b = append(b, x, y)
	}
	return string(b)
}

// find looks through bytes and through what their encodings give.
func (f *finder) find(place string, b []byte) []leak {
	seen := map[*planted]bool{}
	var out []leak
	tell := func(values []*planted, how string, b []byte, at int) {
		for _, v := range values {
			if !seen[v] {
				seen[v] = true
				out = append(out, leak{planted: v, place: place, how: how, near: strings.ToValidUTF8(string(b[max(0, at-30):min(len(b), at+40)]), "?")})
			}
		}
	}
	each(b, "", 0, func(b []byte, how string) {
		f.inWords(b, func(v []*planted, at int) { tell(v, how, b, at) })
		f.inWords(lower(b), func(v []*planted, at int) { tell(v, join(how, "letters as such"), b, min(at, len(b))) })
		f.inDigits(b, func(v []*planted, at int) { tell(v, join(how, "digits"), b, at) })
	})
	return out
}

func join(how, more string) string {
	if how == "" {
		return more
	}
	return how + ", " + more
}

func (f *finder) inWords(b []byte, found func([]*planted, int)) {
	for i := 0; i+4 <= len(b); i++ {
		if !f.first[int(b[i])<<8|int(b[i+1])] {
			continue
		}
		for _, w := range f.heads[string(b[i:i+4])] {
			if len(w) <= len(b)-i && string(b[i:i+len(w)]) == w {
				found(f.words[w], i)
			}
		}
	}
}

// inDigits looks for numbers, whatever digits they are written in and whatever few
// signs stand between two of them.
func (f *finder) inDigits(b []byte, found func([]*planted, int)) {
	for _, alike := range []bool{false, true} {
		eachNumber(b, alike, func(digits []byte, at []int) {
			for _, n := range f.sizes {
				for i := 0; i+n <= len(digits); i++ {
					if v := f.digits[string(digits[i:i+n])]; v != nil {
						found(v, at[i])
					}
				}
			}
		})
	}
}

// inTokens looks for tokens of an index of which only hidden text can be made.
func (f *finder) inTokens(place string, tokens []string) []leak {
	var out []leak
	for _, t := range tokens {
		for _, v := range f.pairs[t] {
			out = append(out, leak{planted: v, place: place, how: "token", near: t})
		}
	}
	return out
}
