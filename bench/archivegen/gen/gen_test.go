package gen

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
)

func write(t testing.TB, o Options) (string, Stats) {
	t.Helper()
	var b bytes.Buffer
	s, err := Chat(&b, o)
	if err != nil {
		t.Fatal(err)
	}
	if s.Bytes != int64(b.Len()) {
		t.Errorf("says %d bytes, wrote %d", s.Bytes, b.Len())
	}
	return b.String(), s
}

func TestChat(t *testing.T) {
	a, s := write(t, Options{Seed: 7, Messages: 5000, Listings: 0.05})
	b, _ := write(t, Options{Seed: 7, Messages: 5000, Listings: 0.05})
	if a != b {
		t.Error("the same options give other bytes")
	}
	if c, _ := write(t, Options{Seed: 8, Messages: 5000, Listings: 0.05}); a == c {
		t.Error("another seed gives the same bytes")
	}
	if s.Messages != 5000 || s.Listings < 150 || s.Listings > 350 || s.System == 0 {
		t.Errorf("%+v", s)
	}
	if strings.ContainsAny(a, "{}") {
		t.Error("a slot stayed empty")
	}
	if strings.Count(a, "\n") != strings.Count(a, "\r\n") {
		t.Error("line breaks are mixed")
	}
	for _, n := range regexp.MustCompile(`\d{9,}`).FindAllString(a, -1) {
		ok := strings.HasPrefix(n, "10000") && len(n) == 10 || strings.HasPrefix(n, "13800138") && len(n) == 11 || strings.HasPrefix(n, "1500000") && len(n) == 11
		if !ok {
			t.Fatalf("%s is no invented number", n)
		}
	}
	for _, m := range regexp.MustCompile(`[\w.]+@[\w.]+`).FindAllString(a, -1) {
		if !strings.HasSuffix(m, "@example.cn") {
			t.Fatalf("%s is no invented mailbox", m)
		}
	}
}

func TestSize(t *testing.T) {
	for _, o := range []Options{{Size: 3_000_000, Listings: 0.01}, {Size: 3_000_000, GBK: true}, {Size: 300_000, Conversations: 3}} {
		text, s := write(t, o)
		if s.Bytes < o.Size*97/100 || s.Bytes > o.Size*103/100+4096 {
			t.Errorf("%+v gives %d bytes", o, s.Bytes)
		}
		if !o.GBK {
			if n := strings.Count(text, "消息对象:"); n != max(o.Conversations, 1) {
				t.Errorf("%d conversations", n)
			}
		}
	}
}

// A large archive still ends before today.
func TestSpan(t *testing.T) {
	text, _ := write(t, Options{Size: 20_000_000})
	last := regexp.MustCompile(`20\d\d-\d\d-\d\d`).FindAllString(text, -1)
	day, err := time.Parse("2006-01-02", last[len(last)-1])
	if err != nil || day.After(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("ends %v, %v", day, err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestErrors(t *testing.T) {
	if _, err := Chat(io.Discard, Options{}); err == nil {
		t.Error("nothing to write is no error")
	}
	if _, err := Chat(io.Discard, Options{Messages: 1, Listings: 2}); err == nil {
		t.Error("more listings than messages is no error")
	}
	if _, err := Chat(full{}, Options{Messages: 9}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a full disk: %v", err)
	}
}

func BenchmarkChat(b *testing.B) {
	b.SetBytes(10_000_000)
	for b.Loop() {
		if _, err := Chat(io.Discard, Options{Seed: 1, Size: 10_000_000, Listings: 0.002}); err != nil {
			b.Fatal(err)
		}
	}
}
