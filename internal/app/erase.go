package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/evidence"
	"resumewatch/internal/privacy"
)

// EraseOptions are the flags of `evidence erase-key`.
type EraseOptions struct {
	Key        string // a month ("2026-11"), or the case whose hold's key it is (C-3)
	Reason     string
	ResealHeld bool     // seal what holds keep to the holds' keys first
	Identity   []string // files that open captures, to seal them anew
	As         string
}

// KeyErasure is what became of `evidence erase-key`.
type KeyErasure struct {
	Month    string `json:"month"`              // or hold-C-3
	Captures int    `json:"captures"`           // that can't be opened any more
	Resealed int    `json:"resealed,omitempty"` // that were sealed anew before
	Waiting  int    `json:"waiting,omitempty"`  // doubtful posts of the month that waited for a reviewer and are gone
	At       string `json:"at"`
	By       string `json:"by"`
	Reason   string `json:"reason"`
}

// EraseKey erases the key of a month that is over, and with it all that was captured in
// it, or that of a hold which was lifted. What a hold keeps is in the way until it is
// sealed anew. The act is in the custody log and the audit log before the key goes; who
// is interrupted calls again. The first call's reason stands.
func EraseKey(ctx context.Context, o Options, e EraseOptions) (out KeyErasure, err error) {
	key := e.Key
	num, ofCase := casebook.CaseNumber(key)
	if ofCase {
		key = casebook.HoldKey(num)
	} else if at, err := time.Parse("2006-01", key); err != nil || evidence.Month(at) != key {
		return out, Usagef("erase-key %.40q: write the month as 2026-03, or a case as C-3", key)
	}
	if e.Reason = strings.TrimSpace(e.Reason); e.Reason == "" {
		return out, Usagef("erase-key: --reason says why; it is kept in the log")
	}
	keys, err := keyring(o)
	if err != nil {
		return out, err
	}
	err = withBook(ctx, o, func(book *casebook.Book) error {
		by, err := actor(ctx, o, book, e.As)
		if err != nil {
			return err
		}
		if ofCase {
			if err := lifted(ctx, book, num); err != nil {
				return err
			}
		} else if key >= evidence.Month(by.At) {
			return fmt.Errorf("%s is not over: captures are still sealed to its key", key)
		}
		if err := book.RefreshHolds(ctx); err != nil {
			return err
		}
		if e.ResealHeld {
			if out.Resealed, err = resealHeld(ctx, o, book, keys, key, by, e.Identity); err != nil {
				return err
			}
		}
		doomed, err := doom(ctx, book, keys, privacy.Erasure{Month: key, At: by.At, By: by.Who, Reason: e.Reason})
		if err != nil {
			return err
		}
		if out.Captures, err = book.SealedTo(ctx, key); err != nil {
			return err
		}
		out.Month, out.At, out.By, out.Reason = key, stamp(doomed.At), doomed.By, doomed.Reason
		if err := book.NoteCustodyOnce(ctx, "key_erased."+key, custody.Event{Kind: custody.KeyErased, At: doomed.At, Actor: doomed.By, Object: key,
			Detail: map[string]string{"reason": doomed.Reason, "captures": fmt.Sprint(out.Captures)}}); err != nil {
			return err
		}
		if err := book.Audit(ctx, by, casebook.ActKeyErased, key, doomed.Reason); err != nil {
			return err
		}
		if err := keys.Erase(key); err != nil || ofCase {
			return err
		}
		out.Waiting, err = forgetMonth(ctx, o, book, key, by.At)
		return err
	})
	return out, err
}

// lifted makes sure that the hold of a case is off.
func lifted(ctx context.Context, book *casebook.Book, num int64) error {
	c, err := book.Case(ctx, num)
	if err == nil && c.Hold {
		err = casebook.ErrOnHold
	}
	return caseError(err, num)
}

// doom notes that a key is to be erased, unless a hold needs it; none can be set meanwhile.
func doom(ctx context.Context, book *casebook.Book, keys *privacy.Keyring, e privacy.Erasure) (done privacy.Erasure, err error) {
	cases, err := book.Unheld(ctx, e.Month, func() (err error) {
		done, err = keys.Doom(e)
		return err
	})
	if err == nil && len(cases) > 0 {
		err = fmt.Errorf("%s is held by %s: --reseal-held seals what is held to the hold's own key first; or lift the hold (`resumewatch case hold %s off`)",
			e.Month, strings.Join(cases, ", "), cases[0])
	}
	return done, err
}

// openCapture opens a capture, or says that its month was erased.
func openCapture(ctx context.Context, store evidence.Store, ref evidence.Ref, ids []age.Identity, keys *privacy.Keyring) (io.ReadCloser, error) {
	plain, err := evidence.Open(ctx, store, ref, ids)
	if !errors.Is(err, evidence.ErrNoIdentity) {
		return plain, err
	}
	month := cmp.Or(ref.Key, evidence.Month(ref.At))
	e, erased, badMark := keys.Erased(month)
	if badMark != nil {
		return nil, errors.Join(err, badMark)
	}
	if erased {
		return nil, fmt.Errorf("%w: captures of %s can't be opened any more; erased on %s by %s: %s", privacy.ErrErased, month, e.At.Format(time.RFC3339), someone(e.By), e.Reason)
	}
	return nil, err
}

// verifyErasures tells of the months whose keys were erased; an erasure that was
// interrupted is a fault.
func (r *Reader) verifyErasures(report *evidence.Report) error {
	keys, err := keyring(r.opts)
	if err != nil {
		return err
	}
	all, unfinished, err := keys.Erasures()
	if err != nil {
		return err
	}
	for _, e := range all {
		c := evidence.Check{What: "key " + e.Month, OK: true, Detail: fmt.Sprintf("erased on %s by %s: %s", e.At.Format(time.RFC3339), someone(e.By), e.Reason)}
		if slices.Contains(unfinished, e.Month) {
			c.OK, c.Detail = false, "its erasure was interrupted: run evidence erase-key again"
		}
		report.Checked = append(report.Checked, c)
		report.OK = report.OK && c.OK
	}
	return nil
}

func someone(name string) string {
	if name == "" {
		return "somebody unnamed"
	}
	return name
}
