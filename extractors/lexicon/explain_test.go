package lexicon

import (
	"testing"

	"resumewatch/extractors/fold"
)

func TestExplain(t *testing.T) {
	l := load(t)
	for _, c := range []struct {
		text, id string
		fate     Fate
		by       string // text of what took its place
	}{
		{"出智联简历", "platform.zhaopin", Kept, ""},
		{"祝你前程似锦", "platform.51job", Denied, "前程似锦"},
		{"简历模板免费", "goods.resume", Covered, "简历模板"},
		{"help", "platform.liepin", Grown, ""},
		{"人工", "platform.liepin", Unsure + 1, ""}, // nothing of it stands there
		{"bosses", "platform.boss", Grown, ""},
		{"好的简。历来", "goods.resume", Torn, ""},
		{"提出来吃饭", "side.sell_out", Denied, "提出"},
		{"超出三米", "side.sell_out", Amid, ""},
		{"猎苹树", "platform.liepin", Unsure, ""},
		{"销售真难招", "side.sell_noun", Objectless, ""},
	} {
		x := fold.Fold(c.text)
		found := false
		for _, f := range l.Explain(&x) {
			if f.Entry.ID != c.id {
				continue
			}
			found = true
			if f.Fate != c.fate {
				t.Errorf("%q: %s has fate %d, want %d", c.text, c.id, f.Fate, c.fate)
			}
			if by := ""; c.by != "" {
				if f.By != nil {
					by = x.Folded[f.By.Start:f.By.End]
				}
				if by != c.by {
					t.Errorf("%q: %s is taken by %q, want %q", c.text, c.id, by, c.by)
				}
			}
			break
		}
		if want := c.fate <= Unsure; found != want {
			t.Errorf("%q: %s found: %v", c.text, c.id, found)
		}
	}
}

// What Explain keeps is what Find gives.
func TestExplainAgreesWithFind(t *testing.T) {
	l := load(t)
	for _, text := range []string{"出智联简历，一手2元一份，加QQ 1000012345", "收 猎*简*", "二手车一手简历模板", "间里批发 zh1lian", "简历简历简历"} {
		x := fold.Fold(text)
		var kept []Hit
		for _, f := range l.Explain(&x) {
			if f.Fate == Kept {
				kept = append(kept, f.Hit)
			}
		}
		if found := l.Find(&x); len(found) != len(kept) {
			t.Errorf("%q: %d hits, %d kept", text, len(found), len(kept))
		}
	}
}
