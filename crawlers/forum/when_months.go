package forum

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// monthNames are the beginnings of month names by which Django's and Discuz!'s
// language packs can be told apart, lower case: English, German, French,
// Spanish, Portuguese, Italian, Russian.
var monthNames = []struct {
	month int
	names []string
}{
	{1, []string{"jan", "jän", "ene", "gen", "янв"}},
	{2, []string{"feb", "fév", "fev", "фев"}},
	{3, []string{"mar", "mär", "mrz", "мар"}},
	{4, []string{"apr", "avr", "abr", "апр"}},
	{5, []string{"may", "mai", "mag", "мая", "май"}},
	{6, []string{"jun", "juin", "giu", "июн"}},
	{7, []string{"jul", "juil", "lug", "июл"}},
	{8, []string{"aug", "aoû", "aou", "ago", "авг"}},
	{9, []string{"sep", "set", "сен"}},
	{10, []string{"oct", "okt", "out", "ott", "окт"}},
	{11, []string{"nov", "ноя"}},
	{12, []string{"dec", "dez", "déc", "dic", "дек"}},
}

var (
	// November 22, 2026 · Nov. 22nd 2026
	monthFirst = regexp.MustCompile(`(\p{L}{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})`)
	// 22 November 2026 · 22. November 2026 · 22 de noviembre de 2026 · 22 ноября 2026 г.
	dayFirst = regexp.MustCompile(`(\d{1,2})\.?(?:er|º)?\s+(?:de\s+)?(\p{L}{3,12})\.?,?\s+(?:de\s+)?(\d{4})`)
)

func readNamedMonth(text string, at time.Time) (When, bool) {
	for _, m := range monthFirst.FindAllStringSubmatchIndex(text, 4) {
		if month := monthOf(text[m[2]:m[3]]); month > 0 {
			day, _ := strconv.Atoi(text[m[4]:m[5]])
			year, _ := strconv.Atoi(text[m[6]:m[7]])
			return dated(year, month, day, text[m[1]:], at)
		}
	}
	for _, m := range dayFirst.FindAllStringSubmatchIndex(text, 4) {
		if month := monthOf(text[m[4]:m[5]]); month > 0 {
			day, _ := strconv.Atoi(text[m[2]:m[3]])
			year, _ := strconv.Atoi(text[m[6]:m[7]])
			return dated(year, month, day, text[m[1]:], at)
		}
	}
	return When{}, false
}

func monthOf(word string) int {
	word = strings.ToLower(word)
	for _, m := range monthNames {
		for _, n := range m.names {
			if strings.HasPrefix(word, n) {
				return m.month
			}
		}
	}
	return 0
}
