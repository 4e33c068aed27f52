package casebook_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// benchmarkCommits commits chunks of 20,000 messages (about 4 MiB of an archive) of
// which every n-th is a listing: 40 sellers repeat themselves.
func benchmarkCommits(b *testing.B, book *casebook.Book) {
	prints, err := casebook.NewFingerprints([]byte("0123456789abcdef"))
	if err != nil {
		b.Fatal(err)
	}
	chunks := 0
	for _, every := range []int{500, 1} {
		b.Run(fmt.Sprintf("listing of %d", every), func(b *testing.B) {
			run, err := book.StartRun(b.Context(), "bench", time.Now())
			if err != nil {
				b.Fatal(err)
			}
			listings := 0
			for b.Loop() {
				b.StopTimer()
				l := chunk(prints, chunks, every)
				id := fmt.Sprint("chunk ", chunks)
				chunks++
				if _, _, err := book.AddChunks(b.Context(), run, []casebook.Work{{ID: id, Source: "bench", Payload: []byte("{}")}}, l.At); err != nil {
					b.Fatal(err)
				}
				l.Work, l.Run = casebook.Claim{ID: id, Generation: 1}, run
				if _, err := book.ClaimWork(b.Context(), l.Work, l.At); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				gain, err := book.Commit(b.Context(), l)
				if err != nil || gain.Posts != int64(len(l.Sightings)) || gain.Listings != int64(len(l.Found)) {
					b.Fatal(gain, err)
				}
				listings += len(l.Found)
			}
			b.ReportMetric(float64(listings)/b.Elapsed().Seconds(), "listings/s")
		})
	}
}

func chunk(prints casebook.Fingerprints, number, every int) casebook.Learnt {
	const messages = 20_000
	l := casebook.Learnt{Source: "bench", At: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Outcome: market.OutcomeNew, Bytes: 4 << 20}
	l.Captures = []casebook.Capture{{Digest: fmt.Sprint("capture ", number), File: "f", Kind: "chat", At: l.At}}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(number) * 100 * time.Hour)
	var buf []byte
	for i := range messages {
		seller := fmt.Sprint(1000010000 + i%40)
		p := &market.Post{
			Place: "1000045678", PlaceName: "人事交流群", Author: market.Author{Kind: market.AuthorUIN, ID: seller, Name: "卖家" + seller},
			PostedAt: start.Add(time.Duration(i) * 18 * time.Second), Text: fmt.Sprintf("出智联简历，一手，现货%d万条，2元一条，要的加 %s", i%7, seller),
		}
		var s casebook.Sighting
		s, buf = prints.Of(p, buf)
		l.Sightings = append(l.Sightings, s)
		if i%every != 0 {
			continue
		}
		r := market.Reading{Listing: market.Listing{Listing: true, Side: market.SideSell, Goods: []string{market.GoodsResumeData}, Contacts: []market.Contact{{Kind: market.ContactQQ, Value: seller}}}, Confidence: 0.9}
		r.Normalize()
		l.Found = append(l.Found, casebook.Found{
			Post: p, ID: p.ID(0), Masked: p.Text, TextDigest: "0123456789abcdef", Reading: r, Sketch: uint64(i % 280), Extractor: "1",
			Capture: l.Captures[0].Digest, Start: int64(200 * i), Length: 200, State: market.PostUnknown,
		})
	}
	return l
}

func BenchmarkSQLiteCommit(b *testing.B) {
	book, err := casebook.OpenSQLite(b.Context(), filepath.Join(b.TempDir(), "book.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer book.Close()
	benchmarkCommits(b, book)
}
