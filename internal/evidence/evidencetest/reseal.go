package evidencetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"resumewatch/internal/evidence"
)

// reseal seals what was written before to another key: the same bytes, beside the
// old ones, in a file of their own.
func reseal(t *testing.T, open Open) {
	ctx := context.Background()
	keys := &Keys{}
	s := open(t, keys)
	w := writer(t, s, "w")
	old := add(t, w, Chat(t, 1, march))
	durable(t, w)
	again := func() (io.ReadCloser, error) { return evidence.Open(ctx, s, old, keys.Identities("2026-03")) }
	c := evidence.Capture{Kind: old.Kind, URL: old.URL, At: old.At, Plain: again, Key: "hold-C-3"}
	ref := add(t, w, c)
	next := add(t, w, Chat(t, 2, march))
	durable(t, w)
	if ref.Digest != old.Digest || ref.SealedDigest == old.SealedDigest || ref.Kind != old.Kind || ref.URL != old.URL || !ref.At.Equal(old.At) {
		t.Errorf("%+v of %+v", ref, old)
	}
	if ref.File == old.File || next.File == ref.File {
		t.Errorf("one file for two keys: %s, %s, %s", old.File, ref.File, next.File)
	}
	if _, err := evidence.Open(ctx, s, ref, keys.Identities("2026-03")); !errors.Is(err, evidence.ErrNoIdentity) {
		t.Errorf("the key of its month opens it: %v", err)
	}
	if was, is := plain(t, s, old, keys.Identities("2026-03")), plain(t, s, ref, keys.Identities("hold-C-3")); !bytes.Equal(was, is) {
		t.Errorf("%d bytes became %d others", len(was), len(is))
	}
	// What can't be read whole is not written at all.
	bad := old
	bad.Digest = next.Digest
	c.Plain = func() (io.ReadCloser, error) { return evidence.Open(ctx, s, bad, keys.Identities("2026-03")) }
	if _, err := w.Append(ctx, c); !errors.Is(err, evidence.ErrDamaged) {
		t.Errorf("other bytes than those of its digest: %v", err)
	}
	c.Records = Chat(t, 3, march).Records
	if _, err := w.Append(ctx, c); !errors.Is(err, evidence.ErrCapture) {
		t.Errorf("records beside: %v", err)
	}
	closeAll(t, w)
	if n := len(walk(t, s)); n != 3 {
		t.Errorf("%d captures, want 3", n)
	}
	report, err := evidence.VerifyStore(ctx, s, keys.Identities("2026-03", "hold-C-3"))
	if err != nil || !report.OK {
		t.Errorf("%+v %v", report, err)
	}
}

func durable(t *testing.T, w evidence.Writer) {
	t.Helper()
	if err := w.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
}
