package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Captures calls f for every capture, in the order of files and offsets, at
// most limit of them (0: all).
func (b *Book) Captures(ctx context.Context, limit int, f func(Capture) error) error {
	if limit <= 0 {
		limit = 1<<62 - 1
	}
	return b.read(ctx, "captures", func(t *tx) error {
		return t.rows(func(scan func(...any) error) error {
			c, err := scanCapture(scan)
			if err != nil {
				return err
			}
			return f(c)
		}, `SELECT `+captureColumns+` FROM capture ORDER BY file, start LIMIT ?`, limit)
	})
}

// CapturesNamed are those whose digest begins so, in the order of digests. prefix is
// lower-case hex.
func (b *Book) CapturesNamed(ctx context.Context, prefix string) ([]Capture, error) {
	// "g" stands behind every hex digit.
	return b.captures(ctx, `digest >= ? AND digest < ? ORDER BY digest`, prefix, prefix+"g")
}

// CapturesIn are those of an evidence file, in their order.
func (b *Book) CapturesIn(ctx context.Context, file string) ([]Capture, error) {
	return b.captures(ctx, `file = ? ORDER BY start`, file)
}

func (b *Book) captures(ctx context.Context, where string, args ...any) (out []Capture, err error) {
	err = b.read(ctx, "captures", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			c, err := scanCapture(scan)
			out = append(out, c)
			return err
		}, `SELECT `+captureColumns+` FROM capture WHERE `+where, args...)
	})
	return out, err
}

// captureColumns are what scanCapture reads.
const captureColumns = `capture.digest, capture.sealed_digest, capture.file, capture.start, capture.length, capture.kind, capture.url, capture.at, capture.source, capture.seal, capture.refers`

func scanCapture(scan func(...any) error) (Capture, error) {
	var c Capture
	var at int64
	err := scan(&c.Digest, &c.SealedDigest, &c.File, &c.Offset, &c.Length, &c.Kind, &c.URL, &at, &c.Source, &c.Seal, &c.Refers)
	c.At = instant(at)
	return c, err
}

// CapturedAgain are the later looks at what a capture holds, oldest first.
func (b *Book) CapturedAgain(ctx context.Context, digest string) ([]Capture, error) {
	return b.captures(ctx, `refers <> '' AND refers = ? ORDER BY at, digest`, digest)
}

// CaptureByDigest finds a capture by its plain digest. ErrNotFound: none.
func (b *Book) CaptureByDigest(ctx context.Context, digest string) (Capture, error) {
	var c Capture
	err := b.read(ctx, "capture", func(t *tx) (err error) {
		c, err = scanCapture(t.row(`SELECT `+captureColumns+` FROM capture WHERE digest = ?`, digest).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("capture %s: %w", digest, ErrNotFound)
		}
		return err
	})
	return c, err
}

// EvidenceEnds tells for every evidence file where the last capture ends that
// the casebook knows of, in bytes.
func (b *Book) EvidenceEnds(ctx context.Context) (map[string]int64, error) {
	out := map[string]int64{}
	err := b.read(ctx, "ends of evidence files", func(t *tx) error {
		clear(out)
		return t.rows(func(scan func(...any) error) error {
			var file string
			var end int64
			err := scan(&file, &end)
			out[file] = end
			return err
		}, `SELECT file, max(start + length) FROM capture GROUP BY file`)
	})
	return out, err
}
