package archive

import (
	"bytes"
	"unicode/utf8"

	"resumewatch/internal/market"
)

// What a head says of its day.
type dayStyle uint8

const (
	dayFull   dayStyle = iota // year, month and day
	dayNoYear                 // month and day: "05-08"
	dayNone                   // a time alone
)

// clock is a time as a head shows it, in an unnamed zone.
type clock struct {
	year, month, day     int
	hour, minute, second int
}

// seconds counts from 1970-01-01 in the clock's own zone; only for comparing clocks.
func (c clock) seconds() int64 {
	y, m := int64(c.year), int64(c.month)
	if m <= 2 {
		y--
		m += 12
	}
	days := 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + int64(c.day) - 719469
	return days*86400 + int64(c.hour)*3600 + int64(c.minute)*60 + int64(c.second)
}

// wrong says why there is no such time; "" when there is.
func (c clock) wrong(style dayStyle) string {
	switch {
	case c.hour > 23 || c.minute > 59 || c.second > 59:
		return "no such time of day"
	case style == dayNone:
		return ""
	case c.month < 1 || c.month > 12:
		return "no such month"
	case c.day < 1 || c.day > daysIn(c.year, c.month, style):
		return "no such day"
	case style == dayFull && c.year < 2000:
		return "before the year 2000"
	}
	return ""
}

func daysIn(year, month int, style dayStyle) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if style == dayNoYear || year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// head is the line above a message: who and when. Its slices point into the line.
type head struct {
	nick  []byte // with titles; UTF-8 as it stands, perhaps broken
	id    []byte // digits, or a mailbox
	kind  string // market.AuthorUIN, AuthorEmail or AuthorName
	when  clock
	style dayStyle
	// foreign: AM/PM or M/d/yyyy, so the exporting computer was not set up as in China.
	foreign bool
	wrong   string // why the time can't be; "" when it can
}

// system reports whether QQ itself wrote: 10000 in all chats, 1000000 in groups.
func (h *head) system(bare bool) bool {
	if h.kind == market.AuthorUIN {
		return string(h.id) == "10000" || string(h.id) == "1000000"
	}
	return bare && h.kind == market.AuthorName && string(h.nick) == "系统消息"
}

// space is the length of the space at b[i:]: ASCII, no-break, narrow no-break or ideographic; 0 when there is none.
func space(b []byte, i int) int {
	if i >= len(b) {
		return 0
	}
	switch b[i] {
	case ' ', '\t':
		return 1
	case 0xC2:
		if i+1 < len(b) && b[i+1] == 0xA0 {
			return 2
		}
	case 0xE2:
		if i+2 < len(b) && b[i+1] == 0x80 && b[i+2] == 0xAF {
			return 3
		}
	case 0xE3:
		if i+2 < len(b) && b[i+1] == 0x80 && b[i+2] == 0x80 {
			return 3
		}
	}
	return 0
}

func skipSpace(b []byte, i int) int {
	for n := space(b, i); n > 0; n = space(b, i) {
		i += n
	}
	return i
}

// trimSpace drops spaces (as space knows them) and C0 controls from both ends.
func trimSpace(b []byte) []byte {
	for len(b) > 0 {
		n := space(b, 0)
		if n == 0 && b[0] < ' ' {
			n = 1
		}
		if n == 0 {
			break
		}
		b = b[n:]
	}
	for len(b) > 0 {
		switch {
		case b[len(b)-1] <= ' ':
			b = b[:len(b)-1]
		case len(b) >= 2 && space(b, len(b)-2) == 2:
			b = b[:len(b)-2]
		case len(b) >= 3 && space(b, len(b)-3) == 3:
			b = b[:len(b)-3]
		default:
			return b
		}
	}
	return b
}

// number reads lo to hi digits at b[i:] that no further digit follows.
func number(b []byte, i, lo, hi int) (value, next int, ok bool) {
	j := i
	for j < len(b) && j-i <= hi && b[j] >= '0' && b[j] <= '9' {
		value = value*10 + int(b[j]-'0')
		j++
	}
	return value, j, j-i >= lo && j-i <= hi
}

// date reads yyyy-M-d, yyyy/M/d or M/d/yyyy at b[i:].
func date(b []byte, i int) (c clock, next int, foreign, ok bool) {
	first, j, ok := number(b, i, 1, 4)
	if !ok || j >= len(b) || (b[j] != '-' && b[j] != '/') || (j-i != 4 && (j-i > 2 || b[j] != '/')) {
		return c, i, false, false
	}
	sep, width := b[j], j-i
	second, j, ok := number(b, j+1, 1, 2)
	if !ok || j >= len(b) || b[j] != sep {
		return c, i, false, false
	}
	if width == 4 {
		third, j, ok := number(b, j+1, 1, 2)
		return clock{year: first, month: second, day: third}, j, false, ok
	}
	third, j, ok := number(b, j+1, 4, 4)
	return clock{year: third, month: first, day: second}, j, true, ok
}

