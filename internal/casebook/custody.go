package casebook

import (
	"context"

	"resumewatch/internal/custody"
)

// NoteCustody writes an event of the custody log that changes nothing else in the book.
// What changes something writes its event in its own transaction.
func (b *Book) NoteCustody(ctx context.Context, e custody.Event) error {
	return b.write(ctx, "custody event", func(t *tx) error {
		_, err := t.note(e)
		return err
	})
}

// NoteCustodyOnce writes an event unless one was written under that key before.
func (b *Book) NoteCustodyOnce(ctx context.Context, key string, e custody.Event) error {
	return b.write(ctx, "custody event", func(t *tx) error {
		n, err := t.exec(`INSERT INTO meta (key, value) VALUES (?, '1') ON CONFLICT (key) DO NOTHING`, "custody."+key)
		if err != nil || n == 0 {
			return err
		}
		_, err = t.note(e)
		return err
	})
}

// note writes an event; it waits for its number.
func (t *tx) note(e custody.Event) (id int64, err error) {
	text, err := e.Encode()
	if err != nil {
		return 0, err
	}
	err = t.row(`INSERT INTO custody_event (event) VALUES (?) RETURNING id`, text).Scan(&id)
	return id, err
}

// captured writes the event of a commit's captures; 0: there are none.
func (t *tx) captured(l Learnt) (id int64, err error) {
	if len(l.Captures) == 0 {
		return 0, nil
	}
	e := custody.Event{Kind: custody.Captured, At: l.At, Device: l.Device, Object: l.Source}
	if l.Review != 0 && len(l.Found) > 0 && l.Found[0].Decided != nil { // a person wanted it
		e.Actor, e.Detail = l.Found[0].Decided.By, map[string]string{"review": DoubtID(l.Review)}
	}
	for _, c := range l.Captures {
		e.Captures = append(e.Captures, custody.Item{Digest: c.Digest, Sealed: c.SealedDigest})
	}
	return t.note(e)
}

// adopted is the setting that says that no capture is older than the log.
const adopted = "custody.adopted"

// AdoptCaptures writes an event for captures that are older than the log, at most
// limit of them. Once there are none left it never does so again: a capture
// without an event is a fault then.
func (b *Book) AdoptCaptures(ctx context.Context, e custody.Event, limit int) (n int, err error) {
	if done, err := b.Meta(ctx, adopted); err != nil || done != "" {
		return 0, err
	}
	err = b.write(ctx, "captures from before the log", func(t *tx) error {
		n = 0
		if err := t.d.alone(t, "custody"); err != nil {
			return err
		}
		e.Kind, e.Captures = custody.Adopted, nil
		err := t.rows(func(scan func(...any) error) error {
			var c custody.Item
			err := scan(&c.Digest, &c.Sealed)
			e.Captures = append(e.Captures, c)
			return err
		}, `SELECT digest, CASE WHEN first_sealed <> '' THEN first_sealed ELSE sealed_digest END FROM capture WHERE event = 0 ORDER BY digest LIMIT ?`, limit)
		if err != nil {
			return err
		}
		if n = len(e.Captures); n == 0 {
			_, err := t.exec(`INSERT INTO meta (key, value) VALUES (?, '1') ON CONFLICT (key) DO NOTHING`, adopted)
			return err
		}
		id, err := t.note(e)
		if err != nil {
			return err
		}
		return inLots(e.Captures, func(lot []custody.Item) error {
			digests := make([]string, len(lot))
			for i, c := range lot {
				digests[i] = c.Digest
			}
			in, args := among(digests)
			_, err := t.exec(`UPDATE capture SET event = ? WHERE digest IN (`+in+`)`, append([]any{id}, args...)...)
			return err
		})
	})
	return n, err
}
