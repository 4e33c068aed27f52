package jobs

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCookiesFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "board.cookies")
	write := func(text string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	cookies := func(s *sessions, address string) string {
		t.Helper()
		jar, err := s.jar(path)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, c := range jar.Cookies(u) {
			out = append(out, c.Name+"="+c.Value)
		}
		return strings.Join(out, " ")
	}
	var s sessions
	start := time.Now().Add(-time.Hour)
	write("# Netscape HTTP Cookie File\n\n"+
		".example.com\tTRUE\t/\tFALSE\t0\tsid\tone\n"+
		"#HttpOnly_bbs.example.com\tFALSE\t/\tTRUE\t4102444800\tauth\ttwo\n"+
		"bbs.example.com\tFALSE\t/\tFALSE\t946684800\told\tgone\n", start)
	for address, want := range map[string]string{
		"https://bbs.example.com/x": "sid=one auth=two",
		"http://bbs.example.com/x":  "sid=one",
		"http://www.example.com/":   "sid=one",
		"http://example.cn/":        "",
	} {
		if got := cookies(&s, address); got != want {
			t.Errorf("%s: cookies %q, want %q", address, got, want)
		}
	}
	write("bbs.example.com\tFALSE\t/\tFALSE\t0\tsid\tnew\n", start.Add(time.Minute))
	if got := cookies(&s, "http://bbs.example.com/"); got != "sid=new" {
		t.Errorf("after the file changed: %q", got)
	}
	for _, bad := range []string{"only three\tfields\there\n", "a\tFALSE\t/\tFALSE\tsoon\tn\tv\n"} {
		start = start.Add(time.Hour)
		write(bad, start)
		if _, err := s.jar(path); err == nil || !strings.Contains(err.Error(), path+":1") {
			t.Errorf("%q: error %v, want one that names file and line", bad, err)
		}
	}
}
