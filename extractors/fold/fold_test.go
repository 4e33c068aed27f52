package fold

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ in, fold, squeezed string }{
		{"出简历2元一份", "出简历2元一份", "出简历2元一份"},
		{"簡歷 批發，智聯、獵聘", "简历 批发，智联、猎聘", "简历 批发，智联、猎聘"},
		{"智\u200b联\u200d简\u2060历\ufeff", "智联简历", "智联简历"},
		{"ＱＱ：１２３", "qq:123", "qq:123"},
		{"Q①②⓪ ⑩ ⑱ ❷ ⒉ ㈠佰", "q120 10 18 2 2 一佰", "q120 10 18 2 2 一佰"},
		{"1\ufe0f\u20e32\ufe0f\u20e3元", "12元", "12元"},
		{"日²⁵ 𝟏𝟐 ⅠⅡ手", "日25 12 12手", "日25 12 12手"},
		{"ɡаnjі Βoss", "ganji boss", "ganji boss"},
		{"🅱️🅾️💲💲", "bo$$", "bo$$"},
		{"Ⓥⓩⓛ🈶️", "vzl有", "vzl有"},
		{"xìng míng é", "xing ming e", "xing ming e"},
		{"竹间厂力 智耳关 彳艮多 イ介1.6", "简历 智联 很多 价1.6", "简历 智联 很多 价1.6"},
		{"出简.历的 卖简*历吗 看简·历啊 代~下~载", "出简.历的 卖简*历吗 看简·历啊 代~下~载", "出简历的 卖简历吗 看简历啊 代下载"},
		{"四/十/一/份", "四/十/一/份", "四十一份"},
		{"2元/份 3.5 2-3元 138****8000", "2元/份 3.5 2-3元 138****8000", "2元/份 3.5 2-3元 138****8000"},
		{"4*1*8*9*0*7", "4*1*8*9*0*7", "418907"},
		{"出 简 历 一 手", "出 简 历 一 手", "出简历一手"},
		{"竹 间 厂 力 要 出", "竹 间 厂 力 要 出", "简历要出"},
		{"斗｡米｡鱼｡泡｡", "斗｡米｡鱼｡泡｡", "斗米鱼泡｡"},
		{"简🌟历 🐧12", "简🌟历 🐧12", "简历 🐧12"},
		{"a\xffb", "a\uFFFDb", "a\uFFFDb"},
	} {
		got := Fold(c.in)
		if got.Folded != c.fold {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got.Folded, c.fold)
		}
		sq := got.Squeeze()
		if sq.Folded != c.squeezed {
			t.Errorf("Squeeze(%q) = %q, want %q", c.in, sq.Folded, c.squeezed)
		}
		check(t, got)
		check(t, sq)
	}
}

func TestSpan(t *testing.T) {
	in := "出 簡*歷，２\u200b元①份 亻言"
	for _, c := range []struct{ word, want string }{
		{"简", "簡"}, {"简历", "簡*歷"}, {"2元", "２\u200b元"}, {"1份", "①份"}, {"信", "亻言"}, {"出", "出"},
	} {
		f := Fold(in)
		sq := f.Squeeze()
		at := strings.Index(sq.Folded, c.word)
		if at < 0 {
			t.Fatalf("%q is not in %q", c.word, sq.Folded)
		}
		s, e := sq.Span(at, at+len(c.word))
		if in[s:e] != c.want {
			t.Errorf("span of %q is %q, want %q", c.word, in[s:e], c.want)
		}
	}
}

func TestSearch(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"简*历", "简历"}, {"簡歷", "简历"}, {"简\u200b历", "简历"}, {"简 历", "简历"}, {"Café", "cafe"},
		{"cv_0571_hz", "cv 0571 hz"}, {"一手\n二手", "一手\n二手"}, {"智联，一手", "智联 一手"}, {"2元/份", "2元份"},
	} {
		if got := Search(c.in); got != c.want {
			t.Errorf("Search(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestPinyin(t *testing.T) {
	if got := Pinyin("间历ok"); got != "jian li o k" {
		t.Errorf("got %q", got)
	}
	if SoundOf('智') != SoundNamed("zhi") || SoundOf('a') != 0 || SoundNamed("xyz") != 0 {
		t.Error("sounds disagree")
	}
}

func TestFoldPlainDoesNotAllocate(t *testing.T) {
	s := strings.Repeat("今天几度啊，出门穿羽绒服会不会太夸张 ok 123\n", 20)
	Fold("x")
	if n := testing.AllocsPerRun(20, func() { Fold(s) }); n > 0 {
		t.Errorf("%v allocations for plain text", n)
	}
}

func TestHostileSizes(t *testing.T) {
	for name, s := range map[string]string{
		"zero width": strings.Repeat("\u200b", 1_000_000),
		"components": strings.Repeat("亻言", 300_000),
		"spaced":     strings.Repeat("简 ", 500_000),
		"stars":      strings.Repeat("*", 3_000_000),
		"invalid":    strings.Repeat("\xff\xfe", 500_000),
		"one line":   strings.Repeat("簡歷①", 300_000),
	} {
		f := Fold(s)
		sq := f.Squeeze()
		if !utf8.ValidString(f.Folded) || !utf8.ValidString(sq.Folded) {
			t.Errorf("%s: folded text is not valid UTF-8", name)
		}
		if a, e := f.Span(0, len(f.Folded)); a < 0 || e > len(s) || a > e {
			t.Errorf("%s: span %d–%d", name, a, e)
		}
	}
}

// check holds the promises of the map: valid, monotone, inside, whole runes.
func check(t *testing.T, x Text) {
	t.Helper()
	if !utf8.ValidString(x.Folded) {
		t.Errorf("folded %q is not valid UTF-8", x.Folded)
	}
	lastStart, lastEnd := 0, 0
	for i, r := range x.Folded {
		s, e := x.Span(i, i+utf8.RuneLen(r))
		if s < lastStart || e < lastEnd || s >= e || e > len(x.Original) {
			t.Fatalf("rune %d %q of %q: span %d–%d after %d–%d", i, r, x.Original, s, e, lastStart, lastEnd)
		}
		if utf8.ValidString(x.Original) && !utf8.ValidString(x.Original[s:e]) {
			t.Fatalf("rune %d %q of %q: span %d–%d cuts a rune", i, r, x.Original, s, e)
		}
		lastStart, lastEnd = s, e
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"出 簡*歷，２\u200b元①份 亻言", "a\xff\xfeb", "竹 间 厂 力", "1\ufe0f\u20e3", "🅱️🇦", "\x00\x01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		x := Fold(s)
		check(t, x)
		sq := x.Squeeze()
		check(t, sq)
		if !utf8.ValidString(Search(s)) {
			t.Errorf("Search(%q) is not valid UTF-8", s)
		}
	})
}

func BenchmarkFoldPlain(b *testing.B) {
	s := strings.Repeat("今天几度啊，出门穿羽绒服会不会太夸张 ok 123\n", 20000)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		Fold(s)
	}
}
