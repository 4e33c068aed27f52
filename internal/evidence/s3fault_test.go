package evidence

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/evidence/s3test"
)

// s3World is a store on storage in memory, behind a way that fails on command.
type s3World struct {
	*testing.T
	fake *s3test.Fake
	way  *s3test.Faults
	keys *monthKeys
	o    S3Options
}

func newS3World(t *testing.T) *s3World {
	t.Helper()
	w := &s3World{T: t, fake: s3test.NewFake("evidence"), keys: &monthKeys{}}
	w.fake.Key = "access"
	w.way = s3test.Before(w.fake)
	t.Cleanup(w.way.Close)
	w.o = S3Options{Endpoint: w.way.URL, Bucket: "evidence", Prefix: "p", AccessKey: "access", SecretKey: "hushhush", Scratch: t.TempDir(),
		Seal: w.keys, Now: time.Now, Timeout: 2 * time.Second}
	return w
}

func (w *s3World) open() *S3 {
	w.Helper()
	s, err := OpenS3(w.Context(), w.o)
	if err != nil {
		w.Fatal(err)
	}
	return s
}

// written is a store that holds one capture.
func (w *s3World) written() (*S3, Ref) {
	w.Helper()
	s := w.open()
	p := testWriter(w.T, s, "w")
	ref := appendOne(w.T, p, pageCapture(w.T))
	if err := p.Sync(w.Context()); err != nil {
		w.Fatal(err)
	}
	return s, ref
}

func (w *s3World) sound(s *S3, captures int) {
	w.Helper()
	r, err := VerifyStore(w.Context(), s, w.keys.identities())
	if err != nil || !r.OK {
		w.Fatalf("%+v %v", r, err)
	}
	n := 0
	if err := s.Walk(w.Context(), func(Ref) error { n++; return nil }); err != nil || n != captures {
		w.Errorf("%d captures, want %d: %v", n, captures, err)
	}
}

