package main

import (
	"math/rand/v2"
	"strings"
)

// disguise is a way of writing a value so that filters miss it.
type disguise struct {
	name  string
	write func(s string) string
}

// digits replaces each digit.
func digits(table string) func(string) string {
	to := []rune(table)
	return func(s string) string {
		return strings.Map(func(c rune) rune {
			if '0' <= c && c <= '9' {
				return to[c-'0']
			}
			return c
		}, s)
	}
}

// groups puts sep behind each group of digits.
func groups(sep string, sizes ...int) func(string) string {
	return func(s string) string {
		var out []string
		for i := 0; len(s) > 0; i++ {
			n := min(sizes[min(i, len(sizes)-1)], len(s))
			out, s = append(out, s[:n]), s[n:]
		}
		return strings.Join(out, sep)
	}
}

func plainly(s string) string { return s }

var numbers = []disguise{
	{"plain", plainly},
	{"full width", digits("０１２３４５６７８９")},
	{"circled", digits("⓪①②③④⑤⑥⑦⑧⑨")},
	{"bold", digits("𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")},
	{"superscript", digits("⁰¹²³⁴⁵⁶⁷⁸⁹")},
	{"Chinese", digits("零一二三四五六七八九")},
	{"Chinese zero", digits("〇一二三四五六七八九")},
	{"Chinese formal", digits("零壹贰叁肆伍陆柒捌玖")},
	{"zero width", groups("\u200b", 1)},
	{"single spaces", groups(" ", 1)},
	{"single dots", groups(".", 1)},
	{"emoji keys", func(s string) string { return strings.Join(strings.Split(s, ""), "\ufe0f\u20e3") + "\ufe0f\u20e3" }},
	{"look-alikes", strings.NewReplacer("0", "O", "1", "l").Replace},
	{"half wide", func(s string) string { return s[:4] + digits("０１２３４５６７８９")(s[4:]) }},
}

var phones = []disguise{
	{"spaces", groups(" ", 3, 4)},
	{"dashes", groups("-", 3, 4)},
	{"wide spaces", groups("\u3000", 3, 4)},
	{"dots", groups(".", 3, 4)},
	{"stars", groups("*", 3, 4)},
	{"underscores", groups("_", 3, 4)},
	{"brackets", func(s string) string { return "(" + s[:3] + ")" + s[3:7] + "-" + s[7:] }},
	{"+86", func(s string) string { return "+86 " + s }},
	{"0086", func(s string) string { return "0086" + s }},
	{"two halves", func(s string) string { return s[:7] + " " + s[7:] }},
	{"two lines", func(s string) string { return s[:7] + "\n" + s[7:] }},
	{"three lines", groups("\n", 3, 4)},
}

var longNumbers = []disguise{
	{"fours", groups(" ", 4)},
	{"fours with dashes", groups("-", 4)},
	{"six and eight", groups(" ", 6, 8, 9)},
	{"two lines", func(s string) string { return s[:6] + "\n" + s[6:] }},
}

var mails = []disguise{
	{"plain", plainly},
	{"upper case", strings.ToUpper},
	{"full width", func(s string) string {
		return strings.Map(func(c rune) rune {
			if c > ' ' && c < 0x7f {
				return c + 0xfee0
			}
			return c
		}, s)
	}},
	{"wide @", strings.NewReplacer("@", "＠").Replace},
	{"(at)", strings.NewReplacer("@", "(at)").Replace},
	{"[at] [dot]", strings.NewReplacer("@", "[at]", ".", "[dot]").Replace},
	{" at ", strings.NewReplacer("@", " at ").Replace},
	{"#", strings.NewReplacer("@", "#").Replace},
	{"艾特 点", strings.NewReplacer("@", "艾特", ".", "点").Replace},
	{"spaces", strings.NewReplacer("@", " @ ").Replace},
	{"spaced dot", strings.NewReplacer(".", " . ").Replace},
	{"Chinese dot", strings.NewReplacer(".", "。").Replace},
	{"zero width", func(s string) string { return strings.Join(strings.Split(s, ""), "\u200b") }},
	{"two lines", strings.NewReplacer("@", "@\n").Replace},
}

// hide writes a value in one of the ways of its kind.
func hide(r *rand.Rand, kind, value string) (text, how string) {
	var ways []disguise
	switch kind {
	case phone:
		ways = append(append(ways, numbers...), phones...)
	case identity, card:
		ways = append(append(ways, numbers...), longNumbers...)
	case mailbox:
		ways = mails
	default:
		return value, "plain"
	}
	// Half of all are as most people write them.
	if r.IntN(2) == 0 {
		return value, "plain"
	}
	d := ways[r.IntN(len(ways))]
	return d.write(value), d.name
}
