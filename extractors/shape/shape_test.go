package shape

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestFind(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"打13800138000吧", "phone:13800138000"},
		{"138-0013-8000", "phone:138-0013-8000"},
		{"１３８ ００１３ ８０００", "phone:１３８ ００１３ ８０００"},
		{"+86 13800138000", "phone:86 13800138000"},
		{"0086-138-0013-8000", "phone:0086-138-0013-8000"},
		{"13800138000 15000001111", "phone:13800138000 phone:15000001111"},
		{"110101199001011234", "id_number:110101199001011234"},
		{"11010119900101123x，", "id_number:11010119900101123x"},
		{"110101 19900101 1234", "id_number:110101 19900101 1234"},
		{"110101900101123", "id_number:110101900101123"},
		{"110101199013011234", ""},
		{"4111111111111111", "bank_card:4111111111111111"},
		{"4111 1111 1111 1111", "bank_card:4111 1111 1111 1111"},
		{"4111111111111112", ""},
		{"li.si+cv@mail.example.com。", "mailbox:li.si+cv@mail.example.com"},
		{"zhang_san＠example.cn", "mailbox:zhang_san＠example.cn"},
		{"13800138000@qq.example", "mailbox:13800138000@qq.example"},
		{"a@b", ""},
		{"@name 12800138000 23800138000", ""},
		{"138001380001", ""},
		{"1234567890123456789012345678901234567890", ""},
		{"10:30 2023-05-06 3.5 100份", ""},
	} {
		var got []string
		for _, s := range Find(tt.text, nil) {
			got = append(got, s.Field+":"+tt.text[s.Start:s.End])
		}
		if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, d)
		}
	}
}

func TestKeep(t *testing.T) {
	text := "13800138000 15000001111"
	got := Find(text, func(s, e int) bool { return text[s:e] == "13800138000" })
	if len(got) != 1 || text[got[0].Start:got[0].End] != "15000001111" {
		t.Fatalf("got %v", got)
	}
}

func TestCheckCharacter(t *testing.T) {
	// the example of GB 11643-1999
	if got := CheckCharacter("11010519491231002"); got != 'X' {
		t.Errorf("got %c", got)
	}
	if CheckCharacter("1101051949123100a") != 0 || CheckCharacter("") != 0 {
		t.Error("took what is no number")
	}
}

// TestSeparators hides a phone behind any mixture of widths and separators.
func TestSeparators(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for i, c := range "13800138123" {
			if i > 0 {
				b.WriteString(rapid.SampledFrom([]string{"", "", " ", "-", "·", "\u200b", ". "}).Draw(t, "sep"))
			}
			if rapid.Bool().Draw(t, "wide") {
				c += '０' - '0'
			}
			b.WriteRune(c)
		}
		if got := Find("找"+b.String()+"聊", nil); len(got) != 1 || got[0].Field != Phone || got[0].End-got[0].Start != b.Len() {
			t.Fatalf("%q: %v", b.String(), got)
		}
	})
}

func TestHostileSizes(t *testing.T) {
	for _, unit := range []string{"1", "1 ", "a@", "@", "a.", "1-1", "１", "13800138000", "@a.b"} {
		start := time.Now()
		Find(strings.Repeat(unit, 1_000_000/len(unit)), nil)
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%q repeated: %v", unit, took)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"138-0013-8000", "110101199001011234", "a@b.cn", "１３８００１３８０００@x.y", "4111 1111 1111 1111", "\xff1\xef\xbc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		last := 0
		for _, x := range Find(s, nil) {
			if x.Start < last || x.End <= x.Start || x.End > len(s) {
				t.Fatalf("%v after %d in %q", x, last, s)
			}
			last = x.End
		}
	})
}
