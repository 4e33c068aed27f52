package wacz

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/evidence"
)

var made = time.Date(2026, 3, 15, 1, 2, 3, 0, time.UTC)

// sample is a capture as it comes out of the store.
type sample struct {
	ref   evidence.Ref
	plain []byte
}

func stored(tb testing.TB, c evidence.Capture) sample {
	tb.Helper()
	var b bytes.Buffer
	if err := evidence.WriteWARC(&b, c); err != nil {
		tb.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	return sample{evidence.Ref{Digest: hex.EncodeToString(sum[:]), SealedDigest: strings.Repeat("ab", 32), File: "2026/03/w-1.warc.gz.age",
		Length: int64(b.Len()) + 200, Kind: c.Kind, URL: c.URL, At: c.At.UTC()}, b.Bytes()}
}

func chat(tb testing.TB, n int) sample {
	tb.Helper()
	text := fmt.Sprintf("2026-03-14 9:26:53 卖家(1000012345)\r\n出智联简历 一手 2元一份 %d\r\n\r\n", n)
	c, err := evidence.ChatCapture(evidence.Info{Software: "resumewatch/test"}, "urn:qq:group:1000012345", made.Add(-time.Hour), []evidence.Chunk{{
		File: "a.txt", FileSHA256: strings.Repeat("0f", 32), Start: int64(1000 * n), End: int64(1000*n + len(text)), Data: []byte(text), Reader: "qq-txt/1",
		Type: "text/plain; charset=utf-8",
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return stored(tb, c)
}

// board is a page behind a redirect.
func board(tb testing.TB, n int) sample {
	tb.Helper()
	c, err := evidence.PageCapture(testInfo, exchanges(n, made.Add(-2*time.Hour)))
	if err != nil {
		tb.Fatal(err)
	}
	return stored(tb, c)
}

var testInfo = evidence.Info{Software: "resumewatch/test", Robots: "obey"}

func exchanges(n int, at time.Time) []evidence.Exchange {
	at = at.Add(time.Duration(n) * time.Second)
	body := fmt.Sprintf("<!doctype html><meta charset=utf-8><title>出简历</title><h1>thread %d</h1><p>出智联简历 一手 2元一份", n)
	return []evidence.Exchange{{
		URL: fmt.Sprintf("http://bbs.example.com/t/%d", n), At: at, RemoteAddr: "192.0.2.7:80",
		RequestHead:  []byte("GET /t HTTP/1.1\r\nHost: bbs.example.com\r\n\r\n"),
		ResponseHead: fmt.Appendf(nil, "HTTP/1.1 301 Moved Permanently\r\nLocation: /thread-%d.html?b=2&a=1\r\nContent-Length: 0\r\n\r\n", n),
	}, {
		URL: fmt.Sprintf("http://bbs.example.com/thread-%d.html?b=2&a=1", n), At: at, RemoteAddr: "192.0.2.7:80",
		RequestHead:  []byte("GET /thread HTTP/1.1\r\nHost: bbs.example.com\r\n\r\n"),
		ResponseHead: []byte("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"), Body: []byte(body),
	}}
}

// again is a later look at the same page.
func again(tb testing.TB, n int) sample {
	tb.Helper()
	page, err := evidence.PageCapture(testInfo, exchanges(n, made.Add(-2*time.Hour)))
	if err != nil {
		tb.Fatal(err)
	}
	original, err := page.Original()
	if err != nil {
		tb.Fatal(err)
	}
	c, err := evidence.RevisitCapture(testInfo, exchanges(n, made.Add(-90*time.Minute))[1:], original)
	if err != nil {
		tb.Fatal(err)
	}
	return stored(tb, c)
}

func testKey(tb testing.TB, seed byte) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := Key(bytes.Repeat([]byte{seed}, 32))
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func options(tb testing.TB) Options {
	return Options{Title: "evidence", Software: "resumewatch/test", Created: made, Key: testKey(tb, 1), Scratch: tb.TempDir()}
}

func pack(tb testing.TB, o Options, samples ...sample) ([]byte, Summary) {
	tb.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, o)
	if err != nil {
		tb.Fatal(err)
	}
	defer w.Drop()
	for _, s := range samples {
		if err := w.Add(context.Background(), s.ref, bytes.NewReader(s.plain)); err != nil {
			tb.Fatal(err)
		}
	}
	sum, err := w.Close(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	return b.Bytes(), sum
}

func verify(tb testing.TB, b []byte, signers map[string]string) evidence.Report {
	tb.Helper()
	r, err := Verify(context.Background(), bytes.NewReader(b), int64(len(b)), VerifyOptions{Signers: signers})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func read(tb testing.TB, b []byte, name string) string {
	tb.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		tb.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

func TestPackage(t *testing.T) {
	samples := []sample{chat(t, 1), board(t, 1), chat(t, 2), board(t, 2)}
	b, sum := pack(t, options(t), samples...)
	fingerprint, err := Fingerprint(&testKey(t, 1).PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Captures != 4 || sum.Pages != 4 || sum.Signer != fingerprint || sum.Records < 12 {
		t.Errorf("%+v", sum)
	}
	var plain []byte
	for _, s := range samples {
		plain = append(plain, s.plain...)
	}
	if got := read(t, b, "archive/evidence-0001.warc.gz"); got != string(plain) {
		t.Error("the archive is not the captures one after the other")
	}
	r := verify(t, b, nil)
	if !r.OK || len(r.Unchecked) != 1 || !strings.Contains(r.Unchecked[0], fingerprint) {
		t.Errorf("%+v", r)
	}
	if r := verify(t, b, map[string]string{fingerprint: "this installation"}); !r.OK || len(r.Unchecked) != 0 {
		t.Errorf("%+v", r)
	}
	want := `{"format":"json-pages-1.0","id":"pages","title":"Captures"}
{"id":"` + samples[0].ref.Digest[:16] + `-1","url":"urn:qq:group:1000012345:file:` + strings.Repeat("0f", 32) + `:bytes:1000-1077","ts":"2026-03-15T00:02:03Z","title":"urn:qq:group:1000012345:file:` + strings.Repeat("0f", 32) + `:bytes:1000-1077"}
`
	if got := read(t, b, "pages/pages.jsonl"); !strings.HasPrefix(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if f.Method != zip.Store {
			t.Errorf("%s is not stored", f.Name)
		}
	}
}

// Several archive files, an index of several blocks, sorting beyond memory.
func TestLargePackage(t *testing.T) {
	o := options(t)
	o.MaxArchive = 20_000
	var samples []sample
	for n := range 500 {
		samples = append(samples, board(t, n))
	}
	var b bytes.Buffer
	w, err := NewWriter(&b, o)
	if err != nil {
		t.Fatal(err)
	}
	w.index.limit = 30_000
	for _, s := range samples {
		if err := w.Add(context.Background(), s.ref, bytes.NewReader(s.plain)); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.index.runs) < 3 {
		t.Errorf("%d runs: nothing was sorted outside of memory", len(w.index.runs))
	}
	if _, err := w.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, b.Bytes(), nil); !r.OK {
		t.Errorf("%+v", r)
	}
	if n := strings.Count(read(t, b.Bytes(), "indexes/index.idx"), "\n"); n != 1+(1000+blockLines-1)/blockLines {
		t.Errorf("%d lines in index.idx", n)
	}
	if w.archives < 10 {
		t.Errorf("%d archive files", w.archives)
	}
}

func TestAddRefusesOtherBytes(t *testing.T) {
	s := chat(t, 1)
	for name, plain := range map[string][]byte{
		"other": chat(t, 2).plain, "cut": s.plain[:len(s.plain)-1], "longer": append(bytes.Clone(s.plain), s.plain...), "none": nil, "no WARC": []byte("x"),
	} {
		w, err := NewWriter(io.Discard, options(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Add(context.Background(), s.ref, bytes.NewReader(plain)); err == nil {
			t.Errorf("%s is taken", name)
		}
		if _, err := w.Close(context.Background()); err == nil {
			t.Errorf("%s: a package all the same", name)
		}
		w.Drop()
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w, err := NewWriter(io.Discard, options(t))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Drop()
	if err := w.Add(ctx, s.ref, bytes.NewReader(s.plain)); err == nil {
		t.Error("it doesn't end with its context")
	}
}

func TestSearchKey(t *testing.T) {
	for address, want := range map[string]string{
		"http://www2.BBS.example.com:80/Forum.php?mod=viewthread&fid=2": "com,example,bbs)/forum.php?fid=2&mod=viewthread",
		"https://bbs.example.com":                   "com,example,bbs)/",
		"http://bbs.example.com:8080/%E5%87%BA/":    "com,example,bbs:8080)/%e5%87%ba/",
		"urn:qq:group:1000012345:file:0F:bytes:0-9": "urn:qq:group:1000012345:file:0F:bytes:0-9",
		"http://192.0.2.7/a":                        "7,2,0,192)/a",
	} {
		if got := searchKey(address); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", address, got, want)
		}
	}
}

// A revisit is in the index as what it is; its page is one of the package's.
func TestRevisits(t *testing.T) {
	b, sum := pack(t, options(t), board(t, 1), again(t, 1))
	if r := verify(t, b, nil); !r.OK || sum.Pages != 2 {
		t.Errorf("%d pages, %+v", sum.Pages, r)
	}
	index := string(gunzip(t, []byte(read(t, b, nameIndex))))
	var statuses []string
	for l := range strings.Lines(index) {
		_, _, e, err := parseLine(l)
		if err != nil {
			t.Fatal(err)
		}
		if e.Mime == "warc/revisit" {
			statuses = append(statuses, e.Status)
		}
	}
	if diff := cmp.Diff([]string{"200"}, statuses); diff != "" {
		t.Errorf("%s\n%s", diff, index)
	}
}
