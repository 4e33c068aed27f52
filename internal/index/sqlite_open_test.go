package index_test

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/index"
	"resumewatch/internal/index/indextest"
	"resumewatch/internal/query"
)

func ids(t *testing.T, s index.Store) []string {
	t.Helper()
	out := []string{}
	if err := s.Search(t.Context(), query.All{}, index.Page{}, func(h index.Hit) error { out = append(out, h.ListingID); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// fill makes an index with the documents of the suite and closes it.
func fill(t *testing.T, path string) {
	t.Helper()
	s, err := index.OpenSQLite(path, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), indextest.Documents()); err != nil {
		t.Fatal(err)
	}
	if err := s.Filled(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

var filled = []string{"05", "06", "04", "03", "02", "01"}

func TestFreshAndThenNot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?#%20.db") // what an address would read otherwise
	s := open(t, path, false)
	if !s.Fresh() || len(ids(t, s)) != 0 {
		t.Error("a missing file makes a fresh, empty index")
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s := open(t, path, false); !s.Fresh() {
		t.Error("opened again before it was filled, it is fresh no more")
	}
	path = filepath.Join(t.TempDir(), "index.db")
	fill(t, path)
	for _, readOnly := range []bool{false, true} {
		s := open(t, path, readOnly)
		if s.Fresh() {
			t.Error("an index that was there is not fresh")
		}
		if diff := cmp.Diff(filled, ids(t, s)); diff != "" {
			t.Error(diff)
		}
		if readOnly {
			if err := s.Put(t.Context(), indextest.Documents()); !errors.Is(err, index.ErrReadOnly) {
				t.Errorf("Put = %v", err)
			}
			if err := s.Delete(t.Context(), []index.Ref{{ListingID: filled[0], Version: 9}}); !errors.Is(err, index.ErrReadOnly) {
				t.Errorf("Delete = %v", err)
			}
		}
	}
}

// What can't be used is replaced by a new index, and a reader says what to do.
func TestUnusableFiles(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good.db")
	fill(t, good)
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Clone(whole)
	other[63]++ // user_version, the layout
	for name, content := range map[string][]byte{
		"text":         []byte("this is no database, but text that someone put here by mistake\n"),
		"zeros":        make([]byte, 8192),
		"cut":          whole[:len(whole)/2],
		"one page":     whole[:4096],
		"other layout": other,
		"broken tree":  append(bytes.Clone(whole[:4096]), bytes.Repeat([]byte{0xff}, len(whole)-4096)...),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "index.db")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if s, err := index.OpenSQLite(path, true); err == nil {
				_ = s.Close()
				t.Error("a reader opened it")
			} else if !errors.Is(err, index.ErrUnusable) {
				t.Errorf("a reader says: %v", err)
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, content) {
				t.Error("a reader changed it")
			}
			s := open(t, path, false)
			if !s.Fresh() || len(ids(t, s)) != 0 {
				t.Error("no fresh index took its place")
			}
			if err := s.Put(t.Context(), indextest.Documents()); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(filled, ids(t, s)); diff != "" {
				t.Error(diff)
			}
			if _, err := os.Stat(path + ".broken"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestEmptyFileAndLogWithoutFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := index.OpenSQLite(path, true); !errors.Is(err, index.ErrUnusable) {
		t.Errorf("a reader of an empty file: %v", err)
	}
	if s := open(t, path, false); !s.Fresh() {
		t.Error("an empty file makes a fresh index")
	}
	path = filepath.Join(t.TempDir(), "index.db")
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.WriteFile(path+suffix, []byte("left over"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, path, false)
	if !s.Fresh() || len(ids(t, s)) != 0 {
		t.Error("a log without its file is not played")
	}
	if _, err := index.OpenSQLite(filepath.Join(t.TempDir(), "none.db"), true); !errors.Is(err, index.ErrUnusable) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a reader of nothing: %v", err)
	}
	if _, err := index.OpenSQLite(t.TempDir(), false); err == nil {
		t.Error("a folder was opened")
	}
}

// Another program's database is not touched.
func TestForeignDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "casebook.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE precious (x); INSERT INTO precious VALUES (1)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{false, true} {
		if s, err := index.OpenSQLite(path, readOnly); err == nil {
			_ = s.Close()
			t.Error("it was opened")
		} else if errors.Is(err, index.ErrUnusable) {
			t.Errorf("it passes for a broken index: %v", err)
		}
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Error("it was changed")
	}
}

// Damage anywhere in the file ends in a clear error or does not matter, never
// in a panic or in an error that says nothing of reindex.
func TestDamagedPages(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good.db")
	fill(t, good)
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	noted := 0
	for at := 4096; at < len(whole); at += 4096 {
		path := filepath.Join(t.TempDir(), "index.db")
		content := bytes.Clone(whole)
		copy(content[at:at+4096], bytes.Repeat([]byte{0xa5}, 4096))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := index.OpenSQLite(path, true)
		if err == nil {
			n, _ := query.Parse("简历 -qq side:sell price:1..", indextest.Now, indextest.Zone)
			err = errors.Join(
				s.Search(t.Context(), n, index.Page{}, func(index.Hit) error { return nil }),
				s.Search(t.Context(), query.All{}, index.Page{}, func(index.Hit) error { return nil }),
				s.Versions(t.Context(), func(index.Ref) error { return nil }),
				s.Close())
		}
		if err != nil {
			noted++
			if !errors.Is(err, index.ErrUnusable) {
				t.Errorf("page at %d: %v", at, err)
			}
		}
	}
	if noted == 0 {
		t.Error("no damage was noted at all")
	}
}
