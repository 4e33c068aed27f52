package app

import (
	"os"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// With a revisit goes the newest whole capture of its page in front of it.
func TestWithOriginals(t *testing.T) {
	o := testOptions(t)
	must(t, os.MkdirAll(o.Data, 0o700))
	s, err := openSession(t.Context(), o)
	must(t, err)
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	row := func(digest, kind, refers, url string, days int) casebook.Capture {
		return casebook.Capture{Digest: strings.Repeat(digest, 64), SealedDigest: strings.Repeat(digest, 64), File: "2026/03/x", Offset: int64(days), Length: 1,
			Kind: kind, URL: url, At: at.AddDate(0, 0, days), Source: "board", Refers: strings.Repeat(refers, 64*len(refers))}
	}
	const url = "http://bbs.example.com/thread-1"
	rows := []casebook.Capture{
		row("a", "page", "", url, 0), row("b", "revisit", "a", url, 1), row("c", "page", "a", url, 2), row("d", "page", "a", url+"?page=2", 3),
		row("e", "revisit", "a", url, 4), row("f", "page", "a", url, 5), row("1", "revisit", "9", url, 6),
	}
	_, _, err = s.Book.AddChunks(t.Context(), 1, []casebook.Work{{ID: "u", Source: "board", Payload: []byte("{}")}}, at)
	must(t, err)
	claim := casebook.Claim{ID: "u", Generation: 1}
	_, err = s.Book.ClaimWork(t.Context(), claim, at)
	must(t, err)
	_, err = s.Book.Commit(t.Context(), casebook.Learnt{Work: claim, Run: 1, Source: "board", At: at, Outcome: market.OutcomeNew, Captures: rows})
	must(t, err)
	must(t, s.Close())
	r, err := OpenReader(t.Context(), o)
	must(t, err)
	defer r.Close()
	for names, want := range map[string]string{"a": "a", "b": "ab", "e": "ce", "c": "c", "1": "1", "be": "abce"} {
		var found []casebook.Capture
		for _, c := range rows {
			if strings.Contains(names, c.Digest[:1]) {
				found = append(found, c)
			}
		}
		found, err := r.withOriginals(t.Context(), found)
		must(t, err)
		got := ""
		for _, c := range found {
			got += c.Digest[:1]
		}
		same(t, "captures for "+names, want, got)
	}
}
