// Package evidencetest is the conformance suite of evidence.Store: what its
// comments promise, for every engine alike.
package evidencetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/evidence"
)

// Open opens the store under test again: on the same place, with the given
// sealer. Each call of New gives a place of its own.
type Open func(t *testing.T, seal evidence.Sealer) evidence.Store

// Run runs the suite. newPlace makes an empty place and returns how to open it.
func Run(t *testing.T, newPlace func(t *testing.T) Open) {
	for _, tt := range []struct {
		name string
		run  func(t *testing.T, open Open)
	}{
		{"what is written is read", roundTrip},
		{"sealed to the month alone", sealedToMonth},
		{"sealed anew", reseal},
		{"writers share no file", writersApart},
		{"walk in order", walkOrder},
		{"an invalid capture leaves nothing", invalidCapture},
		{"a seal that fails leaves nothing", failingSeal},
		{"closed writers refuse", closedWriter},
		{"bad refs", badRefs},
		{"owners", owners},
		{"recover nothing known", recoverUnknown},
		{"recover cuts to what is known", recoverCuts},
		{"recover leaves live writers alone", recoverLive},
		{"recover leaves newcomers alone", recoverNewcomer},
		{"recover tells of losses", recoverDamaged},
		{"recover beside writers", recoverBeside},
		{"cancelled contexts", cancelled},
		{"remove", remove},
		{"verify", verifyStore},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, newPlace(t)) })
	}
}

// Keys is a Sealer with keys in memory.
type Keys struct {
	mu   sync.Mutex
	keys map[string]*age.X25519Identity
	fail error
}

// Recipient implements evidence.Sealer.
func (k *Keys) Recipient(month string) (age.Recipient, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fail != nil {
		return nil, k.fail
	}
	if k.keys == nil {
		k.keys = map[string]*age.X25519Identity{}
	}
	if k.keys[month] == nil {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			return nil, err
		}
		k.keys[month] = id
	}
	return k.keys[month].Recipient(), nil
}

// Identities are those of the months, all of them if none is named.
func (k *Keys) Identities(months ...string) []age.Identity {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []age.Identity
	for month, id := range k.keys {
		if len(months) == 0 || strings.Contains(strings.Join(months, " "), month) {
			out = append(out, id)
		}
	}
	return out
}

var march = time.Date(2026, 3, 31, 23, 59, 59, 0, time.UTC)

