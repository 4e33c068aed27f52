package contact

import (
	"strings"
	"testing"
)

// No digit, letter or word may begin with a rune that its set lacks.
func TestSetsHoldAllInitials(t *testing.T) {
	for c := rune(1); c < beyond; c++ {
		if (glyph(c) >= 0 || idRune(c) && c != '-') != valueSigns.has(c) {
			t.Errorf("%c: begins a value %t", c, valueSigns.has(c))
		}
	}
	for _, w := range atSigns {
		if !addressSigns.has([]rune(w)[0]) {
			t.Errorf("%q is not looked for", w)
		}
	}
	for _, w := range about {
		if !strings.ContainsFunc(w, tells) {
			t.Errorf("%q is not looked for", w)
		}
	}
	if cueSigns.has('啊') || cueSigns.has(0x10FFFF) || !cueSigns.has('🐧') {
		t.Error("cues begin with what they don't")
	}
}
