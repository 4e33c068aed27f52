package casebook

import (
	"context"
	"time"
)

// DropForTest drops listings whatever offer they belong to.
func (b *Book) DropForTest(ctx context.Context, ids []string, prints Fingerprints, now time.Time) error {
	return b.write(ctx, "dropping", func(t *tx) error {
		return inLots(ids, func(ids []string) error { return t.dropListings(ids, prints, now, &DroppedOffer{}) })
	})
}
