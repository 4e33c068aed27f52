// Package search is the way from a query to listings: the query is read, what
// only the casebook knows is asked there, the index names the hits, and the
// casebook says what they are. The command line and the console share it.
package search

import (
	"context"
	"errors"
	"fmt"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/index"
	"resumewatch/internal/query"
)

// Zone is Asia/Shanghai, in which people read and write times here. It has had
// no daylight saving since 1991.
var Zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// Searcher answers queries. It holds no state and may be shared.
type Searcher struct {
	Book  *casebook.Book
	Index index.Store // Plan does without
	Now   func() time.Time
}

// Request says what to look for.
type Request struct {
	Query        string
	Since, Until string // RFC 3339, a date, or 7d; "" is open
}

// Parts of a request that a Mistake may be in.
const (
	PartQuery = "query"
	PartSince = "since"
	PartUntil = "until"
)

// Mistake is what is wrong with a request, in words for whoever wrote it.
type Mistake struct {
	Part   string // PartQuery, PartSince or PartUntil
	Column int    // of the query, 1-based in runes; 0: none
	Err    error
}

func (m *Mistake) Error() string { return m.Part + ": " + m.Err.Error() }

func (m *Mistake) Unwrap() error { return m.Err }

// Plan is a request that was understood.
type Plan struct {
	Query        query.Node // without seller: and alert:, see query.Resolve
	Since, Until time.Time  // Since ≤ t < Until; zero is open
}

// Plan reads a request. What is wrong with it is a *Mistake.
func (s Searcher) Plan(ctx context.Context, r Request) (Plan, error) {
	now := s.Now()
	tree, err := query.Parse(r.Query, now, Zone)
	if err == nil {
		tree, err = query.Resolve(tree, func(field, value string) ([]string, error) { return s.resolve(ctx, field, value) })
	}
	if bad, ok := errors.AsType[*query.Error](err); ok {
		return Plan{}, &Mistake{Part: PartQuery, Column: bad.Column, Err: bad}
	}
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Query: tree}
	if r.Since != "" {
		if p.Since, _, err = query.ParseTime(r.Since, now, Zone); err != nil {
			return Plan{}, &Mistake{Part: PartSince, Err: err}
		}
	}
	if r.Until != "" {
		if _, p.Until, err = query.ParseTime(r.Until, now, Zone); err != nil {
			return Plan{}, &Mistake{Part: PartUntil, Err: err}
		}
	}
	return p, nil
}

// resolve answers what only the casebook knows.
func (s Searcher) resolve(ctx context.Context, field, value string) ([]string, error) {
	switch field {
	case query.FieldAlert:
		num, ok := casebook.AlertNumber(value)
		if !ok {
			num, ok = casebook.AlertNumber("A-" + value)
		}
		if !ok {
			return nil, &query.Error{Message: fmt.Sprintf("alert:%s is no alert; write alert:A-12", value)}
		}
		return s.Book.ListingsOfAlert(ctx, num)
	case query.FieldSeller:
		return s.Book.ListingsOfSeller(ctx, value)
	}
	return nil, fmt.Errorf("field %s can't be answered by the casebook", field)
}

// batch is how many rows are loaded at once.
const batch = 200

// Each calls f with the listings that the plan finds, newest first, at most limit of them (0:
// all). A listing that was withdrawn a moment ago counts for the limit and is left out: the
// index follows.
func (s Searcher) Each(ctx context.Context, p Plan, limit int, f func(casebook.Row) error) error {
	var ids []string
	flush := func() error {
		rows, err := s.Book.Rows(ctx, ids)
		ids = ids[:0]
		if err != nil {
			return err
		}
		for _, row := range rows {
			if !row.Live {
				continue
			}
			if err := f(row); err != nil {
				return err
			}
		}
		return nil
	}
	err := s.Index.Search(ctx, p.Query, index.Page{Limit: limit, Since: p.Since, Until: p.Until}, func(h index.Hit) error {
		if ids = append(ids, h.ListingID); len(ids) < batch {
			return nil
		}
		return flush()
	})
	return errors.Join(err, flush())
}
