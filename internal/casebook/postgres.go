package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// Codes of PostgreSQL's errors, from appendix A of its manual.
const (
	codeUniqueViolation    = "23505"
	codeSerialization      = "40001"
	codeDeadlock           = "40P01"
	codeUndefinedTable     = "42P01"
	codeClassIntervention  = "57P" // the server shuts down or crashes
	codeClassSystemFailure = "58"
)

// postgresDialect: READ COMMITTED for changes, whose rows are locked as they are
// read; a snapshot for reads of several statements.
func postgresDialect() dialect {
	return dialect{
		rebind: numbered,
		locked: func(tables ...string) string {
			if len(tables) == 0 {
				return " FOR UPDATE"
			}
			return " FOR UPDATE OF " + strings.Join(tables, ", ")
		},
		passing: " FOR UPDATE SKIP LOCKED",
		alone: func(t *tx, what string) error {
			_, err := t.exec(`SELECT pg_advisory_xact_lock(hashtext(?), 0)`, "resumewatch "+what)
			return err
		},
		reading: sql.LevelRepeatableRead,
		writing: sql.LevelReadCommitted,
		again: func(err error) bool {
			var e *pgconn.PgError
			if !errors.As(err, &e) {
				return false
			}
			switch e.Code {
			case codeUniqueViolation, codeSerialization, codeDeadlock: // 23505: another made the row between our look and our insert
				return true
			}
			return false
		},
		lost: func(err error) bool {
			if errors.Is(err, pgx.ErrTxCommitRollback) {
				return false
			}
			var e *pgconn.PgError
			if !errors.As(err, &e) {
				return true // no answer came
			}
			return strings.HasPrefix(e.Code, codeClassIntervention) || strings.HasPrefix(e.Code, codeClassSystemFailure)
		},
		check: checkPostgres,
	}
}

// OpenPostgres opens the casebook in a PostgreSQL database, "postgres://USER:PASSWORD@HOST:PORT/DATABASE?…"
// or "host=… dbname=…", and brings its tables up to date; of several processes
// that do so at once one does it and the others wait. The database may sort by
// any language; its encoding must be UTF8.
//
// pool_max_conns in the DSN bounds the connections of this process (default 10, at least 3).
// Statements are kept prepared. Behind a pgbouncer in transaction mode that is
// older than 1.21 add default_query_exec_mode=exec; every pgbouncer needs
// ignore_startup_parameters=lock_timeout,idle_in_transaction_session_timeout.
// The password shows in no error.
func OpenPostgres(ctx context.Context, dsn string) (*Book, error) {
	b, err := openPostgres(ctx, dsn)
	if err != nil {
		return nil, err
	}
	b.w = b.r
	if err := migratePostgres(ctx, b.w); err != nil {
		return nil, errors.Join(fmt.Errorf("casebook on PostgreSQL: %w", err), b.Close())
	}
	return b, nil
}

// OpenPostgresReader opens an existing casebook for reading. ErrNoBook: nobody
// has written to it yet.
func OpenPostgresReader(ctx context.Context, dsn string) (*Book, error) {
	b, err := openPostgres(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if err := fitsPostgres(ctx, b.r); err != nil {
		return nil, errors.Join(fmt.Errorf("casebook on PostgreSQL: %w", err), b.Close())
	}
	return b, nil
}

func openPostgres(ctx context.Context, dsn string) (*Book, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("casebook on PostgreSQL: " + unreadable(dsn, err))
	}
	if !strings.Contains(dsn, "pool_max_conns") {
		config.MaxConns = 10
	}
	config.MaxConns = max(config.MaxConns, 3) // making the tables takes two at once
	params := config.ConnConfig.RuntimeParams
	for k, v := range map[string]string{
		"application_name": "resumewatch",
		// A plan that was kept from when a table was small reads all of it when it has grown.
		"plan_cache_mode": "force_custom_plan",
		// A change takes seconds at most. What waits longer, or was left open by a
		// machine that vanished, must not hold up the others for hours.
		"lock_timeout":                        "30s",
		"idle_in_transaction_session_timeout": "20s",
	} {
		if params[k] == "" {
			params[k] = v
		}
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("casebook on PostgreSQL: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	return &Book{r: db, d: postgresDialect(), renew: pool.Reset, close: func() error {
		err := db.Close()
		pool.Close()
		return err
	}}, nil
}

// unreadable says what is wrong with a DSN without telling any part of it: where
// an address can't be read, its parts can't be told apart either.
func unreadable(dsn string, err error) string {
	const want = "want postgres://USER:PASSWORD@HOST:PORT/DATABASE (signs like / @ : % in the password as %2F %40 %3A %25)"
	_, bad := url.Parse(dsn)
	cause := errors.Unwrap(err)
	if bad != nil || cause == nil || !strings.Contains(dsn, "://") {
		return "the DSN can't be read, " + want
	}
	return "the DSN can't be read: " + cause.Error() + "; " + want
}

// advisory lock of those who change the tables; any number that nobody else takes.
const migrationLock = 0x7265_7377_6174_6368

func migratePostgres(ctx context.Context, db *sql.DB) error {
	s, err := schemaOf(goose.DialectPostgres, "postgres")
	if err != nil {
		return err
	}
	var encoding string
	if err := db.QueryRowContext(ctx, `SHOW server_encoding`).Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return fmt.Errorf("the database's encoding is %s, want UTF8 (CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0)", encoding)
	}
	// A lock of a transaction, not of a session: those break behind a pgbouncer.
	guard, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer guard.Rollback()
	if _, err := guard.ExecContext(ctx, `SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0`); err != nil {
		return err
	}
	if _, err := guard.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(migrationLock)); err != nil {
		return err
	}
	if err := fitsPostgres(ctx, db); err == nil {
		return nil // and a role that may not make tables can open the book
	}
	if err := s.up(ctx, db); err != nil {
		return err
	}
	return fitsPostgres(ctx, db)
}

func fitsPostgres(ctx context.Context, db *sql.DB) error {
	have, err := version(ctx, db)
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == codeUndefinedTable {
		return ErrNoBook
	}
	if err != nil {
		return err
	}
	s, err := schemaOf(goose.DialectPostgres, "postgres")
	if err != nil {
		return err
	}
	return s.fits(have)
}

// checkPostgres reads every row of every table. The server says so when it meets
// a page that it can't read, or (with data checksums) one that isn't as it was written.
func checkPostgres(t *tx) error {
	var names []string
	err := t.rows(func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	}, `SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name`)
	if err != nil {
		return err
	}
	for _, name := range names {
		var n int64
		if err := t.row(`SELECT count(*) FROM ` + name + ` AS r WHERE length(r::text) > 0`).Scan(&n); err != nil {
			return fmt.Errorf("table %s: %w", name, err)
		}
	}
	return nil
}
