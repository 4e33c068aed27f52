package evidence

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Caps of the reader: whatever a file claims, no more memory is used than these.
const (
	maxRecordHead   = 256 << 10 // bytes of a record's head
	maxRecordFields = 1000
	maxRecordBlock  = 1 << 40 // bytes of a block, which is streamed
)

// FormatError says where a file stops being a WARC.
type FormatError struct {
	Record int   // number of the record, from 1
	Offset int64 // byte of the file, compressed as it is, at which the record begins
	Reason string
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("record %d at byte %d: %s", e.Record, e.Offset, e.Reason)
}

// ReadRecord is one record as found in a file.
type ReadRecord struct {
	Number  int         // from 1
	Offset  int64       // byte of the file at which the record, or the gzip member that it is in, begins
	Version string      // "1.0" or "1.1"
	Fields  [][2]string // in the order of the file, folded lines joined
	Type    string      // WARC-Type
	Length  int64       // bytes of the block
	Block   io.Reader   // good until the next call of Next
	Shared  bool        // the gzip member has another record in front
}

// Get is the first value of a field, "" when it is absent. Case doesn't matter.
func (r *ReadRecord) Get(name string) string {
	for _, f := range r.Fields {
		if strings.EqualFold(f[0], name) {
			return f[1]
		}
	}
	return ""
}

// Values are all values of a field.
func (r *ReadRecord) Values(name string) []string {
	var out []string
	for _, f := range r.Fields {
		if strings.EqualFold(f[0], name) {
			out = append(out, f[1])
		}
	}
	return out
}

// Reader reads the records of a .warc or .warc.gz file, of versions 1.0 and 1.1,
// by anybody. Blocks are streamed; memory use doesn't depend on the file.
type Reader struct {
	src      *offsetReader // the file
	zip      *gzip.Reader  // nil: plain
	text     *bufio.Reader // records, uncompressed
	gzipped  bool
	started  bool
	record   *ReadRecord
	block    *io.LimitedReader
	inMember int   // records of the present member so far
	memberAt int64 // where the present member begins
	err      error
}

// NewReader reads a file from its first byte.
func NewReader(r io.Reader) *Reader {
	return &Reader{src: &offsetReader{r: bufio.NewReaderSize(r, 64<<10)}}
}

// reset begins with another file; what was allocated for the last one is used again.
func (r *Reader) reset(src io.Reader) {
	in := r.src.r
	in.Reset(src)
	*r = Reader{src: &offsetReader{r: in}, zip: r.zip, text: r.text}
}

// Gzipped reports, after the first Next, whether the file is compressed.
func (r *Reader) Gzipped() bool { return r.gzipped }

// Consumed is how many bytes of the file belong to what was read so far: all in
// front of it are of the present record and those before.
func (r *Reader) Consumed() int64 {
	if r.gzipped || r.text == nil {
		return r.src.n
	}
	return r.src.n - int64(r.text.Buffered())
}

// Next goes on to the next record; what was not read of the last block is
// skipped. It returns io.EOF at the end of a whole file, a *FormatError where
// the file is not a WARC (nothing can be read behind that), or the error of the
// underlying reader.
func (r *Reader) Next() (*ReadRecord, error) {
	if r.err != nil {
		return nil, r.err
	}
	rec, err := r.next()
	if err != nil {
		r.err = err
		return nil, err
	}
	return rec, nil
}

