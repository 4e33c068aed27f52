package extractors_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resumewatch/extractors"
)

// everyText gives the texts of all labelled files, and ordinary ones, with whether they are
// listings by their label.
func everyText(t *testing.T) (texts []string, listings []bool) {
	t.Helper()
	names, err := filepath.Glob("testdata/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.Contains(name, "pairs-") {
			continue
		}
		for _, c := range corpus(t, name) {
			texts, listings = append(texts, c.Text), append(listings, c.Listing.Listing)
		}
	}
	b, err := os.ReadFile("testdata/ordinary.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		texts, listings = append(texts, strings.TrimSpace(line)), append(listings, false)
	}
	return texts, listings
}

// The sieve holds back no listing that a thorough reading hears or doubts.
func TestSieveHoldsNoListingBack(t *testing.T) {
	x := extractor(t)
	texts, listings := everyText(t)
	for i, s := range texts {
		if listings[i] && lost(x, s) {
			t.Errorf("held back: %q", s)
		}
	}
}

// Of texts that nobody wrote, cut out of listings, joined with others and disguised at random,
// the sieve holds back fewer listings and doubts than one in a hundred.
func TestSieveOnMixturesOfTexts(t *testing.T) {
	x := extractor(t)
	texts, listings := everyText(t)
	d := rand.New(rand.NewPCG(11, 13))
	kept, gone := 0, 0
	for range 8000 {
		at := d.IntN(len(texts))
		if !listings[at] {
			continue
		}
		a, b := []rune(texts[at]), []rune(texts[d.IntN(len(texts))])
		var s string
		switch d.IntN(4) {
		case 0:
			s = string(a[:d.IntN(len(a)+1)]) + string(b[d.IntN(len(b)+1):])
		case 1:
			s = string(b) + "\n" + string(a)
		case 2:
			s = string(a[d.IntN(len(a)/2+1):])
		default:
			sep := string([]rune("*./_ ~|·\u200b")[d.IntN(9)])
			var w strings.Builder
			for _, r := range a {
				w.WriteRune(r)
				if d.IntN(3) == 0 {
					w.WriteString(sep)
				}
			}
			s = w.String()
		}
		r := x.Extract(s, extractors.Options{Thorough: true})
		if !r.Listing.Listing && !r.Doubt {
			continue
		}
		if kept++; lost(x, s) {
			gone++
			t.Logf("held back: %q", s)
		}
	}
	if gone*100 > kept {
		t.Errorf("%d of %d are held back", gone, kept)
	}
}

// lost reports whether a text is a listing or in doubt only for a thorough reading.
func lost(x *extractors.Extractor, s string) bool {
	fast := x.Extract(s, extractors.Options{})
	if fast.Listing.Listing || fast.Doubt {
		return false
	}
	r := x.Extract(s, extractors.Options{Thorough: true})
	return r.Listing.Listing || r.Doubt
}
