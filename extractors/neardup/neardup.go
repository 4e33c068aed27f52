// Package neardup tells adverts that are the same but for small changes:
// 64-bit simhash (Charikar 2002) over character n-grams of the folded text.
package neardup

import (
	"math/bits"
	"unicode"
)

// gram is the length of the character n-grams.
const gram = 3

// Distance up to which Near calls two sketches the same advert. Two unrelated
// texts differ in about 32 bits (standard deviation 4); re-worded adverts of
// the tests in 6 or less, different ones in 26 or more.
const Distance = 14

// Sketch is the simhash of a text that fold has folded. Digits count as one and
// the same character, so that new prices and contacts move the sketch little;
// everything but letters and digits is passed over. Texts of less than three
// letters have the sketch of what they are; the empty one has 0.
func Sketch(folded string) uint64 {
	var sums [64]int32
	var window [gram]rune
	n := 0
	lastDigit := false
	add := func(h uint64) {
		for b := range 64 {
			sums[b] += int32(h>>b&1)*2 - 1
		}
	}
	for _, r := range folded {
		digit := unicode.IsDigit(r)
		switch {
		case digit && lastDigit:
			continue
		case digit:
			r = '0'
		case !unicode.IsLetter(r):
			continue
		}
		lastDigit = digit
		copy(window[:], window[1:])
		window[gram-1] = r
		n++
		if n >= gram {
			add(mix(window[:]))
		}
	}
	if n == 0 {
		return 0
	}
	if n < gram {
		return mix(window[gram-n:])
	}
	var sketch uint64
	for b, s := range sums {
		if s > 0 {
			sketch |= 1 << b
		}
	}
	return sketch
}

// Near reports whether two sketches are of the same advert.
func Near(a, b uint64) bool { return bits.OnesCount64(a^b) <= Distance }

// mix hashes an n-gram: FNV-1a over the runes, finished by splitmix64 so that
// all 64 bits depend on all runes.
func mix(gram []rune) uint64 {
	h := uint64(14695981039346656037)
	for _, r := range gram {
		h = (h ^ uint64(r)) * 1099511628211
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
