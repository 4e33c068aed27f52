package spool

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"resumewatch/internal/privacy"
)

var start = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// world is a spool whose clock is turned by hand.
type world struct {
	*Spool
	at   time.Time
	keys string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{at: start, keys: filepath.Join(t.TempDir(), "keys")}
	w.Spool = w.open(t, filepath.Join(t.TempDir(), "spool"))
	return w
}

func (w *world) open(t *testing.T, dir string) *Spool {
	t.Helper()
	keys, err := privacy.OpenKeyring(w.keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir, keys, func() time.Time { return w.at })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func idFor(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

func (w *world) put(t *testing.T, id string, data []byte) {
	t.Helper()
	if err := w.Put(t.Context(), id, data); err != nil {
		t.Fatal(err)
	}
}

func (w *world) file(t *testing.T, id string) string {
	t.Helper()
	path, err := w.path(id)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func (w *world) gives(t *testing.T, id string, want error) {
	t.Helper()
	if _, err := w.Get(t.Context(), id); !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", id, err, want)
	}
}

func TestPutGetDrop(t *testing.T) {
	w := newWorld(t)
	other := w.open(t, w.dir) // another process
	for _, n := range []int{0, 1, 63 << 10, 64 << 10, 65<<10 + 1, 4 << 20} {
		id, data := idFor(fmt.Sprint(n)), bytes.Repeat([]byte("出简历 "), n/7+1)[:n]
		w.put(t, id, data)
		got, err := other.Get(t.Context(), id)
		if err != nil || !bytes.Equal(got, data) {
			t.Fatalf("%d bytes come back as %d, %v", n, len(got), err)
		}
		sealed, err := os.ReadFile(w.file(t, id))
		if err != nil || n > 10 && bytes.Contains(sealed, []byte("简历")) || bytes.Contains(sealed, []byte(id)) {
			t.Errorf("the file shows what is in it, %v", err)
		}
		if info, err := os.Stat(w.file(t, id)); err != nil || info.Mode().Perm() != 0o600 || !info.ModTime().Equal(start) {
			t.Errorf("%v, %v", info, err)
		}
	}
	id := idFor("again")
	w.put(t, id, []byte("one"))
	w.put(t, id, []byte("two"))
	if got, err := w.Get(t.Context(), id); err != nil || string(got) != "two" {
		t.Errorf("%q, %v", got, err)
	}
	if items, total, err := w.Size(); err != nil || items != 7 || total < 4<<20 {
		t.Errorf("%d items, %d bytes, %v", items, total, err)
	}
	for range 2 {
		if err := other.Drop(t.Context(), id); err != nil {
			t.Error(err)
		}
		w.gives(t, id, ErrAbsent)
	}
	if err := w.Put(t.Context(), id, make([]byte, MaxItem+1)); err == nil {
		t.Error("an item of any size is taken")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Put(gone, id, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"", "..", "../../../../etc/passwd", "ab/../../0123456789abcdef", "ABCDEF0123456789", "0123456789abcde", strings.Repeat("a", 129), "0123456789abcdef\n", "0123456789abcdeg", "0123456789abcdef\x00"} {
		if err := w.Put(t.Context(), id, []byte("x")); err == nil {
			t.Errorf("%q was put", id)
		}
		if _, err := w.Get(t.Context(), id); err == nil || errors.Is(err, ErrAbsent) {
			t.Errorf("%q: %v", id, err)
		}
		if err := w.Drop(t.Context(), id); err == nil {
			t.Errorf("%q was dropped", id)
		}
	}
	if entries, err := os.ReadDir(w.dir); err != nil || len(entries) != 0 {
		t.Errorf("%v, %v", entries, err)
	}
}

// Whatever happens to a file, Get gives the bytes that were put or an error.
func TestDamage(t *testing.T) {
	w := newWorld(t)
	a, b := idFor("a"), idFor("b")
	data := bytes.Repeat([]byte("0123456789"), 20_000)
	w.put(t, a, data)
	w.put(t, b, data)
	whole, err := os.ReadFile(w.file(t, a))
	if err != nil {
		t.Fatal(err)
	}
	write := func(id string, text []byte) {
		t.Helper()
		if err := os.WriteFile(w.file(t, id), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(b, whole) // another item's bytes, rightly sealed
	w.gives(t, b, ErrDamaged)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		bent := bytes.Clone(whole)
		bent[rnd.IntN(len(bent))] ^= 1 << rnd.IntN(8)
		write(a, bent)
		got, err := w.Get(t.Context(), a)
		if err == nil && !bytes.Equal(got, data) || err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrErased) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		write(a, whole[:rnd.IntN(len(whole))])
		w.gives(t, a, ErrDamaged)
		write(a, append(bytes.Clone(whole), 'x'))
		w.gives(t, a, ErrDamaged)
	}
	// Longer than an item may be, by somebody who has the key.
	key, err := w.Spool.keys.RuntimeKey(KeyName, start)
	if err != nil {
		t.Fatal(err)
	}
	var long bytes.Buffer
	if err := seal(&long, a, make([]byte, MaxItem+10), key.Recipient()); err != nil {
		t.Fatal(err)
	}
	write(a, long.Bytes())
	w.gives(t, a, ErrDamaged)
	if err := os.Remove(w.file(t, a)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(w.file(t, a), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Get(t.Context(), a); err == nil {
		t.Error("a folder was read")
	}
}

func TestKeysAreErased(t *testing.T) {
	w := newWorld(t)
	w.put(t, idFor("old"), []byte("old"))
	for range 5 {
		w.at = w.at.Add(7 * 24 * time.Hour)
		w.put(t, idFor(w.at.String()), []byte("x"))
	}
	all := func(string) bool { return true }
	done, err := w.Sweep(t.Context(), all, w.at)
	if err != nil || done.Keys != 1 || done.Items != 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	w.gives(t, idFor("old"), ErrErased)
	w.at = w.at.Add(3 * 24 * time.Hour)
	if done, err = w.Sweep(t.Context(), all, w.at); err != nil || done.Items != 1 {
		t.Fatalf("what nobody can open stays: %+v, %v", done, err)
	}
	w.gives(t, idFor("old"), ErrAbsent)
	if got, err := w.Get(t.Context(), idFor(start.Add(7*24*time.Hour).String())); err != nil || string(got) != "x" {
		t.Errorf("a younger one: %q, %v", got, err)
	}
	empty := &world{at: start, keys: t.TempDir()}
	empty.Spool = empty.open(t, w.dir)
	empty.gives(t, idFor(start.Add(7*24*time.Hour).String()), ErrErased)
}

func TestSweep(t *testing.T) {
	w := newWorld(t)
	w.put(t, idFor("kept"), []byte("kept"))
	w.put(t, idFor("done"), []byte("done"))
	part := filepath.Join(filepath.Dir(w.file(t, idFor("kept"))), newPrefix+"LEFT")
	foreign := filepath.Join(w.dir, "notes.txt")
	for _, path := range []string{part, foreign} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	keep := func(id string) bool { return id == idFor("kept") }
	w.at = start.Add(Grace - time.Minute)
	w.put(t, idFor("young"), []byte("young"))
	if done, err := w.Sweep(t.Context(), keep, w.at); err != nil || done != (Swept{}) {
		t.Errorf("%+v, %v", done, err)
	}
	w.at = start.Add(Grace + time.Minute)
	old := time.Now().Add(-2 * unfinished)
	if err := os.Chtimes(part, old, old); err != nil {
		t.Fatal(err)
	}
	done, err := w.Sweep(t.Context(), keep, w.at)
	if err != nil || done.Items != 1 || done.Parts != 1 || done.Bytes == 0 {
		t.Errorf("%+v, %v", done, err)
	}
	w.gives(t, idFor("done"), ErrAbsent)
	// One that is put again while it is looked for is wanted.
	w.at = w.at.Add(2 * Grace)
	if done, err = w.Sweep(t.Context(), func(id string) bool {
		if id == idFor("young") {
			w.put(t, id, []byte("young"))
		}
		return id == idFor("kept")
	}, w.at); err != nil || done != (Swept{}) {
		t.Errorf("%+v, %v", done, err)
	}
	for _, id := range []string{"kept", "young"} {
		if got, err := w.Get(t.Context(), idFor(id)); err != nil || string(got) != id {
			t.Errorf("%s: %q, %v", id, got, err)
		}
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Error("what is no item was swept")
	}
}

func TestFull(t *testing.T) {
	w := newWorld(t)
	w.room.total = 10_000
	data := make([]byte, 3_000)
	var err error
	n := 0
	for ; err == nil && n < 10; n++ {
		err = w.Put(t.Context(), idFor(fmt.Sprint(n)), data)
	}
	if !errors.Is(err, ErrFull) || n != 4 || !strings.Contains(err.Error(), "of at most 10000 bytes") {
		t.Fatalf("after %d: %v", n, err)
	}
	if err := w.Drop(t.Context(), idFor("0")); err != nil {
		t.Fatal(err)
	}
	w.put(t, idFor("x"), data) // room is seen at once
	w.room.disk = func(string) (int64, bool) { return MinFree + 100, true }
	if err := w.Drop(t.Context(), idFor("x")); err != nil {
		t.Fatal(err)
	}
	if err := w.Put(t.Context(), idFor("y"), data); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "the disk") {
		t.Error(err)
	}
	if err := w.Keep(t.Context(), idFor("y"), data); err != nil {
		t.Errorf("what can't wait: %v", err)
	}
	if left, ok := free(w.dir); !ok || left <= 0 {
		t.Errorf("%d bytes free, %t", left, ok)
	}
}

func TestAtOnce(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	for i := range 8 {
		s := w.open(t, w.dir)
		wg.Go(func() {
			for n := range 30 {
				id := idFor(fmt.Sprint(n % 5))
				data := bytes.Repeat([]byte{byte(n % 5)}, 10_000)
				switch i % 4 {
				case 0, 1:
					if err := s.Put(t.Context(), id, data); err != nil {
						t.Error(err)
					}
				case 2:
					got, err := s.Get(t.Context(), id)
					if err == nil && !bytes.Equal(got, data) || err != nil && !errors.Is(err, ErrAbsent) && !errors.Is(err, ErrErased) {
						t.Errorf("%d bytes, %v", len(got), err)
					}
				case 3:
					if err := s.Drop(t.Context(), id); err != nil {
						t.Error(err)
					}
					if _, err := s.Sweep(t.Context(), func(string) bool { return false }, start.Add(2*Grace)); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
}

func FuzzNames(f *testing.F) {
	f.Add("0123456789abcdef")
	f.Add("../../x")
	f.Add("0123456789abcdef/../../..")
	s := &Spool{dir: "/data/spool"}
	f.Fuzz(func(t *testing.T, id string) {
		path, err := s.path(id)
		if err != nil {
			return
		}
		if want := "/data/spool/" + id[:2] + "/" + id + suffix; path != want || idOf(filepath.Base(path)) != id || strings.ContainsAny(id, "/.\\") {
			t.Errorf("%q lies at %q", id, path)
		}
	})
}
