//go:build parts

package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"resumewatch/bench/program"
)

// fleet is the roles of a stage as processes.
type fleet struct {
	t *testing.T
	s *stage
	v *servers
}

// running is a role at work, or another command that goes on meanwhile.
type running struct {
	name, address string
	cmd           *exec.Cmd
	out, errs     bytes.Buffer
}

func (f *fleet) begin(name string, args ...string) *running {
	f.t.Helper()
	r := &running{name: name, cmd: f.s.command(f.t.Context(), args...)}
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.errs
	must(f.t, r.cmd.Start())
	f.t.Cleanup(func() { _ = r.cmd.Process.Kill() }) // if we left early
	return r
}

// role starts one and waits until it is ready.
func (f *fleet) role(name string) *running {
	f.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(f.t, err)
	at := l.Addr().String()
	must(f.t, l.Close())
	role, _, _ := strings.Cut(name, "-")
	r := f.begin(name, role, "--listen", at)
	r.address = "http://" + at
	f.until(name+" is ready", func() bool {
		req, err := http.NewRequestWithContext(f.t.Context(), http.MethodGet, r.address+"/readyz", http.NoBody)
		must(f.t, err)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		must(f.t, res.Body.Close())
		return res.StatusCode == http.StatusOK
	})
	return r
}

func (f *fleet) until(what string, ok func() bool) {
	f.t.Helper()
	for began := time.Now(); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Since(began) > 2*time.Minute {
			f.t.Fatal("never: ", what)
		}
	}
}

func (f *fleet) work(state string) int64 {
	f.t.Helper()
	n, err := f.v.count(f.t.Context(), `SELECT count(*) FROM work WHERE state = '`+state+`'`)
	must(f.t, err)
	return n
}

// end waits for the end of a process and keeps what it said.
func (f *fleet) end(r *running, s os.Signal) int {
	if s != nil {
		must(f.t, r.cmd.Process.Signal(s))
	}
	_ = r.cmd.Wait() // the exit code says it
	f.s.keep("stdout of "+r.name, r.out.Bytes())
	f.s.keep("stderr of "+r.name, r.errs.Bytes())
	return r.cmd.ProcessState.ExitCode()
}

// look takes what the servers hold now.
func (f *fleet) look(from ...func(context.Context) ([]exhibit, error)) []exhibit {
	f.t.Helper()
	var out []exhibit
	for _, read := range from {
		e, err := read(f.t.Context())
		must(f.t, err)
		out = append(out, e...)
	}
	return out
}

// Nothing of the people whom an archive and a board show is anywhere but in sealed
// captures and the sealed spool, when roles work together on servers and one of
// them dies.
func TestNothingLeaksOnServers(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	binary, err := program.Build(ctx, dir)
	must(t, err)
	w, err := newWorld(1)
	must(t, err)
	s, err := newStage(filepath.Join(dir, "stage"), binary, w, t.Output())
	must(t, err)
	defer s.close()
	v := newServers(t)
	conf, err := os.ReadFile(s.conf)
	must(t, err)
	must(t, os.WriteFile(s.conf, append(conf, v.settings()...), 0o600))
	f := &fleet{t, s, v}
	tokens, err := s.tokens(ctx)
	must(t, err)
	must(t, v.plainly(ctx))

	// Chunks wait in the spool while nobody works.
	scheduler, console := f.role("scheduler-1"), f.role("console-1")
	importing := f.begin("import", "import", "--json", "--group-id", "1000045678", s.files[0])
	f.until("chunks wait", func() bool { return f.work("pending") > 0 })
	must(t, s.folder(ctx, "while chunks wait"))
	parked(t, s)
	s.said = append(s.said, f.look(v.redisHolds)...)

	// Who has them dies, in a way that tells all it knows.
	dying := f.role("worker-1")
	f.until("a chunk is read", func() bool { return f.work("leased") > 0 })
	if code := f.end(dying, syscall.SIGABRT); code == 0 || f.work("leased") == 0 {
		t.Errorf("the worker was not killed in the midst: exit code %d, %d leased", code, f.work("leased"))
	}
	s.said = append(s.said, f.look(v.redisHolds)...)
	workers := []*running{f.role("worker-2"), f.role("worker-3")}
	if code := f.end(importing, nil); code != 0 {
		t.Fatalf("import: exit code %d: %s", code, importing.errs.String())
	}
	must(t, s.fill(ctx))
	must(t, s.crawl(ctx))

	for _, r := range roles {
		n, err := s.browse(ctx, console.address, tokens[r], 25)
		must(t, err)
		t.Logf("%d pages as %s", n, r)
	}
	must(t, s.annoy(ctx, console.address, tokens["analyst"]))
	for _, r := range []*running{scheduler, workers[0], workers[1]} {
		for _, path := range []string{"/metrics", "/readyz", "/livez", "/" + w.in("word of a question", phone)} {
			_, err := s.ask(ctx, http.MethodGet, r.address+path, "", w.in("word of a question", phone), nil)
			must(t, err)
		}
	}
	must(t, s.folder(ctx, "while roles work"))
	s.said = append(s.said, f.look(v.redisHolds, v.elasticFiles)...)
	must(t, s.questions(ctx)) // ends with an index that is made anew
	s.said = append(s.said, f.look(v.redisHolds, v.elasticFiles, v.elasticHolds, v.postgresHolds)...)
	for _, r := range append(workers, scheduler, console) {
		if code := f.end(r, syscall.SIGTERM); code != 0 {
			t.Errorf("%s: exit code %d: %s", r.name, code, r.errs.String())
		}
	}
	must(t, s.folder(ctx, "in the end"))

	others, err := v.count(ctx, foreign)
	must(t, err)
	rep := judge(w, s.said)
	rep.print(t.Output())
	for _, l := range rep.leaks {
		if l.place == writesPlace && l.kind == phone && others != v.others {
			t.Log("another test's sellers may have this phone: ", l)
			continue
		}
		t.Error(l)
	}
	wanted := []string{
		"table post of casebook (PostgreSQL)", "table listing of casebook (PostgreSQL)", "table work of casebook (PostgreSQL)", writesPlace,
		"base of casebook (PostgreSQL): 1259", "documents of the index (Elasticsearch)", "terms of words of the index (Elasticsearch)",
		"terms of text of the index (Elasticsearch)", operationsPlace, "queue", "queue, dumped", "file of Redis: log", "stderr of worker-1", "stderr of worker-2",
		"stderr of worker-3", "stderr of scheduler-1", "stdout of console-1", "answer to GET /metrics", "answer to GET /alerts", "stdout of search",
	}
	for _, place := range wanted {
		if !slices.ContainsFunc(s.said, func(e exhibit) bool { return e.place == place && len(e.data) > 0 }) {
			t.Errorf("nothing of %q was searched", place)
		}
	}
	if rep.samples[true] < 50 || rep.kinds[""] < 200 || rep.kinds[phone] < 200 || rep.kinds[name] < 100 {
		t.Errorf("too little was planted: %v, samples %v", rep.kinds, rep.samples)
	}
	sealed(t, s)
	f.plant()
}

