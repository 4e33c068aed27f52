package casebook_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/casebook/casebooktest"
	"resumewatch/internal/market"
)

func open(t *testing.T, path string) *casebook.Book {
	t.Helper()
	b, err := casebook.OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestSQLite(t *testing.T) {
	casebooktest.Run(t, func(t *testing.T) *casebook.Book { return open(t, filepath.Join(t.TempDir(), "book.db")) })
}

func TestSQLiteTogether(t *testing.T) {
	casebooktest.RunTogether(t, func(t *testing.T) func() *casebook.Book {
		path := filepath.Join(t.TempDir(), "book.db")
		return func() *casebook.Book { return open(t, path) }
	})
}

// Two processes have a handle each: both write, and one reads beside them.
func TestSQLiteTwoHandles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder?#%", "book.db")
	books := []*casebook.Book{open(t, path), open(t, path)}
	reader, err := casebook.OpenSQLiteReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	now := time.Now()
	run, err := books[0].StartRun(t.Context(), "test", now)
	if err != nil {
		t.Fatal(err)
	}
	const each = 30
	var all sync.WaitGroup
	errs := make(chan error, 1000)
	for i, b := range books {
		all.Go(func() {
			for n := range each {
				id := fmt.Sprintf("%d-%d", i, n)
				if _, _, err := b.AddChunks(t.Context(), run, []casebook.Work{{ID: id, Source: "s", Payload: []byte("{}")}, {ID: fmt.Sprintf("both-%d", n), Source: "s", Payload: []byte("{}")}}, now); err != nil {
					errs <- err
				}
			}
		})
	}
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		last := int64(0)
		for {
			p, err := reader.RunProgress(t.Context(), run, false)
			if err != nil {
				errs <- err
				return
			}
			if p.Chunks < last {
				errs <- fmt.Errorf("%d chunks after %d", p.Chunks, last)
			}
			last = p.Chunks
			select {
			case <-done:
				return
			default:
			}
		}
	})
	all.Wait()
	close(done)
	watching.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	p, err := reader.RunProgress(t.Context(), run, false)
	if err != nil || p.Chunks != 3*each {
		t.Fatalf("%d chunks, %v; want %d", p.Chunks, err, 3*each)
	}

	// What both want, one gets.
	due, err := reader.Due(t.Context(), now, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var won [2]int
	for i, b := range books {
		all.Go(func() {
			for _, w := range due {
				_, err := b.ClaimWork(t.Context(), casebook.Claim{ID: w.ID, Generation: w.Generation}, now)
				switch {
				case err == nil:
					won[i]++
				case !errors.Is(err, casebook.ErrLost):
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if won[0]+won[1] != 3*each {
		t.Errorf("%v claims won, want %d in all", won, 3*each)
	}
}

// A reader isn't kept waiting by a writer in the middle of a change.
func TestSQLiteReadersDontWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.db")
	b := open(t, path)
	if err := b.PutSource(t.Context(), casebook.Source{Name: "s", URL: "https://bbs.example.com/", State: casebook.SourceActive}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := b.RequestPages(t.Context(), 0, []casebook.Page{{Source: "s", Host: "h", URL: "u", Canonical: "u"}}, false, time.Now()); err != nil {
		t.Fatal(err)
	}
	reader, err := casebook.OpenSQLiteReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // less than the writer's patience with other writers
	defer cancel()
	asked := false
	_, err = b.PlanVisits(t.Context(), 0, time.Now(), func(casebook.Source) casebook.HostPlan {
		asked = true // within the transaction
		for _, r := range []*casebook.Book{b, reader} {
			if _, err := r.Sources(ctx); err != nil {
				t.Error(err)
			}
		}
		return casebook.HostPlan{Batch: 1, Queued: 1}
	})
	if err != nil || !asked {
		t.Fatal(asked, err)
	}
}

func TestSQLiteReader(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "book.db")
	_, err := casebook.OpenSQLiteReader(t.Context(), path)
	if !errors.Is(err, casebook.ErrNoBook) {
		t.Fatalf("no book: %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a reader made a book")
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := casebook.OpenSQLiteReader(t.Context(), path); err == nil {
		r.Close()
		t.Error("a half-made book was opened")
	} else if !strings.Contains(err.Error(), path) {
		t.Errorf("error names no file: %v", err)
	}
	b := open(t, path)
	if err := b.SetMeta(t.Context(), "k", "v"); err != nil {
		t.Fatal(err)
	}
	r, err := casebook.OpenSQLiteReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if v, err := r.Meta(t.Context(), "k"); err != nil || v != "v" {
		t.Errorf("read %q, %v", v, err)
	}
	for what, err := range map[string]error{
		"meta": r.SetMeta(t.Context(), "k", "w"), "run": second(r.StartRun(t.Context(), "x", time.Now())),
		"source": r.PutSource(t.Context(), casebook.Source{Name: "s"}, time.Now()), "note": r.Note(t.Context(), 1, market.OutcomeError, 1, nil),
	} {
		if err == nil {
			t.Errorf("a reader wrote a %s", what)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestSQLiteDamage(t *testing.T) {
	fill := func(t *testing.T) string {
		path := filepath.Join(t.TempDir(), "book.db")
		b, err := casebook.OpenSQLite(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 40 {
			if err := b.PutArchive(t.Context(), fmt.Sprint(i), strings.Repeat("x", 4000)); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Run("no casebook", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "book.db")
		if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := casebook.OpenSQLite(t.Context(), path); err == nil {
			b.Close()
			t.Error("opened")
		} else if !strings.Contains(err.Error(), path) {
			t.Errorf("error names no file: %v", err)
		}
		if b, err := casebook.OpenSQLiteReader(t.Context(), path); err == nil {
			b.Close()
			t.Error("opened for reading")
		}
	})
	t.Run("torn pages", func(t *testing.T) {
		path := fill(t)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := len(data) / 3; i < 2*len(data)/3; i++ {
			data[i] = 0xa5
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := casebook.OpenSQLite(t.Context(), path)
		if err == nil {
			err = b.Check(t.Context())
			b.Close()
		}
		if err == nil {
			t.Error("the damage was not seen")
		}
	})
	t.Run("whole", func(t *testing.T) {
		b := open(t, fill(t))
		if err := b.Check(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A context that ends stops a change without a trace, and the book goes on.
func TestSQLiteCancel(t *testing.T) {
	b := open(t, filepath.Join(t.TempDir(), "book.db"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.SetMeta(ctx, "k", "v"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if v, err := b.Meta(t.Context(), "k"); err != nil || v != "" {
		t.Errorf("read %q, %v", v, err)
	}
	if err := b.SetMeta(t.Context(), "k", "v"); err != nil {
		t.Error(err)
	}
}
