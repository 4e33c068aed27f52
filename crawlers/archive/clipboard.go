package archive

import (
	"bytes"
	"unicode/utf8"
)

// clipboardHead reads a head of messages copied out of a chat window, where the
// time stands last:
//
//	【头衔】昵称 2020/10/3 21:43:23     window of PC QQ
//	昵称 2/14/2020 9:16:13 PM          the same on English Windows
//	昵称 1:19:33                       the same, for messages of the day of copying
//	昵称: 05-08 01:00:11               newer QQ, several messages selected
//
// A head has a name: a time alone is text.
func clipboardHead(line []byte) (h head, ok bool) {
	line = trimSpace(line)
	// Cheap refusal: heads end in a digit or in AM/PM and have a clock's colons near their end.
	if len(line) < 9 || len(line) > maxHead {
		return h, false
	}
	if c := line[len(line)-1]; (c < '0' || c > '9') && c|0x20 != 'm' {
		return h, false
	}
	tail := line[max(0, len(line)-48):]
	if bytes.Count(tail, []byte{':'}) < 2 {
		return h, false
	}
	// The longest reading wins: try every start of a word from the left of the tail.
	for i := len(line) - len(tail); i < len(line); i++ {
		if i > 0 && !spaceEnds(line, i) {
			continue
		}
		if i > 0 && h.read(line, i) {
			return h, true
		}
	}
	return h, false
}

// spaceEnds reports whether a space ends right before b[i].
func spaceEnds(b []byte, i int) bool {
	return space(b, i-1) == 1 || i >= 2 && space(b, i-2) == 2 || i >= 3 && space(b, i-3) == 3
}

// read takes line[i:] as the time and what stands before it as the name.
func (h *head) read(line []byte, i int) bool {
	var c clock
	style, foreign := dayNone, false
	j := i
	if d, next, us, ok := date(line, i); ok {
		c, j, foreign, style = d, next, us, dayFull
	} else if m, next, ok := number(line, i, 2, 2); ok && next < len(line) && line[next] == '-' {
		d, next, ok := number(line, next+1, 2, 2)
		if !ok {
			return false
		}
		c.month, c.day, j, style = m, d, next, dayNoYear
	}
	if style != dayNone {
		if space(line, j) == 0 {
			return false
		}
		j = skipSpace(line, j)
	}
	j, half, ok := timeOfDay(line, j, &c)
	if !ok || j != len(line) {
		return false
	}
	name := trimSpace(line[:i])
	if style == dayNoYear {
		// Only the newer form has no year, and it has a colon: "长跑 05-08 01:00:11" is text.
		if !endsInColon(name) {
			return false
		}
	}
	name = cutColon(name)
	if len(name) == 0 || string(name) == "时间" { // the second: a line of qq-chat-exporter's own text
		return false
	}
	if _, after, _, ok := date(name, 0); ok && after == len(name) {
		return false // a date and a time, and nobody
	}
	nick, id, kind := splitID(name)
	if len(nick) == 0 && id == nil {
		return false
	}
	*h = head{nick: nick, id: id, kind: kind, when: c, style: style, foreign: foreign || half, wrong: c.wrong(style)}
	return true
}

func endsInColon(name []byte) bool {
	return len(name) > 0 && name[len(name)-1] == ':' || bytes.HasSuffix(name, []byte("："))
}

func cutColon(name []byte) []byte {
	if r, n := utf8.DecodeLastRune(name); r == ':' || r == '：' {
		return trimSpace(name[:len(name)-n])
	}
	return name
}
