package app

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"resumewatch/crawlers/archive"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
)

func TestPlaces(t *testing.T) {
	f := func(name string, conversations []string, g groupFile, in ImportOptions, want map[string]jobs.Place, complains ...string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			var s archive.Survey
			for _, c := range conversations {
				s.Conversations = append(s.Conversations, archive.Conversation{Name: c})
			}
			got, err := places(found{"x.txt", g}, s, in)
			if want == nil {
				wantUsage(t, err, append(complains, "x.txt")...)
				return
			}
			must(t, err)
			same(t, "places", want, got)
		})
	}
	one, two := []string{"一群"}, []string{"一群", "二群", "一群"}
	f("by flag", one, groupFile{}, ImportOptions{GroupID: "1000011111"}, map[string]jobs.Place{"一群": {ID: "1000011111", Name: "一群"}})
	f("by folder", one, groupFile{ID: "1000022222", Name: "真名"}, ImportOptions{}, map[string]jobs.Place{"一群": {ID: "1000022222", Name: "真名"}})
	f("flag before folder", one, groupFile{ID: "1000022222"}, ImportOptions{GroupID: "1000011111"}, map[string]jobs.Place{"一群": {ID: "1000011111", Name: "一群"}})
	f("name before all", one, groupFile{ID: "1000022222"}, ImportOptions{GroupID: "1000011111", Groups: map[string]string{"一群": "1000033333"}}, map[string]jobs.Place{"一群": {ID: "1000033333", Name: "一群"}})
	f("several by name", two, groupFile{}, ImportOptions{Groups: map[string]string{"一群": "1000011111", "二群": "1000022222"}},
		map[string]jobs.Place{"一群": {ID: "1000011111", Name: "一群"}, "二群": {ID: "1000022222", Name: "二群"}})
	f("by conversation name", two, groupFile{}, ImportOptions{ByName: true},
		map[string]jobs.Place{"一群": {ID: "一群", Name: "一群", Assumed: true}, "二群": {ID: "二群", Name: "二群", Assumed: true}})
	f("folder names one of several", two, groupFile{ID: "1000011111", Name: "一群"}, ImportOptions{ByName: true},
		map[string]jobs.Place{"一群": {ID: "1000011111", Name: "一群"}, "二群": {ID: "二群", Name: "二群", Assumed: true}})
	f("nothing given", one, groupFile{}, ImportOptions{}, nil, "--group-id", "一群")
	f("one number for several", two, groupFile{}, ImportOptions{GroupID: "1000011111"}, nil, "--group", "一群", "二群")
	f("one of several missing", two, groupFile{}, ImportOptions{Groups: map[string]string{"一群": "1000011111"}}, nil, `"二群"`)
	f("no name to take", []string{""}, groupFile{}, ImportOptions{ByName: true}, nil, "--group-id")
}

func TestIsGroupNumber(t *testing.T) {
	for s, want := range map[string]bool{"12345": true, "10000123456": true, "1234": false, "012345": false, "123456789012": false, "": false, "12a45": false, "１２３４５": false, "-12345": false} {
		if IsGroupNumber(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

func TestImport(t *testing.T) {
	o := testOptions(t)
	dir := t.TempDir()
	export(t, filepath.Join(dir, "a", "one.txt"), "一群")
	must(t, os.WriteFile(filepath.Join(dir, "a", "group.yaml"), []byte("id: 1000045678\nname: 真名\ntimezone: Asia/Tokyo\n"), 0o600))
	export(t, filepath.Join(dir, "b", "two.txt"), "二群")
	export(t, filepath.Join(dir, "b", ".hidden", "three.txt"), "三群")
	must(t, os.Symlink(filepath.Join(dir, "a"), filepath.Join(dir, "b", "link")))
	must(t, os.Symlink(filepath.Join(dir, "b"), filepath.Join(dir, "by-link")))
	in := ImportOptions{Paths: []string{filepath.Join(dir, "a"), filepath.Join(dir, "by-link")}, Groups: map[string]string{"二群": "1000056789"}}
	report, err := Import(t.Context(), o, in)
	must(t, err)
	s := report.Summary
	same(t, "posts, listings, offers, alerts, new visits", []int64{20, 2, 1, 1, 2}, []int64{s.Posts, s.Listings, s.Offers, s.Alerts, s.Visits[market.OutcomeNew]})
	same(t, "failed", false, report.Failed)
	same(t, "problems", []market.Problem{}, s.Problems)

	got := map[string]Hit{}
	for _, h := range hits(t, o, "简历") {
		got[h.Place] = h
	}
	same(t, "places", []string{"1000045678", "1000056789"}, slices.Sorted(maps.Keys(got)))
	a, b := got["1000045678"], got["1000056789"]
	same(t, "times", []string{"2026-03-01T07:04:00+08:00", "2026-03-01T08:04:00+08:00"}, []string{a.PostedAt, b.PostedAt})
	same(t, "flags", [][]string{{}, {market.FlagTZAssumed}}, [][]string{a.Flags, b.Flags})
	same(t, "sources", []string{"qq-1000045678", "qq-1000056789"}, []string{a.Source, b.Source})
	same(t, "one offer", a.OfferID, b.OfferID)
	same(t, "alerts", []string{"A-1"}, a.Alerts)
	same(t, "capture", true, len(a.Capture.Digest) == 64 && a.Capture.File != "")

	// The same again, and from elsewhere: nothing new.
	before := dump(t, o)
	must(t, os.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "moved")))
	in.Paths[0] = filepath.Join(dir, "moved")
	report, err = Import(t.Context(), o, in)
	must(t, err)
	s = report.Summary
	same(t, "again", []int64{0, 0, 0, 0, 2}, []int64{s.Posts, s.Duplicates, s.Listings, s.Alerts, s.Visits[market.OutcomeSame]})
	same(t, "dump", before, dump(t, o))

	// More of the same file: what is new is new.
	path := filepath.Join(dir, "moved", "one.txt")
	data, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, append(data, []byte("2026-03-02 8:00:00 路人(1000012345)\r\n第二天\r\n\r\n")...), 0o600))
	in.Paths = in.Paths[:1]
	report, err = Import(t.Context(), o, in)
	must(t, err)
	same(t, "a file that has grown", []int64{1, 10}, []int64{report.Summary.Posts, report.Summary.Duplicates})
}

