// Package contact reads the ways to reach the author out of a listing: numbers
// and ids beside the words that announce them, through the usual disguises
// (numerals of other systems, separators, letters to drop, backwards).
//
// A number without an announcing word beside it is no contact, mobile numbers
// apart; a number said to be two things (QQ微信同号) is one of each kind.
package contact

import (
	"slices"
	"strconv"

	"resumewatch/extractors/numeral"
	"resumewatch/internal/market"
)

// Result is what was found.
type Result struct {
	Contacts []market.Contact // in order of first mention, without repeats
	Spans    []market.Span    // of the original text; Field is "/contacts/0"
	Taken    []numeral.Range  // runes of the view that no other reader should read as numbers
}

// maxContacts bounds what one message can give; a list of hundreds of numbers
// is goods, not contacts.
const maxContacts = 64

// Read finds the contacts of a message outside of the taken runes (those of a
// sample). text is the original text, which urls are quoted from; v is its view.
// It takes time linear in the text.
func Read(v *numeral.View, text string, taken []numeral.Range) Result {
	r := v.R
	var room [512]bool // enough for most texts
	busy := room[:min(len(r)+1, len(room))]
	if len(r) >= len(busy) {
		busy = make([]bool, len(r)+1)
	}
	for _, t := range taken {
		for i := max(t.Start, 0); i < min(t.End, len(r)); i++ {
			busy[i] = true
		}
	}
	h := readHints(r)
	var few [16]item
	items := lex(r, h, busy, func(i int) bool { return enclosed(v, text, i) }, few[:0])
	var res Result
	add := func(kind, value string, it item) {
		c := market.Contact{Kind: kind, Value: value}
		if value == "" || len(res.Contacts) >= maxContacts || slices.Contains(res.Contacts, c) {
			return
		}
		s, e := v.Span(numeral.Range{Start: it.start, End: it.end})
		res.Spans = append(res.Spans, market.Span{Field: "/contacts/" + strconv.Itoa(len(res.Contacts)), Start: s, End: e})
		res.Contacts = append(res.Contacts, c)
	}
	var meant []string // the kinds of a number that its author takes back
	for k, it := range items {
		if it.cue {
			continue
		}
		kinds := decide(r, items, k)
		if len(kinds) == 0 && it.number {
			kinds = meant
		}
		if meant = nil; it.number && retracted(r, items, k) {
			meant, kinds = kinds, nil
		}
		if stranger(r, items, k) {
			kinds = nil
		}
		if len(kinds) > 0 || it.number && len(it.value) >= 9 { // the rest may well be sums
			res.Taken = append(res.Taken, numeral.Range{Start: it.start, End: it.end})
		}
		value := it.value
		if h.backwards(it.start, it.end) && it.kind == "" {
			value = reversed(value)
		}
		if it.kind == market.ContactURL {
			s, e := v.Span(numeral.Range{Start: it.start, End: it.end})
			value = link(text, s, e, r[it.start:it.end])
		}
		for _, kind := range kinds {
			if fits(kind, value) {
				add(kind, value, it)
			}
		}
	}
	return res
}

// enclosed reports whether the Latin letter at i was written as something else (ⓥ).
func enclosed(v *numeral.View, text string, i int) bool {
	s, e := v.Span(numeral.Range{Start: i, End: i + 1})
	return s < e && e <= len(text) && text[s] >= 0x80
}

