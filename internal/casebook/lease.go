package casebook

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Fence is the right to act as the holder of a lease. Every new holder gets a
// higher number, so that the writes of an old one can be refused.
type Fence struct {
	Name   string
	Number int64
}

// TakeLease takes or renews a named lease. ok is false while another holds it.
func (b *Book) TakeLease(ctx context.Context, name, holder string, now time.Time, span time.Duration) (f Fence, ok bool, err error) {
	err = b.write(ctx, "lease "+name, func(t *tx) error {
		f, ok = Fence{Name: name}, false
		var who string
		var until int64
		err := t.row(`SELECT holder, until, fence FROM lease WHERE name = ?`+t.d.locked(), name).Scan(&who, &until, &f.Number)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			f.Number = 1
			_, err = t.exec(`INSERT INTO lease (name, holder, until, fence) VALUES (?, ?, ?, 1)`, name, holder, millis(now.Add(span)))
		case err != nil:
		case who == holder:
			_, err = t.exec(`UPDATE lease SET until = ? WHERE name = ?`, millis(now.Add(span)), name)
		case until > millis(now):
			return nil
		default:
			f.Number++
			_, err = t.exec(`UPDATE lease SET holder = ?, until = ?, fence = ? WHERE name = ?`, holder, millis(now.Add(span)), f.Number, name)
		}
		ok = err == nil
		return err
	})
	return f, ok, err
}

// ReleaseLease ends a lease before its time, if it is still ours.
func (b *Book) ReleaseLease(ctx context.Context, f Fence) error {
	return b.write(ctx, "lease "+f.Name, func(t *tx) error {
		_, err := t.exec(`UPDATE lease SET until = 0, holder = '' WHERE name = ? AND fence = ?`, f.Name, f.Number)
		return err
	})
}

// leads makes sure that the fence is the newest.
func (t *tx) leads(f Fence) error {
	n, err := t.exec(`UPDATE lease SET fence = fence WHERE name = ? AND fence = ?`, f.Name, f.Number)
	if err == nil && n == 0 {
		err = ErrLost
	}
	return err
}
