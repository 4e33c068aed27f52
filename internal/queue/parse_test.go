package queue

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]Address{
		"redis://localhost":                            {Addr: "localhost:6379"},
		"redis://:s%40cret@10.0.0.1:7000/3":            {Addr: "10.0.0.1:7000", Password: "s@cret", DB: 3},
		"REDIS://crawler:secret@Redis_1.example/?db=2": {Addr: "redis_1.example:6379", Username: "crawler", Password: "secret", DB: 2},
		"redis://[::1]":                                {Addr: "[::1]:6379"},
		"redis://[::1]:7000":                           {Addr: "[::1]:7000"},
		"redis://a.example:7000?cluster=true":          {Nodes: []string{"a.example:7000"}},
		"redis://a.example redis://b.example:7000":     {Nodes: []string{"a.example:6379", "b.example:7000"}},
		"redis-sentinel://a,b:26380/master":            {Nodes: []string{"a:26379", "b:26380"}, Master: "master"},
		"redis-sentinel://u:p@a/m%C3%A9?db=4&sentinel_user=su&sentinel_password=sp%23": {
			Nodes: []string{"a:26379"}, Master: "mé", DB: 4, Username: "u", Password: "p", SentinelUsername: "su", SentinelPassword: "sp#",
		},
	} {
		got, err := ParseAddress(strings.Fields(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	}
	for _, text := range []string{"rediss://a.example", "redis-sentinel://a/m?tls=true"} {
		got, err := ParseAddress([]string{text})
		if err != nil || got.TLS == nil || got.TLS.MinVersion < 0x0303 || got.TLS.InsecureSkipVerify {
			t.Errorf("%s: TLS %+v, %v", text, got.TLS, err)
		}
	}
}

// What is wrong is said, and no password, whatever else is wrong.
func TestParseAddressMistakes(t *testing.T) {
	noPEM := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(noPEM, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"":                                            "none is given",
		"localhost:6379":                              "want redis://",
		"http://:hunter2@localhost":                   "want redis://",
		"redis://":                                    "neither a name nor an address",
		"redis://:hunter2@":                           "neither a name nor an address",
		"redis://:hunter2@a b":                        "no address",
		"redis://:hunter2@a:port":                     "port of",
		"redis://:hunter2@a:0":                        "port of",
		"redis://:hunter2@a:70000":                    "port of",
		"redis://:hunter2@::1":                        "no HOST:PORT",
		"redis://:hunter2@h%20/0":                     "neither a name nor an address",
		"redis://:hunter2@a/x":                        "database must be a number",
		"redis://:hunter2@a/-1":                       "database must be a number",
		"redis://:hunter2@a/1?db=2":                   "twice",
		"redis://:hunter2@a?timeout=3":                `option "timeout"`,
		"redis://:hunter2@a?cluster=yes":              "can only be true",
		"redis://:hunter2@a?cluster=true&db=1":        "has only 0",
		"redis://:hunter2@a?%zz":                      "cannot be read",
		"redis://:hunter2@a#x":                        "cannot be read",
		"redis://:hunter2/x@a":                        "write it %40",
		"redis://:hunter2@x@a":                        "write it %40",
		"redis://:hunter2%@a":                         "write it %40",
		"redis://:hunter2@a,b":                        "names 2 hosts",
		"redis://:hunter2@a?ca_file=x":                `option "ca_file"`,
		"rediss://:hunter2@a?ca_file=/nowhere/ca.pem": "ca_file",
		"rediss://:hunter2@a?ca_file=" + noPEM:        "no certificate",
		"redis-sentinel://:hunter2@a,b":               "name of the master",
		"redis-sentinel://:hunter2@a/m/n":             "name of the master",
		"redis-sentinel://:hunter2@a,/m":              "neither a name nor an address",
		"redis-sentinel://:hunter2@a/m redis://b":     "1 of 2 names Sentinels",
		"redis://:hunter2@a redis://:hunter3@b":       "another user, password",
		"redis://:hunter2@a rediss://:hunter2@b":      "another user, password",
		"redis://:hunter2@a redis://:hunter2@A:6379":  "given twice",
		"redis://:hunter2@a redis://:hunter2@b/1":     "address 2 of 2 names database 1",
		"redis://:hunter2@a nonsense":                 "address 2 of 2",
		"redis://" + strings.Repeat("a", 5000):        "bytes long",
		strings.Repeat("redis://a ", 101):             "at most 100",
	} {
		list := strings.Fields(text)
		if strings.Contains(text, "a b") {
			list = []string{text}
			want = "white space"
		}
		_, err := ParseAddress(list)
		if !errors.Is(err, ErrAddress) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: error %v, want one that says %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: the error tells the password: %v", text, err)
		}
	}
}

func TestAddressString(t *testing.T) {
	for want, a := range map[string]Address{
		"a:1":                  {Addr: "a:1", Username: "hunter1", Password: "hunter2"},
		"a:1/3":                {Addr: "a:1", DB: 3, Password: "hunter2"},
		"cluster a:1,b:2":      {Nodes: []string{"a:1", "b:2"}, Password: "hunter2"},
		"m by sentinels a:1/2": {Nodes: []string{"a:1"}, Master: "m", DB: 2, Password: "hunter2", SentinelPassword: "hunter3"},
	} {
		if got := a.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	f.Add("redis://u:p%40@h:1/2?db=3\nredis://b")
	f.Add("redis-sentinel://:pp@a:1,[::1]:2/m?sentinel_password=q")
	f.Add("rediss://a?ca_file=/dev/null")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "ca_file") {
			return // the fuzzer opens no files
		}
		a, err := ParseAddress(strings.Split(text, "\n"))
		if err != nil {
			if !errors.Is(err, ErrAddress) {
				t.Errorf("error %v is no ErrAddress", err)
			}
			return
		}
		if (a.Addr == "") == (len(a.Nodes) == 0) || a.DB != 0 && a.Addr == "" && a.Master == "" {
			t.Errorf("%q gives %+v", text, a)
		}
		// What people see leads to the same place again.
		if a.Addr != "" {
			again, err := ParseAddress([]string{"redis://" + a.String()})
			if err != nil {
				t.Fatalf("%q: %v", a, err)
			}
			if diff := cmp.Diff(Address{Addr: a.Addr, DB: a.DB}, again, cmpopts.IgnoreFields(Address{}, "TLS")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		}
	})
}
