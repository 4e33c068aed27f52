package main

import (
	"context"
	"fmt"

	"resumewatch/internal/app"
)

type sampleCmd struct {
	Match sampleMatchCmd `cmd:"" help:"Say how many of the people in samples are among those of a list of hashes."`
}

type sampleMatchCmd struct {
	Hashes   string   `help:"File with one lower-case hex HMAC-SHA256(key, kind:value) a line; kinds phone, email, id_number, resume_id." required:"" type:"path" placeholder:"FILE"`
	KeyFile  string   `help:"File with the key of these, as it is." required:"" type:"path" placeholder:"FILE"`
	Since    string   `help:"Only listings posted since then: RFC 3339, a date, or 7d." placeholder:"T"`
	Identity []string `help:"age identity file that opens captures (default: evidence.identity_file, then data/keys); repeatable." type:"path" placeholder:"FILE"`
	As       string   `help:"Who acts (default: RESUMEWATCH_USER, or the only administrator)." placeholder:"USER"`
}

func (sampleMatchCmd) Help() string {
	return "Example: resumewatch sample match --hashes ours.txt --key-file ours.key --since 90d --json\n\nSealed captures are opened for it, which the custody log notes; nothing but counts is printed."
}

func (c sampleMatchCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	m, err := app.MatchSamples(ctx, o, app.MatchOptions{Hashes: c.Hashes, KeyFile: c.KeyFile, Since: c.Since, Identity: c.Identity, As: c.As})
	if err != nil {
		return err
	}
	if e.g.JSON {
		err = printJSON(e.stdout, m)
	} else {
		_, err = fmt.Fprintf(e.stdout, "%d of %d records in %d samples are ours (%d by phone, %d by mailbox, %d by identity number, %d by number of the resume)\n",
			m.Ours, m.Records, m.Samples, m.ByKind["phone"], m.ByKind["email"], m.ByKind["id_number"], m.ByKind["resume_id"])
		if err == nil && m.Unread > 0 {
			_, err = fmt.Fprintf(e.stdout, "%d samples could not be read again\n", m.Unread)
		}
	}
	if err == nil {
		err = m.Closed()
	}
	return err
}
