package evidence_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"

	"resumewatch/internal/evidence"
	"resumewatch/internal/evidence/evidencetest"
	"resumewatch/internal/privacy"
)

var _ evidence.Sealer = (*privacy.Keyring)(nil)

// A worker that holds public halves alone writes; who has the team's identity
// opens, over many months.
func TestSealedByKeyring(t *testing.T) {
	team, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	keys, err := privacy.OpenKeyring(filepath.Join(dir, "keys"), []age.Recipient{team.Recipient()})
	if err != nil {
		t.Fatal(err)
	}
	store, err := evidence.OpenDir(filepath.Join(dir, "evidence"), keys, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	w, err := store.Writer(ctx, "w")
	if err != nil {
		t.Fatal(err)
	}
	var refs []evidence.Ref
	for n := range 14 {
		ref, err := w.Append(ctx, evidencetest.Chat(t, n, time.Date(2026, time.Month(1+n), 15, 0, 0, 0, 0, time.UTC)))
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	without, err := keys.Identities(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := evidence.Open(ctx, store, refs[0], without); !errors.Is(err, evidence.ErrNoIdentity) {
		t.Errorf("opened by the folder alone: %v", err)
	}
	file := filepath.Join(dir, "team.txt")
	if err := os.WriteFile(file, []byte(team.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ids, err := keys.Identities(ctx, file)
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range refs {
		r, err := evidence.Open(ctx, store, ref, ids)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Error(err)
		}
		r.Close()
	}
	if r, err := evidence.VerifyStore(ctx, store, ids); err != nil || !r.OK || len(r.Unchecked) > 0 {
		t.Errorf("%+v %v", r, err)
	}
}
