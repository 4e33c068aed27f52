package casebook

import (
	"context"
	"database/sql"
	"embed"
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

//go:embed migrations
var migrations embed.FS

// dialect is what differs between engines.
type dialect struct {
	rebind func(query string) string // "?" to the engine's own marks
}

// ErrNoBook says that there is no casebook at that path yet.
var ErrNoBook = errors.New("no casebook here yet: import or crawl something first")

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
	if err := migrate(ctx, w); err != nil {
		return nil, errors.Join(fmt.Errorf("casebook %s: %w", path, err), w.Close())
	}
	r, err := openSQLite(path, "rw") // a WAL reader must be able to make the -shm file
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	r.SetMaxOpenConns(4)
	return &Book{w: w, r: r, d: dialect{rebind: func(q string) string { return q }}, path: path}, nil
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
	b := &Book{r: r, d: dialect{rebind: func(q string) string { return q }}, path: path}
	if _, err := b.Meta(ctx, "schema"); err != nil {
		return nil, errors.Join(fmt.Errorf("casebook %s can't be read (half made, or no casebook): %w", path, err), r.Close())
	}
	return b, nil
}

func openSQLite(path, mode string) (*sql.DB, error) {
	q := url.Values{}
	q.Set("mode", mode)
	q.Set("_txlock", "immediate")
	// Caches are a connection's own and outside of the Go heap: 2 MB each, the
	// system's file cache does the rest.
	for _, p := range []string{"busy_timeout(20000)", "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-2000)", "temp_store(MEMORY)"} {
		q.Add("_pragma", p)
	}
	dsn := (&url.URL{Scheme: "file", Opaque: url.PathEscape(filepath.ToSlash(path)), RawQuery: q.Encode()}).String()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("casebook %s: %w", path, err)
	}
	return db, nil
}

func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	// Of processes that open a new book at once, all but the first find it locked,
	// or tables where they want to make them. They look again: soon the tables
	// are up to date, or the fault is another one.
	for pause := 20 * time.Millisecond; ; pause += 20 * time.Millisecond {
		_, err := p.Up(ctx)
		if err == nil {
			return nil
		}
		if pause > 200*time.Millisecond {
			return fmt.Errorf("bringing the tables up to date: %w", err)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}
