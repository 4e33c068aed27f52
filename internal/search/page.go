package search

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/index"
	"resumewatch/internal/market"
)

// Cursor is a place between two hits: the time and the id of the last one shown.
// New listings that arrive while somebody turns the pages move nothing.
type Cursor struct {
	At time.Time // whole seconds
	ID string    // of the listing
}

// String is the cursor as it stands in an address: "1772366400-4f1c…".
func (c Cursor) String() string { return strconv.FormatInt(c.At.Unix(), 10) + "-" + c.ID }

// maxID is longer than any id of a listing (32 hex digits).
const maxID = 64

// ParseCursor reads what String wrote; "" is nil, the beginning.
func ParseCursor(s string) (*Cursor, error) {
	if s == "" {
		return nil, nil
	}
	cut := strings.LastIndexByte(s, '-')
	if cut < 1 || len(s)-cut-1 < 1 || len(s)-cut-1 > maxID {
		return nil, fmt.Errorf("%.80q is no place in a list of hits", s)
	}
	at, err := strconv.ParseInt(s[:cut], 10, 64)
	if err != nil || at < -1<<40 || at > 1<<40 {
		return nil, fmt.Errorf("%.80q is no place in a list of hits", s)
	}
	for _, c := range []byte(s[cut+1:]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return nil, fmt.Errorf("%.80q is no place in a list of hits", s)
		}
	}
	return &Cursor{At: time.Unix(at, 0).UTC(), ID: s[cut+1:]}, nil
}

// Page loads the hits behind a cursor (nil: the newest), at most size of them; next is nil
// when there are no more. Listings that were withdrawn a moment ago are left out, so that a
// page may be shorter than size and yet have a next one.
func (s Searcher) Page(ctx context.Context, p Plan, after *Cursor, size int) (rows []casebook.Row, next *Cursor, err error) {
	page := index.Page{Limit: size + 1, Since: p.Since, Until: p.Until}
	if after != nil {
		page.After = &index.Hit{ListingID: after.ID, PostedAt: after.At}
	}
	var hits []index.Hit
	err = s.Index.Search(ctx, p.Query, page, func(h index.Hit) error {
		hits = append(hits, h)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if len(hits) > size {
		hits = hits[:size]
		last := hits[size-1]
		next = &Cursor{At: last.PostedAt, ID: last.ListingID}
	}
	ids := make([]string, len(hits))
	for i, h := range hits {
		ids[i] = h.ListingID
	}
	found, err := s.Book.Rows(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	rows = make([]casebook.Row, 0, len(found))
	for _, r := range found {
		if r.Live {
			rows = append(rows, r)
		}
	}
	return rows, next, nil
}

// Survey is what a first look over the newest hits gives.
type Survey struct {
	Hits      int  // looked at
	More      bool // there are more than were looked at
	Sides     map[string]int
	Goods     map[string]int
	Platforms map[string]int
}

// Survey counts the newest hits, at most limit of them, by the words of their
// listings. It stops quietly when ctx ends, with More set.
func (s Searcher) Survey(ctx context.Context, p Plan, limit int) (Survey, error) {
	out := Survey{Sides: map[string]int{}, Goods: map[string]int{}, Platforms: map[string]int{}}
	var ids []string
	err := s.Index.Search(ctx, p.Query, index.Page{Limit: limit + 1, Since: p.Since, Until: p.Until}, func(h index.Hit) error {
		ids = append(ids, h.ListingID)
		return nil
	})
	if err == nil {
		if len(ids) > limit {
			ids, out.More = ids[:limit], true
		}
		out.Hits = len(ids)
		err = s.Book.ListingDocuments(ctx, ids, func(l market.Listing) error {
			out.Sides[l.Side]++
			for _, g := range l.Goods {
				out.Goods[g]++
			}
			for _, x := range l.Platforms {
				out.Platforms[x]++
			}
			return nil
		})
	}
	if err != nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded)) {
		out.Hits, out.More, err = len(ids), true, nil
	}
	return out, err
}
