package jobs_test

import (
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/evidence/s3test"
	"resumewatch/internal/jobs"
)

// On S3-compatible storage nobody sees a lock: leases alone keep a leader from
// sweeping what a writer is about to commit, also while storage fails now and then.
func TestWritersAndRecoveriesOnS3(t *testing.T) {
	s := newShared(t, onSQLite(t))
	fake := s3test.NewFake("evidence")
	way := s3test.Before(fake)
	t.Cleanup(way.Close)
	bucket := func() *evidence.S3 {
		b, err := evidence.OpenS3(t.Context(), evidence.S3Options{Endpoint: way.URL, Bucket: "evidence", AccessKey: "a", SecretKey: "b", Seal: s.keys, Now: s.now, Timeout: 5 * time.Second})
		s.must(err)
		return b
	}
	worker := func() *process {
		p := &process{store: &faulty{Store: bucket()}, log: &logbook{}}
		p.Workshop = &jobs.Workshop{Book: s.open(), Now: s.now, Log: slog.New(slog.NewTextHandler(p.log, nil))}
		p.lease = jobs.NewPenLease(p.Book, evidence.NewOwner(s.now()), s.now, p.Log)
		p.Evidence = jobs.NewLeasedPens(p.store, p.lease)
		t.Cleanup(func() { _ = p.stop() })
		return p
	}
	const writers, units = 3, 20
	stop, recovered := make(chan struct{}), make(chan error, 2)
	for range 2 {
		leader, store := worker(), bucket()
		go func() {
			for {
				select {
				case <-stop:
					recovered <- nil
					return
				case <-time.After(20 * time.Millisecond):
				}
				if err := leader.RecoverEvidence(t.Context(), store); err != nil {
					recovered <- err
					return
				}
			}
		}()
	}
	var mu sync.Mutex
	luck := rand.New(rand.NewPCG(4, 4))
	way.Fail(func(r *http.Request) s3test.Fault {
		mu.Lock()
		defer mu.Unlock()
		if luck.Float64() < 0.02 {
			return []s3test.Fault{s3test.Busy, s3test.Lost, s3test.Cut, s3test.HalfUpload}[luck.IntN(4)]
		}
		return s3test.None
	})
	done := make(chan int, writers)
	for w := range writers {
		p := worker()
		s.writes(p, w, units, 5, done)
	}
	total := 0
	for range writers {
		total += <-done
	}
	way.Fail(nil)
	close(stop)
	for range 2 {
		if err := <-recovered; err != nil {
			t.Error(err)
		}
	}
	s.wait(lapse)
	leader, store := worker(), bucket()
	s.must(leader.RecoverEvidence(t.Context(), store))
	if total < units {
		t.Errorf("only %d of %d units were done", total, writers*units)
	}
	ids, err := s.keys.Identities(t.Context())
	s.must(err)
	n, known := 0, map[string]bool{}
	s.must(s.open().Captures(t.Context(), 0, func(c casebook.Capture) error {
		n++
		known[c.File], known[strings.TrimSuffix(c.File, ".warc.gz.age")+".idx"] = true, true
		r, err := evidence.Open(t.Context(), store, evidence.Ref{Digest: c.Digest, SealedDigest: c.SealedDigest, File: c.File, Offset: c.Offset, Length: c.Length, Kind: c.Kind, URL: c.URL, At: c.At}, ids)
		if err != nil {
			t.Errorf("a capture that the casebook knows is lost: %v", err)
			return nil
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Errorf("a capture that the casebook knows is damaged: %v", err)
		}
		return r.Close()
	}))
	if n != total {
		t.Errorf("%d captures, %d units", n, total)
	}
	for _, name := range fake.Names("evidence") {
		if !known[name] {
			t.Errorf("an orphan stays: %s", name)
		}
	}
	t.Logf("%d of %d units done, %d requests", total, writers*units, fake.Heard()["PUT"])
}
