package jobs_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
)

// shared is one folder of evidence and one casebook, used by several "processes".
type shared struct {
	*testing.T
	dir   string
	open  func() *casebook.Book // another process's handle on the book
	keys  *privacy.Keyring
	run   int64
	mu    sync.Mutex
	ahead time.Duration // of the real time
}

func newShared(t *testing.T, open func() *casebook.Book) *shared {
	t.Helper()
	s := &shared{T: t, dir: t.TempDir(), open: open}
	s.keys = openKeys(t, s.dir)
	var err error
	s.run, err = open().StartRun(t.Context(), "test", s.now())
	s.must(err)
	return s
}

func openKeys(t *testing.T, dir string) *privacy.Keyring {
	t.Helper()
	keys, err := privacy.OpenKeyring(filepath.Join(dir, "keys"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// onSQLite gives every process a handle of its own on one file.
func onSQLite(t *testing.T) func() *casebook.Book {
	t.Helper()
	path := filepath.Join(t.TempDir(), "casebook.db")
	return func() *casebook.Book {
		b, err := casebook.OpenSQLite(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Close() })
		return b
	}
}

func (s *shared) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *shared) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead)
}

func (s *shared) wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

func (s *shared) store() *evidence.Dir {
	s.Helper()
	d, err := evidence.OpenDir(filepath.Join(s.dir, "evidence"), s.keys, s.now)
	s.must(err)
	return d
}

// process is one worker.
type process struct {
	*jobs.Workshop
	lease *jobs.PenLease
	store *faulty
	log   *logbook
}

func (s *shared) process() *process {
	s.Helper()
	p := &process{store: &faulty{Store: s.store()}, log: &logbook{}}
	p.Workshop = &jobs.Workshop{Book: s.open(), Now: s.now, Log: slog.New(slog.NewTextHandler(p.log, nil))}
	p.lease = jobs.NewPenLease(p.Book, evidence.NewOwner(s.now()), s.now, p.Log)
	p.Evidence = jobs.NewLeasedPens(p.store, p.lease)
	s.Cleanup(func() { _ = p.stop() })
	return p
}

func (p *process) stop() error { return errors.Join(p.Evidence.Close(), p.lease.Close()) }

// logbook keeps what is logged.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func unitID(n int) string {
	sum := sha256.Sum256([]byte(fmt.Sprint("unit ", n)))
	return hex.EncodeToString(sum[:16])
}

// add makes unit n, so that it may be claimed.
func (s *shared) add(p *process, n int) casebook.Claim {
	s.Helper()
	_, _, err := p.Book.AddChunks(s.Context(), s.run, []casebook.Work{{ID: unitID(n), Source: "test", Payload: []byte("{}")}}, s.now())
	s.must(err)
	return casebook.Claim{ID: unitID(n), Generation: 1}
}

func captureOf(n int, at time.Time) (evidence.Capture, error) {
	data := []byte(fmt.Sprintf("unit %d: 出简历 %s", n, strings.Repeat("x", 500+n%700)))
	sum := sha256.Sum256(data)
	return evidence.ChatCapture(evidence.Info{Software: "resumewatch/test"}, "urn:qq:group:1000045678", at, []evidence.Chunk{{
		File: "chat.txt", FileSHA256: hex.EncodeToString(sum[:]), End: int64(len(data)), Data: data, Reader: "test/1",
	}})
}

// do claims unit n and keeps one capture of it. before, if set, is called when
// all is durable and nothing committed.
func (p *process) do(ctx context.Context, c casebook.Claim, n int, run int64, before func()) error {
	if _, err := p.Book.ClaimWork(ctx, c, p.Now()); err != nil {
		return err
	}
	return p.write(ctx, c, n, run, before)
}

func (p *process) write(ctx context.Context, c casebook.Claim, n int, run int64, before func()) error {
	capture, err := captureOf(n, p.Now())
	if err != nil {
		return err
	}
	return p.Evidence.Write(ctx, []evidence.Capture{capture}, func(refs []evidence.Ref, pen casebook.Fence) error {
		if before != nil {
			before()
		}
		l := casebook.Learnt{Work: c, Run: run, Source: "test", At: p.Now(), Outcome: market.OutcomeNew, Pen: pen}
		for _, r := range refs {
			l.Captures = append(l.Captures, casebook.Capture{Digest: r.Digest, SealedDigest: r.SealedDigest, File: r.File, Offset: r.Offset,
				Length: r.Length, Kind: r.Kind, URL: r.URL, At: r.At, Source: "test"})
		}
		_, err := p.Book.Commit(ctx, l)
		return err
	})
}

