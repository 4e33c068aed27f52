package contact

import (
	"strings"

	"resumewatch/internal/market"
)

// item is a value found in the text, or a cue.
type item struct {
	cue        bool
	kind       string // of the cue; of the value where its shape tells it (email, url, telegram), else ""
	value      string
	number     bool // a value of digits only
	start, end int
}

// atSigns and dots are the ways in which @ and . are written.
var (
	atSigns = []string{"@", "(at)", "[at]", "{at}", "艾特", "爱特", "(爱特)", " at ", "(a)", "(圈a)", "圈a", "(艾特)", "[艾特]", "(@)", "[@]", "小老鼠", "#at#", "<at>", "_at_"}
	dots    = []string{".", "(dot)", "[dot]", "(点)", "[点]", "点", " dot ", "(.)", "。", "·", "{dot}"}
)

func oneOf(r []rune, i int, list []string) int {
	for _, s := range list {
		if hasPrefix(r, i, s) {
			return len([]rune(s))
		}
	}
	return 0
}

func localRune(c rune) bool { return idRune(c) || c == '.' || c == '+' }

// email reads a mailbox around the @ (of n runes) at rune i.
func email(r []rune, i, n int, h hints) (item, bool) {
	s := i
	for s > 0 && r[s-1] == ' ' && i-s < 2 {
		s--
	}
	stop := s
	var local []rune
	for s > 0 && stop-s < 64 {
		c := r[s-1]
		if _, ok := h.change[c]; ok && c != '.' && !idRune(c) || c == ' ' && h.spaces {
			s--
			continue
		}
		if !localRune(c) {
			break
		}
		local = append(local, c)
		s--
	}
	for a, b := 0, len(local)-1; a < b; a, b = a+1, b-1 {
		local[a], local[b] = local[b], local[a]
	}
	name := strings.Trim(string(local), ".-+")
	for s < stop && !localRune(r[s]) {
		s++
	}
	if h.spaces { // the words before the mailbox are not part of it
		for _, w := range []string{"e-mail", "email", "mail"} {
			if strings.HasPrefix(name, w) && len(name) > len(w)+2 && at(r, s+len(w)) == ' ' {
				name = name[len(w):]
				s += len(w) + 1
				break
			}
		}
	}
	if name == "" {
		return item{}, false
	}
	host, e := domain(r, i+n, h)
	if host == "" {
		return item{}, false
	}
	return item{kind: market.ContactEmail, value: name + "@" + host, start: s, end: e}, true
}

// domain reads a host name of two labels or more, its dots perhaps spelled out.
func domain(r []rune, i int, h hints) (string, int) {
	var b strings.Builder
	j, end, labels := i, i, 0
	for b.Len() < 100 {
		for k := 0; k < 2 && at(r, j) == ' '; k++ {
			j++
		}
		s := j
		for j < len(r) && (latin(r[j]) || '0' <= r[j] && r[j] <= '9' || r[j] == '-') && j-s < 63 {
			b.WriteRune(r[j])
			j++
		}
		if j == s {
			break
		}
		labels, end = labels+1, j
		k := j
		for at(r, k) == ' ' && k-j < 2 {
			k++
		}
		n := oneOf(r, k, dots)
		if n == 0 {
			n = oneOf(r, j, dots)
			k = j
		}
		if n == 0 {
			break
		}
		next := k + n
		for at(r, next) == ' ' && next-k-n < 2 {
			next++
		}
		if !latin(at(r, next)) && (at(r, next) < '0' || at(r, next) > '9') {
			break
		}
		if next > k+n && at(r, k) == '.' && k == j && !h.spaces { // "example.com. next"
			break
		}
		b.WriteByte('.')
		j = next
	}
	host := strings.Trim(b.String(), ".-")
	dot := strings.LastIndexByte(host, '.')
	if labels < 2 || dot < 1 || len(host)-dot-1 < 2 || !latin(rune(host[dot+1])) {
		return "", i
	}
	return host, end
}

