package app

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"resumewatch/internal/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func testOptions(t *testing.T) Options {
	t.Helper()
	return Options{
		Data: filepath.Join(t.TempDir(), "data"), Config: config.Default(), Log: slog.New(slog.DiscardHandler),
		Env: func(key string) string { return map[string]string{"RESUMEWATCH_TEST": "1"}[key] },
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("%s (-want +got)\n%s", what, d)
	}
}

// wantUsage makes sure that an error is one of usage and names what it is about.
func wantUsage(t *testing.T, err error, names ...string) {
	t.Helper()
	var usage *UsageError
	if !errors.As(err, &usage) {
		t.Fatalf("error %v, want one of usage", err)
	}
	for _, n := range names {
		if !strings.Contains(err.Error(), n) {
			t.Errorf("error %q names no %q", err, n)
		}
	}
}

const advert = "出智联一手简历，2元一份，100份起，加QQ 1000012345"

// export writes a group archive with one advert in every conversation.
func export(t *testing.T, path string, conversations ...string) string {
	t.Helper()
	var b bytes.Buffer
	line := strings.Repeat("=", 64) + "\r\n"
	b.WriteString("\ufeff消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n")
	for _, name := range conversations {
		b.WriteString(line + "消息分组:我的群聊\r\n" + line + "消息对象:" + name + "\r\n" + line + "\r\n")
		for i := range 10 {
			text := fmt.Sprintf("今天吃什么 %d", i)
			if i == 4 {
				text = advert
			}
			fmt.Fprintf(&b, "%s 路人(1000012345)\r\n%s\r\n\r\n", time.Date(2026, 3, 1, 8, i, 0, 0, time.UTC).Format("2006-01-02 15:04:05"), text)
		}
	}
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

// hits searches a data folder.
func hits(t *testing.T, o Options, query string) []Hit {
	t.Helper()
	r, err := OpenReader(t.Context(), o)
	must(t, err)
	defer r.Close()
	out := []Hit{}
	must(t, r.Search(t.Context(), SearchOptions{Query: query}, func(h Hit) error { out = append(out, h); return nil }))
	return out
}

func dump(t *testing.T, o Options) string {
	t.Helper()
	r, err := OpenReader(t.Context(), o)
	must(t, err)
	defer r.Close()
	var out strings.Builder
	must(t, r.Book.DumpCanonical(t.Context(), &out))
	return out.String()
}
