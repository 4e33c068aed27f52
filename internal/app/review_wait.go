package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
	"resumewatch/internal/spool"
	"resumewatch/internal/telemetry"
)

// forgetPerson drops the doubtful posts that wait and show a person, with those that
// stand around them. Posts that are met later are told by the mark of the erasure.
func forgetPerson(ctx context.Context, o Options, book *casebook.Book, kind, value string, now time.Time) (int, error) {
	return forgetWaiting(ctx, o, book, true, now, func(_ casebook.Doubt, item jobs.Doubt) bool { return item.Shows(kind, value) })
}

// forgetMonth drops those that were seen in a month of which the key is erased.
func forgetMonth(ctx context.Context, o Options, book *casebook.Book, month string, now time.Time) (int, error) {
	return forgetWaiting(ctx, o, book, false, now, func(d casebook.Doubt, _ jobs.Doubt) bool { return evidence.Month(d.SeenAt) == month })
}

// forgetWaiting drops what waits and is picked. What can't be opened any more is picked
// by nobody: it expires.
func forgetWaiting(ctx context.Context, o Options, book *casebook.Book, erased bool, now time.Time, pick func(casebook.Doubt, jobs.Doubt) bool) (n int, err error) {
	all, err := book.Doubts(ctx, casebook.DoubtFilter{State: casebook.DoubtWaiting})
	if err != nil || len(all) == 0 {
		return 0, err
	}
	keys, err := keyring(o)
	if err != nil {
		return 0, err
	}
	sp, err := openSpool(o, keys, func() time.Time { return now })
	if err != nil {
		return 0, err
	}
	var nums []int64
	for _, d := range all {
		item, err := openDoubt(ctx, sp, d.Item)
		switch {
		case errors.Is(err, spool.ErrAbsent), errors.Is(err, spool.ErrErased), errors.Is(err, spool.ErrDamaged):
			continue
		case err != nil:
			return 0, err
		case pick(d, item):
			nums = append(nums, d.Num)
		}
	}
	for some := range slices.Chunk(nums, 100) {
		items, err := book.ForgetDoubts(ctx, some, erased, now)
		for _, item := range items {
			err = errors.Join(err, sp.Drop(ctx, item))
		}
		if err != nil {
			return n, err
		}
		n += len(items)
	}
	return n, nil
}

// doubtGauges adds up counts by state; each state is told, so that one that has ended
// shows as none.
func doubtGauges(counts []casebook.DoubtCount, now time.Time) []telemetry.Doubts {
	out := []telemetry.Doubts{{State: casebook.DoubtWaiting}, {State: casebook.DoubtAccepted}, {State: casebook.DoubtRejected}, {State: casebook.DoubtExpired}}
	for _, c := range counts {
		for i := range out {
			if out[i].State == c.State {
				out[i].Posts += c.N
				out[i].Oldest = max(out[i].Oldest, now.Sub(c.Oldest))
			}
		}
	}
	return out
}

// lookAtDoubts says how many posts wait for a reviewer, and how many nobody decided.
func lookAtDoubts(ctx context.Context, book *casebook.Book) (string, error) {
	counts, err := book.DoubtCounts(ctx)
	if err != nil {
		return "", err
	}
	var waiting, expired int64
	var oldest time.Time
	for _, c := range counts {
		switch c.State {
		case casebook.DoubtWaiting:
			waiting += c.N
			if oldest.IsZero() || c.Oldest.Before(oldest) {
				oldest = c.Oldest
			}
		case casebook.DoubtExpired:
			expired += c.N
		}
	}
	said := []string{"no post waits for a reviewer"}
	if waiting > 0 {
		said[0] = fmt.Sprintf("%d posts wait for a reviewer (`resumewatch review list`), the oldest since %s; each goes %d days after it was seen", waiting, stamp(oldest), int(spool.MaxAge.Hours()/24))
	}
	if expired > 0 {
		said = append(said, fmt.Sprintf("warning: %d went undecided", expired))
	}
	return strings.Join(said, "; "), nil
}
