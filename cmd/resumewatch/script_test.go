package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding/simplifiedchinese"

	"resumewatch/bench/archivegen/gen"
	"resumewatch/crawlers/forum/discuztest"
	"resumewatch/internal/evidence/s3test"
)

// TestMain makes the test binary the program as well: "resumewatch" on the PATH
// of scripts and of exec.Command is main() in a process of its own.
//
// Most tests wait for other processes, for servers or for a second try: more of
// them run at once than there are processors.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"resumewatch": main})
}

// TestScripts runs the program as a user does. Words of the scripts beside those
// of testscript:
//
//	rw CODE ARG…           resumewatch ends with that exit code
//	oneline PATTERN        standard error is one line for a person that matches
//	json SRC PATH=VALUE…   a document: SRC is a file, stdout, or stdout:N for a line (-1 the last)
//	keys SRC PATH KEY…     exactly these keys, no others; PATH . is the document
//	lines SRC N            so many lines
//	raw FILE TEXT [N]      writes a file from text with Go's escapes, N times
//	chat FILE N SEED       an invented archive of N messages, 2 % of them listings
//	gbk FILE…              turns UTF-8 into GB18030
//	cut FILE N             drops the last N bytes
//	same FILE FILE         equal and not empty
//	bucket                 S3-compatible storage on loopback, which evidence goes to
//	objects N              so many evidence files and .idx are in it
//	storage on|off         it answers, or refuses
//	board                  a small forum on loopback: $BOARD, $BOARDHOST
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Values[bucketKey{}] = &bucket{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"rw": scriptRun, "oneline": scriptOneLine, "json": scriptJSON, "keys": scriptKeys, "lines": scriptLines,
			"raw": scriptRaw, "chat": scriptChat, "gbk": scriptGBK, "cut": scriptCut, "same": scriptSame, "board": scriptBoard,
			"bucket": scriptBucket, "objects": scriptObjects, "storage": scriptStorage,
		},
	})
}

func want(ts *testscript.TestScript, neg bool, args []string, least int, usage string) {
	if neg || len(args) < least {
		ts.Fatalf("usage: %s", usage)
	}
}

func scriptRun(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "rw CODE ARG…")
	err := ts.Exec("resumewatch", args[1:]...)
	var exit *exec.ExitError
	code := 0
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("resumewatch: %v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

func scriptOneLine(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "oneline PATTERN")
	said := ts.ReadFile("stderr")
	if strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "resumewatch: ") {
		ts.Fatalf("not one line that begins with the program's name: %q", said)
	}
	if !regexp.MustCompile(args[0]).MatchString(said) {
		ts.Fatalf("%q does not match %s", said, args[0])
	}
}

// document reads SRC.
func document(ts *testscript.TestScript, src string) any {
	name, line, numbered := strings.Cut(src, ":")
	text := ts.ReadFile(name)
	if numbered {
		n, err := strconv.Atoi(line)
		ts.Check(err)
		all := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if n < 0 {
			n += len(all)
		}
		if n < 0 || n >= len(all) {
			ts.Fatalf("%s: only %d lines", src, len(all))
		}
		text = all[n]
	}
	var doc any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		ts.Fatalf("%s is no JSON document: %v: %q", src, err, text)
	}
	return doc
}

// at follows a path such as listing.prices.0.amount; "." is the document.
func at(doc any, path string) (any, error) {
	if path == "." {
		return doc, nil
	}
	for _, step := range strings.Split(path, ".") {
		switch v := doc.(type) {
		case map[string]any:
			var ok bool
			if doc, ok = v[step]; !ok {
				return nil, fmt.Errorf("no key %s of %s", step, path)
			}
		case []any:
			if step == "len" {
				return float64(len(v)), nil
			}
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 || n >= len(v) {
				return nil, fmt.Errorf("no element %s of %s, there are %d", step, path, len(v))
			}
			doc = v[n]
		default:
			return nil, fmt.Errorf("%s of %s is in no object or list", step, path)
		}
	}
	return doc, nil
}

func shown(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func scriptJSON(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "json SRC PATH=VALUE…")
	doc := document(ts, args[0])
	for _, a := range args[1:] {
		path, value, ok := strings.Cut(a, "=")
		if !ok {
			ts.Fatalf("%s: write PATH=VALUE", a)
		}
		v, err := at(doc, path)
		ts.Check(err)
		if pattern, ok := strings.CutPrefix(value, "~"); ok {
			if !regexp.MustCompile(pattern).MatchString(shown(v)) {
				ts.Fatalf("%s is %s, which does not match %s", path, shown(v), pattern)
			}
		} else if shown(v) != value {
			ts.Fatalf("%s is %s, want %s", path, shown(v), value)
		}
	}
}

