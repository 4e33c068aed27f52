package extractors_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resumewatch/extractors"
)

// everyText gives the texts of all labelled files, and ordinary ones.
func everyText(t *testing.T) (out []string) {
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
			out = append(out, c.Text)
		}
	}
	b, err := os.ReadFile("testdata/ordinary.txt")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, strings.Split(strings.TrimSpace(string(b)), "\n")...)
}

// What the sieve holds back is never a listing, nor in doubt.
func TestSieveHoldsNoListingBack(t *testing.T) {
	x := extractor(t)
	for _, s := range everyText(t) {
		if lost(x, s) {
			t.Errorf("held back: %q", s)
		}
	}
}

// Of texts that nobody wrote, cut out of others, joined and disguised at random, the sieve
// holds back fewer listings and doubts than one in two hundred.
func TestSieveOnMixturesOfTexts(t *testing.T) {
	x := extractor(t)
	texts := everyText(t)
	d := rand.New(rand.NewPCG(11, 13))
	kept, gone := 0, 0
	for range 6000 {
		a, b := []rune(texts[d.IntN(len(texts))]), []rune(texts[d.IntN(len(texts))])
		var s string
		switch d.IntN(4) {
		case 0:
			s = string(a[:d.IntN(len(a)+1)]) + string(b[d.IntN(len(b)+1):])
		case 1:
			s = string(a) + "\n" + string(b)
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
	if gone*200 > kept {
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
