package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"resumewatch/bench/archivegen/gen"
	"resumewatch/crawlers/forum/discuztest"
)

// begin starts the program without waiting for it; what still runs at the
// test's end is killed.
func begin(t *testing.T, dir string, args ...string) *program {
	t.Helper()
	p := command(context.WithoutCancel(t.Context()), dir, args...)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.ProcessState == nil {
			_ = p.Process.Kill() // it may have ended in this moment
			_ = p.Wait()
		}
	})
	return p
}

// eventually waits for something that another process does.
func eventually(t *testing.T, what string, ready func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ready(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited for nothing: %s", what)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// up starts everything on dir/data and waits until it works.
func up(t *testing.T, dir string, args ...string) *program {
	t.Helper()
	p := begin(t, dir, append([]string{"up", "--listen", "127.0.0.1:0"}, args...)...)
	data := "data"
	if len(args) > 0 && args[0] == "--demo" {
		data = "data/demo"
	}
	eventually(t, "run.json of up", func() bool { return exists(filepath.Join(dir, data, "run.json")) })
	return p
}

// interrupt presses Ctrl-C and wants the end within 5 s with exit code 130.
func interrupt(t *testing.T, p *program) {
	t.Helper()
	began := time.Now()
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := p.code(); code != exitInterrupted {
		t.Errorf("exit code %d after Ctrl-C: %s", code, tail(p.stderr.String()))
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("%s from Ctrl-C to the end", took)
	}
	if s := p.stderr.String(); strings.Contains(s, "panic") || strings.Contains(s, "goroutine ") || !strings.Contains(s, "resumewatch: stopped") {
		t.Errorf("stderr: %s", tail(s))
	}
}

func chat(t *testing.T, path string, o gen.Options) {
	t.Helper()
	if err := writeChat(path, o); err != nil {
		t.Fatal(err)
	}
}

func dump(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, _ := rw(t, dir, 0, append([]string{"dump", "--canonical"}, args...)...)
	if strings.Count(out, "\n") < 5 {
		t.Fatalf("next to nothing in the dump: %s", out)
	}
	return out
}

const group = "1000045678"

// import, crawl and a look beside a running up: they order their work there and
// end when it is done.
func TestBesideARunningUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	impatient(t, dir)
	_, address, host := board(t, discuztest.Style{})
	chat(t, filepath.Join(dir, "chat.txt"), gen.Options{Messages: 3000, Seed: 3, Listings: 0.02})
	running := up(t, dir, "--config", "conf.yaml")
	info, err := os.Stat(filepath.Join(dir, "data/run.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("run.json: %v %v", info.Mode(), err)
	}

	importing := begin(t, dir, "import", "--json", "--group-id", group, "chat.txt")
	s, _ := crawl(t, dir, 0, []string{host}, address)
	if s.Posts != 42 || s.Listings != 2 {
		t.Errorf("crawl: %+v", s)
	}
	if code := importing.code(); code != 0 {
		t.Fatalf("import: exit code %d: %s", code, importing.stderr.String())
	}
	if s := summaryOf(t, importing.stdout.String()); s.Posts != 3000 || s.Visits["new"] == 0 || s.Alerts == 0 {
		t.Errorf("import: %+v", s)
	}
	if hits := search(t, dir, "wechat:example_wx_77"); len(hits) != 1 {
		t.Errorf("search beside up: %d hits", len(hits))
	}
	rw(t, dir, 0, "alert", "list", "--json")
	rw(t, dir, 0, "evidence", "verify")
	rw(t, dir, 0, "source", "list")
	rw(t, dir, 0, "doctor")
	out, _ := rw(t, dir, 0, "import", "--json", "--group-id", group, "chat.txt")
	if s := summaryOf(t, out); s.Posts != 0 || s.Duplicates != 0 || s.Visits["same"] == 0 {
		t.Errorf("again: %+v", s)
	}
	for _, args := range [][]string{{"up"}, {"up", "--once"}, {"reindex"}} {
		_, errs := rw(t, dir, 1, args...)
		if strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "another process") {
			t.Errorf("%v: %q", args, errs)
		}
	}
	interrupt(t, running)
	if exists(filepath.Join(dir, "data/run.json")) {
		t.Error("run.json outlives its process")
	}
	rw(t, dir, 0, "reindex", "--check")
}

// up is killed while an import waits for it: the import takes over, and the
// world is the same as without up.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	chat(t, filepath.Join(dir, "chat.txt"), gen.Options{Size: 8_000_000, Seed: 4, Listings: 0.003})
	running := up(t, dir, "--json")
	importing := begin(t, dir, "import", "--json", "--group-id", group, "chat.txt")
	eventually(t, "evidence of a first chunk", func() bool { return exists(filepath.Join(dir, "data/evidence", time.Now().UTC().Format("2006"))) })
	if err := running.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if running.code() != -1 {
		t.Fatal("up was not killed")
	}
	if code := importing.code(); code != 0 {
		t.Fatalf("import: exit code %d: %s", code, importing.stderr.String())
	}
	if s := summaryOf(t, importing.stdout.String()); len(s.Problems) > 0 || s.Listings == 0 {
		t.Errorf("%+v", s)
	}
	rw(t, dir, 0, "import", "--data", "alone", "--group-id", group, "chat.txt")
	if a, b := dump(t, dir), dump(t, dir, "--data", "alone"); a != b {
		t.Errorf("taken over and alone differ: %s", firstDifference(a, b))
	}
	rw(t, dir, 0, "evidence", "verify")
	rw(t, dir, 0, "reindex", "--check")
}

