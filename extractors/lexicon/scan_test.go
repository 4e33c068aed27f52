package lexicon

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"resumewatch/extractors/fold"
)

// letters are what texts of tests are drawn from: words of the trade, separators, forms that
// fold, riddles, rubbish.
var letters = []string{
	"简", "历", "智", "联", "猎", "聘", "出", "收", "手", "一", "二", "块", "男", "某", "元", "2", "5", "8", "１", "②", "Ａ", "q", "Z", "l", "ー", "カ", "亻", "言", "竹", "间",
	" ", "*", ",", "，", "。", "\n", "\r", ">", "@", "/", "“", "”", "(", ")", "（", "🐧", "❤️", "\u200b", "⑩", "㎡", "Ⅲ", "簡", "歷", "丨", "\xff", "\xe4\xbd", "\xed\xa0\x80", "𠮷", "𝟏", "引用", "回复", "倒着", "藏头", "历简", "简历模板",
}

func drawn(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(letters), 0, 40).Draw(t, "text"), "")
}

// A text read as it was written says what it says once it is folded.
func TestScanFoldsOnItsWay(t *testing.T) {
	l := load(t)
	f := new(fold.Folder)
	w := new(Weights)
	for i := range w.Pairs {
		w.Pairs[i] = int8(i * 7)
	}
	for i := range w.Sounds {
		w.Sounds[i] = int8(i * 5)
	}
	written, folded := l.NewScanner(f, w), l.NewScanner(nil, w)
	rapid.Check(t, func(t *rapid.T) {
		s := drawn(t)
		x := f.Fold(s)
		got, ok := written.Scan(s)
		want, sure := folded.Scan(x.Folded)
		if !sure {
			t.Fatalf("%q isn't read folded", s)
		}
		if ok && got != want {
			t.Fatalf("%q: %+v, folded %+v", s, got, want)
		}
		if g := l.Gist(x.Folded); g != want.Gist {
			t.Fatalf("%q: gist %+v, want %+v", s, g, want.Gist)
		}
		parts, _ := folded.Weighed(x.Folded)
		if again := w.Weigh(want, parts); again != want {
			t.Fatalf("%q: %+v, added up %+v", s, want, again)
		}
		if want.Signs&SignRiddle == 0 && (x.Turned() || len(x.Riddles()) > 0) {
			t.Fatalf("%q: a riddle without a sign", s)
		}
	})
}

func TestScanDoesNotAllocate(t *testing.T) {
	l := load(t)
	x := l.NewScanner(new(fold.Folder), new(Weights))
	s := "早上好，今天吃什么：２块一份 🐧 简*历 男 18岁"
	if n := testing.AllocsPerRun(20, func() { x.Scan(s) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
