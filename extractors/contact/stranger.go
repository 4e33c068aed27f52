package contact

import (
	"slices"
	"strconv"
	"strings"

	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// about are words that tell of somebody's life. Two of them in a line, and its
// numbers are that person's.
var about = []string{"大学毕业", "学院毕业", "学校毕业", "大学,", "大学 ", "大学|", "大学/", "大学\t", "学院 ", "学院|", "学院/", "毕业,", "毕业于", "家住", "现住", "住址", "籍贯", "出生于", "就职", "任职", "有限公司"}

// tells reports whether one of the words in about holds the rune; each holds such a one.
func tells(c rune) bool {
	switch c {
	case '学', '业', '住', '籍', '生', '职', '司':
		return true
	}
	return false
}

// reach is how many lines around a number tell whose it is.
const reach = 3

// stranger reports whether a phone or mailbox is a value of somebody's record that
// nobody recognised as one: its line tells of a life, or it stands alone on its line
// among other such lines.
func stranger(r []rune, items []item, k int) bool {
	it := items[k]
	if accused(r, items, k) {
		return true
	}
	if it.kind != market.ContactEmail && !(it.number && mobile(it.value)) {
		return false
	}
	s, e := line(r, it.start)
	if it.end > e { // it goes over two lines
		_, e = line(r, it.end-1)
	}
	from := s
	for n := 0; n < reach && from > 1 && numeral.Digit(r[from-2]) >= 0 && numeral.Digit(r[from]) >= 0; n++ { // a number broken over lines
		from, _ = line(r, from-2)
	}
	told := 0
	if slices.ContainsFunc(r[from:e], tells) {
		text := string(r[from:e])
		for _, w := range about {
			told += strings.Count(text, w)
		}
	}
	if told >= 2 || celled(r, s, e, it) || introduced(r, s, e, items, k) {
		return true
	}
	if words(r[s:it.start])+words(r[it.end:e]) > 0 {
		return false
	}
	alike := 0
	look := func(s, e int) (sure bool) {
		switch kind := alone(r[s:e]); kind {
		case aPerson:
			return true
		case aReach:
			alike++
		}
		return alike >= 2
	}
	for i, n := s-1, 0; i > 0 && n < reach; n++ {
		from, to := line(r, i-1)
		if look(from, to) {
			return true
		}
		i = from - 1
	}
	for i, n := e, 0; i+1 < len(r) && n < reach; n++ {
		from, to := line(r, i+1)
		if look(from, to) {
			return true
		}
		i = to
	}
	return false
}

// accused reports whether the author warns of who has the number: 骗子QQ1000666555.
func accused(r []rune, items []item, k int) bool {
	from := items[k].start
	for k > 0 && items[k-1].cue && from-items[k-1].end <= 3 {
		k--
		from = items[k].start
	}
	return hasPrefix(r, from-2, "骗子") || hasPrefix(r, from-3, "骗子的") || hasPrefix(r, from-3, "骗子:") || hasPrefix(r, from-2, "冒充")
}

// celled reports whether a value is a cell of a line of pieces in marks:
// 「张三」「138…」“a@b.cn”.
func celled(r []rune, s, e int, it item) bool {
	const opening, closing = "「『《【“[", "」』》】”]" // the view has [ for some of them
	if it.start == s || it.end >= e || !strings.ContainsRune(opening, r[it.start-1]) || !strings.ContainsRune(closing, r[it.end]) {
		return false
	}
	return it.start-2 >= s && strings.ContainsRune(closing, r[it.start-2]) || it.end+1 < e && strings.ContainsRune(opening, r[it.end+1])
}

// introduced reports whether a name alone stands before a value on its line, no word that
// announces it, and more of that person behind it.
func introduced(r []rune, s, e int, items []item, k int) bool {
	if k > 0 && items[k-1].end > s {
		return false // announced, or another value
	}
	han := 0
	for _, c := range r[s:items[k].start] {
		switch {
		case numeral.Han(c):
			han++
		case numeral.Word(c) || c == ':':
			return false
		}
	}
	rest := string(r[items[k].end:e])
	return (han == 2 || han == 3) && (strings.ContainsAny(rest, "@“《「#") || strings.Contains(rest, "艾特") || strings.Contains(rest, "at") || strings.Contains(rest, "大学") || strings.Contains(rest, "有限公司"))
}

// Without is the result without contacts that stand in other people's records.
func (r Result) Without(records []market.Span) Result {
	out := Result{Taken: r.Taken}
	for i, c := range r.Contacts {
		field := "/contacts/" + strconv.Itoa(i)
		var spans []market.Span
		inside := false
		for _, s := range r.Spans {
			if s.Field != field {
				continue
			}
			for _, m := range records {
				inside = inside || s.Start < m.End && m.Start < s.End
			}
			spans = append(spans, market.Span{Field: "/contacts/" + strconv.Itoa(len(out.Contacts)), Start: s.Start, End: s.End})
		}
		if !inside {
			out.Contacts, out.Spans = append(out.Contacts, c), append(out.Spans, spans...)
		}
	}
	return out
}

// line is where the line around rune i begins and ends.
func line(r []rune, i int) (s, e int) {
	s, e = i, i
	for s > 0 && r[s-1] != '\n' {
		s--
	}
	for e < len(r) && r[e] != '\n' {
		e++
	}
	return s, e
}

func words(r []rune) (n int) {
	for _, c := range r {
		if numeral.Word(c) || numeral.Han(c) {
			n++
		}
	}
	return n
}

// What a line holds that holds nothing else.
type lone int

const (
	aText   lone = iota
	aPerson      // a sex, a number longer than a phone's, a firm or school
	aReach       // a phone or mailbox
)

func alone(r []rune) lone {
	s := strings.TrimSpace(string(r))
	if len(s) > 200 {
		return aText
	}
	switch {
	case s == "男" || s == "女":
		return aPerson
	case strings.HasSuffix(s, "有限公司") || strings.HasSuffix(s, "大学") || strings.HasSuffix(s, "学院"):
		return aPerson
	}
	digits, others := 0, 0
	for i, c := range r {
		switch {
		case numeral.Digit(c) >= 0:
			digits++
		case (c == 'x' || c == 'o' || c == 'l') && i > 0: // an identity number may end so; look-alikes
			digits++
		case numeral.Word(c) || numeral.Han(c):
			others++
		}
	}
	switch {
	case others == 0 && (digits == 12 || digits >= 14 && digits <= 20): // also what is left of one broken in two
		return aPerson
	case others == 0 && digits >= 11 && digits <= 13, strings.Contains(s, "@") && !strings.Contains(s, " "):
		return aReach
	}
	return aText
}
