// Package app joins the parts: it opens the stores of a data folder, runs the
// workers and the dispatcher, and does what the commands ask for. Nobody but
// the commands imports it.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"filippo.io/age"

	"resumewatch/internal/casebook"
	"resumewatch/internal/config"
	"resumewatch/internal/evidence"
	"resumewatch/internal/index"
	"resumewatch/internal/jobs"
	"resumewatch/internal/privacy"
)

// Version of the program. A release build sets it by the linker.
var Version = "0.1.0-dev"

// UsageError is a mistake in how a command was called or configured: exit code 2.
type UsageError struct{ Reason string }

func (e *UsageError) Error() string { return e.Reason }

// Usagef makes a UsageError.
func Usagef(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }

// Options are what all commands share.
type Options struct {
	Data   string
	Config *config.Config
	Log    *slog.Logger
	Demo   bool
	Watch  jobs.Watch  // nil: nobody looks on
	Hear   Hearer      // nil: nobody hears
	Words  jobs.Reader // reads texts; nil: the extractor of this version with the words of the configuration
	Env    func(string) string
}

func (o Options) path(name string) string { return filepath.Join(o.Data, name) }

// Keys of the casebook's own settings.
const (
	metaTest   = "test"   // "1": recorded when the book was first opened with RESUMEWATCH_TEST=1
	metaDemo   = "demo"   // "1": filled by --demo
	metaOpened = "opened" // "1": somebody has opened it to write
)

// clock is the time of a casebook: real, or shifted in a test book.
func clock(ctx context.Context, book *casebook.Book, env func(string) string) (func() time.Time, error) {
	offset := env("RESUMEWATCH_CLOCK_OFFSET")
	if offset == "" {
		return time.Now, nil
	}
	test, err := book.Meta(ctx, metaTest)
	if err != nil {
		return nil, err
	}
	if test != "1" {
		return nil, Usagef("RESUMEWATCH_CLOCK_OFFSET works only on a casebook that was first opened with RESUMEWATCH_TEST=1")
	}
	d, err := time.ParseDuration(offset)
	if err != nil {
		return nil, Usagef("RESUMEWATCH_CLOCK_OFFSET=%q is no time span; write 72h", offset)
	}
	return func() time.Time { return time.Now().Add(d) }, nil
}

// Reader is an open data folder for looking things up, beside whoever works on it.
type Reader struct {
	Book  *casebook.Book
	Now   func() time.Time
	opts  Options
	index index.Store
}

// OpenReader opens what `search`, `alert list` and the like need.
func OpenReader(ctx context.Context, o Options) (*Reader, error) {
	book, err := openBookReader(ctx, o)
	if err != nil {
		return nil, err
	}
	now, err := clock(ctx, book, o.Env)
	if err != nil {
		return nil, errors.Join(err, book.Close())
	}
	return &Reader{Book: book, Now: now, opts: o}, nil
}

// Close releases the stores.
func (r *Reader) Close() error {
	err := r.Book.Close()
	if r.index != nil {
		err = errors.Join(err, r.index.Close())
	}
	return err
}

// Index opens the index when it is first asked for.
func (r *Reader) Index(ctx context.Context) (index.Store, error) {
	if r.index != nil {
		return r.index, nil
	}
	store, err := openIndex(ctx, r.opts, reading, nil)
	if err != nil {
		return nil, err
	}
	r.index = store
	return store, nil
}

// keyring opens the keys of the data folder.
func keyring(o Options) (*privacy.Keyring, error) {
	recipients, err := privacy.ParseRecipients(o.Config.Evidence.SealTo)
	if err != nil {
		return nil, Usagef("evidence.seal_to: %v", err)
	}
	return privacy.OpenKeyring(o.path("keys"), recipients)
}

// Evidence opens the evidence, in the data folder or elsewhere, with the identities at hand:
// those of the given files, else of the configured file, and those in the folder.
// An identity that is missing is no error here: what it seals stays closed.
func Evidence(ctx context.Context, o Options, identityFiles ...string) (evidence.Store, []age.Identity, error) {
	keys, err := keyring(o)
	if err != nil {
		return nil, nil, err
	}
	store, err := openEvidence(ctx, o, keys, time.Now)
	if err != nil {
		return nil, nil, err
	}
	if len(identityFiles) == 0 && o.Config.Evidence.IdentityFile != "" {
		identityFiles = []string{o.Config.Evidence.IdentityFile}
	}
	ids, err := keys.Identities(ctx, identityFiles...)
	if err != nil {
		if len(ids) == 0 {
			return nil, nil, err
		}
		o.Log.Warn("some keys can't be read", "err", err)
	}
	return store, ids, nil
}
