package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/market"
)

// Review handles a doubtful post that a person took for a listing.
func (w *Workshop) Review(ctx context.Context, task string, _ []byte) error {
	return w.handle(ctx, task, w.review)
}

func (w *Workshop) review(ctx context.Context, row casebook.Work, claim casebook.Claim) error {
	var p casebook.ReviewPayload
	if err := json.Unmarshal(row.Payload, &p); err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	d, err := w.Book.Doubt(ctx, p.Doubt)
	if err != nil {
		return err
	}
	learnt := casebook.Learnt{Work: claim, Run: row.Run, Source: row.Source, At: w.Now(), Seen: d.SeenAt, Extractor: w.Extractor.Version(), Review: d.Num}
	item, err := w.parkedDoubt(ctx, d)
	switch n := w.failed.of(row.ID); {
	case err != nil && !unreadable(err) && n < maxFailures:
		return err
	case err == nil && n >= maxFailures:
		err = fmt.Errorf("given up after %d failures; the log has their cause", n)
		fallthrough
	case err != nil:
		lost := unreadable(err)
		learnt.Outcome, learnt.Reason = market.OutcomeUnreadable, Clean(err.Error())
		learnt.Problems = []market.Problem{{Source: row.Source, File: casebook.DoubtID(d.Num), Reason: learnt.Reason}}
		return w.Book.GiveUpReview(ctx, learnt, lost)
	}
	f := w.assume(&item.Post)
	d.Decision.Apply(&f.Reading)
	f.ID, f.Thread, f.State, f.Capture, f.Start, f.Length, f.Decided = item.ID, item.Thread, item.State, item.In, item.Start, item.Length, &d.Decision
	learnt.Found = []casebook.Found{f}
	var captures []evidence.Capture
	if item.Capture != nil {
		captures = append(captures, item.Capture.capture())
	}
	var gain casebook.Gain
	err = w.Evidence.Write(ctx, captures, func(refs []evidence.Ref, pen casebook.Fence) error {
		learnt.Captures, learnt.Pen, learnt.Device = captureRows(refs, learnt.Source), pen, w.Info.Host
		if len(refs) > 0 {
			learnt.Found[0].Capture = refs[0].Digest
		}
		var err error
		gain, err = w.Book.Commit(ctx, learnt)
		return err
	})
	if err != nil {
		return err
	}
	w.forget(ctx, gain.Items)
	w.visited(Visited{Source: learnt.Source, What: casebook.DoubtID(d.Num), Outcome: market.OutcomeNew, Listings: gain.Listings})
	return nil
}

// parkedDoubt opens the item of a doubtful post.
func (w *Workshop) parkedDoubt(ctx context.Context, d casebook.Doubt) (Doubt, error) {
	text, err := w.Spool.Get(ctx, d.Item)
	if err != nil {
		return Doubt{}, err
	}
	return ParseDoubt(text)
}
