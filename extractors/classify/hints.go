package classify

import (
	"slices"
	"strings"
	"unicode/utf8"

	"resumewatch/extractors/lexicon"
)

// hinted adds to the platforms of a listing those that it only hints at: by a word of their
// sense or emblem, by one character in quotes, by a picture.
func (r *reader) hinted(out []Found) []Found {
	for _, h := range r.kinds[kindHint] {
		if !r.inName(h) && !r.denied(h) && (h.Entry.Strength > 1 || len(out) == 0) {
			out = add(out, h)
		}
	}
	for _, h := range quoted(r.f.Folded) {
		out = add(out, h)
	}
	if len(out) > 0 {
		for _, h := range numbered(r.f.Folded) {
			out = add(out, h)
		}
	}
	return out
}

// numbered finds 58 and 51 beside other platforms, where they count nothing: 智联2 58的1块.
func numbered(s string) []lexicon.Hit {
	var out []lexicon.Hit
	for i := 0; i+2 <= len(s); i++ {
		v := s[i : i+2]
		if v != "58" && v != "51" {
			continue
		}
		before, n := utf8.DecodeLastRuneInString(s[:i])
		if i > 0 && (n == 1 && before != ' ' && before != '\n' && before != '/' && before != '|' && before != ',' && before != '+' || strings.ContainsRune("¥：￥价第扣群号信微", before)) {
			continue
		}
		rest := s[i+2:]
		named := strings.HasPrefix(rest, " ") && len(rest) > 1 && rest[1] >= '1' && rest[1] <= '9'
		for _, w := range []string{"的", "月租", "周租", "日租", "企业", "简历", "会员", "招聘", "和", "、", "/"} {
			named = named || strings.HasPrefix(rest, w)
		}
		if named {
			e := &lexicon.Entry{ID: "hint." + v, Value: v, Strength: 1}
			if v == "51" {
				e.ID, e.Value = "hint.51job", "51job"
			}
			out = append(out, lexicon.Hit{Entry: e, Start: i, End: i + 2, Weak: true, Cost: 0.4})
		}
	}
	return out
}

// inName reports whether a hint is part of a name of another platform that stands there in
// plain writing, or of a number.
func (r *reader) inName(h lexicon.Hit) bool {
	if r.coveredByOther(h) {
		return true
	}
	s := r.f.Folded
	if c := s[h.Start]; c >= '0' && c <= '9' {
		return true // 58: what stands alone is read by its own rules
	}
	return slices.ContainsFunc(r.kinds[kindGoods], func(g lexicon.Hit) bool {
		return g.Entry.Strength > 1 && g.Start <= h.Start && g.End >= h.End
	})
}

// initialOf are the platforms by the one character that is put in quotes for them.
var initialOf = map[string]string{
	"智": "zhaopin", "z": "zhaopin", "知": "zhaopin", "前": "51job", "猎": "liepin", "波": "boss", "b": "boss", "直": "boss", "拉": "lagou", "勾": "lagou",
	"赶": "ganji", "脉": "maimai", "斗": "doumi", "鱼": "yupao", "🐟": "yupao", "领": "linkedin", "lie": "liepin", "zhi": "zhaopin", "bo": "boss", "🏹": "liepin",
	"in": "linkedin", "51": "51job", "五一": "51job", "58": "58", "五八": "58",
}

// opens reports marks that only open a quote.
func opens(r rune) bool {
	switch r {
	case '“', '「', '『', '【', '〔', '‘':
		return true
	}
	return false
}

// closes reports marks that may close one.
func closes(r rune) bool {
	switch r {
	case '"', '\'', '”', '’', '」', '』', '】', '〕':
		return true
	}
	return false
}

// quoted finds single characters in quotes or brackets that stand for a platform: 今早的"智"肉.
func quoted(s string) []lexicon.Hit {
	var out []lexicon.Hit
	from := -1
	for i, r := range s {
		switch {
		case opens(r), from < 0 && (r == '"' || r == '\'' || r == '”' || r == '’'):
			from = i + utf8.RuneLen(r)
		case from >= 0 && closes(r):
			if v, ok := initialOf[s[from:i]]; ok {
				e := &lexicon.Entry{ID: "hint." + v, Value: v, Strength: 1}
				out = append(out, lexicon.Hit{Entry: e, Start: from, End: i, Channel: lexicon.Initial, Cost: 0.6})
			}
			from = -1
		case from >= 0 && i-from > 12:
			from = -1
		}
	}
	return out
}
