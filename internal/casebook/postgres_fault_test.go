//go:build parts

package casebook_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/casebook/casebooktest"
	"resumewatch/internal/market"
)

// script runs a script of the part, and makes sure that it is about the server
// that the tests are told of.
func (s server) script(t *testing.T, name string, args ...string) error {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "../../deploy/testparts/postgres/"+name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if got := strings.TrimSpace(string(out)); err == nil && got != "RESUMEWATCH_POSTGRES="+s.dsn {
		err = errors.New("deploy/testparts/postgres runs another server than RESUMEWATCH_POSTGRES names (is RESUMEWATCH_CACHE the same?)")
	}
	return err
}

// The server crashes while several handles commit: what they were at fails with
// an error, the same handles go on afterwards, and in the end the book is the one
// of a calm run.
func TestPostgresCrash(t *testing.T) {
	s := postgres(t)
	if err := s.script(t, "start"); err != nil { // before anything is broken
		t.Fatal(err)
	}
	calm, wild := s.open(t, s.empty(t, s.template)), s.empty(t, s.template)
	var books []*casebook.Book
	for range 3 {
		books = append(books, s.open(t, wild))
	}
	w := casebooktest.NewWorld(1, 50)
	w.Order(t, calm)
	w.Order(t, books[0])
	w.Work(t, calm)

	var failed, unknown atomic.Int64
	var stop atomic.Bool
	var all sync.WaitGroup
	for _, b := range books {
		all.Go(func() {
			for !stop.Load() {
				err := w.WorkOnce(t, b)
				switch {
				case errors.Is(err, casebook.ErrUnknown):
					unknown.Add(1)
					failed.Add(1)
				case err != nil:
					failed.Add(1)
				}
				// Others read meanwhile.
				if _, err := b.Outbox(t.Context(), casebook.TopicIndex, 10); err != nil {
					failed.Add(1)
				}
				_ = b.SetMeta(t.Context(), "k", "v") // keeps the server busy when all work is done
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	err := s.script(t, "restart", "0.3")
	stop.Store(true)
	all.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if failed.Load() == 0 {
		t.Error("nobody noticed that the server was away")
	}
	p, err := books[0].RunProgress(t.Context(), 1, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d units are open", p.Open, p.Chunks)
	t.Logf("%d operations failed, %d of them while committing", failed.Load(), unknown.Load())
	for _, b := range books {
		if err := b.Ping(t.Context()); err != nil {
			t.Errorf("after the restart: %v", err)
		}
	}
	// Leases lapse, and what was not done is done.
	if _, err := books[0].Reclaim(t.Context(), time.Now(), true); err != nil {
		t.Fatal(err)
	}
	w.Work(t, books[1])
	w.Same(t, calm, books[2])
}

// A commit that takes longer than its lease doesn't keep others' lapsed work from
// being taken back, and its own isn't.
func TestPostgresReclaimDuringCommit(t *testing.T) {
	s := postgres(t)
	name := s.empty(t, s.template)
	b := s.open(t, name)
	now := time.Now()
	for _, id := range []string{"committing", "lapsed"} {
		if _, _, err := b.AddChunks(t.Context(), 1, []casebook.Work{{ID: id, Source: "s", Payload: []byte("{}")}}, now); err != nil {
			t.Fatal(err)
		}
		if _, err := b.ClaimWork(t.Context(), casebook.Claim{ID: id, Generation: 1}, now); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open("pgx", s.to(name))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	commit, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer commit.Rollback()
	if _, err := commit.ExecContext(t.Context(), `UPDATE work SET state = 'done' WHERE id = 'committing'`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // less than a writer's patience
	defer cancel()
	if n, err := b.Reclaim(ctx, now.Add(time.Minute), false); err != nil || n != 1 {
		t.Fatalf("took back %d, %v", n, err)
	}
	if err := commit.Commit(); err != nil {
		t.Fatal(err)
	}
	if n, err := b.Reclaim(t.Context(), now.Add(time.Minute), false); err != nil || n != 0 {
		t.Errorf("took back %d, %v", n, err)
	}
	due, err := b.Due(t.Context(), now.Add(time.Minute), 10)
	if err != nil || len(due) != 1 || due[0].ID != "lapsed" {
		t.Errorf("due %+v, %v", due, err)
	}
}

// wire stands between a book and its server and cuts connections at a COMMIT.
type wire struct {
	address string
	cut     atomic.Int32 // 0: no, 1: before the server hears of the COMMIT, 2: after
	cuts    atomic.Int32
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{address: l.Addr().String()}
	var all sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", to)
			if err != nil {
				c.Close()
				continue
			}
			all.Go(func() {
				defer c.Close()
				defer up.Close()
				w.forward(up, c)
			})
			all.Go(func() {
				defer c.Close()
				defer up.Close()
				io.Copy(c, up)
			})
		}
	})
	return w
}

func (w *wire) forward(up io.Writer, c io.ReadCloser) {
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		if how := w.cut.Load(); how != 0 && bytes.Contains(buf[:n], []byte("commit\x00")) {
			w.cut.Store(0)
			w.cuts.Add(1)
			c.Close()
			if how == 2 {
				up.Write(buf[:n])
				time.Sleep(100 * time.Millisecond) // the server commits; its answer finds nobody
			}
			return
		}
		if _, err := up.Write(buf[:n]); err != nil {
			return
		}
	}
}

// A COMMIT that is cut off says that its outcome is unknown, and both outcomes
// happen. Whoever does the work again finds out.
func TestPostgresUnknownCommit(t *testing.T) {
	s := postgres(t)
	name := s.empty(t, s.template)
	direct := s.open(t, name)
	u, err := url.Parse(s.to(name))
	if err != nil {
		t.Fatal(err)
	}
	w := newWire(t, u.Host)
	u.Host = w.address
	b, err := casebook.OpenPostgres(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	now := time.Now()
	run, err := b.StartRun(t.Context(), "test", now)
	if err != nil {
		t.Fatal(err)
	}
	for how, wantErr := range map[int32]error{1: nil, 2: casebook.ErrLost} {
		id := fmt.Sprint("unit ", how)
		if _, _, err := b.AddChunks(t.Context(), run, []casebook.Work{{ID: id, Source: "s", Payload: []byte("{}")}}, now); err != nil {
			t.Fatal(err)
		}
		claim := casebook.Claim{ID: id, Generation: 1}
		if _, err := b.ClaimWork(t.Context(), claim, now); err != nil {
			t.Fatal(err)
		}
		w.cut.Store(how)
		l := casebook.Learnt{Work: claim, Run: run, Source: "s", At: now, Outcome: market.OutcomeNew, Bytes: 1}
		_, err := b.Commit(t.Context(), l)
		if !errors.Is(err, casebook.ErrUnknown) || errors.Is(err, casebook.ErrLost) {
			t.Fatalf("cut %d: %v", how, err)
		}
		t.Log(err)
		// The same again, on the same handle: done now, or found done.
		if _, err := b.Commit(t.Context(), l); !errors.Is(err, wantErr) {
			t.Errorf("again after cut %d: %v, want %v", how, err, wantErr)
		}
	}
	if n := w.cuts.Load(); n != 2 {
		t.Errorf("%d cuts", n)
	}
	p, err := direct.RunProgress(t.Context(), run, false)
	if err != nil || p.Counts[casebook.CountBytes] != 2 || p.Counts["visit.new"] != 2 || p.Open != 0 {
		t.Errorf("counts %v, open %d, %v", p.Counts, p.Open, err)
	}
}
