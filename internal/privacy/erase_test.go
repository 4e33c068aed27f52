package privacy

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
)

func TestEraseKey(t *testing.T) {
	wrapTo, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for name, sealTo := range map[string][]age.Recipient{"plain": nil, "wrapped": {wrapTo.Recipient()}} {
		dir := t.TempDir()
		k, err := OpenKeyring(dir, sealTo)
		if err != nil {
			t.Fatal(err)
		}
		for _, month := range []string{"2026-03", "2026-04"} {
			if _, err := k.Recipient(month); err != nil {
				t.Fatal(err)
			}
		}
		aside := filepath.Join(dir, "2026-03.1.age") // set aside when its .pub was lost
		if err := os.WriteFile(aside, []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := k.Erase("2026-03"); err == nil {
			t.Errorf("%s: erased without a word", name)
		}
		e := Erasure{Month: "2026-03", At: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), By: "admin", Reason: "policy P-7"}
		if got, err := k.Doom(e); err != nil || got != e {
			t.Fatalf("%s: %+v %v", name, got, err)
		}
		later := e
		later.Reason = "another"
		if got, err := k.Doom(later); err != nil || got != e {
			t.Errorf("%s: the first words don't stand: %+v %v", name, got, err)
		}
		if _, err := k.Recipient("2026-03"); !errors.Is(err, ErrErased) {
			t.Errorf("%s: sealed to a doomed month: %v", name, err)
		}
		// What was linked elsewhere is overwritten before it is unlinked.
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Link(aside, link); err != nil {
			t.Fatal(err)
		}
		if all, unfinished, err := k.Erasures(); err != nil || len(all) != 1 || all[0] != e || len(unfinished) != 1 {
			t.Errorf("%s: before: %+v %v %v", name, all, unfinished, err)
		}
		for range 2 {
			if err := k.Erase("2026-03"); err != nil {
				t.Fatal(err)
			}
		}
		if b, err := os.ReadFile(link); err != nil || strings.Contains(string(b), "secret") {
			t.Errorf("%s: %q %v", name, b, err)
		}
		if all, unfinished, err := k.Erasures(); err != nil || len(all) != 1 || len(unfinished) != 0 {
			t.Errorf("%s: after: %+v %v %v", name, all, unfinished, err)
		}
		left, err := filepath.Glob(filepath.Join(dir, "2026-03.*"))
		if err != nil || len(left) != 1 || filepath.Base(left[0]) != "2026-03.erased" {
			t.Errorf("%s: %v %v", name, left, err)
		}
		if _, err := k.Recipient("2026-03"); !errors.Is(err, ErrErased) {
			t.Errorf("%s: a new key for an erased month: %v", name, err)
		}
		ids, err := k.Identities(context.Background())
		if err != nil || name == "plain" && len(ids) != 1 {
			t.Errorf("%s: %d identities, %v", name, len(ids), err)
		}
		if _, err := k.Recipient("2026-04"); err != nil {
			t.Errorf("%s: another month suffers: %v", name, err)
		}
		if _, err := k.Doom(Erasure{Month: "2025-01", Reason: "x"}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a month without a key: %v", name, err)
		}
		if _, err := k.Doom(Erasure{Month: "../x", Reason: "x"}); err == nil {
			t.Errorf("%s: a month that is a path", name)
		}
	}
}
