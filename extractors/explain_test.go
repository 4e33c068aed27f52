package extractors_test

import (
	"math"
	"strings"
	"testing"

	"resumewatch/extractors"
	"resumewatch/extractors/lexicon"
	"resumewatch/internal/market"
)

func TestExplain(t *testing.T) {
	x, err := extractors.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text, verdict string
		stopped       bool
		folds, words  string // must be among them
	}{
		{"出智聯簡*歷，一手2元一份，加QQ 1000012345", "listing", false, "traditional 歷→历", "goods.resume 简*历"},
		{"今天天气不错", "none", true, "", ""},
		{"祝你前程似锦", "none", true, "", "platform.51job 前程 (被例外“前程似锦”否定)"},
		{"简历模板免费领", "none", true, "", "goods.resume 简历 (在“简历模板”（frame.service）之内，那个词盖住它)"},
		{"", "none", true, "", ""},
	} {
		e := x.Explain(c.text)
		if e.Verdict != c.verdict || e.Stopped != c.stopped || (e.Why != "") != c.stopped {
			t.Errorf("%q: %s, stopped %v (%s)", c.text, e.Verdict, e.Stopped, e.Why)
		}
		var folds, words []string
		for _, f := range e.Folds {
			if c.text[f.Start:f.End] != f.From {
				t.Errorf("%q: fold %+v", c.text, f)
			}
			folds = append(folds, f.Channel+" "+f.From+"→"+f.To)
		}
		for _, w := range e.Words {
			s := w.ID + " " + w.Read
			if !w.Counts {
				s += " (" + w.Why + ")"
			}
			words = append(words, s)
		}
		if c.folds != "" && !strings.Contains(strings.Join(folds, "\n"), c.folds) {
			t.Errorf("%q: folds %q", c.text, folds)
		}
		if c.words != "" && !strings.Contains(strings.Join(words, "\n"), c.words) {
			t.Errorf("%q: words %q", c.text, words)
		}
		sum := 0.0
		for _, p := range e.Score {
			sum += p.Weight
			if p.Text == p.Code {
				t.Errorf("the term %s has no words", p.Code)
			}
		}
		if math.Abs(sum-e.Odds) > 0.1 {
			t.Errorf("%q: the score adds up to %.2f, not to %.2f", c.text, sum, e.Odds)
		}
		if p := 1 / (1 + math.Exp(-e.Odds-e.Learnt)); !e.Stopped && math.Abs(p-e.Confidence) > 0.01 {
			t.Errorf("%q: odds %.2f and %.2f give %.3f, not %.3f", c.text, e.Odds, e.Learnt, p, e.Confidence)
		}
	}
}

// A user's own frame is named by its note.
func TestReasonsNameOwnFrames(t *testing.T) {
	x, err := extractors.NewWith(extractors.Settings{Entries: []lexicon.Entry{{ID: "frame.my_tea", Weight: -0.5, Forms: []string{"喝茶群"}, Yes: []string{"喝茶群"}, No: []string{"茶"}, Note: "茶友群"}}})
	if err != nil {
		t.Fatal(err)
	}
	r := x.Extract("喝茶群，出智联简历，一手2元一份，加QQ 1000012345", extractors.Options{})
	said := ""
	for _, reason := range r.Reasons {
		said += reason.Text + "\n"
	}
	if !strings.Contains(said, "像是茶友群（喝茶群）") {
		t.Errorf("reasons %q", said)
	}
	if v := x.Version(); !strings.HasPrefix(v, extractors.Version+"+") || len(v) != len(extractors.Version)+9 {
		t.Errorf("version %q", v)
	}
}

// The score leads to the confidence that Extract gives, also where the learnt part and far
// hints decide.
func TestExplainedScoreIsTheOneThatCounts(t *testing.T) {
	x, err := extractors.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"猎户家现打的兔子，带电话，六块一只，十只起", "谁有智联企业号，日租三十以内", "> 谁有智联简历\n我有，2块一份", "（智）（联）（简）（历）一手2元一份", "代认证BOSS企业号，包过，一套200，微信 abc_10000"} {
		e, r := x.Explain(text), x.Extract(text, extractors.Options{})
		if e.Stopped || e.Confidence != r.Confidence {
			t.Errorf("%q: confidence %.3f, stopped %v; Extract gives %.3f", text, e.Confidence, e.Stopped, r.Confidence)
			continue
		}
		if p := 1 / (1 + math.Exp(-e.Odds-e.Learnt)); math.Abs(p-e.Confidence) > 0.01 {
			t.Errorf("%q: odds %.2f and %.2f give %.3f, not %.3f", text, e.Odds, e.Learnt, p, e.Confidence)
		}
		if len(e.Signs) == 0 {
			t.Errorf("%q: no signs of the learnt part", text)
		}
	}
}

func FuzzExplain(f *testing.F) {
	x, err := extractors.New()
	if err != nil {
		f.Fatal(err)
	}
	f.Add("出智聯簡*歷，一手凉块一粉，加QQ ①000012345")
	f.Add("智\n联\n简\n历\n2\n元")
	f.Fuzz(func(t *testing.T, text string) {
		e := x.Explain(text)
		for _, w := range e.Words {
			if w.Start < 0 || w.End < w.Start || w.End > len(text) || w.Written != text[w.Start:w.End] {
				t.Fatalf("word %+v", w)
			}
		}
		if r := x.Extract(text, extractors.Options{}); (e.Verdict == "listing") != r.Listing.Listing || e.Confidence != r.Confidence {
			t.Fatalf("%s %.3f, read as %v %.3f", e.Verdict, e.Confidence, r.Listing.Listing, r.Confidence)
		}
		x.Mine(text, func(s string, _ []market.Span) string { return s })
	})
}
