package classify

import (
	"slices"
	"testing"

	"resumewatch/extractors/lexicon"
)

func TestGradesByFiguresOfSpeech(t *testing.T) {
	words, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		want []string
	}{
		{"智联简历，没人碰过，两块一份", []string{"first_hand"}},
		{"智联简历，从没给第二个人看，两块一份", []string{"first_hand"}},
		{"智联简历，打过好几遍了，两毛一份", []string{"second_hand"}},
		{"出智联简历，转过两手，两毛", []string{"second_hand"}},
		{"收智联简历，卖过的别来", nil},
		{"智联简历，一手的没有，两毛一份", nil},
		{"智联简历两块一份", nil},
	} {
		v := judge(t, words, c.text, Facts{})
		var got []string
		for _, g := range v.Grades {
			got = append(got, g.Value)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.text, got, c.want)
		}
	}
}
