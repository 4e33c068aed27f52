package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/console"
	"resumewatch/internal/console/passwords"
)

// UserOptions are the flags of `user add` and `user set`; of set, what is empty stays.
type UserOptions struct {
	Name, Role   string
	PasswordFile string // "-": Stdin
	Stdin        io.Reader
	Disabled     *bool
	As           string // who acts; "": RESUMEWATCH_USER, or the only administrator
}

// AddUser adds a user who may sign in.
func AddUser(ctx context.Context, o Options, u UserOptions) error {
	if err := u.check(); err != nil {
		return err
	}
	phc, err := u.password(ctx)
	if err != nil {
		return err
	}
	return withBook(ctx, o, func(book *casebook.Book) error {
		by, err := actor(ctx, o, book, u.As)
		if err != nil {
			return err
		}
		err = book.AddUser(ctx, casebook.User{Name: u.Name, Role: u.Role, Password: phc}, by)
		if errors.Is(err, casebook.ErrExists) {
			err = fmt.Errorf("there is a user %s already; `user set` changes one", u.Name)
		}
		return err
	})
}

// ChangeUser changes a user. The user's sessions end.
func ChangeUser(ctx context.Context, o Options, u UserOptions) error {
	var change casebook.UserChange
	if u.Role != "" {
		if err := checkRole(u.Role); err != nil {
			return err
		}
		change.Role = &u.Role
	}
	if u.PasswordFile != "" {
		phc, err := u.password(ctx)
		if err != nil {
			return err
		}
		change.Password = &phc
	}
	change.Disabled = u.Disabled
	if change == (casebook.UserChange{}) {
		return Usagef("user set %s: say what changes: --role, --password-file, --disable or --enable", u.Name)
	}
	return withBook(ctx, o, func(book *casebook.Book) error {
		by, err := actor(ctx, o, book, u.As)
		if err != nil {
			return err
		}
		_, err = book.ChangeUser(ctx, u.Name, change, by)
		return known(err, u.Name)
	})
}

// known says plainly that there is no such user.
func known(err error, name string) error {
	if errors.Is(err, casebook.ErrNotFound) {
		return fmt.Errorf("there is no user %s", name)
	}
	return err
}

func (u UserOptions) check() error {
	if err := casebook.CheckUserName(u.Name); err != nil {
		return Usagef("%v", err)
	}
	return checkRole(u.Role)
}

func checkRole(role string) error {
	if !slices.Contains(casebook.Roles, role) {
		return Usagef("--role %s: write one of %s", role, strings.Join(casebook.Roles, ", "))
	}
	return nil
}

// password reads the password and makes its digest.
func (u UserOptions) password(ctx context.Context) (string, error) {
	var text string
	var err error
	if u.PasswordFile == "-" {
		text, err = secretFrom("--password-file -", u.Stdin)
	} else {
		text, err = secretFile("--password-file", u.PasswordFile)
	}
	if err != nil {
		return "", err
	}
	if err := passwords.Check(text); err != nil {
		return "", Usagef("--password-file %s: %v", u.PasswordFile, err)
	}
	return passwords.New(1).Hash(ctx, text)
}

// secretFrom reads a secret of one line from a stream.
func secretFrom(key string, r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	secret := strings.TrimSpace(string(text))
	switch {
	case len(text) > maxSecret:
		return "", Usagef("%s: too large for a secret", key)
	case secret == "":
		return "", Usagef("%s: nothing came", key)
	}
	return secret, nil
}

// actor is who acts on the command line: whom --as or RESUMEWATCH_USER names, else the
// only administrator, else nobody that is known. The user of the system is noted too.
func actor(ctx context.Context, o Options, book *casebook.Book, as string) (casebook.Act, error) {
	now, err := clock(ctx, book, o.Env)
	if err != nil {
		return casebook.Act{}, err
	}
	by := casebook.Act{At: now(), OSUser: osUser()}
	if as == "" {
		as = o.Env("RESUMEWATCH_USER")
	}
	if as != "" {
		u, err := book.User(ctx, as)
		if errors.Is(err, casebook.ErrNotFound) {
			return by, Usagef("--as %s: there is no such user", as)
		}
		if err == nil && !u.Disabled.IsZero() {
			return by, Usagef("--as %s: this user is disabled", as)
		}
		by.Who = u.Name
		return by, err
	}
	users, err := book.Users(ctx)
	if err != nil {
		return by, err
	}
	for _, u := range users {
		if u.Role == casebook.RoleAdmin && u.Disabled.IsZero() {
			if by.Who != "" {
				by.Who = ""
				break
			}
			by.Who = u.Name
		}
	}
	return by, nil
}

