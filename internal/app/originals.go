package app

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"

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

// readSamples reads listings out of their captures, each text once, and calls f with
// whom they show. What is opened is in the custody log before it is.
func (x *opener) readSamples(ctx context.Context, book *casebook.Book, shown []casebook.Shown, why opening, f func(sample)) (closed closedCaptures, err error) {
	// Equal texts show equal people: one capture of each does.
	times := map[string]int{}
	once := make([]casebook.Shown, 0, len(shown))
	for _, s := range shown {
		if times[s.TextDigest]++; times[s.TextDigest] == 1 {
			once = append(once, s)
		}
	}
	device, _ := os.Hostname() // unknown is empty
	for lot := range chunksOf(once, 200) {
		captures, err := book.CapturesByDigest(ctx, digestsOf(lot))
		if err != nil {
			return closed, err
		}
		e := custody.Event{Kind: custody.EvidenceOpened, At: why.By.At, Actor: why.By.Who, Device: device, Object: why.Object,
			Detail: map[string]string{"purpose": why.Purpose, "os_user": why.By.OSUser, "reason": why.Reason}}
		maps.DeleteFunc(e.Detail, func(_, v string) bool { return v == "" })
		for _, d := range slices.Sorted(maps.Keys(captures)) {
			e.Captures = append(e.Captures, custody.Item{Digest: d})
		}
		if len(e.Captures) > 0 {
			if err := book.NoteCustody(ctx, e); err != nil {
				return closed, err
			}
		}
		for _, same := range byCapture(lot) {
			err := x.samples(ctx, captures[same[0].Capture], same, func(s sample) {
				f(sample{times[s.digest], s.digest, s.records})
			})
			if ctx.Err() != nil {
				return closed, ctx.Err()
			}
			n := 0
			for _, s := range same {
				n += times[s.TextDigest]
			}
			switch {
			case err == nil:
				continue
			case errors.Is(err, privacy.ErrErased) || errors.Is(err, console.ErrNotKept):
				closed.gone += n
			default:
				closed.shut += n
			}
			if closed.err == nil {
				closed.err = err
			}
		}
	}
	return closed, nil
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

// byCapture cuts sorted listings into those of one capture each.
func byCapture(all []casebook.Shown) [][]casebook.Shown {
	var out [][]casebook.Shown
	for lot := range chunksOf(all, 1) {
		out = append(out, lot)
	}
	return out
}

func digestsOf(all []casebook.Shown) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = s.Capture
	}
	return slices.Compact(out)
}
