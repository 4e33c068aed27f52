package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"resumewatch/internal/query"
)

// errEnough ends a walk that has given all that was asked for.
var errEnough = errors.New("enough")

func (s *sqliteStore) Search(ctx context.Context, q query.Node, page Page, found func(Hit) error) error {
	var foundErr error
	err := s.search(ctx, q, page, func(h Hit) error {
		foundErr = found(h)
		return foundErr
	})
	if err == nil || foundErr != nil && errors.Is(err, foundErr) {
		return foundErr
	}
	return fmt.Errorf("index %s: %w", s.path, damage(err))
}

func (s *sqliteStore) search(ctx context.Context, q query.Node, page Page, found func(Hit) error) error {
	// One transaction: all statements see the same state.
	tx, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	r := &rewriter{ctx: ctx, tx: tx}
	if q, err = r.rewrite(q); err != nil {
		return err
	}
	p, err := newPlan(q, counting(ctx, tx))
	if err != nil {
		return err
	}
	p.narrow(page.Since, page.Until)
	if page.After != nil {
		p.before = min(p.before, firstRow(page.After.PostedAt.Unix()+1))
	}
	text, args := p.sql()
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	w := walk{page: page, found: found, second: math.MinInt64}
	for rows.Next() {
		var row int64
		var id string
		if err := rows.Scan(&row, &id); err != nil {
			return err
		}
		if err := w.add(rowSecond(row), id); err != nil {
			return ended(err)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return ended(w.flush())
}

func ended(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func counting(ctx context.Context, tx *sql.Tx) counter {
	return func(rows clause) (n int, err error) {
		err = tx.QueryRowContext(ctx, `SELECT count(*) FROM (`+rows.text+` LIMIT ?)`, append(slices.Clone(rows.args), fewRows+1)...).Scan(&n)
		return n, err
	}
}

// walk turns rows, newest second first, into hits: those of one second are
// gathered and put in the order of their ids.
type walk struct {
	page   Page
	found  func(Hit) error
	given  int
	second int64
	ids    []string
}

func (w *walk) add(second int64, id string) error {
	if second != w.second {
		if err := w.flush(); err != nil {
			return err
		}
		w.second = second
	}
	if after := w.page.After; after != nil && second == after.PostedAt.Unix() && strings.Compare(id, after.ListingID) <= 0 {
		return nil
	}
	w.ids = append(w.ids, id)
	return nil
}

func (w *walk) flush() error {
	slices.Sort(w.ids)
	at := time.Unix(w.second, 0).UTC()
	for _, id := range w.ids {
		if err := w.found(Hit{ListingID: id, PostedAt: at}); err != nil {
			return err
		}
		if w.given++; w.given == w.page.Limit {
			return errEnough
		}
	}
	w.ids = w.ids[:0]
	return nil
}

func (s *sqliteStore) Versions(ctx context.Context, found func(Ref) error) error {
	rows, err := s.read.QueryContext(ctx, `SELECT id, version FROM listing`)
	if err != nil {
		return fmt.Errorf("index %s: %w", s.path, damage(err))
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r Ref
		if err := rows.Scan(&r.ListingID, &r.Version); err != nil {
			return fmt.Errorf("index %s: %w", s.path, damage(err))
		}
		if err := found(r); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("index %s: %w", s.path, damage(err))
	}
	return nil
}
