package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Scopes of tokens, as users and scripts write them.
const (
	ScopeRead    = "read"    // what the token's user may see
	ScopeMetrics = "metrics" // /metrics
)

// Scopes lists them all.
var Scopes = []string{ScopeRead, ScopeMetrics}

// Token lets a program in for a user. The book knows its digest alone.
type Token struct {
	ID       int64
	User     string
	Scopes   []string
	Created  time.Time
	Expires  time.Time
	LastUsed time.Time // to the minute or so; zero: never
	Revoked  time.Time // zero: works
}

// Works reports whether the token is good at that time.
func (t Token) Works(now time.Time) bool { return t.Revoked.IsZero() && now.Before(t.Expires) }

// AddToken keeps a token by the digest of its secret and notes who made it.
// ErrNotFound: no such user.
func (b *Book) AddToken(ctx context.Context, digest string, k Token, by Act) (id int64, err error) {
	if len(k.Scopes) == 0 {
		return 0, fmt.Errorf("a token needs a scope: one or more of %s", strings.Join(Scopes, ", "))
	}
	for _, s := range k.Scopes {
		if !slices.Contains(Scopes, s) {
			return 0, fmt.Errorf("scope %.40q: write one of %s", s, strings.Join(Scopes, ", "))
		}
	}
	scopes := strings.Join(k.Scopes, " ")
	err = b.write(ctx, "token", func(t *tx) error {
		u, err := t.user(k.User)
		if err != nil {
			return err
		}
		if err := t.row(`INSERT INTO token (digest, person, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?) RETURNING id`,
			digest, u.Name, scopes, millis(by.At), millis(k.Expires)).Scan(&id); err != nil {
			return err
		}
		return t.audit(by, ActTokenMade, u.Name, fmt.Sprintf("%d: %s until %s", id, scopes, k.Expires.UTC().Format(time.RFC3339)))
	})
	return id, err
}

const tokenColumns = `id, person, scopes, created_at, expires_at, used_at, revoked_at`

func scanToken(scan func(...any) error) (Token, error) {
	var k Token
	var scopes string
	var created, expires, used, revoked int64
	err := scan(&k.ID, &k.User, &scopes, &created, &expires, &used, &revoked)
	k.Scopes = strings.Fields(scopes)
	k.Created, k.Expires, k.LastUsed, k.Revoked = instant(created), instant(expires), instant(used), instant(revoked)
	return k, err
}

// Token finds a token by the digest of its secret, whether it works or not.
// ErrNotFound: none.
func (b *Book) Token(ctx context.Context, digest string) (Token, error) {
	var k Token
	err := b.read(ctx, "token", func(t *tx) (err error) {
		k, err = scanToken(t.row(`SELECT `+tokenColumns+` FROM token WHERE digest = ?`, digest).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			err = ErrNotFound
		}
		return err
	})
	return k, err
}

// UseToken notes that a token was used.
func (b *Book) UseToken(ctx context.Context, id int64, now time.Time) error {
	return b.write(ctx, "token", func(t *tx) error {
		_, err := t.exec(`UPDATE token SET used_at = ? WHERE id = ? AND used_at < ?`, millis(now), id, millis(now))
		return err
	})
}

// Tokens lists all tokens, newest first; limit 0 is all.
func (b *Book) Tokens(ctx context.Context, limit int) ([]Token, error) {
	out := []Token{}
	query, args := `SELECT `+tokenColumns+` FROM token ORDER BY id DESC`, []any{}
	if limit > 0 {
		query, args = query+` LIMIT ?`, append(args, limit)
	}
	err := b.read(ctx, "tokens", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			k, err := scanToken(scan)
			out = append(out, k)
			return err
		}, query, args...)
	})
	return out, err
}

// RevokeToken ends a token. ErrNotFound: none of that number that works.
func (b *Book) RevokeToken(ctx context.Context, id int64, by Act) error {
	return b.write(ctx, "token", func(t *tx) error {
		n, err := t.exec(`UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at = 0`, millis(by.At), id)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("token %d: %w", id, ErrNotFound)
		}
		return t.audit(by, ActTokenRevoked, "", fmt.Sprint(id))
	})
}
