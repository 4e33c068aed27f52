package casebook

import (
	"context"
	"time"
)

// TryLimits bound guessing at passwords: so many tries in the last Span, for one
// account at one address and for one address.
type TryLimits struct {
	Span             time.Duration
	Account, Address int
}

// tryRows is how many rows the counts may fill; beyond it the oldest go.
const tryRows = 20000

// Try is a try to sign in. Account and Address are words of the caller's choice, such
// as digests: the book compares them.
type Try struct{ Account, Address string }

func (t Try) atAddress() string { return "address " + t.Address }
func (t Try) atAccount() string { return "account " + t.Account + " " + t.Address }

// BeginTry counts a try before the password is looked at, so that tries at once count
// too. wait > 0: there were too many; this one isn't counted, and after wait one more
// will be looked at.
func (b *Book) BeginTry(ctx context.Context, try Try, l TryLimits, now time.Time) (wait time.Duration, err error) {
	err = b.write(ctx, "sign-in", func(t *tx) error {
		wait = 0
		byAddress, err := t.lockTries(try.atAddress(), now, l.Span)
		if err != nil {
			return err
		}
		if wait = waitFor(byAddress, l.Address, l.Span, now); wait > 0 {
			return nil
		}
		byAccount, err := t.lockTries(try.atAccount(), now, l.Span)
		if err != nil {
			return err
		}
		if wait = waitFor(byAccount, l.Account, l.Span, now); wait > 0 {
			return nil
		}
		if err := t.setTries(try.atAddress(), append(byAddress, millis(now))); err != nil {
			return err
		}
		return t.setTries(try.atAccount(), append(byAccount, millis(now)))
	})
	return wait, err
}

// waitFor is how long it takes until fewer than limit of the tries are in the span.
func waitFor(times []int64, limit int, span time.Duration, now time.Time) time.Duration {
	if len(times) < limit {
		return 0
	}
	return max(instant(times[len(times)-limit]).Add(span).Sub(now), time.Second)
}

// ForgetTry takes a try back whose password was right: the account at this address
// starts afresh, and the address has one try fewer.
func (b *Book) ForgetTry(ctx context.Context, try Try, l TryLimits, now time.Time) error {
	return b.write(ctx, "sign-in", func(t *tx) error {
		times, err := t.lockTries(try.atAddress(), now, l.Span)
		if err != nil {
			return err
		}
		if len(times) > 0 {
			if err := t.setTries(try.atAddress(), times[:len(times)-1]); err != nil {
				return err
			}
		}
		_, err = t.exec(`DELETE FROM sign_in_try WHERE subject = ?`, try.atAccount())
		return err
	})
}

// lockTries reads the times that are still in the span. The statement before the
// reading writes, so that on every engine the row is ours until the end.
func (t *tx) lockTries(subject string, now time.Time, span time.Duration) ([]int64, error) {
	_, err := t.exec(`INSERT INTO sign_in_try (subject, times, last_at) VALUES (?, '[]', ?)
		ON CONFLICT (subject) DO UPDATE SET last_at = sign_in_try.last_at`, subject, millis(now))
	if err != nil {
		return nil, err
	}
	var doc string
	if err := t.row(`SELECT times FROM sign_in_try WHERE subject = ?`, subject).Scan(&doc); err != nil {
		return nil, err
	}
	var times []int64
	if err := parse(doc, &times); err != nil {
		return nil, err
	}
	for len(times) > 0 && times[0] <= millis(now.Add(-span)) {
		times = times[1:]
	}
	return times, nil
}

func (t *tx) setTries(subject string, times []int64) error {
	last := int64(0)
	if len(times) > 0 {
		last = times[len(times)-1]
	}
	_, err := t.exec(`UPDATE sign_in_try SET times = ?, last_at = ? WHERE subject = ?`, document(times), last, subject)
	return err
}

// sweepLot is how many rows one transaction of a sweep drops at most.
const sweepLot = 1000

// SweepTries drops counts that no longer count, and the oldest beyond a cap, until
// none are left or ctx ends: whoever guesses from many addresses makes rows faster
// than people sign in. Rows that a sign-in holds are left for the next sweep, so that
// neither waits for the other.
func (b *Book) SweepTries(ctx context.Context, l TryLimits, now time.Time) error {
	for _, which := range []struct {
		rows string
		arg  any
	}{
		{`WHERE last_at < ? ORDER BY last_at LIMIT ?`, millis(now.Add(-l.Span))},
		{`WHERE last_at <= (SELECT last_at FROM sign_in_try ORDER BY last_at DESC LIMIT 1 OFFSET ?) ORDER BY last_at LIMIT ?`, tryRows},
	} {
		for dropped := int64(sweepLot); dropped >= sweepLot; {
			err := b.write(ctx, "sign-in", func(t *tx) (err error) {
				dropped, err = t.exec(`DELETE FROM sign_in_try WHERE subject IN (SELECT subject FROM sign_in_try `+which.rows+t.d.passing+`)`, which.arg, sweepLot)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