func (r *Reader) next() (*ReadRecord, error) {
	if !r.started {
		if err := r.start(); err != nil {
			return nil, err
		}
	} else if err := r.finish(); err != nil {
		return nil, err
	}
	number := 1
	if r.record != nil {
		number = r.record.Number + 1
	}
	rec := &ReadRecord{Number: number, Offset: r.memberAt}
	if r.gzipped {
		// The member may be at its end: only then its checksum is known to be right.
		_, err := r.text.Peek(1)
		if err == io.EOF {
			if r.inMember == 0 {
				return nil, r.fault(rec, "an empty gzip member")
			}
			if err := r.nextMember(); err != nil {
				return nil, err
			}
			rec.Offset = r.memberAt
		} else if err != nil {
			return nil, r.wrap(rec, err, "gzip member")
		}
	} else {
		rec.Offset = r.src.n - int64(r.text.Buffered())
		if _, err := r.text.Peek(1); err == io.EOF {
			return nil, io.EOF
		}
	}
	if err := r.head(rec); err != nil {
		return nil, err
	}
	rec.Shared = r.inMember > 0
	r.inMember++
	r.block = &io.LimitedReader{R: r.text, N: rec.Length}
	rec.Block = blockReader{r, rec}
	r.record = rec
	return rec, nil
}

// start looks at the first bytes.
func (r *Reader) start() error {
	r.started = true
	magic, err := r.src.r.Peek(22)
	if len(magic) == 0 {
		if err == io.EOF {
			return &FormatError{1, 0, "the file is empty"}
		}
		return fmt.Errorf("evidence: read: %w", err)
	}
	switch {
	case len(magic) >= 2 && magic[0] == 0x1f && magic[1] == 0x8b:
		r.gzipped = true
		if r.text == nil {
			r.text = bufio.NewReaderSize(nil, 32<<10)
		}
		return r.nextMember()
	case strings.HasPrefix(string(magic), "WARC/"):
		if r.text == nil {
			r.text = bufio.NewReaderSize(nil, 32<<10)
		}
		r.text.Reset(r.src)
		return nil
	case strings.HasPrefix(string(magic), "age-encryption.org/"):
		return &FormatError{1, 0, "the file is sealed; open it first (evidence open)"}
	}
	return &FormatError{1, 0, "neither a WARC nor a gzip file"}
}

// nextMember begins the gzip member at the present byte; io.EOF when the file
// ends there.
func (r *Reader) nextMember() error {
	r.memberAt = r.src.n
	r.inMember = 0
	if _, err := r.src.r.Peek(1); err == io.EOF {
		return io.EOF
	}
	var err error
	if r.zip == nil {
		r.zip, err = gzip.NewReader(r.src)
	} else {
		err = r.zip.Reset(r.src)
	}
	if err != nil {
		number := 1
		if r.record != nil {
			number = r.record.Number + 1
		}
		return r.wrap(&ReadRecord{Number: number, Offset: r.memberAt}, err, "gzip header")
	}
	r.zip.Multistream(false)
	r.text.Reset(r.zip)
	return nil
}

// finish skips the rest of the block and takes the two empty lines behind it.
func (r *Reader) finish() error {
	if _, err := io.Copy(io.Discard, r.record.Block); err != nil {
		return err
	}
	var end [4]byte
	if _, err := io.ReadFull(r.text, end[:]); err != nil {
		return r.wrap(r.record, err, "the end of the record")
	}
	if string(end[:]) != "\r\n\r\n" {
		return r.fault(r.record, "the block is not followed by two empty lines: Content-Length is wrong, or bytes were added")
	}
	return nil
}

