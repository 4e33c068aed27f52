package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/evidence"
	"resumewatch/internal/privacy"
)

const (
	// RetentionEvery is how often the leader drops what is old.
	RetentionEvery = 24 * time.Hour

	retentionLease = "retention"
	retentionSpan  = 30 * time.Second
	// A step grows and shrinks with what the last one took: others write as well.
	smallestLot, firstLot, largestLot = 20, 100, 500
	slowStep, fastStep                = 80 * time.Millisecond, 30 * time.Millisecond
	// rest is what a step leaves to other writers, at the most.
	longestRest = 50 * time.Millisecond
	// sessionsKept is how long the console's unused sessions, and tries to sign in, are kept.
	sessionsKept = 30 * 24 * time.Hour
)

// ErrRetained says that another process drops what is old just now.
var ErrRetained = errors.New("retention is at work already")

// Limit is how long something is kept.
type Limit struct {
	Text   string    // as the configuration has it: "36mo", "keep"
	Before time.Time // what was last seen before it goes; zero: nothing does
}

// MonthKeys erases the keys of months. privacy.Keyring is one.
type MonthKeys interface {
	Doom(privacy.Erasure) (privacy.Erasure, error)
	Erase(month string) error
	Erased(month string) (privacy.Erasure, bool, error)
	Gone(month string) (bool, error)
}

// MayDrop reports whether the note that an evidence file is to be dropped may be
// believed: no such note is written before the key that seals the file is erased.
// key is what the note names, a month or "keep-C-3".
func MayDrop(keys MonthKeys, file, key string) (bool, error) {
	if of, kept := strings.CutPrefix(key, "keep-"); kept {
		if _, ok := casebook.CaseNumber(of); !ok {
			return false, nil
		}
		if _, erased, err := keys.Erased(key); !erased || err != nil {
			return false, err
		}
	} else if at, err := time.Parse("2006-01", key); err != nil || !strings.HasPrefix(file, at.Format("2006/01/")) {
		return false, nil
	}
	return keys.Gone(key)
}

// Retention drops what is older than it shall be kept, in small steps, beside all
// others that work on the casebook. It may die anywhere: the next one goes on.
type Retention struct {
	Book   *casebook.Book
	Store  evidence.Store
	Keys   MonthKeys
	Prints casebook.Fingerprints
	Now    func() time.Time
	Log    *slog.Logger
	Holder string                      // name in the lease
	Device string                      // the machine, for the custody log
	Actor  string                      // who asked for it; "": the program itself
	May    func(context.Context) error // says why evidence must not be touched; nil: nothing speaks against it
	Quiet  bool                        // no certificate when nothing was dropped

	Captures, Listings, Fingerprints, Visits, Work, Audit Limit

	report *RetentionReport
	lot    int
	lease  time.Time // when it was last renewed
}

func (r *Retention) begin(dry bool) {
	r.report = &RetentionReport{
		At: r.Now().UTC().Format(time.RFC3339), By: r.Actor, DryRun: dry, Dropped: map[string]int64{}, Months: []DroppedMonth{}, Waiting: []WaitingMonth{},
		Limits: map[string]string{
			"captures": r.Captures.Text, "listings": r.Listings.Text, "fingerprints": r.Fingerprints.Text,
			"visits": r.Visits.Text, "work": r.Work.Text, "audit": r.Audit.Text,
		},
	}
	r.lot = firstLot
}

// Run drops what is old and certifies it in the custody log. ErrRetained: another does.
func (r *Retention) Run(ctx context.Context) (*RetentionReport, error) {
	began := time.Now()
	r.begin(false)
	fence, ok, err := r.Book.TakeLease(ctx, retentionLease, r.Holder, r.Now(), retentionSpan)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrRetained
	}
	r.lease = time.Now()
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if err := r.Book.ReleaseLease(ctx, fence); err != nil {
			r.Log.Warn("the lease of retention could not be released; it lapses", "err", err)
		}
	}()
	for _, part := range []func(context.Context) error{r.may, r.Book.RefreshHolds, r.months, r.listings, r.rows} {
		if err := part(ctx); err != nil {
			return r.report, fmt.Errorf("retention: %w", err)
		}
	}
	r.report.Seconds = float64(time.Since(began).Milliseconds()) / 1000
	if r.Quiet && r.report.Empty() {
		return r.report, nil
	}
	return r.report, r.Book.NoteCustody(ctx, r.certificate())
}

