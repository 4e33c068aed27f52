package app

import (
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

// Holds tells which cases keep the evidence of a month ("2026-11") from being
// erased. Cases implement it; without them there is nothing that holds.
type Holds interface {
	Holding(ctx context.Context, month string) (cases []string, err error)
}

// KeyErasure is what became of `evidence erase-key`.
type KeyErasure struct {
	Month    string `json:"month"`
	Captures int    `json:"captures"` // that can't be opened any more
	At       string `json:"at"`
	By       string `json:"by"`
	Reason   string `json:"reason"`
}

// EraseKey erases the key of a month that is over, and with it all that was
// captured in it. The act is in the custody log and the audit log before the key
// goes; who is interrupted calls again. The first call's reason stands.
func EraseKey(ctx context.Context, o Options, month, reason, as string, holds Holds) (out KeyErasure, err error) {
	if at, err := time.Parse("2006-01", month); err != nil || evidence.Month(at) != month {
		return out, Usagef("erase-key %.40q: write the month as 2026-03", month)
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return out, Usagef("erase-key: --reason says why; it is kept in the log")
	}
	keys, err := keyring(o)
	if err != nil {
		return out, err
	}
	err = withBook(ctx, o, func(book *casebook.Book) error {
		by, err := actor(ctx, o, book, as)
		if err != nil {
			return err
		}
		if month >= evidence.Month(by.At) {
			return fmt.Errorf("%s is not over: captures are still sealed to its key", month)
		}
		if holds != nil {
			cases, err := holds.Holding(ctx, month)
			if err != nil {
				return err
			}
			if len(cases) > 0 {
				return fmt.Errorf("%s is held by %s: lift the hold, or seal what is held anew", month, strings.Join(cases, ", "))
			}
		}
		if err := book.Captures(ctx, 0, func(c casebook.Capture) error {
			if evidence.Month(c.At) == month {
				out.Captures++
			}
			return nil
		}); err != nil {
			return err
		}
		e, err := keys.Doom(privacy.Erasure{Month: month, At: by.At, By: by.Who, Reason: reason})
		if err != nil {
			return err
		}
		out.Month, out.At, out.By, out.Reason = month, stamp(e.At), e.By, e.Reason
		if err := book.NoteCustodyOnce(ctx, "key_erased."+month, custody.Event{Kind: custody.KeyErased, At: e.At, Actor: e.By, Object: month,
			Detail: map[string]string{"reason": e.Reason, "captures": fmt.Sprint(out.Captures)}}); err != nil {
			return err
		}
		if err := book.Audit(ctx, by, casebook.ActKeyErased, month, e.Reason); err != nil {
			return err
		}
		return keys.Erase(month)
	})
	return out, err
}

// openCapture opens a capture, or says that its month was erased.
func openCapture(ctx context.Context, store evidence.Store, ref evidence.Ref, ids []age.Identity, keys *privacy.Keyring) (io.ReadCloser, error) {
	plain, err := evidence.Open(ctx, store, ref, ids)
	if !errors.Is(err, evidence.ErrNoIdentity) {
		return plain, err
	}
	month := evidence.Month(ref.At)
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
