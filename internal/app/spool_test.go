package app

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/spool"
)

// What waits in the spool is sealed, stays while somebody waits for it, and can't be
// opened by anybody a month later: the leader's chore erases its key.
func TestSweepSpool(t *testing.T) {
	o := testOptions(t)
	keys, err := keyring(o)
	must(t, err)
	now := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	at := now
	sp, err := openSpool(o, keys, func() time.Time { return at })
	must(t, err)
	const open, gone, text = "ab0123456789abcdef", "cd0123456789abcdef", "今天吃什么 13800138000"
	for _, id := range []string{open, gone} {
		must(t, sp.Put(t.Context(), id, []byte(text)))
		sealed, err := os.ReadFile(filepath.Join(o.path("spool"), id[:2], id+".age"))
		must(t, err)
		if !bytes.HasPrefix(sealed, []byte("age-encryption.org/v1")) || bytes.Contains(sealed, []byte("13800138000")) || bytes.Contains(sealed, []byte("今天")) {
			t.Errorf("what waits is not sealed: %q", sealed)
		}
	}
	changed(t, o, func(b *casebook.Book) {
		run, err := b.StartRun(t.Context(), "import", now)
		must(t, err)
		_, _, err = b.AddChunks(t.Context(), run, []casebook.Work{{ID: open, Source: "s", Payload: []byte(`{}`)}}, now)
		must(t, err)
		sweep := func(after time.Duration) {
			at = now.Add(after)
			must(t, sweepSpool(t.Context(), b, sp, at))
		}
		get := func(id string) error { _, err := sp.Get(t.Context(), id); return err }
		sweep(time.Hour)
		same(t, "an hour later", []error{nil, nil}, []error{get(open), get(gone)})
		sweep(48 * time.Hour)
		if get(open) != nil || !errors.Is(get(gone), spool.ErrAbsent) {
			t.Errorf("two days later: %v, %v", get(open), get(gone))
		}
		sweep(29 * 24 * time.Hour)
		same(t, "29 days later", nil, get(open))
		sweep(38 * 24 * time.Hour)
		if err := get(open); !errors.Is(err, spool.ErrErased) && !errors.Is(err, spool.ErrAbsent) {
			t.Errorf("38 days later: %v", err)
		}
	})
	left, err := filepath.Glob(o.path("keys/spool-2026-W10.txt"))
	must(t, err)
	same(t, "key of that week", 0, len(left))
}

// Interrupted anywhere, reading again goes on where it was.
func TestRereadInterrupted(t *testing.T) {
	path := history(t, filepath.Join(t.TempDir(), "chat.txt"), 1500)
	fresh := testOptions(t)
	imported(t, readBy(t, fresh, words{version: newWords}), path)
	want := dump(t, fresh)
	o := testOptions(t)
	imported(t, readBy(t, o, words{version: oldWords, taken: "聚餐", priceless: true}), path)
	must(t, os.Remove(path))
	n := int64(captured(t, o)[""])
	if n < 2*rereadLot {
		t.Fatalf("%d captures are too few to be interrupted", n)
	}
	now := readBy(t, o, words{version: newWords})
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Reread(ctx, now, RereadOptions{Names: []string{"qq-1000012345"}, Progress: func(casebook.Progress) { cancel() }})
	if err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
		t.Fatalf("interrupted: %v", err)
	}
	s := reread(t, now, "qq-1000012345")
	same(t, "captures", n, s.Visits["new"]+s.Visits["same"])
	if s.Visits["same"] == 0 || s.Visits["new"] == 0 {
		t.Errorf("visits %v", s.Visits)
	}
	same(t, "dump", want, dump(t, o))
	d, err := Reindex(t.Context(), o, true)
	must(t, err)
	same(t, "index", true, d.Empty())
}
