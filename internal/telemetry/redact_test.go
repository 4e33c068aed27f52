package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"resumewatch/extractors/shape"
	"resumewatch/internal/market"
)

func find(s string) []market.Span { return shape.Spans(s) }

func TestMask(t *testing.T) {
	digest := "2d66e697b293e5e2aa13800138000fb1c7d4e5f60718293a4b5c6d7e8f901234"
	for _, c := range []struct{ name, in, want string }{
		{"plain", "workers stopped", "workers stopped"},
		{"phone", "call 13800138000 now", "call [phone] now"},
		{"phone with separators", "电话 138-0013-8000，微信同号", "电话 [phone]，微信同号"},
		{"phone in full width", "１３８００１３８０００", "[phone]"},
		{"phone with country", "+8613800138000", "+[phone]"},
		{"identity number", "身份证 11010119900307123X", "身份证 [id_number]"},
		{"bank card", "6222020000000000000", "[bank_card]"},
		{"mailbox", "to zhang.san@qq.example", "to [mailbox]"},
		{"QQ numbers name groups", "urn:qq:group:1000012345", "urn:qq:group:1000012345"},
		{"digest", digest, digest},
		{"ports and times", "dial tcp 127.0.0.1:6379: 2026-11-22T12:03:04Z i/o timeout", "dial tcp 127.0.0.1:6379: 2026-11-22T12:03:04Z i/o timeout"},
		{"DSN", "postgres://app:geheim@db.example.com:5432/rw", "postgres://[secret]@db.example.com:5432/rw"},
		{"DSN, badly escaped", "postgres://app:ge/he#i?m@db.example.com/rw", "postgres://[secret]@db.example.com/rw"},
		{"DSN as keys", "host=db user=app password=geheim sslmode=require", "host=db user=app password=[secret] sslmode=require"},
		{"DSN as keys, quoted", `password='ge heim' host=db`, `password=[secret] host=db`},
		{"Redis", "redis://:geheim@127.0.0.1:6379/0: connection refused", "redis://[secret]@127.0.0.1:6379/0: connection refused"},
		{"two addresses", "redis://:a@h:1,redis://:b@h:2", "redis://[secret]@h:2"},
		{"address of a page", "https://bbs.example.com/forum-2-1.html?page=2", "https://bbs.example.com/forum-2-1.html?page=2"},
		{"address with a user", "https://me:geheim@bbs.example.com/x", "https://[secret]@bbs.example.com/x"},
		{"mailbox in a path", "https://bbs.example.com/u/zhang@qq.example", "https://bbs.example.com/u/[mailbox]"},
		{"query", "GET /x?a=1&token=abc&b=2", "GET /x?a=1&token=[secret]&b=2"},
		{"bearer", "Bearer abcdefghij0123456789", "Bearer [secret]"},
		{"header", "Authorization: Bearer abcdefghij\nHost: x", "Authorization: [secret]\nHost: x"},
		{"API key", "ApiKey VnVhQ2ZHY0JDZGJrU==", "ApiKey [secret]"},
		{"basic", "Basic YWxhZGRpbjpvcGVuc2VzYW1l0=", "Basic [secret]"},
		{"a word", "basic settings of the source", "basic settings of the source"},
		{"cookies", "Set-Cookie: sid=1; Path=/; x=y", "Set-Cookie: [secret]"},
		{"JSON", `{"password":"ge\"heim","host":"db"}`, `{"password":[secret],"host":"db"}`},
		{"Chinese", "密码：geheim 已过期", "密码：[secret] 已过期"},
		{"a file of a secret", "password_file=/run/secrets/dsn", "password_file=/run/secrets/dsn"},
		{"age", "AGE-SECRET-KEY-1QQPQQQQ: bad", "[secret]: bad"},
		{"PEM", "-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY----- end", "[secret] end"},
		{"PEM cut off", "-----BEGIN PRIVATE KEY-----\nMHc", "[secret]"},
		{"a token of ours", "GET /setup/rwt_h7Wq-0123456789_abcdefghijKLMNOPQRSTUVWXYZab: gone", "GET /setup/[secret]: gone"},
		{"no UTF-8", "a\xff13800138000\xfe", "a\xff[phone]\xfe"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := masker{find: find}
			got := m.text(c.in)
			if got != c.want {
				t.Errorf("%q\n got %q\nwant %q", c.in, got, c.want)
			}
			if again := m.text(got); again != got {
				t.Errorf("masked twice: %q became %q", got, again)
			}
		})
	}
}

func TestMaskBounds(t *testing.T) {
	m := masker{find: find}
	s := m.text(strings.Repeat("简", 1<<20))
	if len(s) > maxText+40 || !strings.HasSuffix(s, "… [3137538 more bytes]") || strings.ContainsRune(s, '\ufffd') {
		t.Errorf("%d bytes, ends in %q", len(s), s[len(s)-40:])
	}
	// Nothing is seen only in part because the text was cut there.
	if s := m.text(strings.Repeat("x", maxText-6) + " 13800138000 and more"); strings.Contains(s, "13800") {
		t.Errorf("ends in %q", s[len(s)-40:])
	}
}

type hidden struct{ Phone, Password string }

type panics struct{}

func (panics) Error() string { panic("no") }

type late struct{ s string }

func (l late) LogValue() slog.Value { return slog.GroupValue(slog.String("mail", l.s)) }

