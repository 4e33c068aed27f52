package jobs_test

import (
	"bufio"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/custody/stamp"
	"resumewatch/internal/custody/stamp/stamptest"
	"resumewatch/internal/jobs"
)

func custodyLog(t testing.TB, dir string) jobs.CustodyLog {
	t.Helper()
	key, err := custody.NewKey([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	return jobs.CustodyLog{LogKeeper: casebook.LogKeeper{Key: key, Device: "test-host"}, Path: filepath.Join(dir, "custody", "checkpoint")}
}

func opened(n int, at time.Time) custody.Event {
	return custody.Event{Kind: custody.EvidenceOpened, At: at, Object: strconv.Itoa(n)}
}

// audited looks through a log beside its kept checkpoint.
func audited(t testing.TB, book *casebook.Book, l jobs.CustodyLog) custody.Findings {
	t.Helper()
	a, err := book.VerifyLog(t.Context(), func() (*custody.Audit, error) {
		kept, err := jobs.ReadCheckpoint(l.Path)
		if err != nil {
			return nil, err
		}
		return custody.NewAudit(l.Key.Public, kept)
	})
	if err != nil {
		t.Fatal(err)
	}
	return a.End()
}

// What a visit captured stands in the log, and the newest checkpoint is kept apart.
// A file that a kill left behind is brought up to the casebook.
func TestKeepLog(t *testing.T) {
	w := newWorld(t)
	l := custodyLog(t, w.dir)
	run := w.run()
	w.order(run, "chat.txt", exported(chat{"一群", talk(10, 3)}))
	w.finish(run)
	w.must(w.KeepLog(t.Context(), l))
	first, err := jobs.ReadCheckpoint(l.Path)
	w.must(err)
	f := audited(t, w.Book, l)
	w.same("events, captures, faults", []int64{2, 1, 0}, []int64{f.Events, f.Captures, f.Count})
	for n := range 2500 { // more than one transaction takes
		w.must(w.Book.NoteCustody(t.Context(), opened(n, w.Now())))
	}
	w.must(w.KeepLog(t.Context(), l))
	f = audited(t, w.Book, l)
	w.same("events, checkpoints, faults, waiting", []int64{2502, 4, 0, 0}, []int64{f.Events, f.Checkpoints, f.Count, f.Waiting})

	w.must(os.WriteFile(l.Path, []byte(first), 0o600))
	w.must(w.KeepLog(t.Context(), l))
	w.same("faults", int64(0), audited(t, w.Book, l).Count)
	newest, err := jobs.ReadCheckpoint(l.Path)
	w.must(err)
	if newest == first {
		t.Error("the old checkpoint stays")
	}
}

// Stamps wait while the service is down or answers nonsense, and come when it is back.
func TestStampLog(t *testing.T) {
	w := newWorld(t)
	l := custodyLog(t, w.dir)
	l.LogKeeper.Stamps = jobs.StampEvery
	service := stamptest.New(t, w.Now)
	var answer http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { answer.ServeHTTP(rw, r) }))
	defer server.Close()
	stamper := jobs.NewHTTPStamper(server.URL)
	due := func() int {
		t.Helper()
		due, err := w.Book.DueStamps(t.Context(), 100)
		w.must(err)
		return len(due)
	}
	for hour, c := range []struct {
		answer http.HandlerFunc
		want   string
	}{
		{func(rw http.ResponseWriter, _ *http.Request) { http.Error(rw, "down", http.StatusServiceUnavailable) }, "503"},
		{func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/elsewhere", http.StatusFound) }, "302"},
		{func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, "<html>log in first</html>") }, "text/html"},
		{func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", stamp.ReplyType)
			rw.Write(make([]byte, stamp.MaxReply+100))
		}, "longer"},
		{func(rw http.ResponseWriter, r *http.Request) {
			service.Nonce(big.NewInt(1))
			service.ServeHTTP(rw, r)
			service.Nonce(nil)
		}, "another question"},
		{func(rw http.ResponseWriter, r *http.Request) {
			service.Spoil = func(b []byte) []byte { b[len(b)-3] ^= 4; return b }
			service.ServeHTTP(rw, r)
			service.Spoil = nil
		}, "signature"},
	} {
		w.must(w.Book.NoteCustody(t.Context(), opened(hour, w.Now())))
		w.must(w.KeepLog(t.Context(), l))
		answer = c.answer
		if err := w.StampLog(t.Context(), stamper); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one that says %q", err, c.want)
		}
		w.same("due", hour+1, due())
		w.clock.add(jobs.StampEvery + time.Minute)
	}
	answer = service
	w.must(w.StampLog(t.Context(), stamper))
	w.same("due", 0, due())
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(service.Roots())
	n := 0
	w.must(w.Book.Stamps(t.Context(), func(s casebook.Stamp) error {
		n++
		reply, err := base64.StdEncoding.DecodeString(s.Token)
		w.must(err)
		got, err := stamp.Open(reply, []byte(s.Signed), roots)
		w.must(err)
		w.same("time", w.Now().Truncate(time.Second), got.Time)
		return nil
	}))
	w.same("stamps", 6, n)
}