func scriptKeys(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 3, "keys SRC PATH KEY…")
	v, err := at(document(ts, args[0]), args[1])
	ts.Check(err)
	object, ok := v.(map[string]any)
	if !ok {
		ts.Fatalf("%s is no object: %s", args[1], shown(v))
	}
	var have []string
	for k := range object {
		have = append(have, k)
	}
	wanted := slices.Clone(args[2:])
	slices.Sort(have)
	slices.Sort(wanted)
	if !slices.Equal(have, wanted) {
		ts.Fatalf("keys of %s are\n%v, want\n%v", args[1], have, wanted)
	}
}

func scriptLines(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "lines SRC N")
	if n := strings.Count(ts.ReadFile(args[0]), "\n"); strconv.Itoa(n) != args[1] {
		ts.Fatalf("%d lines, want %s", n, args[1])
	}
}

func scriptRaw(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "raw FILE TEXT [N]")
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(args[1], `"`, `\"`) + `"`)
	ts.Check(err)
	n := 1
	if len(args) > 2 {
		n, err = strconv.Atoi(args[2])
		ts.Check(err)
	}
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	ts.Check(err)
	w := bufio.NewWriter(f)
	for range n {
		_, err := w.WriteString(text)
		ts.Check(err)
	}
	ts.Check(errors.Join(w.Flush(), f.Close()))
}

func scriptChat(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 3, "chat FILE N SEED")
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	seed, err := strconv.ParseUint(args[2], 10, 64)
	ts.Check(err)
	ts.Check(writeChat(ts.MkAbs(args[0]), gen.Options{Messages: n, Seed: seed, Listings: 0.02}))
}

func writeChat(path string, o gen.Options) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	_, err = gen.Chat(w, o)
	return errors.Join(err, w.Flush(), f.Close())
}

func scriptGBK(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "gbk FILE…")
	for _, name := range args {
		b, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(ts.ReadFile(name)))
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), b, 0o600))
	}
}

func scriptCut(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "cut FILE N")
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	b := []byte(ts.ReadFile(args[0]))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b[:len(b)-n], 0o600))
}

func scriptSame(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "same FILE FILE")
	a, b := ts.ReadFile(args[0]), ts.ReadFile(args[1])
	if a == "" || a != b {
		ts.Fatalf("%s and %s differ, or are empty:\n%s", args[0], args[1], firstDifference(a, b))
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(x), len(y)) {
		if i >= len(x) || i >= len(y) || x[i] != y[i] {
			line := func(s []string) string {
				if i < len(s) {
					return s[i]
				}
				return "(end)"
			}
			return fmt.Sprintf("line %d:\n%s\n%s", i+1, line(x), line(y))
		}
	}
	return ""
}

func scriptBoard(ts *testscript.TestScript, neg bool, _ []string) {
	want(ts, neg, nil, 0, "board")
	_, address, stop := newBoard(func(err error) { ts.Check(err) }, discuztest.Style{})
	ts.Defer(stop)
	u, err := url.Parse(address)
	ts.Check(err)
	ts.Setenv("BOARD", address)
	ts.Setenv("BOARDHOST", u.Host)
}

// bucketKey is where a script keeps its storage.
type bucketKey struct{}

type bucket struct {
	fake *s3test.Fake
	way  *s3test.Faults
}

func scriptBucket(ts *testscript.TestScript, neg bool, _ []string) {
	want(ts, neg, nil, 0, "bucket")
	b := scriptStore(ts)
	b.fake = s3test.NewFake("evidence")
	b.fake.Key = "access"
	b.way = s3test.Before(b.fake)
	ts.Defer(b.way.Close)
	ts.Setenv("RESUMEWATCH_EVIDENCE_URL", "s3://evidence/team")
	ts.Setenv("RESUMEWATCH_EVIDENCE_S3_ENDPOINT", b.way.URL)
	ts.Setenv("AWS_ACCESS_KEY_ID", "access")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "hushhush")
}

func scriptStore(ts *testscript.TestScript) *bucket {
	b, ok := ts.Value(bucketKey{}).(*bucket)
	if !ok {
		ts.Fatalf("no bucket")
	}
	return b
}

