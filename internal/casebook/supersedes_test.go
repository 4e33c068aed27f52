package casebook

import "testing"

func TestSupersedes(t *testing.T) {
	for _, c := range []struct {
		version, other string
		want           bool
	}{
		{"5", "4", true}, {"4", "5", false}, {"5", "5", false}, {"10", "9", true},
		{"5+ab12cd34", "5", true}, {"5", "5+ab12cd34", true}, {"5+ab12cd34", "5+00000000", true}, {"5+ab12cd34", "5+ab12cd34", false},
		{"6", "5+ab12cd34", true}, {"5+ab12cd34", "6", false}, {"10", "9+ab12cd34", true},
		{"new", "5", true}, {"", "5", true}, {"5", "", true},
	} {
		if got := supersedes(c.version, c.other); got != c.want {
			t.Errorf("supersedes(%q, %q) is %v", c.version, c.other, got)
		}
	}
}
