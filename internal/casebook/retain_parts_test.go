//go:build parts

package casebook_test

import (
	"testing"

	"resumewatch/internal/casebook"
	"resumewatch/internal/casebook/casebooktest"
)

func TestPostgresRetention(t *testing.T) {
	s := postgres(t)
	casebooktest.RunRetention(t, func(t *testing.T) *casebook.Book { return s.open(t, s.empty(t, s.template)) })
}