// url reads http(s)://… or www.… from rune i on; the value is the text as written.
func url(r []rune, i int) (item, bool) {
	if i > 0 && latin(r[i-1]) {
		return item{}, false
	}
	j := i
	switch {
	case hasPrefix(r, i, "http://"):
		j += 7
	case hasPrefix(r, i, "https://"):
		j += 8
	case hasPrefix(r, i, "www."):
		j += 4
	default:
		return item{}, false
	}
	s := j
	for j < len(r) && j-s < 2000 && r[j] < 0x80 && r[j] > ' ' && r[j] != '"' && r[j] != '<' && r[j] != '>' && r[j] != ')' && r[j] != ']' && r[j] != '(' {
		j++
	}
	for j > s && strings.ContainsRune(".,;:!?'", r[j-1]) {
		j--
	}
	if j-s < 4 {
		return item{}, false
	}
	return item{kind: market.ContactURL, start: i, end: j}, true
}

// telegramLink reads t.me/name, however its dot and slash are written.
func telegramLink(r []rune, i int, h hints) (item, bool) {
	if r[i] != 't' || i > 0 && (latin(r[i-1]) || r[i-1] == '.') {
		return item{}, false
	}
	j := i + 1
	if hasPrefix(r, i, "telegram.me/") {
		j = i + 11
	} else {
		j = blanks(r, j)
		n := oneOf(r, j, dots)
		if n == 0 {
			return item{}, false
		}
		j = blanks(r, j+n)
		if !hasPrefix(r, j, "me") {
			return item{}, false
		}
		j += 2
	}
	j = blanks(r, j)
	switch {
	case at(r, j) == '/':
		j++
	case hasPrefix(r, j, "(斜杠)"):
		j += 4
	case hasPrefix(r, j, "斜杠"):
		j += 2
	case hasPrefix(r, j, "(/)"):
		j += 3
	default:
		return item{}, false
	}
	j = blanks(r, j)
	if at(r, j) == '+' || hasPrefix(r, j, "joinchat/") {
		return item{}, false // an invitation names nobody
	}
	v, e := handle(r, j, h)
	if !telegramName(v) {
		return item{}, false
	}
	return item{kind: market.ContactTelegram, value: v, start: i, end: e}, true
}

// blanks is where the blanks at i end, two at most.
func blanks(r []rune, i int) int {
	for n := 0; n < 2 && at(r, i) == ' '; n++ {
		i++
	}
	return i
}

// addresses finds what tells its kind by its own shape: mailboxes, links, @names.
func addresses(r []rune, h hints, taken []bool) []item {
	var out []item
	last := 0 // values may not overlap
	for i := 0; i < len(r); i++ {
		if !addressSigns.has(r[i]) && h.change[r[i]] != '@' || taken[i] || i < last {
			continue
		}
		if r[i] == 't' {
			if it, ok := telegramLink(r, i, h); ok {
				out, last = append(out, it), it.end
				continue
			}
		}
		if r[i] == 'h' || r[i] == 'w' {
			if it, ok := url(r, i); ok {
				// a t.me link behind its scheme
				if k := it.start; hasPrefix(r, k, "https://t.me/") || hasPrefix(r, k, "http://t.me/") {
					for r[k] != '/' {
						k++
					}
					k += 2
					if tg, ok := telegramLink(r, k, h); ok {
						tg.start = i
						out, last = append(out, tg), max(tg.end, it.end)
						continue
					}
				}
				out, last = append(out, it), it.end
				continue
			}
		}
		n := oneOf(r, i, atSigns)
		if n == 0 && h.change[r[i]] == '@' {
			n = 1
		}
		if n == 0 {
			continue
		}
		if it, ok := email(r, i, n, h); ok && it.start >= last {
			out, last = append(out, it), it.end
			continue
		}
		// @name; "(at) name"
		j := i + n
		for at(r, j) == ' ' && j-i-n < 2 {
			j++
		}
		if i > 0 && n == 1 && (latin(r[i-1]) || ascii(r, i-1)) {
			continue
		}
		v, e := handle(r, j, h)
		if telegramName(v) {
			out, last = append(out, item{kind: market.ContactTelegram, value: v, start: i, end: e}), e
		}
	}
	return out
}
