package classify

import (
	"slices"
	"testing"

	"resumewatch/extractors/lexicon"
	"resumewatch/internal/market"
)

// What is only hinted at counts in a listing, and nowhere else.
func TestHintedPlatforms(t *testing.T) {
	words, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		want []string
	}{
		{"收猎场的麦子，每颗带姓名电话，五块一颗", []string{"liepin"}},
		{"今早现剁的\"智\"肉，一块钱一个，蘸料姓名电话", []string{"zhaopin"}},
		{"智联简历2块，58的1块", []string{"58", "zhaopin"}},
		{"前面那个没有烦恼的网站，简历两块一份", []string{"51job"}},
		{"做猎头的找简历，两块一份", nil},
		{"智联简历两块，158元起，51个", []string{"zhaopin"}},
		{"我以前在猎聘上班的，智联简历5分一条", []string{"zhaopin"}},
		{"智联2块，前程没货", []string{"zhaopin"}},
		{"人工智能岗位的简历，两块一份", nil},
	} {
		var got []string
		for _, p := range judge(t, words, c.text, Facts{}).Settled().Platforms {
			got = append(got, p.Value)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.text, got, c.want)
		}
	}
}

func TestFiguredGrades(t *testing.T) {
	words, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	const first, second = market.GradeFirstHand, market.GradeSecondHand
	for _, c := range []struct {
		text string
		want []string
	}{
		{"智联简历，没经过第二个人手", []string{first}},
		{"智联简历，从未示人", []string{first}},
		{"智联简历，还没让别家拨过", []string{first}},
		{"智联简历，煎过两回", []string{second}},
		{"智联简历，历经三任", []string{second}},
		{"智联简历，雏的2块，开过封的9毛", []string{first, second}},
		{"智联简历，要没得人打过的", []string{first}},
		{"智联一手，不是二手三手洗过的", []string{first}},
		{"智联简历，做三年了没出过事，一次给50", nil},
		{"猎聘老企业账号两个", nil},
	} {
		var got []string
		for _, g := range judge(t, words, c.text, Facts{}).Settled().Grades {
			got = append(got, g.Value)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.text, got, c.want)
		}
	}
}
