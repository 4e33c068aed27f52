package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"resumewatch/bench/program"
)

// Five seeded kills of an import and of a crawl, at a hundredth of the size.
func TestSeededKills(t *testing.T) {
	dir := t.TempDir()
	binary, err := program.Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--kills", "5", "--size", "1MB", "--seed", "42", "--listings", "0.03", "--binary", binary}, &out); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	kills := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^(import|crawl) +(\d+) `).FindAllStringSubmatch(out.String(), -1) {
		n, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		kills[m[1]] += n
	}
	if kills[whatImport] != 5 || kills[whatCrawl] != 5 {
		t.Errorf("kills: %v\n%s", kills, out.String())
	}
}

// A program that forgets is found out: the torture can fail.
func TestLossesAreFound(t *testing.T) {
	// A stand-in that answers as resumewatch does; a start after a kill leaves
	// one line of the dump out and writes another one twice.
	script := t.TempDir() + "/forgetful"
	lines := ""
	for i := range 20 {
		lines += fmt.Sprintf(`{"kind":"post","id":"%02d"}\n`, i)
	}
	text := `#!/bin/sh
for a; do case $last in --data) data=$a;; esac; last=$a; done
case "$*" in
*dump*) if [ -e "$data/killed" ]; then printf '` + lines + `' | sed -e 3d -e 's/.*"07".*/&\n&/'; else printf '` + lines + `'; fi;;
*import*) mkdir -p "$data"; [ -e "$data/begun" ] && touch "$data/killed"; touch "$data/begun"; sleep 0.5;;
esac
`
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := run(t.Context(), []string{"--kills", "1", "--size", "10kB", "--only", "import", "--binary", script}, &out)
	if err == nil || !strings.Contains(err.Error(), "runs ended otherwise") {
		t.Errorf("error %v\n%s", err, out.String())
	}
	if !regexp.MustCompile(`import .*NO +1 +1 `).MatchString(out.String()) {
		t.Errorf("table:\n%s", out.String())
	}
}

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{{"--kills", "0"}, {"--only", "weather"}, {"--size", "huge"}, {"--scaled", "--only", "weather"}, {"--scaled", "--faults", "-1"}} {
		if err := run(context.Background(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}

// What lies open is found, also across the blocks of a file, and where words may
// stand they do no harm.
func TestBareWordsAreFound(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found := func() []string {
		t.Helper()
		faults, err := bare(dir, dir+"/none")
		if err != nil {
			t.Fatal(err)
		}
		return faults
	}
	write("casebook.db", "x"+listedWord)
	write("index.db-wal", listedWord)
	write("sealed.age", "nothing")
	if f := found(); len(f) > 0 {
		t.Errorf("%v", f)
	}
	write("casebook.db-wal", hiddenValue)
	write("run.json", listedWord)
	write("log", strings.Repeat("a", 1<<20-5)+saidWord)
	if f := found(); len(f) != 3 {
		t.Errorf("%v", f)
	}
}

// Marks stand between messages.
func TestMarks(t *testing.T) {
	a, err := newArchive(t.TempDir(), 100_000, 1, 0.02, true)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(a.path)
	if err != nil {
		t.Fatal(err)
	}
	said, listed := bytes.Count(text, []byte(saidWord)), bytes.Count(text, []byte(listedWord))
	if said < 4 || said != 2*listed || bytes.Count(text, []byte(hiddenValue)) != listed {
		t.Errorf("%d and %d", said, listed)
	}
}
