// Package casebook is the SQL record of everything that must not be lost:
// sources, work, posts with a listing, offers, sellers, alerts, captures. The
// queue and the index are copies that it can rebuild.
//
// One SQL text serves every engine; what differs sits in the dialect. A Book is
// safe for concurrent use. Every change runs in one transaction that begins with
// the right to write, so that a reader of rows that it then changes never works
// on old ones. Times go in and out in UTC, to the millisecond.
package casebook

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrNotFound says that there is no such row.
var ErrNotFound = errors.New("not found")

// ErrLost says that the unit of work belongs to somebody else by now (its lease lapsed).
// What the caller learnt must be dropped; nothing of it was written.
var ErrLost = errors.New("the lease on this work was lost")

// Book is an open casebook.
type Book struct {
	w    *sql.DB // one connection: this process's only writer
	r    *sql.DB
	d    dialect
	path string
}

// Close releases the connections.
func (b *Book) Close() error {
	err := b.r.Close()
	if b.w != nil && b.w != b.r {
		err = errors.Join(err, b.w.Close())
	}
	return err
}

// tx is a transaction that knows its context and dialect.
type tx struct {
	ctx context.Context
	q   interface {
		ExecContext(context.Context, string, ...any) (sql.Result, error)
		QueryContext(context.Context, string, ...any) (*sql.Rows, error)
		QueryRowContext(context.Context, string, ...any) *sql.Row
	}
	d dialect
}

func (t *tx) exec(query string, args ...any) (int64, error) {
	res, err := t.q.ExecContext(t.ctx, t.d.rebind(query), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (t *tx) row(query string, args ...any) *sql.Row {
	return t.q.QueryRowContext(t.ctx, t.d.rebind(query), args...)
}

// rows calls f for each row; f scans.
func (t *tx) rows(f func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := t.q.QueryContext(t.ctx, t.d.rebind(query), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// write runs f in one transaction that may write.
func (b *Book) write(ctx context.Context, what string, f func(*tx) error) error {
	if b.w == nil {
		return fmt.Errorf("casebook: %s: opened for reading", what)
	}
	sqlTx, err := b.w.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("casebook: %s: %w", what, err)
	}
	defer sqlTx.Rollback()
	if err := f(&tx{ctx, sqlTx, b.d}); err != nil {
		return fmt.Errorf("casebook: %s: %w", what, err)
	}
	if err := sqlTx.Commit(); err != nil {
		return fmt.Errorf("casebook: %s: %w", what, err)
	}
	return nil
}

// read runs f in one read transaction: it sees one state of the book.
func (b *Book) read(ctx context.Context, what string, f func(*tx) error) error {
	sqlTx, err := b.r.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("casebook: %s: %w", what, err)
	}
	defer sqlTx.Rollback()
	if err := f(&tx{ctx, sqlTx, b.d}); err != nil {
		return fmt.Errorf("casebook: %s: %w", what, err)
	}
	return nil
}

// Meta reads one setting of the book itself; "" when unset.
func (b *Book) Meta(ctx context.Context, key string) (string, error) {
	var v string
	err := b.read(ctx, "meta", func(t *tx) error {
		err := t.row(`SELECT value FROM meta WHERE key = ?`, key).Scan(&v)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return v, err
}

// SetMeta writes one setting of the book itself.
func (b *Book) SetMeta(ctx context.Context, key, value string) error {
	return b.write(ctx, "meta", func(t *tx) error {
		_, err := t.exec(`INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
		return err
	})
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// document is JSON text for a column. What goes in is always encodable.
func document(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("casebook: %T can't be JSON: %v", v, err))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func parse[T any](text string, into *T) error {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("stored document %.60q: %w", text, err)
	}
	return nil
}

// newID is 128 random bits as 32 hex digits.
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// marks is "?, ?, ?" for n values.
func marks(n int) string {
	return strings.TrimSuffix(strings.Repeat("?, ", n), ", ")
}

func anys[T any](in []T) []any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = v
	}
	return out
}

// lot is how many values one statement takes at the most, below every engine's limit.
const lot = 500

// inLots calls f for runs of at most `lot` values.
func inLots[T any](in []T, f func([]T) error) error {
	for len(in) > 0 {
		n := min(len(in), lot)
		if err := f(in[:n]); err != nil {
			return err
		}
		in = in[n:]
	}
	return nil
}
