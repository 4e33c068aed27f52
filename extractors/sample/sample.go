// Package sample finds the personal records that a message shows as proof of
// its goods: rows of cells (tab, |, /, comma, spaces), rows below a head line, labelled
// lines (姓名: … 电话: …) and JSON objects, masked or not. A list of field names
// without values is none.
package sample

import (
	"slices"

	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// Result is what was found.
type Result struct {
	Sample *market.Sample       // nil: no records are shown
	Spans  []market.Span        // of the original text; Field is "/sample"
	Masks  []market.Span        // bytes of the original text that hold personal values; Field is "/sample"
	Taken  []numeral.Range      // runes of the view within records: neither contacts nor prices
	People []market.PersonValue // names, resume numbers and accounts in the records; Record counts Masks
}

// record is one person.
type record struct {
	start, end int // runes
	fields     map[string]bool
	values     []value
}

// value is one that has no form of its own.
type value struct {
	field      string
	start, end int // runes
	text       string
}

// tell notes a value if it is one that is asked for.
func (r *record) tell(field string, start, end int, text []rune) {
	switch field {
	case "name", "resume_id", "wechat", "qq":
		r.values = append(r.values, value{field, start, end, string(trim(text))})
	}
}

// maxRecords bounds what is counted; a longer list is counted up to it.
const maxRecords = 100000

// Read looks for records. It takes time linear in the text.
func Read(v *numeral.View) Result {
	var records []record
	r := v.R
	var head []string // field of each column below a head line
	lab := labelled{}
	for s := 0; s <= len(r); {
		e := s
		for e < len(r) && r[e] != '\n' && r[e] != '\r' {
			e++
		}
		line := r[s:e]
		if h := header(line); h != nil {
			records = lab.flush(records)
			head = h
		} else if rec, ok := below(head, line, s); ok {
			records = append(records, rec)
		} else {
			head = nil
			if !lab.goesOn(r, s, e) && !lab.line(r, s, e, &records) {
				records = lab.flush(records)
				if rec, end, ok := card(r, s, e); ok {
					records, e = append(records, rec), end
				} else {
					records = rows(r, s, e, records)
				}
			}
		}
		s = e + 1
	}
	records = lab.flush(records)
	if len(records) == 0 {
		records = book(r)
	}
	if len(records) == 0 {
		return Result{}
	}
	if len(records) > maxRecords {
		records = records[:maxRecords]
	}
	var res Result
	fields := map[string]bool{}
	for _, rec := range records {
		for f := range rec.fields {
			fields[f] = true
		}
		res.Taken = append(res.Taken, numeral.Range{Start: rec.start, End: rec.end})
		a, b := v.Span(numeral.Range{Start: rec.start, End: rec.end})
		if a < b {
			res.Spans = append(res.Spans, market.Span{Field: "/sample", Start: a, End: b})
			for _, x := range rec.values {
				if s, e := v.Span(numeral.Range{Start: x.start, End: x.end}); s < e {
					res.People = append(res.People, market.PersonValue{Record: len(res.Masks), Kind: x.field, Value: x.text, Start: s, End: e})
				}
			}
			res.Masks = append(res.Masks, market.Span{Field: "/sample", Start: a, End: b})
		}
	}
	delete(fields, "")
	list := make([]string, 0, len(fields))
	for f := range fields {
		list = append(list, f)
	}
	slices.Sort(list)
	res.Sample = &market.Sample{Records: len(records), Fields: list}
	return res
}

// divider reports whether c parts the values of a row.
func divider(c rune) bool {
	switch c {
	case '\t', '|', '/', ',', '、', ' ', '"', '“', '”', '「', '」', '『', '』', '《', '》', '[', ']', '{', '}', '\'', '(', ')', '+', ';':
		return true
	}
	return c == '·' || c > 0x2000 && c != '□' && !numeral.Word(c) && !mask(c)
}

// parts reports whether the rune at i of the line s to e parts values: a divider, or a dash
// between a value in characters and another.
func parts(r []rune, i, s, e int) bool {
	c := r[i]
	if c == '-' && i > s && i+1 < e {
		a, b := r[i-1], r[i+1]
		if a == ' ' && b == ' ' {
			return true
		}
		if hiddenNumber(r, i+1, e) && numeral.Word(a) {
			return true
		}
		return (numeral.Han(a) || numeral.Han(b) || a == '*' || a == 'x' && i > s+1 && numeral.Han(r[i-2])) && numeral.Word(b) && (numeral.Word(a) || a == '*') && !(ascii(a) && ascii(b))
	}
	return divider(c)
}

// scratch is how many cells most lines have at most.
const scratch = 12

// cells cuts runes s to e into cells, appended to out.
func cells(out []cell, r []rune, s, e int) []cell {
	var buf [mostGrown]cell
	bars := barred(r[s:e])
	label := "" // said by the cell before: wx: abc, 微信 abc
	for i := s; i < e; {
		if parts(r, i, s, e) {
			i++
			continue
		}
		j := i
		for j++; j < e && !parts(r, j, s, e); {
			j++
		}
		if k := hidden(r, i, j, e); k > j {
			out = append(out, cell{start: i, end: k, text: r[i:k], field: "name", anchor: true})
			i = k
			continue
		}
		if bars {
			j = phrase(r, i, j, e)
		}
		word := r[i:j]
		if r[j-1] == ':' || r[j-1] == '=' {
			word = r[i : j-1]
		}
		if f := labels[string(word)]; f != "" && (f == "wechat" || f == "qq" || f == "id_number" || r[j-1] == ':' || r[j-1] == '=') {
			label = f
			i = j
			continue
		}
		if label != "" {
			if c := classify(r[i:j]); c.field == "" || c.strong {
				out = append(out, cell{start: i, end: j, text: word, field: label, strong: c.strong})
				i, label = j, ""
				continue
			}
			label = ""
		}
		if quoted := i > s && (r[i-1] == '“' || r[i-1] == '"') && j < e && (r[j] == '”' || r[j] == '"'); quoted && len(out) == 0 && j-i <= 6 && classify(r[i:j]).field == "" {
			out = append(out, cell{start: i, end: j, text: word, field: "name"})
			i = j
			continue
		}
		if f, n := grown(r[i:j]); n > 0 && (len(out) > 0 || f == "resume_id") {
			out = append(out, cell{start: i, end: j, text: r[i+n : j], field: f})
			i = j
			continue
		}
		for _, c := range split(buf[:0], r, i, j) {
			// 1500000 4402: a number in two groups
			if n := len(out); n > 0 && number(r[c.start:c.end]) >= 0 && number(r[out[n-1].start:out[n-1].end]) >= 0 && r[c.start-1] == ' ' {
				if n > 1 && number(r[out[n-2].start:out[n-2].end]) >= 0 { // 138 0013 8405
					if ok, _ := phone(r[out[n-2].start:c.end]); ok && c.end-out[n-2].start <= 13 {
						out = out[:n-1]
						out[n-2].end, out[n-2].field, out[n-2].strong = c.end, "phone", true
						continue
					}
				}
				if ok, _ := phone(r[out[n-1].start:c.end]); ok {
					out[n-1].end, out[n-1].field, out[n-1].strong = c.end, "phone", true
					continue
				}
			}
			out = append(out, c)
		}
		i = j
	}
	return out
}

// grown finds the label that has grown together with an id (微信abc_12) and its
// length, 0 for none.
func grown(r []rune) (field string, n int) {
	for n = min(4, len(r)-4); n >= 2; n-- {
		f, ok := labelOf(r[:n])
		if !ok || f != "wechat" && f != "qq" && f != "resume_id" {
			continue
		}
		for _, c := range r[n:] {
			if !latin(c) && !ascii(c) && c != '_' && c != '-' {
				return "", 0
			}
		}
		if latin(r[n-1]) && latin(r[n]) {
			return "", 0
		}
		return f, n
	}
	return "", 0
}

// split takes a cell apart where values have grown together: 样:潘某, 男39岁15000000781,
// wx:abc. They are put into out, which is empty.
func split(out []cell, r []rune, s, e int) []cell {
	for i := s; i < e && i-s <= maxLabel; i++ {
		if r[i] != ':' && r[i] != '=' {
			continue
		}
		f, known := labels[string(r[s:i])]
		if i+1 == e {
			return nil
		}
		rest := split(out, r, i+1, e)
		if known && f != "" && len(rest) > 0 {
			rest[0].field, rest[0].also = f, ""
			rest[0].start = s
		}
		return rest
	}
	one := func(a, b int) cell {
		c := classify(r[a:b])
		c.start, c.end = a, b
		return c
	}
	c := one(s, e)
	if c.field != "" || e-s < 3 {
		return append(out, c)
	}
	// a run of values without anything between
	parts := 0
	for i := s; i < e && parts <= mostGrown; parts++ {
		i += grownPart(r, i, e)
	}
	if parts < 2 || parts > mostGrown {
		return append(out, c)
	}
	found := 0
	for i := s; i < e; {
		k := grownPart(r, i, e)
		c := one(i, i+k)
		if c.field != "" {
			found++
		}
		out = append(out, c)
		i += k
	}
	if found >= 2 {
		return out
	}
	return append(out[:0], c)
}

// mostGrown is how many values may have grown together.
const mostGrown = 8

// grownPart is the length of the value at i of those that have grown together.
func grownPart(r []rune, i, e int) (k int) {
	switch {
	case r[i] == '男' || r[i] == '女':
		return 1
	case ascii(r[i]):
		for i+k < e && (ascii(r[i+k]) || mask(r[i+k]) && !latin(r[i+k])) {
			k++
		}
		if i+k < e && r[i+k] == '岁' {
			k++
		}
	default:
		for i+k < e && !ascii(r[i+k]) && r[i+k] != '男' && r[i+k] != '女' {
			k++
		}
	}
	return k
}

// rows finds the records within one line.
func rows(r []rune, s, e int, out []record) []record {
	semis := 0
	for _, c := range r[s:e] {
		if c == ';' {
			semis++
		}
	}
	column := semis >= 3 && (e-s)/semis < 14 // 徐某;男;26;…: it parts values, not sentences
	for i := s; i < e; {
		i = pastItem(r, i, e)
		j := i
		for j < e && !(r[j] == ' ' && pastItem(r, j+1, e) > j+1) && !(r[j] == '。' && !dotted(r, j, e) || r[j] == ';' && !column || r[j] == '!' || r[j] == '?') {
			j++
		}
		out = chunk(r, i, j, out)
		i = j + 1
	}
	return out
}

// pastItem is where the words of a list's item at i begin: behind 1. of 1.张三 本科; i itself
// where there is none.
func pastItem(r []rune, i, e int) int {
	j := i
	for j < e && j < i+2 && ascii(r[j]) {
		j++
	}
	if j == i || j+1 >= e {
		return i
	}
	if c := r[j]; (c == '.' || c == '、' || c == ')' || c == ']') && numeral.Han(r[j+1]) {
		return j + 1
	}
	return i
}

// dotted reports whether the full stop at i stands for the dot of a domain: a@example。com.
func dotted(r []rune, i, e int) bool {
	if i == 0 || i+1 >= e || !latin(r[i-1]) && !ascii(r[i-1]) || !latin(r[i+1]) {
		return false
	}
	for k := i - 1; k >= 0 && i-k < 64; k-- {
		switch c := r[k]; {
		case c == '@' || c == '#' || c == '特':
			return true
		case !latin(c) && !ascii(c) && c != '-' && c != '_' && c != '.':
			return false
		}
	}
	return false
}

// chunk reads the records of one sentence: one for each name in it.
func chunk(r []rune, s, e int, out []record) []record {
	if e-s < 6 || !chance(r, s, e) {
		return out
	}
	var buf [scratch]cell
	cs := cells(buf[:0], r, s, e)
	if len(cs) < 2 || len(cs) > 4000 {
		return out
	}
	var starts []int
	for i, c := range cs {
		if c.anchor {
			starts = append(starts, i)
		}
	}
	if len(starts) <= 1 {
		if s := people(cs); len(s) >= 2 {
			starts = s
		}
	}
	if len(starts) <= 1 {
		if rec, ok := row(cs, len(starts) == 1); ok {
			out = append(out, rec)
		}
		return out
	}
	for k, a := range starts {
		b := len(cs)
		if k+1 < len(starts) {
			b = starts[k+1]
		}
		if k == 0 {
			a = 0
		}
		if rec, ok := row(cs[a:b], true); ok {
			out = append(out, rec)
		}
	}
	return out
}

// people are the cells that are whole names, where there are as many of them as numbers to
// call: several persons in one line, nothing of their names left out.
func people(cs []cell) (starts []int) {
	phones := 0
	for i, c := range cs {
		switch {
		case c.titled || c.field == "" && person(c.text):
			starts = append(starts, i)
		case c.strong:
			phones++
		}
	}
	if phones != len(starts) || phones < 2 {
		return nil
	}
	for _, i := range starts {
		cs[i].field = "name"
	}
	return starts
}
