package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"resumewatch/bench/doubtful"
	"resumewatch/internal/app"
)

// doubtfulTexts are so many texts that leave this version of the extractor in doubt.
func doubtfulTexts(t *testing.T, n int) []string {
	t.Helper()
	out, err := doubtful.Texts(n)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// doubtfulChat writes a group in which each of the texts stands among others.
func doubtfulChat(t *testing.T, path string, texts []string) {
	t.Helper()
	var b strings.Builder
	line := strings.Repeat("=", 64) + "\r\n"
	b.WriteString("\ufeff消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n" + line + "消息分组:我的群聊\r\n" + line + "消息对象:一群\r\n" + line + "\r\n")
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for _, text := range texts {
		for _, said := range []string{"今天面试的人多吗", text, "收到 13800138009"} {
			at = at.Add(time.Minute)
			fmt.Fprintf(&b, "%s 卖家(1000012345)\r\n%s\r\n\r\n", at.Format(time.DateTime), said)
		}
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// reviewFolder is a folder with so many doubtful posts, a reviewer, li, another, zhao, and
// an analyst, wang.
func reviewFolder(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	doubtfulChat(t, filepath.Join(dir, "chat.txt"), doubtfulTexts(t, n))
	out, _ := rw(t, dir, 0, "import", "--json", "--group-id", group, "chat.txt")
	var s struct{ Doubtful int }
	if err := json.Unmarshal([]byte(out), &s); err != nil || s.Doubtful != n {
		t.Fatalf("%d doubtful, %v: %s", s.Doubtful, err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte("correct horse battery staple"), 0o600); err != nil {
		t.Fatal(err)
	}
	rw(t, dir, 0, "user", "add", "zhao", "--role", "admin", "--password-file", "password")
	rw(t, dir, 0, "user", "add", "li", "--role", "reviewer", "--password-file", "password", "--as", "zhao")
	rw(t, dir, 0, "user", "add", "wang", "--role", "analyst", "--password-file", "password", "--as", "zhao")
	return dir
}

// waiting are the lines of `review list`.
func waiting(t *testing.T, dir string, args ...string) (out []app.DoubtLine) {
	t.Helper()
	text, _ := rw(t, dir, 0, append([]string{"review", "list", "--json", "--limit", "0", "--as", "li"}, args...)...)
	for line := range strings.Lines(text) {
		var d app.DoubtLine
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		out = append(out, d)
	}
	return out
}

// parkedItems counts what lies in the spool.
func parkedItems(t *testing.T, dir string) (n int) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(filepath.Join(dir, "spool")), ".", func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The commands, their keys and their exit codes.
func TestReviewCommands(t *testing.T) {
	t.Parallel()
	dir := reviewFolder(t, 4)
	lines := waiting(t, dir)
	if len(lines) != 4 || !slices.IsSortedFunc(lines, func(a, b app.DoubtLine) int { return int(1e6 * (b.Confidence - a.Confidence)) }) {
		t.Fatalf("list: %+v", lines)
	}
	text, _ := rw(t, dir, 0, "review", "list", "--json", "--limit", "1", "--as", "zhao")
	var keys map[string]any
	if err := json.Unmarshal([]byte(text), &keys); err != nil {
		t.Fatal(err)
	}
	want := "confidence decided_at decided_by extractor id place post_id posted_at reasons seen_at source state text until"
	if got := strings.Join(slices.Sorted(maps.Keys(keys)), " "); got != want {
		t.Errorf("keys %s, want %s", got, want)
	}
	text, _ = rw(t, dir, 0, "review", "show", "--json", "d-1", "--as", "li")
	for _, part := range []string{`"before":[`, `"after":[`, `"why":[`, `"listing":{`, `"author":`, `"permalink":`} {
		if !strings.Contains(text, part) {
			t.Errorf("show lacks %s: %s", part, text)
		}
	}
	if strings.Contains(text, "13800138009") {
		t.Errorf("show tells a number: %s", text)
	}
	plain, _ := rw(t, dir, 0, "review", "show", "D-1", "--as", "li")
	if !strings.Contains(plain, "read as") || !strings.Contains(plain, "before") {
		t.Errorf("show: %s", plain)
	}
	doctor, _ := rw(t, dir, 0, "doctor")
	if !strings.Contains(doctor, "4 posts wait for a reviewer") {
		t.Errorf("doctor: %s", doctor)
	}

	for code, all := range map[int][][]string{
		1: {{"review", "list", "--as", "wang"}, {"review", "accept", "D-1", "--as", "wang"}, {"review", "show", "D-99", "--as", "li"}, {"review", "accept", "D-99", "--as", "li"}, {"review", "reject", "D-99", "--as", "li"}},
		2: {{"review", "accept", "A-1", "--as", "li"}, {"review", "accept", "D-1", "--side", "both", "--as", "li"}, {"review", "accept", "D-1", "--goods", "resumes", "--as", "li"}, {"review", "reject", "1", "--as", "li"},
			{"review", "list", "--as", "nobody"}, {"review", "list", "--state", "open", "--as", "li"}},
	} {
		for _, args := range all {
			if _, errs := rw(t, dir, code, args...); strings.Count(errs, "\n") != 1 {
				t.Errorf("%v says %q", args, errs)
			}
		}
	}
	text, _ = rw(t, dir, 0, "review", "accept", "--json", "D-1", "D-2", "--side", "buy", "--goods", "scraping_tool,resume_data", "--as", "li")
	if strings.Count(text, "\n") != 2 || !strings.Contains(text, `"id":"D-1","listing_id":"`) || !strings.Contains(text, `"goods":["resume_data","scraping_tool"]`) {
		t.Errorf("accept: %s", text)
	}
	if hits := search(t, dir, "side:buy goods:scraping_tool"); len(hits) != 2 {
		t.Errorf("search: %d hits", len(hits))
	}
	rw(t, dir, 0, "review", "reject", "D-3", "--as", "zhao")
	if _, errs := rw(t, dir, 1, "review", "accept", "D-3", "D-1", "--as", "li"); !strings.Contains(errs, "D-3 was rejected by zhao") || !strings.Contains(errs, "D-1 was accepted by li") {
		t.Errorf("decided already: %s", errs)
	}
	if n := parkedItems(t, filepath.Join(dir, "data")); n != 1 {
		t.Errorf("%d items in the spool", n)
	}
	if all := waiting(t, dir, "--state", "all"); len(all) != 4 {
		t.Errorf("all: %+v", all)
	}
	rw(t, dir, 0, "evidence", "verify")
	rw(t, dir, 0, "reindex")
	rw(t, dir, 0, "reindex", "--check")
}

// Of two reviewers at once one decides; the other is told who did.
func TestTwoReviewers(t *testing.T) {
	t.Parallel()
	dir := reviewFolder(t, 3)
	running := up(t, dir)
	var all sync.WaitGroup
	for n := 1; n <= 3; n++ {
		id, codes, said := fmt.Sprintf("D-%d", n), [2]int{}, [2]string{}
		for i, args := range [][]string{{"review", "accept", id, "--as", "li"}, {"review", "reject", id, "--as", "zhao"}} {
			all.Go(func() {
				p := begin(t, dir, args...)
				codes[i], said[i] = p.code(), p.stderr.String()
			})
		}
		all.Wait()
		if codes[0]+codes[1] != 1 || !strings.Contains(said[0]+said[1], id+" was accepted by li") && !strings.Contains(said[0]+said[1], id+" was rejected by zhao") {
			t.Errorf("%s: codes %v, said %q", id, codes, said)
		}
	}
	if left := waiting(t, dir); len(left) != 0 {
		t.Errorf("still waiting: %+v", left)
	}
	interrupt(t, running)
}

// Wherever an import or an acceptance is killed, in the end all is as without a kill.
func TestKilledReviewGoesOn(t *testing.T) {
	t.Parallel()
	const n = 24
	dir := reviewFolder(t, n)
	if err := os.CopyFS(filepath.Join(dir, "alone"), os.DirFS(filepath.Join(dir, "data"))); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for i := range n {
		ids = append(ids, fmt.Sprintf("D-%d", i+1))
	}
	rw(t, dir, 0, slices.Concat([]string{"review", "accept", "--data", "alone", "--as", "li"}, ids[:n-4])...)
	rw(t, dir, 0, slices.Concat([]string{"review", "reject", "--data", "alone", "--as", "li"}, ids[n-4:])...)

	killed := 0
	for i := range 10 {
		verb, some := "accept", ids[2*i:2*i+2]
		p := begin(t, dir, slices.Concat([]string{"review", verb, "--as", "li"}, some)...)
		done := make(chan struct{})
		go func() { p.code(); close(done) }()
		select {
		case <-done:
		case <-time.After(time.Duration(100+110*i) * time.Millisecond):
			if p.Process.Kill() == nil {
				killed++
			}
			<-done
		}
	}
	for i, id := range ids[n-4:] {
		p := begin(t, dir, "review", "reject", id, "--as", "li")
		time.Sleep(time.Duration(30+25*i) * time.Millisecond)
		_ = p.Process.Kill() // it may be done
		p.code()
	}
	for _, d := range waiting(t, dir) { // that nobody has decided yet
		verb := "accept"
		if slices.Contains(ids[n-4:], d.ID) {
			verb = "reject"
		}
		rw(t, dir, 0, "review", verb, d.ID, "--as", "li")
	}
	rw(t, dir, 0, "up", "--once") // what was accepted and killed goes on
	if a, b := dump(t, dir), dump(t, dir, "--data", "alone"); a != b {
		t.Errorf("killed %d times: %s", killed, firstDifference(b, a))
	}
	if all := waiting(t, dir, "--state", "accepted"); len(all) != n-4 {
		t.Errorf("%d accepted", len(all))
	}
	rw(t, dir, 0, "evidence", "verify")
	rw(t, dir, 0, "reindex", "--check")
	t.Logf("killed %d of 10", killed)
}
