package config

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const scaled = `
queue: {redis: "redis://:hush@10.0.0.5:6379/0"}
casebook: {dsn: "postgres://rw:hush@10.0.0.6/rw?sslmode=require&sslpassword=hush"}
index: {elasticsearch: "https://u:hush@10.0.0.7:9200", api_key_file: es.key}
`

func TestEnginesAndWhatIsShown(t *testing.T) {
	c, err := load(t, scaled)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Scaled() || Default().Scaled() {
		t.Error("scaled is when the three engines are named")
	}
	if got := c.Index.Elasticsearch; len(got) != 1 || got[0] != "https://u:hush@10.0.0.7:9200" {
		t.Errorf("a plain text is %q", got)
	}
	if filepath.Base(c.Index.APIKeyFile) != "es.key" || !filepath.IsAbs(c.Index.APIKeyFile) {
		t.Errorf("the key is at %s", c.Index.APIKeyFile)
	}
	var b bytes.Buffer
	if err := c.Show(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "hush") {
		t.Errorf("a password is shown:\n%s", b.String())
	}
	again, err := load(t, b.String())
	if err != nil {
		t.Fatalf("what is shown is refused: %v\n%s", err, b.String())
	}
	if again.Casebook.DSN != "postgres://rw:***@10.0.0.6/rw?sslmode=require&sslpassword=***" {
		t.Errorf("shown is %s", again.Casebook.DSN)
	}
}

func TestRedacted(t *testing.T) {
	for in, want := range map[string]string{
		"redis://:hush@h:1/0":                        "redis://:***@h:1/0",
		"redis://hush@h:1/0":                         "redis://***@h:1/0",
		"redis://u:hu/sh@h":                          "redis://u:***@h",
		"redis://u:hu@sh?x#y@h/z":                    "redis://u:***@h/z",
		"rediss://h:1":                               "rediss://h:1",
		"redis-sentinel://:hush@a:1,b:2/main?db=1":   "redis-sentinel://:***@a:1,b:2/main?db=1",
		"postgres:///rw?host=/run&PassWord=hush&x=1": "postgres:///rw?host=/run&PassWord=***&x=1",
		"":                  "",
		"resumewatch":       "resumewatch",
		"user@qq.example":   "user@qq.example",
		"HTTPS://u:hush@H/": "HTTPS://u:***@H/",
		"://u:hush@h":       "://u:***@h",
	} {
		if got := Redacted(in); got != want {
			t.Errorf("%s is shown as %s, want %s", in, got, want)
		}
	}
}

func TestListsFromOneText(t *testing.T) {
	for text, want := range map[string][]string{
		"redis://a:1,redis://b:2 , rediss://c:3": {"redis://a:1", "redis://b:2", "rediss://c:3"},
		"redis-sentinel://:p@a:1,b:2/main":       {"redis-sentinel://:p@a:1,b:2/main"},
		"https://a\nhttps://b\n":                 {"https://a", "https://b"},
		"https://a":                              {"https://a"},
	} {
		c, err := load(t, "casebook: {dsn: 'postgres://h/rw'}\n", "RESUMEWATCH_QUEUE_REDIS=redis://h", "RESUMEWATCH_INDEX_ELASTICSEARCH=https://h")
		if err != nil {
			t.Fatal(err)
		}
		field, _ := reflect.TypeFor[Queue]().FieldByName("Redis")
		if err := set(reflect.ValueOf(c).Elem().FieldByName("Queue").FieldByName("Redis"), text, field.Tag); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, c.Queue.Redis); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	c, err := load(t, "console: {trusted_proxies: [10.9.0.0/16]}", "RESUMEWATCH_CONSOLE_TRUSTED_PROXIES=10.0.0.0/24, ::1 192.0.2.7")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range c.Console.Prefixes() {
		got = append(got, p.String())
	}
	if !slices.Equal(got, []string{"10.0.0.0/24", "::1/128", "192.0.2.7/32"}) {
		t.Errorf("%q", got)
	}
}

func TestValuesFromFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	redis := "RESUMEWATCH_QUEUE_REDIS_FILE=" + file("redis", "redis://a:1\r\nredis://b:2\n")
	es := "RESUMEWATCH_INDEX_ELASTICSEARCH=https://127.0.0.1:9200"
	c, err := load(t, "casebook: {dsn: 'postgres://old/rw'}\n", redis, es, "RESUMEWATCH_CASEBOOK_DSN_FILE="+file("dsn", "postgres://u:hush@new/rw\n"),
		"RESUMEWATCH_WORKER_FETCH_FILE="+file("n", "7\n"), "RESUMEWATCH_INDEX_CA_FILE=ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	if c.Casebook.DSN != "postgres://u:hush@new/rw" || len(c.Queue.Redis) != 2 || c.Worker.Fetch != 7 || c.Index.CAFile != "ca.pem" {
		t.Errorf("%+v", c)
	}
	const dsn = "RESUMEWATCH_CASEBOOK_DSN_FILE"
	for what, tc := range map[string]struct{ env, want string }{
		"missing":  {filepath.Join(dir, "none"), "none: no such file or directory"},
		"empty":    {file("empty", "\n"), "empty: is empty"},
		"large":    {file("large", strings.Repeat("x", maxSecret+1)), "is larger than 65536 bytes"},
		"a folder": {dir, "is a directory"},
		"wrong":    {file("wrong", "hush"), "must be an address that begins with one of postgres://, postgresql://"},
		"two":      {file("two", "postgres://u:hush@h/a\npostgres://u:hush@h/b\n"), "holds the control character U+000A"},
	} {
		_, err := load(t, "", redis, es, dsn+"="+tc.env)
		if err == nil || !strings.Contains(err.Error(), dsn+": casebook.dsn: ") || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err = load(t, "", redis, es, dsn+"="+file("one", "postgres://h/a"), "RESUMEWATCH_CASEBOOK_DSN=postgres://h/b")
	if err == nil || !strings.Contains(err.Error(), "is set by RESUMEWATCH_CASEBOOK_DSN too") {
		t.Errorf("%v", err)
	}
	_, err = load(t, "", es)
	if err == nil || !strings.Contains(err.Error(), "RESUMEWATCH_INDEX_ELASTICSEARCH: queue.redis: is empty, but index.elasticsearch is set (RESUMEWATCH_INDEX_ELASTICSEARCH)") {
		t.Errorf("%v", err)
	}
}

// RESUMEWATCH_A_B_FILE can mean the key a.b_file or a file for a.b, not both.
func TestNoKeyIsCalledLikeAFileOfAnother(t *testing.T) {
	keys := scalars(reflect.ValueOf(Default()).Elem(), "")
	names := map[string]string{}
	for key := range keys {
		names[Variable(key)] = key
	}
	for name, key := range names {
		if other, twice := names[name+"_FILE"]; twice {
			t.Errorf("%s_FILE is %s and a file for %s", name, other, key)
		}
	}
	if len(names) != len(keys) {
		t.Error("two keys have one variable")
	}
}

func TestWarnings(t *testing.T) {
	warned := func(text string) string {
		t.Helper()
		c, err := load(t, text)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(c.Warnings(), "\n")
	}
	w := warned(scaled)
	if strings.Count(w, "\n") != 1 || !strings.Contains(w, "queue.redis") || !strings.Contains(w, "casebook.dsn") || strings.Contains(w, "hush") {
		t.Error(w)
	}
	if w := warned(strings.NewReplacer("https://u:hush@", "http://", "redis://", "rediss://", "require", "verify-full").Replace(scaled)); !strings.HasPrefix(w, "index.elasticsearch") {
		t.Error(w)
	}
	if w := warned("queue: {redis: 'redis://:a@127.0.0.1:1'}\ncasebook: {dsn: 'postgres://a:b@[::1]/x'}\nindex: {elasticsearch: ['http://a:b@localhost:9200']}"); w != "" {
		t.Error(w)
	}
	if w := warned(""); w != "" {
		t.Error(w)
	}
}

func FuzzRedacted(f *testing.F) {
	f.Add("redis://:", "hush", "@h:1/0")
	f.Add("postgres://u:", "a@b/c", "@h,i:2/x?sslmode=require")
	f.Add("https://", "", "h")
	f.Fuzz(func(t *testing.T, before, password, after string) {
		secret := "7f3ahush" + password + "hush9c1e"
		if strings.Contains(before, "hush") || strings.Contains(after, "hush") || !strings.Contains(before, "://") || !strings.HasPrefix(after, "@") {
			return
		}
		if got := Redacted(before + secret + after); strings.Contains(got, "7f3ahush") && strings.HasSuffix(before, ":") {
			t.Errorf("%q holds the password", got)
		}
	})
}
