//go:build parts

package casebook_test

import (
	"database/sql"
	"testing"

	"resumewatch/internal/casebook"
	"resumewatch/internal/casebook/casebooktest"
)

func TestPostgresTampering(t *testing.T) {
	s := postgres(t)
	open := func(t *testing.T) (*casebook.Book, func(string) error) {
		name := s.empty(t, s.template)
		db, err := sql.Open("pgx", s.to(name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return s.open(t, name), func(statement string) error {
			_, err := db.ExecContext(t.Context(), statement)
			return err
		}
	}
	casebooktest.RunTampering(t, open)
	casebooktest.RunResealTampering(t, open)
}

func TestPostgresCases(t *testing.T) {
	s := postgres(t)
	casebooktest.RunCases(t, func(t *testing.T) *casebook.Book { return s.open(t, s.empty(t, s.template)) })
}