// Chat is a small capture; n makes it another one.
func Chat(t testing.TB, n int, at time.Time) evidence.Capture {
	t.Helper()
	text := fmt.Sprintf("2026-03-14 9:26:53 seller(1000012345)\n%d %s\n", n, strings.Repeat("x", n%1000))
	c, err := evidence.ChatCapture(evidence.Info{Software: "resumewatch/test"}, "urn:qq:group:1000012345", at, []evidence.Chunk{{
		File: "a.txt", FileSHA256: strings.Repeat("ab", 32), Start: int64(n), End: int64(n + len(text)), Data: []byte(text), Reader: "qq-txt/1",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func writer(t *testing.T, s evidence.Store, owner string) evidence.Writer {
	t.Helper()
	w, err := s.Writer(context.Background(), owner)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func add(t *testing.T, w evidence.Writer, c evidence.Capture) evidence.Ref {
	t.Helper()
	ref, err := w.Append(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func closeAll(t *testing.T, ws ...evidence.Writer) {
	t.Helper()
	for _, w := range ws {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func plain(t *testing.T, s evidence.Store, ref evidence.Ref, ids []age.Identity) []byte {
	t.Helper()
	r, err := evidence.Open(context.Background(), s, ref, ids)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func walk(t *testing.T, s evidence.Store) []evidence.Ref {
	t.Helper()
	var refs []evidence.Ref
	if err := s.Walk(context.Background(), func(r evidence.Ref) error { refs = append(refs, r); return nil }); err != nil {
		t.Fatal(err)
	}
	return refs
}

func roundTrip(t *testing.T, open Open) {
	keys := &Keys{}
	w := writer(t, open(t, keys), "w1")
	var refs []evidence.Ref
	for n := range 20 {
		refs = append(refs, add(t, w, Chat(t, n*77, march)))
	}
	if err := w.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
	closeAll(t, w)
	s := open(t, keys)
	for n, ref := range refs {
		var want bytes.Buffer
		if err := evidence.WriteWARC(&want, Chat(t, n*77, march)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(plain(t, s, ref, keys.Identities()), want.Bytes()) {
			t.Errorf("capture %d came back otherwise", n)
		}
		sealed, err := s.Read(context.Background(), ref)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(sealed)
		if err != nil || int64(len(b)) != ref.Length || bytes.Contains(b, []byte("seller")) {
			t.Errorf("capture %d: %d sealed bytes of %d, %v", n, len(b), ref.Length, err)
		}
		sealed.Close()
	}
	if diff := cmp.Diff(refs, walk(t, s)); diff != "" {
		t.Error(diff)
	}
}

func sealedToMonth(t *testing.T, open Open) {
	keys := &Keys{}
	s := open(t, keys)
	w := writer(t, s, "w1")
	inMarch := add(t, w, Chat(t, 1, march))
	inApril := add(t, w, Chat(t, 2, march.Add(2*time.Second)))
	closeAll(t, w)
	if inMarch.File == inApril.File || !strings.HasPrefix(inMarch.File, "2026/03/") || !strings.HasPrefix(inApril.File, "2026/04/") {
		t.Errorf("files %s and %s", inMarch.File, inApril.File)
	}
	if _, err := evidence.Open(context.Background(), s, inApril, keys.Identities("2026-03")); !errors.Is(err, evidence.ErrNoIdentity) {
		t.Errorf("April opened with the key of March: %v", err)
	}
	plain(t, s, inMarch, keys.Identities("2026-03"))
}

func writersApart(t *testing.T, open Open) {
	keys := &Keys{}
	const writers, captures = 4, 8
	var wg sync.WaitGroup
	files := make([]map[string]bool, writers)
	for i := range writers {
		s := open(t, keys)
		wg.Go(func() {
			files[i] = map[string]bool{}
			w, err := s.Writer(context.Background(), "same-owner")
			if err != nil {
				t.Error(err)
				return
			}
			defer w.Close()
			for n := range captures {
				ref, err := w.Append(context.Background(), Chat(t, i*100+n, march))
				if err != nil {
					t.Error(err)
					return
				}
				files[i][ref.File] = true
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, of := range files {
		for f := range of {
			if seen[f] {
				t.Errorf("two writers wrote %s", f)
			}
			seen[f] = true
		}
	}
	if got := len(walk(t, open(t, keys))); got != writers*captures {
		t.Errorf("%d captures are listed, %d were written", got, writers*captures)
	}
}

func walkOrder(t *testing.T, open Open) {
	s := open(t, &Keys{})
	a, b := writer(t, s, "b"), writer(t, s, "a")
	for n := range 6 {
		add(t, a, Chat(t, n, march))
		add(t, b, Chat(t, n, march.AddDate(0, -1, 0)))
	}
	closeAll(t, a, b)
	refs := walk(t, s)
	for i := 1; i < len(refs); i++ {
		if refs[i].File < refs[i-1].File || refs[i].File == refs[i-1].File && refs[i].Offset != refs[i-1].End() {
			t.Errorf("%s %d follows %s %d", refs[i].File, refs[i].Offset, refs[i-1].File, refs[i-1].Offset)
		}
	}
	stop := errors.New("enough")
	calls := 0
	if err := s.Walk(context.Background(), func(evidence.Ref) error { calls++; return stop }); !errors.Is(err, stop) || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func invalidCapture(t *testing.T, open Open) {
	s := open(t, &Keys{})
	w := writer(t, s, "w")
	bad := Chat(t, 1, march)
	bad.Records = bad.Records[:1]
	for range 2 {
		if _, err := w.Append(context.Background(), bad); !errors.Is(err, evidence.ErrCapture) {
			t.Fatalf("got %v", err)
		}
	}
	if refs := walk(t, s); len(refs) != 0 {
		t.Errorf("%v", refs)
	}
	first := add(t, w, Chat(t, 1, march))
	if _, err := w.Append(context.Background(), bad); err == nil {
		t.Fatal("no error")
	}
	if second := add(t, w, Chat(t, 2, march)); second.Offset != first.End() || second.File != first.File {
		t.Errorf("%+v behind %+v", second, first)
	}
}

func failingSeal(t *testing.T, open Open) {
	keys := &Keys{}
	s := open(t, keys)
	w := writer(t, s, "w")
	keys.fail = errors.New("no key today")
	if _, err := w.Append(context.Background(), Chat(t, 1, march)); !errors.Is(err, keys.fail) {
		t.Fatalf("got %v", err)
	}
	keys.fail = nil
	ref := add(t, w, Chat(t, 1, march))
	closeAll(t, w)
	plain(t, s, ref, keys.Identities())
}

func closedWriter(t *testing.T, open Open) {
	w := writer(t, open(t, &Keys{}), "w")
	add(t, w, Chat(t, 1, march))
	closeAll(t, w, w)
	if _, err := w.Append(context.Background(), Chat(t, 2, march)); !errors.Is(err, evidence.ErrClosed) {
		t.Errorf("append: %v", err)
	}
	if err := w.Sync(context.Background()); !errors.Is(err, evidence.ErrClosed) {
		t.Errorf("sync: %v", err)
	}
}

func badRefs(t *testing.T, open Open) {
	keys := &Keys{}
	s := open(t, keys)
	w := writer(t, s, "w")
	ref := add(t, w, Chat(t, 1, march))
	closeAll(t, w)
	read := func(change func(*evidence.Ref)) error {
		r := ref
		change(&r)
		rc, err := s.Read(context.Background(), r)
		if err == nil {
			rc.Close()
		}
		return err
	}
	if err := read(func(r *evidence.Ref) { r.File = strings.Replace(r.File, "-w-", "-x-", 1) }); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent file: %v", err)
	}
	if err := read(func(r *evidence.Ref) { r.Offset++ }); !errors.Is(err, evidence.ErrDamaged) {
		t.Errorf("behind the end: %v", err)
	}
	for _, name := range []string{"", "/etc/passwd", "../../etc/passwd", "2026/03/../../../x.warc.gz.age", ref.File + "/", strings.ToUpper(ref.File)} {
		if err := read(func(r *evidence.Ref) { r.File = name }); err == nil {
			t.Errorf("%q was read", name)
		}
	}
	for _, r := range []evidence.Ref{{Offset: -1, Length: 5}, {Length: -1}, {Offset: 1<<63 - 1, Length: 5}, {}} {
		if err := read(func(x *evidence.Ref) { x.Offset, x.Length = r.Offset, r.Length }); err == nil {
			t.Errorf("offset %d, length %d was read", r.Offset, r.Length)
		}
	}
	wrong := ref
	wrong.Digest = strings.Repeat("0", 64)
	r, err := evidence.Open(context.Background(), s, wrong, keys.Identities())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadAll(r); !errors.Is(err, evidence.ErrDamaged) {
		t.Errorf("another plain digest: %v", err)
	}
}

func owners(t *testing.T, open Open) {
	s := open(t, &Keys{})
	for _, bad := range []string{"", "a/b", "..\\x", "a b", strings.Repeat("a", 65), "主机"} {
		if _, err := s.Writer(context.Background(), bad); err == nil {
			t.Errorf("owner %q was taken", bad)
		}
	}
	for _, good := range []string{"w-1.example.com_77", "-", "..", strings.Repeat("a", 64)} {
		ref := add(t, writer(t, s, good), Chat(t, 1, march))
		if got := evidence.OwnerOf(ref.File); got != good {
			t.Errorf("owner %q reads as %q", good, got)
		}
	}
}
