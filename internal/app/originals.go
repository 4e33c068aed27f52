package app

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"

	"resumewatch/internal/casebook"
	"resumewatch/internal/console"
	"resumewatch/internal/custody"
	"resumewatch/internal/privacy"
)

// originals opens captures for the console.
type originals struct {
	opts Options
	book *casebook.Book
}

// Original implements console.Originals.
func (r originals) Original(ctx context.Context, at casebook.Original) (console.Original, error) {
	x, err := newOpener(ctx, r.opts, nil)
	if err != nil {
		return console.Original{}, err
	}
	return x.text(ctx, at)
}

// maxSamples is how many listings of an offer are read for the numbers in them.
const maxSamples = 500

// ResumeIDs implements console.Originals.
func (r originals) ResumeIDs(ctx context.Context, offer, reason string, by casebook.Act) (console.ResumeIDs, error) {
	out := console.ResumeIDs{IDs: []string{}}
	shown, err := r.book.SamplesOfOffer(ctx, offer, maxSamples+1)
	if err != nil {
		return out, err
	}
	if out.More = len(shown) > maxSamples; out.More {
		shown = shown[:maxSamples]
	}
	out.Listings = len(shown)
	if err := r.book.Audit(ctx, by, casebook.ActResumeIDsSeen, offer, reason); err != nil {
		return out, err
	}
	x, err := newOpener(ctx, r.opts, nil)
	if err != nil {
		return out, err
	}
	ids := map[string]bool{}
	closed, err := x.readSamples(ctx, r.book, shown, opening{Object: offer, Purpose: "resume_ids", Reason: reason, By: by}, func(s sample) {
		out.Read += s.listings
		for _, record := range s.records {
			for _, v := range record {
				if v.Kind == privacy.BlindResumeID {
					ids[v.Value] = true
				}
			}
		}
	})
	out.IDs, out.Closed = slices.Sorted(maps.Keys(ids)), closed.err
	return out, err
}

// opening is why captures are opened.
type opening struct {
	Object, Purpose, Reason string
	By                      casebook.Act
}

// closedCaptures are those that could not be opened.
type closedCaptures struct {
	gone int   // listings whose capture was erased or is not kept any more
	shut int   // listings that nobody here has an identity for, or that are damaged
	err  error // the first reason
}

// maxTries is from how many captures a text is tried to be read.
const maxTries = 20

// readSamples reads listings out of their captures and calls f with whom they show,
// once for each text: equal texts show equal people. When a capture can't be opened
// another one of the text is tried. What is opened is in the custody log before it is.
func (x *opener) readSamples(ctx context.Context, book *casebook.Book, shown []casebook.Shown, why opening, f func(sample)) (closed closedCaptures, err error) {
	texts := map[string][]casebook.Shown{}
	for _, s := range shown {
		texts[s.TextDigest] = append(texts[s.TextDigest], s)
	}
	failed := map[string]error{}
	for try := range maxTries {
		var lot []casebook.Shown
		for _, of := range texts {
			if try < len(of) {
				lot = append(lot, of[try])
			}
		}
		if len(lot) == 0 {
			break
		}
		slices.SortFunc(lot, func(a, b casebook.Shown) int {
			return cmp.Or(strings.Compare(a.Capture, b.Capture), strings.Compare(a.ID, b.ID))
		})
		if err := x.readOnce(ctx, book, lot, why, failed, func(s sample) {
			s.listings = len(texts[s.digest])
			delete(texts, s.digest)
			f(s)
		}); err != nil {
			return closed, err
		}
	}
	for digest, of := range texts {
		switch err := failed[digest]; {
		case err == nil: // its capture was read, and holds it no more
			continue
		case errors.Is(err, privacy.ErrErased) || errors.Is(err, console.ErrNotKept):
			closed.gone += len(of)
			closed.err = cmp.Or(closed.err, err)
		default:
			closed.shut += len(of)
			closed.err = err
		}
	}
	return closed, nil
}

// readOnce reads texts, each out of one capture; failed takes those that stay closed.
func (x *opener) readOnce(ctx context.Context, book *casebook.Book, all []casebook.Shown, why opening, failed map[string]error, f func(sample)) error {
	device, _ := os.Hostname() // unknown is empty
	for lot := range chunksOf(all, 200) {
		captures, err := book.CapturesByDigest(ctx, digestsOf(lot))
		if err != nil {
			return err
		}
		e := custody.Event{Kind: custody.EvidenceOpened, At: why.By.At, Actor: why.By.Who, Device: device, Object: why.Object,
			Detail: map[string]string{"purpose": why.Purpose, "os_user": why.By.OSUser, "reason": why.Reason}}
		maps.DeleteFunc(e.Detail, func(_, v string) bool { return v == "" })
		for _, d := range slices.Sorted(maps.Keys(captures)) {
			e.Captures = append(e.Captures, custody.Item{Digest: d})
		}
		if len(e.Captures) > 0 {
			if err := book.NoteCustody(ctx, e); err != nil {
				return err
			}
		}
		for same := range chunksOf(lot, 1) {
			err := x.samples(ctx, captures[same[0].Capture], same, f)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			for _, s := range same {
				if err != nil {
					failed[s.TextDigest] = err
				}
			}
		}
	}
	return nil
}

// chunksOf cuts sorted listings into runs of about n that part no capture.
func chunksOf(all []casebook.Shown, n int) func(func([]casebook.Shown) bool) {
	return func(yield func([]casebook.Shown) bool) {
		for len(all) > 0 {
			end := min(n, len(all))
			for end < len(all) && all[end].Capture == all[end-1].Capture {
				end++
			}
			if !yield(all[:end]) {
				return
			}
			all = all[end:]
		}
	}
}

func digestsOf(all []casebook.Shown) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = s.Capture
	}
	return slices.Compact(out)
}
