package console

import (
	"fmt"
	"strconv"
	"strings"
)

// language is a language of the console, as in the HTML attribute lang.
type language string

const (
	chinese language = "zh-CN"
	english language = "en"
)

var languages = []language{chinese, english}

func (l language) known() bool { return l == chinese || l == english }

// message is one text in every language. Verbs as for fmt.Sprintf; where the order
// of words differs, by number: %[2]s. An English text "one|many" is chosen by the
// first argument, a count.
type message struct{ zh, en string }

// messages are texts by key: "room.what".
type messages map[string]message

// find is the text of a key, unfilled.
func (l language) find(key string) (string, bool) {
	m, ok := layoutMessages[key]
	if !ok {
		m, ok = pageMessages[key]
	}
	if l == english {
		return m.en, ok
	}
	return m.zh, ok
}

// message is the text of a key, filled with args; the key itself when there is none.
func (l language) message(key string, args ...any) string {
	text, ok := l.find(key)
	if !ok {
		return key
	}
	if l == english && len(args) > 0 {
		if one, many, plural := strings.Cut(text, "|"); plural {
			text = many
			if fmt.Sprint(args[0]) == "1" {
				text = one
			}
		}
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// acceptedLanguage is the language that a browser likes best, by the header
// Accept-Language (RFC 9110, 12.5.4); Chinese if it likes neither.
func acceptedLanguage(header string) language {
	if len(header) > 500 {
		return chinese
	}
	best, likes := chinese, 0.0
	for _, part := range strings.Split(header, ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if s, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			if f, err := strconv.ParseFloat(s, 64); err == nil && f >= 0 && f <= 1 {
				q = f
			} else {
				q = 0
			}
		}
		main, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		if q > likes && (main == "en" || main == "zh") {
			likes = q
			best = map[string]language{"en": english, "zh": chinese}[main]
		}
	}
	return best
}
