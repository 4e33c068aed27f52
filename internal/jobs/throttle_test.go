package jobs

import (
	"path/filepath"
	"testing"
	"time"

	"resumewatch/internal/casebook"
)

// After a step the grouper rests twice as long as it took, so that few steps
// take in what many would regroup again and again.
func TestGrouperRests(t *testing.T) {
	book, err := casebook.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "book.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	steps := 0
	d := &Dispatcher{Workshop: &Workshop{Book: book, Now: func() time.Time {
		steps++
		now = now.Add(time.Second) // a step asks twice: it takes a second
		return now
	}}}
	step := func() bool {
		t.Helper()
		asked := steps
		if _, err := d.group(t.Context(), casebook.Fence{}); err != nil {
			t.Fatal(err)
		}
		return steps > asked+1
	}
	var ran []bool
	for range 7 {
		ran = append(ran, step())
	}
	// Begins at 1, ends at 2, rests until 4: the one at 3 is passed over, and so on.
	want := []bool{true, false, true, false, true, false, true}
	for i := range want {
		if ran[i] != want[i] {
			t.Fatalf("steps %v, want %v", ran, want)
		}
	}
}