// What an operator reads names bucket and server, and no secret.
func TestS3Words(t *testing.T) {
	for name, tt := range map[string]struct {
		set  func(w *s3World)
		want string
	}{
		"no bucket":    {func(w *s3World) { w.o.Bucket = "another" }, "there is no bucket another at "},
		"unknown key":  {func(w *s3World) { w.o.AccessKey = "hushhush" }, "denies access (InvalidAccessKeyId)"},
		"denied":       {func(w *s3World) { w.way.Fail(s3test.Always(s3test.Denied)) }, "denies access (AccessDenied)"},
		"busy":         {func(w *s3World) { w.way.Fail(s3test.Always(s3test.Busy)) }, "answers 503 SlowDown"},
		"cut":          {func(w *s3World) { w.way.Fail(s3test.Always(s3test.Cut)) }, "can't be reached"},
		"away":         {func(w *s3World) { w.way.Close() }, "connection refused"},
		"silent":       {func(w *s3World) { w.way.Fail(s3test.Always(s3test.Silent)); w.o.Timeout = 100 * time.Millisecond }, "can't be used"},
		"no S3 at all": {func(w *s3World) { w.o.Endpoint = plainServer(w.T) }, "answers 418"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newS3World(t)
			tt.set(w)
			began := time.Now()
			_, err := OpenS3(t.Context(), w.o)
			if err == nil || !errors.Is(err, ErrUnavailable) && name != "no S3 at all" {
				t.Fatalf("%v", err)
			}
			if !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), w.o.Bucket) || !strings.Contains(err.Error(), w.o.Endpoint) {
				t.Errorf("%v", err)
			}
			if strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "Credential") || strings.Contains(err.Error(), "\n") {
				t.Errorf("too much is told: %v", err)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func plainServer(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "<html>%s</html>", r.Header.Get("Authorization"))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestS3OptionsThatAreRefused(t *testing.T) {
	good := S3Options{Endpoint: "http://127.0.0.1:1", Bucket: "evidence", AccessKey: "a", SecretKey: "b", Now: time.Now, Timeout: time.Second, Tries: 1}
	for name, set := range map[string]func(*S3Options){
		"http elsewhere": func(o *S3Options) { o.Endpoint = "http://192.0.2.7:9000" },
		"no endpoint":    func(o *S3Options) { o.Endpoint = "" },
		"a path":         func(o *S3Options) { o.Endpoint = "https://127.0.0.1/evidence" },
		"a password":     func(o *S3Options) { o.Endpoint = "https://a:b@127.0.0.1" },
		"bucket":         func(o *S3Options) { o.Bucket = "No" },
		"prefix":         func(o *S3Options) { o.Prefix = "a/../b" },
		"no keys":        func(o *S3Options) { o.SecretKey = "" },
		"no certificate": func(o *S3Options) { o.CA = []byte("x") },
	} {
		o := good
		set(&o)
		if _, err := OpenS3(t.Context(), o); err == nil || errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Faults that pass are not noticed, whatever request they meet.
func TestS3FaultsThatPass(t *testing.T) {
	for _, what := range []s3test.Fault{s3test.Busy, s3test.Cut, s3test.HalfUpload, s3test.Lost} {
		for _, method := range []string{http.MethodPut, http.MethodGet, http.MethodHead, http.MethodDelete} {
			t.Run(fmt.Sprint(method, " ", what), func(t *testing.T) {
				w := newS3World(t)
				s := w.open()
				w.way.Fail(s3test.Times(2, method, what))
				p := testWriter(t, s, "w")
				first, second := appendOne(t, p, pageCapture(t)), appendOne(t, p, pageCapture(t))
				if err := p.Close(); err != nil {
					t.Fatal(err)
				}
				p = testWriter(t, s, "w")
				third := appendOne(t, p, pageCapture(t))
				if err := p.Close(); err != nil {
					t.Fatal(err)
				}
				w.sound(s, 3)
				known := map[string]int64{first.File: first.End()}
				got, err := s.Recover(t.Context(), func(file string) int64 { return known[file] }, func(string) bool { return false })
				if err != nil || got.Cut != 1 || got.Removed != 1 || got.Bytes != second.Length+third.Length || len(got.Damaged) > 0 {
					t.Errorf("%+v %v", got, err)
				}
				if w.way.Hits() == 0 {
					t.Error("the fault met nothing")
				}
				w.sound(s, 1)
			})
		}
	}
}

// A put whose answer was lost is known for its own, one of another isn't.
func TestS3NothingIsOverwritten(t *testing.T) {
	w := newS3World(t)
	s, ref := w.written()
	before := w.fake.Get("evidence", "p/"+ref.File)
	if err := s.put(t.Context(), ref.File, strings.NewReader("another"), 7, ""); !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v", err)
	}
	if !bytes.Equal(w.fake.Get("evidence", "p/"+ref.File), before) {
		t.Error("it was overwritten")
	}
	if err := s.put(t.Context(), ref.File, bytes.NewReader(before), int64(len(before)), ""); err != nil {
		t.Errorf("the same again: %v", err)
	}
	if err := s.SetMark(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if err := s.SetMark(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Mark(t.Context()); got != "one" || err != nil {
		t.Errorf("%q %v", got, err)
	}
}

// While storage is away, or refuses, nothing is told to be durable; what was
// appended is void, and a new writer does it.
func TestS3Outage(t *testing.T) {
	for _, what := range []s3test.Fault{s3test.Busy, s3test.Denied, s3test.Cut, s3test.HalfUpload, s3test.Silent} {
		t.Run(fmt.Sprint(what), func(t *testing.T) {
			w := newS3World(t)
			w.o.Timeout = 300 * time.Millisecond
			s := w.open()
			p := testWriter(t, s, "w")
			appendOne(t, p, pageCapture(t))
			w.way.Fail(s3test.Always(what))
			began := time.Now()
			if err := p.Sync(t.Context()); !errors.Is(err, ErrUnavailable) {
				t.Fatalf("%v", err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
			w.way.Fail(nil)
			if err := p.Sync(t.Context()); !errors.Is(err, ErrUnavailable) {
				t.Errorf("a second sync: %v", err)
			}
			if _, err := p.Append(t.Context(), pageCapture(t)); !errors.Is(err, ErrUnavailable) {
				t.Errorf("append: %v", err)
			}
			if err := p.Close(); !errors.Is(err, ErrUnavailable) {
				t.Errorf("close: %v", err)
			}
			p = testWriter(t, s, "w")
			ref := appendOne(t, p, pageCapture(t))
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Recover(t.Context(), func(file string) int64 { return map[string]int64{ref.File: ref.End()}[file] }, func(string) bool { return false }); err != nil {
				t.Fatal(err)
			}
			w.sound(s, 1)
		})
	}
}

// Only one of the two objects arrives: no capture shows, and it is swept.
func TestS3HalfAFile(t *testing.T) {
	w := newS3World(t)
	w.o.Tries = 1
	s := w.open()
	p := testWriter(t, s, "w")
	ref := appendOne(t, p, pageCapture(t))
	w.way.Fail(func(r *http.Request) s3test.Fault {
		if strings.HasSuffix(r.URL.Path, ".idx") {
			return s3test.Cut
		}
		return s3test.None
	})
	if err := p.Sync(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Fatal(err)
	}
	w.way.Fail(nil)
	w.sound(s, 0)
	got, err := s.Recover(t.Context(), func(string) int64 { return 0 }, func(string) bool { return false })
	if err != nil || got.Removed != 1 || got.Bytes != ref.Length {
		t.Errorf("%+v %v", got, err)
	}
	w.fake.Set("evidence", "p/"+idxName(ref.File), []byte("{}\n")) // a removal was cut short
	if _, err := s.Recover(t.Context(), func(string) int64 { return 0 }, func(string) bool { return false }); err != nil {
		t.Fatal(err)
	}
	if names := w.fake.Names("evidence"); len(names) != 0 {
		t.Errorf("left: %v", names)
	}
}

// Storage that can't be read is not damaged evidence.
func TestS3ReadingFails(t *testing.T) {
	w := newS3World(t)
	s, ref := w.written()
	w.way.Fail(func(r *http.Request) s3test.Fault {
		if r.Header.Get("Range") != "" {
			return s3test.HalfAnswer
		}
		return s3test.None
	})
	r, err := Open(t.Context(), s, ref, w.keys.identities())
	if err == nil {
		_, err = io.ReadAll(r)
	}
	if !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrDamaged) {
		t.Errorf("%v", err)
	}
	if rep, err := VerifyStore(t.Context(), s, w.keys.identities()); !errors.Is(err, ErrUnavailable) || rep.OK {
		t.Errorf("%+v %v", rep, err)
	}
	var met int
	w.way.Fail(func(r *http.Request) s3test.Fault { // once: it goes on where it broke off
		if r.Header.Get("Range") != "" && met < 1 {
			met++
			return s3test.HalfAnswer
		}
		return s3test.None
	})
	if r, err = Open(t.Context(), s, ref, w.keys.identities()); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r); err != nil || met != 1 {
		t.Errorf("%d %v", met, err)
	}
	w.way.Fail(nil)
	data := w.fake.Get("evidence", "p/"+ref.File)
	data[len(data)/2] ^= 1
	w.fake.Set("evidence", "p/"+ref.File, data)
	if rep, err := VerifyStore(t.Context(), s, w.keys.identities()); err != nil || rep.OK {
		t.Errorf("a bit was turned: %+v %v", rep, err)
	}
	w.fake.Set("evidence", "p/"+ref.File, nil)
	if _, err := s.Read(t.Context(), ref); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// Large objects go in pieces; one that isn't complete is not there, and is swept.
func TestS3LargeObjects(t *testing.T) {
	w := newS3World(t)
	s := w.open()
	s.part = 150_000
	p := testWriter(t, s, "w")
	var last Ref
	for n := range 3 {
		last = appendOne(t, p, chatCapture(t, 2, testTime.Add(time.Duration(n)*time.Second)))
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	w.sound(s, 3)
	if w.fake.Heard()["COMPLETE"] != 1 || w.fake.Uploads() != 0 {
		t.Errorf("%v", w.fake.Heard())
	}
	if err := s.put(t.Context(), last.File, bytes.NewReader(noise(400_000)), 400_000, ""); !errors.Is(err, fs.ErrExist) {
		t.Errorf("overwritten in pieces: %v", err)
	}
	// Killed in the midst: the pieces stay until somebody sweeps them.
	p = testWriter(t, s, "gone")
	appendOne(t, p, chatCapture(t, 2, testTime))
	appendOne(t, p, chatCapture(t, 3, testTime))
	w.way.Fail(func(r *http.Request) s3test.Fault {
		if r.URL.Query().Has("uploadId") && r.URL.Query().Get("partNumber") != "1" {
			return s3test.Cut
		}
		return s3test.None
	})
	if err := p.Sync(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Fatal(err)
	}
	if w.fake.Uploads() != 1 {
		t.Fatalf("%d uploads", w.fake.Uploads())
	}
	w.way.Fail(nil)
	known := func(file string) int64 { return map[string]int64{last.File: last.End()}[file] }
	if _, err := s.Recover(t.Context(), known, func(file string) bool { return OwnerOf(file) == "gone" }); err != nil || w.fake.Uploads() != 1 {
		t.Errorf("an upload of a living writer: %v, %d uploads", err, w.fake.Uploads())
	}
	if _, err := s.Recover(t.Context(), known, func(string) bool { return false }); err != nil || w.fake.Uploads() != 0 {
		t.Errorf("%v, %d uploads", err, w.fake.Uploads())
	}
	w.sound(s, 3)
	if left, err := filepath.Glob(filepath.Join(w.o.Scratch, "*")); err != nil || len(left) != 0 {
		t.Errorf("left in the scratch folder: %v %v", left, err)
	}
}

// What a bucket keeps as older versions goes too.
func TestS3Versions(t *testing.T) {
	w := newS3World(t)
	w.fake.Keeping = true
	s, ref := w.written()
	p := testWriter(t, s, "w")
	a := appendOne(t, p, pageCapture(t))
	appendOne(t, p, pageCapture(t))
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(t.Context(), ref.File); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recover(t.Context(), func(string) int64 { return a.End() }, func(string) bool { return false }); err != nil {
		t.Fatal(err)
	}
	if n := w.fake.Versions("evidence"); n != 2 {
		t.Errorf("%d versions are left of two objects", n)
	}
	w.sound(s, 1)
	w.way.Fail(func(r *http.Request) s3test.Fault {
		if r.URL.Query().Has("versioning") {
			return s3test.Denied
		}
		return s3test.None
	})
	if err := w.open().Remove(t.Context(), a.File); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "s3:GetBucketVersioning") {
		t.Errorf("removed without knowing whether it is: %v", err)
	}
}

// Behind the first look, Recover looks at what is young: a list of all, each
// minute, would cost more than the work.
func TestS3RecoverLooksAtYoungFiles(t *testing.T) {
	w := newS3World(t)
	now := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	w.o.Now = func() time.Time { return now }
	s := w.open()
	write := func() Ref {
		p := testWriter(t, s, "w")
		ref := appendOne(t, p, pageCapture(t))
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		return ref
	}
	old := write()
	now = now.Add(3 * time.Hour)
	known := map[string]int64{old.File: old.End()}
	asked := map[string]int{}
	look := func() Recovered {
		t.Helper()
		got, err := s.Recover(t.Context(), func(file string) int64 { return known[file] }, func(file string) bool {
			asked[file]++
			if n, ok := s.ListedSize(file); !ok || n <= 0 {
				t.Errorf("no size of %s", file)
			}
			return false
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := look(); got.Files != 1 {
		t.Errorf("%+v", got)
	}
	now = now.Add(time.Hour)
	orphan := write()
	if got := look(); got.Files != 1 || got.Removed != 1 || asked[old.File] != 1 || asked[orphan.File] != 1 {
		t.Errorf("%+v %v", got, asked)
	}
	s.swept.at = s.swept.at.Add(-sweepAll)
	if got := look(); got.Files != 1 || asked[old.File] != 2 {
		t.Errorf("after six hours: %+v %v", got, asked)
	}
	heard := w.fake.Heard()
	look()
	if n := w.fake.Heard()["LIST"] - heard["LIST"]; n > 4 || w.fake.Heard()["HEAD"] != heard["HEAD"] || w.fake.Heard()["GET"] != heard["GET"] {
		t.Errorf("%d lists; %v, before %v", n, w.fake.Heard(), heard)
	}
}

// A copy of the bucket is a folder of evidence.
func TestS3IsAFolder(t *testing.T) {
	w := newS3World(t)
	w.written()
	dir := t.TempDir()
	for _, name := range w.fake.Names("evidence") {
		path := filepath.Join(dir, strings.TrimPrefix(name, "p/"))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, w.fake.Get("evidence", name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := OpenDir(dir, w.keys, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	sound(t, d, w.keys, "1")
}

func TestS3OverTLS(t *testing.T) {
	w := newS3World(t)
	secure := httptest.NewTLSServer(w.fake)
	t.Cleanup(secure.Close)
	w.o.Endpoint, w.o.Tries = secure.URL, 1
	if _, err := OpenS3(t.Context(), w.o); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an unknown certificate: %v", err)
	}
	w.o.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	s, _ := w.written()
	w.sound(s, 1)
}

// Somebody who stops waiting is not kept.
func TestS3Interrupted(t *testing.T) {
	w := newS3World(t)
	w.o.Timeout = time.Minute
	s, ref := w.written()
	p := testWriter(t, s, "w")
	appendOne(t, p, pageCapture(t))
	w.way.Fail(s3test.Always(s3test.Silent))
	for name, do := range map[string]func(context.Context) error{
		"sync":   p.Sync,
		"read":   func(ctx context.Context) error { _, err := s.Read(ctx, ref); return err },
		"walk":   func(ctx context.Context) error { return s.Walk(ctx, func(Ref) error { return nil }) },
		"remove": func(ctx context.Context) error { return s.Remove(ctx, ref.File) },
		"recover": func(ctx context.Context) error {
			_, err := s.Recover(ctx, func(string) int64 { return 0 }, func(string) bool { return false })
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		began := time.Now()
		if err := do(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}
