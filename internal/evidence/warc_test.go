package evidence

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func gzipped(parts ...string) []byte {
	var b bytes.Buffer
	for _, p := range parts {
		w := gzip.NewWriter(&b)
		io.WriteString(w, p)
		w.Close()
	}
	return b.Bytes()
}

// readAll returns heads and blocks of a file.
func readAll(r io.Reader) (recs []*ReadRecord, blocks [][]byte, err error) {
	rd := NewReader(r)
	for {
		rec, err := rd.Next()
		if err == io.EOF {
			return recs, blocks, nil
		}
		if err != nil {
			return recs, blocks, err
		}
		block, err := io.ReadAll(rec.Block)
		if err != nil {
			return recs, blocks, err
		}
		recs, blocks = append(recs, rec), append(blocks, block)
	}
}

func TestWriteThenRead(t *testing.T) {
	for _, c := range []Capture{chatCapture(t, 3, testTime), pageCapture(t)} {
		recs, blocks, err := readAll(bytes.NewReader(warcBytes(t, c)))
		if err != nil {
			t.Fatal(err)
		}
		if len(recs) != len(c.Records) {
			t.Fatalf("%d records read, %d written", len(recs), len(c.Records))
		}
		ids := map[string]int{}
		for i, rec := range recs {
			want := c.Records[i]
			if !bytes.Equal(blocks[i], want.Block) || rec.Type != want.Type || rec.Get("warc-target-uri") != want.TargetURI || rec.Shared {
				t.Errorf("record %d: %+v", i, rec)
			}
			if rec.Get("WARC-Block-Digest") == "" || !strings.HasSuffix(rec.Get("WARC-Date"), "Z") {
				t.Errorf("record %d: %v", i, rec.Fields)
			}
			if i > 0 && rec.Get("WARC-Warcinfo-ID") != recs[0].Get("WARC-Record-ID") {
				t.Errorf("record %d: warcinfo id %s", i, rec.Get("WARC-Warcinfo-ID"))
			}
			ids[rec.Get("WARC-Record-ID")] = i
		}
		if len(ids) != len(recs) {
			t.Errorf("%d ids for %d records", len(ids), len(recs))
		}
		for i, rec := range recs {
			if to, want := rec.Get("WARC-Concurrent-To"), c.Records[i].Concurrent; want > 0 && ids[to] != want {
				t.Errorf("record %d is concurrent to %s, want record %d", i, to, want)
			}
		}
	}
}

func TestEqualCapturesHaveEqualBytes(t *testing.T) {
	a, b := warcBytes(t, pageCapture(t)), warcBytes(t, pageCapture(t))
	if !bytes.Equal(a, b) {
		t.Error("the same capture was written in two ways")
	}
	for name, change := range map[string]func(*Capture){
		"time":    func(c *Capture) { c.Records[1].At = c.Records[1].At.Add(time.Nanosecond) },
		"address": func(c *Capture) { c.Records[1].RemoteAddr = "192.0.2.8:80" },
		"block":   func(c *Capture) { c.Records[1].Block[0] = 'H' },
		"kind":    func(c *Capture) { c.Kind = KindChat },
	} {
		c := pageCapture(t)
		change(&c)
		x, _, _ := readAll(bytes.NewReader(a))
		y, _, err := readAll(bytes.NewReader(warcBytes(t, c)))
		if err != nil {
			t.Fatal(err)
		}
		if x[1].Get("WARC-Record-ID") == y[1].Get("WARC-Record-ID") {
			t.Errorf("another %s leaves the record ids as they are", name)
		}
	}
}

