package queue_test

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/queue"
)

func TestLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data") // made when needed
	l, err := queue.Acquire(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = queue.Acquire(dir)
	if !errors.Is(err, queue.ErrHeld) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("a second lock: error %v, want ErrHeld with our process id", err)
	}
	if _, err := queue.ReadRun(dir); !errors.Is(err, queue.ErrNoRun) {
		t.Errorf("before it is written: error %v, want ErrNoRun", err)
	}
	want := queue.Run{Queue: "127.0.0.1:1234", Password: "secret", PID: os.Getpid(), Started: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Console: "http://127.0.0.1:8686/"}
	if err := l.WriteRun(want); err != nil {
		t.Fatal(err)
	}
	got, err := queue.ReadRun(dir)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if a := got.Address(); a.Addr != want.Queue || a.Password != want.Password || strings.Contains(a.String(), "secret") {
		t.Errorf("address %s", a)
	}
	info, err := os.Stat(filepath.Join(dir, queue.RunFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("run file: %v, %v; others must not read the password", info.Mode(), err)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, queue.RunFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the run file stayed: %v", err)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 1 {
		t.Errorf("left behind: %v, %v", names, err)
	}
	l, err = queue.Acquire(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestAcquireDropsAnOldRunFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, queue.RunFile)
	if err := os.WriteFile(path, []byte(`{"queue":"127.0.0.1:1","password":"x","pid":999999}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := queue.ReadRun(dir); !errors.Is(err, queue.ErrNoRun) {
		t.Errorf("of a process that doesn't hold the lock: error %v, want ErrNoRun", err)
	}
	l, err := queue.Acquire(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old run file stayed: %v", err)
	}
}

func TestBadRunFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, queue.RunFile)
	for name, text := range map[string]string{
		"empty": "", "cut": `{"queue":"127.0.0.1:1"`, "another type": `{"queue":7}`, "no address": `{"pid":7}`,
		"no process": `{"queue":"127.0.0.1:1"}`, "huge": strings.Repeat(" ", 1<<20), "binary": "\x00\xff",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := queue.ReadRun(dir); err == nil || errors.Is(err, queue.ErrNoRun) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one that names the file", name, err)
		}
	}
}

func TestAcquireInAnImpossibleFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := queue.Acquire(file); err == nil || errors.Is(err, queue.ErrHeld) || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v, want one that names %s", err, file)
	}
}

// The lock of a process that was killed is free.
func TestLockOfAKilledProcess(t *testing.T) {
	const holdHere = "RESUMEWATCH_TEST_HOLD"
	if dir := os.Getenv(holdHere); dir != "" { // the process to be killed
		l, err := queue.Acquire(dir)
		if err == nil {
			err = l.WriteRun(queue.Run{Queue: "127.0.0.1:1"})
		}
		os.Stdout.WriteString("held " + strconv.FormatBool(err == nil) + "\n")
		time.Sleep(time.Minute)
		return
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestLockOfAKilledProcess$")
	cmd.Env = append(os.Environ(), holdHere+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "held true\n" {
		t.Errorf("the other process says %q, %v", line, err)
	}
	_, err = queue.Acquire(dir)
	if !errors.Is(err, queue.ErrHeld) || !strings.Contains(err.Error(), strconv.Itoa(cmd.Process.Pid)) {
		t.Errorf("held elsewhere: error %v, want ErrHeld with process id %d", err, cmd.Process.Pid)
	}
	if r, err := queue.ReadRun(dir); err != nil || r.PID != cmd.Process.Pid {
		t.Errorf("its run file: %+v, %v", r, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	l, err := queue.Acquire(dir)
	if err != nil {
		t.Fatalf("after its death: %v", err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
}
