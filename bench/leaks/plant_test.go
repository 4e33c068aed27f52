package main

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"resumewatch/bench/program"
	"resumewatch/internal/queue"
)

// fresh is a value that nobody else has.
func fresh() *planted {
	norm := fmt.Sprintf("plant%dz@example.com", time.Now().UnixNano())
	return &planted{kind: mailbox, norm: norm, written: norm, how: "plain", where: "a store"}
}

// places are where a value is found.
func places(v *planted, exhibits []exhibit) map[string]bool {
	out := map[string]bool{}
	f := newFinder([]*planted{v})
	for _, e := range exhibits {
		if len(f.find(e.place, e.data)) > 0 {
			out[e.place] = true
		}
	}
	return out
}

// What stands in any store of embedded parts, in a file or its name, in what a command
// says or the console answers, is found.
func TestPlantedIsFound(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	binary, err := program.Build(ctx, dir)
	check(err)
	w, err := newWorld(1)
	check(err)
	s, err := newStage(filepath.Join(dir, "stage"), binary, w, io.Discard)
	check(err)
	defer s.close()
	_, err = s.must(ctx, "import", "--group-id", "1000045679", s.files[1])
	check(err)
	v := fresh()
	s.said = nil
	check(s.folder(ctx, "before"))
	if found := places(v, s.said); len(found) > 0 {
		t.Errorf("found before it was there: %v", found)
	}

	for name, queries := range map[string][]string{
		"casebook.db": {`CREATE TABLE elsewhere (words TEXT)`, `INSERT INTO elsewhere VALUES (?1)`},
		"index.db":    {`INSERT INTO words (rowid, title, text, facet) VALUES (1000000, ?1, '', '')`},
	} {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(s.data, name))
		check(err)
		for _, q := range queries {
			_, err = db.ExecContext(ctx, q, strings.Split(v.norm, "@")[0])
			check(err)
		}
		check(db.Close())
	}
	for _, path := range []string{"data/spool/chunk", "data/evidence/x.age", "data/keys/x", "tmp/x", "work/core.1", "home/x", "data/" + v.norm} {
		path = filepath.Join(s.dir, path)
		check(os.MkdirAll(filepath.Dir(path), 0o700))
		check(os.WriteFile(path, []byte("\x00noise "+v.norm+" noise"), 0o600))
	}
	script := filepath.Join(dir, "says")
	check(os.WriteFile(script, []byte("#!/bin/sh\necho '{\"a\":\""+v.norm+"\"}'\necho level=DEBUG msg="+v.norm+" >&2\n"), 0o700))
	s.binary = script
	_, _, err = s.run(ctx, "", "search")
	check(err)
	answers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/head" {
			w.Header().Set("X-Post", v.norm)
			return
		}
		fmt.Fprintf(w, "up{name=%q} 1\n", v.norm)
	}))
	defer answers.Close()
	for _, path := range []string{"/head", "/metrics"} {
		_, err := s.ask(ctx, http.MethodGet, answers.URL+path, "", "", nil)
		check(err)
	}
	q, err := queue.StartEmbedded()
	check(err)
	defer q.Close()
	c := redis.NewClient(&redis.Options{Addr: q.Address().Addr, Password: q.Address().Password, Protocol: 2, DisableIdentity: true})
	check(errors.Join(c.LPush(ctx, "tasks", "x", v.norm).Err(), c.Close()))
	queued, err := redisHolds(ctx, q.Address().Addr, q.Address().Password)
	check(err)
	s.said = append(s.said, queued...)
	check(s.folder(ctx, "planted"))

	found := places(v, s.said)
	for _, place := range []string{
		"table elsewhere of casebook.db", "data/casebook.db, planted", "tokens of index.db", "data/spool/chunk, planted", "data/evidence/x.age, planted", "data/keys/x, planted",
		"tmp/x, planted", "work/core.1, planted", "home/x, planted", "names of files, planted", "stdout of search", "stderr of search", "answer to GET /head", "answer to GET /metrics", "queue",
	} {
		if !found[place] {
			t.Errorf("what was planted in %q is not found: %v", place, found)
		}
	}
}
