package app

import (
	"context"
	"errors"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/jobs"
	"resumewatch/internal/privacy"
	"resumewatch/internal/spool"
)

// openSpool opens the spool of the data folder. On embedded parts files are read in
// place; there it holds what was kept sealed and is read again.
func openSpool(o Options, keys *privacy.Keyring, now func() time.Time) (*spool.Spool, error) {
	return spool.Open(o.path("spool"), keys, now)
}

// spoolPause is how long an import waits for workers to make room in the spool.
const spoolPause = 500 * time.Millisecond

// park puts a chunk into the spool, as soon as there is room.
func park(ctx context.Context, sp *spool.Spool, id string, data []byte) error {
	for {
		err := sp.Put(ctx, id, data)
		if !errors.Is(err, spool.ErrFull) {
			return err
		}
		if items, _, sizeErr := sp.Size(); sizeErr != nil || items == 0 {
			return errors.Join(err, sizeErr) // nobody will make room
		}
		if err := rest(ctx, spoolPause); err != nil {
			return err
		}
	}
}

// sweepSpool removes chunks that nobody waits for any more, and doubtful posts that
// nobody decided in time.
func sweepSpool(ctx context.Context, book *casebook.Book, sp *spool.Spool, now time.Time) error {
	failed := sweepDoubts(ctx, book, sp, now)
	_, err := sp.Sweep(ctx, func(id string) bool {
		open, err := book.OpenChunk(ctx, id)
		if err == nil && !open {
			open, err = book.DoubtItem(ctx, id)
		}
		failed = errors.Join(failed, err)
		return open || err != nil
	}, now)
	return errors.Join(err, failed)
}

// parked is the spool as jobs see it; nil where there is none.
func parked(sp *spool.Spool) jobs.Spool {
	if sp == nil {
		return nil
	}
	return sp
}
