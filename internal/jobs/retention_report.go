package jobs

import "context"

// RetentionReport says what was dropped, or with DryRun what would be.
type RetentionReport struct {
	At      string            `json:"at"`
	By      string            `json:"by"`
	DryRun  bool              `json:"dry_run"`
	Limits  map[string]string `json:"limits"`
	Dropped map[string]int64  `json:"dropped"` // by kind
	Months  []DroppedMonth    `json:"months"`  // of captures
	Waiting []WaitingMonth    `json:"waiting"` // months that are old enough and stay
	Steps   int64             `json:"steps"`
	Longest int64             `json:"longest_ms"` // the longest step
	Seconds float64           `json:"seconds"`
}

// DroppedMonth is one month of captures.
type DroppedMonth struct {
	Month    string `json:"month"`
	Captures int64  `json:"captures"`
	Files    int64  `json:"files"`
	Bytes    int64  `json:"bytes"`
}

// WaitingMonth is a month that a hold keeps.
type WaitingMonth struct {
	Month  string   `json:"month"`
	HeldBy []string `json:"held_by"` // cases
}

// Empty reports whether nothing was dropped.
func (r *RetentionReport) Empty() bool {
	for _, n := range r.Dropped {
		if n > 0 {
			return false
		}
	}
	return len(r.Months) == 0
}

func (r *Retention) planMonths(ctx context.Context) error {
	if r.Captures.Before.IsZero() {
		return nil
	}
	old, err := r.Book.OldMonths(ctx, r.Captures.Before)
	if err != nil {
		return err
	}
	for _, m := range old {
		held, err := r.Book.Holding(ctx, m.Month)
		if err != nil {
			return err
		}
		if len(held) > 0 {
			r.report.Waiting = append(r.report.Waiting, WaitingMonth{m.Month, held})
			continue
		}
		r.report.Months = append(r.report.Months, DroppedMonth(m))
		r.gain("captures", m.Captures)
		r.gain("files", m.Files)
	}
	return nil
}

func (r *Retention) planListings(ctx context.Context) error {
	if r.Listings.Before.IsZero() {
		return nil
	}
	walk := r.Book.OldListings(r.Listings.Before)
	for {
		old, err := walk.Next(ctx, largestLot)
		if err != nil {
			return err
		}
		r.gain("offers", int64(len(old.Offers)))
		r.gain("listings", old.Listings)
		if old.Done {
			return nil
		}
	}
}

func (r *Retention) planRows(ctx context.Context) error {
	for _, k := range r.oldRows() {
		if k.before.IsZero() {
			continue
		}
		rows, err := r.Book.OldRows(k.kind, k.before)
		if err != nil {
			return err
		}
		n, err := rows.Count(ctx)
		if err != nil {
			return err
		}
		r.gain(string(k.kind), n)
	}
	return nil
}
