package app

import (
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/config"
	"resumewatch/internal/market"
)

func changed(t *testing.T, o Options, f func(*casebook.Book)) {
	t.Helper()
	must(t, withBook(t.Context(), o, func(b *casebook.Book) error { f(b); return nil }))
}

// captured counts captures by the key that seals them: that of a month is "".
func captured(t *testing.T, o Options) map[string]int {
	t.Helper()
	out := map[string]int{}
	changed(t, o, func(b *casebook.Book) {
		must(t, b.Captures(t.Context(), 0, func(c casebook.Capture) error { out[c.Seal]++; return nil }))
	})
	return out
}

func newCase(t *testing.T, o Options) (act casebook.Act) {
	t.Helper()
	act = casebook.Act{Who: "wang.fang", At: time.Now()}
	changed(t, o, func(b *casebook.Book) {
		_, err := b.NewCase(t.Context(), "handed over", act)
		must(t, err)
	})
	return act
}

// sound checks all evidence and returns what is in the spool.
func sound(t *testing.T, o Options) (parked []string) {
	t.Helper()
	r, err := OpenReader(t.Context(), o)
	must(t, err)
	defer r.Close()
	report, err := r.VerifyEvidence(t.Context(), nil)
	must(t, err)
	for _, c := range report.Checked {
		if !c.OK {
			t.Errorf("%s: %s", c.What, c.Detail)
		}
	}
	must(t, filepath.WalkDir(o.path("spool"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			parked = append(parked, path)
		}
		return err
	}))
	return parked
}

// What is kept whole for a case is read again without the file, and goes when the case
// closes; what belongs to listings stays.
func TestKeepAll(t *testing.T) {
	dir := t.TempDir()
	path := history(t, filepath.Join(dir, "chat.txt"), 200)
	fresh := testOptions(t)
	imported(t, readBy(t, fresh, words{version: newWords}), path)
	want := dump(t, fresh)

	o := testOptions(t)
	act := newCase(t, o)
	old := readBy(t, o, words{version: oldWords, unknown: "前程无忧", taken: "聚餐"})
	imported(t, old, path)
	before := captured(t, o)
	in := ImportOptions{Paths: []string{path}, GroupID: "1000012345", Keep: "all", Case: "C-1", Authority: "order 12 of a court"}
	r, err := Import(t.Context(), old, in)
	must(t, err)
	same(t, "posts, new and same visits", []int64{0, 1, 0}, []int64{r.Summary.Posts, r.Summary.Visits[market.OutcomeNew], r.Summary.Visits[market.OutcomeSame]})
	kept := captured(t, o)
	same(t, "kept whole", 1, kept["keep-C-1"])
	r, err = Import(t.Context(), old, in)
	must(t, err)
	same(t, "same", int64(1), r.Summary.Visits[market.OutcomeSame])
	same(t, "captures after the second time", kept, captured(t, o))
	if len(before) != 1 || kept[""] <= before[""] {
		t.Errorf("captures %v, then %v", before, kept)
	}
	same(t, "spool", 0, len(sound(t, o)))

	must(t, os.Remove(path))
	s := reread(t, readBy(t, o, words{version: newWords}), "qq-1000012345")
	same(t, "visits", int64(1), s.Visits[market.OutcomeNew])
	same(t, "problems", 0, len(s.Problems))
	same(t, "dump", want, dump(t, o))
	same(t, "spool", 0, len(sound(t, o)))
	same(t, "kept whole", 1, captured(t, o)["keep-C-1"])

	// A month's key seals none of it; closing the case ends it.
	changed(t, o, func(b *casebook.Book) {
		n, err := endKept(t.Context(), o, b, act)
		must(t, err)
		same(t, "ended while the case is open", int64(0), n)
		_, err = b.CloseCase(t.Context(), 1, act)
		must(t, err)
		n, err = endKept(t.Context(), o, b, act)
		must(t, err)
		same(t, "ended", int64(1), n)
		n, err = endKept(t.Context(), o, b, act)
		must(t, err)
		same(t, "ended twice", int64(0), n)
	})
	left := captured(t, o)
	same(t, "kept whole", 0, left["keep-C-1"])
	sound(t, o)
	files, err := os.ReadDir(o.path("keys"))
	must(t, err)
	for _, f := range files {
		if strings.HasPrefix(f.Name(), "keep-") && !strings.HasSuffix(f.Name(), ".erased") {
			t.Errorf("the key stays: %s", f.Name())
		}
	}
	for _, h := range hits(t, o, "简历") {
		rd, err := OpenReader(t.Context(), o)
		must(t, err)
		_, err = rd.OpenEvidence(t.Context(), t.TempDir(), nil, []string{h.Capture.Digest})
		rd.Close()
		if err != nil {
			t.Errorf("capture of a listing: %v", err)
		}
	}
	same(t, "dump", want, dump(t, o))
	if _, err := Import(t.Context(), o, in); err == nil || !strings.Contains(err.Error(), "missing") && !strings.Contains(err.Error(), "C-1") {
		t.Logf("%v", err)
	}
	history(t, path, 200)
	if _, err := Import(t.Context(), o, in); err == nil || !strings.Contains(err.Error(), "C-1") {
		t.Errorf("kept for a closed case: %v", err)
	}
}