// parked wants what is in the spool to be sealed.
func parked(t *testing.T, s *stage) {
	t.Helper()
	n := 0
	err := fs.WalkDir(os.DirFS(filepath.Join(s.data, "spool")), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(s.data, "spool", path))
		if !bytes.HasPrefix(data, []byte(ageHead)) {
			t.Errorf("%s in the spool begins with %q", path, data[:min(len(data), 30)])
		}
		n++
		return err
	})
	if err != nil || n == 0 {
		t.Errorf("%d files in the spool: %v", n, err)
	}
}

// plant puts a value into each store of the servers and wants the search to see it,
// also where it was deleted or replaced.
func (f *fleet) plant() {
	t, ctx := f.t, f.t.Context()
	v := fresh()
	must(t, f.v.began(ctx))
	for _, query := range []string{
		`CREATE TABLE elsewhere (words text)`, `INSERT INTO elsewhere VALUES ('` + v.norm + `')`,
		`UPDATE source SET name = name || '` + v.norm + `' WHERE name = (SELECT min(name) FROM source)`,
	} {
		_, err := f.v.db.ExecContext(ctx, query)
		must(t, err)
	}
	names, err := f.v.indices(ctx)
	must(t, err)
	for index := range names {
		for _, text := range []string{v.norm, "nothing"} { // replaced, but still there
			_, err := f.v.es(ctx, http.MethodPut, "/"+index+"/_doc/gone", `{"listing_id":"gone","posted_at":1,"text":"`+text+`"}`)
			must(t, err)
		}
		_, err := f.v.es(ctx, http.MethodPut, "/"+index+"/_doc/there", `{"listing_id":"there","posted_at":1,"title":"`+v.norm+`","words":"`+v.norm+`","author":"`+v.norm+`"}`)
		must(t, err)
	}
	_, err = f.v.ask(func(c *redis.Client) (int64, error) {
		return 0, errors.Join(c.Set(ctx, "key "+v.norm, "x", 0).Err(), c.RPush(ctx, "list", v.norm).Err(), c.HSet(ctx, "hash", "a", v.norm).Err())
	})
	must(t, err)
	found := places(v, f.look(f.v.redisHolds, f.v.elasticFiles, f.v.elasticHolds, f.v.postgresHolds))
	for _, place := range []string{
		"table elsewhere of casebook (PostgreSQL)", "table source of casebook (PostgreSQL)", writesPlace, operationsPlace, "queue", "queue, dumped",
		"documents of the index (Elasticsearch)", "terms of words of the index (Elasticsearch)", "terms of title of the index (Elasticsearch)", "terms of author of the index (Elasticsearch)",
	} {
		if !found[place] {
			t.Errorf("what was planted in %q is not found: %v", place, found)
		}
	}
	for _, start := range []string{"base of casebook (PostgreSQL): ", "file of Redis: appendonly.aof"} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(found)), func(place string) bool { return strings.HasPrefix(place, start) }) {
			t.Errorf("what was planted in files called %q is not found: %v", start, found)
		}
	}
	// A row that is deleted is still in the file.
	w := fresh()
	_, err = f.v.db.ExecContext(ctx, `INSERT INTO elsewhere VALUES ('`+w.norm+`')`)
	must(t, err)
	_, err = f.v.db.ExecContext(ctx, `DELETE FROM elsewhere`)
	must(t, err)
	found = places(w, f.look(f.v.postgresHolds))
	if found["table elsewhere of casebook (PostgreSQL)"] || len(found) < 2 {
		t.Errorf("a deleted row is found in %v", found)
	}
}
