package fold

import (
	"slices"
	"strings"
	"testing"
)

func TestSteps(t *testing.T) {
	for _, c := range []struct {
		text string
		want []Step
	}{
		{"出智联简历", nil},
		{"出ZL", []Step{{3, 5, "zl", 0}}},
		{"簡歷", []Step{{0, 6, "简历", OffTraditional}}},
		{"加Ｑ①", []Step{{3, 9, "q1", OffForms}}},
		{"智\u200b联", []Step{{3, 6, "", OffInvisible}}},
		{"bоss", []Step{{1, 3, "o", OffLookalikes}}},
		{"微亻言", []Step{{3, 9, "信", OffComponents}}},
	} {
		x := Fold(c.text)
		if got := x.Steps(); !slices.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.text, got, c.want)
		}
	}
}

// Applied to the original, the steps give the folded text.
func TestStepsLeadToTheText(t *testing.T) {
	for _, s := range []string{"出簡*歷 ⑳元 加Ｑ①\u200b", "\xff亻言", "ﬀ Ａ\u0301b", ""} {
		x := Fold(s)
		var b strings.Builder
		at := 0
		for _, p := range x.Steps() {
			b.WriteString(s[at:p.Start] + p.To)
			at = p.End
		}
		b.WriteString(s[at:])
		if b.String() != x.Folded {
			t.Errorf("%q: steps lead to %q, want %q", s, b.String(), x.Folded)
		}
	}
}