// Plan tells what Run would drop.
func (r *Retention) Plan(ctx context.Context) (*RetentionReport, error) {
	began := time.Now()
	r.begin(true)
	for _, part := range []func(context.Context) error{r.planMonths, r.planListings, r.planRows} {
		if err := part(ctx); err != nil {
			return nil, fmt.Errorf("retention: %w", err)
		}
	}
	r.report.Seconds = float64(time.Since(began).Milliseconds()) / 1000
	return r.report, nil
}

func (r *Retention) may(ctx context.Context) error {
	if r.May == nil {
		return nil
	}
	return r.May(ctx)
}

// certificate is the event of the custody log that says what was dropped.
func (r *Retention) certificate() custody.Event {
	e := custody.Event{Kind: custody.RetentionDone, At: r.Now(), Actor: r.Actor, Device: r.Device, Detail: map[string]string{}}
	for k, v := range r.report.Limits {
		e.Detail["limit."+k] = v
	}
	for k, n := range r.report.Dropped {
		e.Detail["dropped."+k] = fmt.Sprint(n)
	}
	var months, waiting []string
	for _, m := range r.report.Months {
		months = append(months, m.Month)
	}
	for _, w := range r.report.Waiting {
		waiting = append(waiting, w.Month+" held by "+strings.Join(w.HeldBy, ", "))
	}
	e.Detail["months"], e.Detail["waiting"] = strings.Join(months, " "), strings.Join(waiting, "; ")
	return e
}

// step runs one transaction, measures it and leaves the others room.
func (r *Retention) step(ctx context.Context, do func(lot int) error) error {
	began := time.Now()
	err := do(r.lot)
	took := time.Since(began)
	r.report.Steps++
	r.report.Longest = max(r.report.Longest, took.Milliseconds())
	switch {
	case took > slowStep:
		r.lot = max(smallestLot, r.lot/2)
	case took < fastStep:
		r.lot = min(largestLot, r.lot+r.lot/2)
	}
	if err != nil {
		return err
	}
	if time.Since(r.lease) > retentionSpan/4 {
		_, ok, err := r.Book.TakeLease(ctx, retentionLease, r.Holder, r.Now(), retentionSpan)
		if err != nil {
			return err
		}
		if !ok {
			return ErrRetained
		}
		r.lease = time.Now()
	}
	if !wait(ctx, min(took/2, longestRest)) {
		return ctx.Err()
	}
	return nil
}

func (r *Retention) gain(kind string, n int64) {
	if n != 0 {
		r.report.Dropped[kind] += n
	}
}

// months drops captures: the key of their month first, then files, then rows.
func (r *Retention) months(ctx context.Context) error {
	// What a kill left.
	if err := r.files(ctx); err != nil || r.Captures.Before.IsZero() {
		return err
	}
	old, err := r.Book.OldMonths(ctx, r.Captures.Before)
	if err != nil {
		return err
	}
	for _, m := range old {
		held, err := r.eraseKey(ctx, m)
		if err != nil {
			return err
		}
		if len(held) > 0 {
			r.report.Waiting = append(r.report.Waiting, WaitingMonth{m.Month, held})
			continue
		}
		if err := r.Book.DoomFiles(ctx, m.Month); err != nil {
			return err
		}
		if err := r.files(ctx); err != nil {
			return err
		}
	}
	return nil
}

// eraseKey erases the key of a month unless cases hold what it seals. A key that is
// not there is erased already, or was never here.
func (r *Retention) eraseKey(ctx context.Context, m casebook.OldMonth) (held []string, err error) {
	e := privacy.Erasure{Month: m.Month, At: r.Now(), By: r.Actor, Reason: "retention: captures are kept " + r.Captures.Text}
	missing := false
	held, err = r.Book.Unheld(ctx, m.Month, func() error {
		var err error
		if e, err = r.Keys.Doom(e); errors.Is(err, fs.ErrNotExist) {
			missing, err = true, nil
		}
		return err
	})
	if err != nil || len(held) > 0 || missing {
		return held, err
	}
	if err := r.Book.NoteCustodyOnce(ctx, "key_erased."+m.Month, custody.Event{Kind: custody.KeyErased, At: e.At, Actor: e.By, Device: r.Device, Object: m.Month,
		Detail: map[string]string{"reason": e.Reason, "captures": fmt.Sprint(m.Captures)}}); err != nil {
		return nil, err
	}
	return nil, r.Keys.Erase(m.Month)
}