// unlocked is a store on a file system whose locks tell nothing: what it recovers
// is cut even while another machine has it open.
type unlocked struct {
	*evidence.Dir
	dir string
	cut []string
}

func (u *unlocked) Recover(_ context.Context, known func(string) int64, live func(string) bool) (done evidence.Recovered, err error) {
	files, err := filepath.Glob(filepath.Join(u.dir, "*/*/*.age"))
	if err != nil {
		return done, err
	}
	for _, path := range files {
		file, err := filepath.Rel(u.dir, path)
		if err != nil {
			return done, err
		}
		file = filepath.ToSlash(file)
		if live(file) {
			continue
		}
		done.Files++
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return done, err
		}
		end := known(file)
		switch {
		case info.Size() < end:
			done.Damaged = append(done.Damaged, evidence.Damaged{File: file})
		case end == 0:
			err = errors.Join(os.Remove(strings.TrimSuffix(path, ".warc.gz.age")+".idx"), os.Remove(path))
			done.Removed++
			u.cut = append(u.cut, file)
		case info.Size() > end:
			err = errors.Join(os.Truncate(path, end), trimLines(strings.TrimSuffix(path, ".warc.gz.age")+".idx", end))
			done.Cut++
			u.cut = append(u.cut, file)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return done, err
		}
	}
	return done, nil
}

func trimLines(path string, end int64) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var keep int64
	for line := range strings.Lines(string(text)) {
		var l struct{ Offset, Length int64 }
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.Offset+l.Length > end {
			break
		}
		keep += int64(len(line))
	}
	return os.Truncate(path, keep)
}

// writes lets the w-th process do units of its own, in a goroutine that tells done how
// many it did; before one commit of odds everybody's leases lapse. A unit whose writer
// was taken for dead is done again.
func (s *shared) writes(p *process, w, units, odds int, done chan<- int) {
	claims := make([]casebook.Claim, units)
	for i := range claims {
		claims[i] = s.add(p, w*units+i)
	}
	rnd := rand.New(rand.NewPCG(uint64(w), 1))
	go func() {
		n := 0
		for i, c := range claims {
			unit := w*units + i
			err := p.do(s.Context(), c, unit, s.run, func() {
				if rnd.IntN(odds) == 0 {
					s.wait(lapse)
				}
			})
			for tries := 0; again(err) && tries < 100; tries++ {
				err = p.write(s.Context(), c, unit, s.run, nil)
			}
			if err == nil {
				n++
			} else if !again(err) {
				s.Errorf("unit %d: %v", unit, err)
			}
		}
		done <- n
	}()
}

func (s *shared) unlocked() *unlocked {
	return &unlocked{Dir: s.store(), dir: filepath.Join(s.dir, "evidence")}
}

// sound fails unless every capture that the casebook knows of can be opened and
// nothing else is kept.
func (s *shared) sound(want int) {
	s.Helper()
	book, store := s.open(), s.store()
	ids, err := s.keys.Identities(s.Context())
	s.must(err)
	n := 0
	ends := map[string]int64{}
	s.must(book.Captures(s.Context(), 0, func(c casebook.Capture) error {
		n++
		ref := evidence.Ref{Digest: c.Digest, SealedDigest: c.SealedDigest, File: c.File, Offset: c.Offset, Length: c.Length, Kind: c.Kind, URL: c.URL, At: c.At}
		ends[c.File] = max(ends[c.File], ref.End())
		r, err := evidence.Open(s.Context(), store, ref, ids)
		if err != nil {
			s.Errorf("a capture that the casebook knows is lost: %v", err)
			return nil
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			s.Errorf("a capture that the casebook knows is damaged: %v", err)
		}
		return r.Close()
	}))
	if n != want {
		s.Errorf("%d captures, want %d", n, want)
	}
	files, err := filepath.Glob(filepath.Join(s.dir, "evidence/*/*/*.age"))
	s.must(err)
	for _, path := range files {
		file, err := filepath.Rel(filepath.Join(s.dir, "evidence"), path)
		s.must(err)
		info, err := os.Stat(path)
		s.must(err)
		if info.Size() != ends[filepath.ToSlash(file)] {
			s.Errorf("%s has %d bytes, the casebook knows %d", file, info.Size(), ends[filepath.ToSlash(file)])
		}
	}
	if len(files) != len(ends) {
		s.Errorf("%d files, the casebook knows %d", len(files), len(ends))
	}
}
