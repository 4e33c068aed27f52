package casebook

import (
	"context"
	"time"

	"resumewatch/internal/market"
)

// ReadBefore reports whether there are listings that another version of the
// extractor read.
func (b *Book) ReadBefore(ctx context.Context, version string) (yes bool, err error) {
	err = b.read(ctx, "earlier readings", func(t *tx) error {
		return t.row(`SELECT EXISTS (SELECT 1 FROM listing WHERE extractor < ?) OR EXISTS (SELECT 1 FROM listing WHERE extractor > ?)`, version, version).Scan(&yes)
	})
	return yes, err
}

// readAgain notes that a version of the extractor has read a capture.
func (t *tx) readAgain(p Past, version string) error {
	n, err := t.exec(`UPDATE capture SET extractor = ? WHERE digest = ?`, version, p.Capture)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}

// Unread are captures of a source, from a time on, that another version of the extractor
// read last, oldest first, at most limit of them behind the one given.
func (b *Book) Unread(ctx context.Context, source, version string, since time.Time, after Capture, limit int) (out []Capture, err error) {
	err = b.read(ctx, "captures to read", func(t *tx) error {
		out = nil
		return t.rows(func(scan func(...any) error) error {
			c, err := scanCapture(scan)
			out = append(out, c)
			return err
		}, `SELECT `+captureColumns+` FROM capture
			WHERE source = ? AND at >= ? AND extractor <> ? AND kind IN ('chat', 'page') AND seal NOT LIKE 'keep-%' AND (at > ? OR at = ? AND digest > ?) ORDER BY at, digest LIMIT ?`,
			source, millis(since), version, millis(after.At), millis(after.At), after.Digest, limit)
	})
	return out, err
}

// ReadSince counts the captures of a source, from a time on, that a version of the
// extractor has read.
func (b *Book) ReadSince(ctx context.Context, source, version string, since time.Time) (n int64, err error) {
	err = b.read(ctx, "captures that were read", func(t *tx) error {
		return t.row(`SELECT count(*) FROM capture WHERE source = ? AND at >= ? AND extractor = ?`, source, millis(since), version).Scan(&n)
	})
	return n, err
}

// ReadBy tells which of the captures a version of the extractor has read.
func (b *Book) ReadBy(ctx context.Context, version string, digests []string) (map[string]bool, error) {
	read := map[string]bool{}
	err := b.read(ctx, "captures that were read", func(t *tx) error {
		clear(read)
		return inLots(digests, func(digests []string) error {
			in, args := among(digests)
			return t.rows(func(scan func(...any) error) error {
				var digest string
				err := scan(&digest)
				read[digest] = true
				return err
			}, `SELECT digest FROM capture WHERE digest IN (`+in+`) AND extractor = ?`, append(args, version)...)
		})
	})
	return read, err
}

// CountSame counts units of a run that there was nothing to do for.
func (b *Book) CountSame(ctx context.Context, run, n int64) error {
	return b.write(ctx, "what was read before", func(t *tx) error {
		return t.count(run, map[string]int64{visitCounter(market.OutcomeSame): n})
	})
}

// AdoptChunks lets a run wait for the chunks of a source that wait or are being read.
func (b *Book) AdoptChunks(ctx context.Context, run int64, source string) (n int64, err error) {
	err = b.write(ctx, "open chunks of a source", func(t *tx) error {
		n, err = t.exec(`UPDATE work SET run_id = ? WHERE kind = ? AND source = ? AND state IN ('pending', 'leased')`, run, KindChunk, source)
		return err
	})
	return n, err
}

// Archives calls f for every archive that was imported, with the document of PutArchive.
func (b *Book) Archives(ctx context.Context, f func(id, doc string) error) error {
	return b.read(ctx, "archives", func(t *tx) error {
		return t.rows(func(scan func(...any) error) error {
			var id, doc string
			if err := scan(&id, &doc); err != nil {
				return err
			}
			return f(id, doc)
		}, `SELECT id, doc FROM archive ORDER BY id`)
	})
}

// ChunkPayloads calls f for the payload of every chunk of a source, and when it was read;
// zero: it is not yet.
func (b *Book) ChunkPayloads(ctx context.Context, source string, f func(payload string, read time.Time) error) error {
	return b.read(ctx, "chunks of a source", func(t *tx) error {
		return t.rows(func(scan func(...any) error) error {
			var payload string
			var read int64
			if err := scan(&payload, &read); err != nil {
				return err
			}
			return f(payload, instant(read))
		}, `SELECT payload, finished_at FROM work WHERE kind = ? AND source = ?`, KindChunk, source)
	})
}
