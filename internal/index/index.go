// Package index is the copy of the listings that is searched. It is rebuilt from
// the casebook at any time; losing it loses nothing.
package index

import (
	"context"
	"errors"
	"time"

	"resumewatch/internal/market"
	"resumewatch/internal/query"
)

// Document is what the index knows of one listing.
type Document struct {
	ListingID string
	// Version is the version of the casebook's row. Of two documents of one
	// listing the one with the higher version stays.
	Version int64
	// Month names the part of the index that holds the document, such as "2026-01". It
	// never changes for a listing; "" stands for the month of Time.
	Month                    string
	PostedAt                 time.Time // zero: unknown, SeenAt stands for it
	SeenAt                   time.Time
	Text                     string // masked
	Title                    string // masked
	Side                     string
	Goods, Platforms, Grades []string
	Prices                   []market.Price
	Stock                    []market.Stock
	Contacts                 []market.Contact
	Source                   []string // names of the sources that showed it
	Place                    string   // group number or address of the board
	AuthorID, AuthorName     string
}

// Time is the time by which the listing is ordered, in whole seconds, UTC:
// PostedAt, or SeenAt where that is unknown.
func (d *Document) Time() time.Time {
	t := d.PostedAt
	if t.IsZero() {
		t = d.SeenAt
	}
	return time.Unix(t.Unix(), 0).UTC()
}

// Hit is one listing that a search found.
type Hit struct {
	ListingID string
	PostedAt  time.Time // Document.Time
}

// Page is the part of the hits that is wanted.
type Page struct {
	Limit int  // 0: all
	After *Hit // hits that come after this one; nil: from the newest
	// Since ≤ PostedAt < Until; zero times are open ends.
	Since, Until time.Time
}

// Ref names a document that the index holds or should no longer hold.
type Ref struct {
	ListingID string
	Month     string // as in Document; "" where the engine keeps no months
	Version   int64
}

// Store is an index engine. All engines give the same hits in the same order,
// which package indextest checks. Its methods may be called from any number of
// goroutines and return when ctx ends. The one who opened a store closes it.
type Store interface {
	// Put adds or replaces documents. What was put is found by every search that begins
	// after Put returned; one that runs meanwhile may see a part of it, as SQLite's never
	// does. Putting the same again changes nothing, and neither does an older or equal
	// version. With a *RefusedError all documents but those that it names are in; with
	// any other error any of them may be, and all have to be put again.
	Put(ctx context.Context, docs []Document) error
	// Delete removes documents, but not one of a version above the one that is named. One
	// that isn't there is no error. Errors are as with Put.
	Delete(ctx context.Context, refs []Ref) error
	// DropMonth removes all documents of a month at once, with what they took. false: the
	// engine keeps no part for that month alone, and nothing was removed. Nobody may put
	// documents of that month meanwhile; after it they may be put in any version.
	DropMonth(ctx context.Context, month string) (bool, error)
	// Search calls found with the hits, by PostedAt descending, then by ListingID
	// ascending (bytes). An error of found ends the search and is returned as it is.
	// The query holds no seller: and alert:, see query.Resolve. found may write to the
	// store; the running search does not see it.
	Search(ctx context.Context, q query.Node, page Page, found func(Hit) error) error
	// Versions calls found with every document, in no order. An error of found ends it and
	// is returned as it is.
	Versions(ctx context.Context, found func(Ref) error) error
	// Fresh reports that the index was made anew and has to be filled from the casebook:
	// by opening it, by Reset, or by a Put that found nothing of it left. It lasts, over a
	// restart too, until Filled is called.
	Fresh() bool
	// Filled notes that the index holds all that the casebook has.
	Filled(ctx context.Context) error
	// Forget lets deleted documents be put again in any version. An engine may otherwise
	// remember for a while what was deleted, so that an older version that comes late stays out.
	Forget(ctx context.Context) error
	// Reset empties the index.
	Reset(ctx context.Context) error
	// Close ends what runs and frees the store. A second call does nothing.
	Close() error
}

var (
	// ErrReadOnly is returned by the writing methods of a store opened to read.
	ErrReadOnly = errors.New("index is open for reading only")
	// ErrUnusable says that the index is missing, broken or of another version
	// of the program: it has to be built again with reindex.
	ErrUnusable = errors.New("index is missing or unusable; run resumewatch reindex")
)
