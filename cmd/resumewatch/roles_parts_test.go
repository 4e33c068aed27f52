//go:build parts

package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx", with which a database is made

	"resumewatch/bench/archivegen/gen"
	"resumewatch/crawlers/forum/discuztest"
)

// part is the address of a server that deploy/testparts started.
func part(t *testing.T, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set: run deploy/testparts/with postgres redis elasticsearch -- go test -tags parts …", name)
	}
	return v
}

// shared is a folder whose roles work on servers, with a database and an index of
// their own.
type shared struct {
	*testing.T
	dir, name, dsn string
	db             *sql.DB
}

func newShared(t *testing.T, more string) *shared {
	t.Helper()
	s := &shared{T: t, dir: t.TempDir(), name: fmt.Sprintf("roles_%d", time.Now().UnixNano())}
	u, err := url.Parse(part(t, "RESUMEWATCH_POSTGRES"))
	s.must(err)
	admin, err := sql.Open("pgx", u.String())
	s.must(err)
	defer admin.Close()
	_, err = admin.ExecContext(t.Context(), "CREATE DATABASE "+s.name)
	s.must(err)
	u.Path = "/" + s.name
	s.dsn = u.String()
	s.db, err = sql.Open("pgx", s.dsn)
	s.must(err)
	t.Cleanup(func() { s.db.Close() })
	// Other tests use the same Redis: a database of its own.
	redis := strings.TrimSuffix(part(t, "RESUMEWATCH_REDIS"), "/0") + fmt.Sprintf("/%d", 1+time.Now().UnixNano()%15)
	text := fmt.Sprintf("data: ./data\nqueue: {redis: %q}\ncasebook: {dsn: %q}\nindex: {elasticsearch: [%q], name: %q}\nconsole: {listen: \"127.0.0.1:%d\"}\n%s\n",
		redis, s.dsn, part(t, "RESUMEWATCH_ELASTICSEARCH"), s.name, freePort(t), more)
	s.must(os.WriteFile(filepath.Join(s.dir, "conf.yaml"), []byte(text), 0o600))
	return s
}

func (s *shared) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// role is a role at work, with the address of its health.
type role struct {
	*program
	address string
}

func (s *shared) role(name string) role {
	s.Helper()
	r := role{address: fmt.Sprintf("127.0.0.1:%d", freePort(s.T))}
	r.program = begin(s.T, s.dir, name, "--config", "conf.yaml", "--listen", r.address)
	eventually(s.T, name+" is ready", func() bool { code, _ := r.get(s.T, "/readyz"); return code == http.StatusOK })
	return r
}

func (r role) get(t *testing.T, path string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.address+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(text)
}

// leads reports whether a scheduler says in its metrics that it leads.
func (r role) leads(t *testing.T) bool {
	t.Helper()
	_, text := r.get(t, "/metrics")
	return strings.Contains(text, "\nresumewatch_leader 1\n")
}

// terminate stops a role as a service manager does: within 6 s, and well.
func (r role) terminate(t *testing.T) {
	t.Helper()
	began := time.Now()
	if err := r.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := r.code(); code != 0 {
		t.Errorf("exit code %d: %s", code, tail(r.stderr.String()))
	}
	if took := time.Since(began); took > 6*time.Second {
		t.Errorf("%s from the signal to the end", took)
	}
}

func (s *shared) kill(r role) {
	s.Helper()
	s.must(r.Process.Kill())
	_ = r.Wait()
}

// count asks the casebook from outside.
func (s *shared) count(query string) (n int) {
	s.Helper()
	s.must(s.db.QueryRowContext(s.Context(), query).Scan(&n))
	return n
}

func (s *shared) rw(code int, args ...string) string {
	s.Helper()
	out, _ := rw(s.T, s.dir, code, append([]string{args[0], "--config", "conf.yaml"}, args[1:]...)...)
	return out
}

