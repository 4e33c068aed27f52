package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // registers the driver "sqlite"; there is no other way to get it
)

// sqliteDialect: every write begins with BEGIN IMMEDIATE, so that writers come one
// after another and a read transaction is a snapshot by itself.
func sqliteDialect() dialect {
	return dialect{
		rebind: func(query string) string { return query },
		locked: func(...string) string { return "" },
		serial: true,
		alone:  func(*tx, string) error { return nil },
		again:  func(error) bool { return false },
		lost:   func(error) bool { return false },
		check: func(t *tx) error {
			var verdict string
			if err := t.row(`PRAGMA quick_check(1)`).Scan(&verdict); err != nil {
				return err
			}
			if verdict != "ok" {
				return fmt.Errorf("damaged: %s", verdict)
			}
			return nil
		},
	}
}

// OpenSQLite opens the casebook file for reading and writing, makes it when it
// is missing and brings its tables up to date. Commits reach the disk before
// they return (synchronous=FULL).
func OpenSQLite(ctx context.Context, path string) (*Book, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("casebook: %w", err)
	}
	// Made by us, so that nobody else may read it whatever the umask is.
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, fmt.Errorf("casebook: %w", err)
	} else if err := f.Close(); err != nil {
		return nil, fmt.Errorf("casebook: %w", err)
	}
	w, err := openSQLite(path, "rw")
	if err != nil {
		return nil, err
	}
	w.SetMaxOpenConns(1)
	if err := migrateSQLite(ctx, w); err != nil {
		return nil, errors.Join(fmt.Errorf("casebook %s: %w", path, err), w.Close())
	}
	r, err := openSQLite(path, "rw") // a WAL reader must be able to make the -shm file
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	r.SetMaxOpenConns(4)
	return &Book{w: w, r: r, d: sqliteDialect(), close: func() error { return errors.Join(r.Close(), w.Close()) }}, nil
}

// OpenSQLiteReader opens an existing casebook for reading beside its writer.
func OpenSQLiteReader(ctx context.Context, path string) (*Book, error) {
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: %w", filepath.Dir(path), ErrNoBook)
		}
		return nil, fmt.Errorf("casebook: %w", err)
	}
	r, err := openSQLite(path, "rw")
	if err != nil {
		return nil, err
	}
	have, err := version(ctx, r)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("casebook %s can't be read (half made, or no casebook): %w", path, err), r.Close())
	}
	s, err := schemaOf(goose.DialectSQLite3, "sqlite")
	if err == nil {
		err = s.fits(have)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("casebook %s: %w", path, err), r.Close())
	}
	return &Book{r: r, d: sqliteDialect(), close: r.Close}, nil
}

func openSQLite(path, mode string) (*sql.DB, error) {
	q := url.Values{}
	q.Set("mode", mode)
	q.Set("_txlock", "immediate")
	// What is deleted or replaced is overwritten in the file: else it stays readable
	// until its page is used again. Commits were measured with and without; no difference.
	// Caches are a connection's own and outside of the Go heap: 2 MB each, the
	// system's file cache does the rest.
	for _, p := range []string{"busy_timeout(20000)", "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-2000)", "temp_store(MEMORY)", "secure_delete(ON)"} {
		q.Add("_pragma", p)
	}
	dsn := (&url.URL{Scheme: "file", Opaque: url.PathEscape(filepath.ToSlash(path)), RawQuery: q.Encode()}).String()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("casebook %s: %w", path, err)
	}
	return db, nil
}

func migrateSQLite(ctx context.Context, db *sql.DB) error {
	s, err := schemaOf(goose.DialectSQLite3, "sqlite")
	if err != nil {
		return err
	}
	// Of processes that open a new book at once, all but the first find it locked,
	// or tables where they want to make them. They look again: soon the tables
	// are up to date, or the fault is another one.
	for pause := 20 * time.Millisecond; ; pause += 20 * time.Millisecond {
		err := s.up(ctx, db)
		if err == nil {
			break
		}
		if pause > 200*time.Millisecond {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
	have, err := version(ctx, db)
	if err != nil {
		return err
	}
	return s.fits(have)
}
