package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/bench/archivegen/gen"
)

// Whenever the sealing anew of what a hold keeps is killed, nothing that is held is
// lost, and asking again ends it.
func TestKilledWhileSealingAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := append(os.Environ(), "RESUMEWATCH_TEST=1")
	later := append(env, "RESUMEWATCH_CLOCK_OFFSET=1600h")
	do := func(env []string, code int, args ...string) string {
		t.Helper()
		p := command(t.Context(), dir, args...)
		p.Env = env
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		if got := p.code(); got != code {
			t.Fatalf("resumewatch %s: exit code %d, want %d\nstdout: %s\nstderr: %s", strings.Join(args, " "), got, code, tail(p.stdout.String()), tail(p.stderr.String()))
		}
		return p.stdout.String()
	}
	chat(t, filepath.Join(dir, "chat.txt"), gen.Options{Messages: 6000, Seed: 5, Listings: 0.05})
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte("a long enough password\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	do(env, 0, "user", "add", "li", "--role", "admin", "--password-file", "password")
	do(env, 0, "import", "--json", "--group-id", group, "chat.txt")
	month := time.Now().UTC().Format("2006-01")
	do(env, 0, "case", "new", "held")
	do(env, 0, "case", "add", "C-1", "source:qq-"+group)
	do(env, 0, "case", "hold", "C-1", "on")
	total := strings.Count(do(env, 0, "evidence", "list", "--json", "--limit", "0"), "\n")
	if total < 100 {
		t.Fatalf("only %d captures", total)
	}

	killed := 0
	for pause := 20 * time.Millisecond; ; pause += 15 * time.Millisecond {
		p := command(t.Context(), dir, "evidence", "erase-key", "--reseal-held", "--reason", "policy", month)
		p.Env = later
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan int, 1)
		go func() { ended <- p.code() }()
		code := -1
		select {
		case code = <-ended:
		case <-time.After(pause):
			if err := p.Process.Kill(); err != nil {
				t.Log(err) // it ended in this moment
			}
			code = <-ended
		}
		if code == 0 {
			break
		}
		if code != -1 {
			t.Fatalf("exit code %d: %s", code, p.stderr.String())
		}
		if killed++; killed > 200 {
			t.Fatal("it doesn't come to an end")
		}
	}
	t.Logf("killed %d times", killed)
	if killed < 3 {
		t.Errorf("killed %d times only", killed)
	}
	if exists(filepath.Join(dir, "data/keys", month+".txt")) {
		t.Error("the month's key is still there")
	}
	do(later, 0, "import", "--json", "--group-id", group, "chat.txt") // cuts what the killed ones left
	do(later, 0, "evidence", "verify")
	if lines := strings.Count(do(later, 0, "evidence", "list", "--json", "--limit", "0"), "\n"); lines != total {
		t.Errorf("%d captures, there were %d", lines, total)
	}
	files := map[string]bool{}
	for _, line := range strings.Split(do(later, 0, "evidence", "list", "--limit", "0"), "\n") {
		if f := strings.Fields(line); len(f) > 3 {
			file, _, _ := strings.Cut(f[3], ":")
			files[file] = true
		}
	}
	for file := range files {
		do(later, 0, "evidence", "open", "--to", "open", file)
	}
}
