package lexicon

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed data/splits.txt
var splitText string

// splits are what characters are taken apart into.
var splits = sync.OnceValue(func() map[rune][]string {
	out := map[rune][]string{}
	for line := range strings.Lines(splitText) {
		from, to, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if r, n := utf8.DecodeRuneInString(from); ok && n == len(from) {
			out[r] = strings.Fields(to)
		}
	}
	return out
})

// most variants of one word.
const maxVariants = 64

// spellings are all ways to write a word of which each character may be written as one of
// its forms, the word itself left out.
func spellings(w string, forms func(i int, r rune) []string) []string {
	out := []string{""}
	for i, r := range w {
		more := forms(i, r)
		next := make([]string, 0, len(out)*(1+len(more)))
		for _, s := range out {
			next = append(next, s+string(r))
			for _, f := range more {
				next = append(next, s+f)
			}
		}
		if out = next; len(out) > maxVariants {
			out = out[:maxVariants]
		}
	}
	return out[1:]
}

// split spells a word with some characters taken apart: 竹间历, 竹间厂力.
func split(w string) []string {
	return spellings(w, func(_ int, r rune) []string { return splits()[r] })
}

// figures are the characters that stand for a digit in a name, spoken or drawn.
func figures(r rune) []string {
	switch r {
	case '1', '一':
		return []string{"1", "一", "壹", "幺", "弌"}
	case '2', '二':
		return []string{"2", "二", "贰", "弍"}
	case '3', '三':
		return []string{"3", "三", "叁", "弎"}
	case '5', '五':
		return []string{"5", "五", "伍"}
	case '8', '八':
		return []string{"8", "八", "捌"}
	}
	return nil
}

// counted spells a word that holds numbers with their other figures: 伍捌同城, 壹手.
func counted(w string) []string {
	if !strings.ContainsAny(w, "1258一二三五八") || utf8.RuneCountInString(w) > 6 {
		return nil
	}
	var out []string
	seen := map[string]bool{w: true}
	for _, s := range spellings(w, func(_ int, r rune) []string { return figures(r) }) {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// nicknames are what the trade makes of the one character that a platform is known by.
func nicknames(head string) []string {
	var out []string
	for _, before := range []string{"老", "姓", "某", "小"} {
		out = append(out, before+head)
	}
	for _, after := range []string{"家", "字头", "字辈", "字号", "字牌", "字", "某", "系", "记", "站", "府", "山", "湖", "塘", "池", "庄", "村", "氏", "老板", "老大", "大哥", "姓", "门", "那边"} {
		out = append(out, head+after)
	}
	return out
}

// backward is a word from its end: 历简.
func backward(w string) string {
	r := []rune(w)
	for i, k := 0, len(r)-1; i < k; i, k = i+1, k-1 {
		r[i], r[k] = r[k], r[i]
	}
	return string(r)
}

// hides reports characters that are put where another is left out: 猎*, 某联.
func hides(r rune) bool {
	switch r {
	case '*', '×', '○', '●', '□', '■', '◯', '⭕', '某', '✖', '✕', '❌', '█':
		return true
	}
	return false
}

// masked finds core words of two characters of which one is hidden.
func (f *finder) masked() {
	before, beforeAt := rune(0), 0
	for i := 0; i < len(f.s); {
		r, n := utf8.DecodeRuneInString(f.s[i:])
		end := i + n
		if hides(r) {
			next, k := utf8.DecodeRuneInString(f.s[end:])
			if e, ok := f.l.first[before]; ok && before != 0 && !(r == '*' && next == '*') && f.l.whole[string(before)+string(next)] == nil {
				f.hide(e, beforeAt, end)
			} else if e, ok := f.l.last[next]; ok && f.l.whole[string(before)+string(next)] == nil {
				f.hide(e, i, end+k)
			}
		}
		before, beforeAt = r, i
		i = end
	}
}

func (f *finder) hide(e *Entry, from, to int) {
	f.hits = append(f.hits, Hit{Entry: e, Start: from, End: to, Channel: Masked, Weak: e.Kind() == "platform", Cost: costs[Masked]})
}