// files drops the evidence files that are noted for it.
func (r *Retention) files(ctx context.Context) error {
	doomed, err := r.Book.DoomedFiles(ctx)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(doomed))
	for f := range doomed {
		names = append(names, f)
	}
	slices.Sort(names)
	for _, file := range names {
		if may, err := MayDrop(r.Keys, file, doomed[file]); err != nil {
			return err
		} else if !may {
			r.Log.Error("an evidence file is noted to be dropped, and its key is not erased: it stays; somebody has changed the casebook", "file", file, "key", doomed[file])
			continue
		}
		if err := r.Store.Remove(ctx, file); err != nil {
			return err
		}
		month := r.month(doomed[file])
		month.Files++
		r.gain("files", 1)
		for done := false; !done; {
			if err := r.step(ctx, func(lot int) error {
				d, err := r.Book.DropCaptures(ctx, file, custody.Event{At: r.Now(), Actor: r.Actor, Device: r.Device}, lot)
				month.Captures, month.Bytes, done = month.Captures+d.Captures, month.Bytes+d.Bytes, d.Done
				r.gain("captures", d.Captures)
				return err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// month is the report's line of a month.
func (r *Retention) month(name string) *DroppedMonth {
	for i := range r.report.Months {
		if r.report.Months[i].Month == name {
			return &r.report.Months[i]
		}
	}
	r.report.Months = append(r.report.Months, DroppedMonth{Month: name})
	return &r.report.Months[len(r.report.Months)-1]
}

// listings drops offers that were not seen for long, whole, and listings that were
// withdrawn long ago.
func (r *Retention) listings(ctx context.Context) error {
	if r.Listings.Before.IsZero() {
		return nil
	}
	walk := r.Book.OldListings(r.Listings.Before)
	for done := false; !done; {
		old, err := walk.Next(ctx, largestLot)
		if err != nil {
			return err
		}
		done = old.Done
		for some := range slices.Chunk(old.Withdrawn, firstLot) {
			if err := r.step(ctx, func(int) error {
				d, err := r.Book.DropWithdrawn(ctx, some, r.Prints, r.Now())
				r.offers(d)
				return err
			}); err != nil {
				return err
			}
		}
		for left := old.Offers; len(left) > 0; {
			if err := r.step(ctx, func(lot int) error {
				d, rest, err := r.Book.DropOffers(ctx, left, r.Listings.Before, r.Prints, r.Now(), lot)
				r.offers(d)
				left = rest
				return err
			}); err != nil {
				return err
			}
		}
	}
	_, err := r.Book.MendWordings(ctx, r.Now())
	return err
}

func (r *Retention) offers(d casebook.DroppedOffer) {
	for kind, n := range map[string]int64{
		"offers": d.Offers, "listings": d.Listings, "posts": d.Posts, "revisions": d.Revisions, "people": d.People,
		"wordings": d.Wordings, "alerts": d.Alerts, "sellers": d.Sellers,
	} {
		r.gain(kind, n)
	}
}

// oldRows are the kinds of single rows, in their order, with their limits.
func (r *Retention) oldRows() []struct {
	kind   casebook.Old
	before time.Time
} {
	idle := r.Now().Add(-sessionsKept)
	return []struct {
		kind   casebook.Old
		before time.Time
	}{
		{casebook.OldFingerprints, r.Fingerprints.Before}, {casebook.OldDropped, r.Fingerprints.Before},
		{casebook.OldRejected, r.Fingerprints.Before}, {casebook.OldReviews, r.Work.Before},
		{casebook.OldPages, r.Visits.Before}, {casebook.OldWork, r.Work.Before}, {casebook.OldRuns, r.Work.Before},
		{casebook.OldAlerts, r.Listings.Before}, {casebook.OldAudit, r.Audit.Before}, {casebook.OldGrants, r.Audit.Before},
		{casebook.OldTokens, r.Audit.Before}, {casebook.OldSessions, idle}, {casebook.OldTries, idle},
	}
}

func (r *Retention) rows(ctx context.Context) error {
	for _, k := range r.oldRows() {
		if k.before.IsZero() {
			continue
		}
		rows, err := r.Book.OldRows(k.kind, k.before)
		if err != nil {
			return err
		}
		for done := false; !done; {
			if err := r.step(ctx, func(lot int) error {
				var n int64
				n, done, err = rows.Drop(ctx, lot)
				r.gain(string(k.kind), n)
				return err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
