package index_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"resumewatch/internal/index"
)

// childFile names the index that the test binary fills when it is started as the other process.
const childFile = "RESUMEWATCH_TEST_INDEX"

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		if err := putForEver(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// putForEver puts batches of ten and prints the number of each that is done.
func putForEver(path string) error {
	s, err := index.OpenSQLite(path, false)
	if err != nil {
		return err
	}
	for batch := 0; ; batch++ {
		var docs []index.Document
		for i := range 10 {
			docs = append(docs, index.Document{
				ListingID: fmt.Sprintf("%d-%d", batch, i), Version: 1, PostedAt: time.Unix(int64(1_700_000_000-batch*7+i), 0), Text: "出售简历",
			})
		}
		if err := s.Put(context.Background(), docs); err != nil {
			return err
		}
		fmt.Println(batch)
	}
}

// A reader follows a writer in another process, which dies without notice;
// what it said was put is there for the next one.
func TestReadWhileAnotherProcessWritesAndDies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), childFile+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	done := -1
	read := func() {
		t.Helper()
		if !lines.Scan() {
			t.Fatal("the writer ended")
		}
		if done, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
	}
	read()
	reader := open(t, path, true)
	for done < 40 {
		read()
		if n := len(ids(t, reader)); n < 10*(done+1) || n%10 != 0 {
			t.Fatalf("%d listings are seen after batch %d", n, done)
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		if n, err := strconv.Atoi(lines.Text()); err == nil {
			done = n
		}
	}
	_ = child.Wait() // it was killed
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
	if n := len(ids(t, open(t, path, true))); n < 10*(done+1) {
		t.Errorf("a reader sees %d listings after batch %d", n, done)
	}
	s := open(t, path, false)
	if n := len(ids(t, s)); !s.Fresh() || n < 10*(done+1) || n%10 != 0 {
		t.Errorf("fresh %v, %d listings after batch %d", s.Fresh(), n, done)
	}
}
