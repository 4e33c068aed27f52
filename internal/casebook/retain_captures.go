package casebook

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"resumewatch/internal/custody"
)

// OldMonth is a month of captures that is over long enough.
type OldMonth struct {
	Month    string // "2023-10"
	Captures int64  // that no hold keeps
	Files    int64
	Bytes    int64 // sealed
}

// ownKey is, as a condition on capture, that a capture is kept until its case closes:
// that is for the closing to end (`import --keep all`).
const ownKey = `capture.seal LIKE 'keep-%'`

// OldMonths lists the months that ended before the given time and of which there are
// captures that no hold keeps.
func (b *Book) OldMonths(ctx context.Context, before time.Time) ([]OldMonth, error) {
	var out []OldMonth
	err := b.read(ctx, "old months", func(t *tx) error {
		out = nil
		for from := int64(-1 << 62); ; {
			var first int64
			if err := t.row(`SELECT coalesce(min(at), ?) FROM capture WHERE at >= ?`, int64(1<<62), from).Scan(&first); err != nil {
				return err
			}
			if first >= millis(before) {
				return nil
			}
			at := time.UnixMilli(first).UTC()
			next := time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, time.UTC)
			if next.After(before) {
				return nil
			}
			m := OldMonth{Month: at.Format("2006-01")}
			if err := t.row(`SELECT count(*), count(DISTINCT file), CAST(coalesce(sum(length), 0) AS BIGINT) FROM capture WHERE at >= ? AND at < ? AND NOT `+ownKey+` AND NOT `+heldCapture,
				first, next.UnixMilli()).Scan(&m.Captures, &m.Files, &m.Bytes); err != nil {
				return err
			}
			if m.Captures > 0 {
				out = append(out, m)
			}
			from = next.UnixMilli()
		}
	})
	return out, err
}

// monthFolder is what the names of a month's evidence files begin with.
func monthFolder(month string) string { return month[:4] + "/" + month[5:7] + "/" }

