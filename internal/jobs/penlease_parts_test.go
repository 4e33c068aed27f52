//go:build parts

package jobs_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"resumewatch/internal/casebook"
)

// onPostgres makes a database and returns its address, and how a process opens it.
func onPostgres(t *testing.T) (dsn string, open func() *casebook.Book) {
	t.Helper()
	u, err := url.Parse(os.Getenv("RESUMEWATCH_POSTGRES"))
	if err != nil || u.Host == "" {
		t.Fatal("RESUMEWATCH_POSTGRES is not set: deploy/testparts/with postgres -- go test -tags parts …")
	}
	db, err := sql.Open("pgx", u.String())
	if err != nil {
		t.Fatal(err)
	}
	name := "resumewatch_pens_" + strings.ToLower(rand.Text()[:10])
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if _, err := db.ExecContext(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	u.Path = "/" + name
	return u.String(), func() *casebook.Book {
		t.Helper()
		b, err := casebook.OpenPostgres(t.Context(), u.String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Close() })
		return b
	}
}

func postgresBooks(t *testing.T) func() *casebook.Book {
	t.Helper()
	_, open := onPostgres(t)
	return open
}

func TestPostgresLivingWriter(t *testing.T) { livingWriter(t, postgresBooks(t)) }
func TestPostgresPausedWriter(t *testing.T) { pausedWriter(t, postgresBooks) }
func TestPostgresWritersAndRecoveriesAtOnce(t *testing.T) {
	writersAndRecoveries(t, postgresBooks(t), 40)
}

// A commit that is under way when the lease of its writer is to be revoked: the
// recovery waits for it, or lets the files be.
func TestRecoveryWaitsForCommits(t *testing.T) {
	dsn, open := onPostgres(t)
	s := newShared(t, open)
	worker, leader := s.process(), s.process()
	store := s.unlocked()
	s.must(worker.do(t.Context(), s.add(worker, 1), 1, s.run, nil))

	db, err := sql.Open("pgx", dsn)
	s.must(err)
	defer db.Close()
	block, err := db.BeginTx(t.Context(), nil)
	s.must(err)
	defer block.Rollback()
	// Behind the look at the lease: what a commit writes next.
	_, err = block.ExecContext(t.Context(), "LOCK TABLE capture IN EXCLUSIVE MODE")
	s.must(err)

	committed := make(chan error, 1)
	reached := make(chan struct{})
	claim := s.add(worker, 2)
	go func() {
		committed <- worker.do(t.Context(), claim, 2, s.run, func() { close(reached) })
	}()
	<-reached
	s.waitsFor(db, "capture")
	s.wait(lapse)
	s.must(leader.RecoverEvidence(t.Context(), store)) // gives up after a while
	if len(store.cut) > 0 || !strings.Contains(leader.log.String(), "in the midst of a commit") {
		t.Fatalf("cut %v\n%s", store.cut, leader.log)
	}
	recovered := make(chan error, 1)
	go func() { recovered <- leader.RecoverEvidence(t.Context(), store) }()
	s.waitsFor(db, "lease")
	s.must(block.Rollback())
	s.must(<-committed)
	s.must(<-recovered)
	if n, err := leader.Book.Leases(t.Context(), "pen:"); err != nil || len(n) != 0 {
		t.Errorf("the lease was not revoked once the commit was done: %v, %v", n, err)
	}
	s.must(worker.do(t.Context(), s.add(worker, 3), 3, s.run, nil))
	s.must(worker.stop())
	s.must(leader.RecoverEvidence(t.Context(), store))
	s.sound(3)
}

// waitsFor returns when some connection waits for a lock on the table, or on a row of it.
func (s *shared) waitsFor(db *sql.DB, table string) {
	s.Helper()
	for range 400 {
		var n int
		s.must(db.QueryRowContext(s.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE wait_event_type = 'Lock' AND datname = current_database() AND query ILIKE '%' || $1 || '%'`, table).Scan(&n))
		if n > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.Fatalf("nobody waits for %s", table)
}

// TestPenProcess is the worker of TestStoppedProcess: it does one unit after the other.
func TestPenProcess(t *testing.T) {
	dsn := os.Getenv("PENS_TEST_DSN")
	if dsn == "" {
		return // not started by that test
	}
	s := newShared(t, func() *casebook.Book {
		b, err := casebook.OpenPostgres(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Close() })
		return b
	})
	s.dir = os.Getenv("PENS_TEST_DIR")
	s.keys = openKeys(t, s.dir)
	p := s.process()
	for n := 0; ; n++ {
		err := p.do(t.Context(), s.add(p, n), n, s.run, nil)
		for err != nil {
			if !again(err) {
				t.Fatal(err)
			}
			fmt.Printf("again %d %v\n", n, err)
			err = p.write(t.Context(), casebook.Claim{ID: unitID(n), Generation: 1}, n, s.run, nil)
		}
		fmt.Printf("done %d\n", n)
	}
}

// A worker that is stopped by a signal at any instant, for so long that its files
// are cut, and then goes on, loses nothing that the casebook knows of.
func TestStoppedProcess(t *testing.T) {
	dsn, open := onPostgres(t)
	s := newShared(t, open)
	cmd := exec.Command(os.Args[0], "-test.run=^TestPenProcess$")
	cmd.Env = append(os.Environ(), "PENS_TEST_DSN="+dsn, "PENS_TEST_DIR="+s.dir)
	out, err := cmd.StdoutPipe()
	s.must(err)
	cmd.Stderr = os.Stderr
	s.must(cmd.Start())
	lines := make(chan string, 1000)
	go func() {
		scan := bufio.NewScanner(out)
		for scan.Scan() {
			lines <- scan.Text()
		}
		_, _ = io.Copy(io.Discard, out)
		close(lines)
	}()
	leader := s.process()
	leader.Now = func() time.Time { return time.Now().Add(lapse) }
	store := s.unlocked()
	rnd := mrand.New(mrand.NewPCG(3, 3))
	done, again := 0, 0
	next := func() bool { // one unit more
		for line := range lines {
			switch {
			case strings.HasPrefix(line, "done "):
				done++
				return true
			case strings.HasPrefix(line, "again "):
				again++
			default:
				t.Log(line)
			}
		}
		return false
	}
	const stops = 8
	for range stops {
		for range 3 {
			if !next() {
				t.Fatal("the worker ended")
			}
		}
		time.Sleep(time.Duration(rnd.IntN(15_000)) * time.Microsecond)
		s.must(cmd.Process.Signal(syscall.SIGSTOP))
		s.must(leader.RecoverEvidence(t.Context(), store))
		s.must(cmd.Process.Signal(syscall.SIGCONT))
	}
	if !next() {
		t.Fatal("the worker ended")
	}
	s.must(cmd.Process.Kill())
	for next() { // what it said before
	}
	_ = cmd.Wait() // killed
	s.must(leader.RecoverEvidence(t.Context(), store))
	captures := 0
	s.must(leader.Book.Captures(t.Context(), 0, func(casebook.Capture) error { captures++; return nil }))
	if captures < done || captures > done+1 {
		t.Errorf("%d captures, %d units were done", captures, done)
	}
	s.sound(captures)
	t.Logf("%d units, %d done again, %d files cut in %d stops", done, again, len(store.cut), stops)
	if again == 0 || len(store.cut) == 0 {
		t.Error("no stop came at a bad moment: the test shows nothing")
	}
}
