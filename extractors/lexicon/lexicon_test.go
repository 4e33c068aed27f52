package lexicon

import (
	"strings"
	"testing"

	"resumewatch/extractors/fold"
)

func load(t testing.TB) *Lexicon {
	t.Helper()
	l, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *Lexicon) has(text, id string) bool {
	x := fold.Fold(text)
	for _, h := range l.Find(&x) {
		if h.Entry.ID == id {
			return true
		}
	}
	return false
}

func TestEntriesProveThemselves(t *testing.T) {
	l := load(t)
	for _, e := range l.Entries() {
		for _, text := range e.Yes {
			if !l.has(text, e.ID) {
				t.Errorf("%s is not found in %q", e.ID, text)
			}
		}
		for _, text := range e.No {
			if l.has(text, e.ID) {
				t.Errorf("%s is found in %q", e.ID, text)
			}
		}
	}
}

// Every plain form must be found where it stands alone, or the data fights itself.
func TestFormsAreFound(t *testing.T) {
	l := load(t)
	for _, e := range l.Entries() {
		for _, form := range append(append([]string{}, e.Forms...), e.Weak...) {
			if e.Before {
				form += "智联" // it stands before what it is about
			}
			x := fold.Fold(form)
			found := false
			for _, h := range l.Find(&x) {
				found = found || h.Entry == e || h.Entry.Covers
			}
			if !found {
				t.Errorf("%s: its form %q is not found", e.ID, form)
			}
		}
	}
}

func TestHitsPointAtTheText(t *testing.T) {
	l := load(t)
	for _, c := range []struct{ text, id, want string }{
		{"全新 簡*歷 出", "goods.resume", "簡*歷"},
		{"要 智\u200b联 的", "platform.zhaopin", "智\u200b联"},
		{"收 5 1 j o b", "platform.51job", "5 1 j o b"},
		{"出 间 里", "goods.resume", "间 里"},
	} {
		x := fold.Fold(c.text)
		found := ""
		for _, h := range l.Find(&x) {
			if h.Entry.ID == c.id {
				s, e := x.Span(h.Start, h.End)
				found = c.text[s:e]
				break
			}
		}
		if found != c.want {
			t.Errorf("%q: %s is %q, want %q", c.text, c.id, found, c.want)
		}
	}
}

func TestFindIsLinear(t *testing.T) {
	l := load(t)
	for _, s := range []string{strings.Repeat("简历", 40_000), strings.Repeat("出 ", 60_000), strings.Repeat("j1l!", 25_000), strings.Repeat("简历模板", 15_000), strings.Repeat("买卖", 25_000)} {
		x := fold.Fold(s)
		l.Find(&x)
	}
}

func TestParseNamesTheMistake(t *testing.T) {
	for name, c := range map[string]struct {
		entry Entry
		want  string
	}{
		"no id":   {Entry{Forms: []string{"x"}}, "has no id"},
		"kind":    {Entry{ID: "what.x", Forms: []string{"x"}}, "unknown kind"},
		"forms":   {Entry{ID: "goods.x"}, "has no forms"},
		"untried": {Entry{ID: "goods.x", Forms: []string{"x"}}, "must match"},
	} {
		err := c.entry.check()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

func FuzzFind(f *testing.F) {
	l := load(f)
	f.Add("出 簡*歷 j1l 5 1 j o b")
	f.Fuzz(func(t *testing.T, s string) {
		x := fold.Fold(s)
		for _, h := range l.Find(&x) {
			if h.Start < 0 || h.Start >= h.End || h.End > len(x.Folded) {
				t.Fatalf("hit %d–%d of %d bytes", h.Start, h.End, len(x.Folded))
			}
		}
	})
}
