package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"resumewatch/internal/app"
	"resumewatch/internal/casebook"
)

type userCmd struct {
	Add  userAddCmd  `cmd:"" help:"Add a user who may sign in to the console."`
	List userListCmd `cmd:"" help:"List the users."`
	Set  userSetCmd  `cmd:"" help:"Change a user; open sessions end."`
}

type userAddCmd struct {
	Name         string `arg:"" help:"Letters, digits and . _ - @."`
	Role         string `required:"" help:"viewer, analyst, reviewer, admin, auditor or platform." placeholder:"R"`
	PasswordFile string `required:"" help:"File that holds the password; - is standard input." placeholder:"F"`
	As           string `help:"Who acts (default: RESUMEWATCH_USER, or the only administrator)." placeholder:"USER"`
}

func (userAddCmd) Help() string {
	return "Example: resumewatch user add wang.fang --role analyst --password-file secrets/wang.fang"
}

func (c userAddCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	return app.AddUser(ctx, o, app.UserOptions{Name: c.Name, Role: c.Role, PasswordFile: c.PasswordFile, Stdin: e.stdin, As: c.As})
}

type userSetCmd struct {
	Name         string `arg:"" help:"Name of the user."`
	Role         string `help:"The new role." placeholder:"R"`
	PasswordFile string `help:"File that holds the new password; - is standard input." placeholder:"F"`
	Disable      bool   `help:"Let the user sign in no more." xor:"may"`
	Enable       bool   `help:"Let the user sign in again." xor:"may"`
	As           string `help:"Who acts (default: RESUMEWATCH_USER, or the only administrator)." placeholder:"USER"`
}

func (userSetCmd) Help() string {
	return "Example: resumewatch user set wang.fang --role reviewer"
}

func (c userSetCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	u := app.UserOptions{Name: c.Name, Role: c.Role, PasswordFile: c.PasswordFile, Stdin: e.stdin, As: c.As}
	if c.Disable || c.Enable {
		u.Disabled = &c.Disable
	}
	return app.ChangeUser(ctx, o, u)
}

type userListCmd struct {
	Limit int `help:"Most users to print; 0 is all." default:"50"`
}

func (userListCmd) Help() string { return "Example: resumewatch user list" }

func (c userListCmd) Run(ctx context.Context, e *environment) error {
	return listed(ctx, e, func(r *app.Reader) ([]app.UserLine, error) { return r.Users(ctx, c.Limit) }, func(l app.UserLine) string {
		return fmt.Sprintf("%-24s %-9s %-9s last sign-in %s", l.Name, l.Role, l.State, cmp.Or(l.LastSignIn, "never"))
	})
}

// listed prints what a data folder lists, a line each; of one where nothing was ever
// stored, nothing.
func listed[T any](ctx context.Context, e *environment, list func(*app.Reader) ([]T, error), text func(T) string) error {
	r, err := e.reader(ctx)
	if errors.Is(err, casebook.ErrNoBook) {
		return nil
	}
	if err != nil {
		return err
	}
	defer r.Close()
	lines, err := list(r)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if !e.g.JSON {
			fmt.Fprintln(e.stdout, text(l))
		} else if err := printJSON(e.stdout, l); err != nil {
			return err
		}
	}
	return nil
}
