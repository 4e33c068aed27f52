package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"resumewatch/internal/custody"
)

// Bounds of unmasking.
const (
	// UnmaskSpan is how long a grant lasts.
	UnmaskSpan = time.Hour
	// UnmaskAlone is how many listings one person may see unmasked in a day (24 h)
	// without a second one.
	UnmaskAlone = 5
	// unmaskWait is how long a request waits for the second person.
	unmaskWait = 24 * time.Hour
)

// ErrSamePerson says that the second person is the first.
var ErrSamePerson = errors.New("another person must approve what you asked for")

// Grant lets one person see listings unmasked for a time.
type Grant struct {
	Num        int64
	Who        string
	Reason     string
	Listings   []string // sorted
	Asked      time.Time
	ApprovedBy string    // "": nobody was needed
	Until      time.Time // zero: waits for a second person
}

// GrantID is how a grant is called: U-3.
func GrantID(num int64) string { return fmt.Sprintf("U-%d", num) }

// GrantNumber reads "U-3".
func GrantNumber(s string) (int64, bool) { return number("U-", s) }

// AskUnmask asks to see listings. A grant of the same person that still lasts and
// covers them is given again, with the reason of now; so is the same request that waits. One listing is
// granted at once, several at a time, or more than UnmaskAlone in a day, wait for
// ApproveUnmask by another person.
func (b *Book) AskUnmask(ctx context.Context, listings []string, reason string, by Act) (Grant, error) {
	listings = slices.Compact(slices.Sorted(slices.Values(listings)))
	var g Grant
	err := b.write(ctx, "asking to unmask", func(t *tx) error {
		g = Grant{Who: by.Who, Reason: reason, Listings: listings, Asked: instant(millis(by.At))}
		if err := t.d.alone(t, "unmask"); err != nil {
			return err
		}
		recent, err := t.grants(by.Who, by.At.Add(-unmaskWait))
		if err != nil {
			return err
		}
		alone := map[string]bool{}
		for _, r := range recent {
			covers := !slices.ContainsFunc(listings, func(id string) bool { return !slices.Contains(r.Listings, id) })
			if covers && (r.Until.After(by.At) || r.Until.IsZero() && len(r.Listings) == len(listings)) {
				g = r
				if !g.Until.IsZero() {
					g.Reason = reason // each look says its own; what was approved stands in the grant
				}
				return nil
			}
			if r.ApprovedBy == "" && !r.Until.IsZero() {
				for _, id := range r.Listings {
					alone[id] = true
				}
			}
		}
		for _, id := range listings {
			alone[id] = true
		}
		if len(listings) == 1 && len(alone) <= UnmaskAlone {
			g.Until = instant(millis(by.At.Add(UnmaskSpan)))
		}
		err = t.row(`INSERT INTO unmask_grant (who, reason, listings, asked_at, until) VALUES (?, ?, ?, ?, ?) RETURNING num`,
			g.Who, g.Reason, document(g.Listings), millis(g.Asked), millis(g.Until)).Scan(&g.Num)
		if err != nil {
			return err
		}
		return t.audit(by, ActUnmaskAsked, GrantID(g.Num), fmt.Sprintf("%d: %s", len(listings), reason))
	})
	return g, err
}

// grants are what a person asked for since a time, newest first.
func (t *tx) grants(who string, since time.Time) ([]Grant, error) {
	var out []Grant
	return out, t.rows(func(scan func(...any) error) error {
		g, err := scanGrant(scan)
		out = append(out, g)
		return err
	}, grantColumns+` WHERE who = ? AND asked_at > ? ORDER BY num DESC`, who, millis(since))
}

const grantColumns = `SELECT num, who, reason, listings, asked_at, approved_by, until FROM unmask_grant`

func scanGrant(scan func(...any) error) (Grant, error) {
	var g Grant
	var asked, until int64
	var listings string
	if err := scan(&g.Num, &g.Who, &g.Reason, &listings, &asked, &g.ApprovedBy, &until); err != nil {
		return g, err
	}
	g.Asked, g.Until = instant(asked), instant(until)
	return g, parse(listings, &g.Listings)
}

