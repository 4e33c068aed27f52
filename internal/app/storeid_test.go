package app

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"resumewatch/internal/casebook"
)

func openTestBook(t *testing.T, path string) *casebook.Book {
	t.Helper()
	b, err := casebook.OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// Processes that start on a new casebook and an empty folder at once agree on the name.
func TestFirstStartsAgreeOnTheEvidence(t *testing.T) {
	for range 20 {
		dir, data := t.TempDir(), filepath.Join(t.TempDir(), "casebook.db")
		books := make([]*casebook.Book, 4)
		for i := range books {
			books[i] = openTestBook(t, data)
		}
		var wg sync.WaitGroup
		for _, b := range books {
			wg.Go(func() {
				if err := matchEvidence(t.Context(), b, dirPlace(dir)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 1 {
			t.Fatalf("%v, %v", left, err)
		}
		theirs, err := readStoreID(filepath.Join(dir, storeIDFile))
		ours, metaErr := books[0].Meta(t.Context(), metaEvidence)
		if err != nil || metaErr != nil || ours != theirs || len(ours) != 32 {
			t.Fatalf("%q, %q, %v, %v", ours, theirs, err, metaErr)
		}
		for _, b := range books {
			if err := matchEvidence(t.Context(), b, dirPlace(dir)); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestForeignEvidence(t *testing.T) {
	evidence := func(t *testing.T, dir string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, "2026/11"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "2026/11/x.warc.gz.age"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(t *testing.T, b *casebook.Book, dir string) {
		t.Helper()
		before, err := readStoreID(filepath.Join(dir, storeIDFile))
		if err != nil {
			t.Fatal(err)
		}
		if err := matchEvidence(t.Context(), b, dirPlace(dir)); err == nil || !strings.Contains(err.Error(), "belongs to another casebook") {
			t.Errorf("%v", err)
		}
		if after, err := readStoreID(filepath.Join(dir, storeIDFile)); err != nil || after != before {
			t.Errorf("the name was %q, is %q, %v", before, after, err)
		}
	}
	book := func(t *testing.T) *casebook.Book {
		t.Helper()
		return openTestBook(t, filepath.Join(t.TempDir(), "casebook.db"))
	}
	t.Run("a new casebook beside evidence", func(t *testing.T) {
		dir := t.TempDir()
		evidence(t, dir)
		refused(t, book(t), dir)
	})
	t.Run("a new casebook beside a name", func(t *testing.T) {
		dir := t.TempDir()
		if err := matchEvidence(t.Context(), book(t), dirPlace(dir)); err != nil {
			t.Fatal(err)
		}
		other := book(t)
		refused(t, other, dir) // the first may be about to write
		refused(t, other, dir)
	})
	t.Run("the name was lost", func(t *testing.T) {
		dir, b := t.TempDir(), book(t)
		if err := matchEvidence(t.Context(), b, dirPlace(dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, storeIDFile)); err != nil {
			t.Fatal(err)
		}
		if err := matchEvidence(t.Context(), b, dirPlace(dir)); err != nil { // an empty folder gets it again
			t.Fatal(err)
		}
		evidence(t, dir)
		if err := matchEvidence(t.Context(), b, dirPlace(dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, storeIDFile)); err != nil {
			t.Fatal(err)
		}
		refused(t, b, dir)
	})
}
