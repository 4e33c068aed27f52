package numeral

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// pieces stands in for the units of the trade.
func pieces(r []rune) func(int) bool {
	return func(i int) bool { return i < len(r) && strings.ContainsRune("份条个套月次", r[i]) }
}

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		text, lo, hi string
		rest         string
	}{
		{"25", "25", "", ""},
		{"2.50元", "2.5", "", "元"},
		{"2。5一份", "2.5", "", "一份"},
		{"1,200元", "1200", "", "元"},
		{"2,100份", "2", "", ",100份"},
		{"3k条", "3000", "", "条"},
		{"30w", "300000", "", ""},
		{"1百2", "120", "", ""},
		{"3万5", "35000", "", ""},
		{"1oo个", "100", "", "个"},
		{"十五", "15", "", ""},
		{"二十五", "25", "", ""},
		{"廿五一份", "25", "", "一份"},
		{"一百零五", "105", "", ""},
		{"一百五", "150", "", ""},
		{"两千三", "2300", "", ""},
		{"三万二", "32000", "", ""},
		{"两千零五十一套", "2050", "", "一套"},
		{"一仟贰佰伍拾", "1250", "", ""},
		{"一百五一个", "150", "", "一个"},
		{"贰佰壹月", "200", "", "壹月"},
		{"4佰捌", "480", "", ""},
		{"肆5零", "450", "", ""},
		{"七十多万条", "700000", "", "条"},
		{"十来块", "10", "", "块"},
		{"两三块", "2", "3", "块"},
		{"一两百个", "100", "200", "个"},
		{"十七八个", "17", "18", "个"},
		{"二点五元", "2.5", "", "元"},
		{"贰·伍元", "2.5", "", "元"},
		{"2点儿5元", "2.5", "", "元"},
		{"四·八·六", "4", "", "·八·六"},
		{"百份", "100", "", "份"},
		{"半百", "50", "", ""},
		{"五块", "5", "", "块"},
		{"4亿", "400000000", "", ""},
	} {
		r := []rune(tt.text)
		n, ok := Read(r, 0, pieces(r))
		if !ok {
			t.Errorf("%s: no number", tt.text)
			continue
		}
		hi := ""
		if n.Hi != 0 {
			hi = n.Hi.String()
		}
		if n.Lo.String() != tt.lo || hi != tt.hi || string(r[n.End:]) != tt.rest {
			t.Errorf("%s: got %s..%s and rest %q, want %s..%s and %q", tt.text, n.Lo, hi, string(r[n.End:]), tt.lo, tt.hi, tt.rest)
		}
	}
	for _, text := range []string{"", "份", "好的", "百货", "123456789012345678", "abc"} {
		if n, ok := Read([]rune(text), 0, pieces([]rune(text))); ok && !n.Vague {
			t.Errorf("%q: got %s", text, n.Lo)
		}
	}
}

// say writes n below 100,000 in Chinese.
func say(n int) string {
	const digits = "零一二三四五六七八九"
	d := []rune(digits)
	var b strings.Builder
	zero := false
	for _, p := range []struct {
		v int
		w string
	}{{10000, "万"}, {1000, "千"}, {100, "百"}, {10, "十"}, {1, ""}} {
		q := n / p.v % 10
		if q == 0 {
			zero = b.Len() > 0
			continue
		}
		if zero {
			b.WriteRune('零')
			zero = false
		}
		b.WriteRune(d[q])
		b.WriteString(p.w)
	}
	return b.String()
}

func TestReadsWhatIsSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 99999).Draw(t, "n")
		r := []rune(say(n) + "元")
		got, ok := Read(r, 0, pieces(r))
		if !ok || got.Lo.Int() != int64(n) || got.Hi != 0 || string(r[got.End:]) != "元" {
			t.Fatalf("%s: got %v %v..%v rest %q", string(r), ok, got.Lo, got.Hi, string(r[got.End:]))
		}
	})
}

func TestDec(t *testing.T) {
	for d, want := range map[Dec]string{0: "0", 30: "0.003", 25000: "2.5", 20000: "2", 12000000: "1200", 1050000: "105"} {
		if got := d.String(); got != want {
			t.Errorf("%d: got %s, want %s", d, got, want)
		}
	}
}

func TestView(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"出.智.联.简.历 一.手 2.块", "出智联简历 一手 2块"},
		{"四/十/一/份", "四十一份"},
		{"加 q 4*1*8*9*0*7*3*6*2", "加 q 418907362"},
		{"智联2 前程1.8 猎聘6", "智联2 前程1.8 猎聘6"},
		{"１．８元／份", "1.8元/份"},
		{"头 手 ② . ⑤ ， 好", "头手2.5,好"},
		{"liang kuai yi fen", "两块一份"},
		{"138-0013-8000", "138-0013-8000"},
		{"v1.2.3", "v1.2.3"},
		{"⑳份", "20份"},
		{"？出？前？程？简？历？两？块？Q？100001234？", "出前程简历两块q100001234"},
		{"【】卖【】前【】程【】简【】历【】【】3【】元【】【】加【】薇【】demo_88", "卖前程简历 3元 加薇demo_88"},
		{"北京、上海、广州、深圳、杭州、成都、武汉、西安、苏州", "北京、上海、广州、深圳、杭州、成都、武汉、西安、苏州"},
	} {
		if got := string(NewView(tt.text, nil).R); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestViewHostileSizes(t *testing.T) {
	for _, unit := range []string{"a.", "一 ", "1_", "\u200b", "yi ", "kuai", "\xff", "—"} {
		start := time.Now()
		NewView(strings.Repeat(unit, 300_000/len(unit)), nil)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%q repeated: %v", unit, took)
		}
	}
}

func FuzzView(f *testing.F) {
	for _, s := range []string{"出.智.联.简.历 一.手 2.块", "liang kuai yi fen", "３ ８ ０", "\xff⑳\u200d", "一百五一个", "半", "十十百万亿"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v := NewView(s, nil)
		last := 0
		for i := range v.R {
			a, b := v.Span(Range{i, i + 1})
			if a < 0 || b > len(s) || a > b || a < last {
				t.Fatalf("rune %d of %q: bytes %d to %d after %d", i, s, a, b, last)
			}
			last = a
			if n, ok := Read(v.R, i, func(int) bool { return false }); ok {
				if n.End <= i || n.End > len(v.R) || n.Lo < 0 || n.Hi < 0 {
					t.Fatalf("number %+v at %d of %q", n, i, string(v.R))
				}
			}
		}
	})
}
