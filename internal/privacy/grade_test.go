package privacy

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"resumewatch/internal/market"
)

func TestMaskAs(t *testing.T) {
	const text = "王芳|138-0013-8000|wang.fang@example.com|4111111111111111|杭州市西湖区"
	span := func(kind, part string) market.Span {
		i := strings.Index(text, part)
		return market.Span{Field: kind, Start: i, End: i + len(part)}
	}
	record := market.Span{Field: "/sample", End: len(text)}
	values := []market.Span{record, span("name", "王芳"), span("phone", "138-0013-8000"), span("mailbox", "wang.fang@example.com"), span("bank_card", "4111111111111111")}
	for _, tt := range []struct {
		grade Grade
		spans []market.Span
		want  string
	}{
		{Strict, values, "＊＊************************************" + "*****************" + "＊＊＊＊＊＊"},
		{Display, values, "王＊*138******8000*w********@example.com*************1111*＊＊＊＊＊＊"},
		{Display, values[2:3], strings.Replace(text, "138-0013-8000", "138******8000", 1)},
		{Display, []market.Span{span("id_number", "4111111111111111")}, strings.Replace(text, "4111111111111111", "411111**********", 1)},
		{Display, []market.Span{span("phone", "138"), span("name", "王")}, strings.Replace(strings.Replace(text, "138", "***", 1), "王", "＊", 1)},
		{Display, []market.Span{span("another kind", "杭州")}, strings.Replace(text, "杭州", "＊＊", 1)},
	} {
		got := MaskAs(tt.grade, text, tt.spans)
		if tt.grade == Strict {
			if strings.Trim(got, "*＊") != "" || len(got) != len(text) {
				t.Errorf("strict: %s", got)
			}
			continue
		}
		if got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.grade, got, tt.want)
		}
	}
}

// TestMaskAsProperties: byte length and bounds of runes stay, what is hidden in one
// grade is never shown again, masking twice is masking once, and nothing is there
// that wasn't.
func TestMaskAsProperties(t *testing.T) {
	kinds := []string{"phone", "id_number", "mailbox", "bank_card", "name", "qq", "/sample", "number"}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
			rapid.StringOf(rapid.RuneFrom([]rune("138a王é\U00020BB7 -@＠*＊·.")))).Draw(t, "text")
		spans := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) market.Span {
			return market.Span{
				Field: rapid.SampledFrom(kinds).Draw(t, "kind"),
				Start: rapid.IntRange(-3, len(text)+3).Draw(t, "start"), End: rapid.IntRange(-3, len(text)+3).Draw(t, "end"),
			}
		}), 0, 4).Draw(t, "spans")
		strict, display := MaskAs(Strict, text, spans), MaskAs(Display, text, spans)
		for _, got := range []string{strict, display} {
			if len(got) != len(text) || utf8.ValidString(text) && !utf8.ValidString(got) {
				t.Fatalf("%q became %q", text, got)
			}
			for i := 0; i < len(text); {
				_, n := utf8.DecodeRuneInString(text[i:])
				if part := got[i : i+n]; part != text[i:i+n] && part != masks[n-1] {
					t.Fatalf("%q became %q at byte %d", text, got, i)
				}
				i += n
			}
		}
		if strict != Mask(text, spans) {
			t.Fatalf("strict leaves something of %q: %q", text, strict)
		}
		if again := MaskAs(Strict, strict, spans); utf8.ValidString(text) && again != strict {
			t.Fatalf("strict twice: %q, then %q", strict, again)
		}
		if over := MaskAs(Strict, display, spans); utf8.ValidString(text) && over != strict {
			t.Fatalf("strict over display: %q, want %q", over, strict)
		}
		if under := MaskAs(Display, strict, spans); utf8.ValidString(text) && under != strict {
			t.Fatalf("display over strict shows something: %q, then %q", strict, under)
		}
		// Where spans overlap, what one of them hid may be what another goes by: a
		// second look may hide more, never show more.
		if again := MaskAs(Display, display, spans); utf8.ValidString(text) && !hidesMore(display, again) {
			t.Fatalf("display twice: %q, then %q (of %q)", display, again, text)
		}
	})
}

// hidesMore reports whether b is a with more of its runes masked, or none.
func hidesMore(a, b string) bool {
	for i := 0; i < len(a); {
		_, n := utf8.DecodeRuneInString(a[i:])
		if b[i:i+n] != a[i:i+n] && b[i:i+n] != masks[n-1] {
			return false
		}
		i += n
	}
	return true
}

func TestGrades(t *testing.T) {
	for _, g := range []string{"display", "whole"} {
		if _, err := ParseGrade(g); err != nil {
			t.Error(err)
		}
	}
	if _, err := ParseGrade("strict"); err == nil {
		t.Error("took a grade that shows nothing")
	}
	if len(grades()[Display]) == 0 {
		t.Error("no rules for display")
	}
	if Stored != Strict {
		t.Error("what is stored must keep nothing of a value: interfaces and guides say so")
	}
}

func TestWholeHidesResumeNumbersAlone(t *testing.T) {
	const text = "张三 13800138001 J1234567"
	spans := []market.Span{{Field: "/sample", Start: 0, End: len(text)}, {Field: "phone", Start: 7, End: 18}, {Field: "resume_id", Start: 19, End: 27}}
	if got, want := MaskAs(Whole, text, spans), "张三 13800138001 ********"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := MaskAs(Display, text, spans), "＊＊*138****8001*********"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
