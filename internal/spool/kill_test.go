package spool

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/privacy"
)

func killed(n int) []byte { return bytes.Repeat([]byte(strconv.Itoa(n)+" "), 50_000) }

// TestPutProcess is the process that TestKill kills: it puts and says what is put.
func TestPutProcess(t *testing.T) {
	dir := os.Getenv("SPOOL_TEST_DIR")
	if dir == "" {
		return // not started by that test
	}
	keys, err := privacy.OpenKeyring(filepath.Join(dir, "keys"), nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(filepath.Join(dir, "spool"), keys, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		if err := s.Put(t.Context(), idFor(fmt.Sprint(n)), killed(n)); err != nil {
			t.Fatal(err)
		}
		fmt.Printf("put %d\n", n)
	}
}

// After a kill at any instant what was put is whole, what was not is absent, and
// what was half written goes.
func TestKill(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	for round := range 6 {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run=^TestPutProcess$")
		cmd.Env = append(os.Environ(), "SPOOL_TEST_DIR="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		last := -1
		lines := bufio.NewScanner(out)
		var kill *time.Timer
		for lines.Scan() {
			text, ok := strings.CutPrefix(lines.Text(), "put ")
			if n, err := strconv.Atoi(text); ok && err == nil {
				last = n
			}
			if kill == nil {
				kill = time.AfterFunc(time.Duration(rnd.IntN(60_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
			}
		}
		if err := cmd.Wait(); err == nil || last < 0 {
			t.Fatalf("round %d: %v, last %d", round, err, last)
		}
		keys, err := privacy.OpenKeyring(filepath.Join(dir, "keys"), nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(filepath.Join(dir, "spool"), keys, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		for n := range last + 3 {
			got, err := s.Get(t.Context(), idFor(fmt.Sprint(n)))
			switch {
			case n <= last && (err != nil || !bytes.Equal(got, killed(n))):
				t.Errorf("item %d of %d: %d bytes, %v", n, last, len(got), err)
			case n > last && err != nil && !errors.Is(err, ErrAbsent):
				t.Errorf("item %d, which was being put: %v", n, err)
			}
		}
	}
}