// DoomFiles notes that the evidence files of a month ("2023-10") are to be dropped,
// all but those that hold a capture which a hold keeps or that is kept for a case. Doing it again changes nothing.
func (b *Book) DoomFiles(ctx context.Context, month string) error {
	if _, err := time.Parse("2006-01", month); err != nil {
		return fmt.Errorf("casebook: month %.40q: %w", month, err)
	}
	files, err := b.monthFiles(ctx, month)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(files, lot) {
		err := b.write(ctx, "dooming evidence", func(t *tx) error {
			if err := t.d.alone(t, "holds"); err != nil {
				return err
			}
			in, args := among(some)
			held := map[string]bool{}
			for _, q := range []string{
				`SELECT DISTINCT capture.file FROM held JOIN capture ON capture.digest = held.item WHERE held.kind = 'capture' AND capture.file IN (` + in + `)`,
				`SELECT DISTINCT capture.file FROM held JOIN capture ON capture.refers = held.item AND capture.refers <> '' WHERE held.kind = 'capture' AND capture.file IN (` + in + `)`,
				`SELECT DISTINCT capture.file FROM capture WHERE ` + ownKey + ` AND capture.file IN (` + in + `)`,
				`SELECT DISTINCT capture.file FROM held JOIN capture ON capture.source = held.item WHERE held.kind = 'source' AND capture.file IN (` + in + `)`,
			} {
				if err := t.rows(func(scan func(...any) error) error {
					var file string
					err := scan(&file)
					held[file] = true
					return err
				}, q, args...); err != nil {
					return err
				}
			}
			var rows [][]any
			for _, f := range some {
				if !held[f] {
					rows = append(rows, []any{f, month})
				}
			}
			_, err := t.insert(`INSERT INTO evidence_drop (file, month)`, rows, `ON CONFLICT DO NOTHING`)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// monthFiles are the evidence files of a month that the book knows of, sorted.
func (b *Book) monthFiles(ctx context.Context, month string) ([]string, error) {
	var files []string
	err := b.read(ctx, "evidence files of a month", func(t *tx) error {
		files = files[:0]
		from := monthFolder(month)
		for end := from[:len(from)-1] + "0"; ; { // "0" stands behind "/"
			var file string
			if err := t.row(`SELECT coalesce(min(file), '') FROM capture WHERE file > ? AND file < ?`, from, end).Scan(&file); err != nil {
				return err
			}
			if file == "" {
				return nil
			}
			files, from = append(files, file), file
		}
	})
	return files, err
}

// DoomedFiles are the evidence files that are being dropped, with their months.
func (b *Book) DoomedFiles(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	err := b.read(ctx, "doomed evidence", func(t *tx) error {
		clear(out)
		return t.rows(func(scan func(...any) error) error {
			var file, month string
			err := scan(&file, &month)
			out[file] = month
			return err
		}, `SELECT file, month FROM evidence_drop`)
	})
	return out, err
}

// DroppedCaptures is what one step of DropCaptures dropped.
type DroppedCaptures struct {
	Captures, Bytes int64
	Done            bool // the file has none left
}

// DropCaptures drops the rows of a doomed file's captures, at most limit of them.
// The file must be gone. The custody log names each with e's actor and device, and by
// what they went: Detail["by"], "retention" unless it says otherwise.
func (b *Book) DropCaptures(ctx context.Context, file string, e custody.Event, limit int) (DroppedCaptures, error) {
	var out DroppedCaptures
	err := b.write(ctx, "dropping captures", func(t *tx) error {
		out = DroppedCaptures{}
		var month string
		if err := t.row(`SELECT month FROM evidence_drop WHERE file = ?`+t.d.locked(), file).Scan(&month); err != nil {
			return fmt.Errorf("%s is not to be dropped: %w", file, err)
		}
		e.Captures = nil
		sum := sha256.New()
		var digests []string
		err := t.rows(func(scan func(...any) error) error {
			var digest, sealed string
			var length int64
			err := scan(&digest, &sealed, &length)
			digests, out.Bytes = append(digests, digest), out.Bytes+length
			e.Captures = append(e.Captures, custody.Item{Digest: digest})
			sum.Write([]byte(digest + " " + sealed + "\n"))
			return err
		}, `SELECT digest, sealed_digest, length FROM capture WHERE file = ? ORDER BY start LIMIT ?`, file, limit)
		if err != nil {
			return err
		}
		if out.Captures = int64(len(digests)); out.Captures < int64(limit) {
			out.Done = true
			if _, err := t.exec(`DELETE FROM evidence_drop WHERE file = ?`, file); err != nil {
				return err
			}
		}
		if out.Captures == 0 {
			return nil
		}
		e.Kind, e.Object = custody.Dropped, month
		e.Detail = map[string]string{"by": cmp.Or(e.Detail["by"], "retention"), "file": file, "captures": decimal(out.Captures), "bytes": decimal(out.Bytes),
			"sha256": hex.EncodeToString(sum.Sum(nil))} // of lines "DIGEST SEALED", in the order of the file
		event, err := t.note(e)
		if err != nil {
			return err
		}
		rows := make([][]any, len(digests))
		for i, d := range digests {
			rows[i] = []any{d, event}
		}
		if _, err := t.insert(`INSERT INTO capture_gone (digest, event)`, rows, `ON CONFLICT (digest) DO UPDATE SET event = excluded.event`); err != nil {
			return err
		}
		return inLots(digests, func(digests []string) error {
			in, args := among(digests)
			_, err := t.exec(`DELETE FROM capture WHERE digest IN (`+in+`)`, args...)
			return err
		})
	})
	return out, err
}

// CaptureGone finds when a capture was dropped, by its digest or the beginning of it
// (lower-case hex). ErrNotFound: none was.
func (b *Book) CaptureGone(ctx context.Context, prefix string) (digest string, e custody.Event, err error) {
	err = b.read(ctx, "dropped capture", func(t *tx) error {
		var text string
		found := false
		err := t.rows(func(scan func(...any) error) error {
			found = true
			return scan(&digest, &text)
		}, `SELECT capture_gone.digest, custody_event.event FROM capture_gone JOIN custody_event ON custody_event.id = capture_gone.event
			WHERE capture_gone.digest >= ? AND capture_gone.digest < ? ORDER BY capture_gone.digest LIMIT 1`, prefix, prefix+"g")
		if err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		e, err = custody.Decode(text)
		return err
	})
	return digest, e, err
}

// GoneCaptures are those of the digests that were dropped, with the time.
func (b *Book) GoneCaptures(ctx context.Context, digests []string) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	err := b.read(ctx, "dropped captures", func(t *tx) error {
		clear(out)
		return inLots(digests, func(digests []string) error {
			in, args := among(digests)
			return t.rows(func(scan func(...any) error) error {
				var digest, text string
				if err := scan(&digest, &text); err != nil {
					return err
				}
				e, err := custody.Decode(text)
				out[digest] = e.At
				return err
			}, `SELECT capture_gone.digest, custody_event.event FROM capture_gone JOIN custody_event ON custody_event.id = capture_gone.event
				WHERE capture_gone.digest IN (`+in+`)`, args...)
		})
	})
	return out, err
}

// OfferCapturesGone is how many captures of an offer's listings, as they are now, were dropped.
func (b *Book) OfferCapturesGone(ctx context.Context, offer string) (n int, err error) {
	err = b.read(ctx, "dropped captures of an offer", func(t *tx) error {
		return t.row(`SELECT count(DISTINCT capture_gone.digest) FROM wording JOIN listing ON listing.wording = wording.id JOIN post ON post.id = listing.id
			JOIN capture_gone ON capture_gone.digest = post.capture WHERE wording.offer_id = ?`, offer).Scan(&n)
	})
	return n, err
}

// CapturesGone is how many captures were dropped so far.
func (b *Book) CapturesGone(ctx context.Context) (n int64, err error) {
	err = b.read(ctx, "dropped captures", func(t *tx) error { return t.row(`SELECT count(*) FROM capture_gone`).Scan(&n) })
	return n, err
}