// The encoder is used again: what it wrote before must not show.
func TestEncoderKeepsNothing(t *testing.T) {
	e := newEncoder()
	first, second := chatCapture(t, 2, testTime), pageCapture(t)
	var b bytes.Buffer
	for _, c := range []Capture{first, second, first} {
		if err := e.encode(&b, &c); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(b.Bytes(), warcBytes(t, first, second, first)) {
		t.Error("a used encoder writes other bytes than a new one")
	}
}

func TestVerifySound(t *testing.T) {
	good := warcBytes(t, pageCapture(t), chatCapture(t, 3, testTime))
	for name, b := range map[string][]byte{"gzip": good, "plain": gunzip(t, good)} {
		r := mustVerify(t, b)
		if !r.OK || len(r.Unchecked) != 0 {
			t.Errorf("%s: %+v", name, r)
		}
		records := len(pageCapture(t).Records) + len(chatCapture(t, 3, testTime).Records)
		for _, c := range r.Checked {
			if c.What == checkBlocks && c.Detail != fmt.Sprintf("%d match", records) {
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
}

func gunzip(tb testing.TB, b []byte) []byte {
	tb.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		tb.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// A flipped byte of any block, of the framing, or a cut anywhere is found.
func TestVerifyFindsTampering(t *testing.T) {
	c := pageCapture(t)
	zipped := warcBytes(t, c)
	plain := gunzip(t, zipped)
	rapid.Check(t, func(t *rapid.T) {
		b := bytes.Clone(plain)
		rec := rapid.IntRange(0, len(c.Records)-1).Draw(t, "record")
		block := c.Records[rec].Block
		at := bytes.Index(b, append([]byte("\r\n\r\n"), block...)) + 4
		at += rapid.IntRange(0, len(block)-1).Draw(t, "byte")
		b[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		r, err := Verify(context.Background(), bytes.NewReader(b))
		if err != nil || r.OK {
			t.Fatalf("flipped byte %d passes: %+v %v", at, r, err)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, len(zipped)-1).Draw(t, "length")
		r, err := Verify(context.Background(), bytes.NewReader(zipped[:n]))
		if err != nil {
			t.Fatal(err)
		}
		// A cut between two records leaves a sound WARC of fewer records.
		whole := false
		for _, end := range memberEnds(zipped) {
			whole = whole || n == end
		}
		if r.OK != whole {
			t.Fatalf("cut at %d: ok is %v: %+v", n, r.OK, r)
		}
	})
}

func memberEnds(b []byte) []int {
	var out []int
	recs, _, _ := readAll(bytes.NewReader(b))
	for _, r := range recs[1:] {
		out = append(out, int(r.Offset))
	}
	return out
}

func TestVerifyHostile(t *testing.T) {
	const head = "WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:x:1>\r\nWARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Target-URI: urn:x:1\r\nContent-Type: text/plain\r\n"
	empty := "WARC-Block-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ\r\n"
	abc := "WARC-Block-Digest: sha1:a9993e364706816aba3e25717850c26c9cd0d89d\r\n" // of "abc", FIPS 180
	for _, tt := range []struct {
		name, in, want string // want is part of the first fault; "" is none
		gzip           bool
	}{
		{name: "empty file", in: "", want: "the file is empty"},
		{name: "text", in: "hello, world", want: "neither a WARC nor"},
		{name: "sealed", in: "age-encryption.org/v1\n-> X25519", want: "sealed"},
		{name: "good", in: head + abc + "Content-Length: 3\r\n\r\nabc\r\n\r\n"},
		{name: "good and empty", in: head + empty + "Content-Length: 0\r\n\r\n\r\n\r\n"},
		{name: "base64", in: head + "WARC-Block-Digest: sha256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n"},
		{name: "wrong digest", in: head + abc + "Content-Length: 3\r\n\r\nabd\r\n\r\n", want: "record 1 (resource) at byte 0: the block is not"},
		{name: "no digest", in: head + "Content-Length: 3\r\n\r\nabc\r\n\r\n", want: "no digest to check"},
		{name: "bad digest", in: head + "WARC-Block-Digest: sha256:ABC\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n", want: "badly spelt"},
		{name: "length short", in: head + abc + "Content-Length: 2\r\n\r\nabc\r\n\r\n", want: "not followed by two empty lines"},
		{name: "length long", in: head + abc + "Content-Length: 9999\r\n\r\nabc\r\n\r\n", want: "cut short within the block"},
		{name: "length huge", in: head + abc + "Content-Length: 9999999999999\r\n\r\nabc\r\n\r\n", want: "more than"},
		{name: "length too many digits", in: head + abc + "Content-Length: 99999999999999999999999\r\n\r\nabc\r\n\r\n", want: "is no number"},
		{name: "length negative", in: head + abc + "Content-Length: -3\r\n\r\nabc\r\n\r\n", want: "is no number"},
		{name: "length missing", in: head + abc + "\r\nabc\r\n\r\n", want: "is no number"},
		{name: "length twice", in: head + abc + "Content-Length: 3\r\ncontent-length: 4\r\n\r\nabc\r\n\r\n", want: "repeated"},
		{name: "LF lines", in: "WARC/1.1\nWARC-Type: resource\n\n", want: "CRLF"},
		{name: "version", in: "WARC/9.9\r\n\r\n", want: "no version line"},
		{name: "no colon", in: "WARC/1.1\r\nhello\r\n\r\n", want: "is no field"},
		{name: "fold first", in: "WARC/1.1\r\n x: y\r\n\r\n", want: "folded line"},
		{name: "one long field", in: "WARC/1.1\r\nX: " + strings.Repeat("a", 1<<20), want: "more than 262144 bytes"},
		{name: "many fields", in: "WARC/1.1\r\n" + strings.Repeat("X: y\r\n", 5000), want: "more than 1000 fields"},
		{name: "no id", in: strings.Replace(head, "<urn:x:1>", "x", 1) + abc + "Content-Length: 3\r\n\r\nabc\r\n\r\n", want: "WARC-Record-ID"},
		{name: "date", in: strings.Replace(head, "2026-01-01T00:00:00Z", "yesterday", 1) + abc + "Content-Length: 3\r\n\r\nabc\r\n\r\n", want: "WARC-Date"},
		{name: "twice", in: strings.Repeat(head+abc+"Content-Length: 3\r\n\r\nabc\r\n\r\n", 2), want: "stands for another record"},
		{name: "appended", in: head + abc + "Content-Length: 3\r\n\r\nabc\r\n\r\nx", want: "record 2"},
		{name: "gzip of text", in: "hello", gzip: true, want: "cut short"},
		{name: "gzip of nothing", in: "", gzip: true, want: "empty gzip member"},
		{name: "payload of no head", in: strings.Replace(head, "text/plain", "application/http", 1) + abc + "WARC-Payload-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n", want: "no end of the HTTP head"},
	} {
		in := []byte(tt.in)
		if tt.gzip {
			in = gzipped(tt.in)
		}
		r := mustVerify(t, in)
		got := ""
		for _, c := range r.Checked {
			if !c.OK {
				got = c.Detail
				break
			}
		}
		if r.OK != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %+v, want %q", tt.name, r, tt.want)
		}
	}
}

// A block of 5 bytes by its head is 16 MB of zeros and 1 MB of noise: refused
// where the claimed length ends, without unpacking the rest.
func TestVerifyGzipBomb(t *testing.T) {
	bomb := gzipped("WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: 5\r\n\r\n" + strings.Repeat("\x00", 16<<20) + string(noise(1<<20)))
	r := &countingReader{r: bytes.NewReader(bomb)}
	report, err := Verify(context.Background(), r)
	if err != nil || report.OK {
		t.Fatalf("%+v %v", report, err)
	}
	if r.n > 128<<10 {
		t.Errorf("%d of %d bytes were read", r.n, len(bomb))
	}
}

type countingReader struct {
	r io.Reader
	n int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func TestVerifyOthersFiles(t *testing.T) {
	rec := func(id, extra, block string) string {
		return "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:x:" + id + ">\r\nWARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Target-URI: http://example.com/\r\n" +
			"Content-Type: application/http; msgtype=response\r\n" + extra + fmt.Sprintf("Content-Length: %d\r\n\r\n%s\r\n\r\n", len(block), block)
	}
	body := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
	payload := "WARC-Payload-Digest: sha1:a9993e364706816aba3e25717850c26c9cd0d89d\r\n" // of the body without its chunks
	block := "WARC-Block-Digest: sha256:" + hexSum([]byte(body)) + "\r\n"
	r := mustVerify(t, gzipped(rec("1", block+payload, body)+rec("2", block+"X-Folded: a\r\n b\r\n", body)))
	if !r.OK || len(r.Unchecked) != 2 || !strings.Contains(r.Unchecked[0], "transfer coding") || !strings.Contains(r.Unchecked[1], "shares a gzip member") {
		t.Errorf("%+v", r)
	}
	r = mustVerify(t, []byte(rec("1", payload, body)))
	if r.OK {
		t.Errorf("a wrong payload digest that nothing else vouches for passes: %+v", r)
	}
}

func TestVerifyReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	b := warcBytes(t, pageCapture(t))
	_, err := Verify(context.Background(), io.MultiReader(bytes.NewReader(b[:len(b)/2]), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Verify(ctx, bytes.NewReader(b)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestReportIsBounded(t *testing.T) {
	one := "WARC/1.1\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
	r := mustVerify(t, []byte(strings.Repeat(one, 3000)))
	if r.OK || len(r.Checked) > 4*maxFaults || len(r.Unchecked) > maxFaults+1 {
		t.Errorf("%d checked, %d unchecked", len(r.Checked), len(r.Unchecked))
	}
}

func TestCaptureCheck(t *testing.T) {
	for name, change := range map[string]func(*Capture){
		"kind":            func(c *Capture) { c.Kind = "film" },
		"url":             func(c *Capture) { c.URL = "forum" },
		"url with break":  func(c *Capture) { c.Records[1].TargetURI = "http://x/\r\nWARC-Type: response" },
		"no time":         func(c *Capture) { c.Records[1].At = time.Time{} },
		"no warcinfo":     func(c *Capture) { c.Records = c.Records[1:] },
		"two warcinfos":   func(c *Capture) { c.Records[1].Type = TypeWarcinfo },
		"alone":           func(c *Capture) { c.Records = c.Records[:1] },
		"type":            func(c *Capture) { c.Records[1].Type = "revisits" },
		"payload offset":  func(c *Capture) { c.Records[1].PayloadOffset = len(c.Records[1].Block) + 1 },
		"address":         func(c *Capture) { c.Records[1].RemoteAddr = "bbs.example.com:80" },
		"field injection": func(c *Capture) { c.Records[1].Header = [][2]string{{"X-A", "b\r\nX-C: d"}} },
		"own field":       func(c *Capture) { c.Records[1].Header = [][2]string{{"content-length", "3"}} },
		"content type":    func(c *Capture) { c.Records[1].ContentType = "a\nb" },
		"concurrent":      func(c *Capture) { c.Records[1].Concurrent = 99 },
		"with itself":     func(c *Capture) { c.Records[1].Concurrent = 1 },
		"truncated":       func(c *Capture) { c.Records[1].Truncated = "bored" },
	} {
		c := pageCapture(t)
		change(&c)
		var b bytes.Buffer
		if err := WriteWARC(&b, c); !errors.Is(err, ErrCapture) || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes written", name, err, b.Len())
		}
	}
}

func TestReaderGivesOffsets(t *testing.T) {
	page, chat := warcBytes(t, pageCapture(t)), warcBytes(t, chatCapture(t, 1, testTime))
	recs, _, err := readAll(iotest.OneByteReader(bytes.NewReader(append(bytes.Clone(page), chat...))))
	if err != nil {
		t.Fatal(err)
	}
	n := len(pageCapture(t).Records)
	if got := recs[n].Offset; got != int64(len(page)) {
		t.Errorf("the second capture begins at %d, want %d", got, len(page))
	}
	again, _, err := readAll(bytes.NewReader(page[recs[2].Offset:recs[3].Offset]))
	if err != nil || len(again) != 1 {
		t.Fatalf("%d records, %v", len(again), err)
	}
	if diff := cmp.Diff(recs[2].Fields, again[0].Fields); diff != "" {
		t.Errorf("cut out by offset: %s", diff)
	}
}

func FuzzReader(f *testing.F) {
	good := warcBytes(f, pageCapture(f))
	f.Add(good)
	f.Add(gunzip(f, good))
	f.Add(good[:len(good)-5])
	f.Add([]byte("WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n"))
	f.Add(gzipped("WARC/1.0\r\nContent-Length: 0\r\n\r\n\r\n\r\n", ""))
	f.Fuzz(func(t *testing.T, b []byte) {
		report, err := Verify(context.Background(), bytes.NewReader(b))
		if err != nil {
			t.Fatal(err) // nothing but ctx and the reader give one
		}
		recs, _, readErr := readAll(bytes.NewReader(b))
		if report.OK && (readErr != nil || len(recs) == 0) {
			t.Fatalf("%d records and %v, yet verified: %+v", len(recs), readErr, report)
		}
		last := int64(-1)
		for _, r := range recs {
			if r.Offset < last || r.Offset > int64(len(b)) {
				t.Fatalf("offset %d behind %d", r.Offset, last)
			}
			last = r.Offset
		}
	})
}
