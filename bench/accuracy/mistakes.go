package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"resumewatch/internal/market"
)

// explained says what ordinary texts that are called listings are, by the digest of the
// text: somebody has looked at each. Others are told by the kind of mistake alone.
var explained = map[string]string{
	"ea7d3fca44f7": "a headline with the price of an LG television: LG is taken for the initials of 拉勾, and what is sold for resumes",
	"b7eac3127c91": "the same: two prices of LG televisions",
	"c37baba7c593": "the same: the price of an LG refrigerator",
	"34598fa86245": "the same: the price of an LG screen",
	"1f2b432b63da": "the same: the price of an LG television and by how much it fell",
	"6cd95d607f67": "a headline with the price of a television on the holiday 五一, which is a nickname of 前程无忧 too",
	"fcfed874b588": "a headline about traders' profits: 货, which may be anything, bought and sold at two prices",
	"816f8e3154ae": "a review of a hotel: LP (wife) taken for initials, a number for a platform, prices of a room",
}

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
