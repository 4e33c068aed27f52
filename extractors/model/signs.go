package model

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"resumewatch/extractors/fold"
)

// Sign is one sign of a text, by a name for people, with what it adds to the log-odds that
// the text is a listing.
type Sign struct {
	Name   string
	Weight float64
}

// Signs are the signs that weigh most, at most n, the weightiest first.
func (q *Question) Signs(n int) []Sign {
	h := &q.m.heads[HeadListing]
	sums := map[string]float64{}
	names := names(q.in)
	for i, f := range Features(q.in) {
		if i < len(names) {
			sums[names[i]] += float64(float32(q.m.listing[f.Slot])*f.Value*h.reach[f.Kind]) * float64(h.scale)
		}
	}
	out := make([]Sign, 0, len(sums))
	for name, w := range sums {
		if w != 0 {
			out = append(out, Sign{name, w})
		}
	}
	slices.SortFunc(out, func(a, b Sign) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)), cmp.Compare(a.Name, b.Name))
	})
	return out[:min(n, len(out))]
}

// names are the names of Features, one each, in the same order.
func names(in Input) []string {
	plain := trim(squeeze(nil, in.Text))
	var classed []rune
	at := 0
	for _, m := range in.Marks {
		if m.Start < at {
			continue
		}
		classed = append(squeeze(classed, in.Text[at:m.Start]), rune(m.Class))
		at = m.End
	}
	classed = trim(squeeze(classed, in.Text[at:]))
	var out []string
	out = gramNames(out, plain, 3, "文字", func(r rune) string { return string(r) })
	out = gramNames(out, classed, 4, "词类", className)
	out = gramNames(out, spoken(slices.Clone(plain)), 3, "读音", func(r rune) string {
		if r >= sounds {
			return fold.Sound(r-sounds).Name() + " "
		}
		return string(r)
	})
	for _, f := range in.Flags {
		out = append(out, "迹象 "+f)
	}
	for i, f := range in.Flags {
		for _, g := range in.Flags[i+1:] {
			out = append(out, "迹象 "+f+" 和 "+g)
		}
	}
	return out
}

// gramNames are the names of grams, in their order.
func gramNames(out []string, text []rune, n int, stream string, name func(rune) string) []string {
	for i := -1; i < len(text); i++ {
		var b strings.Builder
		for k := i; k < i+n && k <= len(text); k++ {
			switch {
			case k < 0:
				b.WriteString("⟨开头⟩")
			case k >= len(text):
				b.WriteString("⟨结尾⟩")
			default:
				b.WriteString(name(text[k]))
			}
			if k > i || k >= 0 && k < len(text) {
				out = append(out, stream+" “"+strings.TrimSpace(b.String())+"”")
			}
		}
	}
	return out
}

// classNames are the classes of known words.
var classNames = map[rune]string{
	'P': "平台", 'W': "像平台", 'H': "成色", 'B': "买", 'S': "卖", 'R': "简历", 'N': "像资料", 'D': "代下载", 'L': "像代下载", 'A': "账号", 'E': "像账号",
	'G': "代开通", 'K': "像代开通", 'T': "工具", 'U': "像工具", 'M': "起订", 'C': "联系", 'F': "栏目", 'J': "岗位", 'I': "求", 'X': "新鲜", 'O': "暗语", 'V': "保证", 'Y': "件", 'Z': "钱", '1': "平台暗示", '0': "数", 'Q': "长号码",
}

func className(r rune) string {
	if name := classNames[r]; name != "" {
		return "[" + name + "]"
	}
	return string(r)
}
