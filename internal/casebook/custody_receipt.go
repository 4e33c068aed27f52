package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"resumewatch/internal/custody"
)

// LogEntry is an event with its place in the log.
type LogEntry struct {
	ID     int64
	Number int64 // -1: waits for it
	Event  custody.Event
	// Long says that the event is too long for a list: it has its kind, nothing else.
	Long bool
}

// longEvent is from how many bytes on an event is long for a list of them.
const longEvent = 256 << 10

// CustodyPage lists events of the custody log, newest first: those before the event
// of that id (0: from the newest), at most limit.
func (b *Book) CustodyPage(ctx context.Context, before int64, limit int) ([]LogEntry, error) {
	out := []LogEntry{}
	where, args := ``, []any{longEvent}
	if before > 0 {
		where, args = ` WHERE id < ?`, append(args, before)
	}
	err := b.read(ctx, "custody events", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			e, err := scanEntry(scan)
			out = append(out, e)
			return err
		}, entryColumns+where+` ORDER BY id DESC LIMIT ?`, append(args, limit)...)
	})
	return out, err
}

const entryColumns = `SELECT id, coalesce(seq, -1), CASE WHEN length(event) <= ? THEN event ELSE '' END FROM custody_event`

func scanEntry(scan func(...any) error) (e LogEntry, err error) {
	var text string
	if err := scan(&e.ID, &e.Number, &text); err != nil {
		return e, err
	}
	if e.Long = text == ""; !e.Long {
		e.Event, err = custody.Decode(text)
	}
	return e, err
}

// CaptureCustody is what the custody log says of a capture.
type CaptureCustody struct {
	Capture
	Entry   LogEntry // the event that it was committed with; ID 0: none
	Signed  string   // the checkpoint over it that a receipt names; "" none yet
	Stamp   string   // the time stamp of that checkpoint, DER in base64; "" none
	Waiting bool     // a time stamp over it is asked for
}

// CustodyOf finds a capture and what the custody log says of it. ErrNotFound: no such capture.
func (b *Book) CustodyOf(ctx context.Context, digest string) (CaptureCustody, error) {
	var c CaptureCustody
	err := b.read(ctx, "custody of a capture", func(t *tx) error {
		c = CaptureCustody{}
		var at, event int64
		err := t.row(`SELECT digest, sealed_digest, file, start, length, kind, url, at, source, event FROM capture WHERE digest = ?`, digest).Scan(
			&c.Digest, &c.SealedDigest, &c.File, &c.Offset, &c.Length, &c.Kind, &c.URL, &at, &c.Source, &event)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("capture %.80s: %w", digest, ErrNotFound)
		}
		if err != nil {
			return err
		}
		c.At = instant(at)
		if event == 0 {
			return nil
		}
		err = t.rows(func(scan func(...any) error) (err error) {
			c.Entry, err = scanEntry(scan)
			return err
		}, entryColumns+` WHERE id = ?`, longEvent, event)
		if err != nil || c.Entry.ID == 0 || c.Entry.Number < 0 {
			return err
		}
		over, err := t.signedOver(c.Entry.Number)
		if err != nil {
			return err
		}
		c.Signed, c.Stamp = over.signed, over.stamp
		return t.row(`SELECT count(*) > 0 FROM custody_stamp WHERE got_at = 0 AND size > ?`, c.Entry.Number).Scan(&c.Waiting)
	})
	return c, err
}

// signed is a checkpoint, perhaps with its time stamp.
type signed struct {
	size          int64
	signed, stamp string
}

// signedOver is the oldest checkpoint over an event that has a time stamp: what was
// stamped first says most; without any the newest.
func (t *tx) signedOver(number int64) (s signed, err error) {
	one := func(scan func(...any) error) error { return scan(&s.size, &s.signed, &s.stamp) }
	err = t.rows(one, `SELECT custody_stamp.size, note, token FROM custody_stamp JOIN custody_checkpoint ON custody_checkpoint.size = custody_stamp.size
		WHERE got_at > 0 AND custody_stamp.size > ? ORDER BY custody_stamp.size LIMIT 1`, number)
	if err == nil && s.size == 0 {
		err = t.rows(one, `SELECT size, note, '' FROM custody_checkpoint ORDER BY size DESC LIMIT 1`)
	}
	return s, err
}

// Receipt shows that an event stands in the log; Stamp is the time stamp of its
// checkpoint, "" none.
type Receipt struct {
	custody.Receipt
	Stamp string
}

// ReceiptOf is the receipt of a capture's event. ErrNotFound: no such capture, or its
// event waits for its number.
func (b *Book) ReceiptOf(ctx context.Context, digest string) (Receipt, error) {
	var out Receipt
	found := false
	err := b.Receipts(ctx, []string{digest}, func(r Receipt) error {
		out, found = r, true
		return nil
	})
	if err == nil && !found {
		err = fmt.Errorf("event of capture %.80s: %w", digest, ErrNotFound)
	}
	return out, err
}

// Receipts calls f with the receipts of the captures' events, each once, in the order
// of the log. What has no number yet, or no event, is left out.
func (b *Book) Receipts(ctx context.Context, digests []string, f func(Receipt) error) error {
	var events []int64 // rows
	return b.read(ctx, "receipts", func(t *tx) error {
		events = events[:0]
		err := inLots(digests, func(digests []string) error {
			in, args := among(digests)
			return t.rows(func(scan func(...any) error) error {
				var id int64
				err := scan(&id)
				events = append(events, id)
				return err
			}, `SELECT DISTINCT event FROM capture WHERE event > 0 AND digest IN (`+in+`)`, args...)
		})
		if err != nil {
			return err
		}
		slices.Sort(events)
		trees := map[int64]*custody.Tree{}
		for _, id := range slices.Compact(events) {
			number, text := int64(-1), ""
			if err := t.rows(func(scan func(...any) error) error { return scan(&number, &text) }, `SELECT seq, event FROM custody_event WHERE id = ? AND seq IS NOT NULL`, id); err != nil {
				return err
			}
			if number < 0 {
				continue
			}
			over, err := t.signedOver(number)
			if err != nil {
				return err
			}
			if trees[over.size] == nil {
				trees[over.size] = custody.OpenTree(over.size, t.hashes)
			}
			r, err := trees[over.size].Receipt(number, text, over.signed)
			if err == nil {
				err = f(Receipt{r, over.stamp})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