// link is a url as the author wrote it; a disguised one as it reads.
func link(text string, start, end int, read []rune) string {
	if start < end && end <= len(text) {
		s := text[start:end]
		ok := len(s) > 4
		for i := 0; i < len(s); i++ {
			ok = ok && s[i] > ' ' && s[i] < 0x7F
		}
		if ok && len(s) == len(read) {
			return s
		}
	}
	return string(read)
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// fits reports whether a value has the form of its kind.
func fits(kind, value string) bool {
	numeric := true
	for i := 0; i < len(value); i++ {
		numeric = numeric && '0' <= value[i] && value[i] <= '9'
	}
	switch kind {
	case market.ContactQQ, market.ContactQQGroup:
		return numeric && len(value) >= 5 && len(value) <= 11 && value[0] != '0'
	case market.ContactPhone:
		return numeric && mobile(value)
	case market.ContactWeChat:
		return numeric && len(value) >= 5 && len(value) <= 11 && value[0] != '0' || wechatID(value)
	case market.ContactTelegram:
		return telegramName(value)
	}
	return true
}

// lex cuts the text into cues and values, in order, and adds them to out.
func lex(r []rune, h hints, busy []bool, enclosed func(int) bool, out []item) []item {
	addr := addresses(r, h, busy)
	next := 0
	for i := 0; i < len(r); {
		for next < len(addr) && addr[next].start < i {
			next++
		}
		if next < len(addr) && addr[next].start == i {
			out = append(out, addr[next])
			i = addr[next].end
			next++
			continue
		}
		if busy[i] {
			i++
			continue
		}
		limit := len(r)
		if next < len(addr) {
			limit = addr[next].start
		}
		if kind, e := table.at(r, i); kind != "" && e <= limit {
			if kind != tie && denied(r, i) {
				i = e // 不会扣扣
				continue
			}
			out = append(out, item{cue: true, kind: kind, start: i, end: e})
			i = e
			continue
		}
		if (r[i] == 'v' || r[i] == 'q') && i+1 < len(r) && latin(r[i+1]) && enclosed(i) && !enclosed(i+1) {
			if it, ok := value(r[i+1:], 0, h); ok && i+1+it.end <= limit { // ⓥsome_id
				kind := map[rune]string{'v': market.ContactWeChat, 'q': market.ContactQQ}[r[i]]
				it.start, it.end = it.start+i+1, it.end+i+1
				out = append(out, item{cue: true, kind: kind, start: i, end: i + 1}, it)
				i = it.end
				continue
			}
		}
		if it, ok := value(r, i, h); ok && it.end <= limit {
			// q495038172, vx15000004421: a cue grown together with its number
			out = append(out, it)
			i = it.end
			continue
		}
		if latin(r[i]) || ascii(r, i) {
			for i < len(r) && idRune(r[i]) && i < limit {
				i++
			}
			continue
		}
		i++
	}
	return out
}

// value reads a number or an id at rune i.
func value(r []rune, i int, h hints) (item, bool) {
	c := r[i]
	if !valueSigns.has(c) {
		return item{}, false
	}
	if i > 0 && (idRune(r[i-1]) && r[i-1] != '-' && r[i-1] != '_') && (latin(c) || ascii(r, i)) && !latinCue(r, i) {
		return item{}, false
	}
	if at(r, i-1) == '-' && ascii(r, i-2) {
		return item{}, false
	}
	if v, e, ok := riddle(r, i, h); ok {
		return item{value: v, number: true, start: i, end: e}, true
	}
	if glyph(c) >= 0 || latin(c) {
		run := digitsAt(r, i)
		if n := prefix86(r, i); n > 0 {
			if after := digitsAt(r, i+n); mobile(string(after.b[:after.n])) {
				run = after
			}
		}
		e := run.end
		if run.n >= 5 && !(latin(at(r, e)) && ascii(r, e-1)) && at(r, e) != '_' && at(r, e) != '@' {
			if next := at(r, e); next == '*' && (at(r, e+1) == '*') || at(r, e) == '号' && at(r, e+1) == '楼' {
				return item{}, false // a masked number, an address
			}
			return item{value: run.text(), number: true, start: i, end: e}, true
		}
	}
	if latin(c) || c == '_' || ascii(r, i) && len(h.reverse) > 0 && h.backwards(i, i) {
		s, e := handle(r, i, h)
		if len(s) >= 5 && at(r, e) != '@' && at(r, e) != '(' || len(s) >= 5 && at(r, e) == '(' {
			return item{value: s, start: i, end: e}, true
		}
	}
	return item{}, false
}

// prefix86 is the length of a country code of the PRC at i, its separator included.
func prefix86(r []rune, i int) int {
	n := 0
	switch {
	case hasPrefix(r, i, "0086"):
		n = 4
	case hasPrefix(r, i, "86"):
		n = 2
	default:
		return 0
	}
	for n < 6 && between(at(r, i+n)) {
		n++
	}
	return n
}

// latinCue reports whether a Latin cue ends right before i (q495…, vx150…).
func latinCue(r []rune, i int) bool {
	for n := 1; n <= 2; n++ {
		if i-n < 0 || i-n-1 >= 0 && latin(r[i-n-1]) {
			continue
		}
		switch string(r[i-n : i]) {
		case "q", "qq", "v", "vx", "wx", "tg":
			return true
		}
	}
	return false
}
