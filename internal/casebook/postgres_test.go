//go:build parts

package casebook_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"resumewatch/internal/casebook"
	"resumewatch/internal/casebook/casebooktest"
)

// server is the PostgreSQL of deploy/testparts/postgres with a database that
// others are copied from: faster than making the tables for each test.
type server struct {
	dsn      string
	template string
}

func (s server) to(name string) string {
	u, err := url.Parse(s.dsn)
	if err != nil {
		panic(err) // parsed once before
	}
	u.Path = "/" + name
	return u.String()
}

func postgres(t testing.TB) server {
	t.Helper()
	s := server{dsn: os.Getenv("RESUMEWATCH_POSTGRES")}
	if _, err := url.Parse(s.dsn); err != nil || s.dsn == "" {
		t.Fatal("RESUMEWATCH_POSTGRES is not set: deploy/testparts/with postgres -- go test -tags parts …")
	}
	s.template = s.empty(t, "")
	b, err := casebook.OpenPostgres(t.Context(), s.to(s.template))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return s
}

// do runs a statement beside the tests' databases.
func (s server) do(ctx context.Context, statement string) error {
	db, err := sql.Open("pgx", s.dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	// CREATE DATABASE waits for nobody: of several copies of a template at once one may fail.
	for try := 1; ; try++ {
		if _, err = db.ExecContext(ctx, statement); err == nil || try == 20 || !strings.Contains(err.Error(), "55006") {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// empty makes a database, from a template when one is named, and drops it in the end.
func (s server) empty(t testing.TB, template string) string {
	t.Helper()
	name := "resumewatch_test_" + strings.ToLower(rand.Text()[:10])
	statement := "CREATE DATABASE " + name
	if template != "" {
		statement += " TEMPLATE " + template
	}
	if err := s.do(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := s.do(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return name
}

// open opens the book of a database.
func (s server) open(t testing.TB, name string) *casebook.Book {
	t.Helper()
	b, err := casebook.OpenPostgres(t.Context(), s.to(name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestPostgres(t *testing.T) {
	s := postgres(t)
	casebooktest.Run(t, func(t *testing.T) *casebook.Book { return s.open(t, s.empty(t, s.template)) })
}

func TestPostgresTogether(t *testing.T) {
	s := postgres(t)
	casebooktest.RunTogether(t, func(t *testing.T) func() *casebook.Book {
		name := s.empty(t, s.template)
		return func() *casebook.Book { return s.open(t, name) }
	})
}

// Processes that open a new book at once: one makes the tables, the others wait.
func TestPostgresOpenAtOnce(t *testing.T) {
	s := postgres(t)
	name := s.empty(t, "")
	if _, err := casebook.OpenPostgresReader(t.Context(), s.to(name)); err == nil || !strings.Contains(err.Error(), casebook.ErrNoBook.Error()) {
		t.Fatalf("a reader of nothing: %v", err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			b, err := casebook.OpenPostgres(t.Context(), s.to(name))
			if err != nil {
				t.Error(err)
				return
			}
			if err := b.SetMeta(t.Context(), "k", "v"); err != nil {
				t.Error(err)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	r, err := casebook.OpenPostgresReader(t.Context(), s.to(name))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if v, err := r.Meta(t.Context(), "k"); err != nil || v != "v" {
		t.Errorf("read %q, %v", v, err)
	}
	if err := r.SetMeta(t.Context(), "k", "w"); err == nil {
		t.Error("a reader wrote")
	}
}

// The same world makes the same dump on both engines, to the byte.
func TestPostgresLikeSQLite(t *testing.T) {
	s := postgres(t)
	a, b := open(t, filepath.Join(t.TempDir(), "book.db")), s.open(t, s.empty(t, s.template))
	for seed := range uint64(3) {
		w := casebooktest.NewWorld(seed, 4)
		for _, book := range []*casebook.Book{a, b} {
			w.Order(t, book)
			w.Work(t, book)
		}
		w.Same(t, a, b)
	}
}

// What people get wrong in an address is said without telling the password.
func TestPostgresWrongAddress(t *testing.T) {
	s := postgres(t)
	u, err := url.Parse(s.dsn)
	if err != nil {
		t.Fatal(err)
	}
	at := func(change func(*url.URL)) string {
		c := *u
		c.User = url.UserPassword("resumewatch", "hunter2/secret")
		change(&c)
		return c.String()
	}
	for name, dsn := range map[string]string{
		"wrong password":      at(func(*url.URL) {}),
		"nobody listens":      at(func(u *url.URL) { u.Host = "127.0.0.1:1" }),
		"raw slash":           "postgres://u:hunter2/secret@127.0.0.1/x",
		"raw percent":         "postgres://u:hunter2%zz@127.0.0.1/x",
		"port is no number":   "postgres://u:hunter2@127.0.0.1:x/y",
		"unknown sslmode":     at(func(u *url.URL) { u.RawQuery = "sslmode=maybe" }),
		"words":               "host=127.0.0.1 password=hunter2 port=x",
		"words, open quote":   "host=127.0.0.1 password='hunter2",
		"nothing of the sort": "hunter2",
		"no such database":    s.to("no_such_database"),
	} {
		b, err := casebook.OpenPostgres(t.Context(), dsn)
		if err == nil {
			b.Close()
			t.Errorf("%s: opened", name)
			continue
		}
		password, _ := u.User.Password()
		if text := err.Error(); strings.Contains(text, "hunter2") || strings.Contains(text, password) || strings.Contains(text, "secret") || !strings.Contains(text, "casebook on PostgreSQL") {
			t.Errorf("%s: %s", name, text)
		} else {
			t.Log(name+":", text)
		}
	}
}

// A book that a later program has changed is left alone; one of an earlier
// program can't be read before it is brought up to date.
func TestPostgresVersions(t *testing.T) {
	s := postgres(t)
	for version, want := range map[int64]string{999: "newer program", 1: "start what writes to it first"} {
		name := s.empty(t, s.template)
		db, err := sql.Open("pgx", s.to(name))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		change := fmt.Sprintf(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, true)`, version)
		if version == 1 {
			change = `DELETE FROM goose_db_version WHERE version_id > 1`
		}
		if _, err := db.ExecContext(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if b, err := casebook.OpenPostgresReader(t.Context(), s.to(name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("reader of version %d: %v", version, err)
			if err == nil {
				b.Close()
			}
		}
		if version == 1 {
			continue
		}
		if b, err := casebook.OpenPostgres(t.Context(), s.to(name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("writer of version %d: %v", version, err)
			if err == nil {
				b.Close()
			}
		}
	}
}

func BenchmarkPostgresCommit(b *testing.B) {
	s := postgres(b)
	benchmarkCommits(b, s.open(b, s.empty(b, s.template)))
}
