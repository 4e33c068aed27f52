package casebook_test

import (
	"path/filepath"
	"testing"

	"resumewatch/internal/casebook"
	"resumewatch/internal/casebook/casebooktest"
)

func TestSQLiteCases(t *testing.T) {
	casebooktest.RunCases(t, func(t *testing.T) *casebook.Book { return open(t, filepath.Join(t.TempDir(), "book.db")) })
}
