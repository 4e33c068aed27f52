package model

import (
	"math"
	"strings"
	"testing"
)

// Every feature has a name, and the signs that are told are those that are counted.
func TestSigns(t *testing.T) {
	m, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []Input{
		{Text: "出智联简历，一手2元一份,加qq 1000012345", Marks: []Mark{{3, 9, 'P'}, {9, 15, 'R'}}, Flags: []string{"price", "grade", "contact"}, Odds: 2},
		{Text: ""},
		{Text: "今天天气 不错?", Flags: []string{"frame"}},
	} {
		q := m.Ask(in)
		if n := len(names(in)); n != len(Features(in)) {
			t.Fatalf("%q: %d names for %d features", in.Text, n, len(Features(in)))
		}
		sum := 0.0
		for _, s := range q.Signs(1 << 20) {
			sum += s.Weight
		}
		h := &m.heads[HeadListing]
		if want := float64(q.sums[HeadListing] * h.scale); math.Abs(sum-want) > 1e-3 {
			t.Errorf("%q: the signs add up to %.4f, not to %.4f", in.Text, sum, want)
		}
	}
	q := m.Ask(Input{Text: "出智联简历", Marks: []Mark{{3, 9, 'P'}}, Flags: []string{"price"}})
	all := ""
	for _, s := range q.Signs(1 << 20) {
		all += s.Name + "\n"
	}
	for _, want := range []string{"词类 “[平台]简历”", "迹象 price", "读音 “zhi lian”"} {
		if !strings.Contains(all, want) {
			t.Errorf("no sign %q", want)
		}
	}
}
