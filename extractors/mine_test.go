package extractors_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"resumewatch/extractors"
	"resumewatch/extractors/suggest"
	"resumewatch/internal/market"
)

// Words that the lexicon is made to forget come back among the first fifty: of ten that are
// common in the texts, and of ten that are rare.
func TestForgottenWordsAreSuggested(t *testing.T) {
	for _, c := range []struct {
		name   string
		hidden []string
		want   int
	}{
		{"common", []string{"智联", "前程", "猎聘", "拉勾", "脉脉", "企业号", "招聘号", "代下", "采集", "过审"}, 8},
		{"rare", []string{"直聘", "赶集", "领英", "会员号", "采集器", "头水", "下载点", "回锅", "直通车", "波士"}, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, err := extractors.NewWith(extractors.Settings{Without: c.hidden})
			if err != nil {
				t.Fatal(err)
			}
			m := suggest.New()
			keep := func(s string, _ []market.Span) string { return s }
			for _, text := range committed(t) {
				m.Add(x.Mine(text, keep))
			}
			all := m.Candidates(3, x.Knows, x.Near())
			first := all[:min(50, len(all))]
			found := 0
			for _, h := range c.hidden {
				at := slices.IndexFunc(all, func(c suggest.Candidate) bool { return strings.Contains(c.Text, h) })
				if at >= 0 && at < len(first) {
					found++
				}
				t.Logf("%s: place %d of %d", h, at+1, len(all))
			}
			for i, c := range first {
				t.Logf("%2d %.3f %-8s %s: in %d, elsewhere %d, odds %.1f, cohesion %.1f, freedom %.1f, slots %d, near %q", i+1, c.Score, c.Kind, c.Text, c.Count, c.Elsewhere, c.Odds, c.Cohesion, c.Freedom, c.Slots, c.Near)
			}
			if found < c.want {
				t.Errorf("%d of %d words came back, want %d", found, len(c.hidden), c.want)
			}
		})
	}
}

// committed are the texts of the corpora in testdata.
func committed(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("testdata/voices-?.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, name := range append(names, "testdata/messages.jsonl", "testdata/tuning.jsonl") {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var doc struct {
				Text string `json:"text"`
			}
			if err := json.Unmarshal(lines.Bytes(), &doc); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out = append(out, doc.Text)
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	return out
}