func scriptObjects(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "objects N")
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	names := slices.DeleteFunc(scriptStore(ts).fake.Names("evidence"), func(s string) bool { return s == "team/store-id" })
	if len(names) != n {
		ts.Fatalf("%d objects: %v", len(names), names)
	}
}

func scriptStorage(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "storage on|off")
	if args[0] == "on" {
		scriptStore(ts).way.Fail(nil)
	} else {
		scriptStore(ts).way.Fail(s3test.Always(s3test.Denied))
	}
}

// advert is a listing that every test can count on.
const advert = "出智联简历，一手，现货3万条，2元一条，100条起。\n加QQ 1000012345，先看样后付款。"

// newBoard serves a small forum: 2 boards, 14 threads, 42 posts, 2 of them listings.
func newBoard(check func(error), style discuztest.Style) (site *discuztest.Site, address string, stop func()) {
	at := time.Date(2026, 10, 3, 9, 0, 0, 0, time.UTC)
	site = discuztest.New(style, time.Now)
	site.AddBoard(discuztest.Board{ID: 2, Name: "职场闲聊", Category: "示例"})
	site.AddBoard(discuztest.Board{ID: 3, Name: "资源互换", Category: "示例"})
	say := func(n int, text string) *discuztest.Post {
		return &discuztest.Post{Author: discuztest.User{ID: 100 + n%7, Name: fmt.Sprintf("会员%d", n%7)}, At: at.Add(time.Duration(n) * time.Hour), Text: text}
	}
	for i := range 14 {
		t := discuztest.Thread{Board: 2, Title: fmt.Sprintf("闲聊第%d帖", i+1)}
		for j := range 3 {
			t.Posts = append(t.Posts, say(10*i+j, fmt.Sprintf("今天天气不错，第%d楼", j+1)))
		}
		switch i {
		case 3:
			t.Board, t.Title, t.Posts[0].Text = 3, "出资源", advert
		case 9:
			t.Board, t.Title, t.Posts[1].Text = 3, "收资源", "收猎聘企业账号，长期要，微信 example_wx_77"
		}
		site.AddThread(t)
	}
	address, stop, err := site.Start(context.Background())
	check(err)
	return site, address, stop
}

// program is the program as a child of a test.
type program struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
}

func command(ctx context.Context, dir string, args ...string) *program {
	p := &program{Cmd: exec.CommandContext(ctx, "resumewatch", args...)}
	p.Dir, p.Cmd.Stdout, p.Cmd.Stderr = dir, &p.stdout, &p.stderr
	return p
}

// code waits for the end and gives the exit code; -1 is a signal.
func (p *program) code() int {
	_ = p.Wait() // the state tells more than the error
	return p.ProcessState.ExitCode()
}

// rw runs the program to its end in a folder.
func rw(t *testing.T, dir string, wantCode int, args ...string) (stdout, stderr string) {
	t.Helper()
	p := command(t.Context(), dir, args...)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if code := p.code(); code != wantCode {
		t.Fatalf("resumewatch %s: exit code %d, want %d\nstdout: %s\nstderr: %s", strings.Join(args, " "), code, wantCode, tail(p.stdout.String()), tail(p.stderr.String()))
	}
	return p.stdout.String(), p.stderr.String()
}

func tail(s string) string {
	if len(s) > 3000 {
		return "…" + s[len(s)-3000:]
	}
	return s
}

// summary is the document that import, crawl and up --once end with.
type summary struct {
	Visits      map[string]int64 `json:"visits"`
	Posts       int64            `json:"posts"`
	Duplicates  int64            `json:"duplicates"`
	Listings    int64            `json:"listings"`
	Offers      int64            `json:"offers"`
	Alerts      int64            `json:"alerts"`
	Quarantined int64            `json:"quarantined"`
	Problems    []struct {
		Source string `json:"source"`
		File   string `json:"file"`
		Byte   int64  `json:"byte"`
		Line   int64  `json:"line"`
		Reason string `json:"reason"`
	} `json:"problems"`
	Bytes      int64   `json:"bytes"`
	Seconds    float64 `json:"seconds"`
	Doubtful   int64   `json:"doubtful"`
	DoubtsOver int64   `json:"doubts_over"`
}

// summaryOf reads the last line of an output.
func summaryOf(t *testing.T, stdout string) summary {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	var s summary
	dec := json.NewDecoder(strings.NewReader(lines[len(lines)-1]))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		t.Fatalf("no summary: %v: %s", err, tail(stdout))
	}
	return s
}
