package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"resumewatch/internal/market"
	"resumewatch/internal/query"
	"resumewatch/internal/search"
)

// word is the name of a value from a closed set: "goods", "resume_data". A value
// that is not known shows tamed.
func (l language) word(set, value string) string {
	if text := l.named(set, value); text != "" {
		return text
	}
	return tame(value)
}

// named is the name of a value from a closed set; "" when it isn't one of them.
func (l language) named(set, value string) string {
	key := set + "." + value
	if text := l.message(key); text != key {
		return text
	}
	return ""
}

// tamedRunes is how long a value may be that should have been a word or a number.
const tamedRunes = 48

// tame makes a stranger's value fit for where no HTML can stand, such as an
// attribute: one short line without characters that hide, turn or stack up.
func tame(s string) string {
	var b strings.Builder
	n, marks := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case hidden(r):
			continue
		}
		if marks++; !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
		}
		if marks > marksShown {
			continue
		}
		if n++; n > tamedRunes {
			b.WriteString("…")
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// number groups the digits of a count; in Chinese, round tens of thousands are told in 万.
func (l language) number(n int64) string {
	if l == chinese && n >= 10_000 && n%1000 == 0 {
		return strings.TrimSuffix(strconv.FormatFloat(float64(n)/10_000, 'f', 1, 64), ".0") + " 万"
	}
	digits := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, c := range digits {
		if i > 0 && c != '-' && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// price is one price in words: "2–3 元/条，100 条起".
func (l language) price(p market.Price) string {
	sum := tame(p.Amount)
	if p.AmountMax != "" {
		sum += "–" + tame(p.AmountMax)
	}
	sum += " " + l.word("currency", p.Currency)
	switch {
	case p.Per == market.PerLot && p.MinQuantity > 0:
		return l.message("price.for", sum, l.number(p.MinQuantity))
	case p.Per == market.PerUnknown || p.Per == "":
	default:
		sum += l.word("per", p.Per)
	}
	if p.MinQuantity > 0 {
		return l.message("price.from", sum, l.number(p.MinQuantity))
	}
	return sum
}

// stock is an amount in words: "30 万条".
func (l language) stock(s market.Stock) string {
	if s.Unit != market.UnitItem && s.Unit != market.UnitAccount {
		return l.number(s.Quantity)
	}
	return l.message("stock."+s.Unit, l.number(s.Quantity))
}

// contact is a contact in words: "QQ 1000012345".
func (l language) contact(c market.Contact) string {
	return l.word("contact", c.Kind) + " " + tame(c.Value)
}

// moment is a time as people here read it; "" for an unknown one.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(search.Zone).Format("2006-01-02 15:04")
}

// exact is the same to the second with its zone, for machines and tooltips.
func exact(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(search.Zone).Format(time.RFC3339)
}

// ago is the distance between two times in words, in one unit, for either direction.
func (l language) ago(now, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	d, key := now.Sub(t), "ago."
	if d < 0 {
		d, key = -d, "in."
	}
	switch {
	case d < time.Minute && key == "in.":
		return l.message("in.soon")
	case d < time.Minute:
		return l.message("ago.now")
	case d < time.Hour:
		return l.message(key+"minutes", int(d/time.Minute))
	case d < 48*time.Hour:
		return l.message(key+"hours", int(d/time.Hour))
	case d < 60*24*time.Hour:
		return l.message(key+"days", int(d/(24*time.Hour)))
	}
	return l.message(key+"months", int(d/(30*24*time.Hour)))
}

// lasted is a span of time in words, in one unit.
func (l language) lasted(d time.Duration) string {
	switch {
	case d < time.Minute:
		return l.message("span.seconds", int(d/time.Second))
	case d < time.Hour:
		return l.message("span.minutes", int(d/time.Minute))
	case d < 48*time.Hour:
		return l.message("span.hours", int(d/time.Hour))
	}
	return l.message("span.days", int(d/(24*time.Hour)))
}

// field writes field:value for the query language; "" when no query can say it.
func field(name, value string) string {
	if value == "" || strings.ContainsAny(value, "\"“”「」＂\x00\n\r") {
		return ""
	}
	for _, r := range value {
		plain := r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == '-' || r == '.' || r == '@'
		if !plain {
			return name + `:"` + value + `"`
		}
	}
	return name + ":" + value
}

// searchFor is the address of a search, "" for an empty query.
func searchFor(q string) string {
	if q == "" {
		return ""
	}
	return "/?" + url.Values{"q": {q}}.Encode()
}

// searchField is the address of a search for one value.
func searchField(name, value string) string { return searchFor(field(name, value)) }

// searchContact is the address of a search for a contact; groups and addresses
// have no field.
func searchContact(c market.Contact) string {
	name := query.ContactField(c.Kind)
	if name == "" {
		return ""
	}
	return searchField(name, c.Value)
}

// webAddress gives an address back when it is one of the web, which may be a
// link; "" for javascript: and everything else.
func webAddress(s string) string {
	if len(s) > 2000 {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || !slices.Contains([]string{"http", "https"}, u.Scheme) {
		return ""
	}
	return u.String()
}
