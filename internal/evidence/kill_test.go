package evidence

import (
	"bufio"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"
)

// oneKey seals every month to one key.
type oneKey struct{ to age.Recipient }

func (o oneKey) Recipient(string) (age.Recipient, error) { return o.to, nil }

// TestWriterProcess is the process that TestKilledWriter kills: it writes
// captures without end and prints the refs of each good Sync.
func TestWriterProcess(t *testing.T) {
	dir, key := os.Getenv("EVIDENCE_TEST_DIR"), os.Getenv("EVIDENCE_TEST_KEY")
	if dir == "" {
		return // not in that process
	}
	to, err := age.ParseX25519Recipient(key)
	if err != nil {
		t.Fatal(err)
	}
	d, err := OpenDir(dir, oneKey{to}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	d.limit = 200_000 // new files fall into the time too
	w := testWriter(t, d, "writer")
	out := json.NewEncoder(os.Stdout)
	for n := 0; ; n++ {
		ref := appendOne(t, w, chatCapture(t, 1+n%2, testTime.Add(time.Duration(n)*time.Second)))
		if n%3 == 0 {
			if err := w.Sync(context.Background()); err != nil {
				t.Fatal(err)
			}
			if err := out.Encode(ref); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Killed at random instants, restarted on the same folder: after Recover all
// that was committed opens, and nothing else is there.
func TestKilledWriter(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "evidence")
	rnd := rand.New(rand.NewPCG(1, 2))
	committed := map[string]int64{}
	d, err := OpenDir(dir, oneKey{id.Recipient()}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestWriterProcess$")
		cmd.Env = append(os.Environ(), "EVIDENCE_TEST_DIR="+dir, "EVIDENCE_TEST_KEY="+id.Recipient().String())
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(time.Duration(100+rnd.IntN(400))*time.Millisecond, func() { cmd.Process.Kill() })
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			var ref Ref
			if json.Unmarshal(lines.Bytes(), &ref) == nil { // the last line may be torn: not committed
				committed[ref.File] = max(committed[ref.File], ref.End())
			}
		}
		cmd.Wait()
		kill.Stop()
		got, err := d.Recover(context.Background(), func(file string) int64 { return committed[file] }, func(string) bool { return false })
		if err != nil || len(got.Damaged) > 0 {
			t.Fatalf("%+v %v", got, err)
		}
	}
	ends := map[string]int64{}
	captures := 0
	if err := d.Walk(context.Background(), func(r Ref) error { captures++; ends[r.File] = r.End(); return nil }); err != nil {
		t.Fatal(err)
	}
	for file, end := range committed {
		if ends[file] != end {
			t.Errorf("%s is listed up to %d, committed up to %d", file, ends[file], end)
		}
	}
	if len(ends) != len(committed) || captures == 0 {
		t.Errorf("%d files, %d committed; %d captures", len(ends), len(committed), captures)
	}
	if r, err := VerifyStore(context.Background(), d, []age.Identity{id}); err != nil || !r.OK || len(r.Unchecked) > 0 {
		t.Errorf("%+v %v", r, err)
	}
}