// Two workers share an import and a crawl, schedulers change, and the casebook is
// the one that embedded parts would have.
func TestRoles(t *testing.T) {
	s := newShared(t, "worker: {fetch: 3}")
	_, address, host := board(t, discuztest.Style{})
	chat(t, filepath.Join(s.dir, "chat.txt"), gen.Options{Size: 30_000_000, Seed: 5, Listings: 0.004})

	workers := []role{s.role("worker"), s.role("worker")}
	first, second := s.role("scheduler"), s.role("scheduler")
	eventually(t, "one leads", func() bool { return first.leads(t) != second.leads(t) })
	if second.leads(t) {
		first, second = second, first
	}

	importing := begin(t, s.dir, "import", "--config", "conf.yaml", "--json", "--group-id", group, "chat.txt")
	eventually(t, "both workers read", func() bool { return s.count(`SELECT count(*) FROM work WHERE state = 'leased'`) >= 3 })
	// Told to stop, a worker hands its work back at once: no lease has to lapse.
	workers[0].terminate(t)
	held := s.count(`SELECT count(*) FROM work WHERE state = 'leased'`)
	if held > 2 {
		t.Errorf("%d units are leased with one worker left", held)
	}
	// Told to stop, a leader hands over at once.
	began := time.Now()
	first.terminate(t)
	eventually(t, "the other leads", func() bool { return second.leads(t) })
	t.Logf("a leader that was told to stop was followed after %s", time.Since(began).Round(time.Millisecond))
	workers[0], first = s.role("worker"), s.role("scheduler")

	// Killed, it is followed within half a minute, and nothing is lost.
	began = time.Now()
	s.kill(second)
	s.kill(workers[1])
	eventually(t, "the other leads", func() bool { return first.leads(t) })
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("a killed leader was followed after %s", took)
	} else {
		t.Logf("a killed leader was followed after %s", took.Round(time.Millisecond))
	}
	if code := importing.code(); code != 0 {
		t.Fatalf("import: exit code %d: %s", code, importing.stderr.String())
	}
	imported := summaryOf(t, importing.stdout.String())
	crawled := summaryOf(t, s.rw(0, "crawl", "--json", "--rate", "0", "--allow-private", host, address))
	if crawled.Posts != 42 || crawled.Listings != 2 || len(crawled.Problems) > 0 {
		t.Errorf("crawl: %+v", crawled)
	}
	again := summaryOf(t, s.rw(0, "import", "--json", "--group-id", group, "chat.txt"))
	if again.Posts != 0 || again.Visits["same"] == 0 {
		t.Errorf("again: %+v", again)
	}

	alone := t.TempDir()
	chat(t, filepath.Join(alone, "chat.txt"), gen.Options{Size: 30_000_000, Seed: 5, Listings: 0.004})
	out, _ := rw(t, alone, 0, "import", "--json", "--group-id", group, "chat.txt")
	if embedded := summaryOf(t, out); embedded.Posts != imported.Posts || embedded.Listings != imported.Listings || embedded.Visits["new"] != imported.Visits["new"] {
		t.Errorf("embedded %+v, shared %+v", embedded, imported)
	}
	rw(t, alone, 0, "crawl", "--json", "--rate", "0", "--allow-private", host, address)
	if a, b := dump(t, alone), dump(t, s.dir, "--config", "conf.yaml"); a != b {
		t.Errorf("the casebooks differ: %s", firstDifference(a, b))
	}
	s.rw(0, "reindex", "--check")
	s.rw(0, "evidence", "verify")
	s.rw(0, "doctor")
	hits := func(dir string, args ...string) string {
		out, _ := rw(t, dir, 0, append([]string{"search", "--limit", "0", "--json", "简历"}, args...)...)
		var ids strings.Builder
		for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
			var hit struct {
				ID string `json:"listing_id"`
			}
			s.must(json.Unmarshal([]byte(line), &hit))
			ids.WriteString(hit.ID + "\n")
		}
		return ids.String()
	}
	if a, b := hits(alone), hits(s.dir, "--config", "conf.yaml"); a != b || strings.Count(a, "\n") < 100 {
		t.Errorf("the same query has other hits: %s", firstDifference(a, b))
	}
	if n := s.count(`SELECT count(*) FROM work WHERE state IN ('pending', 'leased')`); n != 0 {
		t.Errorf("%d units of work are left", n)
	}
	first.terminate(t)
	workers[0].terminate(t)
}

// A role says what is wrong before it begins, and a console gives one link for
// the first administrator.
func TestRolesNeedServers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"worker", "scheduler", "console"} {
		_, errs := rw(t, dir, 2, name)
		if !strings.Contains(errs, "queue.redis") || !strings.Contains(errs, "casebook.dsn") || !strings.Contains(errs, "index.elasticsearch") {
			t.Errorf("%s: %q", name, errs)
		}
	}
	s := newShared(t, "")
	scheduler := s.role("scheduler")
	c := s.role("console")
	if code, text := c.get(t, "/"); code != http.StatusFound {
		t.Errorf("/ without signing in: %d %s", code, text)
	}
	if code, _ := c.get(t, "/metrics"); code != http.StatusUnauthorized {
		t.Errorf("/metrics without a token: %d", code)
	}
	if code, text := scheduler.get(t, "/metrics"); code != http.StatusOK || !strings.Contains(text, `resumewatch_up{part="index"} 1`) {
		t.Errorf("/metrics of a scheduler: %d %s", code, tail(text))
	}
	// An import that is interrupted has ordered its work: who works does it.
	chat(t, filepath.Join(s.dir, "chat.txt"), gen.Options{Messages: 300, Seed: 7})
	importing := begin(t, s.dir, "import", "--config", "conf.yaml", "--group-id", group, "chat.txt")
	eventually(t, "its work is ordered", func() bool { return s.count(`SELECT count(*) FROM work`) > 0 })
	s.must(importing.Process.Signal(os.Interrupt))
	if code := importing.code(); code != exitInterrupted || !strings.Contains(importing.stderr.String(), "the workers go on") {
		t.Errorf("interrupted: exit code %d: %s", code, importing.stderr.String())
	}
	worker := s.role("worker")
	eventually(t, "the worker does it", func() bool {
		return s.count(`SELECT count(*) FROM work WHERE state = 'done'`) == s.count(`SELECT count(*) FROM work`)
	})
	worker.terminate(t)
	c.terminate(t)
	if n := strings.Count(c.stderr.String(), "/setup/"); n != 1 {
		t.Errorf("%d links for the first administrator: %s", n, c.stderr.String())
	}
	scheduler.terminate(t)
}

// up is all roles in one, on shared servers too.
func TestUpOnSharedServers(t *testing.T) {
	s := newShared(t, "")
	everything := s.role("up")
	chat(t, filepath.Join(s.dir, "chat.txt"), gen.Options{Messages: 2000, Seed: 9, Listings: 0.02})
	if done := summaryOf(t, s.rw(0, "import", "--json", "--group-id", group, "chat.txt")); done.Posts != 2000 || done.Listings == 0 || done.Alerts == 0 {
		t.Errorf("%+v", done)
	}
	s.rw(0, "reindex", "--check")
	if code, _ := everything.get(t, "/alerts"); code != http.StatusFound {
		t.Errorf("its console, without signing in: %d", code)
	}
	everything.terminate(t)
}
