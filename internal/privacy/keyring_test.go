package privacy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
)

func openRing(t *testing.T, dir string, sealTo ...age.Recipient) *Keyring {
	t.Helper()
	k, err := OpenKeyring(dir, sealTo)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func recipient(t *testing.T, k *Keyring, month string) age.Recipient {
	t.Helper()
	r, err := k.Recipient(month)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newIdentity(t *testing.T) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func identityFile(t *testing.T, ids ...*age.X25519Identity) string {
	t.Helper()
	var b strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&b, "# a comment\n%s\n", id)
	}
	path := filepath.Join(t.TempDir(), "identity.txt")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func seal(t *testing.T, to age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "secret")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func opens(sealed []byte, ids []age.Identity) bool {
	if len(ids) == 0 {
		return false
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), ids...)
	if err != nil {
		return false
	}
	b, err := io.ReadAll(r)
	return err == nil && string(b) == "secret"
}

func identities(t *testing.T, k *Keyring, files ...string) []age.Identity {
	t.Helper()
	ids, err := k.Identities(context.Background(), files...)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestPlainKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "keys")
	k := openRing(t, dir)
	march, april := seal(t, recipient(t, k, "2026-03")), seal(t, recipient(t, k, "2026-04"))
	if !opens(march, identities(t, k)) || !opens(april, identities(t, openRing(t, dir))) {
		t.Error("the folder's identities don't open what was sealed")
	}
	for name, want := range map[string]os.FileMode{".": 0o700, "2026-03.txt": 0o600, "2026-03.pub": 0o644} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	// The erasure of a month: what it sealed stays shut, what comes gets a new key.
	for _, name := range []string{"2026-03.txt", "2026-03.pub"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if opens(march, identities(t, k)) || !opens(april, identities(t, k)) {
		t.Error("an erased month opens, or another doesn't")
	}
	if again := seal(t, recipient(t, k, "2026-03")); !opens(again, identities(t, k)) || opens(march, identities(t, k)) {
		t.Error("the ring sealed to the erased key")
	}
	for _, month := range []string{"", "2026-13", "2026-00", "26-03", "2026-03.txt", "../2026-03", "2026-3", "2026-03\n"} {
		if _, err := k.Recipient(month); err == nil {
			t.Errorf("month %q was taken", month)
		}
	}
}

