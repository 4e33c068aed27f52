package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"resumewatch/internal/market"
)

var testTime = time.Date(2026, 3, 14, 9, 26, 53, 589793000, time.FixedZone("", 8*3600))

func testInfo() Info {
	return Info{
		Software: "resumewatch/test", Operator: "Example\r\nSecurity 安全", Host: "w1.example.com", UserAgent: "resumewatch/test",
		Robots: "obey", Source: "example-board", Authority: market.Authority{Why: "ticket SEC-104", Until: testTime.AddDate(1, 0, 0)},
	}
}

// chatCapture is a chat of n chunks, the last of them large and full of what
// compresses badly.
func chatCapture(tb testing.TB, n int, at time.Time) Capture {
	tb.Helper()
	var chunks []Chunk
	offset := int64(0)
	for i := range n {
		text := fmt.Sprintf("\xef\xbb\xbf2026-03-14 9:26:53 卖家(1000012345)\r\n出智联简历 一手 2元一份 %d\r\n\r\n", i)
		if i == n-1 {
			text += string(noise(200_000))
		}
		chunks = append(chunks, Chunk{
			File: `D:\记录\全部消息记录 "1".txt`, FileSHA256: strings.Repeat("0f", 32), Start: offset, End: offset + int64(len(text)),
			Data: []byte(text), Reader: "qq-txt/1",
		})
		offset += int64(len(text)) + 1000
	}
	c, err := ChatCapture(testInfo(), "urn:qq:group:1000012345", at, chunks)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// pageExchanges are a redirect and a page, with what servers do to heads.
func pageExchanges() []Exchange {
	return []Exchange{{
		URL: "http://bbs.example.com/?q=简历&a=b c#floor3", At: testTime, RemoteAddr: "192.0.2.7:80",
		RequestHead:  []byte("GET /?q=%E7%AE%80%E5%8E%86&a=b%20c HTTP/1.1\r\nHost: bbs.example.com\r\nCookie: sid=supersecret; auth=verysecret\r\n\r\n"),
		ResponseHead: []byte("HTTP/1.1 301 Moved Permanently\r\nLocation: /forum-2-1.html\r\nContent-Length: 0\r\nSet-Cookie: sid=othersecret; Path=/; HttpOnly\r\n\r\n"),
	}, {
		URL: "http://bbs.example.com/forum-2-1.html", At: testTime.Add(time.Second), RemoteAddr: "[2001:db8::7%eth0]:80",
		RequestHead: []byte("GET /forum-2-1.html HTTP/1.1\nHost: bbs.example.com\n\n"),
		ResponseHead: []byte("HTTP/2.0 200 OK\r\nServer: \xd6\xd0\xce\xc4\x01\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\nContent-Length: 17\r\n" +
			"X-Folded: a\r\n\tb\r\nno field\r\nBad Name: x\r\nContent-Type: text/html; charset=gbk\r\n\r\n"),
		Body: []byte("<html>\r\n\r\n\xb3\xf6\xbc\xf2\xc0\xfa</html>"), Truncated: "length",
	}, {
		URL: "http://bbs.example.com/api", At: testTime.Add(2 * time.Second), RemoteAddr: "192.0.2.7",
		RequestHead:  []byte("POST /api HTTP/1.1\r\nHost: bbs.example.com\r\nContent-Length: 3\r\nAuthorization: Bearer topsecret\r\n\r\n"),
		RequestBody:  []byte("a=b"),
		ResponseHead: []byte("HTTP/1.1 204 No Content\r\n\r\n"),
	}, {
		URL: "http://bbs.example.com/gz", At: testTime.Add(3 * time.Second), RemoteAddr: "192.0.2.7:80",
		RequestHead:  []byte("GET /gz HTTP/1.1\r\nHost: bbs.example.com\r\n\r\n"),
		ResponseHead: []byte("HTTP/1.1 404\r\nContent-Encoding: gzip\r\nContent-Type: text/html\r\n\r\n"),
		Body:         gzipped("帖子不存在或已被删除"), Encoded: true,
	}}
}

func pageCapture(tb testing.TB) Capture {
	tb.Helper()
	c, err := PageCapture(testInfo(), pageExchanges())
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func warcBytes(tb testing.TB, captures ...Capture) []byte {
	tb.Helper()
	var b bytes.Buffer
	for _, c := range captures {
		if err := WriteWARC(&b, c); err != nil {
			tb.Fatal(err)
		}
	}
	return b.Bytes()
}

func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	r.Read(b)
	return b
}

// monthKeys is a Sealer with keys in memory.
type monthKeys struct {
	mu   sync.Mutex
	keys map[string]*age.X25519Identity
}

func (m *monthKeys) Recipient(month string) (age.Recipient, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.keys == nil {
		m.keys = map[string]*age.X25519Identity{}
	}
	if m.keys[month] == nil {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			return nil, err
		}
		m.keys[month] = id
	}
	return m.keys[month].Recipient(), nil
}

func (m *monthKeys) identities(months ...string) []age.Identity {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []age.Identity
	for month, id := range m.keys {
		if len(months) == 0 || strings.Contains(strings.Join(months, " "), month) {
			out = append(out, id)
		}
	}
	return out
}

func testDir(tb testing.TB) (*Dir, *monthKeys) {
	tb.Helper()
	keys := &monthKeys{}
	d, err := OpenDir(tb.TempDir()+"/evidence", keys, func() time.Time { return testTime })
	if err != nil {
		tb.Fatal(err)
	}
	return d, keys
}

func testWriter(tb testing.TB, s Store, owner string) Writer {
	tb.Helper()
	w, err := s.Writer(context.Background(), owner)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { w.Close() })
	return w
}

func appendOne(tb testing.TB, w Writer, c Capture) Ref {
	tb.Helper()
	ref, err := w.Append(context.Background(), c)
	if err != nil {
		tb.Fatal(err)
	}
	return ref
}

func mustVerify(tb testing.TB, b []byte) Report {
	tb.Helper()
	r, err := Verify(context.Background(), bytes.NewReader(b))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
