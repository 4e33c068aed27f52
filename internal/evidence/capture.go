package evidence

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"
)

// Kinds of capture.
const (
	KindChat    = "chat"    // stretches of a chat archive, as resource records
	KindPage    = "page"    // requests and responses
	KindRevisit = "revisit" // the same, but that the page is as an earlier capture has it
)

// Types of WARC record that are written here (WARC 1.1 §6). The reader takes
// any type.
const (
	TypeWarcinfo = "warcinfo"
	TypeResource = "resource"
	TypeRequest  = "request"
	TypeResponse = "response"
	TypeMetadata = "metadata"
	TypeRevisit  = "revisit"
)

// Limits of what Append takes. A capture that exceeds them is refused whole.
const (
	MaxRecords   = 10_000
	MaxBlock     = 256 << 20 // bytes of one block
	MaxURI       = 8 << 10   // bytes of a target URI
	MaxHeadField = 64 << 10  // bytes of one extra field
)

// Record is one WARC record. Its id, digests, length and links are worked out
// when it is written.
type Record struct {
	Type        string      // one of the Type constants
	TargetURI   string      // absolute, of RFC 3986 characters only; "" for warcinfo alone
	ContentType string      // of the block; for HTTP "application/http;msgtype=response"
	At          time.Time   // when the capture of this record began
	RemoteAddr  string      // "ip" or "ip:port" of the server; "" when there was none
	Header      [][2]string // further fields, written in this order
	Block       []byte
	// PayloadOffset is where the entity body begins within an HTTP block; 0 when
	// the block is the payload (resource); -1 when there is none.
	PayloadOffset int
	Truncated     string    // why the block was cut: "length", "time", "disconnect", "unspecified"; "" when whole
	Original      *Original // of a revisit alone: what it is a revisit of
	// Concurrent is the index, within Capture.Records, of a record of the same
	// capture event (the response of a request); 0 when there is none.
	Concurrent int
}

// Capture is what one look yielded. Records[0] is its warcinfo.
type Capture struct {
	Kind    string // KindChat or KindPage
	URL     string // primary target
	At      time.Time
	Records []Record
	// Plain, in place of Records, opens a capture that was written before, to be sealed
	// anew byte for byte. What it gives is checked by who made it: see Open.
	Plain func() (io.ReadCloser, error)
	// Key is what it is sealed to, "" the key of its month. A file holds captures of
	// one month and one key.
	Key string
}

// key is what the capture is sealed to, as the Sealer calls it.
func (c *Capture) key() string {
	if c.Key != "" {
		return c.Key
	}
	return Month(c.At)
}

// file is what captures of one file have in common.
func (c *Capture) file() string { return Month(c.At) + " " + c.key() }

// Ref names a stored capture. It is what the casebook keeps.
type Ref struct {
	Digest       string    `json:"digest"`        // hex SHA-256 of the plain capture, a .warc.gz
	SealedDigest string    `json:"sealed_digest"` // hex SHA-256 of the sealed bytes
	File         string    `json:"file"`          // slash-separated, relative to the evidence folder: YYYY/MM/NAME.warc.gz.age
	Offset       int64     `json:"offset"`        // of the sealed bytes within File
	Length       int64     `json:"length"`        // of the sealed bytes
	Kind         string    `json:"kind"`
	URL          string    `json:"url"`
	At           time.Time `json:"at"` // UTC
	// Key is what it is sealed to, "" the key of its month. The casebook knows, the
	// evidence itself doesn't tell.
	Key string `json:"key,omitempty"`
}

// End is the offset of the byte after the capture.
func (r Ref) End() int64 { return r.Offset + r.Length }

// Month is the month whose key seals what was captured at the given time:
// "2026-11", in UTC.
func Month(at time.Time) string { return at.UTC().Format("2006-01") }

// ErrCapture is wrapped by every error of a capture that can't be written
// because of what it says, not because of the store.
var ErrCapture = errors.New("capture is not valid")

// check refuses what would make an invalid or ambiguous WARC.
func (c *Capture) check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("evidence: %w: %s", ErrCapture, fmt.Sprintf(format, args...))
	}
	switch {
	case c.Kind != KindChat && c.Kind != KindPage && c.Kind != KindRevisit:
		return bad("kind %q", c.Kind)
	case !validURI(c.URL):
		return bad("primary target %.200q is no absolute URI of at most %d bytes", c.URL, MaxURI)
	case !validTime(c.At):
		return bad("time %v", c.At)
	case c.Plain != nil && len(c.Records) > 0:
		return bad("records beside what is encoded already")
	case c.Plain != nil:
		return nil
	case len(c.Records) < 2:
		return bad("%d records; a warcinfo and at least one more are needed", len(c.Records))
	case len(c.Records) > MaxRecords:
		return bad("%d records, more than %d", len(c.Records), MaxRecords)
	case c.Records[0].Type != TypeWarcinfo:
		return bad("first record is %q, not warcinfo", c.Records[0].Type)
	}
	for i := range c.Records {
		if err := c.Records[i].check(i, len(c.Records)); err != nil {
			return bad("record %d: %v", i+1, err)
		}
	}
	return nil
}

