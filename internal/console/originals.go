package console

import (
	"context"
	"errors"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// ErrNotKept says that the capture of a listing is not kept any more.
var ErrNotKept = errors.New("the capture is not kept any more")

// Originals opens what is sealed, for those who may see it.
type Originals interface {
	// Original reads a listing out of its capture. Whoever shows it has noted that.
	Original(ctx context.Context, at casebook.Original) (Original, error)
	// ResumeIDs reads the numbers of resumes that an offer's samples show. It notes in
	// the custody log what it opens, before it does.
	ResumeIDs(ctx context.Context, offer, reason string, by casebook.Act) (ResumeIDs, error)
}

// Original is a listing as it was posted.
type Original struct {
	Text     string
	Exact    bool          // false: the stretch of the capture in which it lies
	Personal []market.Span // what of it is other people's, with the kind of value
}

// ResumeIDs are the numbers of resumes of an offer.
type ResumeIDs struct {
	IDs      []string // sorted, each once
	Listings int      // that show records
	Read     int      // of these, how many could be read
	More     bool     // there are more listings than are read at once
	Closed   error    // why a capture could not be opened; nil: all could
}
