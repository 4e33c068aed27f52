package gen

import (
	"math/rand/v2"
	"strings"
)

// template is a sentence with slots, "{city}缺{n}个{job}", taken apart once so
// that filling it in costs little.
type template []piece

type piece struct {
	text string
	slot string // "" for text
	pool []string
}

// words are the pools that slots draw from.
type words map[string][]string

// parse takes a template apart. Slots without a pool are numbers: see fill.
func parse(s string, w words) template {
	var t template
	for s != "" {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			return append(t, piece{text: s})
		}
		if i > 0 {
			t = append(t, piece{text: s[:i]})
		}
		j := strings.IndexByte(s[i:], '}')
		if j < 0 {
			return append(t, piece{text: s[i:]})
		}
		name := s[i+1 : i+j]
		t = append(t, piece{slot: name, pool: w[name]})
		s = s[i+j+1:]
	}
	return t
}

func parseAll(in []string, w words) []template {
	out := make([]template, len(in))
	for i, s := range in {
		out[i] = parse(s, w)
	}
	return out
}

// fill appends the template with its slots filled at random.
func (t template) fill(dst []byte, r *rand.Rand) []byte {
	for _, p := range t {
		switch {
		case p.slot == "":
			dst = append(dst, p.text...)
		case p.pool != nil:
			dst = append(dst, p.pool[r.IntN(len(p.pool))]...)
		default:
			dst = number(dst, p.slot, r)
		}
	}
	return dst
}

// number fills the slots that are numbers: a person's values keep to the ranges of the package comment.
func number(dst []byte, slot string, r *rand.Rand) []byte {
	switch slot {
	case "n":
		return decimal(dst, 2+r.IntN(28), 0)
	case "age":
		return decimal(dst, 21+r.IntN(24), 0)
	case "years":
		return decimal(dst, 1+r.IntN(15), 0)
	case "k":
		return decimal(dst, 4+r.IntN(26), 0)
	case "hour":
		return decimal(dst, 8+r.IntN(12), 0)
	case "min":
		return decimal(dst, 5*r.IntN(12), 2)
	case "yuan":
		return decimal(dst, 5+r.IntN(300), 0)
	case "qq":
		return decimal(dst, qqLow+r.IntN(qqSpan), 0)
	case "phone":
		if r.IntN(2) == 0 {
			return decimal(append(dst, "13800138"...), r.IntN(1000), 3)
		}
		return decimal(append(dst, "1500000"...), r.IntN(10000), 4)
	}
	return append(append(append(dst, '{'), slot...), '}')
}

// decimal appends n with at least width digits.
func decimal(dst []byte, n, width int) []byte {
	var b [20]byte
	i := len(b)
	for n > 0 || width > 0 || i == len(b) {
		i--
		b[i] = byte('0' + n%10)
		n /= 10
		width--
	}
	return append(dst, b[i:]...)
}