// What can't be read is told, the rest is done.
func TestImportBadFiles(t *testing.T) {
	o := testOptions(t)
	dir := t.TempDir()
	good := export(t, filepath.Join(dir, "good.txt"), "一群")
	bad := map[string][]byte{"empty.txt": nil, "binary.txt": {0, 1, 2, 3, 0xff, 0xfe, 9, 0}, "plain.txt": []byte("just a few words\n"), "x.bak": make([]byte, 4096), "x.zip": []byte("PK\x03\x04rest")}
	paths := []string{good, filepath.Join(dir, "missing.txt")}
	for name, data := range bad {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, data, 0o600))
		paths = append(paths, path)
	}
	pipe := filepath.Join(dir, "pipe")
	must(t, syscall.Mkfifo(pipe, 0o600))
	paths = append(paths, pipe)
	report, err := Import(t.Context(), o, ImportOptions{Paths: paths, GroupID: "1000045678"})
	must(t, err)
	same(t, "failed", true, report.Failed)
	s := report.Summary
	same(t, "posts, unreadable, quarantined", []int64{10, 7, 7}, []int64{s.Posts, s.Visits[market.OutcomeUnreadable], s.Quarantined})
	named := map[string]bool{}
	for _, p := range s.Problems {
		named[p.File] = p.Reason != "" && !strings.Contains(p.Reason, "\n")
	}
	for _, p := range paths[1:] {
		if !named[p] {
			t.Errorf("%s is not among the problems", p)
		}
	}
}

// A mistake in usage is found before anything is stored.
func TestImportUsage(t *testing.T) {
	dir := t.TempDir()
	file := export(t, filepath.Join(dir, "one.txt"), "一群")
	many := export(t, filepath.Join(dir, "many.txt"), "一群", "二群")
	folder := func(name, yaml string) string {
		sub := filepath.Join(dir, name)
		export(t, filepath.Join(sub, "x.txt"), "一群")
		must(t, os.WriteFile(filepath.Join(sub, "group.yaml"), []byte(yaml), 0o600))
		return sub
	}
	for name, c := range map[string]struct {
		in    ImportOptions
		names []string
	}{
		"no group":           {ImportOptions{Paths: []string{file}}, []string{"one.txt", "--group-id"}},
		"several groups":     {ImportOptions{Paths: []string{many}, GroupID: "1000045678"}, []string{"many.txt", "--group", "二群"}},
		"no such zone":       {ImportOptions{Paths: []string{file}, GroupID: "1000045678", Timezone: "Mars/Olympus"}, []string{"Mars/Olympus"}},
		"the machine's zone": {ImportOptions{Paths: []string{file}, GroupID: "1000045678", Timezone: "Local"}, []string{"Local"}},
		"unknown key":        {ImportOptions{Paths: []string{folder("f1", "id: 1000045678\nnick: x\n")}}, []string{"group.yaml", "nick", "line 2"}},
		"no number":          {ImportOptions{Paths: []string{folder("f2", "id: nobody\n")}}, []string{"group.yaml", "nobody"}},
		"no yaml":            {ImportOptions{Paths: []string{folder("f3", "id: [\n")}}, []string{"group.yaml"}},
		"empty yaml":         {ImportOptions{Paths: []string{folder("f4", "")}}, []string{"x.txt", "--group-id"}},
		"zone of the folder": {ImportOptions{Paths: []string{folder("f5", "id: 1000045678\ntimezone: Nowhere\n")}}, []string{"Nowhere"}},
		"a good file first":  {ImportOptions{Paths: []string{file, many}, GroupID: "1000045678"}, []string{"many.txt"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := testOptions(t)
			_, err := Import(t.Context(), o, c.in)
			wantUsage(t, err, c.names...)
			if _, err := os.Stat(o.Data); err == nil {
				t.Error("something was stored")
			}
		})
	}
}

func TestDryRun(t *testing.T) {
	dir := t.TempDir()
	many := export(t, filepath.Join(dir, "many.txt"), "一群", "二群")
	must(t, os.WriteFile(filepath.Join(dir, "zip.zip"), []byte("PK\x03\x04rest"), 0o600))
	lines, problems, err := DryRun(t.Context(), ImportOptions{Paths: []string{dir, filepath.Join(dir, "missing")}})
	must(t, err)
	same(t, "problems", 1, len(problems))
	same(t, "files", 2, len(lines))
	same(t, "format", archive.FormatQQText, lines[0].Format)
	same(t, "file", many, lines[0].File)
	same(t, "conversations", 2, len(lines[0].Conversations))
	same(t, "readable", []bool{true, false}, []bool{lines[0].Readable, lines[1].Readable})
	if lines[1].Why == "" || !lines[0].NeedsGroup {
		t.Errorf("lines %+v", lines)
	}
}
