// Package quote finds the parts of a post in which its author repeats somebody
// else: lines that a forum engine or a mail program marked with ">", the quotes
// of chat programs and boards, reposts. What is quoted says nothing about what
// its new author offers.
package quote

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Range is a half-open range of bytes.
type Range struct{ Start, End int }

// Find returns the quoted parts of a folded text in order, without overlap. The
// words that only introduce a quote or name whom an answer is for (引用:, 回复
// @某某:, [回复消息]) belong to them. It takes time linear in the text and
// allocates nothing where nobody is quoted.
func Find(s string) []Range {
	if !Any(s) {
		return nil
	}
	var out []Range
	own := ownLines(s)
	for at := 0; at < len(s); {
		end := at + len(line(s[at:]))
		if q, ok := block(s, at, end, own); ok {
			out = append(out, q)
			at = q.End
			if at < len(s) && s[at] == '\n' {
				at++
			}
			continue
		}
		out = told(s, at, end, out)
		// 别买//@小灰:出简历…: what stands behind is repeated
		if i := strings.Index(s[at:end], "//@"); i >= 0 && (len(out) == 0 || out[len(out)-1].End <= at+i) && strings.IndexByte(s[at+i:min(end, at+i+longestName)], ':') > 0 {
			out = append(out, Range{at + i, end})
		}
		at = end + 1
	}
	return out
}

// Any reports whether a text has a sign of a quote at all.
func Any(s string) bool {
	if strings.IndexByte(s, '>') >= 0 || strings.Contains(s, "//@") {
		return true
	}
	for _, w := range signs {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

var signs = append([]string{"“", "「", "『"}, introducing...)

var introducing = []string{"引用", "回复", "发表于", "原帖"}

// Introducing are the words of which one stands in every quote that no sign marks.
func Introducing() []string { return slices.Clone(introducing) }

// longestName is how many bytes a name before the colon of a quote may have.
const longestName = 60

// longestQuote is how far the closing mark of a quote is looked for.
const longestQuote = 8 << 10

// Blank is s with the ranges made blank, every byte standing where it stood.
func Blank(s string, quoted []Range) string {
	b := []byte(s)
	for _, q := range quoted {
		for i := q.Start; i < q.End; i++ {
			if b[i] != '\n' {
				b[i] = ' '
			}
		}
		if q.Start < q.End {
			b[q.End-1] = '\n' // no word or clause goes on from before a quote to behind it
		}
	}
	return string(b)
}

// longSaying is how many bytes within quotation marks are what somebody said
// rather than a word in disguise (“菜单”).
const longSaying = 30

// told adds the sayings within “ ” of the line [at, end), where the line says more.
func told(s string, at, end int, out []Range) []Range {
	for i := at; i < end; {
		open := strings.Index(s[i:end], "“")
		if open < 0 {
			break
		}
		open += i
		n := strings.Index(s[open:end], "”")
		if n < 0 {
			break
		}
		i = open + n + len("”")
		if n >= longSaying && len(s)-(i-open) > longSaying/3 && strings.ContainsAny(s[open:i], ",，。;:0123456789") {
			out = append(out, Range{open, i})
		}
	}
	return out
}

func line(s string) string {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return s[:i]
	}
	return s
}

// ownLines reports whether a line that says something has no ">" before it.
func ownLines(s string) bool {
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" && l[0] != '>' {
			return true
		}
	}
	return false
}

// block reads the quote that begins with the line [at, end).
func block(s string, at, end int, own bool) (Range, bool) {
	head := at
	for head < end && (s[head] == ' ' || s[head] == '\t' || s[head] == '\r') {
		head++
	}
	l := s[head:end]
	switch {
	case l == "":
		return Range{}, false
	case l[0] == '>':
		return Range{at, end}, marked(l, own)
	case at == 0 || strings.TrimSpace(s[:at]) == "":
		if n := named(s[head:]); n > 0 {
			return Range{at, divider(s, head+n)}, true
		}
	}
	if n := address(l); n > 0 {
		return Range{at, head + n}, true
	}
	if n := introduced(s[head:], len(l)); n > 0 {
		return Range{at, divider(s, head+n)}, true
	}
	return Range{}, false
}

// marked reports whether a line that begins with ">" is a quote: the mark has a
// blank or another mark behind it, or lines without one stand beside it; >>>出<<< is
// an ornament.
func marked(l string, own bool) bool {
	rest := strings.TrimLeft(l, ">")
	if strings.HasSuffix(strings.TrimRight(l, " \r"), "<") {
		return false
	}
	return own || rest == "" || rest[0] == ' ' || rest[0] == '\t'
}

// closing marks of the quotes that chat programs write.
var brackets = []struct{ open, close string }{{"「", "」"}, {"『", "』"}, {"[引用", "]"}, {"【引用", "】"}, {"[回复", "]"}, {"【回复", "】"}}

