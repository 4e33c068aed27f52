// Package casebook is the SQL record of everything that must not be lost:
// sources, work, posts with a listing, offers, sellers, alerts, captures. The
// queue and the index are copies that it can rebuild.
//
// One SQL text serves every engine; what differs sits in the dialect. A Book is
// safe for concurrent use, by several processes as well. Every change runs in one
// transaction, and a reader of rows that it then changes never works on old ones:
// SQLite lets one writer in at a time; in PostgreSQL the rows are locked as they
// are read (docs/decisions/0023). Times go in and out in UTC, to the millisecond.
package casebook

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
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
	w     *sql.DB // nil: opened for reading
	r     *sql.DB
	d     dialect
	close func() error
	renew func() // drops connections that lie idle; nil: they can't break
}

// Close releases the connections.
func (b *Book) Close() error { return b.close() }

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

// marks is "?, ?, ?" for an IN list of n values, and anys are the values. The last
// one is repeated until their number is a power of two, so that engines that keep
// statements prepared meet few different ones.
func marks(n int) string {
	return strings.TrimSuffix(strings.Repeat("?, ", padded(n)), ", ")
}

func anys[T any](in []T) []any {
	out := make([]any, padded(len(in)))
	for i := range out {
		out[i] = in[min(i, len(in)-1)]
	}
	return out
}

func padded(n int) int {
	if n < 2 {
		return n
	}
	return 1 << bits.Len(uint(n-1))
}

// among is both of them.
func among[T any](in []T) (marked string, args []any) { return marks(len(in)), anys(in) }

// lot is how many values one statement takes at the most, below every engine's limit.
const lot = 512

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
