package casebook

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// ErrNoBook says that there is no casebook there yet.
var ErrNoBook = errors.New("no casebook here yet: import or crawl something first")

// schema is a folder of migrations.
type schema struct {
	dialect goose.Dialect
	dir     fs.FS
	newest  int64 // version of the tables that this program knows
}

func schemaOf(dialect goose.Dialect, folder string) (schema, error) {
	dir, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		return schema{}, err
	}
	s := schema{dialect: dialect, dir: dir}
	files, err := fs.Glob(dir, "*.sql")
	if err != nil {
		return schema{}, err
	}
	for _, f := range files {
		number, _, _ := strings.Cut(f, "_")
		v, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return schema{}, fmt.Errorf("migration %s has no number: %w", f, err)
		}
		s.newest = max(s.newest, v)
	}
	return s, nil
}

// up brings the tables up to date. Of several processes one at a time may do so.
func (s schema) up(ctx context.Context, db *sql.DB) error {
	p, err := goose.NewProvider(s.dialect, db, s.dir, goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bringing the tables up to date: %w", err)
	}
	return nil
}

// fits makes sure that the tables are those that this program knows.
// have < 0: there are none.
func (s schema) fits(have int64) error {
	switch {
	case have <= 0:
		return ErrNoBook
	case have < s.newest:
		return fmt.Errorf("its tables are of version %d, this program reads version %d: start what writes to it first, that brings them up to date", have, s.newest)
	case have > s.newest:
		return fmt.Errorf("its tables are of version %d, this program knows them up to version %d: use the newer program", have, s.newest)
	}
	return nil
}

// version of the tables; 0 when there are none yet.
func version(ctx context.Context, q interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) (v int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version`).Scan(&v)
	return v, err
}