// halves are the words with which 12-hour clocks tell the halves of a day, besides AM and PM.
// QQ takes them from Windows; the Chinese ones but 上午 and 下午 are met in re-typed logs.
var halves = []struct {
	word string
	half byte // a: before noon; p: after; n: around noon; e: evening and night; d: dawn
}{
	{"上午", 'a'}, {"下午", 'p'}, {"凌晨", 'd'}, {"早上", 'd'}, {"中午", 'n'}, {"晚上", 'e'},
	{"清晨", 'd'}, {"早晨", 'd'}, {"傍晚", 'e'}, {"深夜", 'e'}, {"半夜", 'd'},
}

// halfOf reads such a word at b[i:]; 0 when there is none.
func halfOf(b []byte, i int) (half byte, next int, latin bool) {
	if i+2 > len(b) {
		return 0, i, false
	}
	if c := b[i] | 0x20; c == 'a' || c == 'p' {
		if b[i+1]|0x20 == 'm' {
			return c, i + 2, true
		}
		return 0, i, false
	}
	if b[i] < utf8.RuneSelf {
		return 0, i, false
	}
	for _, h := range halves {
		if len(b)-i >= len(h.word) && string(b[i:i+len(h.word)]) == h.word {
			return h.half, i + len(h.word), false
		}
	}
	return 0, i, false
}

// hour24 turns a 12-hour reading into a 24-hour one. Hours that no 12-hour clock shows stay.
func hour24(hour int, half byte) int {
	if hour > 12 {
		return hour
	}
	switch half {
	case 'a', 'd':
		return hour % 12
	case 'p':
		return hour%12 + 12
	case 'n':
		if hour <= 2 {
			return hour + 12
		}
	case 'e':
		if hour == 12 {
			return 0
		}
		if hour >= 5 {
			return hour + 12
		}
	}
	return hour
}

// timeOfDay reads [half] H:MM:SS [AM|PM] at b[i:] into c.
func timeOfDay(b []byte, i int, c *clock) (next int, foreign, ok bool) {
	var half byte
	if i < len(b) && (b[i] >= utf8.RuneSelf || b[i]|0x20 == 'a' || b[i]|0x20 == 'p') {
		half, i, foreign = halfOf(b, i)
		if half == 0 {
			return i, false, false
		}
		i = skipSpace(b, i)
	}
	if c.hour, i, ok = number(b, i, 1, 2); !ok || i >= len(b) || b[i] != ':' {
		return i, false, false
	}
	if c.minute, i, ok = number(b, i+1, 2, 2); !ok || i >= len(b) || b[i] != ':' {
		return i, false, false
	}
	if c.second, i, ok = number(b, i+1, 2, 2); !ok {
		return i, false, false
	}
	if half == 0 && c.hour >= 1 && c.hour <= 12 {
		// Only a space or the end may follow: "9:05:01 Amy" has no AM.
		j := skipSpace(b, i)
		if j == len(b) || b[j] >= utf8.RuneSelf {
			return i, foreign, true
		}
		if h, after, latin := halfOf(b, j); h != 0 && latin && (after == len(b) || space(b, after) > 0) {
			half, i, foreign = h, after, true
		}
	}
	if half != 0 {
		c.hour = hour24(c.hour, half)
	}
	return i, foreign, true
}

// splitID cuts "(uin)" or "<mail>" off the end of a name. Names may hold
// brackets themselves, so only the last pair, at the very end, counts.
func splitID(b []byte) (nick, id []byte, kind string) {
	b = trimSpace(b)
	if len(b) < 3 {
		return b, nil, market.AuthorName
	}
	switch b[len(b)-1] {
	case ')':
		i := len(b) - 2
		for i >= 0 && b[i] >= '0' && b[i] <= '9' {
			i--
		}
		if n := len(b) - 2 - i; i >= 0 && b[i] == '(' && n >= 5 && n <= 11 {
			return trimSpace(b[:i]), b[i+1 : len(b)-1], market.AuthorUIN
		}
	case '>':
		i := bytes.LastIndexByte(b, '<')
		if i < 0 {
			break
		}
		mail := b[i+1 : len(b)-1]
		at := bytes.IndexByte(mail, '@')
		if at < 1 || at == len(mail)-1 || len(mail) > 254 || bytes.IndexByte(mail, '>') >= 0 {
			break
		}
		for _, c := range mail {
			if c <= ' ' || c >= 0x7F {
				return b, nil, market.AuthorName
			}
		}
		return trimSpace(b[:i]), mail, market.AuthorEmail
	}
	return b, nil, market.AuthorName
}

// stripTitles drops 【…】 before a name: the titles that a group gives.
func stripTitles(nick []byte) []byte {
	const open, shut = "【", "】"
	for bytes.HasPrefix(nick, []byte(open)) {
		i := bytes.Index(nick, []byte(shut))
		if i < 0 {
			break
		}
		nick = trimSpace(nick[i+len(shut):])
	}
	return nick
}