// head reads the version line and the fields.
func (r *Reader) head(rec *ReadRecord) error {
	left := maxRecordHead
	line, err := r.line(rec, &left)
	if err != nil {
		return err
	}
	switch line {
	case "WARC/1.1", "WARC/1.0":
		rec.Version = line[len("WARC/"):]
	default:
		return r.fault(rec, fmt.Sprintf("%.40q is no version line of WARC 1.0 or 1.1", line))
	}
	for {
		if line, err = r.line(rec, &left); err != nil {
			return err
		}
		if line == "" {
			break
		}
		if line[0] == ' ' || line[0] == '\t' { // a folded line, WARC 1.1 §4
			if len(rec.Fields) == 0 {
				return r.fault(rec, "a folded line in front of the first field")
			}
			rec.Fields[len(rec.Fields)-1][1] += " " + strings.Trim(line, " \t")
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || !validName(name) {
			return r.fault(rec, fmt.Sprintf("%.80q is no field", line))
		}
		if len(rec.Fields) == maxRecordFields {
			return r.fault(rec, fmt.Sprintf("more than %d fields", maxRecordFields))
		}
		rec.Fields = append(rec.Fields, [2]string{name, strings.Trim(value, " \t")})
	}
	rec.Type = rec.Get("WARC-Type")
	n := rec.Get("Content-Length")
	if n == "" || len(n) > 13 || strings.Trim(n, "0123456789") != "" {
		return r.fault(rec, fmt.Sprintf("Content-Length %.40q is no number", n))
	}
	for _, c := range n {
		rec.Length = rec.Length*10 + int64(c-'0')
	}
	if rec.Length > maxRecordBlock {
		return r.fault(rec, fmt.Sprintf("a block of %d bytes, more than %d", rec.Length, int64(maxRecordBlock)))
	}
	return nil
}

// line reads up to CRLF. left counts down what the head may still hold.
func (r *Reader) line(rec *ReadRecord, left *int) (string, error) {
	var b []byte
	for {
		part, err := r.text.ReadSlice('\n')
		*left -= len(part)
		if *left < 0 {
			return "", r.fault(rec, fmt.Sprintf("the head of the record has more than %d bytes", maxRecordHead))
		}
		b = append(b, part...)
		if err == nil {
			break
		}
		if err != bufio.ErrBufferFull {
			return "", r.wrap(rec, err, "the head of the record")
		}
	}
	if len(b) < 2 || b[len(b)-2] != '\r' {
		return "", r.fault(rec, "a line of the head doesn't end in CRLF")
	}
	return string(b[:len(b)-2]), nil
}

// fault and wrap make errors of a record; wrap tells a broken file from a broken
// reader.
func (r *Reader) fault(rec *ReadRecord, reason string) error {
	return &FormatError{rec.Number, rec.Offset, reason}
}

func (r *Reader) wrap(rec *ReadRecord, err error, where string) error {
	switch {
	case r.src.err != nil: // the source failed, the file may be fine
		return fmt.Errorf("evidence: read at byte %d: %w", r.src.n, r.src.err)
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return r.fault(rec, "cut short within "+where)
	case errors.Is(err, gzip.ErrHeader):
		return r.fault(rec, "bytes that are no gzip member")
	case errors.Is(err, gzip.ErrChecksum):
		return r.fault(rec, "the gzip member's checksum is wrong")
	default:
		return r.fault(rec, where+": "+err.Error())
	}
}

// blockReader turns the end of the file within a block into an error.
type blockReader struct {
	r   *Reader
	rec *ReadRecord
}

func (b blockReader) Read(p []byte) (int, error) {
	if b.r.record != b.rec {
		return 0, errors.New("evidence: the reader has gone on to another record")
	}
	if b.r.block.N == 0 {
		return 0, io.EOF
	}
	n, err := b.r.block.Read(p)
	if err != nil {
		if n > 0 && err == io.EOF {
			return n, nil
		}
		return n, b.r.wrap(b.rec, err, "the block")
	}
	return n, nil
}

// offsetReader counts the bytes that were taken, one by one as the decompressor
// takes them, so that the place of each gzip member is known.
type offsetReader struct {
	r   *bufio.Reader
	n   int64
	err error // of the source, io.EOF apart
}

func (o *offsetReader) Read(p []byte) (int, error) {
	n, err := o.r.Read(p)
	o.n += int64(n)
	o.note(err)
	return n, err
}

func (o *offsetReader) ReadByte() (byte, error) {
	c, err := o.r.ReadByte()
	if err == nil {
		o.n++
	}
	o.note(err)
	return c, err
}

func (o *offsetReader) note(err error) {
	if err != nil && err != io.EOF {
		o.err = err
	}
}
