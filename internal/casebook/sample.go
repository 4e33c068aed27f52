package casebook

import (
	"context"
	"time"
)

// Shown is a listing whose sample shows people.
type Shown struct {
	ID         string
	Capture    string // digest
	TextDigest string // keyed, of the text as it was read
}

// a document with a sample: its keys stand in one order, without spaces.
const withSample = `listing.live = 1 AND listing.doc LIKE '%"sample":{%'`

// ListingsWithSamples finds the live listings that show records, posted since then
// (seen, when that is unknown; zero: all), by capture and id.
func (b *Book) ListingsWithSamples(ctx context.Context, since time.Time) ([]Shown, error) {
	return b.shown(ctx, `listing JOIN post ON post.id = listing.id WHERE `+withSample+
		` AND CASE WHEN post.posted_at = 0 THEN post.seen_at ELSE post.posted_at END >= ? ORDER BY post.capture, listing.id`, millis(since))
}

// SamplesOfOffer finds the live listings of an offer that show records, at most limit,
// by capture and id.
func (b *Book) SamplesOfOffer(ctx context.Context, offer string, limit int) ([]Shown, error) {
	return b.shown(ctx, `wording JOIN listing ON listing.wording = wording.id JOIN post ON post.id = listing.id
		WHERE wording.offer_id = ? AND `+withSample+` ORDER BY post.capture, listing.id LIMIT ?`, offer, limit)
}

func (b *Book) shown(ctx context.Context, from string, args ...any) ([]Shown, error) {
	out := []Shown{}
	err := b.read(ctx, "listings with samples", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			var s Shown
			err := scan(&s.ID, &s.Capture, &s.TextDigest)
			out = append(out, s)
			return err
		}, `SELECT listing.id, post.capture, post.text_digest FROM `+from, args...)
	})
	return out, err
}

// CapturesByDigest finds captures; those that are not kept (any more) are left out.
func (b *Book) CapturesByDigest(ctx context.Context, digests []string) (map[string]Capture, error) {
	out := map[string]Capture{}
	return out, inLots(digests, func(digests []string) error {
		in, args := among(digests)
		found, err := b.captures(ctx, `digest IN (`+in+`)`, args...)
		for _, c := range found {
			out[c.Digest] = c
		}
		return err
	})
}
