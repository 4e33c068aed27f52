package wacz

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"resumewatch/internal/evidence"
)

// maxHTTPHead bounds what is looked at of an HTTP head within a record, in bytes.
const maxHTTPHead = 2 << 20

// record is what the index says of a WARC record.
type record struct {
	kind   string // WARC-Type
	url    string
	at     time.Time
	date   string // WARC-Date as it stands there
	mime   string
	status string
	digest string // of the payload
	offset int64  // of its gzip member
	length int64
	sum    string // hex SHA-256 of the gzip member
}

// indexed reports whether a viewer may ask for the record.
func (r *record) indexed() bool {
	return r.kind == evidence.TypeResponse || r.kind == evidence.TypeResource || r.kind == evidence.TypeRevisit
}

// entry is the record's place in the index.
func (r *record) entry(file string, base int64) entry {
	return entry{URL: r.url, Mime: r.mime, Status: r.status, Digest: r.digest, Length: number(r.length),
		Offset: number(base + r.offset), Filename: file, RecordDigest: "sha256:" + r.sum}
}

// scanned is a whole run of records.
type scanned struct {
	records int
	length  int64
	sum     string // hex SHA-256 of all bytes
}

// scan reads a .warc.gz to its end, copies its bytes to dst as they come and
// calls fn for each record that is indexed. Memory doesn't depend on the file.
func scan(src io.Reader, dst io.Writer, fn func(record) error) (out scanned, err error) {
	whole := sha256.New()
	t := &tap{r: io.TeeReader(src, io.MultiWriter(dst, whole)), sum: sha256.New()}
	rd := evidence.NewReader(t)
	var last *record
	buf := make([]byte, 32<<10)
	end := func(at int64) error {
		if last == nil {
			return nil
		}
		t.drain(at)
		last.length, last.sum = at-last.offset, hex.EncodeToString(t.sum.Sum(nil))
		t.sum.Reset()
		out.records++
		if !last.indexed() {
			return nil
		}
		return fn(*last)
	}
	for {
		rec, err := rd.Next()
		if errors.Is(err, io.EOF) {
			if _, err := io.Copy(io.Discard, t); err != nil { // the source says at its end whether all was well
				return out, err
			}
			out.length, out.sum = t.at+int64(t.held.Len()), hex.EncodeToString(whole.Sum(nil))
			return out, end(out.length)
		}
		if err != nil {
			return out, fmt.Errorf("wacz: %w", err)
		}
		if rec.Shared || !rd.Gzipped() {
			return out, fmt.Errorf("wacz: record %d has no gzip member of its own", rec.Number)
		}
		if err := end(rec.Offset); err != nil {
			return out, err
		}
		if last, err = describe(rec); err != nil {
			return out, err
		}
		for {
			_, err := rec.Block.Read(buf)
			t.drain(rd.Consumed())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return out, fmt.Errorf("wacz: %w", err)
			}
		}
	}
}

// describe reads the head of a record and, of HTTP, that of the message.
func describe(rec *evidence.ReadRecord) (*record, error) {
	r := &record{kind: rec.Type, url: rec.Get("WARC-Target-URI"), date: rec.Get("WARC-Date"), digest: rec.Get("WARC-Payload-Digest"), offset: rec.Offset}
	if !r.indexed() {
		return r, nil
	}
	var err error
	if r.at, err = time.Parse(time.RFC3339Nano, r.date); err != nil {
		return nil, fmt.Errorf("wacz: record %d: WARC-Date %.60q", rec.Number, r.date)
	}
	media := rec.Get("Content-Type")
	if strings.HasPrefix(media, "application/http") {
		media = ""
		head := bufio.NewReader(io.LimitReader(rec.Block, maxHTTPHead))
		if resp, err := http.ReadResponse(head, nil); err == nil { // a message that is none is archived all the same
			media, r.status = resp.Header.Get("Content-Type"), strconv.Itoa(resp.StatusCode)
			_ = resp.Body.Close() // nothing behind it
		}
	}
	r.mime, _, _ = strings.Cut(media, ";")
	r.mime = strings.TrimSpace(r.mime)
	if r.kind == evidence.TypeRevisit {
		r.mime = "warc/revisit"
	}
	return r, nil
}

// tap holds the bytes that were read ahead until it is known whose they are.
type tap struct {
	r    io.Reader
	held bytes.Buffer
	at   int64 // of the first byte held
	sum  hash.Hash
}

// Read implements io.Reader.
func (t *tap) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.held.Write(p[:n])
	return n, err
}

// drain gives the bytes in front of an offset to the present record.
func (t *tap) drain(to int64) {
	if n := to - t.at; n > 0 {
		t.sum.Write(t.held.Next(int(n)))
		t.at = to
	}
}
