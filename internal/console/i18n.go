package console

import "fmt"

// language is a language of the console, as in the HTML attribute lang.
type language string

const (
	chinese language = "zh-CN"
	english language = "en"
)

var languages = []language{chinese, english}

// message is one text in every language. Verbs as for fmt.Sprintf; where the order
// of words differs, by number: %[2]s. In English "one|many" is told apart by the
// first argument, a count.
type message struct{ zh, en string }

// messages are texts by key: "room.what".
type messages map[string]message

func (l language) message(key string, args ...any) string {
	m, ok := layoutMessages[key]
	if !ok {
		m, ok = pageMessages[key]
	}
	if !ok {
		return key
	}
	text := m.zh
	if l == english {
		text = m.en
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}
