package app

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// What a killed process left of an export goes with the next one to that folder;
// what another is writing stays.
func TestParts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b]*", "c")
	target := filepath.Join(dir, "x.wacz")
	if os.Getenv("PART_TARGET") != "" {
		t.Fatal("the child came too far")
	}
	child := exec.Command(os.Args[0], "-test.run=^TestPartsChild$")
	child.Env = append(os.Environ(), "PART_TARGET="+target)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	left := func() int {
		t.Helper()
		entries, err := os.ReadDir(dir)
		must(t, err)
		for _, e := range entries {
			info, err := e.Info()
			must(t, err)
			same(t, "mode of "+e.Name(), os.FileMode(0o600), info.Mode())
		}
		return len(entries)
	}
	must(t, os.WriteFile(target, []byte("older"), 0o600))
	p, err := newPart(target)
	must(t, err)
	same(t, "files while another writes", 3, left())
	must(t, p.drop())
	must(t, child.Process.Kill())
	_ = child.Wait() // it was killed
	same(t, "files after a kill", 2, left())
	p, err = newPart(target)
	must(t, err)
	same(t, "files of the next", 2, left())
	_, err = p.WriteString("whole")
	must(t, err)
	must(t, p.keep())
	text, err := os.ReadFile(target)
	must(t, err)
	same(t, "text", "whole", string(text))
	same(t, "files in the end", 1, left())
}

func TestPartsChild(t *testing.T) {
	target := os.Getenv("PART_TARGET")
	if target == "" {
		return // it is TestParts' other half
	}
	p, err := newPart(target)
	must(t, err)
	_, err = p.WriteString("secret")
	must(t, err)
	os.Stdout.WriteString("begun\n")
	time.Sleep(time.Hour) // until it is killed
}