func TestWrappedKeys(t *testing.T) {
	dir := t.TempDir()
	team, escrow, stranger := newIdentity(t), newIdentity(t), newIdentity(t)
	k := openRing(t, dir, team.Recipient(), escrow.Recipient())
	sealed := seal(t, recipient(t, k, "2026-03"))
	if _, err := os.Stat(filepath.Join(dir, "2026-03.txt")); !os.IsNotExist(err) {
		t.Errorf("a plain identity lies about: %v", err)
	}
	if opens(sealed, []age.Identity{team}) {
		t.Error("the capture is sealed to more than its month's key")
	}
	if ids := identities(t, k); opens(sealed, ids) {
		t.Error("opened without any identity")
	}
	if opens(sealed, identities(t, k, identityFile(t, stranger))) {
		t.Error("a stranger's identity opens it")
	}
	for name, file := range map[string]string{"team": identityFile(t, team), "escrow": identityFile(t, escrow), "second in file": identityFile(t, stranger, team)} {
		if !opens(sealed, identities(t, k, file)) {
			t.Errorf("%s can't open it", name)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil || bytes.Contains(b, []byte("AGE-SECRET-KEY-")) {
			t.Errorf("%s holds a secret key: %v", f, err)
		}
	}
}

// A month's plain identity, handed out as a file, opens that month elsewhere.
func TestMonthIdentityAsFile(t *testing.T) {
	dir := t.TempDir()
	sealed := seal(t, recipient(t, openRing(t, dir), "2026-03"))
	if !opens(sealed, identities(t, openRing(t, t.TempDir()), filepath.Join(dir, "2026-03.txt"))) {
		t.Error("it doesn't")
	}
}

func TestIdentityFilesThatFail(t *testing.T) {
	dir := t.TempDir()
	k := openRing(t, dir)
	sealed := seal(t, recipient(t, k, "2026-03"))
	for name, content := range map[string]string{"empty": "", "public": newIdentity(t).Recipient().String(), "huge": strings.Repeat("#", maxKeyFile+1)} {
		path := filepath.Join(t.TempDir(), "id")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Identities(context.Background(), path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := k.Identities(context.Background(), filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	// One broken file of the folder doesn't shut the other months.
	if err := os.WriteFile(filepath.Join(dir, "2026-01.txt"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	ids, err := k.Identities(context.Background())
	if err == nil || !strings.Contains(err.Error(), "2026-01.txt") || !opens(sealed, ids) {
		t.Errorf("%d identities, %v", len(ids), err)
	}
}

// What a kill between the two files leaves is mended, and no identity is lost.
func TestIdentityWithoutPub(t *testing.T) {
	t.Run("plain", func(t *testing.T) {
		k := openRing(t, t.TempDir())
		sealed := seal(t, recipient(t, k, "2026-03"))
		if err := os.Remove(filepath.Join(k.dir, "2026-03.pub")); err != nil {
			t.Fatal(err)
		}
		again := seal(t, recipient(t, k, "2026-03"))
		if ids := identities(t, k); len(ids) != 1 || !opens(sealed, ids) || !opens(again, ids) {
			t.Errorf("%d identities", len(ids))
		}
	})
	t.Run("wrapped", func(t *testing.T) {
		team := newIdentity(t)
		k := openRing(t, t.TempDir(), team.Recipient())
		var sealed [][]byte
		for range 3 {
			sealed = append(sealed, seal(t, recipient(t, k, "2026-03")))
			if err := os.Remove(filepath.Join(k.dir, "2026-03.pub")); err != nil {
				t.Fatal(err)
			}
		}
		sealed = append(sealed, seal(t, recipient(t, k, "2026-03")))
		ids := identities(t, k, identityFile(t, team))
		for i, s := range sealed {
			if !opens(s, ids) {
				t.Errorf("pair %d is lost", i+1)
			}
		}
	})
	t.Run("an unfinished file", func(t *testing.T) {
		k := openRing(t, t.TempDir())
		left := filepath.Join(k.dir, newPrefix+"ABC")
		if err := os.WriteFile(left, []byte("half a key"), 0o600); err != nil {
			t.Fatal(err)
		}
		recipient(t, k, "2026-03")
		if _, err := os.Stat(left); err != nil {
			t.Errorf("a young one may have a writer: %v", err)
		}
		old := time.Now().Add(-2 * unfinished)
		if err := os.Chtimes(left, old, old); err != nil {
			t.Fatal(err)
		}
		recipient(t, k, "2026-04")
		if _, err := os.Stat(left); !os.IsNotExist(err) {
			t.Errorf("it is still there: %v", err)
		}
	})
}

func TestBrokenPub(t *testing.T) {
	k := openRing(t, t.TempDir())
	if err := os.WriteFile(filepath.Join(k.dir, "2026-03.pub"), []byte("age1nonsense\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Recipient("2026-03"); err == nil || !strings.Contains(err.Error(), "2026-03.pub") {
		t.Errorf("got %v", err)
	}
}

// Rings of many processes on one folder agree on one key and one secret.
func TestRace(t *testing.T) {
	for _, sealTo := range [][]age.Recipient{nil, {newIdentity(t).Recipient()}} {
		dir := t.TempDir()
		const n = 12
		keys, secrets := make([]string, n), make([]string, n)
		var wg sync.WaitGroup
		for i := range n {
			k := openRing(t, dir, sealTo...)
			wg.Go(func() {
				r, err := k.Recipient("2026-03")
				if err != nil {
					t.Error(err)
					return
				}
				keys[i] = fmt.Sprint(r)
				s, err := k.Secret("fingerprint")
				if err != nil {
					t.Error(err)
					return
				}
				secrets[i] = string(s)
			})
		}
		wg.Wait()
		for i := range n {
			if keys[i] != keys[0] || secrets[i] != secrets[0] || len(secrets[i]) != SecretSize {
				t.Fatalf("ring %d has another key or secret", i)
			}
		}
		left, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(left) != 4 { // the lock, two halves, the secret
			t.Errorf("%v %v", left, err)
		}
	}
}

func TestSecret(t *testing.T) {
	dir := t.TempDir()
	k := openRing(t, dir)
	a, err := k.Secret("fingerprint")
	if err != nil {
		t.Fatal(err)
	}
	b, err := k.Secret("blind-phone")
	if err != nil {
		t.Fatal(err)
	}
	again, err := openRing(t, dir).Secret("fingerprint")
	if err != nil || !bytes.Equal(a, again) || bytes.Equal(a, b) || len(a) != SecretSize {
		t.Errorf("%x %x %x %v", a, again, b, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "fingerprint.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	for _, bad := range []string{"", "A", "a/b", "../a", "2026-03", strings.Repeat("a", 65)} {
		if _, err := k.Secret(bad); err == nil {
			t.Errorf("secret %q was made", bad)
		}
	}
	// A cut key must never be replaced: what was fingerprinted would be lost.
	if err := os.WriteFile(filepath.Join(dir, "fingerprint.key"), []byte("0a0b"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Secret("fingerprint"); err == nil || !strings.Contains(err.Error(), "fingerprint") {
		t.Errorf("got %v", err)
	}
}

func TestParseRecipients(t *testing.T) {
	id := newIdentity(t)
	rs, err := ParseRecipients([]string{id.Recipient().String(), " " + newIdentity(t).Recipient().String() + "\n"})
	if err != nil || len(rs) != 2 {
		t.Errorf("%v %v", rs, err)
	}
	for _, bad := range []string{"", "age1xyz", id.String(), id.Recipient().String() + "\n" + id.Recipient().String(), "ssh-ed25519 AAAA"} {
		_, err := ParseRecipients([]string{id.Recipient().String(), bad})
		if err == nil || !strings.Contains(err.Error(), "recipient 2") || strings.Contains(err.Error(), id.String()[20:]) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
