package archive

import (
	"bytes"
	"unicode/utf8"
)

// format is a text format that is read line by line.
type format struct {
	name string
	// head reads a line in UTF-8 as the head of a message.
	head func(line []byte) (head, bool)
	// maybe turns away lines that can't be heads before they are decoded.
	maybe func(raw []byte) bool
	// frames: "消息对象" frames tell the conversation, and most heads have ids.
	frames bool
}

// formatNamed is the list of what can be read.
func formatNamed(name string) (format, bool) {
	switch name {
	case FormatQQText:
		return format{name: name, head: qqTextHead, maybe: beginsWithDigit, frames: true}, true
	case FormatClipboard:
		return format{name: name, head: clipboardHead, maybe: endsLikeTime}, true
	}
	return format{}, false
}

func beginsWithDigit(raw []byte) bool { return len(raw) > 0 && raw[0] >= '0' && raw[0] <= '9' }

func endsLikeTime(raw []byte) bool {
	raw = bytes.TrimRight(raw, " \t\x00")
	if len(raw) == 0 {
		return false
	}
	c := raw[len(raw)-1]
	return c >= '0' && c <= '9' || c|0x20 == 'm' || c >= utf8.RuneSelf // the last: a no-break space
}
