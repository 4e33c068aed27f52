package jobs_test

import (
	"strings"
	"testing"

	"resumewatch/extractors"
	"resumewatch/internal/jobs"
)

// An item of the spool may hold anything: it is shown, or refused with a reason.
func FuzzParseDoubt(f *testing.F) {
	for _, s := range []string{
		`{"post":{"text":"有朋友手里有前程那边的东西吗，价钱好说"},"id":"a","state":"there","around":["x","y"],"at":1,"start":-1,"length":5}`,
		`{"at":0}`, `{"at":3,"around":["x"]}`, `{"post":{"text":"电话13800138000"},"around":null}`, `[]`, `{`, "",
	} {
		f.Add([]byte(s))
	}
	x, err := extractors.New()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, item []byte) {
		d, err := jobs.ParseDoubt(item)
		if err != nil {
			if !strings.Contains(err.Error(), "doubtful post") {
				t.Errorf("no reason: %v", err)
			}
			return
		}
		if text, _ := jobs.ListingText(&d.Post); len(d.Show(x).Text) != len(text) {
			t.Errorf("masks keep the length of a text: %q", text)
		}
	})
}
