package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// ErrExists says that there is such a row already.
var ErrExists = errors.New("exists already")

// Roles of users, as users and scripts write them.
const (
	RoleViewer   = "viewer"
	RoleAnalyst  = "analyst"
	RoleReviewer = "reviewer"
	RoleAdmin    = "admin"
	RoleAuditor  = "auditor"
	RolePlatform = "platform"
)

// Roles lists them all.
var Roles = []string{RoleViewer, RoleAnalyst, RoleReviewer, RoleAdmin, RoleAuditor, RolePlatform}

// User is a person who may sign in.
type User struct {
	Name, Role string
	Password   string // argon2id PHC string
	Language   string // "": as the browser asks
	Theme      string // light, dark, "": as the system has it
	Generation int64  // sessions and pages that were opened under another one have ended
	Created    time.Time
	Disabled   time.Time // zero: may sign in
	Seen       time.Time // last sign-in
}

// MaxUserName is the longest name in runes.
const MaxUserName = 64

// CheckUserName says what is wrong with a name. Letters of any script, digits and
// . _ - @ are taken: nothing that looks like something else in a list or a log.
func CheckUserName(name string) error {
	if name == "" {
		return errors.New("a user needs a name")
	}
	bad := strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-@", r)
	})
	if bad || len([]rune(name)) > MaxUserName {
		return fmt.Errorf("user name %.80q: at most %d letters, digits and . _ - @", name, MaxUserName)
	}
	return nil
}

func (u User) check() error {
	if err := CheckUserName(u.Name); err != nil {
		return err
	}
	if !slices.Contains(Roles, u.Role) {
		return fmt.Errorf("role %.40q: write one of %s", u.Role, strings.Join(Roles, ", "))
	}
	if u.Password == "" {
		return errors.New("a user needs a password")
	}
	return nil
}

// AddUser adds a user and notes who did. ErrExists: the name is taken.
func (b *Book) AddUser(ctx context.Context, u User, by Act) error {
	if err := u.check(); err != nil {
		return err
	}
	return b.write(ctx, "user "+u.Name, func(t *tx) error {
		if _, err := t.exec(`INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING`, metaFirstUser, u.Name); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM meta WHERE key = ?`, metaSetup); err != nil {
			return err
		}
		return t.addUser(u, by)
	})
}

func (t *tx) addUser(u User, by Act) error {
	n, err := t.exec(`INSERT INTO person (name, role, password, language, theme, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING`,
		u.Name, u.Role, u.Password, u.Language, u.Theme, millis(by.At))
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("user %s: %w", u.Name, ErrExists)
	}
	return t.audit(by, ActUserAdded, u.Name, u.Role)
}

// UserChange is what ChangeUser changes; nil stays.
type UserChange struct {
	Role     *string
	Password *string // PHC string
	Disabled *bool
}

// ChangeUser changes a user, notes who did and ends the user's sessions. It returns the
// user's new generation, in which a session that is to go on can be renewed.
// ErrNotFound: no such user.
func (b *Book) ChangeUser(ctx context.Context, name string, c UserChange, by Act) (generation int64, err error) {
	err = b.write(ctx, "user "+name, func(t *tx) error {
		// The first statement writes: the row is ours from here on, on every engine.
		n, err := t.exec(`UPDATE person SET generation = generation + 1 WHERE name = ?`, name)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("user %s: %w", name, ErrNotFound)
		}
		u, err := t.user(name)
		if err != nil {
			return err
		}
		was := u
		generation = u.Generation
		if c.Role != nil {
			u.Role = *c.Role
		}
		if c.Password != nil {
			u.Password = *c.Password
		}
		if c.Disabled != nil && *c.Disabled != !u.Disabled.IsZero() {
			u.Disabled = time.Time{}
			if *c.Disabled {
				u.Disabled = by.At
			}
		}
		if err := u.check(); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE person SET role = ?, password = ?, disabled_at = ? WHERE name = ?`, u.Role, u.Password, millis(u.Disabled), name); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM web_session WHERE person = ?`, name); err != nil {
			return err
		}
		return t.auditChange(was, u, by)
	})
	return generation, err
}

func (t *tx) auditChange(was, u User, by Act) error {
	if was.Role != u.Role {
		if err := t.audit(by, ActRoleChanged, u.Name, was.Role+" → "+u.Role); err != nil {
			return err
		}
	}
	if was.Password != u.Password {
		if err := t.audit(by, ActPasswordChanged, u.Name, ""); err != nil {
			return err
		}
	}
	switch {
	case was.Disabled.IsZero() == u.Disabled.IsZero():
		return nil
	case u.Disabled.IsZero():
		return t.audit(by, ActUserEnabled, u.Name, "")
	}
	return t.audit(by, ActUserDisabled, u.Name, "")
}

// SetPreferences keeps a user's language and theme; "" is as the browser asks.
func (b *Book) SetPreferences(ctx context.Context, name, language, theme string) error {
	return b.write(ctx, "user "+name, func(t *tx) error {
		n, err := t.exec(`UPDATE person SET language = ?, theme = ? WHERE name = ?`, language, theme, name)
		if err == nil && n == 0 {
			err = fmt.Errorf("user %s: %w", name, ErrNotFound)
		}
		return err
	})
}

// SetPasswordForm keeps the same password under other parameters of its digest,
// unless it was changed meanwhile. Sessions go on.
func (b *Book) SetPasswordForm(ctx context.Context, name, was, phc string) error {
	return b.write(ctx, "user "+name, func(t *tx) error {
		_, err := t.exec(`UPDATE person SET password = ? WHERE name = ? AND password = ?`, phc, name, was)
		return err
	})
}

// User finds a user. ErrNotFound: none of that name.
func (b *Book) User(ctx context.Context, name string) (User, error) {
	var u User
	err := b.read(ctx, "user", func(t *tx) (err error) {
		u, err = t.user(name)
		return err
	})
	return u, err
}

const userColumns = `name, role, password, language, theme, generation, created_at, disabled_at, seen_at`

func scanUser(scan func(...any) error) (User, error) {
	var u User
	var created, disabled, seen int64
	err := scan(&u.Name, &u.Role, &u.Password, &u.Language, &u.Theme, &u.Generation, &created, &disabled, &seen)
	u.Created, u.Disabled, u.Seen = instant(created), instant(disabled), instant(seen)
	return u, err
}

func (t *tx) user(name string) (User, error) {
	u, err := scanUser(t.row(`SELECT `+userColumns+` FROM person WHERE name = ?`, name).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("user %.80q: %w", name, ErrNotFound)
	}
	return u, err
}

// Users lists all users by name.
func (b *Book) Users(ctx context.Context) ([]User, error) {
	out := []User{}
	err := b.read(ctx, "users", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			u, err := scanUser(scan)
			out = append(out, u)
			return err
		}, `SELECT `+userColumns+` FROM person ORDER BY name`)
	})
	return out, err
}
