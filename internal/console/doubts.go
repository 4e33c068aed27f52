package console

import (
	"context"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// Doubts opens the posts that wait for a reviewer.
type Doubts interface {
	// Show reads what waits of a post; ok is false when it can't be read any more.
	Show(ctx context.Context, d casebook.Doubt) (text DoubtText, ok bool, err error)
	// Forget drops what waited of a post that was rejected.
	Forget(ctx context.Context, item string) error
}

// DoubtText is a doubtful post, personal values masked.
type DoubtText struct {
	Text          string
	Before, After []string // what stands around it
	Reading       market.Reading
	Author        market.Author
	PlaceName     string
	Permalink     string
}
