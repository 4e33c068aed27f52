package casebook_test

import (
	"path/filepath"
	"testing"

	"resumewatch/internal/casebook"
	"resumewatch/internal/casebook/casebooktest"
)

func TestSQLiteRetention(t *testing.T) {
	casebooktest.RunRetention(t, func(t *testing.T) *casebook.Book { return open(t, filepath.Join(t.TempDir(), "book.db")) })
}
