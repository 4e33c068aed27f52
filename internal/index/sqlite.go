package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"
)

// sqliteStore keeps the index in one SQLite file with FTS5. Row numbers are the
// second of posting and a running number within it, so that newest-first is a
// walk down the rows, whenever a listing was put in.
type sqliteStore struct {
	path  string
	write *sql.DB // one connection; nil when opened to read
	read  *sql.DB
	fresh atomic.Bool
	close sync.Once
}

var _ Store = (*sqliteStore)(nil)

const (
	// applicationID marks the file as an index of this program ("RWix").
	applicationID = 0x52576978
	// layout is raised with every change of the tables or of query.Tokens.
	layout = 2
)

// schema of the file.
//
// words has no content of its own: it finds rows and gives nothing back. Tokens are ours
// (query.Tokens) and unicode61 leaves them as they are. The prefix index serves single
// Han characters. facet holds one token a value of a field, one for the listing's id,
// one for each price and stock, and everyToken in each row.
//
// number holds each price (field 0) and stock (field 1) as a range, amount which
// ranges there are: with few of them in reach, a query asks facet for these. A range that
// no listing has any more stays in amount and finds nothing.
//
// filled has its one row once the index holds all of the casebook.
const schema = `
CREATE TABLE listing (
  row     INTEGER PRIMARY KEY,
  id      TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL
);
CREATE VIRTUAL TABLE words USING fts5(title, text, facet,
  content='', contentless_delete=1, prefix='1', tokenize="unicode61 remove_diacritics 0");
CREATE TABLE number (
  row   INTEGER NOT NULL,
  field INTEGER NOT NULL,
  lo    REAL NOT NULL,
  hi    REAL NOT NULL,
  PRIMARY KEY (row, field, lo, hi)
) WITHOUT ROWID;
CREATE INDEX number_lo ON number (field, lo);
CREATE INDEX number_wide ON number (field, hi) WHERE hi > lo;
CREATE TABLE amount (
  field INTEGER NOT NULL,
  lo    REAL NOT NULL,
  hi    REAL NOT NULL,
  PRIMARY KEY (field, lo, hi)
) WITHOUT ROWID;
CREATE INDEX amount_wide ON amount (field, hi) WHERE hi > lo;
CREATE TABLE filled (one INTEGER PRIMARY KEY CHECK (one = 1));
`

// OpenSQLite opens the index in a file. Opened to write, a missing, broken or
// outdated index is replaced by a new empty one, and Fresh says so; a broken file stays beside it as
// path.broken until the next time. A file that is some other program's database
// is left alone and is an error. Opened to read only, all of these are ErrUnusable.
//
// One process at a time may have the file open to write; any number may read
// it meanwhile.
func OpenSQLite(path string, readOnly bool) (Store, error) {
	s, err := openSQLite(path, readOnly)
	if err != nil {
		return nil, fmt.Errorf("index %s: %w", path, err)
	}
	return s, nil
}

func openSQLite(path string, readOnly bool) (*sqliteStore, error) {
	ctx := context.Background()
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if readOnly {
			return nil, fmt.Errorf("%w: %w", ErrUnusable, err)
		}
		// A log without its file would be played into the new one.
		if err := removeFiles(path); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	}
	s := &sqliteStore{path: path}
	if readOnly {
		if s.read, err = openDB(path, true); err != nil {
			return nil, err
		}
		empty, err := check(ctx, s.read)
		if err == nil && empty {
			err = fmt.Errorf("%w: it is empty", ErrUnusable)
		}
		if err == nil {
			err = s.readFresh(ctx, s.read)
		}
		if err != nil {
			_ = s.Close()
			return nil, err
		}
		return s, nil
	}
	if s.write, err = openWriter(ctx, path); err != nil {
		return nil, err
	}
	if err := s.readFresh(ctx, s.write); err != nil {
		_ = s.Close()
		return nil, err
	}
	if s.read, err = openDB(path, true); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// openWriter opens the file to write and puts a new one in the place of one that is unusable.
func openWriter(ctx context.Context, path string) (db *sql.DB, err error) {
	for replaced := false; ; replaced = true {
		// Made by us, so that nobody else may read it whatever the umask is.
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
		if db, err = openDB(path, false); err != nil {
			return nil, err
		}
		empty, err := check(ctx, db)
		if err == nil && empty {
			err = create(ctx, db)
		}
		if err == nil {
			return db, nil
		}
		_ = db.Close()
		if replaced || !errors.Is(err, ErrUnusable) {
			return nil, err
		}
		if err := os.Rename(path, path+".broken"); err != nil {
			return nil, err
		}
		if err := removeFiles(path); err != nil {
			return nil, err
		}
	}
}

