package sample

import (
	"strings"
	"unicode"

	"resumewatch/extractors/numeral"
)

// graded reports whether a value is a degree with what was studied: 大专护理.
func graded(r []rune) bool {
	if len(r) < 3 || len(r) > 10 {
		return false
	}
	for _, c := range r {
		if !numeral.Han(c) {
			return false
		}
	}
	s := string(r)
	for _, d := range [...]string{"本科", "大专", "中专", "硕士", "博士", "高中", "专科", "研究生", "初中"} {
		if strings.HasPrefix(s, d) {
			return true
		}
	}
	return false
}

// grownLabels are labels that may have grown together with a value of theirs: 年龄31, 现居杭州.
var grownLabels = []struct{ word, field string }{
	{"现居住地", "region"}, {"现居", "region"}, {"所在地", "region"}, {"户籍", "region"}, {"籍贯", "region"}, {"现住", "region"}, {"坐标", "region"}, {"人在", "region"},
	{"年龄", "age"}, {"学历", "education"}, {"性别", "gender"}, {"身份证号", "id_number"}, {"身份证", "id_number"}, {"出生", "birth_date"}, {"生于", "birth_date"}, {"邮箱", "email"},
	{"求职意向", "position"}, {"应聘", "position"}, {"想做", "position"}, {"想找", "position"}, {"求职", "position"}, {"现任职", "employer"}, {"现任", "employer"}, {"曾任", "employer"}, {"就职于", "employer"}, {"任职于", "employer"}, {"供职于", "employer"}, {"毕业于", "school"},
}

// told are the fields of a value that names its own, and the length of the name.
func told(r []rune) (field, also string, n int) {
	if len(r) < 3 || marked.of(r[0])&headsGrown == 0 {
		return "", "", 0
	}
	s := string(r)
	for _, l := range grownLabels {
		rest, ok := strings.CutPrefix(s, l.word)
		if !ok || rest == "" || len(rest) > 60 {
			continue
		}
		v := []rune(rest)
		switch l.field {
		case "region":
			ok = regional(rest) || len(v) <= 6 && allHan(v)
		case "position", "school":
			ok = len(v) >= 2 && len(v) <= 10 && !offers(rest)
		case "employer":
			if e := employer(rest); e > 0 && e < len(rest) || len(v) >= 6 {
				return "employer", "position", len([]rune(l.word))
			}
			ok = len(v) >= 2
		case "id_number":
			ok = identity(v)
		default:
			c := classify(v)
			ok = c.field == l.field
		}
		if ok {
			return l.field, "", len([]rune(l.word))
		}
		return "", "", 0
	}
	return "", "", 0
}

func allHan(r []rune) bool {
	for _, c := range r {
		if !numeral.Han(c) {
			return false
		}
	}
	return true
}

// titledName reports whether a value is a surname with a title: 耿师傅, 区生, 老周.
func titledName(r []rune) bool {
	if len(r) == 2 && (r[0] == '老' || r[0] == '小') && family(r[1]) && !strings.ContainsRune("板师生时家白马云方麻关路", r[1]) {
		return true
	}
	if len(r) < 2 || len(r) > 4 || !family(r[0]) {
		return false
	}
	return called[string(r[1:])] || len(r) == 2 && r[1] == '生'
}

// hiddenNumber reports whether a long number, masked or not, begins at i.
func hiddenNumber(r []rune, i, e int) bool {
	n := 0
	for i+n < e && (ascii(r[i+n]) || r[i+n] == '*' || r[i+n] == 'x') {
		n++
	}
	return n >= 9 && ascii(r[i])
}

// latinName reports whether a value is two Latin words, as a name is: mei tan.
func latinName(r []rune) bool {
	words, n := 1, 0
	for _, c := range r {
		switch {
		case latin(c):
			n++
		case c == '.' && n == 1 && words == 1: // z. ming
		case c == ' ' && n >= 1:
			words, n = words+1, 0
		default:
			return false
		}
	}
	return words == 2 && n >= 2 && len(r) <= 24
}

// spokenAge reports whether a value is an age in characters: 四十二, 三十有二.
func spokenAge(r []rune) bool {
	if len(r) > 1 && r[len(r)-1] == '岁' {
		r = r[:len(r)-1]
	}
	if len(r) < 2 || len(r) > 4 {
		return false
	}
	tens, ones, ten := 1, 0, false
	for i, c := range r {
		switch d := numeral.Digit(c); {
		case c == '十' || c == '拾':
			ten = true
		case c == '有' && ten && i+1 < len(r):
		case d > 0 && c > 0x80 && !ten && i == 0:
			tens = d
		case d > 0 && c > 0x80 && ten:
			ones = d
		default:
			return false
		}
	}
	age := tens*10 + ones
	return ten && age >= 16 && age <= 66
}

// certain is the field of a value that 某 makes anonymous, or of an address in a
// region: 某芯片厂, 某交大, 河南周口某村.
func certain(r []rune) string {
	s := string(r)
	i := strings.Index(s, "某")
	if i < 0 || len(r) < 3 || len(r) > 14 {
		return ""
	}
	switch r[len(r)-1] {
	case '村', '镇', '乡', '街', '路', '号', '室', '弄', '屯', '庄':
		return "address"
	case '市', '省', '县', '区':
		return "region"
	}
	if has(s, "大学", "学院", "学校", "交大", "师范", "邮电", "财经", "理工", "中专", "技校", "职院", "师大", "科大", "工大", "院校", "一中", "职高", "农大") {
		return "school"
	}
	if i == 0 || strings.HasPrefix(s[i:], "某某") || regions[s[:i]] {
		return "employer"
	}
	return ""
}

