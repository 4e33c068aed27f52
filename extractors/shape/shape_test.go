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
		{"110101199013011234", "number:110101199013011234"},
		{"4111111111111111", "bank_card:4111111111111111"},
		{"4111 1111 1111 1111", "bank_card:4111 1111 1111 1111"},
		{"4111111111111112", "number:4111111111111112"},
		{"4111 1111 1111 1112", ""},
		{"13800138000 15000001111 13800138001", "phone:13800138000 phone:15000001111 phone:13800138001"},
		{"张三13800138000", "phone:13800138000"},
		{"1⃣3⃣8⃣0⃣0⃣1⃣3⃣8⃣0⃣0⃣0⃣", "phone:1⃣3⃣8⃣0⃣0⃣1⃣3⃣8⃣0⃣0⃣0"},
		{"lloolllloll", ""},
		{"l38OO138OOO", "phone:l38OO138OOO"},
		{"1/3/8/0/0/1/3/8/0/0/0", "phone:1/3/8/0/0/1/3/8/0/0/0"},
		{"1三8零0一3八零0零", "phone:1三8零0一3八零0零"},
		{"28岁|138-0013-8000|本科", "phone:138-0013-8000"},
		{"8000,13800138000,8000", "phone:13800138000"},
		{"13, 20, 30, 50, 100", ""},
		{"010-62345678 0755-2345678", "landline:010-62345678 landline:0755-2345678"},
		{"400-123-4567", ""},
		{"6222020000000000000", "bank_card:6222020000000000000"},
		{"1500元 1800元 300", ""},
		{"lisi#example.com", "mailbox:lisi#example.com"},
		{"lisi艾特example点cn", "mailbox:lisi艾特example点cn"},
		{"@张三 a#b.c", ""},
		{"li.si+cv@mail.example.com。", "mailbox:li.si+cv@mail.example.com"},
		{"zhang_san＠example.cn", "mailbox:zhang_san＠example.cn"},
		{"13800138000@qq.example", "mailbox:13800138000@qq.example"},
		{"a@b", ""},
		{"@name 12800138000 23800138000", ""},
		{"138001380001", "number:138001380001"},
		{"1234567890123456789012345678901234567890", "number:1234567890123456789012345678901234567890"},
		{"10:30 2023-05-06 3.5 100份", ""},
	} {
		var got []string
		for _, s := range Find(tt.text) {
			got = append(got, s.Kind+":"+tt.text[s.Start:s.End])
		}
		if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, d)
		}
	}
}

func TestValues(t *testing.T) {
	for text, want := range map[string]string{
		"+86 138-0013-8000":            "13800138000",
		"①③⑧⓪⓪①③⑧⓪⓪⓪":                  "13800138000",
		"11010119900101123x":           "11010119900101123X",
		"Li.Si＠Example.COM":            "li.si@example.com",
		"zhang3 (at) example (dot) cn": "",
		"zhang3(at)example(dot)com":    "zhang3@example.com",
		"6222 0200 0000 0000 0000":     "",
		"一三八零零一三八零零零":                  "13800138000",
	} {
		got := ""
		if m := Find(text); len(m) == 1 {
			got = m[0].Value
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
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
		if got := Find("找" + b.String() + "聊"); len(got) != 1 || got[0].Kind != Phone || got[0].End-got[0].Start != b.Len() {
			t.Fatalf("%q: %v", b.String(), got)
		}
	})
}

func TestHostileSizes(t *testing.T) {
	for _, unit := range []string{"1", "1 ", "a@", "@", "a.", "1-1", "１", "13800138000", "@a.b"} {
		start := time.Now()
		Find(strings.Repeat(unit, 1_000_000/len(unit)))
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
		for _, x := range Find(s) {
			if x.Start < last || x.End <= x.Start || x.End > len(s) {
				t.Fatalf("%v after %d in %q", x, last, s)
			}
			last = x.End
		}
	})
}
