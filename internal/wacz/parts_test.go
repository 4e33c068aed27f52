//go:build parts

package wacz

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The reference checker takes what is written here, and its index is what the
// reference indexer makes of the archive.
func TestReferenceToolAgrees(t *testing.T) {
	command := os.Getenv("RESUMEWATCH_WACZ")
	if command == "" {
		t.Fatal("RESUMEWATCH_WACZ must name the command that deploy/testparts/wacz/start prints")
	}
	dir := t.TempDir()
	validate := func(b []byte) (bool, string) {
		t.Helper()
		path := filepath.Join(dir, "x.wacz")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(command, "validate", "-f", path).CombinedOutput()
		if _, ran := err.(*exec.ExitError); err != nil && !ran {
			t.Fatal(err)
		}
		return err == nil, string(out)
	}
	o := options(t)
	o.MaxArchive = 2000
	samples := []sample{chat(t, 1), board(t, 1), chat(t, 2), board(t, 2), board(t, 3), again(t, 1)}
	good, _ := pack(t, o, samples...)
	if ok, said := validate(good); !ok {
		t.Errorf("refused:\n%s", said)
	}
	// All of the tampered copies we refuse; these it must refuse too.
	copies := tampered(t)
	for _, name := range []string{
		"resources: flipped payload byte", "warc: truncated member", "warc: appended byte in archive",
		"datapackage digest: edited datapackage", "resources: swapped records", "datapackage: a file added",
	} {
		b, there := copies[name]
		if ok, said := validate(b); ok || !there {
			t.Errorf("%s passes:\n%s", name, said)
		}
	}

	indexer := filepath.Join(filepath.Dir(command), "cdxj-indexer")
	for n := 1; n < 4; n++ {
		name := strings.Replace(archive1, "1", string(rune('0'+n)), 1)
		path := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(path, []byte(read(t, good, name)), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(indexer, "--records", "response,resource,revisit", "-d", "-s", path).Output()
		if err != nil {
			t.Fatal(err)
		}
		ours := string(gunzip(t, []byte(read(t, good, nameIndex))))
		for theirs := range strings.Lines(string(out)) {
			key, stamp, e, err := parseLine(theirs)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(strings.Split(ours, "\n"), func(l string) bool {
				k, s, have, err := parseLine(l)
				have.RecordDigest = "" // the reference indexer leaves it out by itself
				return err == nil && k == key && s == stamp && have == e
			}) {
				t.Errorf("%s: the reference has\n%s\nours are\n%s", name, theirs, ours)
			}
		}
	}
}
