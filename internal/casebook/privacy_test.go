package casebook_test

import (
	"path/filepath"
	"testing"

	"resumewatch/internal/casebook"
	"resumewatch/internal/casebook/casebooktest"
)

func TestSQLitePrivacy(t *testing.T) {
	casebooktest.RunPrivacy(t, func(t *testing.T) *casebook.Book { return open(t, filepath.Join(t.TempDir(), "book.db")) })
}
