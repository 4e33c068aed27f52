package price

import (
	"testing"

	"resumewatch/extractors/numeral"
)

// No number may begin with a rune that the dictionary takes for one without grammar.
func TestNumbersBeginWithSigns(t *testing.T) {
	counts := func(int) bool { return true }
	for c := rune(1); c < beyond; c++ {
		if n := dict.at(c); n != nil && n.grammar {
			continue
		}
		for _, next := range []rune{'1', '一', '百', '万', '块', '.'} {
			if _, ok := numeral.Read([]rune{c, next, '1', '0'}, 0, counts); ok {
				t.Errorf("%c%c is read as a number, and %c is none of the signs", c, next, c)
			}
		}
	}
}
