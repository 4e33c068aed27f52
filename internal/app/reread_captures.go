package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/evidence"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
)

// sourceCaptures reads the captures of a source that were not read with what is read
// with now.
func (r *rereading) sourceCaptures(ctx context.Context, source string) error {
	mark := r.shop.Mark()
	same, err := r.s.Book.ReadSince(ctx, source, mark, r.since)
	if err != nil {
		return err
	}
	if err := r.s.Book.CountSame(ctx, r.run, same); err != nil {
		return err
	}
	var last casebook.Capture
	for {
		lot, err := r.s.Book.Unread(ctx, source, mark, r.since, last, rereadLot)
		if err != nil || len(lot) == 0 {
			return err
		}
		if err := r.open(ctx, lot, false); err != nil {
			return err
		}
		last = lot[len(lot)-1]
		if r.in.Progress != nil {
			p, err := r.s.Book.RunProgress(ctx, r.run, false)
			if err != nil {
				return err
			}
			r.in.Progress(p)
		}
	}
}

// open reads captures. named says that somebody asked for just these.
func (r *rereading) open(ctx context.Context, all []casebook.Capture, named bool) (err error) {
	if err := r.evidence(ctx); err != nil {
		return err
	}
	for lot := range slices.Chunk(all, rereadLot) {
		if err := r.openLot(ctx, lot, named); err != nil {
			return err
		}
	}
	return nil
}

func (r *rereading) openLot(ctx context.Context, lot []casebook.Capture, named bool) error {
	if named {
		digests := make([]string, len(lot))
		for i, c := range lot {
			digests[i] = c.Digest
		}
		read, err := r.s.Book.ReadBy(ctx, r.shop.Mark(), digests)
		if err != nil {
			return err
		}
		if err := r.s.Book.CountSame(ctx, r.run, int64(len(read))); err != nil {
			return err
		}
		lot = slices.DeleteFunc(slices.Clone(lot), func(c casebook.Capture) bool { return read[c.Digest] })
	}
	type opened struct {
		c     casebook.Capture
		plain io.ReadCloser
	}
	var open []opened
	defer func() {
		for _, o := range open {
			_ = o.plain.Close() // what was read of it is checked by its digest
		}
	}()
	e, err := r.opening(ctx)
	if err != nil {
		return err
	}
	for _, c := range lot {
		plain, err := openCapture(ctx, r.store, refOf(c), r.ids, r.keys)
		switch {
		case err == nil:
			open = append(open, opened{c, plain})
			e.Captures = append(e.Captures, custody.Item{Digest: c.Digest})
		case ctx.Err() != nil:
			return ctx.Err()
		case !named && (errors.Is(err, privacy.ErrErased) || errors.Is(err, evidence.ErrNoIdentity)):
			r.shut(c, err)
		default:
			if err := r.problem(ctx, market.Problem{Source: c.Source, File: "capture " + c.Digest, Reason: err.Error()}); err != nil {
				return err
			}
		}
	}
	if len(open) == 0 {
		return nil
	}
	if err := r.s.Book.NoteCustody(ctx, e); err != nil {
		return err
	}
	for _, o := range open {
		if err := r.reader.Capture(ctx, o.c, o.plain); err != nil {
			var damaged *evidence.FormatError
			if !errors.As(err, &damaged) {
				return fmt.Errorf("capture %s: %w", o.c.Digest, err)
			}
			if err := r.problem(ctx, market.Problem{Source: o.c.Source, File: "capture " + o.c.Digest, Reason: err.Error()}); err != nil {
				return err
			}
		}
	}
	return nil
}

// evidence opens the store and the identities when they are first needed.
func (r *rereading) evidence(ctx context.Context) (err error) {
	if r.store == nil {
		r.store, r.ids, err = Evidence(ctx, r.s.opts, r.in.Identity...)
	}
	return err
}

// opening is an event of the custody log that says who opens captures, yet without them.
func (r *rereading) opening(ctx context.Context) (custody.Event, error) {
	by, err := actor(ctx, r.s.opts, r.s.Book, "")
	return custody.Event{Kind: custody.EvidenceOpened, At: by.At, Actor: by.Who, Device: r.shop.Info.Host,
		Detail: map[string]string{"os_user": by.OSUser, "why": "reread"}}, err
}

// shut counts a capture that can't be opened.
func (r *rereading) shut(c casebook.Capture, err error) {
	month := cmp.Or(c.Seal, evidence.Month(c.At))
	key := c.Source + " " + month
	if r.closed == nil {
		r.closed = map[string]*closed{}
	}
	if r.closed[key] == nil {
		r.closed[key] = &closed{err: err, month: month, source: c.Source}
	}
	r.closed[key].n++
}

// tellClosed names the months whose captures stay closed. That their keys were erased
// is as somebody wanted it; that an identity is missing is a failure.
func (r *rereading) tellClosed(ctx context.Context) error {
	for _, key := range slices.Sorted(maps.Keys(r.closed)) {
		c := r.closed[key]
		p := market.Problem{Source: c.source, File: "captures of " + c.month, Reason: fmt.Sprintf("%d can't be opened: %v", c.n, c.err)}
		outcome := market.OutcomeUnreadable
		if errors.Is(c.err, privacy.ErrErased) {
			outcome = ""
		}
		if err := r.s.Book.Note(ctx, r.run, outcome, c.n, []market.Problem{p}); err != nil {
			return err
		}
	}
	return nil
}
