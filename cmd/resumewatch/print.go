package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// printJSON writes one document on one line.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// visible makes text of strangers harmless on a terminal: control characters,
// those that turn the direction of writing and those that break lines show as escapes.
func visible(s string) string {
	hidden := func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar
	}
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case hidden(r):
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// short cuts text for one line of a list, at n runes.
func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

func contactList(contacts []market.Contact) string {
	var out []string
	for _, c := range contacts {
		out = append(out, visible(c.Key()))
	}
	return strings.Join(out, " ")
}

// printSummary writes the end of import, crawl and up --once for people.
func printSummary(w io.Writer, s casebook.Summary) {
	var visits []string
	for _, o := range market.Outcomes {
		if n := s.Visits[o]; n > 0 {
			visits = append(visits, fmt.Sprintf("%d %s", n, o))
		}
	}
	if len(visits) == 0 {
		visits = []string{"none"}
	}
	rate := ""
	if s.Seconds > 0 && s.Bytes > 0 {
		rate = fmt.Sprintf(", %.1f MB/s", float64(s.Bytes)/1e6/s.Seconds)
	}
	fmt.Fprintf(w, "visits       %s\n", strings.Join(visits, ", "))
	fmt.Fprintf(w, "posts        %d new, %d known\n", s.Posts, s.Duplicates)
	fmt.Fprintf(w, "listings     %d new\noffers       %d new\nalerts       %d new\n", s.Listings, s.Offers, s.Alerts)
	if s.Doubtful > 0 {
		fmt.Fprintf(w, "doubtful     %d wait for a reviewer (resumewatch review list)\n", s.Doubtful)
	}
	if s.DoubtsOver > 0 {
		fmt.Fprintf(w, "             %d more were left alone: too many of their source wait\n", s.DoubtsOver)
	}
	fmt.Fprintf(w, "read         %d bytes in %.1f s%s\n", s.Bytes, s.Seconds, rate)
	if s.Quarantined > 0 || len(s.Problems) > 0 {
		fmt.Fprintf(w, "quarantined  %d\n", s.Quarantined)
	}
	for i, p := range s.Problems {
		if i == 20 {
			fmt.Fprintf(w, "problem      … and %d more (--json lists all)\n", len(s.Problems)-i)
			break
		}
		fmt.Fprintf(w, "problem      %s\n", problemLine(p))
	}
}

func problemLine(p market.Problem) string {
	where := visible(p.File)
	if p.Line > 0 {
		where += fmt.Sprintf(":%d", p.Line)
	}
	if p.Byte > 0 {
		where += fmt.Sprintf(" (byte %d)", p.Byte)
	}
	return where + ": " + visible(p.Reason)
}