func (r *Record) check(index, records int) error {
	switch r.Type {
	case TypeWarcinfo:
		if index != 0 {
			return errors.New("a second warcinfo")
		}
		if r.TargetURI != "" {
			return errors.New("warcinfo with a target")
		}
	case TypeResource, TypeRequest, TypeResponse, TypeMetadata, TypeRevisit:
		if !validURI(r.TargetURI) {
			return fmt.Errorf("target %.200q is no absolute URI of at most %d bytes", r.TargetURI, MaxURI)
		}
	default:
		return fmt.Errorf("type %q", r.Type)
	}
	if (r.Type == TypeRevisit) != (r.Original != nil) {
		return errors.New("a revisit has an original, and nothing else has")
	}
	if r.Original != nil {
		if err := r.Original.check(); err != nil {
			return err
		}
	}
	if !validTime(r.At) {
		return fmt.Errorf("time %v", r.At)
	}
	if len(r.Block) > MaxBlock {
		return fmt.Errorf("block of %d bytes, more than %d", len(r.Block), MaxBlock)
	}
	if r.PayloadOffset < -1 || r.PayloadOffset > len(r.Block) {
		return fmt.Errorf("payload offset %d in a block of %d bytes", r.PayloadOffset, len(r.Block))
	}
	if len(r.Block) > 0 && !validValue(r.ContentType) {
		return fmt.Errorf("content type %.200q", r.ContentType)
	}
	if r.Concurrent < 0 || r.Concurrent >= records || r.Concurrent == index && index != 0 {
		return fmt.Errorf("concurrent to record %d of %d", r.Concurrent+1, records)
	}
	switch r.Truncated {
	case "", "length", "time", "disconnect", "unspecified":
	default:
		return fmt.Errorf("truncated for the reason %.200q", r.Truncated)
	}
	if r.RemoteAddr != "" {
		if _, err := remoteIP(r.RemoteAddr); err != nil {
			return err
		}
	}
	for _, f := range r.Header {
		if !validName(f[0]) || reserved(f[0]) || !validValue(f[1]) || len(f[1]) > MaxHeadField {
			return fmt.Errorf("field %.200q: %.200q", f[0], f[1])
		}
	}
	return nil
}

// remoteIP is the address without port and zone: WARC-IP-Address has neither.
func remoteIP(s string) (netip.Addr, error) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("remote address %.200q is no IP address", s)
	}
	return a.Unmap().WithZone(""), nil
}

// validTime keeps to what RFC 3339 can spell.
func validTime(t time.Time) bool {
	y := t.UTC().Year()
	return !t.IsZero() && y >= 1970 && y <= 9999
}

// validURI wants a scheme and then only characters of RFC 3986; whether the
// rest is a good address is not for the keeper of evidence to judge.
func validURI(s string) bool {
	if len(s) > MaxURI {
		return false
	}
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || rest == "" {
		return false
	}
	for i := 0; i < len(scheme); i++ {
		c := scheme[i] | 0x20
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || !(scheme[i] >= '0' && scheme[i] <= '9' || strings.IndexByte("+-.", scheme[i]) >= 0)) {
			return false
		}
	}
	for i := 0; i < len(rest); i++ {
		if escapedInURI(rest[i]) {
			return false
		}
	}
	return true
}

// escapedInURI reports bytes that RFC 3986 doesn't allow anywhere in a URI.
func escapedInURI(c byte) bool {
	return c <= ' ' || c >= 0x7f || strings.IndexByte("<>\"{}|\\^`", c) >= 0
}

// EscapeURI spells an address as a WARC target: every byte that a URI can't
// hold is percent-encoded, nothing else is touched.
func EscapeURI(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; escapedInURI(c) {
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// validName reports an RFC 7230 token.
func validName(s string) bool {
	if s == "" || len(s) > 256 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !tokenByte(s[i]) {
			return false
		}
	}
	return true
}

func tokenByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

// validValue reports a non-empty value on one line.
func validValue(s string) bool {
	if s == "" || s[0] == ' ' || s[len(s)-1] == ' ' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// reserved are the fields that the writer sets itself.
func reserved(name string) bool {
	switch strings.ToLower(name) {
	case "warc-type", "warc-record-id", "warc-date", "warc-target-uri", "warc-ip-address", "warc-concurrent-to",
		"warc-warcinfo-id", "warc-profile", "warc-refers-to", "warc-refers-to-target-uri", "warc-refers-to-date", "warc-block-digest", "warc-payload-digest", "warc-truncated", "content-type", "content-length":
		return true
	}
	return false
}
