package jobs

import (
	"context"
	"fmt"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// withoutDropped takes out of what was learnt the listings that retention dropped, or that
// a person took for none, and that are not known since: they are not taken up again, and not captured. Of a file
// that is read a problem says so; a page that is seen again needs none. stays, if not
// nil, is told the places in l.Found, as they were, of those that stay.
func (w *Workshop) withoutDropped(ctx context.Context, l *casebook.Learnt, file string, stays func(int)) error {
	prints, ids := make([]uint64, len(l.Found)), make([]string, len(l.Found))
	for i, f := range l.Found {
		prints[i], ids[i] = w.Prints.Gone(f.ID, f.Post.NativeID, f.TextDigest), f.ID
	}
	gone, err := w.Book.GoneListings(ctx, prints)
	if err != nil {
		return err
	}
	rejected, err := w.Book.RejectedPosts(ctx, prints)
	if err != nil {
		return err
	}
	known := map[string]string{}
	if len(gone)+len(rejected) > 0 {
		if known, err = w.Book.KnownText(ctx, ids); err != nil {
			return err
		}
	}
	kept, turned := l.Found[:0], 0
	for i, f := range l.Found {
		_, back := known[f.ID]
		switch {
		case back:
		case rejected[prints[i]]: // nobody needs to be told: somebody decided it
			turned++
			continue
		case gone[prints[i]]:
			continue
		}
		kept = append(kept, f)
		if stays != nil {
			stays(i)
		}
	}
	dropped := len(l.Found) - len(kept) - turned
	if l.Found = kept; dropped > 0 && file != "" {
		l.Problems = append(l.Problems, market.Problem{Source: l.Source, File: file,
			Reason: fmt.Sprintf("%d listings were dropped by retention and are not taken up again", dropped)})
	}
	return nil
}
