package casebook

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// WebSession is one browser that is signed in. Digest is of its token, which the book
// never sees.
type WebSession struct {
	Digest, User  string
	Data          string
	Created, Used time.Time
}

// sessionsEach is how many sessions a user may have; the longest unused ends first.
const sessionsEach = 50

// PutSession keeps a session, or the new data of one. Its beginning stays.
func (b *Book) PutSession(ctx context.Context, s WebSession) error {
	return b.write(ctx, "session", func(t *tx) error {
		_, err := t.exec(`INSERT INTO web_session (digest, person, data, created_at, used_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (digest) DO UPDATE SET person = excluded.person, data = excluded.data, used_at = excluded.used_at`,
			s.Digest, s.User, s.Data, millis(s.Created), millis(s.Used))
		if err != nil {
			return err
		}
		_, err = t.exec(`DELETE FROM web_session WHERE person = ? AND digest IN
			(SELECT digest FROM web_session WHERE person = ? ORDER BY used_at DESC, digest LIMIT 1000 OFFSET ?)`, s.User, s.User, sessionsEach)
		return err
	})
}

// Session finds a session. ErrNotFound: none.
func (b *Book) Session(ctx context.Context, digest string) (WebSession, error) {
	s := WebSession{Digest: digest}
	err := b.read(ctx, "session", func(t *tx) error {
		var created, used int64
		err := t.row(`SELECT person, data, created_at, used_at FROM web_session WHERE digest = ?`, digest).Scan(&s.User, &s.Data, &created, &used)
		s.Created, s.Used = instant(created), instant(used)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		return err
	})
	return s, err
}

// UseSession notes that a session was used.
func (b *Book) UseSession(ctx context.Context, digest string, now time.Time) error {
	return b.write(ctx, "session", func(t *tx) error {
		_, err := t.exec(`UPDATE web_session SET used_at = ? WHERE digest = ? AND used_at < ?`, millis(now), digest, millis(now))
		return err
	})
}

// DropSession ends a session; none of that digest is no error.
func (b *Book) DropSession(ctx context.Context, digest string) error {
	return b.write(ctx, "session", func(t *tx) error {
		_, err := t.exec(`DELETE FROM web_session WHERE digest = ?`, digest)
		return err
	})
}

// SweepSessions drops what was last used or begun then or before.
func (b *Book) SweepSessions(ctx context.Context, used, created time.Time) error {
	return b.write(ctx, "sessions", func(t *tx) error {
		_, err := t.exec(`DELETE FROM web_session WHERE used_at <= ? OR created_at <= ?`, millis(used), millis(created))
		return err
	})
}

// SignedIn notes that a user has signed in.
func (b *Book) SignedIn(ctx context.Context, by Act) error {
	return b.write(ctx, "user "+by.Who, func(t *tx) error {
		if _, err := t.exec(`UPDATE person SET seen_at = ? WHERE name = ?`, millis(by.At), by.Who); err != nil {
			return err
		}
		return t.audit(by, ActSignedIn, by.Who, "")
	})
}
