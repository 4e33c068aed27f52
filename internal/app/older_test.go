package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resumewatch/internal/evidence"
)

// An older casebook put back beside newer evidence cuts nothing of it, and says
// what to do; with the newest one all is well again.
func TestOlderCasebook(t *testing.T) {
	o := testOptions(t)
	o.Data = filepath.Join(t.TempDir(), "data")
	imported := func(name string) {
		t.Helper()
		r, err := Import(t.Context(), o, ImportOptions{Paths: []string{export(t, filepath.Join(t.TempDir(), name+".txt"), name)}, GroupID: "1000012345"})
		must(t, err)
		same(t, "failed", false, r.Failed)
	}
	book := filepath.Join(o.Data, "casebook.db")
	swap := func(with []byte) (was []byte) {
		t.Helper()
		was, err := os.ReadFile(book)
		must(t, err)
		for _, tail := range []string{"-wal", "-shm"} {
			if err := os.Remove(book + tail); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
		must(t, os.WriteFile(book, with, 0o600))
		return was
	}
	sealed := func() (files int, bytes int64) {
		t.Helper()
		must(t, filepath.WalkDir(filepath.Join(o.Data, "evidence"), func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".age") {
				info, err := d.Info()
				must(t, err)
				files, bytes = files+1, bytes+info.Size()
			}
			return err
		}))
		return files, bytes
	}
	doctor := func() Part {
		t.Helper()
		for _, p := range Doctor(t.Context(), o).Parts {
			if p.Part == "custody log" {
				return p
			}
		}
		t.Fatal("the doctor says nothing of the log")
		return Part{}
	}
	imported("一群")
	old, err := os.ReadFile(book)
	must(t, err)
	imported("二群")
	if p := doctor(); !p.OK {
		t.Fatalf("%+v", p)
	}
	_, before := sealed()
	newest := swap(old)
	s, err := Open(t.Context(), o)
	must(t, err)
	must(t, ignoreBroken(s.Close()))
	if _, now := sealed(); now != before {
		t.Fatalf("of %d bytes of evidence %d are left", before, now)
	}
	if p := doctor(); p.OK || !strings.Contains(p.Mend, "newest casebook") {
		t.Errorf("%+v", p)
	}
	swap(newest)
	if p := doctor(); !p.OK {
		t.Errorf("%+v", p)
	}
	imported("三群")
	r, err := OpenReader(t.Context(), o)
	must(t, err)
	defer r.Close()
	var report evidence.Report
	report, err = r.VerifyEvidence(t.Context(), nil)
	must(t, err)
	if !report.OK || !strings.HasPrefix(told(t, report, "casebook").Detail, "3 captures") {
		t.Errorf("%+v", report)
	}
}

// ignoreBroken passes over what a broken log says at the end.
func ignoreBroken(err error) error {
	if err != nil && strings.Contains(err.Error(), "custody log") {
		return nil
	}
	return err
}
