package sample

import (
	"slices"

	"resumewatch/extractors/numeral"
)

// labelled collects records that are written as label and value, over one line or several.
type labelled struct {
	rec  record
	open bool
}

// pair is a label with its value.
type pair struct {
	field      string
	start, end int // with the label
	value      int // where the value begins
}

// pairs reads the labelled values of a line. other counts the characters that
// belong to none.
func pairs(r []rune, s, e int) (out []pair, other int) {
	for i := s; i < e; {
		f, n, ok := labelAt(r, i, e)
		if !ok {
			if numeral.Word(r[i]) {
				other++
			}
			i++
			continue
		}
		j := i + n
		for j < e && (r[j] == ' ' || r[j] == '"') {
			j++
		}
		tagged := i > s && r[i-1] == '<' && j < e && r[j] == '>' // <name>张三</name>
		spaced := !tagged && i+n < e && j > i+n && other == 0 && (i == s || len(out) > 0) && named(r, i, n) && !another(r, j, e)
		if !tagged && !spaced && (j >= e || r[j] != ':' && r[j] != '=') {
			other += n
			i += n
			continue
		}
		if !spaced {
			j++
		}
		for j < e && (r[j] == ' ' || r[j] == '"' || r[j] == '“') {
			j++
		}
		k := j
		for k < e && !(tagged && r[k] == '<') && r[k] != ',' && r[k] != ';' && r[k] != '|' && r[k] != '\t' && r[k] != '"' && r[k] != '}' && r[k] != '/' && (r[k] != '。' || dotted(r, k, e)) && k-j < 200 {
			if k > j && marked.of(r[k])&headsLabel != 0 { // 魏*性:男岁:36
				if _, m, ok := labelAt(r, k, e); ok && k+m < e && (r[k+m] == ':' || r[k+m] == '=') {
					break
				}
			}
			if r[k] == ' ' {
				if _, m, ok := labelAt(r, k+1, e); ok && k+1+m < e && (r[k+1+m] == ':' || r[k+1+m] == '=' || r[k+1+m] == ' ') || spaced && k+1 < e && r[k+1] == ' ' {
					break
				}
			}
			k++
		}
		if k > j {
			out = append(out, pair{f, i, k, j})
		}
		i = max(k, i+n)
	}
	return out, other
}

// named reports whether the label of n runes at i is plain enough to be one before a mere
// blank: two characters or more, no Latin word.
func named(r []rune, i, n int) bool {
	return n >= 2 && numeral.Han(r[i]) && numeral.Han(r[i+1])
}

// another reports whether another label stands at i: a list of names without values.
func another(r []rune, i, e int) bool {
	_, _, ok := labelAt(r, i, e)
	return ok
}

// labelAt finds the longest label that starts at i, its characters perhaps apart by a space (姓 名).
func labelAt(r []rune, i, e int) (field string, n int, ok bool) {
	if i >= e || i > 0 && latin(r[i]) && latin(r[i-1]) {
		return "", 0, false
	}
	if marked.of(r[i])&headsLabel == 0 {
		return "", 0, false
	}
	var buf [maxLabel + 1]rune
	w := buf[:0]
	for k := i; k < e && len(w) < maxLabel; k++ {
		if r[k] == ' ' && k > i && k+1 < e && r[k+1] != ' ' {
			if latin(r[k-1]) {
				w = append(w, ' ')
			}
			continue
		}
		if !numeral.Word(r[k]) && r[k] != '_' && r[k] != '-' {
			break
		}
		if marked.of(r[k])&inLabel == 0 {
			break // no label goes on with it
		}
		w = append(w, r[k])
		if f, found := labelOf(w); found && !(latin(r[k]) && k+1 < e && latin(r[k+1])) {
			field, n, ok = f, k+1-i, true
		}
	}
	return field, n, ok
}

// paired reports whether a line may have labelled values: a sign behind a label, or at its
// head a label before a blank.
func paired(r []rune, s, e int) bool {
	for _, c := range r[s:e] {
		if c == ':' || c == '=' || c == '>' {
			return true
		}
	}
	_, n, ok := labelAt(r, s, e)
	return ok && s+n < e && (r[s+n] == ' ' || r[s+n] == '"')
}

// line reads one line into the open record; false when it is no part of a
// labelled record.
func (l *labelled) line(r []rune, s, e int, out *[]record) bool {
	if !paired(r, s, e) {
		return false
	}
	ps, other := pairs(r, s, e)
	if len(ps) == 0 {
		return false
	}
	personal := 0
	for _, p := range ps {
		if p.field != "" {
			personal++
		}
	}
	if personal == 0 || personal < 3 && (other > 6 && !(l.open && other <= 16) || !l.open && !opens(ps)) {
		return false
	}
	for _, p := range ps {
		if p.field == "" {
			continue
		}
		if l.open && l.rec.fields[p.field] && (p.field == "name" || l.first() == p.field) {
			*out = l.flush(*out)
		}
		if !l.open {
			l.rec = record{start: p.start, fields: map[string]bool{}}
			l.open = true
		}
		l.rec.fields[p.field] = true
		if p.field == "education" && schooled(r[p.value:p.end]) {
			l.rec.fields["school"] = true // 学历:本科(某大学)
		}
		if p.field == "employer" && slices.Contains(r[p.value:p.end], ' ') && p.end-p.value <= 16 {
			l.rec.fields["position"] = true // 曾任 某某半导体 运营副总
		}
		l.rec.tell(p.field, p.value, p.end, r[p.value:p.end])
		l.rec.end = p.end
		// 姓名: 陈某 / 28 / 1500000 4402 / …: the rest of the row has no labels
	}
	if l.open {
		l.loose(r, s, e, ps)
	}
	if tail := ps[len(ps)-1].end; e-tail > 8 && len(ps) == 1 {
		var buf [scratch]cell
		cs := cells(buf[:0], r, tail, e)
		known := 0
		for _, c := range cs {
			if c.field != "" {
				known++
			}
		}
		if known >= 2 {
			for _, c := range cs {
				if c.field == "" {
					if number(c.text) >= 0 {
						continue
					}
					c.field = "position"
				}
				l.rec.fields[c.field] = true
				if c.also != "" {
					l.rec.fields[c.also] = true
				}
				l.rec.end = c.end
			}
			*out = l.flush(*out)
		}
	}
	return true
}

