package model

import (
	"bytes"
	"math"
	"testing"
)

func TestDefaultParses(t *testing.T) {
	m, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	if m.odds <= 0 {
		t.Errorf("the words count for %v", m.odds)
	}
	if len(embedded) > 512<<10 {
		t.Errorf("%d bytes of weights", len(embedded))
	}
}

func TestParseRefuses(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("rwm1"), []byte("rwm2" + string(make([]byte, 12+slots))), make([]byte, header+slots+1)} {
		if _, err := Parse(b); err == nil {
			t.Errorf("%d bytes are taken for weights", len(b))
		}
	}
}

// Disguise by separators and another number changes nothing that the model sees.
func TestFeaturesPassOverOrnaments(t *testing.T) {
	a := Features(Input{Text: "出简历 2.5一份"})
	b := Features(Input{Text: "出★简*历 3 一份"})
	if len(a) != len(b) {
		t.Fatalf("%d and %d features", len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("feature %d: %v and %v", i, a[i], b[i])
		}
	}
	if c := Features(Input{Text: "出简历？"}); len(c) == len(a) {
		t.Error("a question is no sign")
	}
}

func TestMarksAreClasses(t *testing.T) {
	one := Features(Input{Text: "出智联", Marks: []Mark{{Start: 3, End: 9, Class: 'P'}}})
	two := Features(Input{Text: "出猎聘", Marks: []Mark{{Start: 3, End: 9, Class: 'P'}}})
	same := 0
	for _, a := range one {
		for _, b := range two {
			if a.Slot == b.Slot {
				same++
				break
			}
		}
	}
	if same < len(one)/3 {
		t.Errorf("two platforms share %d of %d signs", same, len(one))
	}
}

func TestFitLearnsAndRepeats(t *testing.T) {
	var examples []Example
	for i := range 200 {
		yes := i%2 == 0
		text, odds := "警惕骗局不要买", 1.0
		if yes {
			text, odds = "要的滴滴我", -0.5
		}
		examples = append(examples, Example{Features: Features(Input{Text: text}), Odds: odds, Yes: yes, Weight: 1})
	}
	l := Fit(examples, 1, 0.0002)
	again := Fit(examples, 1, 0.0002)
	if !bytes.Equal(l.Encode(), again.Encode()) {
		t.Error("the same examples gave other weights")
	}
	m, err := Parse(l.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if z := m.Odds(Input{Text: "要的滴滴我", Odds: -0.5}); z < 0 {
		t.Errorf("an offer has %v", z)
	}
	if z := m.Odds(Input{Text: "警惕骗局不要买", Odds: 1}); z > 0 {
		t.Errorf("a warning has %v", z)
	}
	e := examples[0]
	if d := math.Abs(m.Odds(Input{Text: "要的滴滴我", Odds: -0.5}) - min(l.Score(&e), e.Odds+lift)); d > 0.2 {
		t.Errorf("quantised weights are %v off", d)
	}
}

func TestHopelessIsNotHeard(t *testing.T) {
	m, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	if z := m.Odds(Input{Text: "出一手智联简历两块一份", Odds: Floor - 0.1}); z != Floor-0.1 {
		t.Errorf("the model made it %v", z)
	}
}

func FuzzFeatures(f *testing.F) {
	f.Add("出 簡*歷 2.5/份", 0, 3)
	f.Fuzz(func(t *testing.T, s string, start, end int) {
		start = min(max(start, 0), len(s))
		end = min(max(end, start), len(s))
		for _, x := range Features(Input{Text: s, Marks: []Mark{{start, end, 'P'}}, Flags: []string{s}}) {
			if x.Slot >= slots {
				t.Fatalf("slot %d", x.Slot)
			}
		}
	})
}