// Two imports at once on one folder: one works, the other waits, none loses.
func TestTwoImportsAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	chat(t, filepath.Join(dir, "a.txt"), gen.Options{Messages: 4000, Seed: 5, Listings: 0.02})
	chat(t, filepath.Join(dir, "b.txt"), gen.Options{Messages: 4000, Seed: 6, Listings: 0.02})
	a := begin(t, dir, "import", "--json", "--group-id", group, "a.txt")
	b := begin(t, dir, "import", "--json", "--group-id", "1000045679", "b.txt")
	for _, p := range []*program{a, b} {
		if code := p.code(); code != 0 {
			t.Fatalf("exit code %d: %s", code, p.stderr.String())
		}
		if s := summaryOf(t, p.stdout.String()); s.Posts != 4000 || s.Visits["new"] == 0 {
			t.Errorf("%+v", s)
		}
	}
	rw(t, dir, 0, "import", "--data", "other", "--group-id", "1000045679", "b.txt")
	rw(t, dir, 0, "import", "--data", "other", "--group-id", group, "a.txt")
	if x, y := dump(t, dir), dump(t, dir, "--data", "other"); x != y {
		t.Errorf("at once and one after the other differ: %s", firstDifference(x, y))
	}
}

// Ctrl-C in the midst of an import; the next one goes on where it was.
func TestInterruptedImportGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	chat(t, filepath.Join(dir, "chat.txt"), gen.Options{Size: 12_000_000, Seed: 7, Listings: 0.002})
	p := begin(t, dir, "import", "--json", "--group-id", group, "chat.txt")
	eventually(t, "evidence of a first chunk", func() bool { return exists(filepath.Join(dir, "data/evidence", time.Now().UTC().Format("2006"))) })
	interrupt(t, p)
	if p.stdout.Len() > 0 {
		t.Errorf("a summary of what was not done: %s", p.stdout.String())
	}
	out, _ := rw(t, dir, 0, "import", "--json", "--group-id", group, "chat.txt")
	s := summaryOf(t, out)
	if s.Posts == 0 || len(s.Problems) > 0 {
		t.Errorf("%+v", s)
	}
	rw(t, dir, 0, "import", "--data", "alone", "--group-id", group, "chat.txt")
	if a, b := dump(t, dir), dump(t, dir, "--data", "alone"); a != b {
		t.Errorf("interrupted and not differ: %s", firstDifference(a, b))
	}
}