// schooled reports whether the value of an education names the school as well.
func schooled(r []rune) bool {
	return has(string(r), "大学", "学院", "学校", "技校")
}

// barred reports whether the values of a line stand between bars or tabs, so that a
// blank may belong to one.
func barred(line []rune) bool {
	n := 0
	for _, c := range line {
		if c == '|' || c == '\t' {
			n++
		}
	}
	return n >= 2
}

// phrase is the end of the Latin words that begin at i: Supply Chain Lead.
func phrase(r []rune, i, j, e int) int {
	for j < e && r[j] == ' ' && j+1 < e && latin(r[j+1]) && latin(r[i]) && (latin(r[j-1]) || r[j-1] == '.') {
		j++
		for j < e && (latin(r[j]) || r[j] == '.' || r[j] == '-' || r[j] == '@' || ascii(r[j])) {
			j++
		}
	}
	return j
}

// hidden is the end of a name whose hidden part was taken for a divider: 倪★, 石(某).
func hidden(r []rune, i, j, e int) int {
	if j != i+1 || !numeral.Han(r[i]) || !family(r[i]) || j >= e {
		return j
	}
	if r[j] == '(' && j+2 < e && r[j+1] == '某' && r[j+2] == ')' {
		return j + 3
	}
	if r[j] > 0x2000 && !numeral.Word(r[j]) && r[j] != '|' && j+1 < e && numeral.Han(r[j+1]) && j+2 < e && r[j+2] == '|' {
		return j + 2 // 孙※梅|
	}
	for k := j; k < e && k < j+2; k++ {
		if r[k] <= 0x2000 || numeral.Word(r[k]) || r[k] == '|' {
			return j
		}
		if k+1 == e || r[k+1] == ' ' || r[k+1] == '|' || r[k+1] == ',' || r[k+1] == '/' {
			return k + 1
		}
	}
	return j
}

// card reads a record of short lines that begins with a line that is a name: one value
// or two a line, as on a visiting card.
func card(r []rune, s, e int) (record, int, bool) {
	name := trim(r[s:e])
	if len(name) > 5 || !anchorName(name) && !titledName(name) && !person(name) {
		return record{}, e, false
	}
	var cs []cell
	var buf [scratch]cell
	end, lines, strong := e, 0, false
	for a := s; a < len(r) && lines < 12; lines++ {
		b := a
		for b < len(r) && r[b] != '\n' && r[b] != '\r' {
			b++
		}
		if b-a > 30 || b-a < 2 {
			break
		}
		found := cells(buf[:0], r, a, b)
		if len(found) == 0 || len(found) > 4 || lines > 0 && (offers(string(r[a:b])) && !bounded(found)) || lines > 0 && len(found) == 1 && found[0].anchor {
			break
		}
		for _, c := range found {
			strong = strong || c.strong
		}
		cs = append(cs, found...)
		end = b
		a = b + 1
	}
	if lines < 3 || !strong || len(cs) > 40 {
		return record{}, e, false
	}
	if cs[0].field == "" {
		cs[0].field, cs[0].anchor = "name", true
	}
	rec, ok := row(cs, true)
	return rec, end, ok
}

// bounded reports whether all cells are values that are known.
func bounded(cs []cell) bool {
	for _, c := range cs {
		if c.field == "" {
			return false
		}
	}
	return true
}

// callable reports whether a line has as many digits, hidden ones too, as a telephone number.
func callable(line []rune) bool {
	n := 0
	for _, c := range line {
		if digitOf(c) >= 0 || mask(c) {
			n++
		}
	}
	return n >= 9
}

// book reads lines that are a whole name and a number each, two or more of them.
func book(r []rune) []record {
	var found [16][2]int
	lines := found[:0]
	for s := 0; s < len(r); {
		e := s
		for e < len(r) && r[e] != '\n' && r[e] != '\r' {
			e++
		}
		if e-s >= 10 && e-s <= 40 && callable(r[s:e]) {
			lines = append(lines, [2]int{s, e})
		}
		s = e + 1
	}
	if len(lines) < 2 {
		return nil
	}
	var out []record
	var buf [scratch]cell
	for _, l := range lines {
		if cs := cells(buf[:0], r, l[0], l[1]); len(cs) == 2 && cs[1].field == "phone" && (person(cs[0].text) || cs[0].anchor) {
			rec := record{start: cs[0].start, end: cs[1].end, fields: map[string]bool{"name": true, "phone": true}}
			rec.tell("name", cs[0].start, cs[0].end, cs[0].text)
			out = append(out, rec)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// trim is r without blanks around it.
func trim(r []rune) []rune {
	for len(r) > 0 && unicode.IsSpace(r[0]) {
		r = r[1:]
	}
	for len(r) > 0 && unicode.IsSpace(r[len(r)-1]) {
		r = r[:len(r)-1]
	}
	return r
}
