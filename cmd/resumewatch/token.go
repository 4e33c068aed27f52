package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"resumewatch/internal/app"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token that lets a program in."`
	List   tokenListCmd   `cmd:"" help:"List the tokens, without their secrets."`
	Revoke tokenRevokeCmd `cmd:"" help:"End a token."`
}

type tokenCreateCmd struct {
	User  string   `required:"" help:"Whose rights it has." placeholder:"U"`
	Scope []string `required:"" help:"What it is for: read or metrics; repeatable." placeholder:"S"`
	For   string   `help:"How long it works." default:"365d" placeholder:"SPAN"`
	As    string   `help:"Who acts (default: RESUMEWATCH_USER, or the only administrator)." placeholder:"USER"`
}

func (tokenCreateCmd) Help() string {
	return "Example: resumewatch token create --user prometheus --scope metrics\n\nPrints the token, once: only its digest is kept. Programs send it as Authorization: Bearer."
}

func (c tokenCreateCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	t, err := app.CreateToken(ctx, o, app.TokenOptions{User: c.User, Scopes: c.Scope, For: c.For, As: c.As})
	if err != nil {
		return err
	}
	if e.g.JSON {
		return printJSON(e.stdout, t)
	}
	_, err = fmt.Fprintln(e.stdout, t.Token)
	return err
}

type tokenListCmd struct {
	Limit int `help:"Most tokens to print; 0 is all." default:"50"`
}

func (tokenListCmd) Help() string { return "Example: resumewatch token list" }

func (c tokenListCmd) Run(ctx context.Context, e *environment) error {
	return listed(ctx, e, func(r *app.Reader) ([]app.TokenLine, error) { return r.Tokens(ctx, c.Limit) }, func(l app.TokenLine) string {
		return fmt.Sprintf("%-4d %-24s %-14s %-8s until %s, last used %s", l.ID, l.User, strings.Join(l.Scopes, ","), l.State, l.Expires, cmp.Or(l.LastUsed, "never"))
	})
}

type tokenRevokeCmd struct {
	ID int64  `arg:"" help:"Number of the token, as token list shows it."`
	As string `help:"Who acts (default: RESUMEWATCH_USER, or the only administrator)." placeholder:"USER"`
}

func (tokenRevokeCmd) Help() string { return "Example: resumewatch token revoke 3" }

func (c tokenRevokeCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	return app.RevokeToken(ctx, o, c.ID, c.As)
}
