package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Report is what a check found: the answer of `verify` and `evidence verify`.
type Report struct {
	OK        bool     `json:"ok"` // every check is
	Checked   []Check  `json:"checked"`
	Unchecked []string `json:"unchecked"` // what could not be judged, and why
}

// Check is one thing that was looked at, or one fault.
type Check struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// maxFaults is how many faults a report names one by one.
const maxFaults = 100

// maxIDs bounds the record ids that are remembered to find repeats.
const maxIDs = 2_000_000

// verifier gathers counts and faults by kind of check.
type verifier struct {
	order  []string
	counts map[string]int
	faults map[string][]string // the first maxFaults
	faulty map[string]int      // all
	missed []string
	buf    []byte // for copying
}

func newVerifier(kinds ...string) *verifier {
	return &verifier{order: kinds, counts: map[string]int{}, faults: map[string][]string{}, faulty: map[string]int{}}
}

func (v *verifier) ok(kind string) { v.counts[kind]++ }

func (v *verifier) fault(kind, format string, args ...any) {
	if v.faulty[kind]++; v.faulty[kind] <= maxFaults {
		v.faults[kind] = append(v.faults[kind], fmt.Sprintf(format, args...))
	}
}

func (v *verifier) unchecked(format string, args ...any) {
	if len(v.missed) < maxFaults {
		v.missed = append(v.missed, fmt.Sprintf(format, args...))
	} else if len(v.missed) == maxFaults {
		v.missed = append(v.missed, "more of the kind")
	}
}

// report has one line for each kind that went well and one for each fault.
func (v *verifier) report(unit map[string]string) Report {
	r := Report{OK: true, Checked: []Check{}, Unchecked: []string{}}
	for _, kind := range v.order {
		faults := v.faults[kind]
		if len(faults) == 0 {
			if v.counts[kind] > 0 {
				r.Checked = append(r.Checked, Check{kind, true, fmt.Sprintf("%d %s", v.counts[kind], unit[kind])})
			}
			continue
		}
		r.OK = false
		for _, f := range faults {
			r.Checked = append(r.Checked, Check{kind, false, f})
		}
		if more := v.faulty[kind] - maxFaults; more > 0 {
			r.Checked = append(r.Checked, Check{kind, false, fmt.Sprintf("%d more", more)})
		}
	}
	r.Unchecked = append(r.Unchecked, v.missed...)
	return r
}

// What Verify looks at.
const (
	checkFraming = "framing"
	checkMembers = "gzip members"
	checkBlocks  = "block digests"
	checkPayload = "payload digests"
	checkIDs     = "record ids"
)

// Verify checks a plain WARC, compressed or not, by whomever it was written:
// that records and gzip members are whole and nothing stands between or behind
// them, that every block and payload has its digest, that ids are not repeated.
// Faults name the record and the byte. A record of captured content without any
// digest is a fault, since nothing vouches for it. Memory use is bounded, and
// work is by the bytes of the file and what they unpack to (deflate: at most
// 1032 times as much). The error is one of ctx or of reading r alone.
func Verify(ctx context.Context, r io.Reader) (Report, error) {
	return verifyWARC(NewReader(&ctxReader{ctx, r}), nil)
}

// verifyWARC checks what a reader reads from its beginning; buf is for copying, nil
// makes one.
func verifyWARC(rd *Reader, buf []byte) (Report, error) {
	v := newVerifier(checkFraming, checkMembers, checkBlocks, checkPayload, checkIDs)
	if v.buf = buf; buf == nil {
		v.buf = make([]byte, 32<<10)
	}
	ids := map[[16]byte][16]byte{}
	for {
		rec, err := rd.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = v.record(rec, rd.Gzipped(), ids)
		}
		var format *FormatError
		if errors.As(err, &format) {
			kind := checkFraming
			if strings.Contains(format.Reason, "gzip") {
				kind = checkMembers
			}
			v.fault(kind, "%v", format)
			v.unchecked("what follows byte %d", format.Offset)
			break
		}
		if err != nil {
			return Report{}, fmt.Errorf("evidence: verify: %w", err)
		}
	}
	return v.report(map[string]string{
		checkFraming: "records whole", checkMembers: "members whole, checksums right", checkBlocks: "match", checkPayload: "match", checkIDs: "differ",
	}), nil
}