// logged gives the lines that both handlers write of what f logs.
func logged(f func(*slog.Logger)) string {
	var text, doc bytes.Buffer
	o := &slog.HandlerOptions{Level: slog.LevelDebug}
	f(slog.New(Redact(slog.NewTextHandler(&text, o), find)))
	f(slog.New(Redact(slog.NewJSONHandler(&doc, o), find)))
	for line := range strings.Lines(doc.String()) {
		if !json.Valid([]byte(line)) {
			return "no JSON: " + line
		}
	}
	return text.String() + doc.String()
}

func TestRedactAttributes(t *testing.T) {
	const phone, word = "13800138000", "geheim1234"
	deep := slog.String("a", phone)
	for range 20 {
		deep = slog.Attr{Key: "g", Value: slog.GroupValue(deep)}
	}
	for name, f := range map[string]func(*slog.Logger){
		"message":       func(l *slog.Logger) { l.Warn("a post of " + phone) },
		"string":        func(l *slog.Logger) { l.Warn("x", "reason", "call "+phone) },
		"error":         func(l *slog.Logger) { l.Warn("x", "err", fmt.Errorf("open: %w", errors.New("redis://:"+word+"@h:1"))) },
		"joined errors": func(l *slog.Logger) { l.Warn("x", "err", errors.Join(io.EOF, errors.New("phone "+phone))) },
		"bytes":         func(l *slog.Logger) { l.Warn("x", "body", []byte("phone "+phone)) },
		"struct":        func(l *slog.Logger) { l.Warn("x", "v", hidden{Phone: phone}) },
		"pointer":       func(l *slog.Logger) { l.Warn("x", "v", &hidden{Phone: phone, Password: word}) },
		"pointers":      func(l *slog.Logger) { l.Warn("x", "v", []*hidden{{Phone: phone}}) },
		"map":           func(l *slog.Logger) { l.Warn("x", "v", map[string]string{"password": word}) },
		"list":          func(l *slog.Logger) { l.Warn("x", "v", []string{"zhang@qq.example", phone}) },
		"no JSON of it": func(l *slog.Logger) { l.Warn("x", "v", map[string]any{"f": func() {}, "p": phone}) },
		"group":         func(l *slog.Logger) { l.Warn("x", slog.Group("g", "who", phone)) },
		"deep groups":   func(l *slog.Logger) { l.Warn("x", deep) },
		"open group":    func(l *slog.Logger) { l.WithGroup("g").Warn("x", "who", phone) },
		"kept":          func(l *slog.Logger) { l.With("who", phone).WithGroup("g").With("more", phone).Warn("x") },
		"by its name":   func(l *slog.Logger) { l.Warn("x", "redis_password", word, slog.Group("g", "cookie", word)) },
		"LogValuer":     func(l *slog.Logger) { l.Warn("x", "v", late{"zhang@qq.example"}) },
		"Stringer":      func(l *slog.Logger) { l.Warn("x", "v", bytes.NewBufferString(phone)) },
		"debug":         func(l *slog.Logger) { l.Debug("Cookie: a=" + word) },
	} {
		t.Run(name, func(t *testing.T) {
			out := logged(f)
			for _, secret := range []string{phone, word, "zhang@qq.example"} {
				if strings.Contains(out, secret) {
					t.Errorf("%s is in\n%s", secret, out)
				}
			}
			if !strings.Contains(out, "[") {
				t.Errorf("nothing masked in\n%s", out)
			}
		})
	}
}

func TestRedactKeepsTheRest(t *testing.T) {
	out := logged(func(l *slog.Logger) {
		l.Info("done", "n", 13800138000, "took", 2*time.Second, "ok", true, "at", time.Unix(0, 0).UTC(), "none", nil,
			"list", []string{"a", "b"}, "v", hidden{Phone: "-"}, slog.Group("g", "queue", "archive"), "panics", panics{})
	})
	for _, want := range []string{
		"n=13800138000 took=2s ok=true at=1970-01-01T00:00:00.000Z none=<nil> list=\"[a b]\"", "g.queue=archive",
		`"n":13800138000,"took":2000000000,"ok":true`, `"list":["a","b"],"v":{"Phone":"-","Password":""}`, "[telemetry.panics can't be printed]",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("want %s in\n%s", want, out)
		}
	}
	l := slog.New(Redact(slog.NewTextHandler(io.Discard, nil), find))
	if l.Enabled(context.Background(), slog.LevelDebug) {
		t.Error("the level of the next handler doesn't hold")
	}
}

func FuzzMask(f *testing.F) {
	f.Add("password=", "redis://:x@h", uint16(3))
	f.Add("-----BEGIN PRIVATE KEY-----", "@@..", uint16(0))
	f.Add("1380013800", "０", uint16(9000))
	f.Fuzz(func(t *testing.T, before, after string, pad uint16) {
		m := masker{find: find}
		// Set apart, so that what stands before can't change what it is.
		const phone, key = "13800138000", "tok3n-value"
		text := strings.Repeat("x", int(pad)%10000) + before + "\n\"\n" + phone + "\n\"\ntoken=" + key + "\n" + after
		got := m.text(text)
		if len(got) > maxText+40 {
			t.Fatalf("%d bytes", len(got))
		}
		if strings.Contains(strings.TrimPrefix(got, before), "\n"+phone+"\n") || strings.Contains(got, "token="+key+"\n") {
			t.Fatalf("%q is still in %q", phone, got)
		}
	})
}

func BenchmarkRedact(b *testing.B) {
	l := slog.New(Redact(slog.NewTextHandler(io.Discard, nil), find))
	err := errors.New("casebook: commit: failed to connect to `host=127.0.0.1 user=app database=rw`: dial tcp 127.0.0.1:5432: connect: connection refused")
	for b.Loop() {
		l.Error("task failed; it is tried again", "type", "visit", "err", err)
	}
}
