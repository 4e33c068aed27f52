package fold

import (
	"strings"
	"testing"
)

func TestRiddlesAreReadAnotherWay(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"智\n联\n简\n历\n两\n块", "智联简历两块"},
		{"智q联w简e历r两t块y", "智联简历两块"},
		{"前 x 程 x 简 x 历 x 一 x 块", "前  程  简  历  一  块"},
		{"智嗯联嗯简嗯历嗯两嗯块嗯", "智联简历两块"},
		{"今（智）天（联）好（简）热（历）", "智联简历\n今(智)天(联)好(简)热(历)"},
		{"智者千虑\n联袂而来\n一马当先\n手到擒来", "智联一手\n智者千虑\n联袂而来\n一马当先\n手到擒来"},
		{"智者千虑，联袂而来，简单，历来。看每句头一个", "智联简历看\n智者千虑，联袂而来，简单，历来。看每句头一个"},
	} {
		x := Fold(c.text)
		found := []string{}
		for _, r := range x.Riddles() {
			found = append(found, strings.ReplaceAll(r.Folded, "\u3000", " "))
		}
		ok := false
		for _, f := range found {
			ok = ok || f == c.want
		}
		if !ok {
			t.Errorf("%q: %q, want %q among them", c.text, found, c.want)
		}
	}
}

func TestOrdinaryTextIsNoRiddle(t *testing.T) {
	for _, s := range []string{"", "今天开会吗", "出智联简历，2元一份，QQ1000012345", "use docker compose up -d\n再看日志", "我用iPhone，他用Mac"} {
		x := Fold(s)
		if r := x.Riddles(); len(r) > 0 {
			t.Errorf("%q: %q", s, r[0].Folded)
		}
	}
}

func TestReversedLines(t *testing.T) {
	x := Fold("历简联智\nSSOB①")
	r := x.Reversed()
	if r.Folded != "智联简历\n1boss" {
		t.Fatalf("%q", r.Folded)
	}
	at := strings.Index(r.Folded, "简历")
	if start, end := r.Span(at, at+len("简历")); x.Original[start:end] != "历简" {
		t.Errorf("%q", x.Original[start:end])
	}
}

func FuzzRiddles(f *testing.F) {
	f.Add("智q联w简e历r（两）\n块")
	f.Fuzz(func(t *testing.T, s string) {
		x := Fold(s)
		for _, r := range append(x.Riddles(), x.Reversed()) {
			for i := range r.Folded {
				start, end := r.Span(i, min(i+3, len(r.Folded)))
				if start < 0 || end > len(s) || start > end {
					t.Fatalf("%q: span %d–%d of %d", s, start, end, len(s))
				}
			}
		}
	})
}