// named reads 「小灰:出简历…」 and [引用 小灰:出简历…] at the head of a message; n is
// its length, 0 for none. Without a rule below it, what stands before the colon
// must not be a word that heads a line of an advert.
func named(s string) (n int) {
	for _, b := range brackets {
		if !strings.HasPrefix(s, b.open) {
			continue
		}
		i := strings.Index(s[:min(len(s), longestQuote)], b.close)
		if i < 0 {
			return 0
		}
		n = i + len(b.close)
		inside := s[len(b.open):i]
		name, _, ok := strings.Cut(inside[:whole(inside, longestName)], ":")
		rest := strings.TrimSpace(s[n:])
		switch {
		case divider(s, n) > n:
			return n
		case strings.HasPrefix(b.open, "[") || strings.HasPrefix(b.open, "【"):
			return n
		case ok && rest != "" && !heads(name):
			return n
		}
		return 0
	}
	return 0
}

// heads reports whether a word before a colon heads a line of an advert.
func heads(name string) bool {
	for _, w := range []string{"价", "样", "联系", "qq", "微信", "电话", "平台", "数量", "库存", "说明", "注意", "要求", "备注", "内容", "货", "简历", "招聘", "号", "出", "收", "售"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// address is the length of words that name whom an answer is for, at the head
// of a line: what follows is the author's own. 0 for none.
func address(l string) int {
	if strings.HasPrefix(l, "[回复消息]") {
		return len("[回复消息]")
	}
	rest, ok := strings.CutPrefix(l, "回复")
	if !ok {
		return 0
	}
	rest = strings.TrimLeft(rest, " ")
	// 回复 @某某:… and 回复12楼:…, 回复 3# 某某
	if rest == "" || rest[0] != '@' && (rest[0] < '0' || rest[0] > '9') {
		return 0
	}
	within := rest[:whole(rest, longestName)]
	if i := strings.IndexByte(within, ':'); i >= 0 {
		return len(l) - len(rest) + i + 1
	}
	if i := strings.IndexByte(within, ' '); i > 0 && rest[0] == '@' {
		return len(l) - len(rest) + i
	}
	return 0
}

// introduced reads 引用:…, 引用 3楼 小灰 的话:… and the head that boards put over a
// quote (小灰 发表于 2026-3-1 10:00, 原帖由 小灰 发表). n counts the quoted bytes, the
// first line being first bytes long; 0 for none.
func introduced(s string, first int) (n int) {
	l := s[:first]
	var at int
	switch {
	case strings.HasPrefix(l, "引用"):
		i := strings.IndexByte(l[:whole(l, longestName)], ':')
		if i < 0 {
			// 引用 alone: the next line is what is quoted
			if strings.TrimSpace(l) != "引用" && !strings.Contains(l, "发表") && !strings.Contains(l, "的话") && !strings.Contains(l, "的发言") {
				return 0
			}
			i = first - 1
		}
		at = i + 1
	case strings.Contains(l, "发表于 ") && first < 2*longestName && strings.ContainsAny(l, "0123456789"), strings.HasPrefix(l, "原帖由"):
		at = first
	default:
		return 0
	}
	if strings.TrimSpace(s[at:first]) == "" { // the quote stands below
		if first == len(s) {
			return first
		}
		return first + 1 + len(line(s[first+1:]))
	}
	quoted := strings.TrimLeft(s[at:first], " ")
	for _, b := range [][2]string{{"“", "”"}, {"\"", "\""}, {"「", "」"}, {"[", "]"}, {"(", ")"}} {
		if rest, ok := strings.CutPrefix(quoted, b[0]); ok {
			if i := strings.Index(rest, b[1]); i >= 0 {
				return first - len(rest) + i + len(b[1])
			}
		}
	}
	for _, rule := range []string{"——", "---", " // ", "=>"} {
		if i := strings.Index(s[at:first], rule); i >= 0 {
			return at + i + len(rule)
		}
	}
	return first
}

// divider is the end of the rule (- - - -, ————) that stands at or below the byte
// at; at itself when there is none.
func divider(s string, at int) int {
	i := at
	for i < len(s) && (s[i] == ' ' || s[i] == '\r' || s[i] == '\n' || s[i] == '\t') {
		i++
	}
	l := line(s[i:])
	marks := 0
	for _, r := range l {
		switch r {
		case '-', '—', '–', '─', '_', '=', '一':
			marks++
		case ' ', '\r':
		default:
			return at
		}
	}
	if marks < 3 {
		return at
	}
	return i + len(l)
}

// whole is the longest length up to n that cuts no rune of s.
func whole(s string, n int) int {
	if n >= len(s) {
		return len(s)
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}
