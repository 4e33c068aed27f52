package casebook

import (
	"context"
	"strconv"
	"strings"

	"github.com/dchest/siphash"
)

// TopicDrop is of listings that were dropped: the index has to lose them. A notice's
// Ref is what DropRef makes.
const TopicDrop = "drop"

// DropRef names a dropped listing for the index: "MONTH VERSION ID".
func DropRef(month string, version int64, id string) string {
	return month + " " + decimal(version) + " " + id
}

// ParseDropRef reads what DropRef made.
func ParseDropRef(ref string) (month string, version int64, id string, ok bool) {
	month, rest, ok := strings.Cut(ref, " ")
	if !ok {
		return "", 0, "", false
	}
	number, id, ok := strings.Cut(rest, " ")
	version, err := strconv.ParseInt(number, 10, 64)
	return month, version, id, ok && err == nil
}

// Drops reads the oldest notices of TopicDrop and the number of the newest one.
func (b *Book) Drops(ctx context.Context, limit int) (oldest []Notice, newest int64, err error) {
	if oldest, err = b.Outbox(ctx, TopicDrop, limit); err != nil || len(oldest) < limit {
		if len(oldest) > 0 {
			newest = oldest[len(oldest)-1].Seq
		}
		return oldest, newest, err
	}
	err = b.read(ctx, "newest notice", func(t *tx) error {
		return t.row(`SELECT max(seq) FROM outbox WHERE topic = ?`, TopicDrop).Scan(&newest)
	})
	return oldest, newest, err
}

// ListingMonths are the months of which there are listings.
func (b *Book) ListingMonths(ctx context.Context) (map[string]bool, error) {
	out := map[string]bool{}
	err := b.read(ctx, "months of listings", func(t *tx) error {
		clear(out)
		return t.rows(func(scan func(...any) error) error {
			var month string
			err := scan(&month)
			out[month] = true
			return err
		}, `SELECT DISTINCT month FROM listing`)
	})
	return out, err
}

// Gone is the keyed fingerprint that is kept of a listing that was dropped. Where
// posts have ids of their place, an edit makes it another.
func (f Fingerprints) Gone(id, nativeID, textDigest string) uint64 {
	if nativeID == "" {
		textDigest = ""
	}
	return siphash.Hash(f.k0, f.k1, []byte("dropped\x00"+id+"\x00"+textDigest))
}

// GoneListings are those of the fingerprints (Gone) that are of dropped listings.
func (b *Book) GoneListings(ctx context.Context, prints []uint64) (map[uint64]bool, error) {
	return b.printsIn(ctx, "dropped listings", `SELECT print FROM listing_gone WHERE `, prints)
}

// printsIn are those of the fingerprints that a query over a column "print", which
// ends where its last condition begins, finds.
func (b *Book) printsIn(ctx context.Context, what, query string, prints []uint64) (map[uint64]bool, error) {
	out := map[uint64]bool{}
	signed := make([]int64, len(prints))
	for i, p := range prints {
		signed[i] = int64(p)
	}
	err := b.read(ctx, what, func(t *tx) error {
		clear(out)
		return inLots(signed, func(prints []int64) error {
			in, args := among(prints)
			return t.rows(func(scan func(...any) error) error {
				var p int64
				err := scan(&p)
				out[uint64(p)] = true
				return err
			}, query+`print IN (`+in+`)`, args...)
		})
	})
	return out, err
}
