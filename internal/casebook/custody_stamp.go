package casebook

import (
	"context"
	"time"
)

// DueStamp is a checkpoint that wants a time stamp.
type DueStamp struct {
	Size   int64
	Due    time.Time
	Signed string // what is to be stamped
}

// stampDue orders a stamp of a new checkpoint, when the last was ordered long enough ago.
func (t *tx) stampDue(k LogKeeper, size int64, now time.Time) error {
	if k.Stamps <= 0 {
		return nil
	}
	_, err := t.exec(`INSERT INTO custody_stamp (size, due_at) SELECT CAST(? AS BIGINT), CAST(? AS BIGINT)
		WHERE NOT EXISTS (SELECT 1 FROM custody_stamp WHERE due_at > ?) ON CONFLICT (size) DO NOTHING`, size, millis(now), millis(now.Add(-k.Stamps)))
	return err
}

// DueStamps are the checkpoints that wait for a stamp, the oldest first: while the
// service is down they add up.
func (b *Book) DueStamps(ctx context.Context, limit int) ([]DueStamp, error) {
	var out []DueStamp
	err := b.read(ctx, "due stamps", func(t *tx) error {
		out = nil
		return t.rows(func(scan func(...any) error) error {
			var s DueStamp
			var due int64
			err := scan(&s.Size, &due, &s.Signed)
			s.Due = instant(due)
			out = append(out, s)
			return err
		}, `SELECT custody_stamp.size, due_at, note FROM custody_stamp JOIN custody_checkpoint ON custody_checkpoint.size = custody_stamp.size
			WHERE got_at = 0 ORDER BY custody_stamp.size LIMIT ?`, limit)
	})
	return out, err
}

// SaveStamp keeps the service's answer for a checkpoint; the first stays.
func (b *Book) SaveStamp(ctx context.Context, size int64, token string, now time.Time) error {
	return b.write(ctx, "stamp", func(t *tx) error {
		_, err := t.exec(`UPDATE custody_stamp SET got_at = ?, token = ? WHERE size = ? AND got_at = 0`, millis(now), token, size)
		return err
	})
}

// Stamp is a time stamp of a checkpoint.
type Stamp struct {
	Size   int64
	Signed string // the checkpoint; "": there is none of that size
	Token  string // the service's answer, DER in base64; "" it has not come yet
}

// Stamps calls f for every stamp that was ordered, by size.
func (b *Book) Stamps(ctx context.Context, f func(Stamp) error) error {
	return b.read(ctx, "stamps", func(t *tx) error {
		return t.rows(func(scan func(...any) error) error {
			var s Stamp
			if err := scan(&s.Size, &s.Signed, &s.Token); err != nil {
				return err
			}
			return f(s)
		}, `SELECT custody_stamp.size, coalesce(note, ''), token FROM custody_stamp
			LEFT JOIN custody_checkpoint ON custody_checkpoint.size = custody_stamp.size ORDER BY custody_stamp.size`)
	})
}
