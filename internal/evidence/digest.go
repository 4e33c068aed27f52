package evidence

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// fieldDigest is a digest that a field claims, and the hash to hold against it.
type fieldDigest struct {
	text string
	want []byte
	hash hash.Hash
}

func (d *fieldDigest) matches() bool { return bytes.Equal(d.hash.Sum(nil), d.want) }

// parseDigest reads "algorithm:value". The standard fixes neither; values come
// as Base32 with or without padding, as hex, rarely as Base64. An algorithm that
// is not known here is no error.
func parseDigest(text string) (d *fieldDigest, known bool, err error) {
	name, value, ok := strings.Cut(text, ":")
	if !ok {
		return nil, false, fmt.Errorf("digest %.100q has no algorithm", text)
	}
	d = &fieldDigest{text: text}
	switch strings.ReplaceAll(strings.ToLower(name), "-", "") {
	case "sha256":
		d.hash = sha256.New()
	case "sha1": // what most tools write
		d.hash = sha1.New()
	case "sha512":
		d.hash = sha512.New()
	case "md5":
		d.hash = md5.New()
	default:
		return nil, false, nil
	}
	size := d.hash.Size()
	bare := strings.TrimRight(value, "=")
	var raw []byte
	switch len(bare) {
	case hex.EncodedLen(size):
		raw, err = hex.DecodeString(bare)
	case base32.StdEncoding.WithPadding(base32.NoPadding).EncodedLen(size):
		raw, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(bare))
	case base64.RawStdEncoding.EncodedLen(size):
		raw, err = base64.RawStdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "/").Replace(bare))
	default:
		err = fmt.Errorf("%d characters", len(value))
	}
	if err != nil || len(raw) != size {
		return nil, false, fmt.Errorf("digest %.140q is not of the length of its algorithm, or badly spelt", text)
	}
	d.want = raw
	return d, true, nil
}

// payloadScan finds the payload within a block that is written to it, and feeds
// the hash. For application/http the payload begins behind the first empty
// line; for others it is the block.
type payloadScan struct {
	digest  *fieldDigest // nil: nothing to do
	head    []byte       // of the HTTP message so far; at most maxHead bytes
	inBody  bool
	lost    bool // the head has no end
	chunked bool // the head speaks of a chunked body
}

func newPayloadScan(rec *ReadRecord, digest *fieldDigest) *payloadScan {
	media := strings.ToLower(rec.Get("Content-Type"))
	return &payloadScan{digest: digest, inBody: !strings.HasPrefix(media, "application/http")}
}

func (s *payloadScan) Write(p []byte) (int, error) {
	switch {
	case s.digest == nil || s.lost:
	case s.inBody:
		s.digest.hash.Write(p)
	default:
		from := max(0, len(s.head)-3) // an end may lie across two writes
		s.head = append(s.head, p...)
		end := headEnd(s.head, from)
		if end < 0 {
			s.lost = len(s.head) > maxHead
			break
		}
		s.inBody = true
		s.chunked = bytes.Contains(bytes.ToLower(s.head[:end]), []byte("\ntransfer-encoding:"))
		s.digest.hash.Write(s.head[end:])
		s.head = nil
	}
	return len(p), nil
}

// headEnd is the offset of the body, -1 when the head goes on.
func headEnd(b []byte, from int) int {
	crlf := bytes.Index(b[from:], []byte("\r\n\r\n"))
	lf := bytes.Index(b[from:], []byte("\n\n"))
	switch {
	case crlf >= 0 && (lf < 0 || crlf < lf):
		return from + crlf + 4
	case lf >= 0:
		return from + lf + 2
	}
	return -1
}

// result reports whether there is a payload and whether it matches.
func (s *payloadScan) result() (found, matches bool) {
	if !s.inBody {
		return false, false
	}
	return true, s.digest.matches()
}