// loose adds the values of a line that stand between its labelled ones: 本科/市场营销
// 临江大学 现公司：….
func (l *labelled) loose(r []rune, s, e int, ps []pair) {
	from := s
	var buf [scratch]cell
	for n := 0; n <= len(ps); n++ {
		to := e
		if n < len(ps) {
			to = ps[n].start
		}
		if to-from >= 2 && to-from <= 40 {
			for _, c := range cells(buf[:0], r, from, to) {
				if c.field == "" {
					continue
				}
				switch c.field {
				case "education", "school", "gender", "age", "birth_date", "marital_status":
					l.rec.fields[c.field] = true
				}
			}
		}
		if n < len(ps) {
			from = ps[n].end
		}
	}
}

// goesOn takes a line of digits alone into the open record: a number that was broken
// in two so that nobody finds it.
func (l *labelled) goesOn(r []rune, s, e int) bool {
	if !l.open || e-s > 20 {
		return false
	}
	digits := 0
	for _, c := range r[s:e] {
		switch {
		case digitOf(c) >= 0:
			digits++
		case c != ' ' && c != '-' && c != 'x':
			return false
		}
	}
	if digits >= 3 {
		l.rec.end = e
	}
	return digits >= 3
}

// first is the field whose return starts the next record.
func (l *labelled) first() string {
	if l.rec.fields["name"] {
		return "name"
	}
	if l.rec.fields["resume_id"] {
		return "resume_id"
	}
	return "phone"
}

// opens reports whether a line may start a record: a name, a sex, an age, an id.
func opens(ps []pair) bool {
	switch ps[0].field {
	case "name", "gender", "age", "resume_id", "id_number", "birth_date":
		return true
	}
	return false
}

// flush ends the open record and keeps it if it shows a person.
func (l *labelled) flush(out []record) []record {
	if !l.open {
		return out
	}
	l.open = false
	delete(l.rec.fields, "")
	f := l.rec.fields
	if len(f) >= 3 && (f["name"] || f["gender"] || f["age"]) || len(f) >= 2 && f["name"] && (f["phone"] || f["email"] || f["id_number"]) {
		out = append(out, l.rec)
	}
	return out
}

// header reads a line of column names; nil when it is none.
func header(line []rune) []string {
	if len(line) > 300 {
		return nil
	}
	for i := len(line) - 1; i > 0; i-- {
		if line[i] == ':' { // 字段顺序：姓名,性别,…
			line = line[i+1:]
			break
		}
	}
	var out []string
	known := 0
	for i := 0; i < len(line); {
		if divider(line[i]) {
			i++
			continue
		}
		j := i
		for j < len(line) && !divider(line[j]) {
			j++
		}
		f, ok := labelOf(line[i:j])
		if !ok {
			return nil
		}
		if f != "" {
			known++
		}
		out = append(out, f)
		i = j
	}
	if known < 2 || len(out) < 3 {
		return nil
	}
	return out
}

// below reads a row under a head line.
func below(head []string, line []rune, at int) (record, bool) {
	if head == nil || len(line) > 2000 {
		return record{}, false
	}
	var vals [][2]int
	for i := 0; i < len(line); {
		if divider(line[i]) {
			i++
			continue
		}
		j := i
		for j < len(line) && !divider(line[j]) {
			j++
		}
		if n := len(vals); n > 0 && (j == i+1 && (line[i] == '.' || line[i] == '@') || line[vals[n-1][1]-1] == '@' || vals[n-1][1]-vals[n-1][0] > 2 && line[vals[n-1][1]-1] == '.') {
			vals[n-1][1] = j // a @ b . com, apart so that nobody finds it
		} else {
			vals = append(vals, [2]int{i, j})
		}
		i = j
	}
	if len(vals) < 2 || len(vals) < len(head)-2 || len(vals) > len(head)+1 {
		return record{}, false
	}
	rec := record{fields: map[string]bool{}, start: at + vals[0][0], end: at + vals[len(vals)-1][1]}
	typed := 0
	for i, v := range vals {
		if classify(line[v[0]:v[1]]).field != "" {
			typed++
		}
		if i < len(head) && head[i] != "" {
			rec.fields[head[i]] = true
			rec.tell(head[i], at+v[0], at+v[1], line[v[0]:v[1]])
		}
	}
	return rec, typed >= 1 && len(rec.fields) >= 2
}
