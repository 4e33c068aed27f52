package casebook_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/casebook/casebooktest"
)

func TestSQLiteRetention(t *testing.T) {
	casebooktest.RunRetention(t, func(t *testing.T) *casebook.Book { return open(t, filepath.Join(t.TempDir(), "book.db")) })
}

// What is dropped is no longer in the file.
func TestSQLiteForgets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.db")
	b := open(t, path)
	w := casebooktest.NewWorld(7, 6)
	w.Order(t, b)
	w.Work(t, b)
	holds := func() bool {
		t.Helper()
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(text, []byte("出简历"))
	}
	if err := b.Close(); err != nil { // the log of what was written goes into the file
		t.Fatal(err)
	}
	if !holds() {
		t.Fatal("the file doesn't hold what was written")
	}
	b = open(t, path)
	var prints casebook.Fingerprints
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	var ids []string
	if err := b.Listings(t.Context(), func(r casebook.Row) error { ids = append(ids, r.ID); return nil }); err != nil || len(ids) == 0 {
		t.Fatalf("%d listings, %v", len(ids), err)
	}
	if err := b.DropForTest(t.Context(), ids, prints, now); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if holds() {
		t.Error("the file still holds what was dropped")
	}
}
