package classify

import (
	"strings"
	"unicode/utf8"

	"resumewatch/extractors/lexicon"
)

// singles are platforms by one character (lexicon.Singles), read only in a row:
// 智/猎/前, 智+前+五八.
var singles = map[string]string{
	"智": "zhaopin", "前": "51job", "猎": "liepin", "拉": "lagou", "赶": "ganji", "脉": "maimai", "斗": "doumi", "鱼": "yupao", "领": "linkedin",
	"b": "boss", "58": "58", "51": "51job", "五八": "58", "无忧": "51job",
}

// longestSingle is how many bytes the longest of singles has.
const longestSingle = 6

// single is the platform of one of singles, "" for another word.
func single(word string) string {
	if len(word) > longestSingle {
		return ""
	}
	return singles[word]
}

// initials adds platforms that stand as single characters in a row.
func (r *reader) initials(out []Found) []Found {
	s := r.f.Folded
	type token struct {
		value      string
		start, end int
	}
	var row []token
	flush := func() {
		if len(row) >= 2 {
			for _, t := range row {
				e := &lexicon.Entry{ID: "platform." + t.value, Value: t.value, Strength: 1}
				out = add(out, lexicon.Hit{Entry: e, Start: t.start, End: t.end, Channel: lexicon.Initial, Cost: 0.4})
			}
		}
		row = row[:0]
	}
	from := 0
	for i := 0; i <= len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if n != 0 && (r >= 0x4E00 && r <= 0x9FFF || !strings.ContainsRune("/+、|&,（）() \t\n，。:：-", r)) {
			i += n
			continue
		}
		word := s[from:i]
		if v := single(word); v != "" {
			row = append(row, token{v, from, i})
		} else if word != "" {
			flush()
		}
		if n == 0 {
			break
		}
		if !strings.ContainsRune("/+、|& ", r) {
			flush()
		}
		i += n
		from = i
	}
	flush()
	return out
}
