package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"resumewatch/internal/query"
)

// numberFields are the codes of number.field.
var numberFields = map[string]int{query.FieldPrice: 0, query.FieldStock: 1}

// errCrowded refuses a listing: its second has no row left.
var errCrowded = fmt.Errorf("more than %d listings of one second", maxSlot+1)

func (s *sqliteStore) Put(ctx context.Context, docs []Document) error {
	sound, refused := sift(docs)
	order := newest(sound)
	// FTS5 gathers rows in memory as long as their numbers rise; each step back
	// costs a flush. The oldest first, then.
	slices.SortStableFunc(order, func(a, b *Document) int { return a.Time().Compare(b.Time()) })
	err := s.change(ctx, func(w *writer) error {
		for _, d := range order {
			err := w.put(ctx, d)
			if errors.Is(err, errCrowded) {
				refused = append(refused, Refusal{ListingID: d.ListingID, Reason: err.Error()})
			} else if err != nil {
				return fmt.Errorf("listing %q: %w", d.ListingID, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return refusal("index "+s.path, refused)
}

func (s *sqliteStore) Delete(ctx context.Context, refs []Ref) error {
	return s.change(ctx, func(w *writer) error {
		for _, r := range refs {
			row, version, found, err := w.find(ctx, r.ListingID)
			if err == nil && found && version <= r.Version {
				err = w.remove(ctx, row)
			}
			if err != nil {
				return fmt.Errorf("listing %q: %w", r.ListingID, err)
			}
		}
		return nil
	})
}

// DropMonth implements Store: all months share one table.
func (s *sqliteStore) DropMonth(ctx context.Context, _ string) (bool, error) {
	if s.write == nil {
		return false, fmt.Errorf("index %s: %w", s.path, ErrReadOnly)
	}
	return false, ctx.Err()
}

// change runs f in one transaction.
func (s *sqliteStore) change(ctx context.Context, f func(*writer) error) error {
	if s.write == nil {
		return fmt.Errorf("index %s: %w", s.path, ErrReadOnly)
	}
	err := func() error {
		tx, err := s.write.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		w := &writer{tx: tx, statements: map[string]*sql.Stmt{}}
		if err := f(w); err != nil {
			return err
		}
		return tx.Commit()
	}()
	if err != nil {
		return fmt.Errorf("index %s: %w", s.path, damage(err))
	}
	return nil
}

// writer is one transaction with its prepared statements.
type writer struct {
	tx         *sql.Tx
	statements map[string]*sql.Stmt
}

func (w *writer) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if st := w.statements[text]; st != nil {
		return st, nil
	}
	st, err := w.tx.PrepareContext(ctx, text)
	if err == nil {
		w.statements[text] = st // the transaction closes it
	}
	return st, err
}

func (w *writer) exec(ctx context.Context, text string, args ...any) error {
	st, err := w.statement(ctx, text)
	if err == nil {
		_, err = st.ExecContext(ctx, args...)
	}
	return err
}

func (w *writer) find(ctx context.Context, id string) (row, version int64, found bool, err error) {
	st, err := w.statement(ctx, `SELECT row, version FROM listing WHERE id = ?`)
	if err != nil {
		return 0, 0, false, err
	}
	err = st.QueryRowContext(ctx, id).Scan(&row, &version)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, 0, false, nil
	}
	return row, version, err == nil, err
}

func (w *writer) remove(ctx context.Context, row int64) error {
	for _, text := range []string{
		`DELETE FROM words WHERE rowid = ?`,
		`DELETE FROM number WHERE row = ?`,
		`DELETE FROM listing WHERE row = ?`,
	} {
		if err := w.exec(ctx, text, row); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) put(ctx context.Context, d *Document) error {
	first := firstRow(d.Time().Unix())
	row, version, found, err := w.find(ctx, d.ListingID)
	if err != nil {
		return err
	}
	if found {
		if version >= d.Version {
			return nil
		}
		if err := w.remove(ctx, row); err != nil {
			return err
		}
	}
	if !found || rowSecond(row) != rowSecond(first) {
		if row, err = w.free(ctx, first); err != nil {
			return err
		}
	}
	if err := w.exec(ctx, `INSERT INTO listing (row, id, version) VALUES (?, ?, ?)`, row, d.ListingID, d.Version); err != nil {
		return err
	}
	if err := w.exec(ctx, `INSERT INTO words (rowid, title, text, facet) VALUES (?, ?, ?, ?)`,
		row, query.Line(d.Title), query.Line(d.Text), facets(d)); err != nil {
		return err
	}
	for field, code := range numberFields {
		for _, n := range Numbers(d, field) {
			if err := w.exec(ctx, `INSERT OR IGNORE INTO number (row, field, lo, hi) VALUES (?, ?, ?, ?)`, row, code, n.Lo, n.Hi); err != nil {
				return err
			}
			if err := w.exec(ctx, `INSERT OR IGNORE INTO amount (field, lo, hi) VALUES (?, ?, ?)`, code, n.Lo, n.Hi); err != nil {
				return err
			}
		}
	}
	return nil
}

// free is a row of a second that no listing has: behind its last one, or, when
// the second is used up to the end, in the first gap.
func (w *writer) free(ctx context.Context, first int64) (int64, error) {
	st, err := w.statement(ctx, `SELECT max(row) FROM listing WHERE row BETWEEN ? AND ?`)
	if err != nil {
		return 0, err
	}
	var last sql.NullInt64
	if err := st.QueryRowContext(ctx, first, first+maxSlot).Scan(&last); err != nil {
		return 0, err
	}
	if !last.Valid {
		return first, nil
	}
	if last.Int64 < first+maxSlot {
		return last.Int64 + 1, nil
	}
	st, err = w.statement(ctx, `SELECT min(row) FROM (
		SELECT ?1 AS row WHERE NOT EXISTS (SELECT 1 FROM listing WHERE row = ?1)
		UNION ALL
		SELECT a.row + 1 FROM listing a WHERE a.row BETWEEN ?1 AND ?2 - 1
			AND NOT EXISTS (SELECT 1 FROM listing b WHERE b.row = a.row + 1))`)
	if err != nil {
		return 0, err
	}
	var gap sql.NullInt64
	if err := st.QueryRowContext(ctx, first, first+maxSlot).Scan(&gap); err != nil {
		return 0, err
	}
	if !gap.Valid {
		return 0, errCrowded
	}
	return gap.Int64, nil
}
