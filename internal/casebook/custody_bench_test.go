package casebook_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
)

// BenchmarkLog numbers events, and audits the log of them.
func BenchmarkLog(b *testing.B) {
	book, err := casebook.OpenSQLite(b.Context(), filepath.Join(b.TempDir(), "book.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer book.Close()
	key, err := custody.NewKey([]byte(strings.Repeat("k", 32)))
	if err != nil {
		b.Fatal(err)
	}
	k := casebook.LogKeeper{Key: key}
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	size := int64(0)
	fill := func(to int64) {
		const lot = 5000
		for size < to {
			b.StopTimer()
			// Captures from before the log are the cheap way to many events.
			for n := range lot {
				e := custody.Event{Kind: custody.Adopted, At: now, Object: fmt.Sprint(n)}
				if err := book.NoteCustody(b.Context(), e); err != nil {
					b.Fatal(err)
				}
			}
			b.StartTimer()
			for range lot / 1000 {
				s, err := book.ExtendLog(b.Context(), k, now, 1000)
				if err != nil {
					b.Fatal(err)
				}
				size = s.Size
			}
		}
	}
	b.Run("number 5000", func(b *testing.B) {
		for b.Loop() {
			fill(size + 1)
		}
		b.ReportMetric(5000*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
	b.Run("audit", func(b *testing.B) {
		for b.Loop() {
			a, err := book.VerifyLog(b.Context(), func() (*custody.Audit, error) { return custody.NewAudit(key.Public, "") })
			if err != nil {
				b.Fatal(err)
			}
			if f := a.End(); f.Events != size || f.Count != 1 { // no checkpoint is kept apart
				b.Fatal(f.Faults)
			}
		}
		b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
}
