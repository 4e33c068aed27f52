package app

import (
	"context"
	"time"

	"resumewatch/internal/jobs"
	"resumewatch/internal/privacy"
)

// spool parks chunks of archives.
type spool interface {
	jobs.Spool
	Put(ctx context.Context, id string, data []byte) error
}

// openSpool opens the spool of the data folder.
func openSpool(o Options, _ *privacy.Keyring, _ func() time.Time) (spool, error) {
	if !o.scaled() || o.Config.Archives.Root != "" {
		return nil, nil
	}
	return nil, Usagef("archives.root: name a folder that every worker sees")
}
