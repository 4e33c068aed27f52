package casebook_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"resumewatch/internal/casebook"
	"resumewatch/internal/casebook/casebooktest"
)

func TestSQLiteTampering(t *testing.T) {
	casebooktest.RunTampering(t, openTampered)
	casebooktest.RunResealTampering(t, openTampered)
}

func openTampered(t *testing.T) (*casebook.Book, func(string) error) {
	path := filepath.Join(t.TempDir(), "book.db")
	book := open(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return book, func(statement string) error {
		_, err := db.ExecContext(t.Context(), statement)
		return err
	}
}