// UserLine is one user as `user list` prints it.
type UserLine struct {
	Name       string `json:"name"`
	Role       string `json:"role"`
	State      string `json:"state"` // active, disabled
	Created    string `json:"created"`
	LastSignIn string `json:"last_sign_in"` // "" never
}

// Users lists the users by name; limit 0 is all.
func (r *Reader) Users(ctx context.Context, limit int) ([]UserLine, error) {
	all, err := r.Book.Users(ctx)
	if err != nil {
		return nil, err
	}
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	out := make([]UserLine, 0, len(all))
	for _, u := range all {
		line := UserLine{Name: u.Name, Role: u.Role, State: "active", Created: stamp(u.Created), LastSignIn: stamp(u.Seen)}
		if !u.Disabled.IsZero() {
			line.State = "disabled"
		}
		out = append(out, line)
	}
	return out, nil
}

// TokenOptions are the flags of `token create`.
type TokenOptions struct {
	User   string
	Scopes []string
	For    string // how long it works: 90d, 12h
	As     string // who acts
}

// maxTokenSpan bounds the life of a token.
const maxTokenSpan = 10 * 365 * 24 * time.Hour

// NewToken is a token that was just made. Its secret is known here alone.
type NewToken struct {
	ID      int64    `json:"id"`
	Token   string   `json:"token"`
	User    string   `json:"user"`
	Scopes  []string `json:"scopes"`
	Expires string   `json:"expires"`
}

// CreateToken makes a token for a user.
func CreateToken(ctx context.Context, o Options, t TokenOptions) (NewToken, error) {
	for _, s := range t.Scopes {
		if !slices.Contains(casebook.Scopes, s) {
			return NewToken{}, Usagef("--scope %s: write one of %s", s, strings.Join(casebook.Scopes, ", "))
		}
	}
	span, err := parseSpan(t.For)
	if err != nil {
		return NewToken{}, err
	}
	scopes := slices.Compact(slices.Sorted(slices.Values(t.Scopes)))
	out := NewToken{Token: console.NewToken(), User: t.User, Scopes: scopes}
	err = withBook(ctx, o, func(book *casebook.Book) error {
		by, err := actor(ctx, o, book, t.As)
		if err != nil {
			return err
		}
		expires := by.At.Add(span)
		out.Expires = stamp(expires)
		out.ID, err = book.AddToken(ctx, console.Digest(out.Token), casebook.Token{User: t.User, Scopes: scopes, Expires: expires}, by)
		return known(err, t.User)
	})
	if err != nil {
		return NewToken{}, err
	}
	return out, nil
}

// parseSpan reads a span of time: 90d, or as Go writes them (36h).
func parseSpan(s string) (time.Duration, error) {
	var span time.Duration
	var err error
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		span = time.Duration(n) * 24 * time.Hour
	} else {
		span, err = time.ParseDuration(s)
	}
	if err != nil || span < time.Minute || span > maxTokenSpan {
		return 0, Usagef("--for %s: write a span such as 90d or 12h, up to ten years", s)
	}
	return span, nil
}

// RevokeToken ends a token.
func RevokeToken(ctx context.Context, o Options, id int64, as string) error {
	return withBook(ctx, o, func(book *casebook.Book) error {
		by, err := actor(ctx, o, book, as)
		if err != nil {
			return err
		}
		err = book.RevokeToken(ctx, id, by)
		if errors.Is(err, casebook.ErrNotFound) {
			err = fmt.Errorf("there is no token %d that works", id)
		}
		return err
	})
}

// TokenLine is one token as `token list` prints it.
type TokenLine struct {
	ID       int64    `json:"id"`
	User     string   `json:"user"`
	Scopes   []string `json:"scopes"`
	State    string   `json:"state"` // active, expired, revoked
	Created  string   `json:"created"`
	Expires  string   `json:"expires"`
	LastUsed string   `json:"last_used"` // "" never
}

// Tokens lists the tokens, newest first; limit 0 is all.
func (r *Reader) Tokens(ctx context.Context, limit int) ([]TokenLine, error) {
	all, err := r.Book.Tokens(ctx, limit)
	if err != nil {
		return nil, err
	}
	out := make([]TokenLine, 0, len(all))
	for _, k := range all {
		line := TokenLine{ID: k.ID, User: k.User, Scopes: k.Scopes, State: "active", Created: stamp(k.Created), Expires: stamp(k.Expires), LastUsed: stamp(k.LastUsed)}
		switch {
		case !k.Revoked.IsZero():
			line.State = "revoked"
		case !k.Works(r.Now()):
			line.State = "expired"
		}
		out = append(out, line)
	}
	return out, nil
}