// record checks one record. The error is a *FormatError, or of the reader.
func (v *verifier) record(rec *ReadRecord, gzipped bool, ids map[[16]byte][16]byte) error {
	at := fmt.Sprintf("record %d (%.20s) at byte %d", rec.Number, rec.Type, rec.Offset)
	block, payload, err := v.digests(rec, at)
	if err != nil {
		return err
	}
	scan := newPayloadScan(rec, payload)
	sinks := []io.Writer{scan}
	if block != nil {
		sinks = append(sinks, block.hash)
	}
	n, err := io.CopyBuffer(io.MultiWriter(sinks...), rec.Block, v.buf)
	if err != nil {
		return err
	}
	if n != rec.Length {
		return &FormatError{rec.Number, rec.Offset, "cut short within the block"}
	}
	for _, problem := range headProblems(rec) {
		v.fault(checkFraming, "%s: %s", at, problem)
	}
	v.ok(checkFraming)
	if gzipped {
		v.ok(checkMembers)
		if rec.Shared {
			v.unchecked("%s shares a gzip member with the record in front of it: it can't be cut out by offset", at)
		}
	}
	if block != nil {
		if block.matches() {
			v.ok(checkBlocks)
		} else {
			v.fault(checkBlocks, "%s: the block is not that of its digest %s", at, block.text)
		}
	}
	if payload != nil {
		switch found, matches := scan.result(); {
		case rec.Type == TypeRevisit:
			v.revisit(rec, at, ids)
		case !found:
			v.fault(checkPayload, "%s: there is a payload digest and no end of the HTTP head", at)
		case matches:
			v.ok(checkPayload)
		case scan.chunked && block != nil && block.matches():
			v.unchecked("%s: the payload digest may be of the body without its transfer coding", at)
		default:
			v.fault(checkPayload, "%s: the payload is not that of its digest %s", at, payload.text)
		}
	}
	if id := rec.Get("WARC-Record-ID"); len(ids) < maxIDs {
		key := shortSum(id)
		if _, twice := ids[key]; twice {
			v.fault(checkIDs, "%s: %.100s stands for another record too", at, id)
		} else {
			ids[key] = payloadKey(rec)
			v.ok(checkIDs)
		}
	} else if len(ids) == maxIDs {
		v.unchecked("repeats of ids from %s on", at)
		ids[[16]byte{}] = [16]byte{}
	}
	return nil
}

// digests reads the digest fields and says what is missing.
func (v *verifier) digests(rec *ReadRecord, at string) (block, payload *fieldDigest, err error) {
	get := func(field, kind string) *fieldDigest {
		text := rec.Get(field)
		if text == "" {
			return nil
		}
		d, known, err := parseDigest(text)
		switch {
		case err != nil:
			v.fault(kind, "%s: %v", at, err)
		case !known:
			v.unchecked("%s: %s %.80s: unknown algorithm", at, field, text)
		default:
			return d
		}
		return nil
	}
	block, payload = get("WARC-Block-Digest", checkBlocks), get("WARC-Payload-Digest", checkPayload)
	if block == nil && rec.Get("WARC-Block-Digest") == "" {
		switch rec.Type {
		case "warcinfo", "metadata", "revisit":
			v.unchecked("%s: no digest to check", at)
		default:
			if payload == nil {
				v.fault(checkBlocks, "%s: no digest to check", at)
			} else {
				v.unchecked("%s: no block digest, only one of the payload", at)
			}
		}
	}
	return block, payload, nil
}

// headProblems checks the fields that every record must have (WARC 1.1 §5).
func headProblems(rec *ReadRecord) []string {
	var out []string
	seen := map[string]bool{}
	for _, f := range rec.Fields {
		name := strings.ToLower(f[0])
		if seen[name] && name != "warc-concurrent-to" && (strings.HasPrefix(name, "warc-") || strings.HasPrefix(name, "content-")) {
			out = append(out, fmt.Sprintf("field %.60s is repeated", f[0]))
			break
		}
		seen[name] = true
	}
	if rec.Type == "" {
		out = append(out, "no WARC-Type")
	}
	if id := rec.Get("WARC-Record-ID"); len(id) < 3 || id[0] != '<' || id[len(id)-1] != '>' || strings.ContainsAny(id, " \t") {
		out = append(out, fmt.Sprintf("WARC-Record-ID %.100q", id))
	}
	if date := rec.Get("WARC-Date"); !isDate(date) {
		out = append(out, fmt.Sprintf("WARC-Date %.60q", date))
	}
	if rec.Type == TypeRevisit && rec.Get("WARC-Profile") == "" {
		out = append(out, "no WARC-Profile")
	}
	switch rec.Type {
	case "response", "resource", "request", "revisit", "conversion", "continuation":
		if rec.Get("WARC-Target-URI") == "" {
			out = append(out, "no WARC-Target-URI")
		}
	}
	return out
}

// isDate takes what W3CDTF allows in UTC: from a year to parts of a second.
func isDate(s string) bool {
	for _, form := range []string{"2006-01-02T15:04:05.999999999Z", "2006-01-02T15:04Z", "2006-01-02", "2006-01", "2006"} {
		if _, err := time.Parse(form, s); err == nil {
			return true
		}
	}
	return false
}

// ctxReader ends with the context.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