func removeFiles(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func openDB(path string, readOnly bool) (*sql.DB, error) {
	// synchronous FULL: the casebook drops its note once a document is put.
	q := url.Values{"_pragma": {"busy_timeout(10000)", "cache_size(-2000)", "synchronous(FULL)"}, "_txlock": {"immediate"}}
	if readOnly {
		q = url.Values{"_pragma": {"busy_timeout(10000)", "cache_size(-2000)", "query_only(1)"}, "mode": {"ro"}}
	} else {
		q.Set("mode", "rwc")
	}
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	if readOnly {
		db.SetMaxOpenConns(8)
	} else {
		db.SetMaxOpenConns(1)
	}
	return db, nil
}

// check looks whether the file is an index that this program can use, and
// whether it has nothing in it at all.
func check(ctx context.Context, db *sql.DB) (empty bool, err error) {
	var app, version, objects int64
	if err := db.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)`).Scan(&app, &version, &objects); err != nil {
		return false, damage(err)
	}
	switch {
	case app == 0 && objects == 0:
		return true, nil
	case app != applicationID:
		return false, errors.New("it is a database, but no index of resumewatch; move it away or name another data folder")
	case version != layout:
		return false, fmt.Errorf("%w: it has layout %d, this program layout %d", ErrUnusable, version, layout)
	}
	// The newest row of both halves must agree: finds what a cut file lacks.
	var last, found sql.NullInt64
	if err := db.QueryRowContext(ctx, `SELECT max(row) FROM listing`).Scan(&last); err != nil {
		return false, damage(err)
	}
	err = db.QueryRowContext(ctx, `SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT 1`, everyMatch).Scan(&found)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, damage(err)
	}
	if last != found {
		return false, fmt.Errorf("%w: its tables don't agree", ErrUnusable)
	}
	return false, nil
}

func create(ctx context.Context, db *sql.DB) error {
	// The mode is kept in the file and can't be set within a transaction.
	if _, err := db.ExecContext(ctx, `PRAGMA journal_mode = WAL`); err != nil {
		return damage(err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return damage(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, schema+fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, layout)); err != nil {
		return damage(err)
	}
	return damage(tx.Commit())
}

// damage adds ErrUnusable to errors that say that the file is broken.
func damage(err error) error {
	const corrupt, notADatabase = 11, 26 // SQLITE_CORRUPT, SQLITE_NOTADB
	var e *sqlite.Error
	if errors.As(err, &e) && (e.Code()&0xff == corrupt || e.Code()&0xff == notADatabase) {
		return fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	return err
}

func (s *sqliteStore) Fresh() bool { return s.fresh.Load() }

func (s *sqliteStore) readFresh(ctx context.Context, db *sql.DB) error {
	var filled bool
	if err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM filled)`).Scan(&filled); err != nil {
		return damage(err)
	}
	s.fresh.Store(!filled)
	return nil
}

func (s *sqliteStore) Filled(ctx context.Context) error {
	err := s.change(ctx, func(w *writer) error { return w.exec(ctx, `INSERT OR IGNORE INTO filled (one) VALUES (1)`) })
	if err == nil {
		s.fresh.Store(false)
	}
	return err
}

// Forget has nothing to do: what was deleted leaves no trace.
func (s *sqliteStore) Forget(context.Context) error { return nil }

func (s *sqliteStore) Reset(ctx context.Context) error {
	err := s.change(ctx, func(w *writer) error {
		for _, text := range []string{
			`INSERT INTO words (words) VALUES ('delete-all')`, `DELETE FROM number`, `DELETE FROM amount`, `DELETE FROM listing`, `DELETE FROM filled`,
		} {
			if err := w.exec(ctx, text); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.fresh.Store(true)
	}
	return err
}

func (s *sqliteStore) Close() error {
	var err error
	s.close.Do(func() {
		if s.read != nil {
			err = s.read.Close()
		}
		if s.write != nil { // last, so that it folds the log into the file
			err = errors.Join(err, s.write.Close())
		}
	})
	return err
}
