package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each file of testdata/bad has mistakes and, in comments, what is said of them.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(string(text)) {
				if w, ok := strings.CutPrefix(line, "# want: "); ok {
					want = append(want, path+":"+strings.TrimSpace(w))
				}
			}
			_, err = Load(path, nil)
			if err == nil {
				t.Fatal("no mistake was found")
			}
			if diff := cmp.Diff(strings.Join(want, "\n"), err.Error()); diff != "" {
				t.Error(diff)
			}
			var one *Error
			if !errors.As(err, &one) || one.File != path || one.Line == 0 {
				t.Errorf("%#v", one)
			}
		})
	}
}

func load(t *testing.T, text string, env ...string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path, env)
}

func TestDefaults(t *testing.T) {
	for _, text := range []string{"", "\n# nothing\n", "---\n", "sources:\nlog: {}\n", "queue: {redis: ''}\ncasebook: {dsn: ~}\nindex: {elasticsearch: []}\nnotify: []\nconsole:\n"} {
		c, err := load(t, text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		c.File = ""
		if diff := cmp.Diff(Default(), c); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	if _, err := Load("", nil); err != nil {
		t.Error(err)
	}
}

func TestExampleShowsEveryKeyAndIsGood(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(path, []byte(Example()), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Source{
		Name: "example-board", Kind: "discuz", URL: "https://bbs.example.com/forum-2-1.html",
		Authority: Authority{Why: "own-brand monitoring, ticket SEC-104", Until: time.Date(2027, 7, 1, 0, 0, 0, 0, china)},
		Budget:    Budget{Requests: 30, Per: time.Minute}, AllowPrivate: []string{}, Keep: KeepListings,
	}
	if diff := cmp.Diff(want, c.Sources[0]); diff != "" {
		t.Error(diff)
	}
	if got := c.Sources[1].URL; got != filepath.Join(dir, "archives/example-group.txt") {
		t.Errorf("the archive is at %s", got)
	}
	if c.Data != filepath.Join(dir, "data") {
		t.Errorf("data is at %s", c.Data)
	}
	if got := c.Sources[0].Budget.Rate().String(); got != "30/1m" {
		t.Errorf("budget %s", got)
	}
	// But for the sources, the example is the defaults.
	c.Sources, c.File, c.Data, c.Evidence.SealTo = []Source{}, "", "./data", nil
	if diff := cmp.Diff(Default(), c); diff != "" {
		t.Error(diff)
	}
	var schema struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for _, key := range allKeys(schema.Properties, t) {
		if !strings.Contains(Example(), key+":") && !isLater(key) {
			t.Errorf("the example does not show %s", key)
		}
	}
}

func isLater(key string) bool {
	for path := range later {
		for _, part := range strings.Split(path, ".") {
			if part == key {
				return true
			}
		}
	}
	return false
}

func allKeys(properties map[string]json.RawMessage, t *testing.T) []string {
	var out []string
	for name, raw := range properties {
		out = append(out, name)
		var inner struct {
			Properties map[string]json.RawMessage `json:"properties"`
			Items      struct {
				Properties map[string]json.RawMessage `json:"properties"`
			} `json:"items"`
		}
		if err := json.Unmarshal(raw, &inner); err != nil {
			t.Fatal(err)
		}
		out = append(out, allKeys(inner.Properties, t)...)
		out = append(out, allKeys(inner.Items.Properties, t)...)
	}
	return out
}

// What Show writes is read as the same configuration.
func TestShowAndLoadAgain(t *testing.T) {
	c, err := load(t, `
data: /srv/resumewatch
log: {level: debug, format: json}
fetch: {max_body: 1MiB, max_header: 4096, first_byte: 1500ms, total: 90s, redirects: 0, user_agent: "yes"}
evidence: {seal_to: [], identity_file: secrets/id}
sources:
  - &a
    name: 论坛-1
    kind: machina
    url: http://127.0.0.1:8000/forum/
    authority: {why: "no", until: 2027-06-30T12:00:00+02:00}
    budget: {requests: 1}
    robots: {ignored_by: "#1"}
    session: {cookies_file: secrets/a.cookies}
    allow_private: ["127.0.0.1:8000", "[::1]:80"]
  - {name: b, kind: archive, url: file:///srv/a.txt, authority: {why: "x: y", until: 2027-06-30}}
`)
	if err != nil {
		t.Fatal(err)
	}
	if c.Fetch.MaxBody != 1<<20 || c.Fetch.FirstByte != 1500*time.Millisecond || c.Fetch.Redirects != 0 {
		t.Errorf("%+v", c.Fetch)
	}
	if c.Sources[1].URL != "/srv/a.txt" || c.Sources[0].Budget.Rate().Interval() != time.Minute {
		t.Errorf("%+v", c.Sources)
	}
	if m := c.Sources[1].Authority.Market(); m.Ended(time.Date(2027, 6, 30, 23, 59, 59, 0, china)) || !m.Ended(time.Date(2027, 7, 1, 0, 0, 0, 0, china)) {
		t.Error("a date ends with its day in China")
	}
	var b bytes.Buffer
	if err := c.Show(&b); err != nil {
		t.Fatal(err)
	}
	again, err := load(t, b.String())
	if err != nil {
		t.Fatalf("%v in:\n%s", err, b.String())
	}
	again.File = c.File
	same := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
	none := cmp.Transformer("none", func(l []string) int { return len(l) })
	if diff := cmp.Diff(c, again, same, none); diff != "" {
		t.Error(diff)
	}
}

func TestEnvironment(t *testing.T) {
	c, err := load(t, "log: {level: warn, format: json}\ndata: a\n",
		"RESUMEWATCH_LOG_LEVEL=debug", "RESUMEWATCH_LOG_FORMAT=", "RESUMEWATCH_DATA=/srv/b", "RESUMEWATCH_FETCH_MAX_BODY=2MB",
		"RESUMEWATCH_FETCH_TOTAL=2m", "RESUMEWATCH_FETCH_REDIRECTS=3", "RESUMEWATCH_EVIDENCE_IDENTITY_FILE=id",
		"RESUMEWATCH_USER=admin", "RESUMEWATCH_SERVICE_PORT=1", "RESUMEWATCH_QUEUE_REDIS=", "LOG_LEVEL=error", "broken")
	if err != nil {
		t.Fatal(err)
	}
	if c.Log.Level != "debug" || c.Log.Format != "json" || c.Data != "/srv/b" || c.Fetch.MaxBody != 2_000_000 ||
		c.Fetch.Total != 2*time.Minute || c.Fetch.Redirects != 3 || c.Evidence.IdentityFile != "id" {
		t.Errorf("%+v", c)
	}
	_, err = load(t, "", "RESUMEWATCH_LOG_LEVEL=loud", "RESUMEWATCH_NOTIFY=x", "RESUMEWATCH_FETCH_REDIRECTS=-1")
	want := "RESUMEWATCH_FETCH_REDIRECTS: fetch.redirects: must be at least 0, is -1\n" +
		"RESUMEWATCH_LOG_LEVEL: log.level: must be one of debug, info, warn, error, is \"loud\"\n" +
		"RESUMEWATCH_NOTIFY: notify: not in this version (notices); leave it empty"
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestFiles(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.yaml")
	if _, err := Load(missing, nil); err == nil || err.Error() != missing+": no such file or directory" {
		t.Errorf("%v", err)
	}
	if _, err := Load(t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("%v", err)
	}
	if _, err := load(t, strings.Repeat("# a comment\n", 100_000)); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("%v", err)
	}
	c, err := load(t, "evidence: {identity_file: none}\nsources:\n  - {name: a, kind: archive, url: none.txt, authority: {why: t}}\n")
	if err != nil {
		t.Fatal(err)
	}
	var errs Errors
	if err := c.CheckFiles(); !errors.As(err, &errs) || len(errs) != 2 || errs[1].Key != "sources[0].url" {
		t.Errorf("%v", err)
	}
	if err := Default().CheckFiles(); err != nil {
		t.Error(err)
	}
}

// Secrets that were pasted by mistake never come back out.
func TestSecretsAreNotRepeated(t *testing.T) {
	const secret = "AGE-SECRET-KEY-1ABCDEFGH"
	for _, text := range []string{"evidence: {seal_to: [" + secret + "]}", "log: {level: " + secret + "}", "fetch: " + secret, "sources: [{url: 'https://u:hush@h/'}]"} {
		_, err := load(t, text)
		if err == nil || strings.Contains(err.Error(), "ABCDEFGH") || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(Example()))
	f.Add([]byte("a: &a [*a, *a]\nsources: &s [*s]\n"))
	f.Add([]byte("? {a: b}\n: c\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parse("fuzz.yaml", text, nil)
		if err != nil {
			var errs Errors
			if !errors.As(err, &errs) || len(errs) == 0 {
				t.Fatalf("%T %v", err, err)
			}
			for _, e := range errs {
				if e.File != "fuzz.yaml" || e.Message == "" || strings.Contains(e.Error(), "\n") {
					t.Fatalf("%q", e.Error())
				}
			}
			return
		}
		var b bytes.Buffer
		if err := c.Show(&b); err != nil {
			t.Fatal(err)
		}
		if _, err := parse("fuzz.yaml", b.Bytes(), nil); err != nil {
			t.Fatalf("what Show wrote is refused: %v\n%s", err, b.String())
		}
	})
}
