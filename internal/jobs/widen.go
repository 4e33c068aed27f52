package jobs

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"resumewatch/extractors/shape"
	"resumewatch/internal/market"
)

// A record's bounds are where its last known value ends; what stands in the same row
// behind it, or under a label that the record lost, is that person's all the same.
// Masking too much hides some words of a listing from searches; masking too little
// shows somebody.

// sellers are words in which the seller speaks again: there a row has ended.
var sellers = []string{"QQ", "qq", "扣", "微信", "vx", "VX", "飞机", "加我", "元", "块", "毛", "份", "条", "起", "联系", "出售", "价", "要的", "私聊", "样", "简历", "数据", "长期", "有限量", "量大"}

// labels name values of a person at the beginning of a line.
var labels = regexp.MustCompile(`(?m)^[ \t　]*(?:姓\s*名|性\s*别|年\s*龄|出生(?:日期|年月)|生日|手机号?码?|联系电话|电\s*话|电子邮箱|邮\s*箱|身份证号?码?|毕业院校|毕业学校|学\s*校|院校|工作单位|现单位|单\s*位|公\s*司|现?住址|家庭住址|家庭地址|地\s*址|籍\s*贯|户籍|银行卡号?)[ \t]*[:：=][ \t]*([^\r\n]+)`)

// longestRow bounds how far a row is followed, in cells and in bytes of one.
const (
	longestRow  = 40
	longestCell = 120
)

// widened are the parts of a text beside the records of a sample that belong to them.
func widened(text string, r market.Reading, shapes []shape.Match) []market.Span {
	if len(r.Masks) == 0 {
		return nil
	}
	var own []market.Span
	for _, s := range r.Spans {
		if strings.HasPrefix(s.Field, "/contacts/") {
			own = append(own, s)
		}
	}
	free := func(start, end int) bool {
		for _, s := range own {
			if s.Start < end && start < s.End {
				return false
			}
		}
		return true
	}
	// within is where a number or mailbox ends that goes over a place.
	within := func(at int) int {
		for _, m := range shapes {
			if m.Start < at && at < m.End {
				return m.End
			}
		}
		return at
	}
	var out []market.Span
	add := func(start, end int) { out = append(out, market.Span{Field: "/sample", Start: start, End: end}) }
	for _, m := range r.Masks {
		if m.Start < 0 || m.End > len(text) || m.Start >= m.End {
			continue
		}
		end := m.End
		for n := 0; n < longestRow; n++ {
			start, next := cellAfter(text, within(end))
			if number := within(start + 1); number > start+1 {
				next = number // no word of it is the seller's
			} else if sells(text[start:next]) {
				break
			}
			if start == next || next-start > longestCell || !free(start, next) {
				break
			}
			end = next
		}
		if end > m.End {
			add(m.End, end)
		}
		start := m.Start
		for n := 0; n < 3; n++ {
			next, stop := cellBefore(text, start)
			if next == stop || stop-next > longestCell || !free(next, stop) || sells(text[next:stop]) || strings.ContainsAny(text[next:stop], ":：") {
				break
			}
			start = next
		}
		if start < m.Start {
			add(start, m.Start)
		}
	}
	for _, m := range labels.FindAllStringSubmatchIndex(text, -1) {
		if free(m[2], m[3]) {
			add(m[2], m[3])
		}
	}
	return out
}

// part reports whether a character parts the cells of a row.
func part(c rune) bool {
	switch c {
	case '\t', '|', '｜', '/', '／', ',', '，', '、', ' ', '　', ';', '；', '"', '“', '”', '「', '」', '《', '》', '(', ')', '（', '）', '{', '}', '[', ']', '+':
		return true
	}
	return false
}

// cellAfter is the next cell of the line behind i; none is an empty one.
func cellAfter(text string, i int) (start, end int) {
	start = i
	for start < len(text) {
		c, n := utf8.DecodeRuneInString(text[start:])
		if !part(c) {
			break
		}
		start += n
	}
	end = start
	for end < len(text) {
		c, n := utf8.DecodeRuneInString(text[end:])
		if part(c) || c == '\n' || c == '\r' {
			break
		}
		end += n
	}
	return start, end
}

// cellBefore is the cell of the line before i.
func cellBefore(text string, i int) (start, end int) {
	end = i
	for end > 0 {
		c, n := utf8.DecodeLastRuneInString(text[:end])
		if !part(c) {
			break
		}
		end -= n
	}
	start = end
	for start > 0 {
		c, n := utf8.DecodeLastRuneInString(text[:start])
		if part(c) || c == '\n' || c == '\r' {
			break
		}
		start -= n
	}
	return start, end
}

func sells(cell string) bool {
	for _, w := range sellers {
		if strings.Contains(cell, w) {
			return true
		}
	}
	return false
}
