package casebook

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	metaFirstUser = "user.first" // name of the first user there ever was: its row makes being first a matter of one key
	metaSetup     = "user.setup" // digest and end of the set-up link
)

// AnyUser reports whether there has ever been a user.
func (b *Book) AnyUser(ctx context.Context) (bool, error) {
	first, err := b.Meta(ctx, metaFirstUser)
	return first != "", err
}

// OfferSetup makes the set-up link with this digest the one that works until then;
// an older one works no more. false: there is a user, so there is nothing to set up.
func (b *Book) OfferSetup(ctx context.Context, digest string, until time.Time) (bool, error) {
	offered := false
	err := b.write(ctx, "set-up", func(t *tx) error {
		offered = false
		_, err := t.meta(metaFirstUser)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		offered = true
		_, err = t.exec(`INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
			metaSetup, fmt.Sprintf("%d %s", millis(until), digest))
		return err
	})
	return offered, err
}

// CheckSetup reports whether the set-up link with this digest works. ErrNotFound: it
// doesn't (a wrong one, an old one, or there is a user).
func (b *Book) CheckSetup(ctx context.Context, digest string, now time.Time) error {
	return b.read(ctx, "set-up", func(t *tx) error { return t.checkSetup(digest, now) })
}

// AddFirstUser adds the first user and spends the set-up link. With digest "" no link
// is asked for. ErrNotFound: the link doesn't work; ErrExists: there is a user.
func (b *Book) AddFirstUser(ctx context.Context, u User, digest string, by Act) error {
	if err := u.check(); err != nil {
		return err
	}
	return b.write(ctx, "first user", func(t *tx) error {
		// Of two at once, one gets the key and the other one waits here and finds it taken.
		n, err := t.exec(`INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING`, metaFirstUser, u.Name)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("a first user: %w", ErrExists)
		}
		if digest != "" {
			if err := t.checkSetupKey(digest, by.At); err != nil {
				return err
			}
		}
		if _, err := t.exec(`DELETE FROM meta WHERE key = ?`, metaSetup); err != nil {
			return err
		}
		return t.addUser(u, by)
	})
}

func (t *tx) meta(key string) (string, error) {
	var v string
	err := t.row(`SELECT value FROM meta WHERE key = ?`, key).Scan(&v)
	return v, err
}

func (t *tx) checkSetup(digest string, now time.Time) error {
	_, err := t.meta(metaFirstUser)
	switch {
	case err == nil:
		return fmt.Errorf("set-up link: %w", ErrNotFound)
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	return t.checkSetupKey(digest, now)
}

func (t *tx) checkSetupKey(digest string, now time.Time) error {
	v, err := t.meta(metaSetup)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	end, want, _ := strings.Cut(v, " ")
	until, err := strconv.ParseInt(end, 10, 64)
	if err != nil || millis(now) >= until || subtle.ConstantTimeCompare([]byte(want), []byte(digest)) != 1 {
		return fmt.Errorf("set-up link: %w", ErrNotFound)
	}
	return nil
}
