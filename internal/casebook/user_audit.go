package casebook

import (
	"context"
	"time"
)

// Act is who does something, when and from where.
type Act struct {
	At      time.Time
	Who     string // user; "" nobody that is known
	Address string // of the network; "" on the command line
	OSUser  string // on the command line
}

// Actions of the audit log.
const (
	ActSignedIn        = "sign_in"
	ActSignInFailed    = "sign_in_failed"
	ActSignedOut       = "sign_out"
	ActUserAdded       = "user_added"
	ActRoleChanged     = "role_changed"
	ActPasswordChanged = "password_changed"
	ActUserDisabled    = "user_disabled"
	ActUserEnabled     = "user_enabled"
	ActTokenMade       = "token_created"
	ActTokenRevoked    = "token_revoked"
	ActKeyErased       = "key_erased"    // target: the month
	ActPersonSought    = "person_sought" // by the blind index; no value is noted
	ActPersonErased    = "person_erased"
	ActUnmaskAsked     = "unmask_asked"
	ActUnmaskApproved  = "unmask_approved"
	ActUnmasked        = "unmasked"        // target: the listing
	ActBlindRotated    = "blind_rotated"   // target: the kind; a key of the blind index was made, or older ones were dropped
	ActResumeIDsSeen   = "resume_ids_seen" // target: the offer
)

// AuditEntry is one line of the audit log.
type AuditEntry struct {
	ID int64
	Act
	Action, Target, Detail string
}

// Audit notes what somebody did that changes nothing else in the book.
func (b *Book) Audit(ctx context.Context, by Act, action, target, detail string) error {
	return b.write(ctx, "audit", func(t *tx) error { return t.audit(by, action, target, detail) })
}

func (t *tx) audit(by Act, action, target, detail string) error {
	_, err := t.exec(`INSERT INTO audit (at, who, action, target, detail, address, os_user) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		millis(by.At), by.Who, action, target, detail, by.Address, by.OSUser)
	return err
}

// AuditLog lists entries, newest first: those before the entry of that id (0: from the
// newest), at most limit (0: all).
func (b *Book) AuditLog(ctx context.Context, before int64, limit int) ([]AuditEntry, error) {
	query, args := ``, []any{}
	if before > 0 {
		query, args = query+` WHERE id < ?`, append(args, before)
	}
	query += ` ORDER BY id DESC`
	if limit > 0 {
		query, args = query+` LIMIT ?`, append(args, limit)
	}
	return b.auditEntries(ctx, query, args...)
}

func (b *Book) auditEntries(ctx context.Context, query string, args ...any) ([]AuditEntry, error) {
	out := []AuditEntry{}
	err := b.read(ctx, "audit", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			var e AuditEntry
			var at int64
			err := scan(&e.ID, &at, &e.Who, &e.Action, &e.Target, &e.Detail, &e.Address, &e.OSUser)
			e.At = instant(at)
			out = append(out, e)
			return err
		}, `SELECT id, at, who, action, target, detail, address, os_user FROM audit`+query, args...)
	})
	return out, err
}