// ApproveUnmask grants what another person asked for. ErrSamePerson: it is one's
// own; ErrNotFound: no such request waits (any more).
func (b *Book) ApproveUnmask(ctx context.Context, num int64, by Act) (Grant, error) {
	var g Grant
	err := b.write(ctx, "approving "+GrantID(num), func(t *tx) error {
		var err error
		g, err = scanGrant(t.row(grantColumns+` WHERE num = ? AND until = 0`+t.d.locked(), num).Scan)
		if errors.Is(err, sql.ErrNoRows) || err == nil && by.At.Sub(g.Asked) > unmaskWait {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		if by.Who == "" || by.Who == g.Who {
			return ErrSamePerson
		}
		g.ApprovedBy, g.Until = by.Who, instant(millis(by.At.Add(UnmaskSpan)))
		if _, err := t.exec(`UPDATE unmask_grant SET approved_by = ?, until = ? WHERE num = ?`, g.ApprovedBy, millis(g.Until), num); err != nil {
			return err
		}
		return t.audit(by, ActUnmaskApproved, GrantID(num), g.Who)
	})
	return g, err
}

// Original is where the bytes of a listing's post are kept.
type Original struct {
	Capture       Capture
	TextDigest    string // keyed, of the text as it was read
	Start, Length int64  // of the post in the capture's payload; Start -1: not known
	NativeID      string
}

// OriginalOf finds the capture of a listing. ErrNotFound: there is no such listing.
func (b *Book) OriginalOf(ctx context.Context, id string) (Original, error) {
	var o Original
	err := b.read(ctx, "original of a listing", func(t *tx) error {
		var at int64
		c := &o.Capture
		err := t.row(`SELECT post.text_digest, post.start, post.length, post.native_id, post.capture, coalesce(capture.sealed_digest, ''), coalesce(capture.file, ''),
			coalesce(capture.start, 0), coalesce(capture.length, 0), coalesce(capture.kind, ''), coalesce(capture.url, ''), coalesce(capture.at, 0)
			FROM post LEFT JOIN capture ON capture.digest = post.capture WHERE post.id = ?`, id).Scan(
			&o.TextDigest, &o.Start, &o.Length, &o.NativeID, &c.Digest, &c.SealedDigest, &c.File, &c.Offset, &c.Length, &c.Kind, &c.URL, &at)
		c.At = instant(at)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		return err
	})
	return o, err
}

// Look is one look at a listing unmasked.
type Look struct {
	Listing string
	Role    string
	Device  string
	Grade   string // how much was shown
}

// NoteUnmasked says in the custody log and the audit log that somebody sees a
// listing, under a grant that lasts. It comes before the text is shown.
func (b *Book) NoteUnmasked(ctx context.Context, g Grant, l Look, by Act) error {
	if !slices.Contains(g.Listings, l.Listing) || g.Who != by.Who || !g.Until.After(by.At) {
		return fmt.Errorf("casebook: %s doesn't let %q see %s", GrantID(g.Num), by.Who, l.Listing)
	}
	return b.write(ctx, "unmasking", func(t *tx) error {
		detail := map[string]string{"reason": g.Reason, "role": l.Role, "until": g.Until.Format(time.RFC3339), "grant": GrantID(g.Num), "grade": l.Grade}
		if g.ApprovedBy != "" {
			detail["approved_by"] = g.ApprovedBy
		}
		if _, err := t.note(custody.Event{Kind: custody.Unmasked, At: by.At, Actor: by.Who, Device: l.Device, Object: l.Listing, Detail: detail}); err != nil {
			return err
		}
		return t.audit(by, ActUnmasked, l.Listing, GrantID(g.Num)+" ("+l.Grade+"): "+g.Reason)
	})
}

// WaitingGrants are the requests that wait for a second person, the latest first,
// at most limit.
func (b *Book) WaitingGrants(ctx context.Context, now time.Time, limit int) ([]Grant, error) {
	out := []Grant{}
	err := b.read(ctx, "requests to unmask", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			g, err := scanGrant(scan)
			out = append(out, g)
			return err
		}, grantColumns+` WHERE until = 0 AND asked_at > ? ORDER BY num DESC LIMIT ?`, millis(now.Add(-unmaskWait)), limit)
	})
	return out, err
}

// GrantsOf are what a person asked for within a day, the latest first.
func (b *Book) GrantsOf(ctx context.Context, who string, now time.Time) ([]Grant, error) {
	var out []Grant
	err := b.read(ctx, "requests to unmask", func(t *tx) (err error) {
		out, err = t.grants(who, now.Add(-unmaskWait))
		return err
	})
	return out, err
}

// LooksAt are the latest looks at a listing unmasked, the latest first, at most limit.
func (b *Book) LooksAt(ctx context.Context, listing string, limit int) ([]AuditEntry, error) {
	return b.auditEntries(ctx, ` WHERE action = '`+ActUnmasked+`' AND target = ? ORDER BY id DESC LIMIT ?`, listing, limit)
}
