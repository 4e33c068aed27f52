package main

import (
	"context"
	"errors"
	"fmt"

	"resumewatch/internal/app"
)

type workerCmd struct {
	Listen string `help:"Address of /livez, /readyz and /metrics (default: health.listen)." placeholder:"ADDR"`
}

func (workerCmd) Help() string {
	return "Example: resumewatch worker --config /etc/resumewatch/config.yaml\n\nReads archives and visits pages, beside any number of other workers. Needs queue.redis, casebook.dsn and index.elasticsearch."
}

func (c workerCmd) Run(ctx context.Context, e *environment) error {
	return e.role(ctx, app.RoleWorker, func(o *app.Options) { setIf(&o.Config.Health.Listen, c.Listen) })
}

type schedulerCmd struct {
	Listen string `help:"Address of /livez, /readyz and /metrics (default: health.listen)." placeholder:"ADDR"`
}

func (schedulerCmd) Help() string {
	return "Example: resumewatch scheduler --config /etc/resumewatch/config.yaml\n\nHands work out and keeps index, offers and alerts current. Of several, one leads; another takes over within half a minute."
}

func (c schedulerCmd) Run(ctx context.Context, e *environment) error {
	return e.role(ctx, app.RoleScheduler, func(o *app.Options) { setIf(&o.Config.Health.Listen, c.Listen) })
}

type consoleCmd struct {
	Listen string `help:"Address to listen on (default: console.listen)." placeholder:"ADDR"`
}

func (consoleCmd) Help() string {
	return "Example: resumewatch console --config /etc/resumewatch/config.yaml\n\nThe web console, beside workers and schedulers. A first start prints a link on which the first administrator is made."
}

func (c consoleCmd) Run(ctx context.Context, e *environment) error {
	return e.role(ctx, app.RoleConsole, func(o *app.Options) { setIf(&o.Config.Console.Listen, c.Listen) })
}

func (e *environment) role(ctx context.Context, role app.Role, set func(*app.Options)) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	for _, w := range o.Config.Warnings() {
		o.Log.Warn(w)
	}
	set(&o)
	o.Hear = hearing{e}
	return ended(ctx, app.Run(ctx, o, role))
}

func setIf(to *string, value string) {
	if value != "" {
		*to = value
	}
}

// ended is how something ends that runs until it is stopped: well, when whoever
// runs it stopped it.
func ended(ctx context.Context, err error) error {
	switch {
	case errors.Is(context.Cause(ctx), errTerminated) && (err == nil || errors.Is(err, context.Canceled)):
		return nil
	case err == nil:
		return ctx.Err()
	}
	return err
}

// hearing tells people what they must know at a start.
type hearing struct{ *environment }

// Listening says where the console is.
func (h hearing) Listening(url string) {
	if !h.g.JSON {
		fmt.Fprintf(h.stdout, "console at %s\n", url)
		return
	}
	(&ticker{out: h.stdout, json: true}).line(struct {
		Event string `json:"event"`
		URL   string `json:"url"`
	}{"listening", url})
}

// SetUp gives the link on which the first administrator is made.
func (h hearing) SetUp(url string) {
	fmt.Fprintf(h.stderr, "resumewatch: nobody can sign in yet; make the first administrator at %s (works once, for a day)\n", url)
}