// What another case's hold keeps stays until that is lifted.
func TestKeepAllHeld(t *testing.T) {
	o := testOptions(t)
	act := newCase(t, o)
	newCase(t, o)
	path := history(t, filepath.Join(t.TempDir(), "chat.txt"), 60)
	_, err := Import(t.Context(), o, ImportOptions{Paths: []string{path}, GroupID: "1000012345", Keep: "all", Case: "C-1", Authority: "order 12"})
	must(t, err)
	changed(t, o, func(b *casebook.Book) {
		ctx := t.Context()
		_, err := b.AddToCase(ctx, 2, []casebook.CaseItem{{Kind: casebook.ItemSource, ID: "qq-1000012345"}}, "", act)
		must(t, err)
		_, _, err = b.SetHold(ctx, 2, true, "court", "", act)
		must(t, err)
		_, err = b.CloseCase(ctx, 1, act)
		must(t, err)
		n, err := endKept(ctx, o, b, act)
		must(t, err)
		same(t, "ended while held", int64(0), n)
		_, _, err = b.SetHold(ctx, 2, false, "done", "", act)
		must(t, err)
		n, err = endKept(ctx, o, b, act)
		must(t, err)
		same(t, "ended", int64(1), n)
	})
	sound(t, o)
}

// A configured archive says for its file what the flags would.
func TestKeepAllConfigured(t *testing.T) {
	o := testOptions(t)
	newCase(t, o)
	dir := t.TempDir()
	path := history(t, filepath.Join(dir, "group", "chat.txt"), 60)
	until := time.Now().Add(time.Hour)
	o.Config.Sources = []config.Source{
		{Name: "all", Kind: "archive", URL: dir, Authority: config.Authority{Why: "outer"}, Keep: config.KeepListings},
		{Name: "g", Kind: "archive", URL: filepath.Join(dir, "group"), Authority: config.Authority{Why: "order 12", Until: until}, Keep: config.KeepAll, Case: "C-1"},
	}
	imported(t, o, path)
	same(t, "kept whole", 1, captured(t, o)["keep-C-1"])
	changed(t, o, func(b *casebook.Book) {
		src, err := b.FindSource(t.Context(), "qq-1000012345")
		must(t, err)
		same(t, "authority", "order 12", src.Settings.Authority.Why)
	})
	o.Config.Sources[1].Authority.Until = time.Now().Add(-time.Hour)
	r, err := Import(t.Context(), o, ImportOptions{Paths: []string{path}, GroupID: "1000012345"})
	must(t, err)
	if !r.Failed || len(r.Summary.Problems) != 1 || !strings.Contains(r.Summary.Problems[0].Reason, "authority") {
		t.Errorf("after its end: %+v", r)
	}
}

// A note that a file is being dropped is no excuse for what is missing while the key of
// its month is there; and what is no file is not waited for.
func TestForgedNote(t *testing.T) {
	o := testOptions(t)
	s, err := Open(t.Context(), o)
	must(t, err)
	must(t, s.Close())
	month := time.Now().UTC().Format("2006-01")
	db, err := sql.Open("sqlite", o.path("casebook.db"))
	must(t, err)
	_, err = db.ExecContext(t.Context(), `INSERT INTO evidence_drop (file, month) VALUES (?, ?), (?, ?)`, month[:4]+"/"+month[5:]+"/a", "2001-01", "2001/02/b", "2001-02")
	must(t, err)
	must(t, db.Close())
	r, err := OpenReader(t.Context(), o)
	must(t, err)
	defer r.Close()
	report, err := r.VerifyEvidence(t.Context(), nil)
	must(t, err)
	if c := told(t, report, "retention"); report.OK || c.OK || !strings.Contains(c.Detail, "/a is noted") {
		t.Errorf("%+v", report)
	}
	if !strings.Contains(strings.Join(report.Unchecked, " "), "1 files that are being dropped") {
		t.Errorf("%v", report.Unchecked)
	}
	if _, err := VerifyFile(t.Context(), o, t.TempDir()); err == nil || !strings.Contains(err.Error(), "is no file") {
		t.Errorf("a folder: %v", err)
	}
}
