package query

import (
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func texts(s string) string {
	var out []string
	for _, t := range Tokens(s) {
		out = append(out, t.Text)
	}
	return strings.Join(out, " ")
}

func TestTokens(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got := texts(text); got != want {
			t.Errorf("Tokens(%q) = %q, want %q", text, got, want)
		}
	}
	f("", "")
	f("★ ！，— \t\n", "")
	f("简", "简")
	f("简历", "简历 历")
	f("出售简历", "出售 售简 简历 历")
	f("简*历", "简历 历")
	f("簡歷", "简历 历")
	f("简\u200b历", "简历 历")
	f("出一手，智联", "出一 一手 手 智联 联")
	f("简历\n批发", "简历 历 批发 发")
	f("加QQ1000012345看货", "加 qq 1000012345 看货 货")
	f("１０００份", "1000 份")
	f("51job", "51 job")
	f("Café résumé", "cafe resume")
	f("cafe\u0301s", "cafes")
	f("𠮷野家", "u20bb7 野家 家")
	f("简𠮷历", "简 u20bb7 历")
	f("user+tag@example", "user tag example")
	f("Ϛς ſµ", "ϛσ sμ")
	f("〇一", "〇一 一")
	f("10.5元", "10 5 元")
	f("\xff简\n\xfe历", "简 历")
}

// The span of a token is the part of the original that it was read from.
func TestTokenSpans(t *testing.T) {
	text := "出★簡*歷，ＱＱ：１２３ 𠮷"
	got := map[string]string{}
	for _, tok := range Tokens(text) {
		got[tok.Text] = text[tok.Start:tok.End]
	}
	for token, want := range map[string]string{"简历": "簡*歷", "历": "歷", "qq": "ＱＱ", "123": "１２３", "u20bb7": "𠮷"} {
		if got[token] != want {
			t.Errorf("token %q stands at %q, want %q", token, got[token], want)
		}
	}
}

func TestLongWordsAreCut(t *testing.T) {
	word := strings.Repeat("ab", 5000)
	tokens := Tokens(word)
	var b strings.Builder
	for _, tok := range tokens {
		if len(tok.Text) > MaxToken {
			t.Fatalf("a token of %d bytes", len(tok.Text))
		}
		b.WriteString(tok.Text)
	}
	if b.String() != word {
		t.Error("the pieces are not the word")
	}
}

func TestTokenInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkTokens(t, rapid.OneOf(
			rapid.StringOf(rapid.SampledFrom([]rune("简历出售一手a1B ★*_.，\u200b\u0301é𠮷ｑ１○\n"))),
			rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 64), func(b []byte) string { return string(b) }),
			rapid.String(),
		).Draw(t, "text"))
	})
}

func FuzzTokens(f *testing.F) {
	f.Add("出售★簡*歷，ＱＱ：１２３ 𠮷")
	f.Add("\xff\xc0简\u0301\u0301")
	f.Fuzz(func(t *testing.T, text string) { checkTokens(t, text) })
}

type failer interface {
	Fatalf(format string, args ...any)
}

func checkTokens(t failer, text string) {
	last := 0
	if line := texts(text); Line(text) != line {
		t.Fatalf("%q: the line is %q, the tokens are %q", text, Line(text), line)
	}
	for _, tok := range Tokens(text) {
		switch {
		case tok.Text == "" || len(tok.Text) > MaxToken || !utf8.ValidString(tok.Text):
			t.Fatalf("%q: token %q", text, tok.Text)
		case tok.Start < last || tok.End <= tok.Start || tok.End > len(text):
			t.Fatalf("%q: token %q at [%d,%d) after %d", text, tok.Text, tok.Start, tok.End, last)
		}
		for _, r := range tok.Text {
			if r > 0xFFFF || letter(r) != r {
				t.Fatalf("%q: token %q holds %q", text, tok.Text, r)
			}
			switch kindOf(r) {
			case runeHan, runeLetter, runeDigit:
			default:
				t.Fatalf("%q: token %q holds %q", text, tok.Text, r)
			}
		}
		last = tok.Start
	}
}

func TestHighlight(t *testing.T) {
	f := func(query, text string, want ...string) {
		t.Helper()
		n, err := Parse(query, testNow, testZone)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range Highlight(n, text) {
			got = append(got, text[m.Start:m.End])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Highlight(%q, %q): %s", query, text, diff)
		}
	}
	f("简历", "出售簡*歷，简历", "簡*歷", "简历")
	f("历", "简历出售", "历")
	f("简", "简*历 简", "简", "简")
	f("简历 -出售", "简历出售", "简历")
	f("出售 OR 历出", "简历出售", "历出售")
	f("", "简历")
	f("qq:1000012345", "加Q：1000012345。", "1000012345")
	f(`"qq 加"`, "QQ加我", "QQ加")
	f("cafe", "Café", "Café")
	f("𠮷", "a𠮷b", "𠮷")
	f("price:1..3 platform:boss", "1到3元 boss")
	f("不在", "简历出售")
}

// A query and a text that were made for each other take neither memory nor time: a
// word that is written many times is looked for once.
func TestHighlightIsBounded(t *testing.T) {
	text := strings.Repeat("的", 21_000) // as much as is kept of a post
	for _, query := range []string{
		strings.Repeat("的 ", MaxLength/2), `"` + strings.Repeat("的", MaxLength-3) + `字"`,
		strings.Repeat(`"的的" `, MaxLength/5), `"` + strings.Repeat("的", MaxLength-2) + `"`,
	} {
		n, err := Parse(query, testNow, testZone)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		marks := Highlight(n, text)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 32<<20 || len(marks) > 1 {
			t.Errorf("%.40q…: %d marks and %d MiB for a text of %d bytes", query, len(marks), took>>20, len(text))
		}
	}
}

// Whatever part of an unbroken text is looked for as a phrase is found, however
// it cuts the pairs, and is marked where it stands.
func TestEveryPartIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		runes := []rune(rapid.StringOfN(rapid.SampledFrom([]rune("简历出售一手智联的")), 1, 12, -1).Draw(t, "text"))
		from := rapid.IntRange(0, len(runes)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(runes)).Draw(t, "to")
		text, part := string(runes), string(runes[from:to])
		n, err := Parse(`"`+part+`"`, testNow, testZone)
		if err != nil {
			t.Fatal(err)
		}
		if !n.(Phrase).Holds(Tokens(text)) {
			t.Fatalf("%q is not found in %q", part, text)
		}
		start := len(string(runes[:from]))
		for _, m := range Highlight(n, text) {
			if m.Start <= start && m.End >= start+len(part) {
				return
			}
		}
		t.Fatalf("%q is not marked in %q", part, text)
	})
}

// What does not stand in the text is not found.
func TestOtherTextIsNotFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		han := rapid.SampledFrom([]rune("简历出售"))
		text := rapid.StringOfN(han, 0, 10, -1).Draw(t, "text")
		part := rapid.StringOfN(han, 1, 4, -1).Draw(t, "part")
		n, err := Parse(part, testNow, testZone)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := n.(Phrase).Holds(Tokens(text)), strings.Contains(text, part); got != want {
			t.Fatalf("%q in %q: %v, want %v", part, text, got, want)
		}
	})
}
