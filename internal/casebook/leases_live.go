package casebook

import (
	"context"
	"errors"
	"time"
)

// ErrPenLost says that the evidence which a commit names was written under a
// lease that was revoked: its bytes may be cut off. Nothing was written; the work
// is still the caller's and can be done again under a new lease.
var ErrPenLost = errors.New("the lease on this evidence writer was revoked")

// LeaseRow is a lease as it stands.
type LeaseRow struct {
	Fence
	Holder string
	Until  time.Time
}

// Leases lists the leases whose names begin with prefix (ASCII), lapsed ones too.
func (b *Book) Leases(ctx context.Context, prefix string) ([]LeaseRow, error) {
	return b.LiveLeases(ctx, prefix, time.Time{})
}

// LiveLeases lists the leases whose names begin with prefix (ASCII) and that end
// after since, sorted by name.
func (b *Book) LiveLeases(ctx context.Context, prefix string, since time.Time) ([]LeaseRow, error) {
	var out []LeaseRow
	err := b.read(ctx, "leases", func(t *tx) error {
		out = nil
		return t.rows(func(scan func(...any) error) error {
			var l LeaseRow
			var until int64
			err := scan(&l.Name, &l.Holder, &until, &l.Number)
			l.Until = instant(until)
			out = append(out, l)
			return err
		}, `SELECT name, holder, until, fence FROM lease WHERE substr(name, 1, ?) = ? AND until >= ? ORDER BY name`, len(prefix), prefix, millis(since))
	})
	return out, err
}

// RenewLease holds a lease for another span. Unlike TakeLease it never makes one
// anew. ErrLost: it was revoked, dropped or taken by another.
func (b *Book) RenewLease(ctx context.Context, f Fence, now time.Time, span time.Duration) error {
	return b.write(ctx, "renewing lease "+f.Name, func(t *tx) error {
		n, err := t.exec(`UPDATE lease SET until = ? WHERE name = ? AND fence = ?`, millis(now.Add(span)), f.Name, f.Number)
		if err == nil && n == 0 {
			err = ErrLost
		}
		return err
	})
}

// DropLease ends a lease and forgets its name, which must not be taken again: its
// fence would begin anew. One that is gone already is no error. It waits for
// commits under the lease.
func (b *Book) DropLease(ctx context.Context, f Fence) error {
	return b.write(ctx, "dropping lease "+f.Name, func(t *tx) error {
		_, err := t.exec(`DELETE FROM lease WHERE name = ? AND fence = ?`, f.Name, f.Number)
		return err
	})
}

// RevokeLease drops the lease of somebody who let it lapse before the given time.
// It waits for commits under the lease that are under way, as long as ctx lets it;
// when it returns nil none is, and none will be. ErrLost: it was renewed, or is gone.
func (b *Book) RevokeLease(ctx context.Context, f Fence, before time.Time) error {
	return b.write(ctx, "revoking lease "+f.Name, func(t *tx) error {
		n, err := t.exec(`DELETE FROM lease WHERE name = ? AND fence = ? AND until < ?`, f.Name, f.Number, millis(before))
		if err == nil && n == 0 {
			err = ErrLost
		}
		return err
	})
}

// EvidenceEnd tells where the last capture of one evidence file ends that the
// casebook knows of, in bytes; 0: it knows none.
func (b *Book) EvidenceEnd(ctx context.Context, file string) (end int64, err error) {
	err = b.read(ctx, "end of an evidence file", func(t *tx) error {
		return t.row(`SELECT coalesce(max(start + length), 0) FROM capture WHERE file = ?`, file).Scan(&end)
	})
	return end, err
}

// penned makes sure that the lease under which evidence was written stands, and
// stands until the transaction ends: RevokeLease waits for it. Where writers don't
// exclude each other the row is held by a lock that conflicts with DELETE alone,
// so that the renewals of the lease don't wait for commits.
func (t *tx) penned(f Fence) error {
	if f.Name == "" { // the only process of this folder
		return nil
	}
	held := " FOR KEY SHARE"
	if t.d.serial {
		held = ""
	}
	n := 0
	err := t.rows(func(scan func(...any) error) error {
		n++
		var number int64
		return scan(&number)
	}, `SELECT fence FROM lease WHERE name = ? AND fence = ?`+held, f.Name, f.Number)
	if err == nil && n == 0 {
		err = ErrPenLost
	}
	return err
}

// SetMetaOnce writes a setting unless there is one, and returns what it is then.
func (b *Book) SetMetaOnce(ctx context.Context, key, value string) (is string, err error) {
	err = b.write(ctx, "meta", func(t *tx) error {
		if _, err := t.exec(`INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING`, key, value); err != nil {
			return err
		}
		return t.row(`SELECT value FROM meta WHERE key = ?`, key).Scan(&is)
	})
	return is, err
}
