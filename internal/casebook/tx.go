package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrUnknown says that the connection broke while a change was being committed:
// it was written whole or not at all, and only the book can tell which. Work
// under a claim may be done again: it meets ErrLost where it was written.
var ErrUnknown = errors.New("the connection to the casebook broke while committing")

const (
	// writeTries bounds how often a change is begun that others got in the way of.
	writeTries = 10
	// commitGrace is how long a COMMIT may still take after its caller gave up: a
	// commit that is torn off leaves it open what was written.
	commitGrace = 5 * time.Second
)

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
	res, err := t.q.ExecContext(t.ctx, t.d.rebind(query), storable(args)...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (t *tx) row(query string, args ...any) *sql.Row {
	return t.q.QueryRowContext(t.ctx, t.d.rebind(query), storable(args)...)
}

// rows calls f for each row; f scans.
func (t *tx) rows(f func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := t.q.QueryContext(t.ctx, t.d.rebind(query), storable(args)...)
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

// storable replaces what not every engine keeps as text: U+0000 and bytes that
// are no UTF-8. Readers have done so with what they read; this is for the rest
// (names of files, addresses), so that the record is the same on each engine.
func storable(args []any) []any {
	for i, a := range args {
		if s, ok := a.(string); ok && (!utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0) {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return args
}

// write runs f in one transaction that may write. f may run several times: it
// must set what it gives out anew each time. ErrUnknown: whether it was written is open.
func (b *Book) write(ctx context.Context, what string, f func(*tx) error) error {
	if b.w == nil {
		return fmt.Errorf("casebook: %s: opened for reading", what)
	}
	for try := 1; ; try++ {
		err := b.writeOnce(ctx, f)
		if err == nil {
			return nil
		}
		if try == writeTries || !b.d.again(err) || errors.Is(err, ErrUnknown) {
			return fmt.Errorf("casebook: %s: %w", what, err)
		}
		// Those that met must not meet again.
		pause := time.NewTimer(time.Duration(rand.Int64N(int64(try) * int64(10*time.Millisecond))))
		select {
		case <-ctx.Done():
			pause.Stop()
			return fmt.Errorf("casebook: %s: %w", what, context.Cause(ctx))
		case <-pause.C:
		}
	}
}

func (b *Book) writeOnce(ctx context.Context, f func(*tx) error) error {
	// The transaction outlives its caller's context by a grace, so that a commit
	// which has begun is seen through. What f does ends with the caller's.
	whole, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(commitGrace, cancel) })()
	sqlTx, release, err := b.begin(ctx, whole, b.w, &sql.TxOptions{Isolation: b.d.writing})
	if err != nil {
		return err
	}
	defer release()
	defer sqlTx.Rollback()
	if err := f(&tx{ctx, sqlTx, b.d}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := sqlTx.Commit(); err != nil {
		if b.d.lost(err) {
			return fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		return err
	}
	return nil
}

// read runs f in one read transaction: it sees one state of the book.
func (b *Book) read(ctx context.Context, what string, f func(*tx) error) error {
	sqlTx, release, err := b.begin(ctx, ctx, b.r, &sql.TxOptions{Isolation: b.d.reading, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("casebook: %s: %w", what, err)
	}
	defer release()
	defer sqlTx.Rollback()
	if err := f(&tx{ctx, sqlTx, b.d}); err != nil {
		return fmt.Errorf("casebook: %s: %w", what, err)
	}
	return nil
}

// begin begins a transaction that lives as long as whole; waiting for a connection
// ends with ctx. release gives the connection back, after the transaction.
func (b *Book) begin(ctx, whole context.Context, db *sql.DB, o *sql.TxOptions) (t *sql.Tx, release func(), err error) {
	for try := 1; ; try++ {
		var conn *sql.Conn
		if conn, err = db.Conn(ctx); err == nil {
			if t, err = conn.BeginTx(whole, o); err == nil {
				return t, func() { _ = conn.Close() }, nil // gives it back; the transaction has said what there is to say
			}
			_ = conn.Close()
		}
		// That a connection broke while it lay idle shows only now. The others did
		// as well, most likely; nothing has been done yet.
		if b.renew == nil || try == 2 || ctx.Err() != nil {
			return nil, nil, err
		}
		b.renew()
	}
}
