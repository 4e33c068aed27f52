package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"resumewatch/internal/market"
)

// explained says what ordinary texts that are called listings are, by the digest of the
// text: somebody has looked at each. Others are told by the kind of mistake alone.
var explained = map[string]string{}

// long is how many characters a text has whose evidence may stand far apart.
const long = 300

// mistakes are the kinds of mistake that make a listing of an ordinary text, as far as
// the reading shows them.
func mistakes(text string, r *market.Reading) string {
	var out []string
	inferred, heard := false, map[string]bool{}
	prices := 0
	for _, reason := range r.Reasons {
		kind, _, _ := strings.Cut(reason.Code, ".")
		switch {
		case kind == "price":
			prices++
		case kind == "goods" && !strings.Contains(reason.Text, "（"):
			inferred = true
		case strings.Contains(reason.Text, " → "):
			heard[kind] = true
		}
	}
	if n := utf8.RuneCountInString(text); n > long {
		out = append(out, fmt.Sprintf("evidence from all over a text of %d characters", n))
	}
	if inferred {
		out = append(out, "goods inferred, none named")
	}
	for _, kind := range []string{"goods", "platform", "grade", "side"} {
		if heard[kind] {
			out = append(out, "a "+kind+" heard in other characters")
		}
	}
	if prices > 0 {
		out = append(out, "sums or numbers taken for its price")
	}
	if len(out) == 0 {
		return "words of the trade in another sense"
	}
	return strings.Join(out, "; ")
}
