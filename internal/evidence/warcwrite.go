package evidence

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// warcVersion begins every record (WARC 1.1 §4).
const warcVersion = "WARC/1.1"

// encoder writes captures as gzip members, one a record. Its compressor and
// buffer are used again.
type encoder struct {
	zip  *gzip.Writer
	head bytes.Buffer
}

func newEncoder() *encoder { return &encoder{zip: gzip.NewWriter(io.Discard)} }

// encode writes a capture that was checked. Equal captures give equal bytes.
func (e *encoder) encode(dst io.Writer, c *Capture) error {
	if c.Plain != nil {
		plain, err := c.Plain()
		if err != nil {
			return err
		}
		_, err = io.Copy(dst, plain)
		return errors.Join(err, plain.Close())
	}
	digests := make([][sha256.Size]byte, len(c.Records))
	for i := range c.Records {
		digests[i] = sha256.Sum256(c.Records[i].Block)
	}
	seed := captureSeed(c, digests)
	for i := range c.Records {
		e.head.Reset()
		writeHead(&e.head, c, i, digests[i], seed)
		e.zip.Reset(dst)
		for _, part := range [][]byte{e.head.Bytes(), c.Records[i].Block, []byte("\r\n\r\n")} {
			if _, err := e.zip.Write(part); err != nil {
				return err
			}
		}
		if err := e.zip.Close(); err != nil {
			return err
		}
	}
	return nil
}

func writeHead(b *bytes.Buffer, c *Capture, i int, blockDigest, seed [sha256.Size]byte) {
	r := &c.Records[i]
	field := func(name, value string) {
		b.WriteString(name)
		b.WriteString(": ")
		b.WriteString(value)
		b.WriteString("\r\n")
	}
	b.WriteString(warcVersion + "\r\n")
	field("WARC-Type", r.Type)
	field("WARC-Record-ID", recordID(seed, i))
	field("WARC-Date", warcDate(r.At))
	if r.TargetURI != "" {
		field("WARC-Target-URI", r.TargetURI)
	}
	if r.RemoteAddr != "" {
		if ip, err := remoteIP(r.RemoteAddr); err == nil { // checked before
			field("WARC-IP-Address", ip.String())
		}
	}
	if r.Concurrent > 0 {
		field("WARC-Concurrent-To", recordID(seed, r.Concurrent))
	}
	if i > 0 {
		field("WARC-Warcinfo-ID", recordID(seed, 0))
	}
	if r.Original != nil {
		r.Original.write(field)
	}
	field("WARC-Block-Digest", warcDigest(blockDigest))
	switch {
	case r.PayloadOffset == 0:
		field("WARC-Payload-Digest", warcDigest(blockDigest))
	case r.PayloadOffset > 0:
		field("WARC-Payload-Digest", warcDigest(sha256.Sum256(r.Block[r.PayloadOffset:])))
	}
	if r.Truncated != "" {
		field("WARC-Truncated", r.Truncated)
	}
	for _, f := range r.Header {
		field(f[0], f[1])
	}
	if len(r.Block) > 0 {
		field("Content-Type", r.ContentType)
	}
	field("Content-Length", strconv.Itoa(len(r.Block)))
	b.WriteString("\r\n")
}

// warcDate is UTC with as many digits of a second as are needed, at most 9
// (WARC 1.1 §5.4).
func warcDate(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999999Z") }

// warcDigest spells a digest by the convention of WARC tools: algorithm, colon,
// Base32 of RFC 4648.
func warcDigest(sum [sha256.Size]byte) string {
	return "sha256:" + base32.StdEncoding.EncodeToString(sum[:])
}

// captureSeed is a digest of all that the capture says; the ids of its records
// come from it.
func captureSeed(c *Capture, blocks [][sha256.Size]byte) [sha256.Size]byte {
	h := sha256.New()
	put := func(parts ...string) {
		var n [8]byte
		for _, p := range parts {
			binary.BigEndian.PutUint64(n[:], uint64(len(p)))
			h.Write(n[:])
			h.Write([]byte(p))
		}
	}
	put("resumewatch capture 1", c.Kind, c.URL, warcDate(c.At))
	for i := range c.Records {
		r := &c.Records[i]
		put(r.Type, r.TargetURI, r.ContentType, warcDate(r.At), r.RemoteAddr, r.Truncated,
			strconv.Itoa(r.PayloadOffset), strconv.Itoa(r.Concurrent), strconv.Itoa(len(r.Header)), string(blocks[i][:]))
		for _, f := range r.Header {
			put(f[0], f[1])
		}
		if o := r.Original; o != nil {
			put(o.ID, o.URI, o.Date, o.Payload)
		}
	}
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum
}

// recordID is a UUID of version 8 (RFC 9562 §5.8: made by a rule of one's own),
// 122 bits of a SHA-256. Version 5 would be the same with SHA-1.
func recordID(seed [sha256.Size]byte, index int) string {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(seed[:], uint64(index)))
	u := sum[:16]
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	x := hex.EncodeToString(u)
	return fmt.Sprintf("<urn:uuid:%s-%s-%s-%s-%s>", x[:8], x[8:12], x[12:16], x[16:20], x[20:])
}

// warcFields spells a block of type application/warc-fields; empty values are
// left out and line breaks within one become spaces.
func warcFields(fields [][2]string) []byte {
	var b bytes.Buffer
	for _, f := range fields {
		value := oneLine(f[1])
		if value == "" {
			continue
		}
		b.WriteString(f[0] + ": " + value + "\r\n")
	}
	return b.Bytes()
}

// oneLine replaces control characters by spaces and cuts the ends.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, s))
}

// WriteWARC writes a capture as plain .warc.gz bytes, as a sealed capture holds
// them and `evidence open` gives them out.
func WriteWARC(dst io.Writer, c Capture) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := newEncoder().encode(dst, &c); err != nil {
		return fmt.Errorf("evidence: write capture of %s: %w", c.URL, err)
	}
	return nil
}
