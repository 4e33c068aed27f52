package index_test

import (
	"path/filepath"
	"testing"

	"resumewatch/internal/index"
	"resumewatch/internal/index/indextest"
)

func open(t *testing.T, path string, readOnly bool) index.Store {
	t.Helper()
	s, err := index.OpenSQLite(path, readOnly)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSQLite(t *testing.T) {
	empty := func(t *testing.T) index.Store { return open(t, filepath.Join(t.TempDir(), "index.db"), false) }
	indextest.Run(t, empty)
	indextest.RunWhole(t, empty)
}
