package quote_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"resumewatch/extractors/fold"
	"resumewatch/extractors/quote"
)

func TestFindLeavesTheAuthorsWords(t *testing.T) {
	for _, c := range []struct{ name, text, own string }{
		{"forum", "> 出智联简历，一手2元\n别买，骗子", "别买,骗子"},
		{"nested", "> > 有吗\n> 有，2元\n多少钱", "多少钱"},
		{"question first", "有的，看下面\n> 出简历2元\n就是他", "有的,看下面 就是他"},
		{"only a quote", "> 出智联简历，一手2元", ""},
		{"mail", ">出智联简历\n别信", "别信"},
		{"ornament", ">>>出智联简历<<<\n2元一份", ">>>出智联简历<<< 2元一份"},
		{"arrow in a line", "智联 > 猎聘，2元一份", "智联 > 猎聘,2元一份"},
		{"chat with a rule", "「小灰：出简历，2元一份」\n- - - - - - - - - -\n骗子", "骗子"},
		{"chat, two lines", "「小灰：出简历\n2元一份」\n————————\n骗子", "骗子"},
		{"chat without a rule", "「小灰：出简历」\n骗子", "骗子"},
		{"brackets of an advert", "「价格：2元一份」\n智联简历", "「价格:2元一份」 智联简历"},
		{"answer", "回复 @小灰：2元一份", "2元一份"},
		{"answer to a floor", "回复12楼：还有货", "还有货"},
		{"marker", "[回复消息]2元一份", "2元一份"},
		{"bracketed quote", "[引用 小灰：出简历2元]别买", "别买"},
		{"introduced", "引用：出智联简历，一手2元\n别买", "别买"},
		{"introduced by name", "引用 3楼 小灰 的话：出智联简历\n别买", "别买"},
		{"introduced in marks", "引用：“出智联简历”这种是骗子", "这种是骗子"},
		{"introduced, one line", "引用：出智联简历 —— 骗子", "骗子"},
		{"head of a board", "小灰 发表于 2026-3-1 10:00\n出智联简历2元\n举报了", "举报了"},
		{"repost", "骗子//@小灰：出智联简历2元", "骗子"},
		{"a saying", "转发：“出一手智联简历，2元一份，QQ 1000012345” 群里的都是骗子", "转发:  群里的都是骗子"},
		{"a word in marks", "出“简历”，2元一份", "出“简历”,2元一份"},
		{"all in marks", "“出一手智联简历，2元一份，QQ 1000012345”", "“出一手智联简历,2元一份,qq 1000012345”"},
		{"no quote", "回复快的来，2元一份", "回复快的来,2元一份"},
		{"address without a name", "https://example.com//@x", "https://example.com//@x"},
	} {
		x := fold.Fold(c.text)
		got := strings.Join(strings.Fields(quote.Blank(x.Folded, quote.Find(x.Folded))), " ")
		want := strings.Join(strings.Fields(strings.NewReplacer("，", ",", "：", ":").Replace(c.own)), " ")
		got = strings.NewReplacer("，", ",", "：", ":").Replace(got)
		if got != want {
			t.Errorf("%s: %q, want %q", c.name, got, want)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"> a\nb", "「x：y」\n- - -\nz", "引用：“a”b", "[回复消息]", "回复 @a：b//@c：d", "引用\n\n", "x 发表于 1\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		x := fold.Fold(s)
		last := 0
		found := quote.Find(x.Folded)
		for _, q := range found {
			if q.Start < last || q.End <= q.Start || q.End > len(x.Folded) {
				t.Fatalf("%+v after %d in %q", q, last, x.Folded)
			}
			last = q.End
		}
		if b := quote.Blank(x.Folded, found); len(b) != len(x.Folded) || !utf8.ValidString(b) {
			t.Fatalf("%q became %q", x.Folded, b)
		}
	})
}
