package archive

// qqTextHead reads a head of the message manager's TXT export:
//
//	2021-03-15 9:05:01 【管理员】小灰(1000086001)
//
// A date and a time with nothing behind them are no head but text.
func qqTextHead(line []byte) (h head, ok bool) {
	// Most lines are text: turn them away by their first bytes.
	if len(line) < 14 || line[0] < '0' || line[0] > '9' {
		return h, false
	}
	c, i, us, ok := date(line, 0)
	if !ok || space(line, i) == 0 {
		return h, false
	}
	h.when = c
	i = skipSpace(line, i)
	i, foreign, ok := timeOfDay(line, i, &h.when)
	if !ok || space(line, i) == 0 {
		return h, false
	}
	i = skipSpace(line, i)
	if h.nick, h.id, h.kind = splitID(line[i:]); h.id == nil && len(h.nick) == 0 {
		return h, false
	}
	h.foreign = us || foreign
	h.wrong = h.when.wrong(dayFull)
	return h, true
}
