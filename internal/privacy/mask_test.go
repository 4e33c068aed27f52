package privacy

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"resumewatch/internal/market"
)

func TestMask(t *testing.T) {
	const text = "样本：张三 13800138000 é \U00020BB7野\n完"
	span := func(part string) market.Span {
		i := strings.Index(text, part)
		return market.Span{Start: i, End: i + len(part)}
	}
	for _, tt := range []struct {
		name, want string
		spans      []market.Span
	}{
		{"nothing", text, nil},
		{"one", "样本：张三 *********** é \U00020BB7野\n完", []market.Span{span("13800138000")}},
		{"several, in any order", "样本：＊＊ *********** · \U0001F7B6野\n完", []market.Span{span("\U00020BB7"), span("é"), span("13800138000"), span("张三")}},
		{"line end too", "样本：张三 13800138000 é \U00020BB7＊*＊", []market.Span{span("野\n完")}},
		{"cut runes", "样本：＊＊ 13800138000 é \U00020BB7野\n完", []market.Span{{Start: span("张三").Start + 2, End: span("张三").Start + 4}}},
		{"nested and touching", "样本：＊＊********8000 é \U00020BB7野\n完", nestedSpans(text)},
		{"beyond the text", "样本：张三 13800138000 é \U00020BB7野\n＊", []market.Span{{Start: len(text) - 1, End: 1 << 40}}},
		{"before the text", "＊本：张三 13800138000 é \U00020BB7野\n完", []market.Span{{Start: -5, End: 1}}},
		{"empty and backwards", text, []market.Span{{Start: 3, End: 3}, {Start: 9, End: 4}, {Start: -9, End: -4}, {Start: len(text), End: len(text) + 1}}},
	} {
		if got := Mask(text, tt.spans); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := Mask("a\xff\xe5\xbcb\xff", []market.Span{{Start: 0, End: 5}}); got != "*****\xff" {
		t.Errorf("invalid bytes: %q", got)
	}
}

// nestedSpans cover from the name to the seventh digit, several times over.
func nestedSpans(text string) []market.Span {
	name, digits := strings.Index(text, "张"), strings.Index(text, "138")
	return []market.Span{{Start: name, End: digits + 7}, {Start: name + 3, End: name + 6}, {Start: digits, End: digits + 2}, {Start: digits + 2, End: digits + 7}}
}

func TestMaskProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
			rapid.StringOf(rapid.RuneFrom([]rune("a张é\U00020BB7\n*＊·")))).Draw(t, "text")
		spans := rapid.SliceOf(rapid.Custom(func(t *rapid.T) market.Span {
			return market.Span{Start: rapid.IntRange(-3, len(text)+3).Draw(t, "start"), End: rapid.IntRange(-3, len(text)+3).Draw(t, "end")}
		})).Draw(t, "spans")
		got := Mask(text, spans)
		if len(got) != len(text) {
			t.Fatalf("%d bytes became %d", len(text), len(got))
		}
		for i := 0; i < len(text); {
			r, n := utf8.DecodeRuneInString(text[i:])
			touched := false
			for _, s := range spans {
				touched = touched || s.Start < s.End && s.Start < i+n && s.End > i
			}
			part := got[i : i+n]
			switch m, size := utf8.DecodeRuneInString(part); {
			case touched && (part != masks[n-1] || size != n || m == utf8.RuneError):
				t.Fatalf("byte %d (%q) became %q", i, r, part)
			case !touched && part != text[i:i+n]:
				t.Fatalf("byte %d (%q), in no span, became %q", i, r, part)
			}
			i += n
		}
		if again := Mask(got, spans); again != got {
			t.Fatalf("masked twice: %q, then %q", got, again)
		}
	})
}

// A mask must not turn into a search token.
func TestMasksAreNoLetters(t *testing.T) {
	for n, m := range masks {
		r, size := utf8.DecodeRuneInString(m)
		if size != n+1 || size != len(m) || unicode.In(r, unicode.Letter, unicode.Number, unicode.Mark) {
			t.Errorf("mask %q of %d bytes", m, n+1)
		}
	}
}

func FuzzMask(f *testing.F) {
	f.Add("张三 13800138000", 0, 6, 7, 18)
	f.Add("a\xffb", -1, 2, 1, 99)
	f.Fuzz(func(t *testing.T, text string, a, b, c, d int) {
		got := Mask(text, []market.Span{{Start: a, End: b}, {Start: c, End: d}})
		if len(got) != len(text) || utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

func BenchmarkMask(b *testing.B) {
	text := strings.Repeat("样本：张三 13800138000 本科\n", 100)
	var spans []market.Span
	for i := 0; i < len(text); i += len(text) / 100 {
		spans = append(spans, market.Span{Start: i + 9, End: i + 27})
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Mask(text, spans)
	}
}
