package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"resumewatch/internal/casebook"
	"resumewatch/internal/privacy"
)

// unmaskers are the roles that may see what was masked.
var unmaskers = []string{casebook.RoleAnalyst, casebook.RoleReviewer, casebook.RoleAdmin}

// Unmasked is one listing as it was posted. Who reads it is in the custody log.
type Unmasked struct {
	ListingID string `json:"listing_id"`
	Text      string `json:"text"` // numbers of resumes are for the platform and stay hidden
	// Exact says that the text is, by its keyed digest, the one that was read; else it is
	// the stretch of the capture in which the post lies.
	Exact bool   `json:"exact"`
	Grant string `json:"grant"`
	Until string `json:"until"`
}

// UnmaskOptions are the flags of `privacy unmask`.
type UnmaskOptions struct {
	Listings []string
	Reason   string
	Grade    privacy.Grade
	Identity []string // files that open captures
	As       string
}

// WaitError says that another person has to approve first.
type WaitError struct{ Grant string }

func (e *WaitError) Error() string {
	return fmt.Sprintf("several listings, or more than %d in a day, need a second person: `resumewatch privacy approve %s --as OTHER`, then ask again", casebook.UnmaskAlone, e.Grant)
}

// Unmask calls f with listings as they were posted. Each is written into the custody
// log before it is shown. *WaitError: nothing was shown, another person must approve.
func Unmask(ctx context.Context, o Options, u UnmaskOptions, f func(Unmasked) error) error {
	reason, err := reasonOf("unmask", u.Reason)
	if err != nil {
		return err
	}
	return withBook(ctx, o, func(book *casebook.Book) error {
		by, role, err := acting(ctx, o, book, u.As, unmaskers)
		if err != nil {
			return err
		}
		originals := map[string]casebook.Original{}
		for _, id := range u.Listings {
			if originals[id], err = book.OriginalOf(ctx, id); errors.Is(err, casebook.ErrNotFound) {
				return fmt.Errorf("there is no listing %s", id)
			} else if err != nil {
				return err
			}
		}
		grant, err := book.AskUnmask(ctx, u.Listings, reason, by)
		if err != nil {
			return err
		}
		if grant.Until.IsZero() {
			return &WaitError{casebook.GrantID(grant.Num)}
		}
		opener, err := newOpener(ctx, o, u.Identity)
		if err != nil {
			return err
		}
		device, _ := os.Hostname() // unknown is empty
		for _, id := range slices.Compact(slices.Sorted(slices.Values(u.Listings))) {
			o, err := opener.text(ctx, originals[id])
			if err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
			if err := book.NoteUnmasked(ctx, grant, casebook.Look{Listing: id, Role: role, Device: device, Grade: string(u.Grade)}, by); err != nil {
				return err
			}
			shown := Unmasked{ListingID: id, Text: privacy.MaskAs(u.Grade, o.Text, o.Personal), Exact: o.Exact, Grant: casebook.GrantID(grant.Num), Until: stamp(grant.Until)}
			if err := f(shown); err != nil {
				return err
			}
		}
		return nil
	})
}

// ApproveUnmask lets another person see what they asked for.
func ApproveUnmask(ctx context.Context, o Options, name, as string) (casebook.Grant, error) {
	num, ok := casebook.GrantNumber(name)
	if !ok {
		return casebook.Grant{}, Usagef("%q is no request; they are called U-1, U-2 …", name)
	}
	var g casebook.Grant
	return g, withBook(ctx, o, func(book *casebook.Book) error {
		by, _, err := acting(ctx, o, book, as, []string{casebook.RoleReviewer, casebook.RoleAdmin})
		if err != nil {
			return err
		}
		g, err = book.ApproveUnmask(ctx, num, by)
		if errors.Is(err, casebook.ErrNotFound) {
			err = fmt.Errorf("no request %s waits: it was approved, or is older than a day, or never was", strings.ToUpper(name))
		}
		return err
	})
}

// acting is who acts, with the role; it must be one of those given.
func acting(ctx context.Context, o Options, book *casebook.Book, as string, roles []string) (casebook.Act, string, error) {
	by, err := actor(ctx, o, book, as)
	if err != nil {
		return by, "", err
	}
	if by.Who == "" {
		return by, "", Usagef("say who acts: --as USER or RESUMEWATCH_USER")
	}
	u, err := book.User(ctx, by.Who)
	if err != nil {
		return by, "", err
	}
	if !slices.Contains(roles, u.Role) {
		return by, u.Role, fmt.Errorf("%s has the role %s; this needs one of %s", u.Name, u.Role, strings.Join(roles, ", "))
	}
	return by, u.Role, nil
}

// reasonOf is a reason without personal values: it stays in logs for ever.
func reasonOf(command, reason string) (string, error) {
	if reason = strings.TrimSpace(reason); reason == "" {
		return "", Usagef("privacy %s: --reason says why; it is kept in the log", command)
	}
	if len(reason) > 1000 {
		return "", Usagef("privacy %s: a reason of more than 1,000 bytes", command)
	}
	return privacy.Mask(reason, shapes(reason)), nil
}
