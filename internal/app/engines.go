package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"resumewatch/internal/casebook"
	"resumewatch/internal/index"
	"resumewatch/internal/queue"
)

// scaled reports whether the stores are servers that several processes share,
// instead of the parts embedded in one.
func (o Options) scaled() bool { return o.Config.Scaled() }

// openBook opens the casebook for writing and notes a test book as such.
func openBook(ctx context.Context, o Options) (book *casebook.Book, err error) {
	fresh := false
	if o.scaled() {
		if book, err = casebook.OpenPostgres(ctx, o.Config.Casebook.DSN); err != nil {
			return nil, err
		}
		opened, err := book.Meta(ctx, metaOpened)
		if err == nil && opened == "" {
			fresh, err = true, book.SetMeta(ctx, metaOpened, "1")
		}
		if err != nil {
			return nil, errors.Join(err, book.Close())
		}
	} else {
		path := o.path("casebook.db")
		_, err := os.Stat(path)
		fresh = errors.Is(err, fs.ErrNotExist)
		if book, err = casebook.OpenSQLite(ctx, path); err != nil {
			return nil, err
		}
	}
	if fresh && (o.Demo || o.Env("RESUMEWATCH_TEST") == "1") {
		if err := book.SetMeta(ctx, metaTest, "1"); err != nil {
			return nil, errors.Join(err, book.Close())
		}
	}
	return book, nil
}

// openBookReader opens an existing casebook for looking things up.
func openBookReader(ctx context.Context, o Options) (*casebook.Book, error) {
	if o.scaled() {
		return casebook.OpenPostgresReader(ctx, o.Config.Casebook.DSN)
	}
	return casebook.OpenSQLiteReader(ctx, o.path("casebook.db"))
}

// access is what an index is opened for.
type access int

const (
	reading    access = iota
	writing           // makes what is missing
	rebuilding        // and empties what another version of the program has made
)

// openIndex opens the index; failed, if not nil, hears how many documents it
// could not take.
func openIndex(ctx context.Context, o Options, to access, failed func(int)) (index.Store, error) {
	if !o.scaled() {
		return index.OpenSQLite(o.path("index.db"), to == reading)
	}
	c := o.Config.Index
	e := index.ElasticOptions{URLs: c.Elasticsearch, Name: c.Name, ReadOnly: to == reading, Rebuild: to == rebuilding, Log: o.Log, Failed: failed}
	var err error
	if e.APIKey, err = secretFile("index.api_key_file", c.APIKeyFile); err != nil {
		return nil, err
	}
	if c.CAFile != "" {
		if e.CA, err = os.ReadFile(c.CAFile); err != nil {
			return nil, Usagef("index.ca_file: %v", err)
		}
	}
	return index.OpenElastic(ctx, e)
}

// openQueue connects to the queue of the configuration.
func openQueue(ctx context.Context, o Options) (*queue.Asynq, error) {
	a, err := queue.ParseAddress(o.Config.Queue.Redis)
	if err != nil {
		return nil, Usagef("queue.redis: %v", err)
	}
	return queue.Open(ctx, a)
}

// maxSecret bounds a file that holds one secret, in bytes.
const maxSecret = 16 << 10

// secretFile reads a secret of one line; "" when no file is named.
func secretFile(key, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", Usagef("%s: %v", key, err)
	}
	if info.Size() > maxSecret {
		return "", Usagef("%s: %s is too large for a secret (%d bytes)", key, path, info.Size())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", Usagef("%s: %v", key, err)
	}
	secret := strings.TrimSpace(string(text))
	if secret == "" {
		return "", Usagef("%s: %s is empty", key, path)
	}
	return secret, nil
}

// needScaled refuses roles on embedded parts: those live in one process.
func needScaled(o Options, role string) error {
	if o.scaled() {
		return nil
	}
	return Usagef("%s works on shared servers: set queue.redis, casebook.dsn and index.elasticsearch (or run `resumewatch up`, which needs none)", role)
}