// A newcomer's first minute.
func TestDemo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, errs := rw(t, dir, 0, "up", "--demo", "--once", "--json")
	if strings.Count(out, "\n") != 1 || errs != "" {
		t.Fatalf("stdout %q, stderr %q", out, errs)
	}
	first := summaryOf(t, out)
	if first.Posts < 3000 || first.Listings == 0 || first.Alerts == 0 || len(first.Problems) > 0 || first.Visits["error"] > 0 {
		t.Errorf("%+v", first)
	}
	if !exists(filepath.Join(dir, "data/demo/casebook.db")) || exists(filepath.Join(dir, "data/casebook.db")) {
		t.Error("the demo has a folder of its own")
	}
	alerts, _ := rw(t, dir, 0, "alert", "list", "--data", "data/demo", "--limit", "0", "--json")
	if n := strings.Count(alerts, "\n"); int64(n) != first.Alerts {
		t.Errorf("%d alerts, the summary says %d", n, first.Alerts)
	}
	before := dump(t, dir, "--data", "data/demo")
	out, _ = rw(t, dir, 0, "up", "--demo", "--once", "--json")
	if s := summaryOf(t, out); s.Posts != 0 || s.Listings != 0 || s.Offers != 0 || s.Alerts != 0 {
		t.Errorf("second run: %+v", s)
	}
	if after := dump(t, dir, "--data", "data/demo"); after != before {
		t.Errorf("second run: %s", firstDifference(before, after))
	}

	// In a folder with a real source it is refused.
	if err := os.WriteFile(filepath.Join(dir, "chat.txt"), []byte("2026-03-01 9:05:01 老王(1000012345)\n"+advert+"\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rw(t, dir, 0, "import", "--group-id", group, "chat.txt")
	before = dump(t, dir)
	_, errs = rw(t, dir, 2, "up", "--demo", "--once", "--data", "data")
	if strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "real sources") {
		t.Errorf("stderr: %q", errs)
	}
	if after := dump(t, dir); after != before {
		t.Errorf("the refused demo changed the folder: %s", firstDifference(before, after))
	}
}

// up --demo prints what it reads and its alerts with reasons, until Ctrl-C; a
// second start goes on and raises nothing twice.
func TestDemoUntilCtrlC(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := up(t, dir, "--demo", "--json")
	time.Sleep(500 * time.Millisecond) // in the midst of it
	interrupt(t, p)
	raised := map[string]int{}
	// Events, and in the end the summary without one; nothing when Ctrl-C came
	// before the start was over.
	events := func(text string) (visited int) {
		if text == "" {
			return 0
		}
		lines := strings.Split(strings.TrimSpace(text), "\n")
		summaryOf(t, text)
		for _, line := range lines[:len(lines)-1] {
			var e struct {
				Event string `json:"event"`
				Fresh bool   `json:"fresh"`
				Alert struct {
					ID      string            `json:"id"`
					Reasons []json.RawMessage `json:"reasons"`
				} `json:"alert"`
			}
			if err := json.Unmarshal([]byte(line), &e); err != nil || e.Event == "" {
				t.Errorf("no event: %v %s", err, line)
			}
			switch {
			case e.Event == "visited":
				visited++
			case e.Event == "alert" && e.Fresh:
				raised[e.Alert.ID]++
				if len(e.Alert.Reasons) == 0 {
					t.Errorf("no reasons: %s", line)
				}
			}
		}
		return visited
	}
	events(p.stdout.String())
	out, _ := rw(t, dir, 0, "up", "--demo", "--once", "--json")
	s := summaryOf(t, out)
	if len(s.Problems) > 0 {
		t.Errorf("%+v", s)
	}
	p = up(t, dir, "--demo", "--json")
	time.Sleep(500 * time.Millisecond)
	interrupt(t, p)
	events(p.stdout.String())
	for id, n := range raised {
		if n > 1 {
			t.Errorf("%s was raised %d times", id, n)
		}
	}
	// What was seen in two halves is what is seen at once, but for the port.
	other := t.TempDir()
	rw(t, other, 0, "up", "--demo", "--once", "--json")
	count := func(d string) int { return strings.Count(dump(t, d, "--data", "data/demo"), `{"kind":"listing"`) }
	if a, b := count(dir), count(other); a != b {
		t.Errorf("%d listings in two halves, %d at once", a, b)
	}
}

// For people: a line a visit, alerts with reasons, the summary.
func TestDemoForPeople(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, errs := rw(t, dir, 0, "up", "--demo", "--once")
	for _, want := range []string{"demo-board", "A-1 ", "posts ", "alerts ", "listings "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, tail(out))
		}
	}
	if strings.ContainsAny(out, "\x1b\r") || errs != "" {
		t.Errorf("colours or bars in a pipe, or words on stderr: %q", errs)
	}
}
