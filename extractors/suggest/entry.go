package suggest

import (
	"fmt"
	"strings"

	"resumewatch/extractors/fold"
)

// values are what a new word of a kind stands for, to begin with.
var values = map[string]string{"goods": "resume_data", "platform": "other", "grade": "first_hand"}

// Entry is the candidate as an entry of a user's file, to be looked over by a person. no is
// a text in which it must not be found.
func (c *Candidate) Entry(no string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- id: %s.my_%s\n  value: %s\n", c.Kind, slug(c.Text), values[c.Kind])
	if c.Kind == "goods" {
		b.WriteString("  strength: 2\n")
	}
	fmt.Fprintf(&b, "  forms: [%s]\n  yes: [%s]\n  no: [%s]\n", quoted(c.Text), quoted("出"+c.Text), quoted(no))
	return b.String()
}

// slug is a name of letters for a word: its sound.
func slug(s string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, fold.Pinyin(s))
	if len(name) > 40-len("my_") {
		name = name[:40-len("my_")]
	}
	if name == "" {
		return "word"
	}
	return name
}

// quoted is a text as YAML takes it in a list.
func quoted(s string) string {
	for _, r := range s {
		if r < 0x4E00 || r > 0x9FFF {
			return fmt.Sprintf("%q", s)
		}
	}
	return s
}

// Unlike is a line in which the word isn't found, one that shares its first or last character
// where there is one: what a user may put in place of a better near miss.
func Unlike(word string, lines []string) string {
	r := []rune(word)
	for _, part := range []string{string(r[:max(1, len(r)-1)]), string(r[min(1, len(r)-1):]), string(r[:1]), string(r[len(r)-1:])} {
		for _, l := range lines {
			if strings.Contains(l, part) && !strings.Contains(l, word) && len(l) <= 90 && !strings.ContainsAny(l, "0123456789[]") {
				return l
			}
		}
	}
	return "今天天气不错"
}
