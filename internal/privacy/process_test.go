package privacy

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
)

// TestKeysProcess is one of the processes of TestFirstStartOfProcesses.
func TestKeysProcess(t *testing.T) {
	dir := os.Getenv("KEYRING_TEST_DIR")
	if dir == "" {
		return // not started by that test
	}
	var sealTo []age.Recipient
	if text := os.Getenv("KEYRING_TEST_SEAL_TO"); text != "" {
		var err error
		if sealTo, err = ParseRecipients([]string{text}); err != nil {
			t.Fatal(err)
		}
	}
	k := openRing(t, dir, sealTo...)
	if os.Getenv("KEYRING_TEST_LOCK") == "lies" { // as on some network file systems
		k.lock = func() (func() error, error) { return func() error { return nil }, nil }
	}
	start, err := time.Parse(time.RFC3339Nano, os.Getenv("KEYRING_TEST_START"))
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(start)) // all at once
	r := recipient(t, k, "2026-03")
	s, err := k.Secret("fingerprint")
	if err != nil {
		t.Fatal(err)
	}
	id, err := k.RuntimeKey("spool", time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("KEYS %s %x %s\n", r, s, id)
}

// Processes that start on an empty folder at once agree on all keys, and what is
// sealed to the month's can be opened, even where locks don't hold.
func TestFirstStartOfProcesses(t *testing.T) {
	team := newIdentity(t)
	for _, lock := range []string{"holds", "lies"} {
		for _, sealTo := range []string{"", team.Recipient().String()} {
			for range 3 {
				firstStart(t, lock, sealTo, team)
			}
		}
	}
}

func firstStart(t *testing.T, lock, sealTo string, team *age.X25519Identity) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	const n = 6
	cmds, outs := make([]*exec.Cmd, n), make([]bytes.Buffer, n)
	start := time.Now().Add(150 * time.Millisecond).Format(time.RFC3339Nano)
	for i := range cmds {
		cmds[i] = exec.Command(os.Args[0], "-test.run=^TestKeysProcess$")
		cmds[i].Env = append(os.Environ(), "KEYRING_TEST_DIR="+dir, "KEYRING_TEST_SEAL_TO="+sealTo, "KEYRING_TEST_LOCK="+lock, "KEYRING_TEST_START="+start)
		cmds[i].Stdout, cmds[i].Stderr = &outs[i], &outs[i]
		if err := cmds[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	said := map[string]int{}
	for i, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			t.Fatalf("lock %s, sealed %t: %v\n%s", lock, sealTo != "", err, &outs[i])
		}
		for line := range strings.Lines(outs[i].String()) {
			if keys, ok := strings.CutPrefix(line, "KEYS "); ok {
				said[keys]++
			}
		}
	}
	if len(said) != 1 {
		t.Fatalf("lock %s, sealed %t: processes have different keys: %v", lock, sealTo != "", said)
	}
	k := openRing(t, dir)
	if !opens(seal(t, recipient(t, k, "2026-03")), identities(t, k, identityFile(t, team))) {
		t.Errorf("lock %s, sealed %t: the identity of the month is lost", lock, sealTo != "")
	}
}
