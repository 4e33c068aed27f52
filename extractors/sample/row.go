package sample

// row decides whether cells are a record.
func row(cs []cell, named bool) (record, bool) {
	rec := record{}
	known, strong, masked, titled, unknown := 0, false, false, false, 0
	first, last := -1, -1
	for i := range cs {
		c := &cs[i]
		if c.field == "" && strong && offers(string(c.text)) {
			cs = cs[:i]
			break
		}
		if c.field == "" {
			if titles[string(c.text)] {
				continue
			}
			if first >= 0 || i < 2 {
				unknown++
			}
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
		known++
		strong = strong || c.strong
		masked = masked || c.masked || c.anchor
		titled = titled || c.titled
	}
	if known < 2 || first < 0 || titled && known < 3 {
		return rec, false
	}
	rec.fields = map[string]bool{}
	prev := ""
	for i := first; i < len(cs); i++ {
		c := &cs[i]
		if c.field == "" && i > last+1 {
			break
		}
		if c.field == "" {
			n := len(c.text)
			switch {
			case titles[string(c.text)]:
				continue
			case strong && i > 3 && prev == "position" && number(c.text) >= 1000:
				c.field = "salary" // 月嫂|8000
			case n > 8 && !latin(c.text[0]), number(c.text) >= 0:
				if i > last {
					continue
				}
			case prev == "school", prev == "education" && i+1 < len(cs) && cs[i+1].field == "school":
				c.field = "education"
			default:
				if i > last && !short(c.text) {
					continue
				}
				c.field = "position"
			}
			last = max(last, i)
		}
		for _, f := range [...]string{c.field, c.also} {
			if f == "" {
				continue
			}
			rec.fields[f] = true
			rec.tell(f, c.start, c.end, c.text)
			prev = f
		}
	}
	// the cell before may be a whole name, an id
	if !named && first >= 0 {
		if i := first - 1; i >= 0 && person(cs[i].text) {
			rec.fields["name"] = true
			rec.tell("name", cs[i].start, cs[i].end, cs[i].text)
			first, named = i, true
			known++
		} else if cs[first].field != "name" && rec.fields["gender"] {
			named = rec.fields["age"] || rec.fields["phone"]
		}
	}
	for i := max(0, first-2); i < first; i++ {
		if id(cs[i].text) {
			rec.fields["resume_id"] = true
			rec.tell("resume_id", cs[i].start, cs[i].end, cs[i].text)
			first = i
			break
		}
	}
	switch {
	case rec.fields["name"] && (strong || known >= 3 && told3(rec.fields)):
	case named && known >= 3 && strong:
	case masked && known >= 3:
	default:
		return rec, false
	}
	if unknown > known+2 {
		return rec, false
	}
	rec.start, rec.end = cs[first].start, cs[last].end
	return rec, true
}

// told3 reports whether three things that a form of their own makes sure are told.
func told3(fields map[string]bool) bool {
	n := 0
	for f := range fields {
		if f != "position" && f != "" {
			n++
		}
	}
	return n >= 3
}

// offers reports whether a value is the seller's voice again: 一份3块, 这种质量的.
func offers(s string) bool {
	return has(s, "块", "毛", "一份", "一条", "份起", "元", "单价", "价格", "报价", "联系", "这种", "质量", "要的", "加我", "qq", "微信", "代下", "出售", "现在", "长期")
}

func short(r []rune) bool {
	if len(r) < 2 || len(r) > 8 {
		digits := 0
		for _, c := range r {
			if ascii(c) {
				digits++
			}
		}
		return latin(r[0]) && len(r) <= 16 && digits < 5 // not Q1000012345
	}
	for _, c := range r {
		if ascii(c) || c == ':' {
			return false
		}
	}
	return true
}

// doubles are the surnames of two characters.
var doubles = [...]string{"欧阳", "司徒", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙", "夏侯", "司马", "闻人", "南宫", "端木", "轩辕", "百里", "独孤"}

// person reports whether s is a whole name: a surname and one or two characters.
func person(r []rune) bool {
	if latinName(r) {
		return true
	}
	if len(r) < 2 || len(r) > 4 || !allHan(r) {
		return false
	}
	for _, two := range doubles {
		if len(r) >= 3 && string(r[:2]) == two {
			return true
		}
	}
	return family(r[0]) && len(r) <= 3
}

// id reports whether s is the number of a resume: letters and digits, six or more.
func id(s []rune) bool {
	digits := 0
	for i := 0; i < len(s); i++ {
		switch {
		case '0' <= s[i] && s[i] <= '9':
			digits++
		case 'a' <= s[i] && s[i] <= 'z' && i < 4:
		default:
			return false
		}
	}
	return digits >= 5 && len(s) <= 14
}