// TestLogProcess is the process that TestLogKill kills: it writes events and keeps
// the log at once.
func TestLogProcess(t *testing.T) {
	dir := os.Getenv("CUSTODY_TEST_DIR")
	if dir == "" {
		return // not started by that test
	}
	book, err := casebook.OpenSQLite(t.Context(), filepath.Join(dir, "casebook.db"))
	if err != nil {
		t.Fatal(err)
	}
	w := &jobs.Workshop{Book: book, Now: time.Now}
	l := custodyLog(t, dir)
	go func() {
		for {
			if err := w.KeepLog(t.Context(), l); err != nil {
				fmt.Println("fault", err)
				os.Exit(1)
			}
		}
	}()
	for n := 0; ; n++ {
		if err := book.NoteCustody(t.Context(), opened(n, time.Now())); err != nil {
			t.Fatal(err)
		}
		fmt.Println("noted", n)
	}
}

// After a kill at any instant no event is lost, the log is sound, and it goes on.
func TestLogKill(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 14))
	dir := t.TempDir()
	written := 0
	for round := range 8 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestLogProcess$")
		cmd.Env = append(os.Environ(), "CUSTODY_TEST_DIR="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		noted := 0
		lines := bufio.NewScanner(out)
		var kill *time.Timer
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "noted ") {
				noted++
			} else if strings.HasPrefix(lines.Text(), "fault ") {
				t.Error(lines.Text())
			}
			if kill == nil {
				kill = time.AfterFunc(time.Duration(rnd.IntN(80_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
			}
		}
		if err := cmd.Wait(); err == nil || noted == 0 {
			t.Fatalf("round %d: %v, %d events", round, err, noted)
		}
		written += noted
		book, err := casebook.OpenSQLite(t.Context(), filepath.Join(dir, "casebook.db"))
		if err != nil {
			t.Fatal(err)
		}
		l := custodyLog(t, dir)
		if f := audited(t, book, l); f.Count != 0 || f.Events+f.Waiting < int64(written) {
			t.Errorf("round %d: %d events and %d waiting of %d that were told; %v", round, f.Events, f.Waiting, written, f.Faults)
		}
		w := &jobs.Workshop{Book: book, Now: time.Now}
		if err := w.KeepLog(t.Context(), l); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		f := audited(t, book, l)
		if f.Count != 0 || f.Waiting != 0 || f.Events < int64(written) {
			t.Errorf("round %d, gone on: %+v", round, f)
		}
		written = int(f.Events) - 1 // one that was written and not told counts from now on
		if err := book.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if written < 20 {
		t.Errorf("%d events in all: nothing was tried", written)
	}
}
